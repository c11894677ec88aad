"""The formulas of `operations`, each for arrays of units x columns; NaN where a value is missing or impossible."""

from __future__ import annotations

import math

import numpy as np

from resilience_analysis.composite.arrays import (
    column_count,
    column_deviation,
    column_max,
    column_mean,
    column_min,
    divide,
    rank_columns,
    skewness,
)
from resilience_analysis.composite.checks import Array

EXPONENTIAL = 23.0
"""The constant of the exponential transformation: the most deprived tenth then has half of the scale."""
DIGITS, ROUNDING = 12, 1e-9


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
