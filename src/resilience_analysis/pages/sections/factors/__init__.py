"""All factors side by side, per strand: a dot plot, and the table behind it one click away."""

from __future__ import annotations

import pandas as pd

from resilience_analysis.drawing.charts import draw_factors, factor_plate
from resilience_analysis.indicators.framework import Indicator
from resilience_analysis.pages.registry import GROUP, OWN, PageSection
from resilience_analysis.pages.render import heading, plain_table, render
from resilience_analysis.pages.subject import Subject
from resilience_analysis.pages.views import Picture, Views

_OWN_STRANDS = ("self", "process")  # asked and kept by the municipality itself


def factors(subject: Subject) -> Views:
    """Show all factors per strand: heading, dot plot, and the table behind it one click away."""
    opening = heading("factors", subject, anchor="factors", intro=subject.texts("factors.intro"))
    return Views([opening, _dot_plot(subject)])


def _dot_plot(subject: Subject) -> Picture:
    t, rows = subject.texts, subject.factors
    plate = subject.data.keep(("factors", t.language), lambda: factor_plate(rows, subject.dimensions, t))
    caption = _caption(subject)
    return Picture(
        png=plate.png(lambda axes: draw_factors(axes, rows, t)),
        alt=t("factors.alt", summary=" ".join(_summary(subject))),
        caption=caption,
        table=render("factors/table.html.j2", t, subject=subject, rows=rows.to_dict("records")),
        text=f"{caption}\n{plain_table(_shown(rows))}",
    )


def _caption(subject: Subject) -> str:
    t, data = subject.texts, subject.data
    scored = {code: entry for code, entry in data.framework.indicators.items() if data.values[code].notna().any()}
    years = [data.years[code] for code in scored]
    papers = dict.fromkeys(filter(None, (_publisher(subject, entry) for entry in scored.values())))
    blanks = {"place": subject.place, "group": subject.group_name, "sources": "; ".join(papers)}
    return t("factors.figure", first=min(years), last=max(years), **blanks)


def _publisher(subject: Subject, indicator: Indicator) -> str:
    """Name who publishes an indicator; what is reckoned from other indicators has no publisher of its own."""
    if indicator.source in subject.data.catalogue:
        return subject.data.catalogue[indicator.source].publisher
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


def _anchors(subject: Subject) -> list[tuple[str, str]]:
    """Return where each factor is shown in detail, with its name."""
    return [(f"factor-{code}", label) for code, label in subject.dimensions.items()]


SECTION = PageSection(factors, "factors", rests_on=frozenset({OWN, GROUP}), below=_anchors)
