"""Statistics and ranks per column of an array of units x indicators, missing values left out.

Skewness and kurtosis are adjusted for the size of the sample: type 2 of Joanes and Gill (1998), as in Excel.
"""

from __future__ import annotations

import math

import numpy as np

from resilience_analysis.composite.checks import Array, Mask

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
