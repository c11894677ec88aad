"""The process log: meetings kept, who was around the table, teams, pilots and feedback."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd

from resilience_analysis.data.registers import parts
from resilience_analysis.drawing.inline import timeline
from resilience_analysis.foundation.vocabulary import is_missing
from resilience_analysis.pages.page import OWN, REGION, PageSection
from resilience_analysis.pages.render import Views, section_views
from resilience_analysis.pages.subject import Subject
from resilience_analysis.profiles.local_registers import (
    Log,
    decisions_of,
    lessons_of,
    local_words,
    log_of,
    log_rows,
    region_log,
    region_rows,
    team_intervals,
    trajectory_of,
)

STRAND = "process"


def process_log_section(subject: Subject) -> Views:
    """Show the process log: meetings kept, who was around the table, teams, pilots and feedback."""
    t, log = subject.texts, _log(subject)
    rows = _measure_rows(subject) if subject.nis_code else []
    return section_views(
        "process_log", subject, text=_process_text(subject, log, rows), log=log, rows=rows,
        kept=_kept(subject, log),
        line=timeline(log.meetings, label=_timeline_label(subject, log), months=t("process_log.months").split()),
        entries=entry_rows(subject, log), present=[str(subject.data.names[code]) for code in log.municipalities],
        backgrounds=[_background(subject, name) for name in log.backgrounds],
        synthetic=subject.is_invented("process"), **outcomes(subject),
    )  # fmt: skip


def _measure_rows(subject: Subject) -> list[dict[str, Any]]:
    t, table = subject.texts, subject.indicators
    return [
        {
            "label": t.pick(member.label),
            "factor": subject.dimensions[member.dimension],
            "value": subject.write(member.id, table[member.id]["value"]),
            "n": table[member.id]["n"],
            "known": not is_missing(table[member.id]["value"]),
            "reason": subject.reason(table[member.id]),
        }
        for member in subject.data.framework.indicators.values()
        if member.strand == STRAND
    ]


def _process_text(subject: Subject, log: Log, rows: list[dict[str, Any]]) -> str:
    lines = [f"{row['label']}: {row['value'] if row['known'] else row['reason']}" for row in rows]
    return "\n".join([_timeline_label(subject, log), _kept(subject, log), *lines])


def _log(subject: Subject) -> Log:
    if subject.nis_code:
        return log_of(subject.data, subject.nis_code)
    return region_log(subject.data, subject.region)


def _timeline_label(subject: Subject, log: Log) -> str:
    held = int(log.meetings["held"].sum()) if len(log.meetings) else 0
    return subject.texts("process_log.timeline_alt", year=log.year or "", held=held, agreed=len(log.meetings))


def _kept(subject: Subject, log: Log) -> str:
    """Return how many meetings were held, and in how many months: whether a monthly meeting is one."""
    if log.meetings.empty:
        return ""
    held = log.meetings[log.meetings["held"]]
    return subject.texts("process_log.kept", held=len(held), agreed=len(log.meetings), months=held["month"].nunique())


def entry_rows(subject: Subject, log: Log) -> list[dict[str, str]]:
    """Return the entries of the log that are not meetings (teams, events, pilots), written out."""
    t, words = subject.texts, local_words(subject.data)["process"]
    if log.entries.empty:
        return []
    elsewhere = [*words["meetings"], *(words.get("decisions") or ()), *(words.get("actions") or ())]
    others = log.entries[~log.entries["type"].isin(elsewhere)]
    return [
        {
            "date": t.short_date(dt.date.fromisoformat(row["date"])),
            "type": t.pick(words["types"][row["type"]]),
            "name": row["name"],
            "village": row["village"] if pd.notna(row["village"]) else "",
            "status": ", ".join(_states(subject, row, words)),
        }
        for row in others.to_dict("records")
    ]


def _states(subject: Subject, row: Mapping[Any, Any], words: Mapping[str, Any]) -> list[str]:
    t = subject.texts
    found = [t.pick(words["statuses"][row["status"]])]
    if isinstance(row["phase"], str) and row["phase"]:
        found.append(t.pick(words["phases"][row["phase"]]))
    if isinstance(row["roles"], str) and row["roles"]:
        present = parts(row["roles"])
        named = ", ".join(t.pick(words["roles"][role]) for role in present)
        found.append(t("process_log.roles", have=len(present), all=len(words["roles"]), list=named))
    if isinstance(row["evaluated"], str) and row["evaluated"]:
        found.append(t("process_log.evaluated" if row["evaluated"] in words["done"] else "process_log.not_evaluated"))
    if isinstance(row["feedback_on"], str) and row["feedback_on"]:
        found.append(t("process_log.feedback", date=t.short_date(dt.date.fromisoformat(row["feedback_on"]))))
    return found


def _background(subject: Subject, name: str) -> str:
    choices = subject.data.instrument.question("background").choices
    labels = {choice.id: choice.texts[subject.texts.language] for choice in choices}
    return str(labels.get(name, name))


def _is_kept(subject: Subject) -> bool:
    """Return whether the project keeps a log."""
    return bool(local_words(subject.data)["process"]["file"]) or not subject.data.tables.process.empty


def _prepare(subject: Subject) -> None:
    log_of(subject.data, subject.nis_code)


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


SECTION = PageSection(
    process_log_section, "process", rests_on=frozenset({OWN, REGION}), present=_is_kept, prepare=_prepare
)
