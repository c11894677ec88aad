"""Read one raw table strictly: every fault is named with its row and column, none is repaired in silence."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from resilience_analysis.delimited import read_rows
from resilience_analysis.errors import Problem, raise_if_any
from resilience_analysis.geography.mergers import is_nis_code
from resilience_analysis.sources.catalogue import Column, Source

KEY = ["nis_code", "year"]
_YEAR = re.compile(r"(19|20)[0-9]{2}")
_RANGES = {
    "count": (0.0, np.inf),
    "amount_eur": (0.0, np.inf),
    "share_pct": (0.0, 100.0),
    "rate_pct": (0.0, 100.0),
    "median_eur": (0.0, 1e7),  # of people's incomes and of houses: beyond it, a slip of the keyboard
}


def read_table(path: Path, source: Source) -> pd.DataFrame:
    """Read the table of one source.

    Parameters
    ----------
    path
        The raw file.
    source
        What its columns are.

    Returns
    -------
    pandas.DataFrame
        One row per municipality and year, columns ``nis_code`` (text), ``year`` (int) and one float column per
        variable; an empty cell is NaN.

    Raises
    ------
    InputError
        With every fault: text where a number belongs, a negative count, a percentage above 100, a code that is no NIS
        code, a municipality that stands twice, an undeclared column.
    """
    declared = [name for name in source.columns if name != "*"]
    rows = read_rows(path, columns=[*KEY, *declared])
    problems = _key_problems(path.name, rows)
    table = pd.DataFrame({"nis_code": rows["nis_code"], "year": pd.to_numeric(rows["year"], errors="coerce")})
    for name in rows.columns.drop(KEY):
        column = source.column(name)
        if column is None:
            problems.append(Problem(path.name, f"column {name} is not declared in sources.yml"))
            continue
        table[name] = pd.to_numeric(rows[name].where(rows[name].str.strip() != ""), errors="coerce").astype(float)
        problems += _value_problems(path.name, rows[name], table[name], column)
    raise_if_any(path.name, problems)
    return table.astype({"year": "int64", "nis_code": "str"}).reset_index(drop=True)


def _key_problems(file: str, rows: pd.DataFrame) -> list[Problem]:
    problems = []
    for row, code, year, again in zip(rows.index, rows["nis_code"], rows["year"], rows.duplicated(KEY), strict=True):
        where = f"{file}, row {row}"
        if not is_nis_code(code):
            problems.append(Problem(where, f"{code!r} is no NIS code of five digits"))
        if not _YEAR.fullmatch(year):
            problems.append(Problem(where, f"{year!r} is no year"))
        if again:
            problems.append(Problem(where, f"{code} stands here for the second time in {year}"))
    return problems


def _value_problems(file: str, texts: pd.Series, values: pd.Series, column: Column) -> list[Problem]:
    low, high = _RANGES[column.kind]
    text = (texts.str.strip() != "") & ~np.isfinite(values)
    outside = values.notna() & ((values < low) | (values > high))
    problems = []
    for row in texts.index[text | outside]:
        where = f"{file}, row {row}, column {texts.name}"
        if text[row]:
            remedy = "Write decimals with a point" if "," in texts[row] else ""
            problems.append(Problem(where, f"{texts[row]!r} is no number", remedy))
        else:
            problems.append(Problem(where, f"{texts[row]} lies outside {low:g} to {high:g} for a {column.kind}"))
    return problems


def published_problems(table: pd.DataFrame, source: Source) -> list[Problem]:
    """Give every figure of a table that differs from the one its publisher printed elsewhere."""
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
