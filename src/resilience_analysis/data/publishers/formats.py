"""The formats in which publishers give their figures: from the bytes they publish to a table of text.

`READERS` has each by the name that ``fetch: {reader: ...}`` in ``sources.yml`` calls it. A reader takes the bytes, the
name of the file and the recipe, and returns a row per figure or per municipality, as published; `data.recipe` does the
rest. A format of one's own is a module beside this one with `READERS` of its own.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from resilience_analysis.data.publishers import Reader
from resilience_analysis.data.recipe import LabelError, Recipe, lacks, other_names
from resilience_analysis.foundation.errors import Problem, refusal, unknown
from resilience_analysis.foundation.tables import folded, read_sheets, stripped
from resilience_analysis.foundation.workbooks import Sheet

LINES_ABOVE = 30
SHEET = "sheet"
_SWING_COLUMNS = ["name", "label", "year", "value"]
_SWING_LINES = 10
_HEADING = re.compile(r"(?P<label>.*)\|\s*(?P<year>(?:19|20)[0-9]{2}.*)", re.DOTALL)
_YEAR_ALONE = re.compile(r"(?:19|20)[0-9]{2}")
_OF_AREAS = ["LVL_REFNIS", "CD_REFNIS", "CD_SUP_REFNIS", "DT_VLDT_START", "DT_VLDT_END"]
_MUNICIPALITY = "4"
_DAY = "%d/%m/%Y"


def read_table_below_lines(content: bytes, file: str, recipe: Recipe) -> pd.DataFrame:
    """Read any table with one header: delimited text, a workbook, or one of these in a ZIP.

    So Statbel, Statistiek Vlaanderen, VDAB and the Flemish budgets (BBC) publish. The sheet is that of the recipe, or
    the first in which its columns are found; lines above the header are passed over.
    """
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


def read_sheet_per_indicator(content: bytes, file: str, recipe: Recipe) -> pd.DataFrame:
    """Read a workbook with a sheet per indicator (Gemeente-Stadsmonitor), whose headings differ from sheet to sheet.

    The rows of all sheets that the recipe wants, with the name of their sheet, the label of its figures, in the column
    ``sheet``: ``pivot: {column: sheet, values: ..., labels: {...}}``.

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


def read_swing(content: bytes, file: str, recipe: Recipe) -> pd.DataFrame:  # noqa: ARG001 - every reader has this form
    """Read an export of Swing (provincies.incijfers.be), XLSX or CSV: names, no codes; several labels over years.

    One row per municipality (by name), label and year, with its value; notes below stay and are not municipalities.
    """
    sheet = next((sheet for sheet in read_sheets(content, file, with_formulas=True) if sheet.rows), None)
    if sheet is None:
        raise refusal(file, "is empty")
    head = _head_row(sheet)
    blocks = _of_headings(sheet.rows[head]) if head is not None else {}
    if head is None or not blocks:
        raise refusal(file, "has no row of years, as an export of Swing has")
    if head and not any("|" in cell for cell in sheet.rows[head]):
        blocks = _below_labels(sheet.rows[head - 1], sheet.rows[head])
    rows = [
        (row[0], label, year, row[place])
        for row in sheet.rows[head + 1 :]
        for place, (label, year) in blocks.items()
        if place < len(row)
    ]
    return pd.DataFrame(rows, columns=_SWING_COLUMNS, dtype=object)


def _head_row(sheet: Sheet) -> int | None:
    """Return the row that holds the years: the first in which most filled cells are one, alone or behind a label."""
    for place, row in enumerate(sheet.rows[:_SWING_LINES]):
        filled = [cell for cell in row[1:] if cell]
        years = [cell for cell in filled if _HEADING.fullmatch(cell) or _YEAR_ALONE.fullmatch(cell)]
        if filled and 2 * len(years) > len(filled):
            return place
    return None


def _of_headings(row: list[str]) -> dict[int, tuple[str, str]]:
    """Return label and year by column of a CSV, in which a heading is ``label|year``."""
    found = {place: _HEADING.fullmatch(cell) for place, cell in enumerate(row) if place}
    alone = {place: ("", cell) for place, cell in enumerate(row) if place and _YEAR_ALONE.fullmatch(cell)}
    return alone | {
        place: (match["label"].strip(), match["year"].strip()) for place, match in found.items() if match is not None
    }


def _below_labels(labels: list[str], years: list[str]) -> dict[int, tuple[str, str]]:
    """Return label and year by column of a workbook, in which a label is above the last year of its block."""
    blocks = {}
    label = ""
    for place in reversed(range(1, len(years))):
        label = labels[place].strip() if place < len(labels) and labels[place].strip() else label
        if _YEAR_ALONE.fullmatch(years[place]):
            blocks[place] = (label, years[place])
    return dict(sorted(blocks.items()))


def read_crosstab(content: bytes, file: str, recipe: Recipe) -> pd.DataFrame:  # noqa: ARG001 - every reader has this form
    """Read a table with several rows of headings, of which the lowest begins with the codes (the Flemish BBC).

    Above it a row per property: its name in the first cell, and what it is for each column behind that. One row per
    place and column: its code, the properties of the column, what it measures, and the value.
    """
    for sheet in read_sheets(content, file, with_formulas=True):
        place = _lowest_heading(sheet)
        if place:
            return _row_per_cell(sheet, place)
    what = "has no row that begins with the heading of codes below rows that name a property"
    raise refusal(file, what)


def _lowest_heading(sheet: Sheet) -> int | None:
    codes = {folded(name) for name in ("nis_code", *other_names()["nis_code"])}
    first = (place for place, row in enumerate(sheet.rows[:LINES_ABOVE]) if row and folded(row[0]) in codes)
    return next(first, None)


def _row_per_cell(sheet: Sheet, place: int) -> pd.DataFrame:
    header = sheet.rows[place]
    width = len(header)
    above = {row[0].strip(): row for row in sheet.rows[:place] if row and row[0].strip()}
    columns = {name: (row + [""] * width)[1:width] for name, row in above.items()} | {"measure": header[1:]}
    rows = [row + [""] * (width - len(row)) for row in sheet.rows[place + 1 :]]
    parts = [
        pd.DataFrame({header[0]: row[0], **columns, "value": row[1:width]}, dtype=object)
        for row in rows
        if row[0].strip()
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[header[0], *columns, "value"])


def read_bestat(content: bytes, file: str, recipe: Recipe) -> pd.DataFrame:
    """Read an answer of the be.STAT API: JSON with a list of facts, a row each, numbers as text.

    Facts that lack a dimension which the recipe names are totals and left out.
    """
    answer = json.loads(content.decode("utf-8-sig"))
    facts = answer.get("facts") if isinstance(answer, dict) else answer
    if not isinstance(facts, list) or not facts or not all(isinstance(fact, dict) for fact in facts):
        raise refusal(file, "has no list of facts, as an answer of be.STAT has")
    columns = list(dict.fromkeys(name for fact in facts for name in fact))
    lacks(file, [Problem(file, unknown("column", name, columns)) for name in recipe.named if name not in columns])
    whole = [fact for fact in facts if all(fact.get(name) not in (None, "") for name in recipe.named)]
    return pd.DataFrame([[_text(fact.get(name)) for name in columns] for fact in whole], columns=columns, dtype=object)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def read_refnis(content: bytes, file: str, recipe: Recipe) -> pd.DataFrame:
    """Read the official history of Belgian codes (Statbel, TU_COM_REFNIS): every area, its period, the area above it.

    Only the municipalities of a day (1 January of ``year``, else today).

    Returns
    -------
    pandas.DataFrame
        The published columns, with ``arrondissement``, ``province`` and ``region`` (codes of the areas above).
    """
    areas = read_table_below_lines(content, file, Recipe(rename={name: name for name in _OF_AREAS}))
    day = pd.Timestamp(dt.date(recipe.year, 1, 1) if recipe.year else dt.datetime.now(tz=dt.UTC).date())
    begin = pd.to_datetime(areas["DT_VLDT_START"], format=_DAY)
    end = areas["DT_VLDT_END"].str[-4:].astype(int)  # beyond what a date can be: 31/12/9999
    current = areas[(begin <= day) & ((end > day.year) | (areas["DT_VLDT_END"] == f"31/12/{day.year}"))]
    above = dict(zip(current["CD_REFNIS"], current["CD_SUP_REFNIS"], strict=True))
    places = current[current["LVL_REFNIS"] == _MUNICIPALITY].copy()
    places["arrondissement"] = places["CD_SUP_REFNIS"]
    places["province"] = places["arrondissement"].map(above)
    places["region"] = places["province"].map(above)
    return places.reset_index(drop=True)


READERS: Mapping[str, Reader] = {
    "table": read_table_below_lines,
    "sheets": read_sheet_per_indicator,
    "swing": read_swing,
    "crosstab": read_crosstab,
    "bestat": read_bestat,
    "refnis": read_refnis,
}
