"""Skewness and kurtosis of a sample, adjusted for its size (type 2 of Joanes and Gill 1998, as in Excel)."""

from __future__ import annotations

import math

from resilience_analysis.composite.checks import Array

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
    skew = math.sqrt(n) * float(square @ centred) / spread**1.5 * math.sqrt(n * (n - 1)) / (n - 2)
    if n < FEWEST_FOR_KURTOSIS:
        return skew, math.nan
    r = n * float(square @ square) / spread**2
    return skew, ((n + 1) * (r - 3) + 6) * (n - 1) / ((n - 2) * (n - 3))
