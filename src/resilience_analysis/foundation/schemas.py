"""The one check of tables that flow through the package: one key, typed columns, a reason for every gap.

A table is checked where it enters, a column at a time; all faults come back at once, each with its rows and values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from resilience_analysis.foundation.errors import InputError, Problem
from resilience_analysis.foundation.settings import ANY_CODE

SHOWN_FAULTS = 20
_UNTYPED = "must be a number"
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_DTYPES = {"code": "str", "text": "object", "number": "float64", "year": "int64"}
Faults = Iterator[tuple[str, str, pd.Series]]


@dataclass(frozen=True)
class Cells:
    """What the cells of one column can be."""

    kind: str  # ``code`` (of a place), ``text``, ``number`` or ``year``
    low: float | None = None
    high: float | None = None  # bounds of a number
    among: Sequence[str] = ()  # the words that a text can be; any when empty
    nullable: bool = False  # whether a cell may be missing
    required: bool = True  # whether the column must be there

    @property
    def dtype(self) -> str:
        """The type of the column in a checked table."""
        return _DTYPES[self.kind]


def code() -> Cells:
    """Return a column of codes of places."""
    return Cells("code")


def text(*, nullable: bool = False, among: Sequence[str] = (), required: bool = True) -> Cells:
    """Return a column of text."""
    return Cells("text", among=tuple(among), nullable=nullable, required=required)


def number(
    low: float | None = None, high: float | None = None, *, nullable: bool = True, required: bool = True
) -> Cells:
    """Return a column of numbers."""
    return Cells("number", low, high, nullable=nullable, required=required)


def year() -> Cells:
    """Return a column of years."""
    return Cells("year")


@dataclass(frozen=True)
class TableSchema:
    """What one table is."""

    columns: Mapping[str, Cells]  # by name, in any order
    key: tuple[str, ...]  # the columns that name a row, once each
    strict: bool = True  # whether other columns are refused
    value: str | None = None  # the column that has either a value or a ``missing_reason``
    interval: bool = False  # whether that value lies between ``low`` and ``high``
    private: bool = False  # whether cells are of people, and are not repeated in a message


def check_rows(table: pd.DataFrame, schema: TableSchema, subject: str) -> pd.DataFrame:
    """Check a table against its schema and return it with the types of the schema.

    Parameters
    ----------
    subject
        What to call the table in a message, such as its file name.

    Returns
    -------
    pandas.DataFrame
        The same rows, columns in the order given.

    Raises
    ------
    InputError
        With every fault: missing or unexpected columns, values out of range, repeated keys, gaps without reason.

    Examples
    --------
    >>> shares = TableSchema({"nis_code": code(), "share": number(0, 100)}, key=("nis_code",))
    >>> check_rows(pd.DataFrame({"nis_code": ["11001"], "share": ["5"]}), shares, "shares.csv")["share"].tolist()
    [5.0]
    """
    problems = _column_problems(table, schema, subject)
    columns: dict[str, pd.Series] = {}
    for name, cells in schema.columns.items():
        if name in table:
            columns[name], faults = _brought(table[name], cells)
            shown = [(what, "" if schema.private else words, rows) for what, words, rows in faults]
            problems += [_problem(subject, name, *fault) for fault in shown]
    checked = table.assign(**columns)
    if not _lacking(table, schema) and not any(_UNTYPED in problem.what for problem in problems):
        problems += [_problem(subject, "", what, "", rows) for what, rows in _row_faults(checked, schema)]
    if problems:
        raise InputError(subject, problems)
    return checked


def _lacking(table: pd.DataFrame, schema: TableSchema) -> list[str]:
    return [name for name, cells in schema.columns.items() if cells.required and name not in table]


def _column_problems(table: pd.DataFrame, schema: TableSchema, subject: str) -> list[Problem]:
    extra = [str(name) for name in table.columns if name not in schema.columns] if schema.strict else []
    extra = [f"{len(extra)} of them"] if extra and schema.private else extra
    said = {"a column is missing": _lacking(table, schema), "there is a column too many": extra}
    return [Problem(subject, f"{what}: {', '.join(names)}") for what, names in said.items() if names]


def _brought(column: pd.Series, cells: Cells) -> tuple[pd.Series, list[tuple[str, str, pd.Series]]]:
    """Bring a column to its type, and return its faults: what is wrong, the words for it, and the faulty cells."""
    if cells.kind in ("number", "year"):
        numbers = column if column.dtype == np.float64 else pd.to_numeric(column, errors="coerce").astype(float)
        untyped = column[numbers.isna() & column.notna()]
        faults = [(_UNTYPED, "not", untyped)] if len(untyped) else []
        whole = cells.kind == "year" and not numbers.isna().any() and bool((numbers % 1 == 0).all())
        return numbers.astype("int64") if whole else numbers, faults + list(_number_faults(numbers, untyped, cells))
    typed = column.astype(object) if cells.kind == "text" else column.where(column.isna(), column.astype(str))
    return typed if cells.kind == "text" else typed.astype("str"), list(_text_faults(typed, cells))


def _number_faults(numbers: pd.Series, untyped: pd.Series, cells: Cells) -> Faults:
    missing = numbers.index[numbers.isna()].difference(untyped.index, sort=False)
    if not cells.nullable and len(missing):
        yield "is missing", "", numbers[numbers.isna() & ~numbers.index.isin(untyped.index)]
    if cells.kind == "year":
        wrong = numbers.notna() & ~(numbers.between(_FIRST_YEAR, _LAST_YEAR) & (numbers % 1 == 0))
        bounds = [(f"must be a year from {_FIRST_YEAR} to {_LAST_YEAR}", wrong)]
    else:
        low, high = (-np.inf if cells.low is None else cells.low), (np.inf if cells.high is None else cells.high)
        bounds = [(f"must be {low:g} or more", numbers < low), (f"must be {high:g} or less", numbers > high)]
    for what, beyond in bounds:
        if beyond.any():
            yield what, "not", numbers[beyond]


def _text_faults(column: pd.Series, cells: Cells) -> Faults:
    missing = column.isna()
    if not cells.nullable and missing.any():
        yield "is missing", "", column[missing]
    holds = _is_place if cells.kind == "code" else (lambda word: word in cells.among) if cells.among else None
    if holds is not None:
        wrong = {word for word in column[~missing].unique() if not holds(word)}
        what = "must be a code of a place" if cells.kind == "code" else f"must be one of {', '.join(cells.among)}"
        if wrong:
            yield what, "not", column[column.isin(wrong)]


def _is_place(word: Any) -> bool:
    return re.fullmatch(ANY_CODE, str(word)) is not None


def _row_faults(table: pd.DataFrame, schema: TableSchema) -> Iterator[tuple[str, pd.Series]]:
    """Yield what concerns several columns of a row: the key, the reason for a gap, the interval."""
    rules: list[tuple[str, Callable[[], pd.Series]]] = [
        ("the key appears more than once", lambda: table.duplicated(list(schema.key), keep=False))
    ]
    if schema.value is not None:
        value = schema.value
        either = f"a row has either a {value} or a missing_reason, never both and never neither"
        rules.append((either, lambda: table[value].isna() != table["missing_reason"].notna()))
        if schema.interval:
            rules.append((f"low <= {value} <= high", lambda: _outside(table, value)))
    for what, broken in rules:
        rows = broken()
        if rows.any():
            yield what, rows[rows]


def _outside(table: pd.DataFrame, value: str) -> pd.Series:
    low, middle, high = (pd.to_numeric(table[name], errors="coerce") for name in ("low", value, "high"))
    outside: pd.Series = (low > middle) | (middle > high)
    return outside & low.notna() & high.notna() & middle.notna()


def _problem(subject: str, column: str, what: str, words: str, cells: pd.Series) -> Problem:
    """Say a fault; rows are counted as lines of the table written as CSV, the header being row 1."""
    rows = [str(row + 2) if isinstance(row, int | np.integer) else str(row) for row in cells.index.unique()]
    where = (f"{subject}, column {column}" if column else subject) + f", row {', '.join(rows[:SHOWN_FAULTS])}"
    shown = ", ".join(list(dict.fromkeys(map(str, cells)))[:SHOWN_FAULTS])
    return Problem(where, f"{what}, {words} {shown}" if words else what)
