"""Read comma-separated text strictly, as text: what is not as it should be is named with its row."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path

import pandas as pd

from resilience_analysis.foundation.errors import Problem, raise_if_any

_OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}
Line = tuple[int, list[str]]


def read_rows(path: Path, *, columns: list[str], rows_needed: bool = True) -> pd.DataFrame:
    """Read a comma-separated UTF-8 file as text.

    Parameters
    ----------
    path
        The file.
    columns
        Columns that must be there.
    rows_needed
        Whether a file with nothing below its header is refused.

    Returns
    -------
    pandas.DataFrame
        One row per record, all columns as text, an empty cell as an empty text; the index is the line in the file on
        which the record begins.

    Raises
    ------
    InputError
        When the file is missing, empty, not UTF-8, damaged, delimited otherwise, lacks a column, has one twice, or
        has a ragged line.
    """
    (_, header), *lines = _parse(path, columns, rows_needed=rows_needed)
    problems = [
        Problem(f"{path.name}, row {number}", f"has {len(line)} cells where the header has {len(header)}")
        for number, line in lines
        if len(line) != len(header)
    ]
    raise_if_any(path.name, problems)
    numbers = pd.Index([number for number, _ in lines], dtype="int64")
    return pd.DataFrame([line for _, line in lines], columns=header, index=numbers, dtype=object)


def _parse(path: Path, columns: list[str], *, rows_needed: bool) -> list[Line]:
    problem = None
    lines: list[Line] = []
    if not path.is_file():
        problem = Problem(path.name, "the file does not exist")
    else:
        try:
            text = path.read_bytes().decode("utf-8-sig")
            lines = _numbered(text)
        except UnicodeDecodeError as error:
            problem = Problem(path.name, f"is not UTF-8 (byte {error.start})", "Save it as UTF-8")
        except csv.Error as error:
            problem = Problem(path.name, f"is not comma-separated text ({error})")
        else:
            problem = _damage(path, text) or _header_problem(path, lines, columns, rows_needed=rows_needed)
    raise_if_any(path.name, [problem] if problem else [])
    return lines


def _damage(path: Path, text: str) -> Problem | None:
    """Return the first character that no table has: it marks a damaged file, and no eye would see it in a name."""
    line = text.count("\n", 0, text.find("\0")) + 1
    return Problem(path.name, f"is damaged: line {line} has a NUL character", "Restore it") if "\0" in text else None


def _numbered(text: str) -> list[Line]:
    """Split into records, each with the line on which it begins: a quoted cell may go over several."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines = []
    begin = 1
    for record in reader:
        lines.append((begin, record))
        begin = reader.line_num + 1
    return lines


def _header_problem(path: Path, lines: list[Line], columns: list[str], *, rows_needed: bool) -> Problem | None:
    if len(lines) < 1 + rows_needed:
        return Problem(path.name, "is empty: it has no row below a header", "Restore it")
    header = lines[0][1]
    twice = [name for name, times in Counter(header).items() if times > 1]
    if twice:
        return Problem(path.name, f"has the column {', '.join(twice)} more than once")
    missing = [name for name in columns if name not in header]
    if not missing:
        return None
    for delimiter, spoken in _OTHER_DELIMITERS.items():
        if len(header) == 1 and delimiter in header[0]:
            return Problem(path.name, f"is delimited by {spoken}", "Save it delimited by commas")
    return Problem(path.name, f"lacks the columns {', '.join(missing)}; it has {', '.join(header)}")
