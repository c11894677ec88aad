"""Read workbooks (XLSX, XLS, ODS) as sheets of text, within limits: any bytes give sheets or a clear refusal."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from resilience_analysis.foundation.errors import InputError, Problem, raise_if_any, refusal
from resilience_analysis.foundation.percentages import Cells, percent_cells

MAX_UNPACKED_BYTES = 1_000_000_000
MAX_CELLS = 12_000_000
MAX_CELL = 100_000
"""Most characters of one cell, also of a CSV: a quote that is never closed makes one cell of the rest of the file."""
SHOWN_CELLS = 5
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError, ValueError)
"""What reading a damaged archive raises."""
_SAVE = "Open it in Excel or LibreOffice and save it again as XLSX or CSV"
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br=\"(\d+)\"")
_CELL = re.compile(rb"<(?:\w+:)?c\s[^>]*?\br=\"([A-Z]{1,3})\d")
_FULL_CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_OUTCOME = re.compile(rb"<(?:\w+:)?v>[^<]|<(?:\w+:)?is>")
_REFERENCE = re.compile(rb"\bt=[\"']s[\"'][^>]*>\s*<(?:\w+:)?v>(\d{1,9})<")
_TEXT = re.compile(rb"<(?:\w+:)?si\b")
_HEAD = 2_000
_REPEATED_COLUMNS = re.compile(rb"number-columns-repeated=\"(\d+)\"")
_REPEATED_ROWS = re.compile(rb"number-rows-repeated=\"(\d+)\"")
_ODS_FORMULA = re.compile(rb"<table:table-cell(?=[^>]*\btable:formula=)(?![^>]*\boffice:value-type=)")
_ODS_ERROR = re.compile(rb"<text:p>(#[A-Z0-9/]+[!?]|#N/A|Err:\d+)</text:p>")


class NumberText(str):
    """Text of a cell that a workbook holds as a number: its point is a decimal mark, without doubt."""

    __slots__ = ()


class PercentText(NumberText):
    """Text of a number that a workbook shows as a percentage: 0.25 where a person sees 25 %."""

    __slots__ = ()


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook, or one delimited file."""

    name: str  # name of the sheet; of the file for delimited text
    rows: list[list[str]]
    """Cells as text, row after row, all rows of a workbook equally long; rows without any cell are left out."""
    numbers: list[int]
    """The number of each row: of a sheet as a spreadsheet program shows it, from 1; of delimited text the line on which
    the record begins.
    """
    hidden: bool = False  # whether a spreadsheet program keeps it from view


def read_workbook_sheets(content: bytes, name: str, *, with_formulas: bool = False) -> list[Sheet]:
    """Read every sheet of a workbook that holds a cell.

    Parameters
    ----------
    with_formulas
        Whether cells whose formula has no stored outcome, or an error as its outcome, are read as empty instead of
        refused.

    Raises
    ------
    InputError
        When it is damaged or encrypted, larger unpacked than `MAX_UNPACKED_BYTES`, larger spread out than `MAX_CELLS`,
        or a cell is longer than `MAX_CELL` or has no outcome to read.
    """
    import python_calamine as calamine  # noqa: PLC0415 - only workbooks need it

    try:
        zipped = zipfile.is_zipfile(io.BytesIO(content))
        percents = _look_inside(content, name, with_formulas=with_formulas) if zipped else {}
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = list(_sheets(book, name, percents))
    except InputError:
        raise
    except calamine.PasswordError as error:
        raise refusal(name, "is protected by a password", "Save it without one") from error
    except (calamine.CalamineError, *DAMAGE) as error:
        raise refusal(name, f"is a damaged workbook ({error})", _SAVE) from error
    return [sheet for sheet in sheets if sheet.rows]


def _sheets(book: Any, name: str, percents: Cells) -> Iterator[Sheet]:
    """Read one sheet after the other, as long as they fit together."""
    spread = 0
    for about in book.sheets_metadata:
        if str(about.typ).endswith("WorkSheet"):
            cells = book.get_sheet_by_name(about.name).to_python(skip_empty_area=False)
            rows, columns = len(cells), len(cells[0]) if cells else 0
            spread += rows * columns
            _refuse_spread(spread, rows, columns, name)
            for row, column in percents.get(about.name, ()):
                if row < rows and column < columns and cells[row][column].__class__ is float:
                    cells[row][column] = PercentText(repr(cells[row][column]))
            sheet = _sheet(cells, about)
            if any(max(map(len, row)) > MAX_CELL for row in sheet.rows):
                raise refusal(name, f"a cell has more than {MAX_CELL:,} characters", "Shorten it")
            yield sheet


def _refuse_spread(cells: int, rows: int, columns: int, name: str) -> None:
    if cells > MAX_CELLS:
        what = f"spreads over {rows:,} rows and {columns:,} columns, all sheets together more than {MAX_CELLS:,} cells"
        raise refusal(name, what, "Remove the empty rows, columns and sheets, or split it")


def _sheet(cells: list[list[Any]], about: Any) -> Sheet:
    kept = [(number, row) for number, row in enumerate(cells, start=1) if any(cell != "" for cell in row)]
    rows = [[_text(value) for value in row] for _, row in kept]
    return Sheet(about.name, rows, [number for number, _ in kept], hidden=not str(about.visible).endswith("Visible"))


def _text(value: object) -> str:
    if value.__class__ is float:
        return NumberText(int(value) if value.is_integer() else repr(value))
    if isinstance(value, str):
        return value
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    return str(value).upper() if isinstance(value, bool) else str(value)


def _look_inside(content: bytes, name: str, *, with_formulas: bool) -> Cells:
    """Refuse what would not fit, before anything is spread out, and cells that would silently be empty.

    Returns the cells that are shown as percentages, which calamine does not tell.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MAX_UNPACKED_BYTES:
            raise refusal(name, f"is {unpacked:,} bytes unpacked", "Split it, or save it as CSV")
        problems: list[tuple[str, str]] = []
        spread, repeated, references, shared = 0, 0, Counter[int](), b""
        for entry in archive.infolist():
            with archive.open(entry) as stream:
                xml = stream.read(entry.file_size + 1)  # of all parts: what does not unpack is damaged
            if b"<sst" in xml[:_HEAD]:
                shared = xml
            if b"sheetData" in xml or entry.filename == "content.xml":  # a sheet may have any name
                opendocument = entry.filename == "content.xml"
                rows, columns = _opendocument_extent(xml) if opendocument else _extent(xml)
                spread += rows * columns
                _refuse_spread(spread, rows, columns, name)
                look = _opendocument_cells if opendocument else _cells_without_outcome
                problems += [] if with_formulas else look(xml)
                references.update(map(int, _REFERENCE.findall(xml)))
                repeated += _opendocument_bytes(xml) if opendocument else 0
        _refuse_repeated(repeated + _shared_bytes(shared, references), name)
        raise_if_any(name, _shortened(problems, name))
        return percent_cells(archive)


def _shortened(problems: list[tuple[str, str]], name: str) -> list[Problem]:
    """Return for a fault in which cells it is, the first of them by name."""
    cells: dict[str, list[str]] = {}
    for cell, what in problems:
        cells.setdefault(what, []).append(cell)
    return [
        Problem(
            f"{name}, {'cell' if len(places) == 1 else 'cells'} {', '.join(places[:SHOWN_CELLS])}"
            + (f" and {len(places) - SHOWN_CELLS:,} more" if len(places) > SHOWN_CELLS else ""),
            what,
            _SAVE if "formula" in what else "Correct the formula, or empty the cell",
        )
        for what, places in cells.items()
    ]


def _refuse_repeated(text: int, name: str) -> None:
    """Refuse long texts that are kept once and stand in many cells: in memory they are there as often."""
    if text > MAX_UNPACKED_BYTES:
        what = f"has more than {MAX_UNPACKED_BYTES:,} bytes of text once every cell is written out"
        raise refusal(name, what, "Empty the cells that repeat a long text, or split it")


def _shared_bytes(shared: bytes, references: Counter[int]) -> int:
    lengths = [len(text) for text in _TEXT.split(shared)[1:]]
    return sum(lengths[place] * count for place, count in references.items() if place < len(lengths))


def _opendocument_bytes(xml: bytes) -> int:
    if not _REPEATED_COLUMNS.search(xml) and not _REPEATED_ROWS.search(xml):
        return 0
    return sum(
        _repeats(_REPEATED_ROWS, row.partition(b">")[0])
        * sum(
            _repeats(_REPEATED_COLUMNS, cell.partition(b">")[0]) * len(cell)
            for cell in row.split(b"<table:table-cell")[1:]
            if b"office:value-type" in cell
        )
        for row in xml.split(b"<table:table-row")[1:]
    )


def _extent(xml: bytes) -> tuple[int, int]:
    """Return the last row and column that hold something; rows that are only formatted do not count."""
    end = max(xml.rfind(b"v>"), xml.rfind(b"is>"))
    filled = xml[: end + 1]
    rows = max((int(match[1]) for match in _ROW.finditer(filled)), default=0)
    names = {match[1] for match in _CELL.finditer(filled)}
    return max(rows, filled.count(b"<row")), max((_column_number(name.decode()) for name in names), default=1)


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number


def column_letters(number: int) -> str:
    """Return the letters by which a spreadsheet program names a column; the first column is 1."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _opendocument_extent(xml: bytes) -> tuple[int, int]:
    last = row = widest = 0
    for part in xml.split(b"<table:table-row")[1:]:
        head, _, cells = part.partition(b">")
        row += _repeats(_REPEATED_ROWS, head)
        filled = [cell for cell in cells.split(b"<table:table-cell")[1:] if b"office:value-type" in cell]
        if filled:
            last = row
            widest = max(widest, sum(_repeats(_REPEATED_COLUMNS, cell.partition(b">")[0]) for cell in filled))
            before = cells[: cells.rfind(b"office:value-type")]
            widest = max(widest, sum(map(int, _REPEATED_COLUMNS.findall(before))) + len(filled))
    return last, widest


def _repeats(pattern: re.Pattern[bytes], tag: bytes) -> int:
    found = pattern.search(tag)
    return int(found[1]) if found else 1


def _cells_without_outcome(xml: bytes) -> Iterator[tuple[str, str]]:
    if not (_FORMULA.search(xml) or b't="e"' in xml):
        return
    for match in _FULL_CELL.finditer(xml):
        head, body = match[1], match[2] or b""
        place = re.search(rb"\br=\"([A-Z]+\d+)\"", head)
        cell = place[1].decode() if place else "?"
        if b't="e"' in head:
            yield cell, "holds an error instead of a value"
        elif _FORMULA.search(body) and not _OUTCOME.search(body) and b't="str"' not in head:
            yield cell, "has a formula without a stored outcome"


def _opendocument_cells(xml: bytes) -> Iterable[tuple[str, str]]:
    row = 0
    for part in xml.split(b"<table:table-row")[1:]:
        row += _repeats(_REPEATED_ROWS, part.partition(b">")[0])
        if _ODS_FORMULA.search(part):
            yield f"in row {row}", "has a formula without a stored outcome"
        if _ODS_ERROR.search(part):
            yield f"in row {row}", "holds an error instead of a value"
