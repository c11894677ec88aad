"""A file of a survey tool as sheets of text: delimited text, a workbook, a ZIP with one of them, or an SPSS file."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from resilience_analysis.foundation.errors import InputError, Problem, UsageError, raise_if_any, unknown
from resilience_analysis.foundation.tables import read_content, unpack
from resilience_analysis.foundation.tables import read_sheets as sheets_of_bytes
from resilience_analysis.foundation.workbooks import Sheet

__all__ = ["FileFormat", "Sheet", "read_workbook"]

_SPSS_MAGIC = (b"$FL2", b"$FL3")
_WITH_SPSS = "Install the package with its extra `spss`, or export it again as CSV or XLSX"
_SPSS_SUFFIX = ".sav"
_PROBED_BYTES = 4_000
_ENCODING_OF_ZEROS = {  # which of four bytes are zero in most letters of Europe
    "x0x0": "utf-16-le",
    "0x0x": "utf-16-be",
    "x000": "utf-32-le",
    "000x": "utf-32-be",
}
MAX_SPSS_CELLS = 25_000_000


@dataclass(frozen=True)
class FileFormat:
    """How a file is written, where that cannot be seen in it."""

    delimiter: str = ""  # what is between the cells of a CSV
    encoding: str = ""  # its character set
    sheet: str = ""  # the sheet of a workbook, or the file of a ZIP, that is meant


def read_workbook(path: Path, file: FileFormat | None = None, *, with_hidden: bool = False) -> list[Sheet]:
    """Read a file as sheets of text.

    Parameters
    ----------
    path
        The file; what it is follows from its content, not from its name.
    file
        How it is written, where that cannot be seen.
    with_hidden
        Whether hidden sheets are returned too, after the others.

    Returns
    -------
    list of Sheet
        One for delimited text, one per visible sheet of a workbook; all rows of a sheet are equally long.

    Raises
    ------
    InputError
        When the file is empty, another kind of file, damaged, or too large.
    UsageError
        When the sheet or encoding is not known.
    """
    file = file or FileFormat()
    content = read_content(path)
    inner = unpack(content, path.name, file.sheet or _SPSS_SUFFIX)
    sheets = _sheets(inner or content, path, file)
    if file.sheet and not inner:
        return [_named(sheets, file.sheet)]
    shown = [sheet for sheet in sheets if not sheet.hidden]
    if not shown:
        raise InputError(path.name, [Problem(path.name, "holds no table", "Check that the export is not empty")])
    return sorted(sheets, key=lambda sheet: sheet.hidden) if with_hidden else shown


def _sheets(content: bytes, path: Path, file: FileFormat) -> list[Sheet]:
    if content.startswith(_SPSS_MAGIC):
        sheets = [_read_spss(content, path)]
    else:
        text = _in_utf8(content, file.encoding, path.name)
        sheets = sheets_of_bytes(text, path.name, delimiter=file.delimiter or None)
    return [_even(sheet) for sheet in sheets if sheet.rows]


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
    wide = head.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff"))
    if head.startswith((b"PK", *_SPSS_MAGIC)) or (head.startswith((b"\xff\xfe", b"\xfe\xff")) and not wide):
        return
    zeros = "".join("0" if head[place::4].count(0) * 8 > len(head) else "x" for place in range(4))
    encoding = _ENCODING_OF_ZEROS.get(zeros)
    if encoding or wide:
        what = f"is {(encoding or 'utf-32').upper()} and does not say so" if not wide else "is UTF-32"
        remedy = f"Say --encoding {'utf-32' if wide else encoding}, or save it as CSV UTF-8"
        raise InputError(name, [Problem(name, what, remedy)])


def _even(sheet: Sheet) -> Sheet:
    """Make all rows of a sheet equally long."""
    width = max(map(len, sheet.rows))
    if all(len(row) == width for row in sheet.rows):
        return sheet
    return replace(sheet, rows=[row + [""] * (width - len(row)) for row in sheet.rows])


def _named(sheets: list[Sheet], name: str) -> Sheet:
    for sheet in sheets:
        if sheet.name.casefold() == name.casefold():
            return replace(sheet, hidden=False)
    raise UsageError(f"--sheet: {unknown('sheet', name, [sheet.name for sheet in sheets])}")


def _read_spss(content: bytes, path: Path) -> Sheet:
    """Read an SPSS file, or one of an archive; its reader wants a file."""
    if path.suffix.casefold() != ".zip":
        return _sheet_of_spss(path, path)
    with tempfile.TemporaryDirectory() as folder:  # its owner's only
        file = Path(folder) / "answers.sav"
        file.write_bytes(content)
        return _sheet_of_spss(file, path)


def _sheet_of_spss(file: Path, path: Path) -> Sheet:
    """Return the sheet: a heading is the name of a variable and its label, a cell its label where it has one."""
    try:
        import pyreadstat  # noqa: PLC0415 - an extra
    except ImportError:
        raise UsageError(f"{path.name} is an SPSS file. {_WITH_SPSS}") from None
    problems = []
    try:
        _, about = pyreadstat.read_sav(str(file), metadataonly=True)
        if (about.number_rows or 0) * (about.number_columns or 0) > MAX_SPSS_CELLS:
            problems.append(Problem(path.name, f"has more than {MAX_SPSS_CELLS:,} cells", "Split it"))
        raise_if_any(path.name, problems)
        table, about = pyreadstat.read_sav(str(file), apply_value_formats=True)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, ValueError, OSError) as error:
        kind = type(error).__name__
        problem = Problem(path.name, f"is a damaged SPSS file ({kind})", "Export it again as CSV or XLSX")
        raise InputError(path.name, [problem]) from None
    labels = about.column_names_to_labels
    headings = [f"{name}. {labels[name]}" if labels.get(name) else name for name in about.column_names]
    texts = table.astype(object).where(table.notna(), "").map(_plain)
    rows = [headings, *texts.to_numpy().tolist()]
    return Sheet(path.stem, rows, list(range(1, len(rows) + 1)))


def _plain(value: object) -> str:
    """Return a value as text: a whole number without its decimal point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
