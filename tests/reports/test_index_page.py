"""The index of a folder of reports: every report is found on it, on the map as in the list."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from resilience_analysis.foundation.project import Project
from resilience_analysis.foundation.texts import load_texts
from resilience_analysis.pages.render import banner
from resilience_analysis.reports.index import Entry, index_page, write_index
from resilience_analysis.reports.kinds import KINDS

HEADINGS = {name: name for name in ("region", "profile", "village")}
DAY = dt.date(2026, 11, 23)
FIVE = {"13010": "Grobbendonk", "13011": "Herentals", "13012": "Herenthout", "13029": "Olen", "13044": "Vorselaar"}


def page_of(dataset, entries: list[Entry], language: str = "nl", **options) -> BeautifulSoup:
    return BeautifulSoup(
        index_page(entries, dataset.boundaries, load_texts(language), made=DAY, headings=HEADINGS, **options),
        "html.parser",
    )


def links_in(page: BeautifulSoup) -> set[str]:
    return {link["href"] for link in page.select("[href]")}


@pytest.fixture(scope="module")
def five() -> list[Entry]:
    forms = {"html": "{}.html", "pdf": "{}.pdf", "csv": "{}.csv"}
    profiles = [
        Entry(name, "profile", code, {form: file.format(code) for form, file in forms.items()})
        for code, name in FIVE.items()
    ]
    return [*profiles, Entry("Regionaal rapport Neteland", "region", "neteland", {"html": "region.html"})]


def test_every_profile_is_a_link_on_the_map_and_in_the_list(dataset, five):
    page = page_of(dataset, five)
    on_map = {link["href"]: link["aria-label"] for link in page.select("svg a")}
    assert on_map == {f"{code}.html": name for code, name in FIVE.items()}
    listed = [link.text for link in page.select("#profiles > li > a")]
    assert listed == sorted(FIVE.values())


def test_the_regional_report_and_all_downloads_are_linked(dataset, five):
    links = links_in(page_of(dataset, five))
    assert {"region.html", *(f"{code}.{form}" for code in FIVE for form in ("pdf", "csv"))} <= links


def test_a_municipality_without_a_report_is_drawn_and_is_no_link(dataset, five):
    page = page_of(dataset, five[:1])
    assert len(page.select("svg a")) == 1
    assert len(page.select("svg > path")) > 0


def test_names_on_the_map_go_when_there_are_too_many(dataset):
    entries = [Entry(str(name), "profile", str(code), {"html": f"{code}.html"}) for code, name in dataset.names.items()]
    page = page_of(dataset, entries)
    assert len(page.select("svg a")) == 285
    assert not page.select("svg text")


def test_a_name_that_is_wider_than_its_area_is_not_written_over_others(dataset, five):
    shapes = dataset.boundaries.assign(name=dataset.boundaries["name"].replace({"Olen": "Olen-" * 12}))
    page = index_page(five, shapes, load_texts("nl"), made=DAY, headings=HEADINGS)
    written = [words.text for words in BeautifulSoup(page, "html.parser").select("svg text")]
    assert sorted(written) == sorted(set(FIVE.values()) - {"Olen"})


def test_names_are_escaped(dataset):
    page = page_of(dataset, [Entry("<script>alert(1)</script>", "profile", "13011", {"html": "a.html"})])
    assert "<script>alert(1)</script>" in page.select_one("#profiles").text
    assert len(page.select("script")) == 1


def test_the_index_asks_nothing_of_the_network(dataset, five):
    page = page_of(dataset, five)
    assert not [link for link in links_in(page) if "//" in link]
    assert not page.select("[src], link")


def test_invented_figures_are_announced(dataset, five):
    texts = load_texts("nl")
    words = banner(texts, ("self_assessment", "housing"))
    assert words in page_of(dataset, five, synthetic=words).text
    assert banner(texts, ()) == ""


def record(kind: str, parameters: dict[str, str], language: str, stem: str, **more) -> dict:
    files = {f"{stem}{suffix}": {} for suffix in (".html", ".csv", ".excel.csv", ".datapackage.json")}
    made = {"title": stem, "kind": kind, "language": language, "parameters": parameters, "files": files}
    return {**made, "failure": None, **more}


def reports(language: str) -> dict[str, dict]:
    return {
        f"herentals.{language}": record("profile", {"nis_code": "13011"}, language, f"herentals.{language}"),
        f"neteland.{language}": record("region", {"region": "neteland"}, language, f"neteland.{language}"),
        f"noorderwijk.{language}": record("village", {"village": "13011C"}, language, f"noorderwijk.{language}"),
    }


@pytest.fixture(scope="module")
def project(root) -> Project:
    return Project(root)


def read(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def links_of(path: Path) -> set[str]:
    return links_in(read(path))


def test_an_index_is_written_in_the_language_of_the_reports(project, tmp_path):
    write_index(KINDS, project, tmp_path, reports("en"))
    assert read(tmp_path / "index.html").html["lang"] == "en"
    assert {"herentals.en.html", "herentals.en.excel.csv", "neteland.en.html"} <= links_of(tmp_path / "index.html")
    assert [file.name for file in tmp_path.iterdir()] == ["index.html"]


def test_two_languages_have_an_index_each_that_leads_to_the_other(project, tmp_path):
    write_index(KINDS, project, tmp_path, {**reports("en"), **reports("nl")})
    dutch, english = links_of(tmp_path / "index.html"), links_of(tmp_path / "index.en.html")
    assert "index.en.html" in dutch
    assert "index.html" in english
    assert not {"herentals.en.html"} & dutch
    assert not {"herentals.nl.html"} & english


def test_what_failed_and_notebooks_of_ones_own_are_left_out(project, tmp_path):
    failed = record("profile", {"nis_code": "13029"}, "nl", "olen.nl", failure={"kind": "timeout"})
    own = record("test", {"who": "me"}, "nl", "mine.nl")
    write_index(KINDS, project, tmp_path, {**reports("nl"), "olen.nl": failed, "mine.nl": own})
    assert not {"olen.nl.html", "mine.nl.html"} & links_of(tmp_path / "index.html")


def test_a_report_of_a_municipality_that_is_no_more_is_listed_by_its_title(project, tmp_path):
    ended = record("profile", {"nis_code": "11007"}, "nl", "borsbeek.nl") | {"title": "Veerkrachtprofiel Borsbeek"}
    write_index(KINDS, project, tmp_path, {**reports("nl"), "borsbeek.nl": ended})
    [link] = read(tmp_path / "index.html").select('a[href="borsbeek.nl.html"]')
    assert link.get_text(strip=True) == "Veerkrachtprofiel Borsbeek"


def test_nothing_is_written_when_there_is_nothing_to_list(project, tmp_path):
    write_index(KINDS, project, tmp_path, {"mine.nl": record("test", {"who": "me"}, "nl", "mine.nl")})
    assert not list(tmp_path.iterdir())
