"""First-order and total Sobol indices, added up over groups of base points.

With f(A), f(B) and f(A_i), A with factor i from B, the outcomes at a base point, mu the mean of all outcomes and V the
variance of all f(A) and f(B):

    first order  S_i = mean of (f(B) - mu) (f(A_i) - f(A)) / V      (Saltelli et al. 2010)
    total        T_i = mean of (f(A) - f(A_i))^2 / (2 V)            (Jansen 1999)

the estimators of SALib. Their standard errors are those of a jackknife over groups of base points. Base points at
which a draw failed count for no factor.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from resilience_analysis.composite.checks import Array


@dataclass(frozen=True)
class Sums:
    """What the estimators need of a group of base points, per outcome (units, codes).

    Attributes
    ----------
    count
        (units, codes): base points that count.
    every
        Sum of f over all draws.
    first, second
        Sums of f and f^2 over A and B.
    product, shift, square
        (factors, units, codes): sums of f(B) (f(A_i) - f(A)), of f(A_i) - f(A), and of its square.
    """

    count: Array
    every: Array
    first: Array
    second: Array
    product: Array
    shift: Array
    square: Array

    def __add__(self, other: Sums) -> Sums:
        """Add the sums of two groups."""
        return Sums(*(mine + theirs for mine, theirs in zip(self.parts(), other.parts(), strict=True)))

    def __sub__(self, other: Sums) -> Sums:
        """Take the sums of a group out."""
        return Sums(*(mine - theirs for mine, theirs in zip(self.parts(), other.parts(), strict=True)))

    def parts(self) -> tuple[Array, ...]:
        """Return all sums, in order."""
        return self.count, self.every, self.first, self.second, self.product, self.shift, self.square


def add_up(outcomes: Array, centre: Array) -> Sums:
    """Add up the outcomes of some base points.

    Parameters
    ----------
    outcomes
        (points, draws, units, codes): A, B, then A with each factor from B; NaN where a draw failed.
    centre
        (units, codes): a value near the mean, taken off first so that no digits are lost.
    """
    y = outcomes - np.nan_to_num(centre)
    counts = np.asarray(~np.isnan(y).any(axis=1))
    y = np.where(counts[:, None], y, 0.0)
    a, b, mixed = y[:, 0], y[:, 1], y[:, 2:]
    shift = mixed - a[:, None]
    return Sums(
        count=counts.sum(axis=0).astype(np.float64),
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
    count = np.where(sums.count > 0, sums.count, np.nan)
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


def jackknife(groups: list[Sums]) -> tuple[Array, Array, Array, Array]:
    """Return first-order and total indices with their standard errors: (first, its error, total, its error)."""
    everything = groups[0]
    for group in groups[1:]:
        everything = everything + group
    first, total = indices(everything)
    without = [indices(everything - group) for group in groups]
    return first, _error([one for one, _ in without]), total, _error([other for _, other in without])


def _error(estimates: list[Array]) -> Array:
    stacked, k = np.stack(estimates), len(estimates)
    if k < 2:  # noqa: PLR2004 - one group shows no spread
        return np.full(stacked.shape[1:], np.nan)
    spread: Array = np.sqrt((k - 1) / k * np.sum((stacked - stacked.mean(axis=0)) ** 2, axis=0))
    return spread
