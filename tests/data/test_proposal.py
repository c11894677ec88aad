"""A file whose labels are not known is met with what they seem to be, and lines with which the same command works."""

from __future__ import annotations

import io
import shutil

import pandas as pd
import pytest
import yaml

from resilience_analysis.data.catalogue import read_catalogue
from resilience_analysis.data.fetch import Fetched, fetch_source
from resilience_analysis.foundation.errors import InputError

SOURCE = "statbel_background"
LABELS = {
    "belgian_background": "Belg",
    "neighbouring_background": "Buren",
    "other_eu_background": "EU",
    "non_eu_background": "Rest",
}


@pytest.fixture
def raw(tmp_path, root):
    shutil.copytree(root / "data" / "raw", tmp_path / "raw")
    return tmp_path / "raw"


def fetched(raw, content: str | bytes, source: str = SOURCE, **options) -> Fetched:
    path = raw.parent / "published"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    catalogue = read_catalogue(raw)
    return fetch_source(raw, catalogue, catalogue[source], file=str(path), **options)


def refused(raw, content: str | bytes, source: str = SOURCE, **options) -> str:
    with pytest.raises(InputError) as raised:
        fetched(raw, content, source, **options)
    return str(raised.value)


def followed(raw, message: str, source: str = SOURCE) -> dict:
    """Write the lines of a message in sources.yml, as somebody would, and return them."""
    lines = yaml.safe_load(message[message.index("      fetch:") :])
    entries = yaml.safe_load((raw / "sources.yml").read_text(encoding="utf-8"))
    (raw / "sources.yml").write_text(yaml.safe_dump({**entries, source: entries[source] | lines}), encoding="utf-8")
    return lines["fetch"]


def ours(raw, file: str = "statbel/population_background.csv") -> pd.DataFrame:
    return pd.read_csv(raw / file, dtype=str, keep_default_na=False)


def long(raw) -> pd.DataFrame:
    """The figures of the project as a publisher might have them: a row per place, year, background and sex."""
    table = (
        ours(raw)
        .query("year >= '2024'")
        .rename(columns=LABELS)
        .melt(["nis_code", "year"], var_name="Groep", value_name="n")
    )
    number = table["n"].astype(int)
    halves = [table.assign(Sexe="M", n=number // 2), table.assign(Sexe="V", n=number - number // 2)]
    return pd.concat(halves).rename(columns={"nis_code": "NIS"})


def test_labels_in_headings_are_told_by_their_figures(raw):
    content = ours(raw).rename(columns=LABELS).to_csv(index=False, sep=";")
    message = refused(raw, content)
    for variable, label in LABELS.items():
        assert f"'{label}' is {variable} (the same figures)" in message
    assert followed(raw, message)["rename"] == {label: variable for variable, label in LABELS.items()}
    assert not fetched(raw, content).changed


def test_labels_in_cells_are_told_by_their_figures_added_up(raw):
    content = long(raw).to_csv(index=False)
    recipe = followed(raw, refused(raw, content))
    assert (recipe["pivot"]["column"], recipe["add_up"]) == ("Groep", True)
    assert not fetched(raw, content).changed


def test_a_new_year_under_headings_that_are_not_known_is_near_the_last(raw):
    table = long(raw).query("year == '2025'").drop(columns="year")
    content = table.assign(n=(table["n"] * 1.02).round().astype(int)).rename(columns={"NIS": "Woonplaats"}).to_csv()
    message = refused(raw, content)
    assert "figures that differ by" in message
    assert "with --year and the year of the file" in message
    followed(raw, message)
    assert "285 new rows (2026)" in fetched(raw, content, year=2026).said


def test_sheets_called_by_their_year_are_read_with_their_notes(raw):
    income, name = ours(raw, "statbel/administrative_income.csv"), "statbel_administrative_income"
    figures = pd.to_numeric(income["income_median_eur"]).astype(object)
    book = io.BytesIO()
    with pd.ExcelWriter(book) as writer:
        for year, more in ((2022, 500), (2023, 0)):
            sheet = pd.DataFrame({"Code INS": income["nis_code"], "Commune": "x", "Moyenne": 9, "P50": figures - more})
            sheet.loc[3, "P50"] = f"{sheet.loc[3, 'P50']}⁽¹⁾"
            sheet.to_excel(writer, sheet_name=str(year), index=False, startrow=3)
    message = refused(raw, book.getvalue(), name)
    assert "'P50' is income_median_eur (the same figures)" in message
    assert followed(raw, message, name) == {"reader": "sheets", "rename": {"sheet": "year", "P50": "income_median_eur"}}
    assert fetched(raw, book.getvalue(), name).said.startswith(
        "statbel/administrative_income.csv changed: 283 new rows (2022). "
    )


def test_years_in_headings_and_a_fraction_are_told_too(raw):
    rate = ours(raw, "vdab/jobseeker_rate.csv")
    value = pd.to_numeric(rate["jobseeker_rate_pct"]) / 100
    wide = rate.assign(value=value).pivot_table(index="nis_code", columns="year", values="value").reset_index()
    content = pd.concat([wide.assign(wat=label) for label in ("graad", "graad vrouwen")]).to_csv(index=False)
    content = content.replace("graad vrouwen\n", "x\n")
    recipe = followed(raw, refused(raw, content, "vdab_jobseekers"), "vdab_jobseekers")
    assert recipe["scale"] == {"jobseeker_rate_pct": 100}
    entries = yaml.safe_load((raw / "sources.yml").read_text(encoding="utf-8"))
    entries["vdab_jobseekers"]["fetch"]["digits"] = {"jobseeker_rate_pct": 1}
    (raw / "sources.yml").write_text(yaml.safe_dump(entries), encoding="utf-8")
    assert not fetched(raw, content, "vdab_jobseekers").changed


def test_without_figures_of_before_the_names_tell_and_what_is_unclear_is_left_to_be_filled_in(raw):
    (raw / "statbel" / "population_background.csv").write_text("nis_code,year\n")
    message = refused(raw, "nis,jaar,Belgian,Non EU,x\n11001,2025,1,2,3\n11002,2025,2,3,4\n")
    assert "'Belgian' is belgian_background (by its name)" in message
    assert "LABEL OF neighbouring_background: neighbouring_background" in message
    assert "labels in its headings: x" in message


def test_a_file_without_municipalities_is_refused_without_a_proposal(raw):
    message = refused(raw, "land,waarde\nBE,1\nNL,2\n")
    assert "lacks the columns" in message
    assert "sources.yml" not in message
