"""The factors of all municipalities of a region side by side, with their margins."""

from __future__ import annotations

from typing import Any

import pandas as pd

from resilience_analysis.foundation.vocabulary import STRANDS
from resilience_analysis.pages.page import REGION, PageSection
from resilience_analysis.pages.render import html, plain_table
from resilience_analysis.pages.subject import Subject
from resilience_analysis.pages.views import Views
from resilience_analysis.profiles.region import alphabetical, side_by_side

HEAT_CLASSES = 5
MOST_COLUMNS = 7  # municipalities that fit beside each other on a page


def side_by_side_section(subject: Subject) -> Views:
    """Show the factors of all municipalities side by side, with their margins."""
    t, rows = subject.texts, side_by_side(subject.data, subject.region)
    wide = rows.pivot_table(index=["dimension", "strand"], columns="nis_code", values="score", sort=False)
    tables = _across(subject, rows) if len(_codes(subject)) <= MOST_COLUMNS else _down(subject, rows)
    text = plain_table(wide.reset_index())
    return Views([html("side_by_side/section.html.j2", t, text=text, subject=subject, tables=tables)])


def _across(subject: Subject, rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one table with a column per municipality, a band per factor and a line per strand."""
    t = subject.texts
    bands = [
        {"title": subject.dimensions[str(dimension)], "lines": [_line(subject, *part) for part in _parts(group)]}
        for dimension, group in rows.groupby("dimension", sort=False)
    ]
    first, last = t("table.strand"), t("table.all")
    caption = t("side_by_side.caption", region=subject.region_name)
    return [{"caption": caption, "first": first, "columns": [*_names(subject), last], "bands": bands, "long": False}]


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
    margin = ""
    if pd.notna(row["low"]):
        margin = t("span", low=subject.score(row["low"]), high=subject.score(row["high"]))
    heat = min(int(row["score"] // (100 / HEAT_CLASSES)), HEAT_CLASSES - 1)
    return {"known": True, "words": subject.score(row["score"]), "margin": margin, "heat": heat}


def _parts(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Return the rows of each strand, in the order of the strands."""
    strands = [strand for strand in STRANDS if (rows["strand"] == strand).any()]
    return [(strand, rows[rows["strand"] == strand]) for strand in strands]


def _codes(subject: Subject) -> list[str]:
    return alphabetical(subject.data, list(subject.region.codes))


def _names(subject: Subject) -> list[str]:
    return [str(subject.data.names[code]) for code in _codes(subject)]


SECTION = PageSection(side_by_side_section, "side", rests_on=frozenset({REGION}))
