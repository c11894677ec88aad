"""The factors of all municipalities of a region side by side, with their margins."""

from __future__ import annotations

from typing import Any

import pandas as pd

from resilience_analysis.foundation.vocabulary import STRANDS
from resilience_analysis.pages.page import REGION, PageSection
from resilience_analysis.pages.render import Views, plain_table, section_views
from resilience_analysis.pages.subject import Subject
from resilience_analysis.profiles.region import score_spread, side_by_side

HEAT_CLASSES = 5
MOST_COLUMNS = 7  # municipalities that fit beside each other on a page
MOST_LINES = 100  # municipalities that somebody reads below each other; all of more are in the figures beside the page


def side_by_side_section(subject: Subject) -> Views:
    """Show the factors of all municipalities side by side, with their margins."""
    t, rows = subject.texts, side_by_side(subject.data, subject.region)
    count = len(subject.region.codes)
    if count > MOST_LINES:
        spread = score_spread(rows, classes=HEAT_CLASSES)
        many, tables = t("side_by_side.many", count=t.number(count)), _spread(subject, spread)
        return section_views("side_by_side", subject, text=plain_table(spread), tables=tables, many=many)
    wide = rows.pivot_table(index=["dimension", "strand"], columns="nis_code", values="score", sort=False)
    tables = _across(subject, rows) if count <= MOST_COLUMNS else _down(subject, rows)
    text = plain_table(wide.reset_index())
    return section_views("side_by_side", subject, text=text, tables=tables, many="")


def _spread(subject: Subject, spread: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table per strand with a line per factor: the median, and how many municipalities score what."""
    t, tables, step = subject.texts, [], 100 / HEAT_CLASSES
    classes = range(HEAT_CLASSES)
    spans = [t("span", low=t.number(step * n), high=t.number(step * (n + 1))) for n in classes]
    for strand, part in _parts(spread):
        lines = [
            {
                "label": subject.dimensions[str(row["dimension"])],
                "cells": [
                    {"known": True, "words": subject.score(row["median"])},
                    *({"known": True, "words": t.number(row[f"class_{n}"]), "heat": n, "margin": ""} for n in classes),
                    {"known": True, "words": t.number(row["missing"])},
                ],
            }
            for row in part.to_dict("records")
        ]
        words = {"strand": t(f"strand.{strand}"), "region": subject.region_name}
        columns = [t("side_by_side.median"), *spans, t("side_by_side.missing")]
        tables.append({
            "caption": t("side_by_side.spread_caption", **words), "first": t("table.factor"), "columns": columns,
            "bands": [{"title": "", "lines": lines}], "long": True,
        })  # fmt: skip
    return tables


def _across(subject: Subject, rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one table with a column per municipality, a band per factor and a line per strand."""
    t = subject.texts
    bands = [
        {"title": subject.dimensions[str(dimension)], "lines": [_line(subject, *part) for part in _parts(group)]}
        for dimension, group in rows.groupby("dimension", sort=False)
    ]
    first, last = t("table.strand"), t("table.all")
    caption = t("side_by_side.caption", region=subject.region_name)
    return [
        {
            "caption": caption,
            "first": first,
            "columns": [*subject.members.values(), last],
            "bands": bands,
            "long": False,
        }
    ]


def _line(subject: Subject, strand: str, group: pd.DataFrame) -> dict[str, Any]:
    median = {"known": True, "words": subject.score(group["all_median"].iloc[0])}
    cells = [_cell(subject, row) for row in group.to_dict("records")]
    return {"label": subject.texts(f"strand.{strand}"), "cells": [*cells, median]}


def _down(subject: Subject, rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table per strand with a line per municipality and a column per factor, for regions with many."""
    t, tables = subject.texts, []
    for strand, part in _parts(rows):
        lines = [
            {
                "label": str(subject.data.names[code]),
                "cells": [_cell(subject, row) for row in own.to_dict("records")],
            }
            for code, own in part.groupby("nis_code", sort=False)
        ]
        columns = [subject.dimensions[code] for code in dict.fromkeys(part["dimension"])]
        words = {"strand": t(f"strand.{strand}"), "region": subject.region_name}
        tables.append({
            "caption": t("side_by_side.strand_caption", **words), "first": t("table.municipality"), "columns": columns,
            "bands": [{"title": "", "lines": lines}], "long": True,
        })  # fmt: skip
    return tables


def _cell(subject: Subject, row: dict[Any, Any]) -> dict[str, Any]:
    t = subject.texts
    if pd.isna(row["score"]):
        return {"known": False, "words": t(f"reason_short.{row['missing_reason']}")}
    heat = min(int(row["score"] // (100 / HEAT_CLASSES)), HEAT_CLASSES - 1)
    return {"known": True, "words": subject.score(row["score"]), "margin": subject.margin(row), "heat": heat}


def _parts(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Return the rows of each strand, in the order of the strands."""
    strands = [strand for strand in STRANDS if (rows["strand"] == strand).any()]
    return [(strand, rows[rows["strand"] == strand]) for strand in strands]


SECTION = PageSection(side_by_side_section, "side", rests_on=frozenset({REGION}))
