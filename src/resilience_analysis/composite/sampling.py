"""The sampling error of values: an error per value, or an interval around it, and draws within it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from resilience_analysis.composite.checks import Array, Mask, listed
from resilience_analysis.foundation.errors import Problem, UsageError, raise_if_any

Z95 = 1.959963984540054
"""The normal quantile whose interval holds 95 %."""
ROUNDING = 1e-9


@dataclass(frozen=True)
class Spread:
    """How far a value may lie below and above, in standard errors: a normal curve with two halves.

    Attributes
    ----------
    below, above
        (units, indicators); 0 where a value has no error.
    root
        A matrix whose product with its transpose gives the correlations of the errors of the indicators; None where
        they are independent.
    """

    below: Array
    above: Array
    root: Array | None = None

    def draw(self, values: Array, *, seed: int, stream: int) -> Array:
        """Draw every value anew; the same seed and stream always give the same draw."""
        z = np.random.default_rng([seed, 1, stream]).standard_normal(values.shape)
        if self.root is not None:
            z = z @ self.root.T
        drawn: Array = values + z * np.where(z < 0, self.below, self.above)
        return drawn


def read_spread(
    data: pd.DataFrame,
    codes: list[str],
    *,
    se: pd.DataFrame | None = None,
    low: pd.DataFrame | None = None,
    high: pd.DataFrame | None = None,
    correlation: pd.DataFrame | None = None,
) -> Spread | None:
    """Turn standard errors, or 95 % intervals, into a spread.

    Parameters
    ----------
    data
        The values, one row per unit.
    codes
        The indicators.
    se, low, high
        Standard errors, or both ends of 95 % intervals: rows as in the data, columns for all or some indicators;
        missing for a value without error. An interval may be longer on one side; the draw then has two halves.
    correlation
        Correlations between the errors of the indicators, codes by codes; independent when not given.

    Returns
    -------
    Spread or None
        None when nothing is given.
    """
    if (low is None) != (high is None) or (se is not None and low is not None):
        raise UsageError("give either se, or low and high, for the error of the values")
    values = data[codes].to_numpy(dtype=np.float64)
    root = None if correlation is None else _root(correlation_matrix(correlation, codes))
    if se is not None:
        error = _aligned(se, data, codes, "se")
        raise_if_any("se", _problems(error < 0, data, codes, "is negative"))
        filled = np.nan_to_num(error)
        return Spread(filled, filled, root)
    if low is None or high is None:
        return None
    lower, upper = _aligned(low, data, codes, "low"), _aligned(high, data, codes, "high")
    outside = (lower > values) | (upper < values)
    raise_if_any("low and high", _problems(outside, data, codes, "lies outside its interval"))
    return Spread(np.nan_to_num((values - lower) / Z95), np.nan_to_num((upper - values) / Z95), root)


def correlation_matrix(correlation: pd.DataFrame | None, codes: list[str]) -> Array:
    """Return the correlations between the errors of some indicators, in their order; none where it is not given.

    Raises
    ------
    InputError
        When a code is missing, or the matrix is not one of correlations: symmetric, 1 on its diagonal, no variance of
        any sum below 0.
    """
    if correlation is None:
        return np.eye(len(codes))
    absent = [code for code in codes if code not in correlation.index or code not in correlation.columns]
    raise_if_any(
        "correlation", [Problem("correlation", f"has no row and column for {listed(absent)}")] if absent else []
    )
    matrix = correlation.loc[codes, codes].to_numpy(dtype=np.float64)
    fine = np.allclose(matrix, matrix.T) and np.allclose(np.diag(matrix), 1.0)
    if not fine or np.linalg.eigvalsh(matrix).min() < -ROUNDING:
        what = "is not a matrix of correlations: symmetric, 1 on its diagonal, without negative variances"
        raise_if_any("correlation", [Problem("correlation", what)])
    return matrix


def _root(matrix: Array) -> Array:
    """Return the symmetric square root of a matrix of correlations."""
    values, vectors = np.linalg.eigh(matrix)
    root: Array = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    return root


def _aligned(table: pd.DataFrame, data: pd.DataFrame, codes: list[str], name: str) -> Array:
    absent = data.index[~data.index.isin(table.index)]
    strange = [column for column in table.columns if column not in codes]
    problems = []
    if len(absent):
        problems.append(Problem(name, f"has no row for {listed(absent)}", "Add the units, empty if need be"))
    if strange:
        problems.append(Problem(name, f"has columns that are not indicators: {listed(strange)}", "Leave them out"))
    raise_if_any(name, problems)
    return table.reindex(index=data.index, columns=codes).to_numpy(dtype=np.float64, na_value=np.nan)


def _problems(wrong: Mask, data: pd.DataFrame, codes: list[str], what: str) -> list[Problem]:
    return [
        Problem(f"indicator {code}", f"{what} for {listed(data.index[wrong[:, column]])}", "Correct it")
        for column, code in enumerate(codes)
        if wrong[:, column].any()
    ]
