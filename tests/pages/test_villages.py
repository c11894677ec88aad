"""What the page of a village says of its inhabitants: a publisher's figures with their day, or that there are none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from tests.pages.reading import Page

from resilience_analysis.data.catalogue import Source, read_catalogue
from resilience_analysis.data.raw import read_village_figures
from resilience_analysis.foundation.errors import InputError
from resilience_analysis.pages.sections.village_facts import village_facts
from resilience_analysis.pages.subject import village_subject
from resilience_analysis.profiles.dataset import Dataset

MARKS = {"nl": ".", "en": ",", "fr": " "}
LANGUAGES = tuple(MARKS)
HEADINGS = "village_code,date,population,age_65_plus_pct,publisher\n"
NO_AGE = {"nl": "Hoe oud de inwoners zijn", "en": "How old the inhabitants are", "fr": "âge des habitants"}


@pytest.fixture
def source(dataset: Dataset) -> Source:
    return next(one for one in dataset.catalogue.values() if one.format == "village_figures")


def read(folder: Path, dataset: Dataset, source: Source, rows: str) -> pd.DataFrame:
    (folder / "figures.csv").write_text(HEADINGS + rows, encoding="utf-8")
    catalogue = {source.name: replace(source, file="figures.csv")}
    return read_village_figures(folder, catalogue, dataset.villages)


def said(dataset: Dataset, figures: pd.DataFrame, village: str, language: str) -> str:
    tables = replace(dataset.tables, village_figures=figures)
    about = village_subject(replace(dataset, tables=tables, kept={}), village, language=language)
    return Page("".join(view.html for view in village_facts(about))).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_village_shows_its_last_figures_with_day_publisher_and_the_first_of_the_same_publisher(
    dataset: Dataset, source: Source, tmp_path: Path, language: str
) -> None:
    rows = '13011B,2017-12-31,5112,,<b>City\n13011B,31/12/2022,5197,"21,5",<b>City\n13011B,2020-01-01,9999,,Statbel\n'
    text = said(dataset, read(tmp_path, dataset, source, rows), "13011B", language)
    mark = MARKS[language]
    first, last, other = f"5{mark}112", f"5{mark}197", f"9{mark}999"
    assert first in text
    assert last in text
    assert other not in text  # of another register, it is not put beside these
    assert {"nl": "21,5 %", "en": "21.5%", "fr": "21,5 %"}[language] in text.replace("\u202f", " ").replace("\xa0", " ")
    assert "<b>City" in text
    assert NO_AGE[language] not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_real_figures_stand_on_the_pages_and_age_is_said_to_be_unknown(dataset: Dataset, language: str) -> None:
    table = dataset.tables.village_figures
    for village, rows in table.groupby("village_code"):
        text = said(dataset, table, str(village), language)
        last = f"{int(rows['population'].iloc[-1]):,}".replace(",", MARKS[language])
        assert last in text
        assert NO_AGE[language] in text


def test_a_village_without_figures_says_that_nothing_is_known_of_it(dataset: Dataset) -> None:
    text = said(dataset, dataset.tables.village_figures.iloc[:0], "13011C", "en")
    assert "not a single figure about Morkhoven" in text
    assert "inhabitants" not in text


def test_every_fault_of_figures_of_villages_is_named(dataset: Dataset, source: Source, tmp_path: Path) -> None:
    rows = (
        "99999A,2020-01-01,10,,Statbel\n13010A,soon,10,,\n13010B,2020-01-01,2.5,120,Statbel\n"
        "13010B,2020-01-01,3,,Statbel\n"
    )
    with pytest.raises(InputError) as raised:
        read(tmp_path, dataset, source, rows)
    message = str(raised.value)
    faults = (
        "'99999A'",
        "not a day such",
        "publisher is empty",
        "not between 0 and 100",
        "here again",
        "a whole number",
    )
    assert [fault for fault in faults if fault not in message] == []


def test_the_raw_figures_of_villages_are_those_of_the_facts(shared: Path, dataset: Dataset) -> None:
    facts = pd.read_csv(shared / "facts/neteland_villages_population.csv")
    own = dataset.tables.village_figures
    key = ["village_code", "date"]
    both = own.merge(facts.rename(columns={"nis6_code": "village_code"}), on=key, suffixes=("", "_facts"))
    assert len(both) == len(own) == len(facts)
    assert (both["population"] == both["population_facts"]).all()
    assert read_catalogue(dataset.project.raw)["village_figures"].file
