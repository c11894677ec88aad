"""The factors of all municipalities of a region side by side, with their margins."""

from __future__ import annotations

from typing import Any

import pandas as pd

from resilience_analysis.foundation.vocabulary import STRANDS
from resilience_analysis.pages.page import REGION, PageSection
from resilience_analysis.pages.render import Views, plain_table, section_views
from resilience_analysis.pages.sections.learning import MOST_COLUMNS
from resilience_analysis.pages.subject import Subject
from resilience_analysis.profiles.region import score_spread, side_by_side

HEAT_CLASSES = 5
MOST_LINES = 100  # municipalities that somebody reads below each other; all of more are in the figures beside the page


def _show(subject: Subject) -> Views:
    t, rows, count = subject.texts, side_by_side(subject.data, subject.region), len(subject.region.codes)
    if count > MOST_LINES:
        shown, many = score_spread(rows, classes=HEAT_CLASSES), t("side_by_side.many", count=t.number(count))
        tables = _spread(subject, shown)
    else:
        wide = rows.pivot_table(index=["dimension", "strand"], columns="nis_code", values="score", sort=False)
        shown, many = wide.reset_index(), ""
        tables = _across(subject, rows) if count <= MOST_COLUMNS else _down(subject, rows)
    return section_views("side_by_side", subject, text=plain_table(shown), tables=tables, many=many)


def _spread(subject: Subject, spread: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table per strand with a line per factor: the median, and how many municipalities score what."""
    t, step, classes = subject.texts, 100 / HEAT_CLASSES, range(HEAT_CLASSES)
    spans = [t("span", low=t.number(step * n), high=t.number(step * (n + 1))) for n in classes]
    columns = [t("side_by_side.median"), *spans, t("side_by_side.missing")]

    def line(row: dict[Any, Any]) -> dict[str, Any]:
        counts = ({"known": True, "words": t.number(row[f"class_{n}"]), "heat": n, "margin": ""} for n in classes)
        first, last = subject.score(row["median"]), t.number(row["missing"])
        cells = [{"known": True, "words": first}, *counts, {"known": True, "words": last}]
        return {"label": subject.dimensions[str(row["dimension"])], "cells": cells}

    return [
        _table(subject, strand, "spread_caption", "factor", columns, [line(row) for row in part.to_dict("records")])
        for strand, part in _parts(spread)
    ]


def _across(subject: Subject, rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one table with a column per municipality, a band per factor and a line per strand."""
    t = subject.texts
    bands = [
        {"title": subject.dimensions[str(dimension)], "lines": [_line(subject, *part) for part in _parts(group)]}
        for dimension, group in rows.groupby("dimension", sort=False)
    ]
    words = {"caption": t("side_by_side.caption", region=subject.region_name), "first": t("table.strand")}
    return [{**words, "columns": [*subject.members.values(), t("table.all")], "bands": bands, "long": False}]


def _line(subject: Subject, strand: str, group: pd.DataFrame) -> dict[str, Any]:
    median = {"known": True, "words": subject.score(group["all_median"].iloc[0])}
    cells = [_cell(subject, row) for row in group.to_dict("records")]
    return {"label": subject.texts(f"strand.{strand}"), "cells": [*cells, median]}


def _down(subject: Subject, rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table per strand with a line per municipality and a column per factor, for regions with many."""
    tables = []
    for strand, part in _parts(rows):
        places = part.groupby("nis_code", sort=False)
        cells = {str(code): [_cell(subject, row) for row in own.to_dict("records")] for code, own in places}
        lines = [{"label": str(subject.data.names[code]), "cells": of_place} for code, of_place in cells.items()]
        columns = [subject.dimensions[code] for code in dict.fromkeys(part["dimension"])]
        tables.append(_table(subject, strand, "strand_caption", "municipality", columns, lines))
    return tables


def _table(  # noqa: PLR0917
    subject: Subject, strand: str, caption: str, first: str, columns: list[str], lines: list[dict[str, Any]]
) -> dict[str, Any]:
    t, words = subject.texts, {"strand": subject.texts(f"strand.{strand}"), "region": subject.region_name}
    said = {"caption": t(f"side_by_side.{caption}", **words), "first": t(f"table.{first}")}
    return {**said, "columns": columns, "bands": [{"title": "", "lines": lines}], "long": True}


def _cell(subject: Subject, row: dict[Any, Any]) -> dict[str, Any]:
    if pd.isna(row["score"]):
        return {"known": False, "words": subject.texts(f"reason_short.{row['missing_reason']}")}
    heat = min(int(row["score"] // (100 / HEAT_CLASSES)), HEAT_CLASSES - 1)
    return {"known": True, "words": subject.score(row["score"]), "margin": subject.margin(row), "heat": heat}


def _parts(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Return the rows of each strand, in the order of the strands."""
    return [(strand, part) for strand in STRANDS if len(part := rows[rows["strand"] == strand])]


SECTION = PageSection(_show, "side", rests_on=frozenset({REGION}))
