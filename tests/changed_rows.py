"""Name the rows of a table that differ between two outputs of a cell, for the failures of nbval."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from difflib import SequenceMatcher

MOST = 12
"""So many differing rows are named."""
Row = tuple[str, ...]


def changed_rows(before: str, now: str) -> list[str]:
    """Return a line for each row that is not what it was, with the columns that differ.

    Parameters
    ----------
    before, now
        An output as text, or as HTML with tables: as it is kept, and as it is now.

    Examples
    --------
    >>> changed_rows("code  score\\n13011  61.2", "code  score\\n13011  61.3")
    ['row 13011: score was 61.2, is 61.3']
    """
    old, new = list(rows_of(before)), list(rows_of(now))
    told: list[str] = []
    for kind, first, last, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        pairs = min(last - first, end - start) if kind == "replace" else 0
        told += [_difference(*old[first + place], new[start + place][1]) for place in range(pairs)]
        if kind != "equal":
            told += [f"row {' | '.join(row)}: not there any more" for _, row in old[first + pairs : last]]
            told += [f"row {' | '.join(row)}: was not there" for _, row in new[start + pairs : end]]
    return told if len(told) <= MOST else [*told[:MOST], f"and {len(told) - MOST} other rows"]


def rows_of(output: str) -> Iterator[tuple[Row, Row]]:
    """Yield every row of the tables in an output, after the names of its columns; text has one table."""
    if "<tr" not in output:
        lines = [tuple(line.split()) for line in output.splitlines() if line.strip()]
        yield from ((lines[0], line) for line in lines[1:] or lines)
        return
    columns: Row = ()
    for row in re.findall(r"<tr.*?</tr>", output, re.DOTALL):
        cells = tuple(_plain(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL))
        if 'scope="row"' not in row and "<td" not in row:
            columns = cells
        else:
            yield columns, cells


def _difference(columns: Row, before: Row, now: Row) -> str:
    named = f"row {before[0]}" if before else "row"
    if len(before) != len(now):
        return f"{named}: was {' | '.join(before)}, is {' | '.join(now)}"
    # an index has no name: columns are counted from the right
    names = [
        columns[place - len(before)] if len(columns) >= len(before) - place else "" for place in range(len(before))
    ]
    changed = [
        f"{name} was {was}, is {new}".strip() for name, was, new in zip(names, before, now, strict=True) if was != new
    ]
    return f"{named}: {'; '.join(changed)}"


def _plain(cell: str) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]*>", " ", cell).split()))
