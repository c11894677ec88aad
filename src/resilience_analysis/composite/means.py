"""What an aggregate can be of its children: means, sum, product, Copeland; and how each child shares in it.

Every mean takes values ``x`` of shape (..., units, children) and weights ``w`` of shape (..., children), whose
leading axes are draws of an uncertainty run, and gives (..., units). A missing child leaves the mean with its
weight; a unit without any child has a missing mean. Formulas as in COINr 1.1.14 (``a_*``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from resilience_analysis.composite.arrays import Array, Mask, round_significant
from resilience_analysis.foundation.errors import UsageError, unknown

Curve = Callable[[Array], Array]
Formula = Callable[[Array, Array], Array]


class Mean(NamedTuple):
    """What an aggregation method can do; `split` and `broken` have the form of `of`."""

    of: Formula  # the mean of each unit
    split: Formula | None = None  # what each child adds to it, adding up to it; None: its share of the weights of it
    limit: str = ""  # which values the formula can take, as words for a message; empty when it takes all
    broken: Callable[[Array, Array], Mask] = lambda x, _: np.zeros(x.shape, dtype=bool)  # finds those it cannot
    slope: Curve | None = None  # f' of a mean f^-1(sum(w f(x)) / sum(w)), by which margins are carried

    def parts(self, x: Array, w: Array) -> Array:
        """Return what each child adds to the mean of each unit."""
        if self.split is not None:
            return self.split(x, w)
        parts: Array = weight_shares(x, w) * self.of(x, w)[..., None]
        return parts


def quasi_mean(curve: Curve, inverse: Curve, slope: Curve, *, lowest: float = -np.inf, is_open: bool = True) -> Mean:
    """Return the mean f^-1(sum(w f(x)) / sum(w)) of a curve f, its inverse and its slope.

    Values below the `lowest`, or where it is open also that one itself, break the formula.
    """

    def mean(x: Array, w: Array) -> Array:
        return inverse(arithmetic_mean(curve(x), w))

    def split(x: Array, w: Array) -> Array:
        """Return each child its weighted value, less its part of the gap to the arithmetic mean A.

        The gap is shared in proportion to how far f leaves its tangent at A, w |f(A) + f'(A) (x - A) - f(x)|.
        """
        shares = weight_shares(x, w)
        middle = np.nansum(shares * x, axis=-1, keepdims=True)
        gap = mean(x, w)[..., None] - middle
        with np.errstate(divide="ignore", invalid="ignore"):
            bend = np.abs(curve(middle) + slope(middle) * (x - middle) - curve(x)) * shares
            part = bend / np.nansum(bend, axis=-1, keepdims=True)
        parts: Array = shares * x + gap * np.where(np.isfinite(part), part, shares)
        return parts

    limit = "" if np.isinf(lowest) else f"values {'above' if is_open else 'of at least'} {lowest:g}"
    return Mean(mean, split, limit, lambda x, _: x <= lowest if is_open else x < lowest, slope)


def weight_shares(x: Array, w: Array) -> Array:
    """Share the weights over the children that have a value: they add up to 1 in each unit, NaN where missing."""
    given = np.where(np.isnan(x), 0.0, w[..., None, :])
    total = given.sum(axis=-1, keepdims=True)
    shares: Array = np.where(np.isnan(x) | (total == 0), np.nan, given / np.where(total == 0, 1.0, total))
    return shares


def arithmetic_mean(x: Array, w: Array) -> Array:
    """Return the weighted arithmetic mean, sum(w x) / sum(w) over the children present."""
    total, summed = _sums(x, w)
    mean: Array = np.divide(summed, total)
    return mean


def _sums(x: Array, w: Array) -> tuple[Array, Array]:
    """Return the weights of the children present, missing where none weighs something, and the sum of w x."""
    present = (~np.isnan(x)).astype(np.float64)
    total = _weighted_sum(present, w)
    return np.where(total > 0, total, np.nan), _weighted_sum(np.where(present, x, 0.0), w)


def _weighted_sum(x: Array, w: Array) -> Array:
    if x.ndim == 2 and w.ndim == 2:  # noqa: PLR2004 - one table under many weights is one matrix product
        product: Array = w @ x.T
        return product
    summed: Array = np.matmul(x, w[..., :, None])[..., 0]
    return summed


def power_mean(power: float) -> Mean:
    """Return the weighted generalised mean (sum(w x^p) / sum(w))^(1/p) of a power p other than 0."""
    if power == 1:
        return ARITHMETIC
    return quasi_mean(
        lambda x: np.power(x, power),
        lambda m: np.power(m, 1 / power),
        lambda x: power * np.power(x, power - 1),
        lowest=0.0,
        is_open=power < 0,
    )


ARITHMETIC = quasi_mean(lambda x: x, lambda m: m, np.ones_like)
GEOMETRIC = quasi_mean(np.log, np.exp, np.reciprocal, lowest=0.0)
HARMONIC = quasi_mean(np.reciprocal, np.reciprocal, lambda x: -1 / np.square(x), lowest=0.0)


def _sum(x: Array, w: Array) -> Array:
    """Return the sum of w x over the children present, equal weights 1 each; missing where none weighs something."""
    total, summed = _sums(x, w)
    return np.where(np.isnan(total), np.nan, summed)


def _product(x: Array, w: Array) -> Array:
    """Return the product of x^w over the children present, equal weights 1 each; missing where none weighs something.

    It has no parts that add up by themselves: they are shared by weight.
    """
    powers = np.where(np.isnan(x), 1.0, np.power(np.where(x >= 0, x, np.nan), w[..., None, :]))
    return np.where(np.isnan(_sums(x, w)[0]), np.nan, powers.prod(axis=-1))


def own_mean(function: Callable[[Array, Array], Any]) -> Mean:
    """Return the mean that a function makes of values (units, children), NaN where missing, and weights (children,).

    What the function does is not known: its parts are shared by weight, and what it cannot take it says itself.
    """

    def made(table: Array, w: Array) -> Array:
        scores = np.asarray(function(table.copy(), w.copy()), dtype=np.float64)
        if scores.shape != (len(table),):
            raise UsageError(
                f"the function for aggregation gives {scores.shape} values for {len(table)} units. "
                "It takes an array of units x children and the weights, and returns one score per unit"
            )
        return scores

    def mean(x: Array, w: Array) -> Array:
        shape = np.broadcast_shapes(x.shape[:-2], w.shape[:-1])
        tables = np.broadcast_to(x, (*shape, *x.shape[-2:])).reshape(-1, *x.shape[-2:])
        weights = np.broadcast_to(w, (*shape, w.shape[-1])).reshape(-1, w.shape[-1])
        scores = [made(table, own) for table, own in zip(tables, weights, strict=True)]
        return np.stack(scores).reshape(*shape, x.shape[-2])

    return Mean(mean)


def penalised_mean(sign: int) -> Mean:
    """Return M - S * cv with cv = S / M, where M and S are the weighted mean and deviation of a unit's children.

    The index of Mazziotta and Pareto (2013) over values normalised by ``mpi`` (mean 100, deviation 10), and the
    adjusted one (2016) over values normalised by ``ampi`` (70 to 130, the reference at 100). A sign of -1 lowers the
    mean, for what is wanted in balance; 1 raises it, for what is feared.
    """

    def mean(x: Array, w: Array) -> Array:
        middle = arithmetic_mean(x, w)
        variance = arithmetic_mean(np.square(x - middle[..., None]), w)
        penalised: Array = middle + sign * variance / middle
        return penalised

    def split(x: Array, w: Array) -> Array:
        """Return each child its weighted value, less the part of the penalty that its own distance causes."""
        middle = arithmetic_mean(x, w)[..., None]
        parts: Array = weight_shares(x, w) * (x + sign * np.square(x - middle) / middle)
        return parts

    def broken(x: Array, w: Array) -> Mask:
        found: Mask = (arithmetic_mean(x, w)[..., None] <= 0) & ~np.isnan(x)
        return found

    return Mean(mean, split, "children whose mean is above 0", broken)


CELLS = 4_000_000
"""How many pairs of units times children (or draws) are held in memory at once."""


def _copeland(x: Array, w: Array) -> Array:
    """Return the sum over all other units of 1 for a win, -1 for a defeat, 0 for a draw.

    A unit wins over another when the children in which it is better weigh more than those in which it is worse;
    only children that both have are compared, so the result does not depend on the order of the rows, and two
    units with nothing in common draw. A unit without any child that weighs something has no score. Values that
    agree to 12 significant digits are equal. With complete data this is ``a_copeland`` of COINr.
    """
    if x.ndim > 2:  # noqa: PLR2004 - draws with children of their own are scored one by one
        many = np.broadcast_to(w, (len(x), w.shape[-1]))
        return np.stack([_copeland(part, weights) for part, weights in zip(x, many, strict=True)])
    draws = np.atleast_2d(w)
    scores = np.empty((len(draws), len(x)))
    for rows, better in _comparisons(x, len(draws)):
        scores[:, rows] = _outcomes(better @ draws.T, draws).sum(axis=1).T
    scores[draws @ (~np.isnan(x)).T.astype(np.float64) == 0] = np.nan
    return scores if w.ndim > 1 else scores[0]


def _copeland_parts(x: Array, w: Array) -> Array:
    """Return each child its share of the margin by which each pair was decided, summed over the pairs."""
    parts = np.empty(x.shape)
    for rows, better in _comparisons(x, 1):
        margin = better @ w
        decided = np.abs(_outcomes(margin[..., None], w[None, :])[..., 0])
        weight = decided / np.where(decided == 0, 1.0, np.abs(margin))
        parts[rows] = np.einsum("ij,ijk->ik", weight, better) * w
    return np.where(np.isnan(x), np.nan, parts)


def _comparisons(x: Array, draws: int) -> Iterator[tuple[slice, Array]]:
    """Compare blocks of units with all units: 1 better, -1 worse, 0 equal or missing; (rows, units, children)."""
    values = round_significant(x)
    step = max(1, CELLS // (len(x) * max(x.shape[1], draws)))
    for start in range(0, len(x), step):
        rows = slice(start, min(start + step, len(x)))
        mine, theirs = values[rows, None, :], values[None, :, :]
        yield rows, (mine > theirs).astype(np.float64) - (mine < theirs)


def _outcomes(margin: Array, draws: Array) -> Array:
    """Turn margins (..., draws) into 1, -1 and 0; a margin of rounding noise is a draw."""
    noise = 1e-12 * draws.sum(axis=1)
    outcome: Array = np.where(np.abs(margin) <= noise, 0.0, np.sign(margin))
    return outcome


MEANS: dict[str, Mean] = {
    "arithmetic": ARITHMETIC,
    "geometric": GEOMETRIC,
    "harmonic": HARMONIC,
    "sum": Mean(_sum, lambda x, w: w[..., None, :] * x),
    "product": Mean(_product, limit="values of at least 0", broken=lambda x, _: x < 0),
    "copeland": Mean(_copeland, _copeland_parts),
    **dict.fromkeys(("mpi", "ampi"), penalised_mean(-1)),
    **dict.fromkeys(("mpi+", "ampi+"), penalised_mean(1)),
}
AGGREGATIONS = (*MEANS, "generalised")


def read_mean(name: str | Callable[[Array, Array], Any], power: float = 2.0) -> Mean:
    """Return the mean of a name (``generalised:-1`` is the generalised mean with that power) or of a function."""
    if not isinstance(name, str):
        return own_mean(name)
    if name in MEANS:
        return MEANS[name]
    stem, _, given = name.partition(":")
    if stem != "generalised":
        raise UsageError(unknown("aggregation method", name, AGGREGATIONS))
    try:
        exponent = float(given) if given else power
    except ValueError:
        raise UsageError(f"the power {given!r} of {name!r} is not a number") from None
    if exponent == 0 or not np.isfinite(exponent):
        raise UsageError(f"the power {exponent:g} has no mean; for a power of 0 choose geometric")
    return power_mean(exponent)
