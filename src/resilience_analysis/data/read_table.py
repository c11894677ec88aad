"""Read one raw table strictly: every fault is named with its row and column, none is repaired in silence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from resilience_analysis.data.catalogue import ANY_COLUMN, Column, Source
from resilience_analysis.data.corrections import Correction, correct
from resilience_analysis.foundation.errors import Problem, raise_if_any
from resilience_analysis.foundation.numbers import read_numbers
from resilience_analysis.foundation.settings import ANY_CODE, is_code, not_a_code
from resilience_analysis.foundation.tables import read_rows

KEY = ["nis_code", "year"]
REMEDY = "Correct it in definitions/corrections.yml"
_YEAR = re.compile(r"(19|20)[0-9]{2}")
_RANGES = {
    "count": (0.0, np.inf),
    "amount_eur": (0.0, np.inf),
    "share_pct": (0.0, 100.0),
    "rate_pct": (0.0, 100.0),
    "median_eur": (0.0, 1e7),  # of people's incomes and of houses: beyond it, a slip of the keyboard
}


def read_table(
    path: Path, source: Source, corrections: Sequence[Correction] = (), *, codes: str = ANY_CODE
) -> pd.DataFrame:
    """Read the table of one source, and correct it before its figures are judged.

    Parameters
    ----------
    path
        The raw file.
    source
        What its columns are.
    corrections
        Those of any source, see `corrections.correct`.
    codes
        Regular expression that a whole code of a place matches.

    Returns
    -------
    pandas.DataFrame
        One row per municipality and year, columns ``nis_code`` (text), ``year`` (int) and one float column per
        variable; an empty cell is NaN.

    Raises
    ------
    InputError
        With every fault: text where a number belongs, a count that is negative or no whole number, a percentage above
        100, a code that is not one, a municipality that stands twice, an undeclared column; or a correction that
        does not hold.
    """
    declared = [name for name in source.columns if name != ANY_COLUMN]
    rows = read_rows(path, columns=[*KEY, *declared])
    problems = _key_problems(path.name, rows, codes)
    columns = {name: source.column(name) for name in rows.columns.drop(KEY)}
    problems += [
        Problem(path.name, f"column {name} is not declared in sources.yml")
        for name, column in columns.items()
        if column is None
    ]
    counts = [name for name, column in columns.items() if column is not None and column.kind == "count"]
    known = [name for name, column in columns.items() if column is not None]
    values, faults = read_numbers(rows, known, file=path.name, whole=counts)
    problems += faults
    years = pd.to_numeric(rows["year"], errors="coerce")
    table = pd.concat([rows["nis_code"], years, values], axis=1)
    if not problems:
        table, faults = _without_gaps(correct(table, corrections, source=source.name), source)
        problems += faults
    raise_if_any(path.name, problems + _range_problems(path.name, table, source))
    return table.astype({"year": "int64", "nis_code": "str"}).reset_index(drop=True)


def _without_gaps(table: pd.DataFrame, source: Source) -> tuple[pd.DataFrame, list[Problem]]:
    """Set aside the figures of municipalities that the publisher leaves out, if they are still what was seen there."""
    table, problems = table.copy(), []
    for gap in source.gaps:
        rows = table["nis_code"] == gap.nis_code
        for name, figure in gap.expect.items():
            found = sorted(table.loc[rows, name].unique()) if name in table else []
            if rows.any() and found != [figure]:
                remedy = "See whether the publisher has a figure now; then renew or remove the gap in sources.yml"
                problems.append(Problem(f"{source.file}, {name}, {gap.nis_code}", f"is not {figure:g}", remedy))
            elif rows.any():
                table.loc[rows, name] = np.nan
    return table, problems


def _key_problems(file: str, rows: pd.DataFrame, codes: str) -> list[Problem]:
    problems = []
    for row, code, year, again in zip(rows.index, rows["nis_code"], rows["year"], rows.duplicated(KEY), strict=True):
        where = f"{file}, row {row}"
        if not is_code(code, codes):
            problems.append(Problem(where, not_a_code(code, codes)))
        if not _YEAR.fullmatch(year):
            problems.append(Problem(where, f"{year!r} is not a year"))
        if again:
            problems.append(Problem(where, f"{code} stands here for the second time in {year}"))
    return problems


def _range_problems(file: str, table: pd.DataFrame, source: Source) -> list[Problem]:
    """Return every figure that its column cannot have."""
    kinds = {name: (source.column(name) or Column("count")).kind for name in table.columns.drop(KEY)}
    return [
        Problem(f"{file}, row {row}, column {name}", f"{float(value):.12g} {fault}", REMEDY)
        for name, kind in kinds.items()
        for row, value in table[name].dropna().items()
        if (fault := _fault(float(value), kind))
    ]


def _fault(value: float, kind: str) -> str | None:
    low, high = _RANGES[kind]
    if not low <= value <= high:
        return f"lies outside {low:g} to {high:g} for a {kind}"
    return "is not a whole number, as a count must be" if kind == "count" and value % 1 else None


def published_problems(table: pd.DataFrame, source: Source) -> list[Problem]:
    """Return every figure of a table that differs from the one its publisher printed elsewhere."""
    problems = []
    for check in source.checks:
        if check.variable not in table:
            where = f"{source.file}, {check.variable}, {check.year}"
            problems.append(Problem(where, "the table has no such column to check"))
            continue
        column = table.loc[table["year"] == check.year].set_index("nis_code")[check.variable]
        for code, figure in check.values.items():
            found = column.get(code)
            if found != figure:
                where = f"{source.file}, {check.variable}, {code}, {check.year}"
                problems.append(Problem(where, f"the publisher printed {figure}, the table says {found}"))
        mean = round(float(column.mean()), 1)
        if check.mean_of_all is not None and mean != check.mean_of_all:
            where = f"{source.file}, {check.variable}, mean over municipalities, {check.year}"
            problems.append(Problem(where, f"the publisher printed {check.mean_of_all}, the table says {mean}"))
    return problems
