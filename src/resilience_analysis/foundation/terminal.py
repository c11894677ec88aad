"""Words and tables on a terminal: results to standard output, everything else to standard error."""

from __future__ import annotations

import io
import sys
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
    """Print a small table; missing values are left empty, numbers stand to the right, and no word is cut short."""
    import pandas as pd

    grid = Table(title=title, title_justify="left")
    for column in table.columns:
        numeric = pd.api.types.is_numeric_dtype(table[column])
        cells = [str(column), *(str(cell) for cell in table[column] if pd.notna(cell))]
        longest = max((len(word) for cell in cells for word in cell.split()), default=1)
        grid.add_column(Text(str(column)), justify="right" if numeric else "left", min_width=longest)
    for row in table.itertuples(index=False):
        grid.add_row(*(Text("" if pd.isna(cell) else str(cell)) for cell in row))
    least = sum(3 + (column.min_width or 0) for column in grid.columns) + 1
    if least > _OUT.width:
        grid.width = least  # beyond the edge rather than a code that nobody can copy
    _OUT.print(grid)
