"""Workbooks to fill in for the region's own registers: headings, drop-down lists of the words, dates and numbers."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from resilience_analysis.data.registers import DECISION_COLUMNS, HOUSING_COLUMNS, PROCESS_COLUMNS
from resilience_analysis.foundation.cells import timeless
from resilience_analysis.foundation.errors import UsageError, unknown
from resilience_analysis.foundation.files import write_bytes

ROWS = 500
LISTS = "lijsten"
_TEMPLATES = {"woonprojecten": ("housing", HOUSING_COLUMNS), "proces": ("process", PROCESS_COLUMNS | DECISION_COLUMNS)}
_DAYS = ("datum", "teruggekoppeld_op", "herbekijken_op")
# which words a column takes from local.yml; a column that may hold several words has no list
_WORDS = {
    "housing": {"woningtype": "types", "fase": "phases"},
    "process": {"type": "types", "status": "statuses", "fase": "phases", "geevalueerd": "answers"},
}


def write_template(path: Path, register: str, words: Mapping[str, Any], places: Sequence[str]) -> None:
    """Write an empty register as XLSX, to be filled in and saved in the place of its CSV.

    Parameters
    ----------
    path
        The workbook to write.
    register
        ``woonprojecten`` or ``proces``.
    words
        From `register_words.read_words`.
    places
        What a municipality can be called, for its drop-down list.

    Raises
    ------
    UsageError
        When the register is not known.
    """
    if register not in _TEMPLATES:
        raise UsageError(unknown("register", register, _TEMPLATES))
    section, columns = _TEMPLATES[register]
    lists = {column: list(words[section][name]) for column, name in _WORDS[section].items()}
    lists["gemeente_nis" if section == "housing" else "gebied"] = list(places)
    write_bytes(path, timeless(_workbook(list(columns), lists)))


def _workbook(columns: list[str], lists: Mapping[str, list[str]]) -> bytes:
    from openpyxl import Workbook  # noqa: PLC0415 - only a template needs it
    from openpyxl.styles import Font  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415
    from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415

    book = Workbook()
    sheet, words = book.active, book.create_sheet(LISTS)
    sheet.title = "register"
    sheet.append(columns)
    sheet.freeze_panes = "A2"
    for place, column in enumerate(columns, start=1):
        sheet.cell(1, place).font = Font(bold=True)
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = max(12, len(column) + 4)
        cells = f"{letter}2:{letter}{ROWS + 1}"
        if column in lists:
            _put(words, place, column, lists[column])
            source = f"={LISTS}!${letter}$2:${letter}${len(lists[column]) + 1}"
            choice = DataValidation("list", formula1=source, allow_blank=True, showErrorMessage=True)
            choice.add(cells)
            sheet.add_data_validation(choice)
        elif column in _DAYS:
            day = DataValidation("date", operator="greaterThan", formula1="36526", allow_blank=True)
            day.add(cells)
            sheet.add_data_validation(day)
            for row in range(2, ROWS + 2):
                sheet.cell(row, place).number_format = "dd/mm/yyyy"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _put(sheet: Any, place: int, column: str, words: Sequence[str]) -> None:
    """Put the words of a list below the name of their column."""
    for row, word in enumerate((column, *words), start=1):
        sheet.cell(row, place).value = word
