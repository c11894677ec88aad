"""Skewness and kurtosis of a sample, adjusted for its size (type 2 of Joanes and Gill 1998, as in Excel)."""

from __future__ import annotations

import numpy as np

from resilience_analysis.composite.checks import Array

FEWEST_FOR_SKEWNESS = 3
FEWEST_FOR_KURTOSIS = 4


def skewness(x: Array) -> float:
    """Give sqrt(n (n - 1)) / (n - 2) times the skewness of the values; NaN below 3 values or without spread."""
    n = len(x)
    centred = x - x.mean() if n else x
    spread = float(np.sum(centred**2))
    if n < FEWEST_FOR_SKEWNESS or spread == 0:
        return float("nan")
    plain = np.sqrt(n) * float(np.sum(centred**3)) / spread**1.5
    return float(plain * np.sqrt(n * (n - 1)) / (n - 2))


def kurtosis(x: Array) -> float:
    """Give ((n + 1) (r - 3) + 6) (n - 1) / ((n - 2) (n - 3)), where r is the kurtosis of the values.

    NaN below 4 values or without spread.
    """
    n = len(x)
    centred = x - x.mean() if n else x
    spread = float(np.sum(centred**2))
    if n < FEWEST_FOR_KURTOSIS or spread == 0:
        return float("nan")
    r = n * float(np.sum(centred**4)) / spread**2
    return ((n + 1) * (r - 3) + 6) * (n - 1) / ((n - 2) * (n - 3))
