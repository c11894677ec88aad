"""What came out of the process: phases of the trajectory, decisions and actions, rhythm of the teams, lessons."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from resilience_analysis.pages.subject import Subject
from resilience_analysis.profiles.process_log import (
    decisions_of,
    lessons_of,
    local_words,
    log_rows,
    region_rows,
    team_intervals,
    trajectory_of,
)


def outcomes(subject: Subject) -> dict[str, Any]:
    """Return what the template needs: ``trajectory``, ``decisions``, ``teams`` and ``lessons``, written out."""
    data = subject.data
    rows = log_rows(data, subject.nis_code) if subject.nis_code else region_rows(data, subject.region)
    if rows.empty:
        return {"trajectory": [], "decisions": [], "teams": [], "lessons": []}
    return {
        "trajectory": [_phase(subject, *step) for step in trajectory_of(data, rows)],
        "decisions": [_decision(subject, row) for row in decisions_of(data, rows).to_dict("records")],
        "teams": [_team(subject, *team) for team in team_intervals(data, rows)],
        "lessons": [f"{row['name']}: {row['lesson']}" for row in lessons_of(data, rows).to_dict("records")],
    }


def _phase(subject: Subject, label: Any, count: int, last: str) -> tuple[str, str]:
    t = subject.texts
    said = t("process_log.phase", count=count, date=_day(subject, last)) if count else t("process_log.no_phase")
    return str(t.pick(label)), said


def _decision(subject: Subject, row: dict[Any, Any]) -> dict[str, str]:
    t, words = subject.texts, local_words(subject.data)["process"]
    return {
        "date": _day(subject, row["date"]),
        "type": t.pick(words["types"][row["type"]]),
        "name": str(row["name"]),
        "responsible": _said(row["responsible"]),
        "with_whom": _said(row["with_whom"]),
        "review": _day(subject, _said(row["review_on"])),
    }


def _team(subject: Subject, village: str, count: int, days: float) -> str:
    return subject.texts("process_log.team_rhythm", village=village, count=count, days=subject.texts.number(days))


def _day(subject: Subject, day: str) -> str:
    return subject.texts.short_date(dt.date.fromisoformat(day)) if day else subject.texts("missing_mark")


def _said(cell: Any) -> str:
    return "" if pd.isna(cell) else str(cell)
