"""What the process log says of a municipality, counted by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from resilience_analysis.data.register_words import read_words
from resilience_analysis.foundation.project import find_project
from resilience_analysis.indicators.evidence import COLUMNS, MEASURES, concerning, measures

WORDS = read_words(find_project().definition("local.yml"))["process"]
REGIONS = {"neteland": {"13010", "13011"}}
BLANK = {
    "date": "2026-01-01",
    "type": "overleg",
    "name": "x",
    "area": "13011",
    "village": "",
    "status": "gehouden",
    "phase": "",
    "roles": "",
    "municipalities": "",
    "backgrounds": "",
    "participants": float("nan"),
    "evaluated": "",
    "feedback_on": "",
    "source": "",
}


def log(*rows: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame([BLANK | row for row in rows], columns=list(BLANK))


def measured(entries: pd.DataFrame, name: str, code: str = "13011", villages: int = 4) -> list[tuple[int, float, int]]:
    """Return year, value and what it rests on, of one measure of one municipality."""
    found = measures(entries, ["13010", "13011"], regions=REGIONS, villages={"13011": villages}, words=WORDS)
    rows = found[(found["name"] == name) & (found["nis_code"] == code)]
    return list(zip(rows["year"], rows["value"], rows["n"], strict=True))


def test_a_log_that_nobody_keeps_measures_nothing():
    empty = measures(log(), ["13010"], regions=REGIONS, villages={}, words=WORDS)
    assert list(empty) == COLUMNS
    assert empty.empty


def test_the_rows_about_a_municipality_are_its_own_and_those_of_its_regions():
    entries = log({"area": "13011", "name": "a"}, {"area": "13010", "name": "b"}, {"area": "neteland", "name": "c"})
    assert concerning(entries, "13011", REGIONS)["name"].tolist() == ["a", "c"]
    assert concerning(entries, "13029", REGIONS).empty


def test_meetings_held_are_a_share_of_those_agreed_up_to_the_last_one_held():
    entries = log(
        {"date": "2026-01-10"},
        {"date": "2026-02-10", "status": "afgelast"},
        {"date": "2026-03-10", "type": "werkgroep"},
        {"date": "2026-11-10", "status": "afgesproken"},  # still to come
        {"date": "2026-03-01", "type": "proefproject", "status": "afgerond"},  # no meeting
    )
    assert measured(entries, "meetings_held") == [(2026, pytest.approx(100 * 2 / 3), 3)]


def test_years_are_measured_apart():
    entries = log({"date": "2025-05-01"}, {"date": "2026-05-01", "status": "afgelast"}, {"date": "2026-06-01"})
    assert measured(entries, "meetings_held") == [(2025, 100, 1), (2026, 50, 2)]


def test_backgrounds_are_counted_once_however_often_they_come():
    entries = log({"backgrounds": "zorg; landbouw"}, {"backgrounds": "zorg"}, {"backgrounds": ""})
    assert measured(entries, "backgrounds") == [(2026, 2, 2)]


def test_a_village_team_counts_when_the_last_row_about_it_is_active():
    team = {"type": "dorpsteam", "status": "lopend"}
    entries = log(
        team | {"village": "A", "phase": "opstart", "date": "2026-01-01"},
        team | {"village": "A", "phase": "actief", "date": "2026-05-01"},
        team | {"village": "B", "phase": "zelfstandig", "date": "2026-02-01"},
        team | {"village": "C", "phase": "actief", "date": "2026-01-01"},
        team | {"village": "C", "phase": "opstart", "date": "2026-06-01"},
    )
    assert measured(entries, "village_teams", villages=4) == [(2026, 100 * 2 / 4, 4)]


def test_village_teams_are_unknown_where_the_number_of_villages_is():
    entries = log({"type": "dorpsteam", "village": "A", "phase": "actief", "area": "neteland"})
    assert measured(entries, "village_teams", code="13010") == []


def test_evaluated_is_the_share_of_completed_pilots():
    pilot = {"type": "proefproject", "status": "afgerond"}
    entries = log(pilot | {"evaluated": "ja"}, pilot | {"evaluated": "nee"}, pilot, pilot | {"status": "lopend"})
    assert measured(entries, "evaluated") == [(2026, pytest.approx(100 * 1 / 3), 3)]


@pytest.mark.parametrize(("heard", "share"), [("2026-07-03", 100), ("2026-07-04", 0), ("", 0)])
def test_feedback_counts_within_half_a_year(heard, share):
    entries = log({"type": "participatiemoment", "date": "2026-01-01", "feedback_on": heard})
    assert measured(entries, "feedback") == [(2026, share, 1)]


def test_every_measure_that_the_framework_asks_for_exists():
    from resilience_analysis.indicators.framework import load_framework

    recipes = [entry.derive for entry in load_framework().indicators.values()]
    asked = {recipe["process"]["of"] for recipe in recipes if "process" in recipe}
    assert asked <= set(MEASURES)


def test_measures_have_the_form_that_indicators_take():
    found = measures(log({}), ["13011"], regions=REGIONS, villages={}, words=WORDS)
    assert list(found) == COLUMNS
    assert set(found["verb"]) == {"process"}
    assert found[["low", "high"]].isna().all(axis=None)
