"""Intervals of means and shares, and what weights and a finite population do to them.

Every function takes and gives arrays (or Series) element by element; NaN in gives NaN out.
"""

from __future__ import annotations

from typing import TypeVar, cast

import numpy as np
import pandas as pd
from scipy import stats

from resilience_analysis.errors import UsageError, unknown

Numbers = TypeVar("Numbers", float, np.ndarray, "pd.Series[float]", pd.DataFrame)
NORMAL, STUDENT = "normal", "t"
INTERVALS = (NORMAL, STUDENT)
CONFIDENCE = 0.95


def normal_quantile(confidence: float) -> float:
    """Give the two-sided quantile of the standard normal: 1.96 at 0.95."""
    return float(stats.norm.ppf((1 + confidence) / 2))


def wilson(share: Numbers, n: Numbers, *, confidence: float = CONFIDENCE) -> tuple[Numbers, Numbers]:
    """Give Wilson's score interval of a share.

    Parameters
    ----------
    share
        Observed share, 0 to 1.
    n
        Number of answers; the effective number where answers are weighted. It need not be whole.
    confidence
        Coverage, 0 to 1.

    Returns
    -------
    tuple
        Low and high, 0 to 1; exactly 0 where nobody and exactly 1 where everybody agrees.

    References
    ----------
    Wilson 1927, J. Am. Stat. Assoc. 22:209-212; `binom.wilson` of R's binom package.
    """
    z2 = normal_quantile(confidence) ** 2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    margin = np.sqrt(share * (1 - share) * z2 / n + (z2 / (2 * n)) ** 2) / (1 + z2 / n)
    low = np.where(np.equal(share, 0), 0.0, centre - margin)
    high = np.where(np.equal(share, 1), 1.0, centre + margin)
    return _like(share, low), _like(share, high)


def _like(example: Numbers, values: np.ndarray) -> Numbers:
    if isinstance(example, pd.DataFrame):
        return cast("Numbers", pd.DataFrame(values, index=example.index, columns=example.columns))
    if isinstance(example, pd.Series):
        return cast("Numbers", pd.Series(values, index=example.index))
    return cast("Numbers", values if isinstance(example, np.ndarray) else float(values))


def mean_interval(
    mean: Numbers, se: Numbers, n: Numbers, *, kind: str = NORMAL, confidence: float = CONFIDENCE
) -> tuple[Numbers, Numbers]:
    """Give the interval of a mean from its standard error.

    Parameters
    ----------
    kind
        ``normal`` is what R's `confint(svyby(...))` gives; ``t`` widens it for few answers, with n - 1 degrees of
        freedom, and gives none where all answers are equal, because then the standard error says nothing.
    n
        Number of answers, effective where they are weighted; used by ``t`` only.

    Raises
    ------
    UsageError
        When `kind` is not one of `INTERVALS`.
    """
    if kind not in INTERVALS:
        raise UsageError(unknown("interval", kind, INTERVALS))
    if kind == NORMAL:
        margin = normal_quantile(confidence) * se
    else:
        freedom = np.where(np.asarray(n) > 1, np.asarray(n) - 1, np.nan)
        spread = np.where(np.asarray(se) > 0, np.asarray(se), np.nan)
        margin = _like(se, stats.t.ppf((1 + confidence) / 2, freedom) * spread)
    return mean - margin, mean + margin


def newcombe(
    share: Numbers, n: Numbers, other: Numbers, other_n: Numbers, *, confidence: float = CONFIDENCE
) -> tuple[Numbers, Numbers]:
    """Give the interval of ``share - other``, two independent shares, from their Wilson intervals.

    References
    ----------
    Newcombe 1998, Stat. Med. 17:873-890, method 10.
    """
    low, high = wilson(share, n, confidence=confidence)
    other_low, other_high = wilson(other, other_n, confidence=confidence)
    below = np.sqrt((share - low) ** 2 + (other_high - other) ** 2)
    above = np.sqrt((high - share) ** 2 + (other - other_low) ** 2)
    return share - other - below, share - other + above


def effective_n(weights: np.ndarray) -> float:
    """Give Kish's effective number of answers: the square of the sum over the sum of squares; 0 without weight."""
    squares = float(np.square(weights).sum())
    return float(weights.sum()) ** 2 / squares if squares else 0.0


def finite_population(n: Numbers, population: Numbers) -> Numbers:
    """Give the factor ``sqrt(1 - n / N)`` that a standard error shrinks by when n of N people answered.

    Raises
    ------
    UsageError
        When more people answered than there are.
    """
    if np.any(np.asarray(n) > np.asarray(population)):
        raise UsageError("more people answered than the population has. Correct the population")
    return cast("Numbers", np.sqrt(1 - n / population))
