"""Workbooks with a sheet per indicator (Gemeente-Stadsmonitor), whose headings differ from sheet to sheet.

The name of the sheet is the label of its figures: ``pivot: {column: sheet, values: ..., labels: {...}}``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from resilience_analysis.data.publishers.table import framed, header_row
from resilience_analysis.data.recipe import LabelError, Recipe
from resilience_analysis.foundation.errors import Problem
from resilience_analysis.foundation.tables import folded, read_sheets

SHEET = "sheet"


def read(content: bytes, file: str, recipe: Recipe) -> pd.DataFrame:
    """Read every sheet that the recipe wants: the rows of all, with the name of their sheet in the column ``sheet``.

    A sheet that the recipe names under ``labels`` is wanted, and all are where it names none; a name may end in a star,
    for sheets whose names go on differently. A sheet that holds several indicators has their labels in the cells of a
    column. Where a heading differs among sheets, ``rename`` names each, with the same name of ours; where no heading is
    that of the values, they are in the last column (the share that answered positively).
    """
    labels = list((recipe.pivot or {}).get("labels", {}))
    tables = []
    for sheet in read_sheets(content, file, with_formulas=True):
        place = header_row(sheet, [])
        table = framed(sheet, place) if place is not None else pd.DataFrame()
        label = _label(sheet.name, table, labels)
        if len(table) and label is not None:
            tables.append(_with_values(table, recipe).assign(**{SHEET: label}).dropna(subset=SHEET))
    if not tables:
        raise LabelError(file, [Problem(file, f"has no sheet with municipalities called {', '.join(labels)}")])
    return pd.concat(tables, ignore_index=True).fillna("")


def _label(name: str, table: pd.DataFrame, labels: Sequence[str]) -> str | pd.Series | None:
    """Return what a sheet is about: one label, one in each row (missing where it is another), or None."""
    if not labels:
        return name
    if meant := [label for label in labels if _is_meant(name, label)]:
        return meant[0]
    known = {folded(label): label for label in labels}
    columns = (table[column].map(lambda cell: known.get(folded(cell))) for column in table.columns)
    return next((cells for cells in columns if cells.notna().any()), None)


def _with_values(table: pd.DataFrame, recipe: Recipe) -> pd.DataFrame:
    """Return a sheet under our names, with the column of its values."""
    names = {folded(old): new for old, new in recipe.rename.items()}
    table = table.set_axis([names.get(folded(name), name) for name in table.columns], axis=1)
    if recipe.pivot is None or recipe.unpivot or recipe.pivot["values"] in table:
        return table
    return table.rename(columns={table.columns[-1]: recipe.pivot["values"]})


def _is_meant(name: str, label: str) -> bool:
    pattern = re.escape(folded(label.rstrip("*"))) + (".*" if label.endswith("*") else "")
    return re.fullmatch(pattern, folded(name)) is not None
