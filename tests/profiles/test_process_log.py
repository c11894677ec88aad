"""What the process log holds about a municipality or region in its last year."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from tests.small import NETELAND

from resilience_analysis.data.registers import DECISION_COLUMNS, PROCESS_COLUMNS
from resilience_analysis.profiles.local_registers import (
    decisions_of,
    lessons_of,
    local_words,
    log_of,
    log_rows,
    team_intervals,
    trajectory_of,
)
from resilience_analysis.profiles.rows import comparator

ROW = {
    "date": "2026-03-17",
    "type": "overleg",
    "name": "x",
    "area": "neteland",
    "status": "gehouden",
    "municipalities": "13010; 13011",
    "backgrounds": "zorg",
}


def with_log(dataset, *changes: dict[str, str]):
    """Return a dataset with these rows in the log."""
    rows = pd.DataFrame(
        [ROW | change for change in changes], columns=list({**PROCESS_COLUMNS, **DECISION_COLUMNS}.values())
    )
    return replace(dataset, tables=replace(dataset.tables, process=rows.astype(object)), kept={})


def test_a_log_that_nobody_keeps_says_nothing(dataset):
    log = log_of(dataset, "13011")
    assert (log.year, log.entries.empty, log.meetings.empty, log.municipalities) == (None, True, True, ())


def test_only_the_last_year_is_shown_oldest_first(dataset):
    log = log_of(with_log(dataset, {"date": "2026-05-01"}, {}, {"date": "2025-12-31"}), "13011")
    assert log.year == 2026
    assert log.entries["date"].tolist() == ["2026-03-17", "2026-05-01"]


@pytest.mark.parametrize(
    ("area", "concerned"), [("13011", ["13011"]), ("neteland", list(NETELAND)), ("11002", ["11002"])]
)
def test_a_row_concerns_its_municipality_or_those_of_its_region(dataset, area, concerned):
    known = with_log(dataset, {"area": area})
    assert [code for code in (*NETELAND, "11002") if log_of(known, code).year == 2026] == concerned


def test_meetings_stand_on_a_timeline_with_whether_they_were_held(dataset):
    log = log_of(
        with_log(dataset, {}, {"date": "2026-11-02", "status": "afgesproken"}, {"type": "proefproject"}), "13011"
    )
    assert log.meetings[["month", "held"]].to_numpy().tolist() == [[3, True], [11, False]]


def test_those_around_the_table_are_named_once_in_order(dataset):
    log = log_of(with_log(dataset, {}, {"municipalities": "13029;13010", "backgrounds": "landbouw; zorg"}), "13011")
    assert log.municipalities == ("13010", "13011", "13029")
    assert log.backgrounds == ("landbouw", "zorg")


def test_the_log_of_a_region_takes_in_its_municipalities(dataset):
    known = with_log(dataset, {}, {"area": "13044"}, {"area": "11002"})
    assert log_of(known, comparator(known, "neteland")).entries["area"].tolist() == ["neteland", "13044"]


def test_the_words_of_the_registers_are_read_once(dataset):
    assert local_words(dataset) is local_words(dataset)


def test_decisions_and_lessons_are_of_all_years_the_newest_first(dataset):
    known = with_log(
        dataset,
        {"date": "2024-05-01", "type": "beslissing", "name": "first", "status": "lopend", "review_on": "2025-05-01"},
        {"date": "2025-06-01", "type": "actie", "name": "second", "status": "lopend", "responsible": "dienst wonen"},
        {"date": "2023-06-01", "type": "proefproject", "name": "pilot", "status": "afgerond", "lesson": "begin klein"},
        {"date": "2023-07-01", "type": "proefproject", "name": "other", "status": "afgerond", "lesson": ""},
    )
    rows = log_rows(known, "13011")
    assert decisions_of(known, rows)["name"].tolist() == ["second", "first"]
    assert lessons_of(known, rows)["lesson"].tolist() == ["begin klein"]


def test_the_interval_of_a_village_team_is_the_median_of_the_days_between_meetings_held(dataset):
    team = {"type": "dorpsteam", "village": "Morkhoven", "status": "gehouden"}
    days = ("2025-01-01", "2025-02-10", "2025-03-01", "2025-03-31")
    known = with_log(
        dataset, *({"date": day, **team} for day in days), {**team, "date": "2025-04-01", "status": "afgelast"}
    )
    assert team_intervals(known, log_rows(known, "13011")) == [("Morkhoven", 4, 30.0)]


def test_a_phase_of_the_trajectory_is_shown_by_its_rows(dataset):
    known = with_log(
        dataset,
        {"date": "2025-01-01", "type": "overleg", "status": "gehouden"},
        {"date": "2025-03-01", "type": "overleg", "status": "gehouden"},
    )
    steps = {label["nl"]: (count, last) for label, count, last in trajectory_of(known, log_rows(known, "13011"))}
    assert steps["Overleg"] == (2, "2025-03-01")
    assert steps["Beleidskeuzes"] == (0, "")
