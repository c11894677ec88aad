"""Area-level shrinkage of small municipalities towards the mean of all: the Fay-Herriot model.

A model, not a measurement: it is shown beside the direct estimate and is labelled as what it is.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from resilience_analysis.survey.intervals import ROUNDING

LABEL = "fay_herriot"
LEAST_AREAS = 3
_AROUND = 1e-4


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
