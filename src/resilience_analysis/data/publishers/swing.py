"""Exports of Swing (provincies.incijfers.be), XLSX and CSV: names, no codes; several labels over years; notes below."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from resilience_analysis.foundation.errors import InputError, Problem
from resilience_analysis.foundation.tables import read_sheets
from resilience_analysis.foundation.workbooks import Sheet

if TYPE_CHECKING:
    from resilience_analysis.data.recipe import Recipe

COLUMNS = ["name", "label", "year", "value"]
_HEADING = re.compile(r"(?P<label>.*)\|\s*(?P<year>(?:19|20)[0-9]{2}.*)", re.DOTALL)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_LINES_ABOVE = 10


def read(content: bytes, file: str, recipe: Recipe) -> pd.DataFrame:  # noqa: ARG001 - every reader has this form
    """Read all labels: one row per municipality (by name), label and year, with its value."""
    sheet = next((sheet for sheet in read_sheets(content, file, with_formulas=True) if sheet.rows), None)
    if sheet is None:
        raise InputError(file, [Problem(file, "is empty")])
    head = _head_row(sheet)
    blocks = _of_headings(sheet.rows[head]) if head is not None else {}
    if head is None or not blocks:
        raise InputError(file, [Problem(file, "has no row of years, as an export of Swing has")])
    if head and not any("|" in cell for cell in sheet.rows[head]):
        blocks = _below_labels(sheet.rows[head - 1], sheet.rows[head])
    rows = [
        (row[0], label, year, row[place])
        for row in sheet.rows[head + 1 :]
        for place, (label, year) in blocks.items()
        if place < len(row)
    ]
    return pd.DataFrame(rows, columns=COLUMNS, dtype=object)


def _head_row(sheet: Sheet) -> int | None:
    """Return the row that holds the years: the first in which most filled cells are one, alone or behind a label."""
    for place, row in enumerate(sheet.rows[:_LINES_ABOVE]):
        filled = [cell for cell in row[1:] if cell]
        years = [cell for cell in filled if _HEADING.fullmatch(cell) or _YEAR.fullmatch(cell)]
        if filled and 2 * len(years) > len(filled):
            return place
    return None


def _of_headings(row: list[str]) -> dict[int, tuple[str, str]]:
    """Return label and year by column of a CSV, in which a heading is ``label|year``."""
    found = {place: _HEADING.fullmatch(cell) for place, cell in enumerate(row) if place}
    alone = {place: ("", cell) for place, cell in enumerate(row) if place and _YEAR.fullmatch(cell)}
    return alone | {
        place: (match["label"].strip(), match["year"].strip()) for place, match in found.items() if match is not None
    }


def _below_labels(labels: list[str], years: list[str]) -> dict[int, tuple[str, str]]:
    """Return label and year by column of a workbook, in which a label is above the last year of its block."""
    blocks = {}
    label = ""
    for place in reversed(range(1, len(years))):
        label = labels[place].strip() if place < len(labels) and labels[place].strip() else label
        if _YEAR.fullmatch(years[place]):
            blocks[place] = (label, years[place])
    return dict(sorted(blocks.items()))
