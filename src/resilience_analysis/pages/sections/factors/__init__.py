"""All factors side by side, per strand: a dot plot, and the table behind it one click away."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import pandas as pd

from resilience_analysis.drawing.charts import draw_factor_base, factor_marks
from resilience_analysis.drawing.layers import Base, Drawing, Shown
from resilience_analysis.foundation.vocabulary import is_missing
from resilience_analysis.indicators.framework import Indicator
from resilience_analysis.pages.base_maps import shared_base
from resilience_analysis.pages.page import GROUP, OWN, PageSection
from resilience_analysis.pages.render import Views, heading, picture, plain_rows, render
from resilience_analysis.pages.subject import Subject

_OWN_STRANDS = ("self", "process")  # asked and kept by the municipality itself


def factors(subject: Subject) -> Views:
    """Show all factors per strand: heading, dot plot, and the table behind it one click away."""
    t, rows, caption = subject.texts, subject.factors, _caption(subject)
    strands = t.enumerate(t(f"strand.{strand}").lower() for strand in dict.fromkeys(row["strand"] for row in rows))
    columns = ["dimension", "strand", "score", "low", "high", "group_median", "all_median", "coverage"]
    plot = picture(
        Drawing(_base(subject), factor_marks(rows, t)), t,
        alt=t("factors.alt", strands=strands, summary=" ".join(_summary(subject))),
        caption=caption,
        table=render("factors/table.html.j2", t, subject=subject, rows=rows),
        text=f"{caption}\n{plain_rows([row for row in rows if row['indicators']], columns)}",
    )  # fmt: skip
    return Views([heading("factors", subject, anchor="factors", intro=t("factors.intro")), plot])


def _base(subject: Subject) -> Base:
    t, key = subject.texts, ("factors", subject.texts.language)

    def draw() -> Shown:
        rows = pd.DataFrame(subject.factors)
        return draw_factor_base(rows, subject.dimensions, t, margins=subject.data.has_margins)

    return shared_base(subject, key, draw)


def _prepare(subject: Subject) -> None:
    _base(subject)
    _caption(subject)


def _caption(subject: Subject) -> str:
    t = subject.texts
    same = subject.data.keep(("sources of factors", t.language), lambda: _years_and_sources(subject))
    return t("factors.figure", place=subject.place, group=subject.group_name, **same)


def _years_and_sources(subject: Subject) -> dict[str, Any]:
    data = subject.data
    scored = {code: entry for code, entry in data.framework.indicators.items() if data.values[code].notna().any()}
    years = [data.years[code] for code in scored]
    sources = dict.fromkeys(filter(None, (_publisher(subject, entry) for entry in scored.values())))
    return {"first": min(years), "last": max(years), "sources": subject.texts("listed").join(sources)}


def _publisher(subject: Subject, indicator: Indicator) -> str:
    """Name who publishes an indicator; what is reckoned from other indicators has no publisher of its own."""
    if indicator.source in subject.data.catalogue:
        return str(subject.texts.pick(subject.data.catalogue[indicator.source].publisher))
    return subject.texts(f"strand.{indicator.strand}").lower() if indicator.strand in _OWN_STRANDS else ""


def _summary(subject: Subject) -> list[str]:
    t, score, sentences = subject.texts, subject.score, []
    for dimension, rows in groupby(subject.factors, key=lambda row: row["dimension"]):
        known = [(t(f"strand.{row['strand']}").lower(), row) for row in rows if not is_missing(row["score"])]
        parts = [
            t("factors.alt_part", strand=strand, score=score(row["score"]), median=score(row["all_median"]))
            for strand, row in known
        ]
        if parts:
            sentences.append(t("factors.alt_row", factor=subject.dimensions[str(dimension)], parts=", ".join(parts)))
    return sentences


SECTION = PageSection(
    factors, "factors", rests_on=frozenset({OWN, GROUP}), prepare=_prepare,
    below=lambda subject: [(f"factor-{code}", label) for code, label in subject.dimensions.items()],
)  # fmt: skip
