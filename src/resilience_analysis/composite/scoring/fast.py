"""Large tables, read and written fast: numbers go from text to floats and back without a cell in between."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from resilience_analysis.foundation.cells import safe_table
from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.foundation.files import replacing, write_bytes

_SINCE = (3, 1)
EXACT: dict[str, Any] = (
    {} if tuple(map(int, pd.__version__.split(".")[:2])) >= _SINCE else {"float_precision": "round_trip"}
)
"""What makes pandas read every digit; from 3.1 it does so by itself, and warns who asks."""


def read_plain_csv(path: Path, numeric: Collection[str], missing: Collection[str]) -> pd.DataFrame | None:
    """Read a comma-separated file that leaves no doubt, its numeric columns as floats, the others as text.

    Parameters
    ----------
    path
        UTF-8, without quotes, blank lines or ragged rows.
    numeric
        Columns that hold numbers, those that are there.
    missing
        Cells that mean a missing number.

    Returns
    -------
    pandas.DataFrame or None
        Indexed by the row of the file; None when it is not such a file, or a cell is not a number: it is then read
        slowly, so that every problem can be named.
    """
    content = path.read_bytes()
    header = _plain_header(content)
    if header is None:
        return None
    try:
        kinds = {name: np.float64 if name in numeric else object for name in header}
        gaps = {name: list(missing) for name in header if name in numeric}
        table = pd.read_csv(io.BytesIO(content), dtype=kinds, na_values=gaps, keep_default_na=False, **EXACT)
    except (ValueError, pd.errors.ParserError):
        return None
    if len(table) != _lines(content) - 1 or any(_has_spaces(table[name]) for name in header if name not in numeric):
        return None
    numbers = table.select_dtypes("float").to_numpy()
    framed: pd.DataFrame = table.set_axis(pd.RangeIndex(2, 2 + len(table), name="row"))
    return None if np.isinf(numbers).any() else framed


def _plain_header(content: bytes) -> list[str] | None:
    """Return the names of the columns; None unless commas alone divide every line into as many cells."""
    head = content.split(b"\n", 1)[0]
    doubtful = (b'"' in content, b"\r" in content, b"\n\n" in content, b";" in head, b"\t" in head)
    if any(doubtful) or content.startswith(b"\xef\xbb\xbf"):
        return None
    try:
        header = head.decode("utf-8").split(",")
    except UnicodeDecodeError:
        return None
    even = content.count(b",") == _lines(content) * (len(header) - 1)
    return header if even and "" not in header and len(set(header)) == len(header) else None


def _lines(content: bytes) -> int:
    return content.rstrip(b"\n").count(b"\n") + 1


def _has_spaces(column: pd.Series) -> bool:
    return any(cell != cell.strip() for cell in column.unique()) or bool((column == "").all())


def read_parquet(path: Path) -> pd.DataFrame:
    """Read a Parquet file as a table of text and numbers, its index as columns.

    Raises
    ------
    UsageError
        When the package that reads Parquet is not installed.
    """
    _need_pyarrow()
    table = pd.read_parquet(path)
    named = table.reset_index() if table.index.names != [None] else table
    numbers = named.select_dtypes("number").columns
    text = {name: named[name].astype(object).where(named[name].notna(), "").astype(str) for name in named}
    columns = {name: named[name].astype(np.float64) if name in numbers else text[name] for name in named}
    return pd.DataFrame(columns).set_axis(pd.RangeIndex(1, 1 + len(named), name="row"))


def write_parquet(path: Path, table: pd.DataFrame, before: object = None) -> None:  # noqa: ARG001 - as for CSV
    """Write a table as Parquet, whole or not at all.

    Raises
    ------
    UsageError
        When the package that writes Parquet is not installed.
    """
    _need_pyarrow()
    with replacing(path) as temporary:
        table.to_parquet(temporary, index=False)


def _need_pyarrow() -> None:
    import importlib.util  # noqa: PLC0415 - only Parquet needs it

    if importlib.util.find_spec("pyarrow") is None:
        remedy = "Install it (pip install 'resilience-analysis[parquet]'), or use CSV"
        raise UsageError(f"Parquet needs the package pyarrow. {remedy}")


Written = dict[str, tuple[np.ndarray, list[str]]]
"""Columns of numbers by name, with the texts they were written as."""


def write_numbers(path: Path, table: pd.DataFrame, before: Written | None = None) -> None:
    """Write a table as CSV: the bytes of `csv_bytes` with safe cells, several times as fast where most are floats.

    Parameters
    ----------
    before
        What was written before, of which columns that are the same are taken; replaced by those of this table.
    """
    table = safe_table(table)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([str(name) for name in table.columns])
    rows = zip(*_columns(table, {} if before is None else before), strict=True)
    words = "".join(_words(table))
    if any(mark in words for mark in ',"\n\r') or table.shape[1] == 1:
        writer.writerows(rows)
    else:
        stream.writelines(",".join(row) + "\n" for row in rows)
    write_bytes(path, stream.getvalue().encode("utf-8"))


def _words(table: pd.DataFrame) -> list[str]:
    """Return the different texts of all columns that are not numbers."""
    found: list[str] = []
    for place in range(table.shape[1]):
        column = table.iloc[:, place]
        if not pd.api.types.is_numeric_dtype(column):
            found += [str(cell) for cell in column.dropna().unique()]
    return found


def _columns(table: pd.DataFrame, before: Written) -> list[list[str]]:
    """Return the cells of every column as they are written, and keep those of numbers for the next table."""
    known, columns = dict(before), []
    before.clear()
    for place, name in enumerate(map(str, table.columns)):
        column = table.iloc[:, place]
        if not pd.api.types.is_float_dtype(column):
            columns.append(_texts(column))
            continue
        values = column.to_numpy()
        same = name in known and np.array_equal(known[name][0], values, equal_nan=True)
        texts = known[name][1] if same else _texts(column)
        before[name] = values, texts
        columns.append(texts)
    return columns


def _texts(column: pd.Series) -> list[str]:
    """Return the cells of a column as they are written: floats as the shortest text that reads back, gaps empty."""
    gaps = column.isna().to_numpy()
    cells = column.tolist()
    write = repr if pd.api.types.is_float_dtype(column) else str
    if not gaps.any():
        return list(map(write, cells))
    return ["" if gap else write(cell) for cell, gap in zip(cells, gaps, strict=True)]
