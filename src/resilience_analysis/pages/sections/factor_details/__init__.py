"""Every factor in detail: the explanation, its scores in words, its indicators and what is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from resilience_analysis.drawing.inline import range_bar, sparkline
from resilience_analysis.foundation.vocabulary import STRANDS, is_missing
from resilience_analysis.indicators.framework import Indicator
from resilience_analysis.pages.page import GROUP, OWN, PageSection
from resilience_analysis.pages.render import Html, Views, html, plain_rows
from resilience_analysis.pages.subject import Subject

_LONG = 16  # letters of a value with its unit that fits on one line of a table


def factor_details(subject: Subject) -> Views:
    """Show every factor in detail."""
    return Views([factor(subject, dimension) for dimension in subject.dimensions])


def factor(subject: Subject, dimension: str) -> Html:
    """Show one factor: the deck's explanation, its scores in words, its spine table and its known gaps."""
    t, framework = subject.texts, subject.data.framework
    entry = framework.dimensions[dimension]
    members = [member for member in framework.of(dimension) if member.id in subject.data.known]
    blocks: list[dict[str, Any]] = [
        {"strand": strand, "rows": [spine_row(subject, member) for member in members if member.strand == strand]}
        for strand in STRANDS
        if any(member.strand == strand for member in members)
    ]
    wanted = [str(t.pick(candidate.label)) for candidate in framework.gaps(dimension)]
    columns = ["indicator", "year", "value", "low", "high", "group_median", "all_median", "share_below"]
    shown = [{"indicator": entry.id, **subject.indicators[entry.id]} for entry in framework.of(dimension)]
    return html(
        "factor_details/section.html.j2", t, text=f"{t.pick(entry.label)}\n{plain_rows(shown, columns, digits=2)}",
        subject=subject, dimension=dimension, entry=entry, blocks=blocks, wanted=wanted,
        scores=_score_lines(subject, dimension), notes=_notes(subject, blocks),
        numbered=any(row["n"] for block in blocks for row in block["rows"]),
    )  # fmt: skip


def _notes(subject: Subject, blocks: list[dict[str, Any]]) -> list[str]:
    """Explain the marks that are in the rows of a spine table, and why an indicator does not count."""
    t, rows = subject.texts, [row for block in blocks for row in block["rows"]]
    drawn = {"range_legend": "all_min", "range_group": "group_median", "range_own": "value", "range_margin": "low"}
    facts = [subject.indicators[row["code"]] for row in rows]
    notes = [t(f"factor_details.{name}") for name, of in drawn.items() if any(not is_missing(row[of]) for row in facts)]
    marks = ("assumed", "computed")
    notes += [t(f"factor_details.{mark}_note") for mark in marks if any(row[mark] for row in rows)]
    for entry in (subject.data.framework.indicators[row["code"]] for row in rows):
        if entry.apart is not None:
            blanks = {"indicator": t.pick(entry.label), "why": t.pick(entry.apart)}
            notes.append(t("factor_details.apart_note", **blanks))
    return notes


def _statement(subject: Subject, indicator: Indicator) -> str:
    """Return what people in the organisation answered to the statement that the framework puts beside an indicator.

    Empty where it names none, or the answers may not be shown; never as a difference, as both are asked otherwise.
    """
    if not indicator.statement or subject.estimates.empty:
        return ""
    rows = subject.estimates
    rows = rows[(rows["code"] == indicator.statement) & rows["share_agree"].notna()]
    if rows.empty:
        return ""
    t, last = subject.texts, rows.iloc[-1]
    items = (item for section in subject.data.instrument.dimensions for item in section.items)
    words = next((item.texts[t.language] for item in items if item.id == indicator.statement), indicator.statement)
    agree = t.value(last["share_agree"], "%")
    return t("factor_details.statement", words=words, agree=agree, n=t.number(last["n"]), wave=last["wave"])


def spine_row(subject: Subject, indicator: Indicator) -> dict[str, Any]:
    """Return one row of a spine table, written out."""
    t, code = subject.texts, indicator.id
    row = subject.indicators[code]
    source = subject.data.catalogue.get(indicator.source)
    n = None if is_missing(row["n"]) else row["n"]
    sampling = source.sampling if source is not None else None
    assumed = n is not None and sampling is not None and subject.nis_code not in sampling.known
    return {
        **indicator_row(subject, code, indicator.goalposts), "aspect": indicator.aspect,
        "less": indicator.direction < 0,
        "n": "" if n is None else t("factor_details.assumed_n", n=t.number(n)) if assumed else t.number(n),
        "assumed": assumed, "apart": indicator.apart is not None, "statement": _statement(subject, indicator),
        "computed": not is_missing(row["computed"]), "margin": subject.margin(row, code),
    }  # fmt: skip


def indicator_row(subject: Subject, code: str, bounds: tuple[float, ...] = ()) -> dict[str, Any]:
    """Return what tables say of an indicator or context indicator, written out, with its small drawings."""
    row = subject.indicators[code]
    value, group = subject.write(code, row["value"]), subject.write(code, row["group_median"])
    return {
        "code": code, "label": subject.label(code), "year": row["year"], "known": not is_missing(row["value"]),
        "value": value, "reason": subject.reason(row), "worded": max(len(value), len(group)) > _LONG,
        "group": group, "all": subject.write_all(code, row),
        "bar": range_bar(row, label=_bar_label(subject, code, row), bounds=bounds), "trend": _trend(subject, code),
    }  # fmt: skip


def _score_lines(subject: Subject, dimension: str) -> list[str]:
    return [_score_line(subject, row) for row in subject.factors if row["dimension"] == dimension]


def _score_line(subject: Subject, row: Mapping[Any, Any]) -> str:
    t, strand = subject.texts, subject.texts(f"strand.{row['strand']}")
    if row["indicators"] == 0:
        return t("factor_details.strand_none", strand=strand)
    if is_missing(row["score"]):
        return t("factor_details.score_line_missing", reason=t(f"reason.{row['missing_reason']}"), strand=strand)
    line = t("factor_details.score_line", strand=strand, score=subject.score(row["score"]))
    if not is_missing(row["low"]):
        line += t("factor_details.score_margin", low=subject.score(row["low"]), high=subject.score(row["high"]))
    if not is_missing(row["all_median"]):
        line += t("factor_details.score_median", median=subject.score(row["all_median"]))
    return f"{line}."


def _bar_label(subject: Subject, code: str, row: Mapping[str, Any]) -> str:
    """Describe what a range bar shows."""
    t, value = subject.texts, subject.write(code, row["value"])
    if is_missing(row["all_min"]):
        return t("drawing.range_alone", value=value) if not is_missing(row["value"]) else t("drawing.range_none")
    written = {name: subject.write(code, row[f"all_{name}"]) for name in ("min", "q1", "q3", "max")}
    if is_missing(row["value"]):
        return t("drawing.range_missing", min=written["min"], max=written["max"])
    return t("drawing.range", value=value, **written)


def _trend(subject: Subject, code: str) -> str:
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


def _prepare_trends(subject: Subject) -> None:
    """Work out what the series of all places share."""
    for code in subject.data.series:
        subject.data.course(code, subject.nis_code)
        _benchmark(subject, code)


def _benchmark(subject: Subject, code: str) -> list[float]:
    """Return the median municipality of every year; nothing for a count."""
    if subject.entry(code).unit == "count":
        return []
    return list(subject.data.keep(("benchmark", code), lambda: subject.data.series[code].median().tolist()))


SECTION = PageSection(factor_details, "factor", rests_on=frozenset({OWN, GROUP}), listed=False, prepare=_prepare_trends)
