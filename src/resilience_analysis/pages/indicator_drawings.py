"""The small drawings beside an indicator in a table: where its value lies among all, and its course."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from resilience_analysis.drawing.inline import sparkline
from resilience_analysis.pages.subject import Subject


def bar_label(subject: Subject, code: str, row: Mapping[str, Any]) -> str:
    """Say in words what a range bar shows."""
    t, value = subject.texts, subject.write(code, row["value"])
    if pd.isna(row["all_min"]):
        return t("drawing.range_alone", value=value) if pd.notna(row["value"]) else t("drawing.range_none")
    written = {name: subject.write(code, row[f"all_{name}"]) for name in ("min", "q1", "q3", "max")}
    if pd.isna(row["value"]):
        return t("drawing.range_missing", min=written["min"], max=written["max"])
    return t("drawing.range", value=value, **written)


def trend(subject: Subject, code: str) -> str:
    """Draw the series of an indicator where at least three comparable years are there, else nothing."""
    series = subject.data.series.get(code)
    if series is None:
        return ""
    values: pd.Series = series.T[subject.nis_code]
    known = values.dropna()
    if len(known) < 3:  # noqa: PLR2004 - fewer than three points are not a trend
        return ""
    first, last = known.index[0], known.index[-1]
    label = subject.texts(
        "drawing.trend", first=first, last=last,
        start=subject.write(code, known.iloc[0]), end=subject.write(code, known.iloc[-1]),
    )  # fmt: skip
    return sparkline(list(values), label=label)
