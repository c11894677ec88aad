"""The tables that flow through the package, as schemas: one key, typed columns, a reason for every gap.

A table is checked where it enters (`check_table`); all faults come back at once, each with its row and value.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import pandas as pd
import pandera.pandas as pa

from resilience_analysis.foundation.errors import InputError, Problem, unknown
from resilience_analysis.foundation.settings import ANY_CODE
from resilience_analysis.foundation.vocabulary import COMPUTED, LEVELS, MISSING_REASONS, STATUSES, STRANDS

__all__ = ["MISSING_REASONS", "STRANDS", "check_table", "schema"]

SHOWN_FAULTS = 20
_ABOUT_COLUMNS = ("column_in_dataframe", "column_in_schema")
_WORDS = {  # of the checks that pandera names itself
    "column_in_dataframe": "a column is missing",
    "column_in_schema": "there is a column too many",
    "field_uniqueness": "stands there more than once",
    "multiple_fields_uniqueness": "the key stands there more than once",
    "not_nullable": "is missing",
}


def _code() -> pa.Column:
    check = pa.Check.str_matches(rf"^{ANY_CODE}$", error="must be a code of a place")
    return pa.Column(str, check, coerce=True)


def _text(*, nullable: bool = False, among: Sequence[str] | None = None, required: bool = True) -> pa.Column:
    checks = [pa.Check.isin(among, error=f"must be one of {', '.join(among)}")] if among else []
    return pa.Column(object, checks, nullable=nullable, coerce=True, required=required)


def _number(
    low: float | None = None, high: float | None = None, *, nullable: bool = True, required: bool = True
) -> pa.Column:
    checks = [] if low is None else [pa.Check.ge(low, error=f"must be {low:g} or more")]
    checks += [] if high is None else [pa.Check.le(high, error=f"must be {high:g} or less")]
    return pa.Column(float, checks, nullable=nullable, coerce=True, required=required)


def _year() -> pa.Column:
    return pa.Column("int64", pa.Check.in_range(1900, 2100, error="must be a year from 1900 to 2100"), coerce=True)


def _value_or_reason(column: str) -> pa.Check:
    return pa.Check(
        lambda table: table[column].isna() == table["missing_reason"].notna(),
        error=f"a row has either a {column} or a missing_reason, never both and never neither",
    )


def _interval(column: str) -> pa.Check:
    def holds(table: pd.DataFrame) -> pd.Series:
        gap = table[["low", column, "high"]].isna().any(axis=1)
        return gap | ((table["low"] <= table[column]) & (table[column] <= table["high"]))

    return pa.Check(holds, error=f"low <= {column} <= high")


@cache
def schema(name: str) -> pa.DataFrameSchema:
    """Return the schema of one table.

    Parameters
    ----------
    name
        One of ``municipalities``, ``observations``, ``answers``, ``estimates``, ``indicators``, ``scores``.

    Raises
    ------
    KeyError
        When there is no such table.
    """
    return _SCHEMAS[name]()


def _municipalities() -> pa.DataFrameSchema:
    return pa.DataFrameSchema(
        {
            "nis_code": _code(),
            "name": _text(),
            "province": _text(nullable=True, required=False),
            "arrondissement": _text(nullable=True, required=False),
            "area_km2": _number(0, nullable=False),
        },
        unique=["nis_code"],
        strict=False,
    )


def _observations() -> pa.DataFrameSchema:
    return pa.DataFrameSchema(
        {
            "nis_code": _code(),
            "year": _year(),
            "variable": _text(),
            "value": _number(),
            "n": _number(0),
            "computed": _text(nullable=True, among=COMPUTED),
            "missing_reason": _text(nullable=True, among=MISSING_REASONS),
            "source": _text(),
        },
        checks=[_value_or_reason("value")],
        unique=["nis_code", "year", "variable"],
        strict=True,
    )


def _answers() -> pa.DataFrameSchema:
    return pa.DataFrameSchema(
        {
            "respondent": _text(),
            "wave": _text(),
            "item": _text(),
            "nis_code": _text(nullable=True),
            "village": _text(nullable=True),
            "role": _text(nullable=True),
            "background": _text(nullable=True),
            "answer": _number(1, 4),
            "missing_reason": _text(nullable=True, among=MISSING_REASONS),
        },
        checks=[_value_or_reason("answer")],
        unique=["respondent", "wave", "item"],
        strict=True,
    )


def _estimates() -> pa.DataFrameSchema:
    measures = {}
    for measure, low in (("share_agree", 0.0), ("mean_score", 0.0), ("net_agreement", -100.0)):
        for suffix in ("", "_low", "_high"):
            measures[measure + suffix] = _number(low, 100)
    return pa.DataFrameSchema(
        {
            "nis_code": _text(nullable=True),
            "wave": _text(),
            "group": _text(),
            "code": _text(),
            "n": _number(0),
            "n_effective": _number(0),
            **measures,
            "status": _text(among=STATUSES),
        },
        unique=["nis_code", "wave", "group", "code"],
        strict=False,
    )


def _indicators() -> pa.DataFrameSchema:
    return pa.DataFrameSchema(
        {
            "nis_code": _code(),
            "year": _year(),
            "indicator": _text(),
            "strand": _text(among=(*STRANDS, "context")),
            "value": _number(),
            "unit": _text(),
            "n": _number(0),
            "low": _number(),
            "high": _number(),
            "computed": _text(nullable=True, among=COMPUTED),
            "missing_reason": _text(nullable=True, among=MISSING_REASONS),
        },
        checks=[_value_or_reason("value"), _interval("value")],
        unique=["nis_code", "year", "indicator"],
        strict=True,
    )


def _scores() -> pa.DataFrameSchema:
    return pa.DataFrameSchema(
        {
            "nis_code": _code(),
            "code": _text(),
            "strand": _text(among=STRANDS),
            "level": _text(among=LEVELS),
            "score": _number(0, 100),
            "coverage": _number(0, 1, nullable=False),
            "low": _number(0, 100),
            "high": _number(0, 100),
            "margin_below": _number(0),
            "margin_above": _number(0),
            "missing_reason": _text(nullable=True, among=MISSING_REASONS),
        },
        checks=[_value_or_reason("score"), _interval("score")],
        unique=["nis_code", "code", "strand"],
        strict=True,
    )


_SCHEMAS = {
    "municipalities": _municipalities,
    "observations": _observations,
    "answers": _answers,
    "estimates": _estimates,
    "indicators": _indicators,
    "scores": _scores,
}


def check_table(table: pd.DataFrame, name: str, *, subject: str | None = None) -> pd.DataFrame:
    """Check a table against its schema and give it back with the schema's types.

    Parameters
    ----------
    table
        The rows to check; not changed.
    name
        The schema, see `schema`.
    subject
        What to call the table in a message, such as its file name; `name` when not given.

    Returns
    -------
    pandas.DataFrame
        The same rows, columns in the order given, values coerced to the schema's types.

    Raises
    ------
    InputError
        With every fault: missing or unexpected columns, values out of range, repeated keys, gaps
        without reason.
    """
    if name not in _SCHEMAS:
        raise KeyError(unknown("table", name, _SCHEMAS))
    subject = subject or name
    try:
        checked: pd.DataFrame = schema(name).validate(table, lazy=True)
    except pa.errors.SchemaErrors as error:
        raise InputError(subject, _problems(error.failure_cases, subject)) from None
    return checked


def _problems(failures: pd.DataFrame, subject: str) -> list[Problem]:
    """Say each failure in words; rows are counted as lines of the table written as CSV, the header being row 1."""
    column = failures["column"].where(failures["schema_context"] == "Column", "").astype(str)
    checks = failures["check"].astype(str)
    untyped = set(column[checks.str.startswith("coerce_dtype")])
    # what is not a number or not there fails the checks that come after, which says nothing new
    echo = checks.str.startswith("dtype(") & column.isin(untyped)
    echo |= failures["failure_case"].astype(str).str.startswith(("TypeError(", "KeyError("))
    cases = failures.assign(column=column, check=checks)[~echo]
    return [
        _problem(str(check), str(name), rows, subject)
        for (check, name), rows in cases.groupby(["check", "column"], sort=False)
    ]


def _problem(check: str, column: str, cases: pd.DataFrame, subject: str) -> Problem:
    what = _WORDS.get(check, "must be a number" if "dtype(" in check else check)
    shown = ", ".join(list(dict.fromkeys(map(str, cases["failure_case"])))[:SHOWN_FAULTS])
    if check in _ABOUT_COLUMNS:
        return Problem(subject, f"{what}: {shown}")
    rows = [str(row + 2) if isinstance(row, int) else str(row) for row in cases["index"].dropna().unique().tolist()]
    where = f"{subject}, column {column}" if column else subject
    where += f", row {', '.join(rows[:SHOWN_FAULTS])}" if rows else ""
    return Problem(where, f"{what}, not {shown}" if column and check not in _WORDS else what)
