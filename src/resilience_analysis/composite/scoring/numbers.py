"""Cells of text as numbers, and codes of missing values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from resilience_analysis.composite.checks import Array
from resilience_analysis.foundation.errors import Problem
from resilience_analysis.foundation.numbers import read_numbers

MISSING = ("", "NA", "NaN")


def without_codes(table: pd.DataFrame, metadata: pd.DataFrame, codes: set[str]) -> pd.DataFrame:
    """Return the table with an empty cell for every code of a missing value, in the columns that hold numbers."""
    own = metadata["missing"] if "missing" in metadata.columns else pd.Series(dtype=str)
    kinds = metadata["type"]
    changed = {}
    for name in table.columns:
        of = str(name).removesuffix("_se").removesuffix("_low").removesuffix("_high")
        if kinds.get(of) not in ("indicator", "denominator"):
            continue
        if pd.api.types.is_float_dtype(table[name]):
            numbers = [plain_number(code) for code in _codes_of(own, of, codes)]
            changed[name] = table[name].mask(table[name].isin(numbers))
            continue
        wanted = _codes_of(own, of, codes)
        found = table[name].isin(wanted | _other_forms(table[name], wanted))
        if found.any():
            changed[name] = table[name].mask(found, "")
    return table.assign(**changed)


def _codes_of(own: pd.Series, code: str, codes: set[str]) -> set[str]:
    return codes | {part.strip() for part in str(own.get(code, "")).split(";")}


def _other_forms(column: pd.Series, wanted: set[str]) -> set[str]:
    """Return cells that are the same number as a code, written otherwise, such as -999.0."""
    numbers = {plain_number(code.replace(",", ".")) for code in wanted} - {float("nan")}
    numbers = {number for number in numbers if number == number}  # noqa: PLR0124 - NaN is not itself
    if not numbers:
        return set()
    distinct = [str(cell) for cell in column.unique()]
    return {cell for cell in distinct if plain_number(cell.replace(",", ".")) in numbers}


def parse_numbers(
    table: pd.DataFrame, *, file: str, decimal: str | None = None, where: Callable[[int, str], str]
) -> tuple[dict[str, Array], list[Problem]]:
    """Return columns as numbers, NaN where a cell is missing or refused, and what is refused.

    Parameters
    ----------
    table
        Columns of text that are to be numbers, and of numbers.
    file
        What to call the table in a message.
    decimal
        The decimal mark; when not given it follows from cells that leave no doubt, see `numbers.read_numbers`.
    where
        Names a cell by its row and column in a message.
    """
    known = {str(name): table[name].to_numpy() for name in table if pd.api.types.is_float_dtype(table[name])}
    texts = [str(name) for name in table if str(name) not in known]
    values, problems = read_numbers(table, texts, file=file, empty=MISSING, decimal=decimal, where=where)
    if decimal is None:
        problems = [_with_option(problem) for problem in problems]
    problems += [
        Problem(where(row, name), f"{number!r} is not a finite number", "Correct it")
        for name, column in known.items()
        for row, number in zip(table.index[np.isinf(column)], column[np.isinf(column)].tolist(), strict=True)
    ]
    return {name: values[name].to_numpy() for name in texts} | known, problems


def _with_option(problem: Problem) -> Problem:
    """Name the option that says which mark is meant, where that is in doubt."""
    in_doubt = " may be " in problem.what or problem.what.startswith("has decimals with")
    return replace(problem, remedy=f"{problem.remedy}, or say which with --decimal") if in_doubt else problem


def with_points(table: pd.DataFrame, *, file: str) -> pd.DataFrame:
    """Return the table with a decimal point in the columns of numbers that have a comma, without doubt."""
    changed = {}
    for name in map(str, table.columns):
        if table[name].str.contains(",", regex=False).any():
            values, problems = read_numbers(table, [name], file=file, empty=MISSING)
            if not problems:
                changed[name] = ["" if np.isnan(value) else repr(value) for value in values[name].tolist()]
    return table.assign(**changed)


def plain_numbers(column: pd.Series) -> Array:
    """Parse text exactly; what is not a number becomes NaN."""
    if pd.api.types.is_float_dtype(column):
        return column.to_numpy(dtype=np.float64)
    try:
        return column.where(~column.isin(MISSING), "nan").to_numpy().astype(np.float64)
    except ValueError:
        return np.array([plain_number(cell) for cell in column], dtype=np.float64)


def plain_number(cell: str) -> float:
    """Return a cell as a number, NaN when it is not one."""
    try:
        return float(cell)
    except ValueError:
        return float("nan")
