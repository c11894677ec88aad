"""Any table with one header: delimited text, a workbook, or one of these in a ZIP; lines above it are passed over.

So Statbel, Statistiek Vlaanderen, VDAB and the Flemish budgets (BBC) publish.
"""

from __future__ import annotations

import pandas as pd

from resilience_analysis.data.headings import other_names
from resilience_analysis.data.recipe import LabelError, Recipe
from resilience_analysis.foundation.errors import Problem, unknown
from resilience_analysis.foundation.tables import folded, read_sheets, stripped
from resilience_analysis.foundation.workbooks import Sheet

LINES_ABOVE = 30


def read(content: bytes, file: str, recipe: Recipe) -> pd.DataFrame:
    """Read the sheet that the recipe names, or the first in which its columns are found."""
    named = recipe.named[:1] if recipe.some else recipe.named
    sheets = _wanted_sheets(read_sheets(content, file, columns=named, with_formulas=True), recipe.sheet, file)
    for sheet in sheets:
        place = header_row(sheet, named)
        if place is not None:
            return framed(sheet, place)
    found = ", ".join(cell for cell in sheets[0].rows[0] if cell) if sheets and sheets[0].rows else "nothing"
    wanted = ", ".join(named) or "a code or name of municipalities"
    raise LabelError(file, [Problem(file, f"lacks the columns {wanted}; it has {found}")])


def _wanted_sheets(sheets: list[Sheet], wanted: str | None, file: str) -> list[Sheet]:
    found = [sheet for sheet in sheets if wanted is None or folded(sheet.name) == folded(wanted)]
    if sheets and not found:
        raise LabelError(file, [Problem(file, unknown("sheet", wanted, [sheet.name for sheet in sheets]))])
    return found


def header_row(sheet: Sheet, named: list[str]) -> int | None:
    """Return the place of the row with the headings: the first that holds all of `named`, or a known key."""
    wanted = {folded(name) for name in named}
    keys = {folded(name) for key in ("nis_code", "name") for name in (key, *other_names()[key])}
    for place, row in enumerate(sheet.rows[:LINES_ABOVE]):
        cells = {folded(cell) for cell in row if cell}
        if wanted <= cells and (wanted or cells & keys):
            return place
    return None


def framed(sheet: Sheet, place: int) -> pd.DataFrame:
    """Return the rows below the headings; notes below a table stay and are not municipalities."""
    header = [cell.strip() for cell in sheet.rows[place]]
    width = len(header)
    rows = sheet.rows[place + 1 :]
    full = [row if len(row) == width else row[:width] + [""] * (width - len(row)) for row in rows]
    columns = dict(zip(header, zip(*full, strict=True), strict=True)) if full else dict.fromkeys(header, ())
    cells = {title: [stripped(cell) for cell in columns[title]] for title in columns if title}
    return pd.DataFrame(cells, index=pd.Index(sheet.numbers[place + 1 :]), dtype=object)
