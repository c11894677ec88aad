"""Draws: the sampling error of values, and where the draws of an uncertainty run lie.

An error is one per value, or an interval around it. The design is quasi-random: first-order and total Sobol indices.

Saltelli's design over d factors has, for each of n base points, d + 2 draws: A and B, two independent points, and
for each factor A with that factor taken from B. Choices and the noise of weights lie on a scrambled Sobol sequence
(`scipy.stats.qmc`); the sampling error of all values is one factor, whose point is the name of a stream of random
numbers, so that A and B hold two independent samples and one draw differs from another in its sample or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from resilience_analysis.composite.checks import Array, Mask, listed
from resilience_analysis.composite.choices import NOISE, SAMPLE, Factors
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


Places = npt.NDArray[np.intp]
MOST_DIMENSIONS = 21201
"""Of the Sobol sequence in scipy."""


@dataclass(frozen=True)
class Draws:
    """The draws of some base points, one per row: first all of the first base point, and so on.

    Attributes
    ----------
    picks
        (rows, choices): which alternative of each choice.
    noise
        (rows, codes): u of the noise of weights, -1 to 1.
    samples
        (rows,): the stream of sampling errors; -1 for none.
    """

    picks: Places
    noise: Array
    samples: Places


@dataclass(frozen=True)
class SobolDesign:
    """The whole design: two tables of points, and how they are combined.

    Attributes
    ----------
    names
        The factors.
    picks, noise, samples
        As in `Draws`, with a leading axis of 2: the points A and B.
    with_indices
        Whether draws for Sobol indices are made beside A.
    """

    names: list[str]
    picks: Places
    noise: Array
    samples: Places
    with_indices: bool

    @property
    def draws_per_point(self) -> int:
        """Return how many draws a base point has: A, B, and one per factor; or A alone."""
        return 2 + len(self.names) if self.with_indices else 1

    def draws(self, points: slice) -> Draws:
        """Return the draws of some base points."""
        kinds = range(self.draws_per_point)
        picks = np.stack([self._choose(self.picks, kind, points) for kind in kinds], axis=1)
        noise = np.stack([self.noise[self._table(kind, NOISE), points] for kind in kinds], axis=1)
        samples = np.stack([self.samples[self._table(kind, SAMPLE), points] for kind in kinds], axis=1)
        rows = samples.size
        return Draws(picks.reshape(rows, picks.shape[-1]), noise.reshape(rows, noise.shape[-1]), samples.reshape(rows))

    def _table(self, kind: int, name: str) -> int:
        """Return whether a draw of this kind takes a factor from A (0) or from B (1)."""
        return int(kind == 1 or (kind > 1 and self.names[kind - 2] == name))

    def _choose(self, both: Places, kind: int, points: slice) -> Places:
        chosen = both[int(kind == 1), points].copy()
        if kind > 1 and kind - 2 < chosen.shape[1]:
            chosen[:, kind - 2] = both[1, points, kind - 2]
        return chosen


def make_design(factors: Factors, noisy: pd.Series, *, n: int, seed: int, with_indices: bool = True) -> SobolDesign:
    """Lay out `n` base points.

    Parameters
    ----------
    factors
        What is varied.
    noisy
        The codes whose weights are noisy.
    n, seed
        How many base points; the same seed gives the same points.
    with_indices
        Whether to add the draws that Sobol indices need.
    """
    from scipy.stats import qmc  # noqa: PLC0415 - only uncertainty runs pay for it

    choices = len(factors.alternatives)
    width = choices + len(noisy)
    if 2 * width > MOST_DIMENSIONS:
        raise UsageError(f"{len(noisy)} noisy weights are too many. Give weights.noise for the upper levels only")
    sequence = qmc.Sobol(max(2 * width, 1), scramble=True, rng=np.random.default_rng([seed, 0]))
    points = sequence.random_base2(max(1, int(np.ceil(np.log2(n)))))[:n]
    both = points[:, : 2 * width].reshape(n, 2, width).swapaxes(0, 1)
    sizes = np.array([len(options) for options in factors.alternatives.values()], dtype=np.intp)
    picks = np.minimum((both[..., :choices] * sizes).astype(np.intp), sizes - 1)
    streams = np.arange(2 * n, dtype=np.intp).reshape(n, 2).T if factors.sample else np.full((2, n), -1)
    return SobolDesign(factors.names, picks, 2 * both[..., choices:] - 1, streams, with_indices)
