"""Cells of text as numbers: codes of missing values, and decimal commas."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from resilience_analysis.composite.checks import Array

MISSING = ("", "NA", "NaN")
DECIMAL_COMMA = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+),\d+([eE][+-]?\d+)?")
DECIMAL_POINT = re.compile(r"[+-]?\d*\.\d+([eE][+-]?\d+)?")
THOUSANDS = re.compile(r"[+-]?\d{1,3}(\.\d{3})+")


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


def parse_numbers(table: pd.DataFrame, decimal: str | None = None) -> dict[str, Array]:
    """Parse columns of text exactly; what is not a number becomes NaN.

    Parameters
    ----------
    table
        Columns of text that are to be numbers.
    decimal
        The decimal mark. When not given it is a point, or a comma where that leaves no doubt: no cell has a point
        that could be one, and the commas cannot all set off thousands.
    """
    parsed = {name: plain_numbers(table[name]) for name in table.columns}
    table = table[[name for name in table.columns if not pd.api.types.is_float_dtype(table[name])]]
    odd = [name for name in table.columns if (np.isnan(parsed[name]) & ~table[name].isin(MISSING).to_numpy()).any()]
    if decimal == "." or (not odd and decimal is None):
        return parsed
    if decimal is None and not _has_decimal_commas(table):
        return parsed
    return parsed | {name: plain_numbers(_with_points(table[name])) for name in table.columns}


def _has_decimal_commas(table: pd.DataFrame) -> bool:
    cells = pd.unique(table.to_numpy().ravel())
    with_comma = [cell for cell in cells if "," in cell]
    shaped = [cell for cell in with_comma if DECIMAL_COMMA.fullmatch(cell)]
    pointed = any("." in cell and DECIMAL_POINT.fullmatch(cell) for cell in cells)
    telling = any(not re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+", cell) for cell in shaped)
    return bool(shaped) and len(shaped) == len(with_comma) and telling and not pointed


def _with_points(column: pd.Series) -> pd.Series:
    """Write numbers with a decimal comma, and points between thousands, as Python reads them."""
    plain = {
        cell: cell.replace(".", "").replace(",", ".")
        for cell in column.unique()
        if DECIMAL_COMMA.fullmatch(cell) or THOUSANDS.fullmatch(cell)
    }
    return column.map(lambda cell: plain.get(cell, cell))


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
