"""The list of sources: what people wrote, as objects that know their kind."""

from __future__ import annotations

import pytest
from tests.small import both, source, source_entry, write_catalogue

from resilience_analysis.data.catalogue import Column, Gap, PublishedFigures, Sampling, read_catalogue, select
from resilience_analysis.data.catalogue_checks import KINDS
from resilience_analysis.data.recipe import Recipe
from resilience_analysis.foundation.errors import InputError, UsageError


def test_a_source_is_described_with_its_columns(tmp_path):
    entry = source_entry(
        accessed="2026-11-23",
        items="publisher/items.csv",
        fetch={"reader": "table", "address": "https://example.org/file.zip"},
        inhabitants="population",
        sampling={
            "assumed_n": [{"below": 5000, "n": 135}, {"n": 300}],
            "rounding_pct": 1,
            "known": {"11002": 4000},
            "why": both("cautious"),
        },
        gaps=[{"nis_code": "73028", "reason": "hidden", "why": both("too few")}],
        checks=[{"variable": "population", "year": 2025, "values": {"11001": 5}, "mean_of_all": 2.5}],
    )
    read = read_catalogue(write_catalogue(tmp_path, people=entry))["people"]
    assert (read.name, read.file, read.accessed) == ("people", "publisher/people.csv", "2026-11-23")
    assert read.files == ("publisher/people.csv", "publisher/items.csv")
    assert read.recipe == Recipe("table", "https://example.org/file.zip")
    assert read.inhabitants == "population"
    assert (read.sampling.rounding_pct, read.sampling.why) == (1.0, both("cautious"))
    assert read.gaps == (Gap("73028", "hidden", both("too few")),)
    assert read.checks == (PublishedFigures("population", 2025, {"11001": 5}, 2.5),)


def test_what_may_be_left_out_is_nothing(tmp_path):
    read = read_catalogue(write_catalogue(tmp_path, people=source_entry()))["people"]
    assert (read.items, read.recipe, read.inhabitants, read.sampling) == (None, None, None, None)
    assert (read.gaps, read.checks, read.none_codes, read.files) == ((), (), {}, ("publisher/people.csv",))


@pytest.mark.parametrize(
    ("code", "inhabitants", "n"),
    [("11001", 4999, 135), ("11001", 5000, 300), ("11002", 500_000, 4000), ("11001", float("nan"), 135)],
)
def test_a_sample_is_what_the_publisher_says_or_else_what_is_assumed_for_its_inhabitants(code, inhabitants, n):
    sampling = Sampling({"11002": 4000}, ((5000.0, 135), (float("inf"), 300)), 1.0, {})
    assert sampling.size(code, inhabitants) == n


@pytest.mark.parametrize("kind", KINDS)
def test_only_counts_and_amounts_are_added_up_over_mergers(kind):
    assert Column(kind).additive == (kind in {"count", "amount_eur", "balance"})


def test_a_column_that_is_not_declared_is_no_column():
    read = source(columns={"a": Column("count")})
    assert read.column("a") == Column("count")
    assert read.column("b") is None


def test_a_star_declares_every_column():
    read = source(columns={"a": Column("count"), "*": Column("share_pct")})
    assert (read.column("a"), read.column("b")) == (Column("count"), Column("share_pct"))


def test_a_source_is_selected_by_its_name():
    known = {"statbel_age": source("statbel_age")}
    assert select(known, "statbel_age") is known["statbel_age"]


def test_an_unknown_source_is_refused_with_the_nearest():
    with pytest.raises(UsageError, match="unknown source 'statbel_aeg'; did you mean 'statbel_age'"):
        select({"statbel_age": source()}, "statbel_aeg")


def test_the_sources_of_the_project_name_publisher_licence_and_page(root):
    catalogue = read_catalogue(root / "data" / "raw")
    assert len(catalogue) >= 20
    for entry in catalogue.values():
        assert entry.page.startswith("https://")
        assert all(text["nl"] and text["en"] for text in (entry.title, entry.licence, entry.vintage, entry.purpose))
        assert entry.accessed.startswith("20")


def test_every_raw_file_belongs_to_a_source(root):
    raw = root / "data" / "raw"
    claimed = {file for entry in read_catalogue(raw).values() for file in entry.files}
    found = {str(path.relative_to(raw)) for path in raw.rglob("*.*") if path.parent not in {raw, raw / "local"}}
    assert found == claimed


@pytest.mark.parametrize("content", ["- a\n- b\n", "only words\n"])
def test_a_list_of_sources_that_is_no_mapping_is_refused(tmp_path, content):
    (tmp_path / "sources.yml").write_text(content)
    with pytest.raises(InputError, match=r"sources\.yml: must be a mapping of sources"):
        read_catalogue(tmp_path)


def test_an_empty_list_of_sources_is_empty(tmp_path):
    (tmp_path / "sources.yml").write_text("")
    assert read_catalogue(tmp_path) == {}
