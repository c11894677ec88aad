"""The six factors: the dot plot over all of them, and a section per factor with its spine table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from resilience_analysis.drawing.charts import draw_factors, factor_plate
from resilience_analysis.drawing.inline import range_bar, sparkline
from resilience_analysis.foundation.schemas import STRANDS
from resilience_analysis.indicators.framework import Indicator
from resilience_analysis.pages.render import html, plain_table, render
from resilience_analysis.pages.show import Picture, Section
from resilience_analysis.pages.subject import Subject

_OWN_STRANDS = ("self", "process")  # asked and kept by the municipality itself


def factors(subject: Subject) -> Section:
    """Show all factors per strand: heading, dot plot, and the table behind it one click away."""
    t = subject.texts
    opening = html("heading.html.j2", t, text=t("section.factors"), name="factors", intro=t("factors.intro"))
    return Section([opening, _dot_plot(subject)])


def _dot_plot(subject: Subject) -> Picture:
    t, rows = subject.texts, subject.factors
    plate = subject.atlas.keep(("factors", t.language), lambda: factor_plate(rows, subject.dimensions, t))
    caption = _caption(subject)
    return Picture(
        png=plate.png(lambda axes: draw_factors(axes, rows, t)),
        alt=t("factors.alt", summary=" ".join(_summary(subject))),
        caption=caption,
        table=render("factor_table.html.j2", t, subject=subject, rows=rows.to_dict("records")),
        text=f"{caption}\n{plain_table(_shown(rows))}",
    )


def _caption(subject: Subject) -> str:
    t, atlas = subject.texts, subject.atlas
    scored = {code: entry for code, entry in atlas.framework.indicators.items() if atlas.values[code].notna().any()}
    years = [atlas.years[code] for code in scored]
    papers = dict.fromkeys(filter(None, (_publisher(subject, entry) for entry in scored.values())))
    blanks = {"place": subject.place, "group": subject.group_name, "sources": "; ".join(papers)}
    return t("factors.figure", first=min(years), last=max(years), **blanks)


def _publisher(subject: Subject, indicator: Indicator) -> str:
    """Name who publishes an indicator; what is reckoned from other indicators has no publisher of its own."""
    if indicator.source in subject.atlas.catalogue:
        return subject.atlas.catalogue[indicator.source].publisher
    return subject.texts(f"strand.{indicator.strand}").lower() if indicator.strand in _OWN_STRANDS else ""


def _shown(rows: pd.DataFrame) -> pd.DataFrame:
    columns = ["dimension", "strand", "score", "low", "high", "group_median", "all_median", "coverage"]
    return rows.loc[rows["indicators"] > 0, columns]


def _summary(subject: Subject) -> list[str]:
    t = subject.texts
    sentences = []
    for dimension, rows in subject.factors.groupby("dimension", sort=False):
        parts = [
            t(
                "factors.alt_part",
                strand=t(f"strand.{row['strand']}").lower(),
                score=subject.score(row["score"]),
                median=subject.score(row["all_median"]),
            )
            for row in rows.to_dict("records")
            if pd.notna(row["score"])
        ]
        if parts:
            sentences.append(t("factors.alt_row", factor=subject.dimensions[str(dimension)], parts=", ".join(parts)))
    return sentences


def factor(subject: Subject, dimension: str) -> Section:
    """Show one factor: the deck's explanation, its scores in words, its spine table and its known gaps."""
    t, framework = subject.texts, subject.atlas.framework
    entry = framework.dimensions[dimension]
    blocks = [block for strand in STRANDS if (block := _block(subject, dimension, strand)) is not None]
    wanted = [str(t.pick(candidate.label)) for candidate in framework.gaps(dimension)]
    rows = subject.indicators.loc[[indicator.id for indicator in framework.of(dimension)]]
    shown = rows[["year", "value", "low", "high", "group_median", "all_median", "share_below"]].reset_index()
    view = html(
        "factor.html.j2", t, text=f"{t.pick(entry.label)}\n{plain_table(shown, digits=2)}",
        subject=subject, dimension=dimension, entry=entry, blocks=blocks, wanted=wanted,
        scores=_score_lines(subject, dimension), assumed=any(row["assumed"] for b in blocks for row in b["rows"]),
    )  # fmt: skip
    return Section([view])


def _block(subject: Subject, dimension: str, strand: str) -> dict[str, Any] | None:
    """Return the rows of one strand; None where the framework has none, or nobody has been asked anywhere."""
    members = subject.atlas.framework.of(dimension, strand)
    known = [member for member in members if subject.atlas.values[member.id].notna().any()]
    if not known:
        return None
    return {"strand": strand, "rows": [spine_row(subject, member) for member in known]}


def spine_row(subject: Subject, indicator: Indicator) -> dict[str, Any]:
    """Return one row of a spine table, written out."""
    t, code = subject.texts, indicator.id
    row = {str(name): value for name, value in subject.indicators.loc[code].items()}
    source = subject.atlas.catalogue.get(indicator.source)
    n = row["n"] if pd.notna(row["n"]) else None
    assumed = source is not None and source.assumed_n is not None and n is None and pd.notna(row["value"])
    return {
        "code": code,
        "label": t.pick(indicator.label),
        "aspect": indicator.aspect,
        "less": indicator.direction < 0,
        "year": row["year"],
        "n": t("spine.assumed_n", n=source.assumed_n) if assumed and source else (t.number(n) if n else ""),
        "assumed": assumed,
        "known": pd.notna(row["value"]),
        "value": subject.write(code, row["value"]),
        "reason": "" if pd.notna(row["value"]) else t(f"reason.{row['missing_reason']}"),
        "margin": _margin(subject, code, row),
        "group": subject.write(code, row["group_median"]),
        "all": subject.write(code, row["all_median"]),
        "bar": range_bar(row, label=bar_label(subject, code, row), bounds=indicator.goalposts),
        "trend": trend(subject, code),
    }


def _margin(subject: Subject, code: str, row: dict[str, Any]) -> str:
    if pd.isna(row["low"]):
        return ""
    return subject.texts("span", low=subject.write(code, row["low"]), high=subject.write(code, row["high"]))


def bar_label(subject: Subject, code: str, row: Mapping[str, Any]) -> str:
    """Say in words what a range bar shows."""
    t, value = subject.texts, subject.write(code, row["value"])
    if pd.isna(row["all_min"]):
        return t("spine.range_alt_alone", value=value) if pd.notna(row["value"]) else t("spine.range_alt_none")
    written = {name: subject.write(code, row[f"all_{name}"]) for name in ("min", "q1", "q3", "max")}
    if pd.isna(row["value"]):
        return t("spine.range_alt_missing", min=written["min"], max=written["max"])
    return t("spine.range_alt", value=value, **written)


def trend(subject: Subject, code: str) -> str:
    """Draw the series of an indicator where at least three comparable years are there, else nothing."""
    series = subject.atlas.series.get(code)
    if series is None:
        return ""
    values: pd.Series = series.T[subject.nis_code]
    known = values.dropna()
    if len(known) < 3:  # noqa: PLR2004 - fewer than three points are not a trend
        return ""
    first, last = known.index[0], known.index[-1]
    label = subject.texts(
        "spine.trend_alt", first=first, last=last,
        start=subject.write(code, known.iloc[0]), end=subject.write(code, known.iloc[-1]),
    )  # fmt: skip
    return sparkline(list(values), label=label)


def _score_lines(subject: Subject, dimension: str) -> list[str]:
    t = subject.texts
    lines = []
    for row in subject.factors[subject.factors["dimension"] == dimension].to_dict("records"):
        blanks = {"strand": t(f"strand.{row['strand']}")}
        if row["indicators"] == 0:
            lines.append(t("spine.strand_none", **blanks))
        elif pd.isna(row["score"]):
            lines.append(t("spine.score_line_missing", reason=t(f"reason.{row['missing_reason']}"), **blanks))
        else:
            lines.append(_score_line(subject, row, blanks))
    return lines


def _score_line(subject: Subject, row: Mapping[Any, Any], blanks: Mapping[str, str]) -> str:
    t, words = subject.texts, {**blanks, "score": subject.score(row["score"])}
    line = t("spine.score_line", **words)
    if pd.notna(row["low"]):
        line += t("spine.score_margin", low=subject.score(row["low"]), high=subject.score(row["high"]))
    if pd.notna(row["all_median"]):
        line += t("spine.score_median", median=subject.score(row["all_median"]))
    return f"{line}."
