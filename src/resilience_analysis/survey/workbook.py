"""An export as sheets of text: delimited text, a workbook, a ZIP with one of them, or an SPSS file."""

from __future__ import annotations

import csv
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from resilience_analysis.foundation.errors import UsageError, refusal, unknown
from resilience_analysis.foundation.tables import read_content, unpack
from resilience_analysis.foundation.tables import read_sheets as sheets_of_bytes
from resilience_analysis.foundation.workbooks import MAX_CELLS, Sheet

__all__ = ["FileFormat", "Sheet", "read_workbook"]

_SPSS_MAGIC = (b"$FL2", b"$FL3")
_SPSS_SUFFIX = ".sav"
_PROBED_BYTES = 4_000
_DELIMITERS = (";", "\t", ",")
_ENCODING_OF_ZEROS = {  # which of four bytes are zero in most letters of Europe
    "x0x0": "utf-16-le",
    "0x0x": "utf-16-be",
    "x000": "utf-32-le",
    "000x": "utf-32-be",
}


@dataclass(frozen=True)
class FileFormat:
    """How a file is written, where that cannot be seen in it."""

    delimiter: str = ""  # what is between the cells of a CSV
    encoding: str = ""  # its character set
    sheet: str = ""  # the sheet of a workbook, or the file of a ZIP, that is meant


def read_workbook(path: Path, file: FileFormat | None = None, *, with_hidden: bool = False) -> list[Sheet]:
    r"""Read a file as sheets of text: one for delimited text, one per sheet of a workbook, all its rows equally long.

    Parameters
    ----------
    path
        The file; what it is follows from its content, not from its name.
    with_hidden
        Whether hidden sheets are returned too, after the others.

    Raises
    ------
    InputError
        When the file is empty, another kind of file, damaged, or too large.
    UsageError
        When the sheet or encoding is not known.

    Examples
    --------
    >>> file = Path(tempfile.mkdtemp()) / "export.csv"
    >>> _ = file.write_text("INF1;INF2\n4;weet niet\n")
    >>> read_workbook(file)[0].rows
    [['INF1', 'INF2'], ['4', 'weet niet']]
    """
    file = file or FileFormat()
    content = read_content(path)
    inner = unpack(content, path.name, file.sheet or _SPSS_SUFFIX)
    sheets = _sheets(inner or content, path, file)
    if file.sheet and not inner:
        return [_named(sheets, file.sheet)]
    shown = [sheet for sheet in sheets if not sheet.hidden]
    if not shown:
        raise refusal(path.name, "holds no table", "Check that the export is not empty")
    return sorted(sheets, key=lambda sheet: sheet.hidden) if with_hidden else shown


def _sheets(content: bytes, path: Path, file: FileFormat) -> list[Sheet]:
    if content.startswith(_SPSS_MAGIC):
        sheets = [_read_spss(content, path)]
    else:
        text = _in_utf8(content, file.encoding, path.name)
        sheets = sheets_of_bytes(text, path.name, delimiter=file.delimiter or None)
    return [_even(_split(sheet)) for sheet in sheets if sheet.rows]


def _in_utf8(content: bytes, encoding: str, name: str) -> bytes:
    """Return text of another encoding as UTF-8; nothing changes where no encoding is named."""
    if not encoding:
        _refuse_unmarked(content, name)
        return content
    try:
        return content.decode(encoding).encode()
    except LookupError:
        raise UsageError(f"--encoding {encoding} is not known; write utf-8, cp1252, utf-16 or another name") from None
    except UnicodeDecodeError:
        raise UsageError(f"--encoding {encoding}: the file is not written in it") from None


def _refuse_unmarked(content: bytes, name: str) -> None:
    """Refuse text in which every second byte, or three of four, is zero: UTF-16 or UTF-32, which nothing marks."""
    head = content[:_PROBED_BYTES]
    if head.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        raise refusal(name, "is UTF-32", "Say --encoding utf-32, or save it as CSV UTF-8")
    if head.startswith((b"PK", b"\xff\xfe", b"\xfe\xff", *_SPSS_MAGIC)):
        return
    zeros = "".join("0" if head[place::4].count(0) * 8 > len(head) else "x" for place in range(4))
    if zeros in _ENCODING_OF_ZEROS:
        encoding = _ENCODING_OF_ZEROS[zeros]
        remedy = f"Say --encoding {encoding}, or save it as CSV UTF-8"
        raise refusal(name, f"is {encoding.upper()} and does not say so", remedy)


def _split(sheet: Sheet) -> Sheet:
    """Split the rows of a sheet with a single column in which each cell is a line of delimited text."""
    lines = [row[0] for row in sheet.rows]
    if len(lines) < 2 or any(len(row) > 1 and any(row[1:]) for row in sheet.rows):  # noqa: PLR2004 - a heading alone
        return sheet
    for mark in _DELIMITERS:
        if lines[0].count(mark) and not any("\n" in line for line in lines):
            rows = list(csv.reader(lines, delimiter=mark))
            if len(rows) == len(lines) and len({len(row) for row in rows}) == 1:
                return replace(sheet, rows=rows)
    return sheet


def _even(sheet: Sheet) -> Sheet:
    """Make all rows of a sheet equally long."""
    width = max(map(len, sheet.rows))
    if all(len(row) == width for row in sheet.rows):
        return sheet
    return replace(sheet, rows=[row + [""] * (width - len(row)) for row in sheet.rows])


def _named(sheets: list[Sheet], name: str) -> Sheet:
    found = [sheet for sheet in sheets if sheet.name.casefold() == name.casefold()]
    if found:
        return replace(found[0], hidden=False)
    raise UsageError(f"--sheet: {unknown('sheet', name, [sheet.name for sheet in sheets])}")


def _read_spss(content: bytes, path: Path) -> Sheet:
    """Return the sheet: a heading is the name of a variable and its label, a cell its label where it has one."""
    try:
        import pyreadstat  # noqa: PLC0415 - an extra
    except ImportError:
        remedy = "Install the package with its extra `spss`, or export it again as CSV or XLSX"
        raise UsageError(f"{path.name} is an SPSS file. {remedy}") from None
    try:
        with tempfile.TemporaryDirectory() as folder:  # its owner's only; the reader wants a file
            file = Path(folder) / "answers.sav"
            file.write_bytes(content)
            _, about = pyreadstat.read_sav(str(file), metadataonly=True)
            if (about.number_rows or 0) * (about.number_columns or 0) > MAX_CELLS:
                raise refusal(path.name, f"has more than {MAX_CELLS:,} cells", "Split it")
            table, about = pyreadstat.read_sav(str(file), apply_value_formats=True)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, ValueError, OSError) as error:
        what = f"is a damaged SPSS file ({type(error).__name__})"
        raise refusal(path.name, what, "Export it again as CSV or XLSX") from None
    labels = about.column_names_to_labels
    headings = [f"{name}. {labels[name]}" if labels.get(name) else name for name in about.column_names]
    texts = table.astype(object).where(table.notna(), "").map(_plain)
    rows = [headings, *texts.to_numpy().tolist()]
    return Sheet(path.stem, rows, list(range(1, len(rows) + 1)))


def _plain(value: object) -> str:
    """Return a value as text: a whole number without its decimal point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
