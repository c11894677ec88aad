"""Workbooks with a sheet per indicator (Gemeente-Stadsmonitor), whose headings differ from sheet to sheet.

The name of the sheet is the label of its figures: ``pivot: {column: sheet, values: ..., labels: {...}}``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from resilience_analysis.data.publishers.table import framed, header_row
from resilience_analysis.foundation.errors import InputError, Problem
from resilience_analysis.foundation.tables import folded, read_sheets

if TYPE_CHECKING:
    from resilience_analysis.data.recipe import Recipe

SHEET = "sheet"


def read(content: bytes, file: str, recipe: Recipe) -> pd.DataFrame:
    """Read every sheet that the recipe wants: the rows of all, with the name of their sheet in the column ``sheet``.

    A sheet that the recipe names under ``labels`` is wanted; a name may end in a star, for sheets whose names go on
    differently. Where a heading differs among sheets, ``rename`` names each, with the same name of ours; where no
    heading is that of the values, they are in the last column (the share that answered positively).
    """
    labels = list((recipe.pivot or {}).get("labels", {}))
    tables = []
    for sheet in read_sheets(content, file, with_formulas=True):
        label = next((label for label in labels if _is_meant(sheet.name, label)), None)
        place = header_row(sheet, [])
        if label is not None and place is not None:
            table = framed(sheet, place)
            names = {folded(old): new for old, new in recipe.rename.items()}
            table.columns = pd.Index([names.get(folded(name), name) for name in table.columns])
            if recipe.pivot and recipe.pivot["values"] not in table:
                table = table.rename(columns={table.columns[-1]: recipe.pivot["values"]})
            tables.append(table.assign(**{SHEET: label}))
    if not tables:
        raise InputError(file, [Problem(file, f"has no sheet with municipalities called {', '.join(labels)}")])
    return pd.concat(tables, ignore_index=True).fillna("")


def _is_meant(name: str, label: str) -> bool:
    pattern = re.escape(folded(label.rstrip("*"))) + (".*" if label.endswith("*") else "")
    return re.fullmatch(pattern, folded(name)) is not None
