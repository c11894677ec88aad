"""The small drawings beside an indicator in a table: where its value lies among all, and its course."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from resilience_analysis.drawing.inline import sparkline
from resilience_analysis.foundation.vocabulary import is_missing
from resilience_analysis.pages.subject import Subject


def bar_label(subject: Subject, code: str, row: Mapping[str, Any]) -> str:
    """Describe what a range bar shows."""
    t, value = subject.texts, subject.write(code, row["value"])
    if is_missing(row["all_min"]):
        return t("drawing.range_alone", value=value) if not is_missing(row["value"]) else t("drawing.range_none")
    written = {name: subject.write(code, row[f"all_{name}"]) for name in ("min", "q1", "q3", "max")}
    if is_missing(row["value"]):
        return t("drawing.range_missing", min=written["min"], max=written["max"])
    return t("drawing.range", value=value, **written)


def trend(subject: Subject, code: str) -> str:
    """Draw the series of an indicator beside that of the median municipality, where at least three years are there.

    Of a count that larger places have more of, the series stands alone.
    """
    data, t = subject.data, subject.texts
    years, values = data.course(code, subject.nis_code)
    known = [(year, value) for year, value in zip(years, values, strict=True) if not is_missing(value)]
    if len(known) < 3:  # noqa: PLR2004 - fewer than three points are not a trend
        return ""
    entry = subject.entry(code)
    (first, start), (last, end) = known[0], known[-1]
    words = {"start": subject.write(code, start), "end": subject.write(code, end)}
    label, beside = t("drawing.trend", first=first, last=last, **words), _benchmark(subject, code)
    if beside:
        ends = [beside[years.index(year)] for year in (first, last)]
        label = f"{label}; {t('drawing.beside', start=subject.write(code, ends[0]), end=subject.write(code, ends[1]))}"
    breaks = [place for place, year in enumerate(years) if year in entry.breaks]
    return sparkline(values, label=label, beside=beside, breaks=breaks)


def prepare_trends(subject: Subject) -> None:
    """Work out what the series of all places share."""
    for code in subject.data.series:
        subject.data.course(code, subject.nis_code)
        _benchmark(subject, code)


def _benchmark(subject: Subject, code: str) -> list[float]:
    """Return the median municipality of every year; nothing for a count."""
    if subject.entry(code).unit == "count":
        return []
    medians: list[float] = subject.data.keep(("benchmark", code), lambda: subject.data.series[code].median().tolist())
    return medians
