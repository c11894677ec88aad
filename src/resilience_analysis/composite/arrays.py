"""The numbers of a table as an array of units x indicators: its rows, statistics, ranks and formulas of operations.

Missing values, NaN, are left out of all of them.

Skewness and kurtosis are adjusted for the size of the sample: type 2 of Joanes and Gill (1998), as in Excel.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Iterator
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

Array: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]
Rows: TypeAlias = npt.NDArray[np.intp]
SHOWN = 5
"""How many cells of one column, or units, a message names before it only counts them."""

EXPONENTIAL = 23.0
"""The constant of the exponential transformation: the most deprived tenth then has half of the scale."""
DIGITS, ROUNDING = 12, 1e-9


def is_panel(units: pd.Index) -> bool:
    """Return whether an index is one of units and years."""
    return isinstance(units, pd.MultiIndex)


def year_rows(units: pd.Index) -> Iterator[tuple[object, Rows]]:
    """Yield each year of a panel, ascending, with its rows; without years None and all rows."""
    if not is_panel(units):
        yield None, np.arange(len(units))
        return
    years = units.get_level_values(1)
    for year in sorted(years.unique()):
        yield year, np.flatnonzero(years == year)


def name_of(unit: object) -> str:
    """Return a unit, or a unit and year, as text for a message."""
    return ", ".join(str(part) for part in unit) if isinstance(unit, tuple) else str(unit)


def row_of(table: pd.DataFrame, unit: Hashable) -> pd.Series:
    """Return the row of one unit (or unit and year), which must be there."""
    return table.iloc[[name == unit for name in table.index].index(True)]


def listed(names: Iterable[object]) -> str:
    """Join names for a message; only the first few, and how many more there are."""
    everything = [name_of(name) for name in names]
    shown = ", ".join(everything[:SHOWN])
    return shown if len(everything) <= SHOWN else f"{shown} and {len(everything) - SHOWN} more"


def values_of(data: pd.DataFrame, codes: Iterable[str]) -> Array:
    """Return the columns `codes` as an array of floats, units x codes, missing as NaN; a copy."""
    table = data[list(codes)]
    return np.array(table.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64, order="F")


def logarithm(x: Array, base: float = math.e) -> Array:
    """Return ln x, or the logarithm to a base; NaN at 0 and below."""
    logged: Array = np.log(np.where(x > 0, x, np.nan)) / np.log(base)
    return logged


def raised(x: Array, exponent: float) -> Array:
    """Return x to a power; NaN below 0, and at 0 for a negative power."""
    powered: Array = np.power(np.where((x >= 0) if exponent > 0 else (x > 0), x, np.nan), exponent)
    return powered


def rounded_half_up(x: Array, decimals: float = 0.0) -> Array:
    """Return x to a number of decimals, halves away from zero."""
    scale = 10.0**decimals
    rounded: Array = np.sign(x) * np.floor(np.abs(x) * scale + 0.5 + 1e-9) / scale
    return rounded


def exponential_of_share(x: Array, constant: float = EXPONENTIAL) -> Array:
    """Return -c ln(1 - x (1 - exp(-100 / c))) for shares of 0 to 1; NaN outside them."""
    inside = np.where((x >= 0) & (x <= 1 + ROUNDING), np.minimum(x, 1.0), np.nan)
    scaled: Array = -constant * np.log(1 - inside * (1 - np.exp(-100 / constant)))
    return scaled


def normal_share(x: Array) -> Array:
    """Return the share of a standard normal distribution below x."""
    from scipy.special import ndtr  # noqa: PLC0415 - only those who ask for it pay for it

    share: Array = ndtr(x)
    return share


def rank_upwards(x: Array) -> Array:
    """Return the rank from the lowest, 1; equal values share the lowest of their places."""
    return rank_columns(x, digits=DIGITS)


def rank_downwards(x: Array) -> Array:
    """Return the rank from the highest, 1; equal values share the lowest of their places."""
    return rank_columns(-x, digits=DIGITS)


def share_of_rank(x: Array) -> Array:
    """Return r / n, with r the rank from the lowest; equal values share the mean of their places."""
    return rank_columns(x, ties="average", digits=DIGITS) / column_count(x)


def percentile(x: Array) -> Array:
    """Return (rank - 1) / (n - 1)."""
    return divide(rank_upwards(x) - 1, column_count(x) - 1)


def normal_score(x: Array, c: float = 0.0) -> Array:
    """Return the standard normal quantile of (r - c) / (n + 1 - 2 c)."""
    from scipy.special import ndtri  # noqa: PLC0415 - only those who ask for it pay for it

    quantile: Array = ndtri((rank_columns(x, ties="average", digits=DIGITS) - c) / (column_count(x) + 1 - 2 * c))
    return quantile


def exponential_of_rank(x: Array, constant: float = EXPONENTIAL) -> Array:
    """Return `exponential_of_share` of r / n."""
    return exponential_of_share(share_of_rank(x), constant)


def stretched(x: Array, low: float = 0.0, high: float = 1.0) -> Array:
    """Return low + (x - min) / (max - min) (high - low)."""
    lowest = column_min(x)
    return low + divide(x - lowest, column_max(x) - lowest) * (high - low)


def above_lowest(x: Array, start: float) -> Array:
    """Return x - min + start."""
    return x - column_min(x) + start


def share_of_highest(x: Array, top: float) -> Array:
    """Return top x / max."""
    return top * divide(x, column_max(x))


def standardised(x: Array) -> Array:
    """Return (x - mean) / sd, sd of a sample; NaN where all are equal."""
    spread = np.where(column_min(x) == column_max(x), 0.0, column_deviation(x))
    return divide(x - column_mean(x), spread)


def logarithm_by_skew(x: Array) -> Array:
    """Return ln((m - 1) (x - min) / (m - min) + 1), m the maximum; for a negative skew of max - x, turned."""
    turned = np.array([skewness(column[~np.isnan(column)]) < 0 for column in x.T])
    lowest, highest = column_min(x), column_max(x)
    distance = np.where(turned, highest - x, x - lowest)
    logged = np.log(divide((highest - 1) * distance, highest - lowest) + 1)
    signed: Array = np.where(turned, -logged, logged)
    return signed


def group_of_equal_size(x: Array, groups: float) -> Array:
    """Return ceil(groups rank / n): the group of equal size, 1 the lowest."""
    found: Array = np.ceil(groups * rank_upwards(x) / column_count(x) - ROUNDING)
    return found


def band(x: Array, *limits: float) -> Array:
    """Return 1 below the first limit, 2 from it to below the second, and so on."""
    found: Array = np.where(np.isnan(x), np.nan, np.searchsorted(limits, x, side="right") + 1.0)
    return found


SIGNIFICANT_DIGITS = 12
"""Scores that agree to this many digits are one number for their ranks, so that 0.1 + 0.2 ties with 0.3."""


def column_min(values: Array) -> Array:
    """Return the smallest value of each column; NaN where a column has none."""
    lowest: Array = np.where(np.isnan(values), np.inf, values).min(axis=0)
    return np.where(np.isinf(lowest), np.nan, lowest)


def column_max(values: Array) -> Array:
    """Return the largest value of each column; NaN where a column has none."""
    return -column_min(-values)


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


def divide(above: Array, below: Array) -> Array:
    """Divide, with NaN instead of infinity where `below` is zero."""
    quotient: Array = np.divide(above, np.where(below == 0, np.nan, below))
    return quotient


def round_significant(values: Array, digits: int = SIGNIFICANT_DIGITS) -> Array:
    """Round to significant digits; what is rounding noise beside the largest value of its column becomes 0."""
    size = np.abs(values)
    largest = np.nan_to_num(column_max(size))
    solid = size > largest * 1e-15
    with np.errstate(divide="ignore", invalid="ignore"):
        exponent = np.floor(np.log10(np.where(solid, size, 1.0)))
    scale = 10.0 ** (digits - 1 - np.clip(exponent, -290, 290))
    rounded: Array = np.where(solid | np.isnan(values), np.rint(values * scale) / scale, 0.0)
    return rounded


def rank_columns(values: Array, *, ties: str = "min", digits: int | None = None) -> Array:
    """Rank each column from the lowest value, 1, upwards; missing values have no rank.

    Parameters
    ----------
    values
        Units x columns.
    ties
        Equal values share the lowest of their places (``min``) or the mean of them (``average``).
    digits
        Significant digits that values are rounded to before they are compared; None compares them as they are.
    """
    rounded = values if digits is None else round_significant(values, digits)
    order = np.argsort(rounded, axis=0, kind="stable")
    arranged = np.take_along_axis(rounded, order, axis=0)
    place = np.arange(1, len(values) + 1, dtype=np.float64)[:, None]
    first = _starts(arranged)
    low = np.maximum.accumulate(np.where(first, place, 0.0), axis=0)
    shared = low if ties == "min" else (low + _last_places(first, place)) / 2
    ranks = np.empty_like(shared)
    np.put_along_axis(ranks, order, shared, axis=0)
    ranks[np.isnan(values)] = np.nan
    return ranks


def _starts(arranged: Array) -> Mask:
    first = np.ones(arranged.shape, dtype=bool)
    first[1:] = arranged[1:] != arranged[:-1]
    return first


def _last_places(first: Mask, place: Array) -> Array:
    ends = np.ones(first.shape, dtype=bool)
    ends[:-1] = first[1:]
    upward = np.where(ends, place, np.inf)[::-1]
    last: Array = np.minimum.accumulate(upward, axis=0)[::-1]
    return last


FEWEST_FOR_SKEWNESS = 3
FEWEST_FOR_KURTOSIS = 4


def skewness(x: Array) -> float:
    """Return sqrt(n (n - 1)) / (n - 2) times the skewness of the values; NaN below 3 values or without spread."""
    return skewness_and_kurtosis(x)[0]


def kurtosis(x: Array) -> float:
    """Return ((n + 1) (r - 3) + 6) (n - 1) / ((n - 2) (n - 3)), where r is the kurtosis of the values.

    NaN below 4 values or without spread.
    """
    return skewness_and_kurtosis(x)[1]


def skewness_and_kurtosis(x: Array) -> tuple[float, float]:
    """Return both from one pass over the values, none of them missing."""
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
