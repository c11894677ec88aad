"""A file of a survey tool as sheets of text: any bytes give a table or a clear refusal, and no row is lost."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from resilience_analysis.foundation.errors import InputError, Problem

DELIMITERS = (",", ";", "\t", "|")
MAX_UNPACKED_BYTES = 1_000_000_000
MAX_CELLS = 50_000_000
MAX_CELL = 100_000
"""Most characters of one cell: a quote that is never closed makes one cell of the rest of the file."""
_SNIFFED_LINES = 20
_END = "\0"  # put behind the last row, to see whether an open quote takes it in; no text we read holds one
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_XLSX_MAGIC = b"PK\x03\x04"
_BINARY_MAGIC = (b"\xd0\xcf\x11\xe0", b"%PDF", b"\x89PNG", b"\x1f\x8b", b"PK")
_XLSX_ADVICE = "Export it again as XLSX or CSV"


@dataclass(frozen=True)
class FileFormat:
    """How a file is written, where that cannot be seen in it.

    Attributes
    ----------
    delimiter
        What is between the cells of a CSV.
    encoding
        Its character set.
    sheet
        The sheet of a workbook, or the file of a ZIP, that is meant.
    """

    delimiter: str = ""
    encoding: str = ""
    sheet: str = ""


@dataclass(frozen=True)
class Sheet:
    """One sheet, or one CSV file.

    Attributes
    ----------
    name
        Name of the sheet; of the file for a CSV.
    rows
        Cells as text, row after row, all rows equally long.
    numbers
        The number of each row as a spreadsheet program shows it, from 1; rows without any cell are left out.
    hidden
        Whether a spreadsheet program keeps it from view.
    """

    name: str
    rows: list[list[str]]
    numbers: list[int]
    hidden: bool = False


def read_workbook(path: Path, file: FileFormat | None = None, *, with_hidden: bool = False) -> list[Sheet]:
    """Read a CSV or XLSX file as text.

    Parameters
    ----------
    path
        The file; what it is follows from its content, not from its name.
    with_hidden
        Whether hidden sheets are given too, behind the others, with their first row only.

    Returns
    -------
    list of Sheet
        One for a CSV file, one per visible sheet of a workbook; sheets without a cell are left out.

    Raises
    ------
    InputError
        When the file is empty, another kind of file, damaged, or larger unpacked than `MAX_UNPACKED_BYTES`.
    """
    file = file or FileFormat()
    content = path.read_bytes()
    if content.startswith(_XLSX_MAGIC):
        sheets = _read_xlsx(content, path.name)
    elif content.startswith(_BINARY_MAGIC):
        raise _refusal(path.name, "is neither CSV nor XLSX", _XLSX_ADVICE)
    else:
        sheets = [_sheet(path.stem, enumerate(_csv_rows(_decode(content, path.name), path.name), start=1))]
    sheets = [sheet for sheet in sheets if sheet.rows]
    shown = [sheet for sheet in sheets if not sheet.hidden]
    if not shown:
        raise _refusal(path.name, "holds no table", "Check that the export is not empty")
    return sorted(sheets, key=lambda sheet: sheet.hidden) if with_hidden else shown


def _refusal(name: str, what: str, remedy: str) -> InputError:
    return InputError(name, [Problem(name, what, remedy)])


def _sheet(name: str, rows: Iterator[tuple[int, list[str]]] | enumerate[list[str]]) -> Sheet:
    kept = [(number, row) for number, row in rows if row]
    width = max((len(row) for _, row in kept), default=0)
    if width * len(kept) > MAX_CELLS:
        raise _refusal(name, f"has {len(kept):,} rows of up to {width:,} cells", "Split it, or take out empty columns")
    padded = [row if len(row) == width else row + [""] * (width - len(row)) for _, row in kept]
    return Sheet(name, padded, [number for number, _ in kept])


def _decode(content: bytes, name: str) -> str:
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise _refusal(name, "is not text", "Save it as CSV in UTF-8, or as XLSX")


def _csv_rows(text: str, name: str) -> Iterator[list[str]]:
    lines = io.StringIO(f"{text}\n{_END}", newline="")
    last: list[str] = []
    number = 0
    try:
        for row in csv.reader(lines, delimiter=_delimiter(text)):
            # our own limit: the one of the csv module belongs to the whole process, and other libraries move it
            if max(map(len, row), default=0) > MAX_CELL:
                raise _no_csv(name, f"a cell has more than {MAX_CELL:,} characters")
            if row != [_END]:
                yield row
            last = row
            number += 1
    except csv.Error as error:
        raise _no_csv(name, str(error)) from error
    if last != [_END]:
        raise _no_csv(name, f"a quote opens in row {number} and is never closed")


def _no_csv(name: str, why: str) -> InputError:
    return _refusal(name, f"is not a readable CSV ({why})", "Save it again as CSV in UTF-8, or as XLSX")


def _delimiter(text: str) -> str:
    """Choose the delimiter that gives most columns in the first lines, equally many in most of them."""
    head = text[:20_000].splitlines(keepends=True)[:_SNIFFED_LINES]

    def evenness(delimiter: str) -> tuple[int, int]:
        try:
            widths = [len(row) for row in csv.reader(head, delimiter=delimiter) if row]
        except csv.Error:
            return 0, 0
        usual = max(set(widths), key=widths.count, default=1)
        return (widths.count(usual), usual) if usual > 1 else (0, max(widths, default=1))

    return max(DELIMITERS, key=evenness)


def _read_xlsx(content: bytes, name: str) -> list[Sheet]:
    try:
        _refuse_bomb(content, name)
        return _sheets(content, name)
    except InputError:
        raise
    except Exception as error:
        # A damaged workbook fails in many ways: the archive, its XML, missing parts, values out of range.
        kind = type(error).__name__
        raise _refusal(name, f"is a damaged workbook ({kind}: {error})", _XLSX_ADVICE) from error


def _refuse_bomb(content: bytes, name: str) -> None:
    """Refuse an archive that is small only as long as it is packed."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > MAX_UNPACKED_BYTES:
        raise _refusal(name, f"is {unpacked:,} bytes unpacked", "Split it, or export it as CSV")


def _sheets(content: bytes, name: str) -> list[Sheet]:
    import openpyxl  # noqa: PLC0415 - takes a quarter of a second, and a CSV does not need it

    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    written = openpyxl.load_workbook(io.BytesIO(content), read_only=True) if _has_formulas(content) else book
    sheets = []
    for sheet in book.worksheets:
        rows, hidden = _xlsx_rows(sheet, written[sheet.title], name), not _visible(sheet)
        first = islice(((number, row) for number, row in rows if row), 1)
        sheets.append(replace(_sheet(sheet.title, first if hidden else rows), hidden=hidden))
    return sheets


def _has_formulas(content: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [part for part in archive.namelist() if part.startswith("xl/worksheets/")]
        return any(_FORMULA.search(archive.read(part)) for part in parts)


def _visible(sheet: Any) -> bool:
    return bool(getattr(sheet, "sheet_state", "visible") == "visible")


def _xlsx_rows(sheet: Any, written: Any, name: str) -> Iterator[tuple[int, list[str]]]:
    cells = 0
    for number, row in enumerate(_outcomes(sheet, written), start=1):
        texts = _texts(row)
        cells += len(texts)
        if cells > MAX_CELLS:
            raise _refusal(name, f"has more than {MAX_CELLS:,} cells", "Split it, or export it as CSV")
        yield number, texts


def _outcomes(sheet: Any, written: Any) -> Iterator[Sequence[object]]:
    """Yield the cells of each row; the formula itself where no outcome is kept, so that it is not taken for empty."""
    sheet.reset_dimensions()
    if written is sheet:
        yield from sheet.iter_rows(values_only=True)
        return
    written.reset_dimensions()
    for row, formulas in zip(sheet.iter_rows(values_only=True), written.iter_rows(values_only=True), strict=True):
        yield [formula if value is None else value for value, formula in zip(row, formulas, strict=True)]


def _texts(row: Sequence[object]) -> list[str]:
    """Return the cells up to the last one that holds something."""
    texts = [_text(value) for value in row]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    return str(getattr(value, "text", value))  # a formula over several cells is an object that holds its text
