"""Read delimited text (comma, semicolon, tab, bar; UTF-8, UTF-16 or cp1252) as rows of text, nothing lost."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from resilience_analysis.foundation.errors import InputError, Problem
from resilience_analysis.foundation.workbooks import MAX_CELLS, Sheet

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
MAX_BYTES = 200_000_000
"""Most bytes of one file, unpacked: more take minutes to read, and many times as much memory."""
MAX_COLUMNS = 16_384
"""Most columns of one table, as of a spreadsheet program."""
MAX_CELL = 100_000
"""Most characters of one cell: a quote that is never closed makes one cell of the rest of the file."""
MAX_LINES = 3_000_000
"""Most lines of one file, the empty ones at its end left out: more take minutes to read."""
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n")
_TWICE_ENCODED = re.compile(r"[ÂÃÄÅ][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€")  # noqa: RUF001 - the letters are meant
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_UTF8 = "Save it as CSV UTF-8"
_SPLIT = "Leave out the rows and columns that are not needed, or split the file"
_SAMPLE = 1_000
"""Records on which delimiters are tried before all are: most of them fail there."""
_HEAD = 4_000_000
"""Characters in which the header is looked for."""
_PIECE = 1_000_000
Records = list[tuple[int, list[str]]]


def read_delimited(content: bytes, name: str, *, delimiter: str | None = None, columns: Sequence[str] = ()) -> Sheet:
    """Read delimited text; the delimiter follows from whole records where it is not given.

    Parameters
    ----------
    content
        The bytes of the file.
    name
        What to call it in a message, and the sheet.
    delimiter
        One character; chosen among `DELIMITERS` when not given.
    columns
        Names that the header should have: they settle which delimiter is meant.

    Raises
    ------
    InputError
        When it is not text, a quote is never closed, a cell is too long, there are more than `MAX_BYTES`, `MAX_LINES`,
        `MAX_COLUMNS` or `MAX_CELLS`, or two delimiters fit equally well.
    """
    refuse_size(len(content), name)
    text = _within_limit(decode(content, name), name)
    named = _SEPARATOR_LINE.match(text)
    if named:  # as Excel writes and reads it
        delimiter = delimiter or named[1]
    chosen = delimiter or _delimiter(text, name, columns)
    _refuse_extent(text, name, chosen)
    records = [(number, row) for number, row in _records(text, name, chosen) if _says_something(row)]
    records = records[1:] if named else records
    return Sheet(name, [row for _, row in records], [number for number, _ in records])


def refuse_size(size: int, name: str) -> None:
    """Check that a file, or what it unpacks to, has no more than `MAX_BYTES`.

    Raises
    ------
    InputError
        When it has more.
    """
    if size > MAX_BYTES:
        raise InputError(name, [Problem(name, f"has more than {MAX_BYTES:,} bytes", _SPLIT)])


def _refuse_extent(text: str, name: str, delimiter: str) -> None:
    columns = len(_header(text, delimiter))
    if columns > MAX_COLUMNS:
        raise InputError(name, [Problem(name, f"has {columns:,} columns, more than {MAX_COLUMNS:,}", _SPLIT)])
    if text.count(delimiter) + text.count("\n") > MAX_CELLS:
        raise InputError(name, [Problem(name, f"has more than {MAX_CELLS:,} cells", _SPLIT)])


def _within_limit(text: str, name: str) -> str:
    """Return the text without the empty lines at its end, or refuse it where it has too many lines."""
    filled = text.rstrip("\r\n")
    lines = max(filled.count("\n"), filled.count("\r")) + 1
    if lines > MAX_LINES:
        what = f"has {lines:,} lines, more than {MAX_LINES:,}"
        raise InputError(name, [Problem(name, what, "Remove the empty rows below the table, or split the file")])
    return filled + text[len(filled) :][:2]


def decode(content: bytes, name: str) -> str:
    """Return bytes as text: UTF-8 or UTF-16 by its mark, else UTF-8, else cp1252 as Excel writes it in Europe.

    Raises
    ------
    InputError
        When it is none of these without doubt, such as UTF-8 that is damaged somewhere.
    """
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        text = "" if wide else _from_cp1252(content)
        if not text:
            what = f"is neither UTF-8 nor the cp1252 of Windows (byte {error.start})"
            raise InputError(name, [Problem(name, what, _UTF8)]) from error
    found = _CONTROL.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        kind = "NUL" if found[0] == "\0" else "control"
        raise InputError(name, [Problem(name, f"is damaged: line {line} has a {kind} character", "Restore it")])
    return text


def _from_cp1252(content: bytes) -> str:
    """Return the text, or nothing where cp1252 has no such byte or the file is mostly another encoding."""
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        return ""
    return "" if _TWICE_ENCODED.search(text) else text


def _lines(text: str) -> Iterator[str]:
    """Return the lines with their ends, piece by piece: one stream of the whole would take four times its size."""
    start = 0
    while start < len(text):
        end = text.find("\n", start + _PIECE) + 1 or len(text)
        yield from io.StringIO(text[start:end], newline="")
        start = end


def _records(text: str, name: str, delimiter: str) -> Records:
    """Split into records, each with the line on which it begins: a quoted cell may go over several."""
    reader = csv.reader(_lines(text), delimiter=delimiter, strict=True)
    records: Records = []
    begin = 1
    try:
        for record in reader:
            records.append((begin, record))
            begin = reader.line_num + 1
    except csv.Error as error:
        what = f"is not readable: the record of row {begin} has a quote that is not closed or not doubled ({error})"
        raise InputError(name, [Problem(name, what, "Correct the quote")]) from error
    for number, record in records:
        if max(map(len, record), default=0) > MAX_CELL:
            what = f"a cell has more than {MAX_CELL:,} characters"
            raise InputError(name, [Problem(f"{name}, row {number}", what, "Look for a quote that is never closed")])
    return records


def _says_something(row: list[str]) -> bool:
    return any(cell and not cell.isspace() for cell in row)


def _delimiter(text: str, name: str, columns: Sequence[str]) -> str:
    """Choose the delimiter: what splits the header, and all records into as many cells as the header has."""
    head = {mark: _header(text, mark) for mark in DELIMITERS}
    possible = [mark for mark, header in head.items() if len(header) > 1]
    if len(possible) < 2:  # noqa: PLR2004 - one that splits, or one column
        return possible[0] if possible else ","
    named = _naming(head, possible, columns)
    even = [mark for mark in named or possible if _is_even(text, mark, _SAMPLE)]
    if len(even) > 1:  # only then are all records read more than once
        even = [mark for mark in even if _is_even(text, mark)]
    if len(even) > 1:
        what = f"could be delimited by {' or '.join(DELIMITERS[mark] for mark in even)}"
        raise InputError(name, [Problem(name, what, "Put cells that hold one of them between quotes")])
    return (even or named or sorted(possible, key=lambda mark: -len(head[mark])))[0]


def _naming(head: Mapping[str, list[str]], marks: list[str], columns: Sequence[str]) -> list[str]:
    """Return the delimiters by which the header has all columns that must be there; none where none must."""
    return [mark for mark in marks if columns and set(columns) <= {cell.strip() for cell in head[mark]}]


def _header(text: str, delimiter: str) -> list[str]:
    try:
        records = csv.reader(_lines(text[:_HEAD]), delimiter=delimiter)
        return next((record for record in records if _says_something(record)), [])
    except csv.Error:
        return []


def _is_even(text: str, delimiter: str, most: int | None = None) -> bool:
    """Return whether the records, or the first of them, have as many cells as the first."""
    try:
        records = csv.reader(_lines(text), delimiter=delimiter, strict=True)
        widths = (len(record) for record in islice(records, most) if _says_something(record))
        first = next(widths, 0)
        return all(width == first for width in widths)
    except csv.Error:
        return False
