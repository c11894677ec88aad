"""Intervals of means and shares, and what weights and a finite population do to them.

Every function takes numbers, arrays or frames and works element by element; NaN in gives NaN out. Results are arrays.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from resilience_analysis.foundation.errors import UsageError, unknown

NORMAL, STUDENT = "normal", "t"
INTERVALS = (NORMAL, STUDENT)
CONFIDENCE = 0.95
QUANTILE = 1.9599639845400545
"""The two-sided quantile of the standard normal at `CONFIDENCE`."""
ROUNDING = 1e-12  # a weighted mean of equal answers is off by less, which is not a spread
Bounds = tuple[np.ndarray, np.ndarray]


def normal_quantile(confidence: float) -> float:
    """Return the two-sided quantile of the standard normal: 1.96 at 0.95.

    Examples
    --------
    >>> round(normal_quantile(0.95), 2)
    1.96
    """
    if confidence == CONFIDENCE:
        return QUANTILE
    from scipy.special import ndtri  # noqa: PLC0415 - takes half a second, and most intervals are those above

    return float(-ndtri((1 - confidence) / 2))


def wilson(share: ArrayLike, n: ArrayLike, *, confidence: float = CONFIDENCE) -> Bounds:
    """Return Wilson's score interval of a share.

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
    tuple of numpy.ndarray
        Low and high, 0 to 1; exactly 0 where no one and exactly 1 where everyone agrees.

    References
    ----------
    Wilson 1927, J. Am. Stat. Assoc. 22:209-212; `binom.wilson` of R's binom package.

    Examples
    --------
    >>> [round(float(bound), 3) for bound in wilson(0.4, 10)]
    [0.168, 0.687]
    """
    p, n = np.asarray(share, dtype=float), np.asarray(n, dtype=float)
    z = normal_quantile(confidence)
    z2 = z**2
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    margin = z * np.sqrt(p * (1 - p) / n + z2 / (4 * n**2)) / (1 + z2 / n)
    return np.where(p == 0, 0.0, centre - margin), np.where(p == 1, 1.0, centre + margin)


def mean_interval(
    mean: ArrayLike, se: ArrayLike, freedom: ArrayLike, *, kind: str = NORMAL, confidence: float = CONFIDENCE
) -> Bounds:
    """Return the interval of a mean from its standard error.

    Parameters
    ----------
    mean, se
        The mean and its standard error.
    freedom
        Degrees of freedom of the standard error, see `scores.GroupMeans`; used by ``t`` only.
    kind
        ``normal`` is what R's `confint(svyby(...))` gives; ``t`` widens it for few answers, and gives none where all
        answers are equal, because then the standard error says nothing.
    confidence
        Coverage, 0 to 1.

    Raises
    ------
    UsageError
        When `kind` is not one of `INTERVALS`.

    Examples
    --------
    >>> [round(float(bound), 2) for bound in mean_interval(3.0, 0.2, 9)]
    [2.61, 3.39]
    >>> [round(float(bound), 2) for bound in mean_interval(3.0, 0.2, 9, kind="t")]
    [2.55, 3.45]
    """
    if kind not in INTERVALS:
        raise UsageError(unknown("interval", kind, INTERVALS))
    m, error, free = (np.asarray(numbers, dtype=float) for numbers in (mean, se, freedom))
    if kind == NORMAL:
        margin = normal_quantile(confidence) * error
    else:
        from scipy.special import stdtrit  # noqa: PLC0415 - see above

        known = (free > 0) & (error > ROUNDING)
        margin = stdtrit(np.where(known, free, np.nan), (1 + confidence) / 2) * error
    return m - margin, m + margin


def newcombe(
    share: ArrayLike, n: ArrayLike, other: ArrayLike, other_n: ArrayLike, *, confidence: float = CONFIDENCE
) -> Bounds:
    """Return the interval of ``share - other``, two independent shares, from their Wilson intervals.

    References
    ----------
    Newcombe 1998, Stat. Med. 17:873-890, method 10.

    Examples
    --------
    >>> [round(float(bound), 3) for bound in newcombe(0.8, 20, 0.5, 20)]
    [0.005, 0.534]
    """
    p, q = np.asarray(share, dtype=float), np.asarray(other, dtype=float)
    p_low, p_high = wilson(p, n, confidence=confidence)
    q_low, q_high = wilson(q, other_n, confidence=confidence)
    below = np.sqrt((p - p_low) ** 2 + (q_high - q) ** 2)
    above = np.sqrt((p_high - p) ** 2 + (q - q_low) ** 2)
    return p - q - below, p - q + above


def effective_n(weights: np.ndarray) -> float:
    """Return Kish's effective number of answers: the square of the sum over the sum of squares; 0 without weight.

    References
    ----------
    Kish 1965, Survey Sampling, section 8.2.

    Examples
    --------
    >>> import numpy as np
    >>> effective_n(np.array([1, 1, 2]))
    2.6666666666666665
    """
    squares = float(np.square(weights).sum())
    return float(weights.sum()) ** 2 / squares if squares else 0.0


def finite_population(n: ArrayLike, population: ArrayLike) -> np.ndarray:
    """Return the factor ``sqrt(1 - n / N)`` that a standard error shrinks by when n of N people answered.

    Raises
    ------
    UsageError
        When more people answered than there are.

    References
    ----------
    Cochran 1977, Sampling Techniques, section 2.6.

    Examples
    --------
    >>> round(float(finite_population(36, 100)), 2)
    0.8
    """
    asked, people = np.asarray(n, dtype=float), np.asarray(population, dtype=float)
    if np.any(asked > people):
        raise UsageError("more people answered than the population has. Correct the population")
    return np.asarray(np.sqrt(1 - asked / people))
