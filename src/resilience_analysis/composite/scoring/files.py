"""Tables as text: CSV and Excel files, every cell as it is."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

from resilience_analysis.foundation.errors import InputError, Problem, UsageError

SHEETS = {"data": ("iData", "data"), "framework": ("iMeta", "framework", "metadata")}
SAMPLE = 65536


def read_text_table(path: Path, *, kind: str) -> pd.DataFrame:
    """Read a table with every cell as text, an empty cell as empty text.

    Parameters
    ----------
    path
        A ``.csv`` file (UTF-8; comma, semicolon or tab) or an ``.xlsx`` workbook, of which the sheet that is called
        like the kind is read, else the first.
    kind
        ``data`` or ``framework``.

    Raises
    ------
    UsageError
        When the file is not there or of no kind that can be read.
    InputError
        When it cannot be read as what it is, has no row, or names a column twice.
    """
    if not path.is_file():
        raise UsageError(f"{path} does not exist. Give the {kind} as a file")
    readers = {".csv": _read_csv, ".txt": _read_csv, ".xlsx": _read_xlsx}
    if path.suffix.lower() not in readers:
        raise UsageError(f"{path.name} is not a file that can be read as {kind}. Give one of {', '.join(readers)}")
    header, rows = readers[path.suffix.lower()](path, kind)
    problems = _shape_problems(header, rows)
    if problems:
        raise InputError(path.name, problems)
    filled = [number for number, row in enumerate(rows) if any(row)]
    numbers = pd.Index([number + 2 for number in filled], name="row")
    return pd.DataFrame([rows[number] for number in filled], columns=pd.Index(header), index=numbers, dtype=object)


def _read_csv(path: Path, kind: str) -> tuple[list[str], list[list[str]]]:  # noqa: ARG001 - readers have one form
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            sample = stream.readline()
            stream.seek(0)
            rows = list(csv.reader(stream, delimiter=max(",;\t", key=sample.count), strict=True))
    except UnicodeDecodeError as error:
        raise InputError(path.name, [Problem(path.name, f"is not UTF-8 ({error})", "Save it as UTF-8")]) from error
    except csv.Error as error:
        raise InputError(path.name, [Problem(path.name, f"is not a CSV ({error})", "Save it as CSV")]) from error
    filled = [[cell.strip() for cell in row] for row in rows]
    return (filled[0], filled[1:]) if filled else ([], [])


def _read_xlsx(path: Path, kind: str) -> tuple[list[str], list[list[str]]]:
    from openpyxl import load_workbook  # noqa: PLC0415 - only workbooks need it

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except Exception as error:
        raise InputError(path.name, [Problem(path.name, f"is not a workbook ({error})", "Save it as .xlsx")]) from error
    named = [name for name in SHEETS[kind] if name in book.sheetnames]
    sheet = book[named[0]] if named else book.worksheets[0]
    rows = [["" if cell is None else str(cell).strip() for cell in row] for row in sheet.iter_rows(values_only=True)]
    book.close()
    return (rows[0], rows[1:]) if rows else ([], [])


def _shape_problems(header: list[str], rows: list[list[str]]) -> list[Problem]:
    if not header or not any(any(row) for row in rows):
        return [Problem("the table", "has no rows", "Give a header and at least one row")]
    problems = [
        Problem(f"column {name or number + 1}", "appears twice" if name else "has no name", "Name every column once")
        for number, name in enumerate(header)
        if not name or name in header[:number]
    ]
    for number, row in enumerate(rows):
        if len(row) != len(header) and any(row):
            problems.append(
                Problem(f"row {number + 2}", f"has {len(row)} cells, the header {len(header)}", "Mend the row")
            )
    return problems
