"""Weighted means over the children of an aggregate, and how each child shares in them.

Every mean takes values ``x`` of shape (..., units, children) and weights ``w`` of shape (..., children), whose
leading axes are draws of an uncertainty run, and gives (..., units). A missing child leaves the mean with its
weight; a unit without any child has a missing mean. Formulas as in COINr 1.1.14 (``a_*``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from resilience_analysis.composite.checks import Array, Mask

Curve = Callable[[Array], Array]


class Mean(Protocol):
    """What an aggregation method can do.

    Attributes
    ----------
    limit
        Which values its formula can take, as words for a message; empty when it takes all.
    """

    @property
    def limit(self) -> str:
        """Say which values the formula can take."""

    def __call__(self, x: Array, w: Array) -> Array:
        """Return the mean of each unit."""

    def split(self, x: Array, w: Array) -> Array:
        """Return what each child adds to the mean of each unit; the parts of a unit add up to it."""

    def broken(self, x: Array, w: Array) -> Mask:
        """Find the values, shape of `x`, for which the formula breaks."""


@dataclass(frozen=True)
class QuasiMean:
    """A mean f^-1(sum(w f(x)) / sum(w)), given by its curve f, the inverse and the slope.

    Attributes
    ----------
    curve, inverse, slope
        f, f^-1 and f'.
    lowest
        Values below it break the formula; with `open`, it does so itself.
    """

    curve: Curve
    inverse: Curve
    slope: Curve
    lowest: float = -np.inf
    open: bool = True

    @property
    def limit(self) -> str:
        """Say which values the formula can take."""
        if np.isinf(self.lowest):
            return ""
        return f"values {'above' if self.open else 'of at least'} {self.lowest:g}"

    def __call__(self, x: Array, w: Array) -> Array:
        """Return the weighted mean of each unit."""
        return self.inverse(arithmetic_mean(self.curve(x), w))

    def split(self, x: Array, w: Array) -> Array:
        """Return each child its weighted value, less its part of the gap to the arithmetic mean A.

        The gap is shared in proportion to how far f leaves its tangent at A, w |f(A) + f'(A) (x - A) - f(x)|.
        """
        shares = weight_shares(x, w)
        mean = np.nansum(shares * x, axis=-1, keepdims=True)
        gap = self(x, w)[..., None] - mean
        with np.errstate(divide="ignore", invalid="ignore"):
            bend = np.abs(self.curve(mean) + self.slope(mean) * (x - mean) - self.curve(x)) * shares
            part = bend / np.nansum(bend, axis=-1, keepdims=True)
        parts: Array = shares * x + gap * np.where(np.isfinite(part), part, shares)
        return parts

    def broken(self, x: Array, w: Array) -> Mask:  # noqa: ARG002 - every mean has the same form
        """Find the values below the lowest that the curve takes."""
        found: Mask = x <= self.lowest if self.open else x < self.lowest
        return found


def weight_shares(x: Array, w: Array) -> Array:
    """Share the weights over the children that have a value: they add up to 1 in each unit, NaN where missing."""
    given = np.where(np.isnan(x), 0.0, w[..., None, :])
    total = given.sum(axis=-1, keepdims=True)
    shares: Array = np.where(np.isnan(x) | (total == 0), np.nan, given / np.where(total == 0, 1.0, total))
    return shares


def arithmetic_mean(x: Array, w: Array) -> Array:
    """Return the weighted arithmetic mean, sum(w x) / sum(w) over the children present."""
    present = (~np.isnan(x)).astype(np.float64)
    total, summed = _weighted_sum(present, w), _weighted_sum(np.where(present, x, 0.0), w)
    mean: Array = np.divide(summed, np.where(total > 0, total, np.nan))
    return mean


def _weighted_sum(x: Array, w: Array) -> Array:
    if x.ndim == 2 and w.ndim == 2:  # noqa: PLR2004 - one table under many weights is one matrix product
        product: Array = w @ x.T
        return product
    summed: Array = np.matmul(x, w[..., :, None])[..., 0]
    return summed


def power_mean(power: float) -> QuasiMean:
    """Return the weighted generalised mean (sum(w x^p) / sum(w))^(1/p) of a power p other than 0."""
    if power == 1:
        return ARITHMETIC
    return QuasiMean(
        curve=lambda x: np.power(x, power),
        inverse=lambda m: np.power(m, 1 / power),
        slope=lambda x: power * np.power(x, power - 1),
        lowest=0.0,
        open=power < 0,
    )


def _same(x: Array) -> Array:
    return x


ARITHMETIC = QuasiMean(curve=_same, inverse=_same, slope=np.ones_like)
GEOMETRIC = QuasiMean(curve=np.log, inverse=np.exp, slope=np.reciprocal, lowest=0.0)
HARMONIC = QuasiMean(curve=np.reciprocal, inverse=np.reciprocal, slope=lambda x: -1 / np.square(x), lowest=0.0)
