"""What an analyst sees of the answers: what was imported and what it says, and nobody who is hidden."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from resilience_analysis.foundation.project import Project
from resilience_analysis.self_assessment.answers import Survey, example_survey, read_survey, without_hidden_counts


@pytest.fixture(scope="module")
def example() -> Survey:
    return example_survey()


def people(survey: Survey) -> pd.DataFrame:
    table = survey.voices.estimates
    return table[(table["level"] == "respondents") & (table["group"] == "all")]


def test_everything_that_is_made_up_says_so(example):
    assert example.voices.synthetic
    assert example.voices.estimates["synthetic"].all()


def test_made_up_answers_are_all_counted(example):
    imports = example.imports
    assert (imports["rows_in"] == imports["rows_used"] + imports["rows_explained"]).all()
    assert imports["respondents"].gt(0).all()


def test_number_imported_does_not_count_a_hidden_municipality(example):
    hidden = people(example).groupby("wave")["status"].agg(lambda status: (status == "suppressed").any())
    assert hidden.to_dict() == {"2025": True, "2026": False}
    imports = without_hidden_counts(example.imports, example.voices.estimates).set_index("wave")
    assert imports.loc["2025", ["rows_in", "rows_used", "respondents"]].isna().all()
    assert imports.loc["2026"].equals(example.imports.set_index("wave").loc["2026"])


def test_number_imported_is_that_of_all_who_are_shown(example):
    shown = people(example).query("wave == '2026' and nis_code.notna()")
    assert example.imports.set_index("wave").loc["2026", "respondents"] == shown["n"].sum()


def test_survey_without_answers_has_tables_without_rows(tmp_path):
    survey = read_survey(Project(tmp_path))
    assert survey.voices.estimates.empty
    assert survey.imports.empty
    assert {"wave", "respondents"} <= set(survey.imports)
    assert list(survey.problems) == ["row", "column", "value", "why", "file"]


def test_example_keeps_no_answer_outside_its_folder(tmp_path):
    (tmp_path / "definitions").mkdir()
    shutil.copy(Path(__file__).parents[2] / "definitions" / "items.yml", tmp_path / "definitions")
    survey = read_survey(Project(tmp_path, example=True))
    report = json.loads(next(tmp_path.rglob("2026/import.json")).read_text())
    assert report["synthetic"]
    assert survey.imports.set_index("wave").loc["2026", "respondents"] == report["respondents"]
