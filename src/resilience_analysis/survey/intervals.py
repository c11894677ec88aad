"""Intervals of means and shares, what weights and a finite population do to them, and means shrunk to that of all.

The functions of intervals take numbers, arrays or frames and work element by element; NaN in gives NaN out. Results are
arrays. The Fay-Herriot estimates are a model, not a measurement: they are shown beside the direct ones and labelled.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from resilience_analysis.foundation.errors import UsageError, unknown

LABEL = "fay_herriot"
LEAST_AREAS = 3
_AROUND = 1e-4
NORMAL, STUDENT = "normal", "t"
INTERVALS = (NORMAL, STUDENT)
CONFIDENCE = 0.95
QUANTILE = 1.9599639845400545  # two-sided, of the standard normal at `CONFIDENCE`
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

    Parameters
    ----------
    share, other
        Observed shares, 0 to 1.
    n, other_n
        Number of answers of each; the effective number where answers are weighted.
    confidence
        Coverage, 0 to 1.

    Returns
    -------
    tuple of numpy.ndarray
        Low and high, -1 to 1.

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


def shrink(estimates: pd.DataFrame) -> pd.DataFrame:
    """Shrink direct estimates of areas towards their common mean.

    Parameters
    ----------
    estimates
        One row per area: by, n_effective, mean and se of the direct estimate. Areas without an estimate are given
        back empty and take no part.

    Returns
    -------
    pandas.DataFrame
        The same areas: by, direct, direct_se (pooled, see notes), shrunk, shrunk_se, kept (the part of the direct
        estimate that is kept, 0 to 1), model (`LABEL`; empty where fewer than `LEAST_AREAS` areas have an
        estimate and no model is fitted).

    Notes
    -----
    ``y_i = m + u_i + e_i`` with ``var(u) = s`` estimated by restricted maximum likelihood and ``var(e_i)`` taken
    as known: the variance of one answer pooled over areas, over the effective number of answers of the area. A
    direct variance of few answers is too unsure to weigh by, and zero where all answered alike. The standard
    error includes that of the mean and of s (Prasad and Rao 1990, J. Am. Stat. Assoc. 85:163-171; Datta and Lahiri
    2000 for REML), as `sae::mseFH` of R does.

    References
    ----------
    Fay and Herriot 1979, J. Am. Stat. Assoc. 74:269-277.

    Examples
    --------
    >>> import pandas as pd
    >>> direct = pd.DataFrame({"by": ["x", "y", "z"], "n_effective": [5, 20, 80]})
    >>> direct = direct.assign(mean=[20.0, 50.0, 60.0], se=[9.0, 4.0, 2.0])
    >>> shrink(direct)["shrunk"].round(1).tolist()
    [23.6, 49.8, 59.8]
    """
    table = estimates.reset_index(drop=True)
    direct = table["mean"].to_numpy(dtype=float)
    used = np.isfinite(direct) & (table["n_effective"].to_numpy(dtype=float) > 0)
    error = _pooled_error(table, used)
    out = pd.DataFrame({"by": table["by"], "direct": direct, "direct_se": np.sqrt(error)})
    columns = ["shrunk", "shrunk_se", "kept"]
    out[columns] = np.nan
    out["model"] = ""
    if used.sum() >= LEAST_AREAS and np.all(error[used] > ROUNDING**2):
        out.loc[used, columns] = np.column_stack(fay_herriot(direct[used], error[used]))
        out.loc[used, "model"] = LABEL
    return out


def _pooled_error(table: pd.DataFrame, used: np.ndarray) -> np.ndarray:
    """Return the sampling variance of each area: the pooled variance of one answer over the effective number."""
    n = table["n_effective"].to_numpy(dtype=float)[used]
    per_answer = np.square(table["se"].to_numpy(dtype=float)[used]) * n
    pooled = np.average(per_answer, weights=n) if n.sum() else np.nan
    error = np.full(len(table), np.nan)
    error[used] = pooled / n
    return error


def fay_herriot(direct: np.ndarray, error: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fit the model with a common mean and give shrunk estimates, their standard errors, and the parts kept.

    Parameters
    ----------
    direct
        Direct estimates.
    error
        Their sampling variances, above 0.

    Examples
    --------
    >>> import numpy as np
    >>> shrunk, se, kept = fay_herriot(np.array([20.0, 50.0, 60.0]), np.array([80.0, 20.0, 5.0]))
    >>> kept.round(2).tolist()
    [0.82, 0.95, 0.99]
    """
    between = _between_areas(direct, error)
    weight = 1 / (between + error)
    mean = np.sum(weight * direct) / weight.sum()
    kept = between / (between + error)
    shrunk = kept * direct + (1 - kept) * mean
    of_model = kept * error
    of_mean = (1 - kept) ** 2 / weight.sum()
    of_between = (error**2 / (between + error) ** 3) * 2 / np.sum(weight**2)
    return shrunk, np.sqrt(of_model + of_mean + 2 * of_between), kept


def _between_areas(direct: np.ndarray, error: np.ndarray) -> float:
    """Estimate the variance between areas by restricted maximum likelihood; never below 0."""
    from scipy import optimize  # noqa: PLC0415 - takes half a second, and few estimates are shrunk

    def loss(between: float) -> float:
        weight = 1 / (between + error)
        mean = np.sum(weight * direct) / weight.sum()
        return float(np.log(between + error).sum() + np.log(weight.sum()) + np.sum(weight * (direct - mean) ** 2))

    def slope(between: float) -> float:
        weight = 1 / (between + error)
        mean = np.sum(weight * direct) / weight.sum()
        return float(weight.sum() - np.square(weight).sum() / weight.sum() - np.sum((weight * (direct - mean)) ** 2))

    widest = 10 * float(np.var(direct)) + float(error.max())
    found = optimize.minimize_scalar(loss, bounds=(0.0, widest), method="bounded", options={"xatol": 1e-12 * widest})
    if slope(0.0) >= 0 and loss(0.0) <= found.fun:
        return 0.0
    # Where the loss is flat its least is known to half the digits only; where its slope is zero, to all of them.
    low, high = max(found.x - _AROUND * widest, 0.0), found.x + _AROUND * widest
    return float(optimize.brentq(slope, low, high)) if slope(low) < 0 < slope(high) else float(found.x)
