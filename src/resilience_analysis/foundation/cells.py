"""Cells of delimited text (comma, semicolon, tab, bar; UTF-8, UTF-16 or cp1252) as they come in, and as they leave."""

from __future__ import annotations

import csv
import html
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pandas as pd

from resilience_analysis.foundation.errors import InputError, Problem, refusal
from resilience_analysis.foundation.files import collector_paused, write_bytes
from resilience_analysis.foundation.workbooks import MAX_CELL, MAX_CELLS, Sheet

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
MAX_BYTES = 200_000_000  # of one file, unpacked: more take minutes to read, and many times as much memory
MAX_COLUMNS = 16_384  # of one table, as of a spreadsheet program
MAX_LINES = 3_000_000  # of one file, the empty ones at its end left out: more take minutes to read
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n")
_TWICE_ENCODED = re.compile(r"[ÂÃÄÅ][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€")  # noqa: RUF001 - the letters are meant
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_UTF8 = "Save it as CSV UTF-8"
_SPLIT = "Leave out the rows and columns that are not needed, or split the file"
_SAMPLE = 1_000  # records on which delimiters are tried before all are: most of them fail there
_HEAD = 4_000_000  # characters in which the header is looked for
_PIECE = 1_000_000
_NUMBERS, _SMALL = ("float64", "int64", "Int64"), 1e-4
Records = list[tuple[int, list[str]]]


def read_delimited(content: bytes, name: str, *, delimiter: str | None = None, columns: Sequence[str] = ()) -> Sheet:
    """Read delimited text; the delimiter follows from whole records where it is not given.

    Parameters
    ----------
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
    with collector_paused():
        records = [(number, row) for number, row in _records(text, name, chosen) if "".join(row).strip()]
    records = records[1:] if named else records
    return Sheet(name, [row for _, row in records], [number for number, _ in records])


def refuse_size(size: int, name: str) -> None:
    """Check that a file, or what it unpacks to, has no more than `MAX_BYTES`; raise `InputError` otherwise."""
    if size > MAX_BYTES:
        raise refusal(name, f"has more than {MAX_BYTES:,} bytes", _SPLIT)


def _refuse_extent(text: str, name: str, delimiter: str) -> None:
    columns = len(_header(text, delimiter))
    if columns > MAX_COLUMNS:
        raise refusal(name, f"has {columns:,} columns, more than {MAX_COLUMNS:,}", _SPLIT)
    if text.count(delimiter) + text.count("\n") > MAX_CELLS:
        raise refusal(name, f"has more than {MAX_CELLS:,} cells", _SPLIT)


def _within_limit(text: str, name: str) -> str:
    """Return the text without the empty lines at its end, or refuse it where it has too many lines."""
    filled = text.rstrip("\r\n")
    lines = max(filled.count("\n"), filled.count("\r")) + 1
    if lines > MAX_LINES:
        what = f"has {lines:,} lines, more than {MAX_LINES:,}"
        raise refusal(name, what, "Remove the empty rows below the table, or split the file")
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
            raise refusal(name, what, _UTF8) from error
    found = _CONTROL.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        kind = "NUL" if found[0] == "\0" else "control"
        raise refusal(name, f"is damaged: line {line} has a {kind} character", "Restore it")
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
        raise refusal(name, what, "Correct the quote") from error
    for number, record in records:
        if max(map(len, record), default=0) > MAX_CELL:
            what = f"a cell has more than {MAX_CELL:,} characters"
            raise InputError(name, [Problem(f"{name}, row {number}", what, "Look for a quote that is never closed")])
    return records


def _delimiter(text: str, name: str, columns: Sequence[str]) -> str:
    """Choose the delimiter: what splits the header, and all records into as many cells as the header has."""
    head = {mark: _header(text, mark) for mark in DELIMITERS}
    possible = [mark for mark, header in head.items() if len(header) > 1] or [","]
    if len(possible) == 1:  # one that splits, or one column
        return possible[0]
    # by which the header has all columns that must be there; none where none must
    named = [mark for mark in possible if columns and set(columns) <= {cell.strip() for cell in head[mark]}]
    even = _even(text, named or possible)
    if len(even) > 1:
        what = f"could be delimited by {' or '.join(DELIMITERS[mark] for mark in even)}"
        raise refusal(name, what, "Put cells that hold one of them between quotes")
    return (even or named or sorted(possible, key=lambda mark: -len(head[mark])))[0]


def _even(text: str, marks: list[str]) -> list[str]:
    """Return the delimiters that split all records alike; only of several of them are all records read."""
    even = [mark for mark in marks if _is_even(text, mark, _SAMPLE)]
    return even if len(even) < 2 else [mark for mark in even if _is_even(text, mark)]  # noqa: PLR2004 - several


def _header(text: str, delimiter: str) -> list[str]:
    try:
        records = csv.reader(_lines(text[:_HEAD]), delimiter=delimiter)
        return next((record for record in records if "".join(record).strip()), [])
    except csv.Error:
        return []


def _is_even(text: str, delimiter: str, most: int | None = None) -> bool:
    """Return whether the records, or the first of them, have as many cells as the first."""
    try:
        records = csv.reader(_lines(text), delimiter=delimiter, strict=True)
        widths = (len(record) for record in islice(records, most) if "".join(record).strip())
        first = next(widths, 0)
        return all(width == first for width in widths)
    except csv.Error:
        return False


FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - read as formulas too
COUNTS = frozenset({"n", "n_items", "n_other", "n_earlier", "n_later", "n_pairs", "n_backgrounds", "n_municipalities"})
_GUARD = "'"
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]")
_SKIPPED = re.compile(rf"(?:[ {_GUARD}\u00a0\u200b-\u200d\u2060]|{_UNSEEN.pattern})*")  # may precede a formula
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?")
_WRITTEN_AT = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")
_NO_MOMENT = rb"\g<1>1980-01-01T00:00:00Z"


def safe_cell(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet program would take for a formula.

    A text that has apostrophes before a formula gets one more, so that no two texts become one.
    """
    if text[:1].isalnum():  # most of them
        return text
    return _GUARD + text if _SKIPPED.sub("", text, count=1).startswith(FORMULA_STARTS) else text


def plain_cell(text: str) -> str:
    """Return the text that `safe_cell` wrote."""
    return text[1:] if text.startswith(_GUARD) and safe_cell(text[1:]) == text else text


def safe_html(text: str) -> str:
    """Escape free text for HTML, quotes included, without characters that turn or hide it."""
    return html.escape(visible(text), quote=True)


def visible(text: str) -> str:
    """Return a text without control characters (except tabs and line ends) and marks that change its direction."""
    return _UNSEEN.sub("", text)


def without_unseen(value: object) -> object:
    """Return a text, also one that is HTML, as `visible` gives it, and any other value as it is: for templates."""
    return type(value)(visible(value)) if isinstance(value, str) else value


def safe_table(table: pd.DataFrame, *, figures: bool = False) -> pd.DataFrame:
    """Return a copy of which no text cell and no heading starts a formula; with `figures` texts may be numbers."""
    safe = _mapped(table, lambda text: text if figures and _NUMBER.fullmatch(text) else safe_cell(text))
    return safe.rename(columns=lambda name: safe_cell(str(name)))


def plain_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return a copy of a table that `safe_table` gave, with the text cells as they were."""
    return _mapped(table, plain_cell)


def _mapped(table: pd.DataFrame, change: Callable[[str], str]) -> pd.DataFrame:
    """Change the text cells, each different text once."""
    safe = table.copy()
    for place, (_, column) in enumerate(table.items()):
        if not pd.api.types.is_numeric_dtype(column):
            cells = column.unique().tolist()
            texts = {cell: change(cell) for cell in cells if isinstance(cell, str) and not cell[:1].isalnum()}
            if any(cell != changed for cell, changed in texts.items()):
                safe.isetitem(place, column.map(lambda cell, known=texts: known.get(cell, cell)).array)
    return safe


def csv_text(table: pd.DataFrame, *, figures: bool = False, **layout: Any) -> str:
    r"""Return a table as CSV with safe cells, at full precision, laid out as pandas' ``to_csv`` takes it.

    Examples
    --------
    >>> csv_text(pd.DataFrame({"name": ["=1+1", "-1"]})), csv_text(pd.DataFrame({"name": ["-1"]}), figures=True)
    ("name\n'=1+1\n'-1\n", 'name\n-1\n')
    """
    safe = safe_table(table, figures=figures)
    return (not layout and _plain_csv(safe)) or str(safe.to_csv(index=False, **{"lineterminator": "\n"} | layout))


def _plain_csv(table: pd.DataFrame) -> str | None:
    """Return texts and numbers to the byte as pandas' ``to_csv`` does, many times as fast; None where it cannot."""
    if table.empty or table.shape[1] < 2:  # noqa: PLR2004 - an empty cell alone in its row is quoted
        return None
    kinds = [str(kind) for kind in table.dtypes]
    starts = [n for n in range(1, len(kinds)) if kinds[n] != kinds[n - 1] or kinds[n] not in _NUMBERS]
    parts = [table.iloc[:, places] for places in np.split(np.arange(len(kinds)), starts)]
    rows = [_written(part) for part in parts]
    known = [cells for cells in rows if cells is not None]
    heading = ",".join(_quoted(str(name)) for name in table)
    return "\n".join([heading, *map(",".join, zip(*known, strict=True)), ""]) if len(known) == len(rows) else None


def _written(part: pd.DataFrame) -> list[str] | None:
    """Return a text, or neighbouring numbers of one kind, as Python writes them, row by row; None where it cannot."""
    if str(part.dtypes.iloc[0]) not in _NUMBERS:
        places, texts = pd.factorize(part.iloc[:, 0])  # -1 where nothing is
        known = all(isinstance(text, str) for text in texts)
        return np.array([*map(_quoted, texts), ""], dtype=object)[places].tolist() if known else None
    values = np.ascontiguousarray(part.to_numpy(dtype=np.float64, na_value=np.nan))
    text = orjson.dumps(values, option=orjson.OPT_SERIALIZE_NUMPY)[2:-2].replace(b"null", b"")
    rows = (text.replace(b".0", b"") if part.dtypes.iloc[0].kind == "i" else text).decode().split("],[")
    size = np.abs(values)
    for row in np.flatnonzero((((size > 0) & (size < _SMALL)) | (size >= 2**53)).any(axis=1)).tolist():
        cells = zip(np.isnan(values[row]), (part.iloc[row, place] for place in range(part.shape[1])), strict=True)
        rows[row] = ",".join("" if gap else str(cell) for gap, cell in cells)  # orjson writes these otherwise
    return rows


def _quoted(text: str) -> str:
    if not any(mark in text for mark in ',"\n\r'):
        return text
    csv.writer(stream := io.StringIO(), lineterminator="\n").writerow([text, ""])
    return stream.getvalue()[:-2]


def csv_bytes(table: pd.DataFrame, *, figures: bool = False) -> bytes:
    """Return `csv_text` as UTF-8."""
    return csv_text(table, figures=figures).encode("utf-8")


def csv_of_rows(rows: Iterable[Iterable[Any]], *, delimiter: str = ",", line_end: str = "\n", point: str = ".") -> str:
    """Return rows of texts and numbers as CSV with safe cells; None is an empty one."""
    safe = ([_plain_cell(cell, point) for cell in row] for row in rows)
    csv.writer(stream := io.StringIO(), delimiter=delimiter, lineterminator=line_end).writerows(safe)
    return stream.getvalue()


def _plain_cell(cell: object, point: str) -> object:
    text = repr(cell).replace(".", point) if isinstance(cell, float) else cell
    return safe_cell(cell) if isinstance(cell, str) else text


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table with safe cells: as XLSX when the name ends so, else as CSV; numbers of answers are whole."""
    table = table.astype({name: "Int64" for name in table if name in COUNTS and _whole(table[name])})
    if path.suffix.casefold() == ".xlsx":
        write_workbook(path, {"table": table})
    else:
        write_bytes(path, csv_bytes(table))


def _whole(column: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(column) and (column.dropna() % 1 == 0).all())


def write_workbook(path: Path, sheets: Mapping[str, pd.DataFrame], *, headings: bool = True) -> None:
    """Write sheets as XLSX with safe cells, with or without `headings`: the same tables give the same bytes."""
    stream = io.BytesIO()
    with pd.ExcelWriter(stream, engine="openpyxl") as writer:
        for name, table in sheets.items():
            safe_table(table).to_excel(writer, sheet_name=name, index=False, header=headings)
    write_bytes(path, timeless(stream.getvalue()))


def timeless(workbook: bytes) -> bytes:
    """Take the moment of writing out of a workbook: from its properties and from the archive around it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = _WRITTEN_AT.sub(_NO_MOMENT, old.read(entry))
            new.writestr(zipfile.ZipInfo(entry.filename), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()
