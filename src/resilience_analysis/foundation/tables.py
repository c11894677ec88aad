"""The one reader of tables that people and programs bring: delimited text and workbooks, every cell as text.

Nothing is repaired where there is doubt; every problem names the file, the row and the remedy.
"""

from __future__ import annotations

import io
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

import pandas as pd

from resilience_analysis.foundation.cells import DELIMITERS, MAX_BYTES, read_delimited, refuse_size
from resilience_analysis.foundation.errors import InputError, Problem, raise_if_any, refusal, unknown
from resilience_analysis.foundation.workbooks import DAMAGE, NumberText, Sheet, column_letters, read_workbook_sheets

_UNNAMED = "Name every column (R leaves out the name of the first), or leave out a title above the table"
SHOWN_ROWS = 20
MAX_MEMBERS = 10_000
"""Most files in one archive."""
_ENTRY = b"PK\x01\x02"  # one for each file in the list of an archive
_WORKBOOKS = frozenset({"xl/workbook.xml", "content.xml"})
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_OTHER_KINDS = {b"%PDF": "a PDF", b"\x89PNG": "a picture", b"\x1f\x8b": "packed (gzip)", b"PAR1": "a Parquet file"}
_MARKED_UP = {
    b"<!doctype html": "a web page",
    b"<html": "a web page",
    b"<table": "a web page",
    b"<?xml": "XML",
    b"[{": "JSON",
    b'{"': "JSON",
    rb"{\rtf": "a text of a word processor (RTF)",
}
_NAMED = 5
_PROBED = 200
_TABLES = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".ods", ".xls")
_AROUND = "".join(
    (*" \t\r\n\v\f\xa0\x85\u1680\u2028\u2029\u202f\u205f\u3000", *map(chr, range(0x2000, 0x2010)), "\u2060\ufeff")
)
"""What no one sees around a text: spaces of every width, marks of byte order, of joining and of direction."""


def read_rows(
    path: Path,
    *,
    columns: Sequence[str] = (),
    rows_needed: bool = True,
    other_names: Mapping[str, Sequence[str]] | None = None,
    sheet: str | Sequence[str] = (),
    delimiter: str | None = None,
) -> pd.DataFrame:
    r"""Read a table as text: CSV, TSV or other delimited text, XLSX, XLS or ODS.

    Parameters
    ----------
    path
        The file; what it is follows from its content, not from its name.
    columns
        Columns that must be there; capitals, spaces, hyphens and accents in their names make no difference.
    rows_needed
        Whether a file with nothing below its header is refused.
    other_names
        By column, other names under which it may be there, such as ``jaar`` for ``year``.
    sheet
        The sheet of a workbook to read, or several names of which the first that is there is read; else the visible
        sheet that has the columns asked for, and where none are, the first.
    delimiter
        What separates the cells of delimited text; found from whole records when not given.

    Returns
    -------
    pandas.DataFrame
        One row per record, all columns as text without the spaces around it, an empty cell as an empty text; the index
        is the row of the sheet, or the line of the file on which the record begins. A cell that a workbook holds as
        a number is a `NumberText`, a date is written as 2026-03-17. ``attrs["unread"]`` are the names of other visible
        sheets.

    Raises
    ------
    InputError
        When the file is missing, empty, damaged, another kind of file, lacks a column, has one twice, has a ragged
        row, or several sheets have the columns asked for.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "figures.csv").write_text("code;share\n01;3,5\n", encoding="cp1252")
    >>> read_rows(folder / "figures.csv", columns=["code"]).to_dict("index")
    {2: {'code': '01', 'share': '3,5'}}
    """
    sheets = read_sheets(read_content(path), path.name, delimiter=delimiter, columns=columns)
    wanted = [sheet] if isinstance(sheet, str) else list(sheet)
    table = _named_sheet(sheets, path.name, wanted) or _fitting_sheet(sheets, path.name, columns, other_names or {})
    if len(table.rows) < 1 + rows_needed:
        raise refusal(path.name, "is empty: it has no row below a header", "Restore it")
    framed = _framed(table, path.name, columns, other_names or {})
    framed.attrs["unread"] = [other.name for other in sheets if not other.hidden and other is not table]
    return framed


def read_content(path: Path) -> bytes:
    """Read the bytes of a file that is not too large.

    Raises
    ------
    InputError
        When it is missing, or has more than `MAX_BYTES`.
    """
    if not path.is_file():
        raise refusal(path.name, "the file does not exist")
    refuse_size(path.stat().st_size, path.name)
    return path.read_bytes()


def read_sheets(
    content: bytes, name: str, *, delimiter: str | None = None, columns: Sequence[str] = (), with_formulas: bool = False
) -> list[Sheet]:
    """Read bytes as sheets of text: one for delimited text, one per sheet of a workbook that holds a cell.

    An archive that holds one table is read as that table.

    Raises
    ------
    InputError
        When it is none of these, damaged, or too large.
    """
    if content.startswith(_OLD_WORKBOOK):
        return read_workbook_sheets(content, name, with_formulas=with_formulas)
    if content.startswith(b"PK"):
        members = _members(content, name)
        if not _WORKBOOKS.isdisjoint(members):
            return read_workbook_sheets(content, name, with_formulas=with_formulas)
        inner = _only_table(content, name, members)
        return read_sheets(inner, name, delimiter=delimiter, columns=columns, with_formulas=with_formulas)
    for magic, kind in _OTHER_KINDS.items():
        if content.startswith(magic):
            raise refusal(name, f"is {kind}, not a table", "Save it as CSV or XLSX")
    head = content[:_PROBED].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for begin, kind in _MARKED_UP.items():
        if head.startswith(begin):
            raise refusal(
                name, f"is {kind}, not a table", "Open it in a spreadsheet program and save it as CSV or XLSX"
            )
    return [read_delimited(content, name, delimiter=delimiter, columns=columns)]


def _members(content: bytes, name: str) -> list[str]:
    if content.count(_ENTRY) > MAX_MEMBERS:  # before millions are listed
        raise refusal(name, f"is a ZIP with more than {MAX_MEMBERS:,} files", "Unpack it")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.namelist()
    except DAMAGE as error:
        raise refusal(name, f"is a damaged workbook ({error})", "Export it again") from error


def unpack(content: bytes, name: str, member: str) -> bytes:
    """Return the one file of an archive that is called so or ends so, in whatever folder; nothing for none or several.

    Raises
    ------
    InputError
        When the archive is damaged, or the file too large.
    """
    if not content.startswith(b"PK"):
        return b""
    wanted = member.casefold()
    members = [(path, PurePosixPath(path.casefold())) for path in _members(content, name)]
    found = [path for path, pure in members if wanted in {path.casefold(), pure.name, pure.suffix}]
    return _member(content, name, found[0]) if len(found) == 1 else b""


def _member(content: bytes, name: str, member: str) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            refuse_size(archive.getinfo(member).file_size, name)
            with archive.open(member) as stream:
                return stream.read(MAX_BYTES + 1)  # what an archive says of its sizes need not be true
    except InputError:
        raise
    except DAMAGE as error:
        raise refusal(name, f"is a damaged ZIP ({error})", "Download it again") from error


def _only_table(content: bytes, name: str, members: list[str]) -> bytes:
    """Return the one table in an archive."""
    named = [(member, PurePosixPath(member)) for member in members if member.casefold().endswith(_TABLES)]
    # a Mac puts a hidden file of its own beside every file
    tables = [member for member, path in named if path.parts[0] != "__MACOSX" and not path.name.startswith(".")]
    if len(tables) != 1:
        what, some = f"is a ZIP with {len(tables) or 'no'} tables", ", ".join(sorted(tables)[:_NAMED])
        remedy = "Unpack it, and give the table that is meant" + (f": {some}" if some else "")
        raise refusal(name, what, remedy)
    inner = _member(content, name, tables[0])
    if inner.startswith(b"PK") and _WORKBOOKS.isdisjoint(_members(inner, name)):
        raise refusal(name, "is a ZIP in a ZIP", "Unpack it")
    return inner


def _named_sheet(sheets: list[Sheet], name: str, wanted: list[str]) -> Sheet | None:
    """Return the sheet of one of the names; none where a file has one sheet, or may lack all of several names."""
    for title in wanted:
        for sheet in sheets:
            if sheet.name.casefold() == title.casefold():
                return sheet
    known = [sheet.name for sheet in sheets if not sheet.hidden]
    if len(wanted) == 1 and len(known) > 1:
        raise refusal(name, unknown("sheet", wanted[0], known))
    return None


def _fitting_sheet(
    sheets: list[Sheet], name: str, columns: Sequence[str], other_names: Mapping[str, Sequence[str]]
) -> Sheet:
    """Return the visible sheet that has all columns; where none are asked for, or none has them, the first."""
    shown = [sheet for sheet in sheets if not sheet.hidden] or [Sheet(name, [], [])]
    fitting = [sheet for sheet in shown if sheet.rows and {*columns} <= {*renamed(sheet.rows[0], columns, other_names)}]
    if columns and len(fitting) > 1:
        known = ", ".join(sheet.name for sheet in fitting[:_NAMED])
        raise refusal(name, f"has several sheets with these columns: {known}", "Keep one, or hide the others")
    return [*fitting, *shown][0]


def _framed(sheet: Sheet, name: str, columns: Sequence[str], other_names: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Put the rows of a sheet below its header; columns without a name and without a cell are left out."""
    header = renamed([cell.strip(_AROUND) for cell in sheet.rows[0]], columns, other_names)
    rows, numbers = sheet.rows[1:], sheet.numbers[1:]
    raise_if_any(name, _ragged(name, len(header), rows, numbers))
    cells = [[stripped(cell) for cell in column] for column in zip(*rows, strict=True)] or [[] for _ in header]
    kept = [place for place, title in enumerate(header) if title or not _says_nothing(cells[place])]
    problems = _nameless(name, [place for place in kept if not header[place]])
    raise_if_any(name, problems + _header_problems(name, [header[place] for place in kept if header[place]], columns))
    frame = {header[place]: pd.Series(cells[place], dtype=object) for place in kept}
    return pd.DataFrame(frame).set_axis(pd.Index(numbers, dtype="int64"), axis=0)


def renamed(header: Sequence[str], columns: Sequence[str], other_names: Mapping[str, Sequence[str]]) -> list[str]:
    """Return a header with the names by which columns are asked for, where one column alone can be meant."""
    titles = list(header)
    known = dict.fromkeys((*columns, *other_names))
    for wanted in known:
        if wanted not in titles:
            meant = {folded(wanted), *map(folded, other_names.get(wanted, ()))}
            places = [place for place, title in enumerate(header) if folded(title) in meant]
            if len(places) == 1 and titles[places[0]] not in known:
                titles[places[0]] = wanted
    return titles


def folded(text: str) -> str:
    """Return the letters and digits of a text in small letters without accents, to compare names by.

    Examples
    --------
    >>> folded("NIS-code") == folded("nis_code")
    True
    """
    plain = text.casefold()
    decomposed = plain if plain.isascii() else unicodedata.normalize("NFKD", plain)
    return "".join(filter(str.isalnum, decomposed))


def stripped(cell: str) -> str:
    """Return a cell without the spaces and invisible marks around it; one that holds a number stays one."""
    return cell if isinstance(cell, NumberText) else cell.strip(_AROUND)


def _says_nothing(cells: list[str]) -> bool:
    """Return whether a column without a name is empty, or the row numbers that pandas and R write."""
    if not any(cells):
        return True
    first = int(cells[0]) if cells[0] in ("0", "1") else None
    return first is not None and cells == [str(first + place) for place in range(len(cells))]


def _nameless(name: str, places: list[int]) -> list[Problem]:
    named = ", ".join(column_letters(place + 1) for place in places[:SHOWN_ROWS])
    rest = f" and {len(places) - SHOWN_ROWS:,} more" if len(places) > SHOWN_ROWS else ""
    where = f"{name}, column {named}{rest}"
    return (
        [Problem(where, "has cells but no name", "Name the column, or empty it; leave out a title above the table")]
        if places
        else []
    )


def _ragged(name: str, width: int, rows: list[list[str]], numbers: list[int]) -> list[Problem]:
    """Return every row with more or fewer cells than the header, and what it looks like."""
    wrong = [(number, row) for number, row in zip(numbers, rows, strict=True) if len(row) != width]
    if len(wrong) == len(rows) > 1 and {len(row) for _, row in wrong} == {width + 1}:
        return [Problem(name, "has one cell more in every row than in the header", _UNNAMED)]
    problems = [
        Problem(f"{name}, row {number}", f"has {_cells(len(row))} where the header has {width}", _row_remedy(row))
        for number, row in wrong[:SHOWN_ROWS]
    ]
    if len(wrong) > SHOWN_ROWS:
        problems.append(Problem(name, f"{len(wrong) - SHOWN_ROWS:,} more rows like these"))
    return problems


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"


def _row_remedy(row: list[str]) -> str:
    if len(row) == 1:
        return "Leave out notes and titles above and below the table, or complete the row"
    return "Put a cell that holds the delimiter between quotes, or complete the row"


def _header_problems(name: str, header: list[str], columns: Sequence[str]) -> list[Problem]:
    twice = [title for title, times in Counter(header).items() if times > 1]
    if twice:
        return [Problem(name, f"has the column {', '.join(twice)} more than once", "Rename or remove one")]
    missing = [title for title in columns if title not in header]
    if not missing:
        return []
    others = [spoken for mark, spoken in DELIMITERS.items() if len(header) == 1 and mark in header[0]]
    if others:
        return [Problem(name, f"is delimited by {others[0]} inside quotes", "Save it as CSV again, or as XLSX")]
    return [Problem(name, f"lacks the columns {', '.join(missing)}; it has {', '.join(header)}")]
