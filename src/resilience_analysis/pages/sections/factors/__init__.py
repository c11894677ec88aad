"""All factors side by side, per strand: a dot plot, and the table behind it one click away."""

from __future__ import annotations

from functools import partial
from itertools import groupby
from typing import Any

import pandas as pd

from resilience_analysis.drawing.charts import draw_factor_base, factor_marks
from resilience_analysis.drawing.layers import Base, Drawing
from resilience_analysis.foundation.vocabulary import is_missing
from resilience_analysis.indicators.framework import Indicator
from resilience_analysis.pages.base_maps import shared_base
from resilience_analysis.pages.page import GROUP, OWN, PageSection
from resilience_analysis.pages.render import Picture, Views, heading, picture, plain_rows, render
from resilience_analysis.pages.subject import Subject
from resilience_analysis.profiles.rows import Facts

_OWN_STRANDS = ("self", "process")  # asked and kept by the municipality itself


def factors(subject: Subject) -> Views:
    """Show all factors per strand: heading, dot plot, and the table behind it one click away."""
    opening = heading("factors", subject, anchor="factors", intro=subject.texts("factors.intro"))
    return Views([opening, _dot_plot(subject)])


def _dot_plot(subject: Subject) -> Picture:
    t, rows = subject.texts, subject.factors
    base = _base(subject)
    caption = _caption(subject)
    return picture(
        Drawing(base, factor_marks(rows, t)), t,
        alt=t("factors.alt", strands=_strands(subject), summary=" ".join(_summary(subject))),
        caption=caption,
        table=render("factors/table.html.j2", t, subject=subject, rows=rows),
        text=f"{caption}\n{_plain(rows)}",
    )  # fmt: skip


def _base(subject: Subject) -> Base:
    t, key = subject.texts, ("factors", subject.texts.language)
    make = partial(draw_factor_base, labels=subject.dimensions, texts=t)
    return shared_base(subject, key, lambda: make(pd.DataFrame(subject.factors)))


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


def _plain(rows: list[Facts]) -> str:
    columns = ["dimension", "strand", "score", "low", "high", "group_median", "all_median", "coverage"]
    return plain_rows([row for row in rows if row["indicators"]], columns)


def _strands(subject: Subject) -> str:
    """Name the columns of the drawing, in order."""
    t = subject.texts
    return t.enumerate(
        t(f"strand.{strand}").lower() for strand in dict.fromkeys(row["strand"] for row in subject.factors)
    )


def _summary(subject: Subject) -> list[str]:
    t = subject.texts
    sentences = []
    for dimension, rows in groupby(subject.factors, key=lambda row: row["dimension"]):
        parts = [
            t(
                "factors.alt_part",
                strand=t(f"strand.{row['strand']}").lower(),
                score=subject.score(row["score"]),
                median=subject.score(row["all_median"]),
            )
            for row in rows
            if not is_missing(row["score"])
        ]
        if parts:
            sentences.append(t("factors.alt_row", factor=subject.dimensions[str(dimension)], parts=", ".join(parts)))
    return sentences


def _anchors(subject: Subject) -> list[tuple[str, str]]:
    """Return where each factor is shown in detail, with its name."""
    return [(f"factor-{code}", label) for code, label in subject.dimensions.items()]


SECTION = PageSection(factors, "factors", rests_on=frozenset({OWN, GROUP}), below=_anchors, prepare=_prepare)
