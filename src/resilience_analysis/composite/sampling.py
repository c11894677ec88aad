"""Draws: the sampling error of values, and where the draws of an uncertainty run lie.

An error is one per value, or an interval around it. The design is quasi-random: first-order and total Sobol indices.

Saltelli's design over d factors has, for each of n base points, d + 2 draws: A and B, two independent points, and
for each factor A with that factor taken from B. Choices and the noise of weights lie on a scrambled Sobol sequence
(`scipy.stats.qmc`); the sampling error of all values is one factor, whose point is the name of a stream of random
numbers, so that A and B hold two independent samples and one draw differs from another in its sample or not at all.

With f(A), f(B) and f(A_i), A with factor i from B, the outcomes at a base point, mu the mean of all outcomes and V the
variance of all f(A) and f(B):

    first order  S_i = mean of (f(B) - mu) (f(A_i) - f(A)) / V      (Saltelli et al. 2010)
    total        T_i = mean of (f(A) - f(A_i))^2 / (2 V)            (Jansen 1999)

the estimators of SALib. Their standard errors are those of a jackknife over groups of base points. Base points at
which a draw failed count for no factor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from resilience_analysis.composite.arrays import ROUNDING, Array, Mask, listed
from resilience_analysis.composite.choices import NOISE, SAMPLE, Factors
from resilience_analysis.foundation.errors import Problem, UsageError, raise_if_any

Z95 = 1.959963984540054
"""The normal quantile whose interval holds 95 %."""


@dataclass(frozen=True)
class Spread:
    """How far a value may lie below and above, in standard errors: a normal curve with two halves."""

    below: Array  # (units, indicators); 0 where a value has no error
    above: Array
    root: Array | None = None  # times its transpose: the correlations of the indicators' errors; None for independent

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
    """Turn standard errors, or both ends of 95 % intervals, into a spread; None when nothing is given.

    Rows are as in the data, columns are all or some indicators; missing for a value without error. An interval may be
    longer on one side: the draw then has two halves. Errors are independent without a correlation (codes by codes).
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
    """Return the correlations between the errors of some indicators; none where it is not given.

    Refused: an absent code, or what is not a matrix of correlations.
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
    """The draws of some base points, one per row: first all of the first base point, and so on."""

    picks: Places  # (rows, choices): which alternative of each choice
    noise: Array  # (rows, codes): u of the noise of weights, -1 to 1
    samples: Places  # (rows,): the stream of sampling errors; -1 for none


@dataclass(frozen=True)
class SobolDesign:
    """The whole design: two tables of points, and how they are combined."""

    names: list[str]
    picks: Places  # as in `Draws`, with a leading axis of 2: the points A and B
    noise: Array
    samples: Places
    with_indices: bool  # whether draws for Sobol indices are made beside A

    @property
    def draws_per_point(self) -> int:
        """Return how many draws a base point has: A, B, and one per factor; or A alone."""
        return 2 + len(self.names) if self.with_indices else 1

    def draws(self, points: slice) -> Draws:
        """Return the draws of some base points."""
        width, count = self.picks.shape[2], len(self.names)
        # by kind of draw, A, B and A with one factor from B: which choices are taken from B
        of_b = np.vstack([np.zeros(width), np.ones(width), np.eye(count, width)])[: self.draws_per_point] == 1
        picks = np.stack([np.where(row, self.picks[1, points], self.picks[0, points]) for row in of_b], axis=1)
        noise = np.stack([self.noise[table, points] for table in self._tables(NOISE)], axis=1)
        samples = np.stack([self.samples[table, points] for table in self._tables(SAMPLE)], axis=1)
        rows = samples.size
        return Draws(picks.reshape(rows, width), noise.reshape(rows, self.noise.shape[-1]), samples.ravel())

    def _tables(self, name: str) -> list[int]:
        """Return from which table, A (0) or B (1), each draw of a base point takes a factor."""
        return [0, 1, *(int(own == name) for own in self.names)][: self.draws_per_point]


def make_design(factors: Factors, noisy: pd.Series, *, n: int, seed: int, with_indices: bool = True) -> SobolDesign:
    """Lay out `n` base points, with the draws that Sobol indices need; `noisy` are the codes with noisy weights."""
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


class Sums(NamedTuple):
    """What the estimators need of a group of base points, per outcome (units, codes)."""

    points: Array  # base points that count
    every: Array  # sum of f over all draws
    first: Array  # sums of f and f^2 over A and B
    second: Array
    product: Array  # (factors, units, codes): sums of f(B) (f(A_i) - f(A)), of f(A_i) - f(A), and of its square
    shift: Array
    square: Array


def add_up(outcomes: Array, centre: Array) -> Sums:
    """Add up outcomes (points, draws, units, codes): A, B, then A with each factor from B; NaN where a draw failed.

    A `centre` (units, codes) near the mean is taken off first, so that no digits are lost.
    """
    y = outcomes - np.nan_to_num(centre)
    counts = np.asarray(~np.isnan(y).any(axis=1))
    y = np.where(counts[:, None], y, 0.0)
    a, b, mixed = y[:, 0], y[:, 1], y[:, 2:]
    shift = mixed - a[:, None]
    return Sums(
        points=counts.sum(axis=0).astype(np.float64),
        every=y.sum(axis=(0, 1)),
        first=(a + b).sum(axis=0),
        second=(a**2 + b**2).sum(axis=0),
        product=np.einsum("puc,pfuc->fuc", b, shift),
        shift=shift.sum(axis=0),
        square=(shift**2).sum(axis=0),
    )


def indices(sums: Sums) -> tuple[Array, Array]:
    """Return first-order and total indices, (factors, units + 1, codes): each unit, and last all units together.

    All units together have the sum of the units' variances. NaN where nothing varies.
    """
    count = np.where(sums.points > 0, sums.points, np.nan)
    middle = sums.every / ((2 + len(sums.shift)) * count)
    variance = sums.second / (2 * count) - (sums.first / (2 * count)) ** 2
    partial = (sums.product - middle * sums.shift) / count
    total = sums.square / (2 * count)
    noise = 1e-20 * (sums.second / (2 * count))
    return _shares(partial, variance, noise), _shares(total, variance, noise)


def _shares(parts: Array, variance: Array, noise: Array) -> Array:
    whole = np.concatenate([variance, np.nansum(variance, axis=0, keepdims=True)])
    least = np.concatenate([noise, np.nansum(noise, axis=0, keepdims=True)])
    numerators = np.concatenate([parts, np.nansum(parts, axis=1, keepdims=True)], axis=1)
    shares: Array = numerators / np.where(whole > least, whole, np.nan)
    return shares


def together(groups: Sequence[Sums]) -> Sums:
    """Add up the sums of groups, in order."""
    return Sums(*(sum(parts[1:], start=parts[0]) for parts in zip(*groups, strict=True)))


def jackknife(groups: Sequence[Sums]) -> tuple[Array, Array, Array, Array]:
    """Return first-order and total indices with their standard errors: (first, its error, total, its error)."""
    everything = together(groups)
    first, total = indices(everything)
    without = [indices(Sums(*(whole - own for whole, own in zip(everything, group, strict=True)))) for group in groups]
    return first, _error([one for one, _ in without]), total, _error([other for _, other in without])


def _error(estimates: list[Array]) -> Array:
    stacked, k = np.stack(estimates), len(estimates)
    if k < 2:  # noqa: PLR2004 - one group shows no spread
        return np.full(stacked.shape[1:], np.nan)
    spread: Array = np.sqrt((k - 1) / k * np.sum((stacked - stacked.mean(axis=0)) ** 2, axis=0))
    return spread
