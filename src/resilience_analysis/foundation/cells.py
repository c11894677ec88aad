"""Text that leaves the package: a cell never starts a formula, and HTML shows what was written, not runs it."""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from resilience_analysis.foundation.files import write_bytes, write_csv

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - read as formulas too
COUNTS = frozenset({"n", "n_items", "n_other", "n_earlier", "n_later", "n_pairs", "n_backgrounds", "n_municipalities"})
_GUARD = "'"
_SUSPECT = frozenset({*FORMULA_STARTS, _GUARD, " "})  # how every text begins that is changed
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]")
_WRITTEN_AT = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")
_NO_MOMENT = rb"\g<1>1980-01-01T00:00:00Z"


def safe_cell(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet program would take for a formula.

    A text that has apostrophes before a formula gets one more, so that no two texts become one.
    """
    if text[:1].isalnum():  # most of them
        return text
    return _GUARD + text if text.lstrip(f" {_GUARD}").startswith(FORMULA_STARTS) else text


def plain_cell(text: str) -> str:
    """Return the text that `safe_cell` wrote.

    Examples
    --------
    >>> [plain_cell(safe_cell(text)) for text in ("=1+1", "'=1+1", "'s-Gravenhage")]
    ['=1+1', "'=1+1", "'s-Gravenhage"]
    """
    return text[1:] if text.startswith(_GUARD) and safe_cell(text[1:]) == text else text


def safe_html(text: str) -> str:
    """Escape free text for HTML, quotes included, without characters that turn or hide it."""
    return html.escape(visible(text), quote=True)


def visible(text: str) -> str:
    r"""Return a text without control characters (except tabs and line ends) and marks that change its direction.

    Examples
    --------
    >>> visible("Olen\u202e(13029)\x1b[31m")
    'Olen(13029)[31m'
    """
    return _UNSEEN.sub("", text)


def without_unseen(value: object) -> object:
    """Return a text, also one that is HTML, as `visible` gives it, and any other value as it is: for templates."""
    return type(value)(visible(value)) if isinstance(value, str) else value


def safe_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return a copy of which no text cell and no heading starts a formula; numbers are left alone."""
    safe = _mapped(table, safe_cell)
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
            texts = {cell: change(cell) for cell in cells if isinstance(cell, str) and cell[:1] in _SUSPECT}
            if any(cell != changed for cell, changed in texts.items()):
                safe.isetitem(place, column.map(lambda cell, known=texts: known.get(cell, cell)).array)
    return safe


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table with safe cells: as XLSX when the name ends so, else as CSV; numbers of answers are whole."""
    counts = {name: "Int64" for name in table if name in COUNTS and _whole(table[name])}
    table = table.astype(counts)
    if path.suffix.casefold() == ".xlsx":
        write_workbook(path, {"table": table})
    else:
        write_csv(path, safe_table(table))


def _whole(column: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(column) and (column.dropna() % 1 == 0).all())


def write_workbook(path: Path, sheets: Mapping[str, pd.DataFrame], *, headings: bool = True) -> None:
    """Write sheets as XLSX with safe cells: the same tables give the same bytes, whenever they are written.

    Parameters
    ----------
    headings
        Whether the names of the columns are the first row.
    """
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
