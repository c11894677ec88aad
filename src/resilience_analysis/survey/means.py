"""Means per group of respondents, with the standard errors that a sample survey asks for.

The estimator is that of R's `svyby(~y, ~group, svydesign(ids = ~1, weights = ~w), svymean, na.rm = TRUE)`: each group
is a domain of one sample, so the standard error counts every respondent of the table, also those elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from resilience_analysis.foundation.errors import InputError, Problem


@dataclass(frozen=True)
class GroupMeans:
    """Means of several columns in several groups; every frame has a row per group and a column per variable.

    Attributes
    ----------
    n
        Number of respondents with a value.
    n_effective
        Kish's effective number: n when the weights are equal.
    mean
        Weighted mean; NaN without a value.
    se
        Its standard error by linearisation; NaN without a value.
    """

    n: pd.DataFrame
    n_effective: pd.DataFrame
    mean: pd.DataFrame
    se: pd.DataFrame


def grouped_means(values: pd.DataFrame, by: pd.Series, weights: pd.Series | None = None) -> GroupMeans:
    """Estimate means per group.

    Parameters
    ----------
    values
        One row per respondent, a column per variable; NaN where a respondent has no value.
    by
        Group of each respondent, same rows; respondents without a group count in the sample but in no group.
    weights
        Weight of each respondent, same rows, at least 0; all equal when not given.

    Returns
    -------
    GroupMeans
        Groups sorted.

    Raises
    ------
    InputError
        When a weight is missing, negative or not finite; names the rows.

    Notes
    -----
    With weights w, values y and the mean m of a group, the standard error is
    ``sqrt(N / (N - 1) * sum(w**2 * (y - m)**2)) / sum(w)``, N being the number of rows of `values`.
    """
    weight = _checked(weights, len(values))
    groups, labels = pd.factorize(by, sort=True)
    member = _membership(groups, len(labels))
    matrix = values.to_numpy(dtype=float)
    valid = ~np.isnan(matrix) & (weight > 0)[:, None]
    weighted = np.where(valid, weight[:, None], 0.0)
    filled = np.where(valid, matrix, 0.0)
    n = member @ valid.astype(float)
    total = member @ weighted
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (member @ (weighted * filled)) / total
        n_effective = np.where(n > 0, total**2 / (member @ weighted**2), 0.0)
        centre = np.where(groups[:, None] >= 0, np.nan_to_num(mean)[groups], 0.0) if len(labels) else filled
        squares = member @ (weighted * (filled - centre)) ** 2
        rows = len(values)
        se = np.sqrt(squares * rows / max(rows - 1, 1)) / total
    return GroupMeans(*(_frame(array, labels, values.columns) for array in (n, n_effective, mean, se)))


def _frame(array: np.ndarray, labels: pd.Index, columns: pd.Index) -> pd.DataFrame:
    return pd.DataFrame(array, index=pd.Index(labels, name="by"), columns=columns)


def _membership(groups: np.ndarray, count: int) -> sparse.csr_array:
    """Return the matrix of groups by respondents that adds up a column per group."""
    inside = np.flatnonzero(groups >= 0)
    ones = np.ones(len(inside))
    return sparse.csr_array((ones, (groups[inside], inside)), shape=(count, len(groups)))


def _checked(weights: pd.Series | None, rows: int) -> np.ndarray:
    if weights is None:
        return np.ones(rows)
    numbers = pd.to_numeric(weights, errors="coerce").to_numpy(dtype=float)
    wrong = np.flatnonzero(~np.isfinite(numbers) | (numbers < 0))
    if len(wrong):
        some = ", ".join(str(row + 1) for row in wrong[:20])
        what = f"{len(wrong)} weights are missing, negative or no number, in answer {some}"
        raise InputError("weights", [Problem("weights", what, "Give every respondent a weight of 0 or more")])
    return numbers
