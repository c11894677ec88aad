"""Tables as text for a scoring run: CSV and workbooks as people save them, every cell as it stands."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.foundation.tables import read_rows

SHEETS = {"data": ("iData", "data"), "framework": ("iMeta", "framework", "metadata")}
KINDS = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".xls", ".ods", ".zip")


def read_text_table(path: Path, *, kind: str, names: Iterable[str] = ()) -> pd.DataFrame:
    """Read a table with every cell as text, an empty cell as empty text.

    Parameters
    ----------
    path
        Delimited text in any encoding and with any delimiter that leave no doubt, or a workbook, of which the sheet
        that is called like the kind is read, else the first that is not hidden. See `tables.read_rows`.
    kind
        ``data`` or ``framework``.
    names
        Columns to know by these names where capitals, spaces and hyphens in the file differ.

    Raises
    ------
    UsageError
        When the file is not there or of no kind that can be read.
    InputError
        When it cannot be read as what it is, has no row, or names a column twice.
    """
    if not path.is_file():
        raise UsageError(f"{path} does not exist. Give the {kind} as a file")
    if path.suffix.lower() not in KINDS:
        raise UsageError(f"{path.name} is not a file that can be read as {kind}. Give one of {', '.join(KINDS)}")
    table = read_rows(path, sheet=SHEETS[kind], other_names=dict.fromkeys(names, ()))
    return table.rename_axis("row")
