"""The process log: meetings kept, who was around the table, teams, pilots and feedback."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd

from resilience_analysis.data.registers import parts
from resilience_analysis.drawing.inline import timeline
from resilience_analysis.foundation.vocabulary import is_missing
from resilience_analysis.pages.invented import invented
from resilience_analysis.pages.registry import OWN, REGION, PageSection
from resilience_analysis.pages.render import html
from resilience_analysis.pages.sections.process_log.decisions import outcomes
from resilience_analysis.pages.subject import Subject
from resilience_analysis.pages.views import Views
from resilience_analysis.profiles.process_log import Log, local_words, log_of, region_log

STRAND = "process"


def process_log_section(subject: Subject) -> Views:
    """Show the process log: meetings kept, who was around the table, teams, pilots and feedback."""
    t, log = subject.texts, _log(subject)
    rows = _measure_rows(subject) if subject.nis_code else []
    view = html(
        "process_log/section.html.j2", t, text=_process_text(subject, log, rows), subject=subject, log=log, rows=rows,
        kept=_kept(subject, log),
        line=timeline(log.meetings, label=_timeline_label(subject, log), months=t("process_log.months").split()),
        entries=entry_rows(subject, log), present=[str(subject.data.names[code]) for code in log.municipalities],
        backgrounds=[_background(subject, name) for name in log.backgrounds],
        synthetic=invented(subject, "process"), **outcomes(subject),
    )  # fmt: skip
    return Views([view])


def _measure_rows(subject: Subject) -> list[dict[str, Any]]:
    t, table = subject.texts, subject.indicators
    return [
        {
            "label": t.pick(member.label),
            "factor": subject.dimensions[member.dimension],
            "value": subject.write(member.id, table[member.id]["value"]),
            "n": table[member.id]["n"],
            "known": not is_missing(table[member.id]["value"]),
            "reason": _reason(subject, member.id),
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


def _reason(subject: Subject, code: str) -> str:
    reason = subject.indicators[code]["missing_reason"]
    return "" if is_missing(reason) else subject.texts(f"reason.{reason}")


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


SECTION = PageSection(
    process_log_section, "process", rests_on=frozenset({OWN, REGION}), present=_is_kept, prepare=_prepare
)
