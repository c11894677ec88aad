"""Words and tables on a terminal: results to standard output, everything else to standard error."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    import pandas as pd

_OUT = Console(highlight=False, soft_wrap=True, emoji=False)
_ERR = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


def write_whatever_the_terminal_knows() -> None:
    """Show a letter that the terminal's encoding lacks as its code, instead of failing on it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def say(text: str) -> None:
    """Print a line of result."""
    _OUT.print(text, markup=False)


def note(text: str) -> None:
    """Print a line about the work, on standard error."""
    _ERR.print(text, markup=False)


def complain(text: str) -> None:
    """Print an error, on standard error."""
    _ERR.print(f"error: {text}", markup=False, style="red")


def trace(text: str) -> None:
    """Print a traceback, on standard error."""
    _ERR.print(text, markup=False, end="")


def show_table(table: pd.DataFrame, *, title: str | None = None) -> None:
    """Print a small table; missing values are left empty, numbers are aligned right, and no word is cut short."""
    import pandas as pd

    rows = [["" if pd.isna(cell) else str(cell) for cell in row] for row in table.itertuples(index=False)]
    right = [column for column in table.columns if pd.api.types.is_numeric_dtype(table[column])]
    show_rows([str(column) for column in table.columns], rows, right=[str(column) for column in right], title=title)


def show_rows(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[str] = (), title: str | None = None
) -> None:
    """Print a small table of words; the columns of `right` are aligned right, and no word is cut short."""
    grid = Table(title=title, title_justify="left")
    for place, column in enumerate(columns):
        cells = [column, *(row[place] for row in rows)]
        longest = max((len(word) for cell in cells for word in cell.split()), default=1)
        grid.add_column(Text(column), justify="right" if column in right else "left", min_width=longest)
    for row in rows:
        grid.add_row(*(Text(cell) for cell in row))
    least = sum(3 + (column.min_width or 0) for column in grid.columns) + 1
    if least > _OUT.width:
        grid.width = least  # beyond the edge rather than a code that cannot be copied
    _OUT.print(grid)
