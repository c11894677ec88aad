"""The small drawings beside an indicator in a table: where its value lies among all, and its course."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from resilience_analysis.drawing.inline import sparkline
from resilience_analysis.foundation.vocabulary import is_missing
from resilience_analysis.pages.subject import Subject


def bar_label(subject: Subject, code: str, row: Mapping[str, Any]) -> str:
    """Say in words what a range bar shows."""
    t, value = subject.texts, subject.write(code, row["value"])
    if is_missing(row["all_min"]):
        return t("drawing.range_alone", value=value) if not is_missing(row["value"]) else t("drawing.range_none")
    written = {name: subject.write(code, row[f"all_{name}"]) for name in ("min", "q1", "q3", "max")}
    if is_missing(row["value"]):
        return t("drawing.range_missing", min=written["min"], max=written["max"])
    return t("drawing.range", value=value, **written)


def trend(subject: Subject, code: str) -> str:
    """Draw the series of an indicator where at least three comparable years are there, else nothing."""
    years, values = subject.data.course(code, subject.nis_code)
    known = [(year, value) for year, value in zip(years, values, strict=True) if not is_missing(value)]
    if len(known) < 3:  # noqa: PLR2004 - fewer than three points are not a trend
        return ""
    (first, start), (last, end) = known[0], known[-1]
    words = {"start": subject.write(code, start), "end": subject.write(code, end)}
    return sparkline(values, label=subject.texts("drawing.trend", first=first, last=last, **words))
