"""The numbers of a table as an array of units x indicators: its rows, statistics and ranks; missing values left out.

Skewness and kurtosis are adjusted for the size of the sample: type 2 of Joanes and Gill (1998), as in Excel.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from resilience_analysis.foundation.errors import UsageError, unknown

Array: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]
Rows: TypeAlias = npt.NDArray[np.intp]
SHOWN = 5
"""How many cells of one column, or units, a message names before it only counts them."""
ROUNDING = 1e-9
"""Slack when shares and limits are compared."""
SIGNIFICANT_DIGITS = 12
"""Scores that agree to this many digits are one number for their ranks, so that 0.1 + 0.2 ties with 0.3."""
FEWEST_FOR_SKEWNESS, FEWEST_FOR_KURTOSIS = 3, 4


def is_panel(units: pd.Index) -> bool:
    """Return whether an index is one of units and years."""
    return isinstance(units, pd.MultiIndex)


def year_rows(units: pd.Index) -> dict[object, Rows]:
    """Return the rows of each year of a panel, years ascending; without years all rows under None."""
    if not is_panel(units):
        return {None: np.arange(len(units))}
    years = units.get_level_values(1)
    return {year: np.flatnonzero(years == year) for year in sorted(years.unique())}


def rows_by_year(units: pd.Index) -> list[Rows]:
    """Return the rows that are looked at together: those of each year of a panel, else all."""
    return list(year_rows(units).values())


def unit_names(units: pd.Index) -> dict[str, pd.Index]:
    """Return the columns that say which unit (and year) each row of a table is for."""
    return {name: units.get_level_values(place) for place, name in enumerate(("unit", "year")[: units.nlevels])}


def name_of(unit: object) -> str:
    """Return a unit, or a unit and year, as text for a message."""
    return ", ".join(str(part) for part in unit) if isinstance(unit, tuple) else str(unit)


def row_of(table: pd.DataFrame, unit: Hashable) -> pd.Series:
    """Return the row of one unit (or unit and year), which must be there."""
    return table.iloc[[name == unit for name in table.index].index(True)]


def peers_of(table: pd.DataFrame, unit: Hashable) -> pd.DataFrame:
    """Return the rows that a unit is ranked among, those of its year in a panel, else all; refuse an unknown unit."""
    check_known("unit", unit, table.index)
    place = [name == unit for name in table.index].index(True)
    return next(table.iloc[rows] for rows in rows_by_year(table.index) if place in rows)


def listed(names: Iterable[object], *, most: int = SHOWN) -> str:
    """Join names for a message; only the first few, and how many more there are."""
    everything = [name_of(name) for name in names]
    shown = ", ".join(everything[:most])
    return shown if len(everything) <= most else f"{shown} and {len(everything) - most} more"


def counted(number: int, noun: str) -> str:
    """Return a number with what it counts, for a message."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def check_known(kind: str, name: object, known: Iterable[object]) -> None:
    """Refuse a name that is not known, with the nearest known one; a function of the caller is let through."""
    known = list(known)
    if not callable(name) and name not in known:
        raise UsageError(unknown(kind, name, known))


def spoken(method: object, otherwise: str = "own") -> str:
    """Return the name of a method, or of a function of the caller, for a message."""
    return method if isinstance(method, str) else str(getattr(method, "__name__", otherwise))


def values_of(data: pd.DataFrame, codes: Iterable[str]) -> Array:
    """Return the columns `codes` as an array of floats, units x codes, missing as NaN; a copy."""
    table = data[list(codes)]
    return np.array(table.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64, order="F")


def apply_own(function: Callable[[Array], Any], values: Array, *, purpose: str) -> Array:
    """Return what a function of the caller makes of the values of one indicator; refuse other than as many."""
    made = np.asarray(function(values.copy()), dtype=np.float64)
    if made.shape != values.shape:
        raise UsageError(
            f"the function for {purpose} gives {made.shape} values for {values.shape}. "
            "It takes the values of one indicator and returns as many"
        )
    return made


def column_min(values: Array) -> Array:
    """Return the smallest value of each column; NaN where a column has none."""
    lowest: Array = np.fmin.reduce(values, axis=0)
    return lowest


def column_max(values: Array) -> Array:
    """Return the largest value of each column; NaN where a column has none."""
    highest: Array = np.fmax.reduce(values, axis=0)
    return highest


def column_count(values: Array) -> Array:
    """Count the values of each column, as floats."""
    count: Array = (~np.isnan(values)).sum(axis=0).astype(np.float64)
    return count


def column_mean(values: Array) -> Array:
    """Return the mean of each column, corrected once for rounding; NaN where a column has no value."""
    present = ~np.isnan(values)
    count = column_count(values)
    mean = divide(np.where(present, values, 0.0).sum(axis=0), count)
    rest: Array = np.where(present, values - mean, 0.0).sum(axis=0)
    return mean + divide(rest, count)


def column_deviation(values: Array, *, lost: int = 1) -> Array:
    """Return the standard deviation of each column, divided by the number of values less `lost`."""
    squares = np.where(np.isnan(values), 0.0, (values - column_mean(values)) ** 2).sum(axis=0)
    free = column_count(values) - lost
    deviation: Array = np.sqrt(divide(squares, np.where(free > 0, free, np.nan)))
    return deviation


def column_spread(values: Array, *, lost: int = 1) -> Array:
    """Return the deviation, exactly 0 where all values are the same so that rounding cannot hide a constant."""
    return np.where(column_min(values) == column_max(values), 0.0, column_deviation(values, lost=lost))


def standardise(values: Array, *, lost: int = 1) -> Array:
    """Return (x - mean) / sd of each column; NaN where all its values are equal."""
    return divide(values - column_mean(values), column_spread(values, lost=lost))


def column_shares(values: Array) -> Array:
    """Return (x - min) / (max - min) of each column; NaN where all its values are equal."""
    lowest = column_min(values)
    return divide(values - lowest, column_max(values) - lowest)


def divide(above: Array, below: Array) -> Array:
    """Divide, with NaN instead of infinity where `below` is zero."""
    quotient: Array = np.divide(above, np.where(below == 0, np.nan, below))
    return quotient


def round_significant(values: Array, digits: int = SIGNIFICANT_DIGITS) -> Array:
    """Round to significant digits; what is rounding noise beside the largest value of its column becomes 0."""
    size = np.abs(values)
    solid = size > np.nan_to_num(column_max(size)) * 1e-15
    with np.errstate(divide="ignore", invalid="ignore"):
        exponent = np.floor(np.log10(np.where(solid, size, 1.0)))
    scale = 10.0 ** (digits - 1 - np.clip(exponent, -290, 290))
    rounded: Array = np.where(solid | np.isnan(values), np.rint(values * scale) / scale, 0.0)
    return rounded


def rank_columns(values: Array, *, ties: str = "min", digits: int | None = None) -> Array:
    """Rank each column from the lowest value, 1, upwards; missing values have no rank.

    Equal values share the lowest of their places (``min``) or the mean of them (``average``); they are compared after
    rounding to significant `digits`, or as they are.
    """
    rounded = values if digits is None else round_significant(values, digits)
    ranks: Array = pd.DataFrame(rounded).rank(method=ties).to_numpy()  # type: ignore[arg-type]
    return ranks


def skewness(x: Array) -> float:
    """Return sqrt(n (n - 1)) / (n - 2) times the skewness of the values; NaN below 3 values or without spread."""
    return skewness_and_kurtosis(x)[0]


def skewness_and_kurtosis(x: Array) -> tuple[float, float]:
    """Return both of values of which none is missing, in one pass.

    The kurtosis is ((n + 1) (r - 3) + 6) (n - 1) / ((n - 2) (n - 3)), where r is that of the values; NaN below 4 of
    them or without spread.
    """
    n = len(x)
    if n < FEWEST_FOR_SKEWNESS:
        return math.nan, math.nan
    centred = x - x.mean()
    square = centred * centred
    spread = float(square.sum())
    if spread == 0:
        return math.nan, math.nan
    skew = math.sqrt(n) * float((square * centred).sum()) / spread**1.5 * math.sqrt(n * (n - 1)) / (n - 2)
    if n < FEWEST_FOR_KURTOSIS:
        return skew, math.nan
    r = n * float((square * square).sum()) / spread**2
    return skew, ((n + 1) * (r - 3) + 6) * (n - 1) / ((n - 2) * (n - 3))
