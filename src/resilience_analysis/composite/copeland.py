"""Copeland scores: how many units a unit beats, less how many beat it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from resilience_analysis.composite.arrays import round_significant
from resilience_analysis.composite.checks import Array, Mask

CELLS = 4_000_000
"""How many pairs of units times children (or draws) are held in memory at once."""


@dataclass(frozen=True)
class Copeland:
    """The sum over all other units of 1 for a win, -1 for a defeat, 0 for a draw.

    A unit wins over another when the children in which it is better weigh more than those in which it is worse;
    only children that both have are compared, so the result does not depend on the order of the rows, and two
    units with nothing in common draw. A unit without any child that weighs something has no score. Values that
    agree to 12 significant digits are equal. With complete data this is ``a_copeland`` of COINr.
    """

    limit: str = ""

    def __call__(self, x: Array, w: Array) -> Array:
        """Return the score of each unit."""
        if x.ndim > 2:  # noqa: PLR2004 - draws with children of their own are scored one by one
            many = np.broadcast_to(w, (len(x), w.shape[-1]))
            return np.stack([self(part, weights) for part, weights in zip(x, many, strict=True)])
        draws = np.atleast_2d(w)
        scores = np.empty((len(draws), len(x)))
        for rows, better in _comparisons(x, len(draws)):
            scores[:, rows] = _outcomes(better @ draws.T, draws).sum(axis=1).T
        scores[draws @ (~np.isnan(x)).T.astype(np.float64) == 0] = np.nan
        return scores if w.ndim > 1 else scores[0]

    def split(self, x: Array, w: Array) -> Array:
        """Return each child its share of the margin by which each pair was decided, summed over the pairs."""
        parts = np.empty(x.shape)
        for rows, better in _comparisons(x, 1):
            margin = better @ w
            decided = np.abs(_outcomes(margin[..., None], w[None, :])[..., 0])
            weight = decided / np.where(decided == 0, 1.0, np.abs(margin))
            parts[rows] = np.einsum("ij,ijk->ik", weight, better) * w
        return np.where(np.isnan(x), np.nan, parts)

    def broken(self, x: Array, w: Array) -> Mask:  # noqa: ARG002 - every mean has the same form
        """Find nothing: every value can be compared."""
        return np.zeros(x.shape, dtype=bool)


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
