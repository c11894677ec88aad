"""The process log: meetings kept, who was around the table, teams, pilots and feedback."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd

from resilience_analysis.data.registers import parts
from resilience_analysis.drawing.inline import timeline
from resilience_analysis.pages.page import OWN, REGION, PageSection
from resilience_analysis.pages.render import Views, section_views
from resilience_analysis.pages.subject import Subject
from resilience_analysis.profiles import local_registers as registers
from resilience_analysis.profiles.local_registers import Log, local_words, log_of

STRAND = "process"


def _show(subject: Subject) -> Views:
    """Show the process log: meetings kept, who was around the table, teams, pilots and feedback."""
    t, data = subject.texts, subject.data
    log = log_of(data, subject.nis_code or subject.region)
    held = log.meetings[log.meetings["held"].astype(bool)]
    agreed = len(log.meetings)
    label = t("process_log.timeline_alt", year=log.year or "", held=len(held), agreed=agreed)
    kept = t("process_log.kept", held=len(held), agreed=agreed, months=held["month"].nunique()) if agreed else ""
    rows = _measure_rows(subject) if subject.nis_code else []
    lines = [f"{row['label']}: {row['value'] if row['known'] else row['reason']}" for row in rows]
    choices = data.instrument.question("background").choices if log.backgrounds else ()
    backgrounds = {choice.id: choice.texts[t.language] for choice in choices}
    return section_views(
        "process_log", subject, text="\n".join([label, kept, *lines]), log=log, rows=rows, kept=kept,
        line=timeline(log.meetings, label=label, months=t("process_log.months").split()),
        entries=entry_rows(subject, log), present=[str(data.names[code]) for code in log.municipalities],
        backgrounds=[str(backgrounds.get(name, name)) for name in log.backgrounds],
        synthetic=subject.is_invented("process"), **_outcomes(subject),
    )  # fmt: skip


def _measure_rows(subject: Subject) -> list[dict[str, Any]]:
    members = [member for member in subject.data.framework.indicators.values() if member.strand == STRAND]
    return [
        {
            "label": subject.texts.pick(member.label), "factor": subject.dimensions[member.dimension], "n": row["n"],
            "value": subject.write(member.id, row["value"]), "known": not subject.reason(row),
            "reason": subject.reason(row),
        }
        for member, row in ((member, subject.indicators[member.id]) for member in members)
    ]  # fmt: skip


def entry_rows(subject: Subject, log: Log) -> list[dict[str, str]]:
    """Return the entries of the log that are not meetings (teams, events, pilots), written out."""
    t, words = subject.texts, local_words(subject.data)["process"]
    if log.entries.empty:
        return []
    elsewhere = [*words["meetings"], *(words.get("decisions") or ()), *(words.get("actions") or ())]
    others = log.entries[~log.entries["type"].isin(elsewhere)]
    return [
        {
            "date": _day(subject, row["date"]),
            "type": t.pick(words["types"][row["type"]]),
            "name": row["name"],
            "village": _said(row["village"]),
            "status": ", ".join(_states(subject, row, words)),
        }
        for row in others.to_dict("records")
    ]


def _states(subject: Subject, row: Mapping[Any, Any], words: Mapping[str, Any]) -> list[str]:
    t = subject.texts
    said = {name: _said(row[name]) for name in ("phase", "roles", "evaluated", "feedback_on")}
    found = [t.pick(words["statuses"][row["status"]])]
    if said["phase"]:
        found.append(t.pick(words["phases"][said["phase"]]))
    if said["roles"]:
        present = parts(said["roles"])
        named = ", ".join(t.pick(words["roles"][role]) for role in present)
        found.append(t("process_log.roles", have=len(present), all=len(words["roles"]), list=named))
    if said["evaluated"]:
        found.append(t("process_log.evaluated" if said["evaluated"] in words["done"] else "process_log.not_evaluated"))
    if said["feedback_on"]:
        found.append(t("process_log.feedback", date=_day(subject, said["feedback_on"])))
    return found


def _outcomes(subject: Subject) -> dict[str, Any]:
    """Return what the template needs: ``trajectory``, ``decisions``, ``teams`` and ``lessons``, written out."""
    t, data = subject.texts, subject.data
    rows = registers.log_rows(data, subject.nis_code or subject.region)
    if rows.empty:
        return {"trajectory": [], "decisions": [], "teams": [], "lessons": []}
    teams = registers.team_intervals(data, rows)
    return {
        "trajectory": [
            (t.pick(label), t("process_log.phase" if n else "process_log.no_phase", count=n, date=_day(subject, last)))
            for label, n, last in registers.trajectory_of(data, rows)
        ],
        "decisions": [_decision(subject, row) for row in registers.decisions_of(data, rows).to_dict("records")],
        "teams": [t("process_log.team_rhythm", village=team, count=n, days=t.number(days)) for team, n, days in teams],
        "lessons": [f"{row['name']}: {row['lesson']}" for row in registers.lessons_of(data, rows).to_dict("records")],
    }


def _decision(subject: Subject, row: dict[Any, Any]) -> dict[str, str]:
    types = local_words(subject.data)["process"]["types"]
    return {
        "date": _day(subject, row["date"]),
        "type": subject.texts.pick(types[row["type"]]),
        **{name: _said(row[name]) for name in ("name", "responsible", "with_whom")},
        "review": _day(subject, _said(row["review_on"])),
    }


def _day(subject: Subject, day: str) -> str:
    return subject.texts.short_date(dt.date.fromisoformat(day)) if day else subject.texts("missing_mark")


def _said(cell: Any) -> str:
    return "" if pd.isna(cell) else str(cell)


def _is_kept(subject: Subject) -> bool:
    """Return whether the project keeps a log."""
    return bool(local_words(subject.data)["process"]["file"]) or not subject.data.tables.process.empty


SECTION = PageSection(
    _show, "process", rests_on=frozenset({OWN, REGION}), present=_is_kept,
    prepare=lambda subject: log_of(subject.data, subject.nis_code),
)  # fmt: skip
