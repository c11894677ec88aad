"""Tables with several rows of headings, of which the lowest begins with the codes (figures of the Flemish BBC).

Above it a row per property: its name in the first cell, and what it is for each column behind that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from resilience_analysis.data.headings import other_names
from resilience_analysis.data.publishers.table import LINES_ABOVE
from resilience_analysis.foundation.errors import InputError, Problem
from resilience_analysis.foundation.tables import folded, read_sheets
from resilience_analysis.foundation.workbooks import Sheet

if TYPE_CHECKING:
    from resilience_analysis.data.recipe import Recipe

MEASURE, VALUE = "measure", "value"


def read(content: bytes, file: str, recipe: Recipe) -> pd.DataFrame:  # noqa: ARG001 - every reader has this form
    """Read a row per place and column: its code, the properties of the column, what it measures, and the value."""
    for sheet in read_sheets(content, file, with_formulas=True):
        place = _lowest_heading(sheet)
        if place:
            return _long(sheet, place)
    what = "has no row that begins with the heading of codes below rows that name a property"
    raise InputError(file, [Problem(file, what)])


def _lowest_heading(sheet: Sheet) -> int | None:
    codes = {folded(name) for name in ("nis_code", *other_names()["nis_code"])}
    first = (place for place, row in enumerate(sheet.rows[:LINES_ABOVE]) if row and folded(row[0]) in codes)
    return next(first, None)


def _long(sheet: Sheet, place: int) -> pd.DataFrame:
    header = sheet.rows[place]
    width = len(header)
    above = {row[0].strip(): row for row in sheet.rows[:place] if row and row[0].strip()}
    columns = {name: (row + [""] * width)[1:width] for name, row in above.items()} | {MEASURE: header[1:]}
    rows = [row + [""] * (width - len(row)) for row in sheet.rows[place + 1 :]]
    parts = [
        pd.DataFrame({header[0]: row[0], **columns, VALUE: row[1:width]}, dtype=object)
        for row in rows
        if row[0].strip()
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[header[0], *columns, VALUE])
