"""The mean less a penalty for being uneven: the Mazziotta-Pareto index and its adjusted form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from resilience_analysis.composite.checks import Array, Mask
from resilience_analysis.composite.means import arithmetic_mean, weight_shares


@dataclass(frozen=True)
class PenalisedMean:
    """M - S * cv with cv = S / M, where M and S are the weighted mean and deviation of a unit's children.

    The index of Mazziotta and Pareto (2013) over values normalised by ``mpi`` (mean 100, deviation 10), and the
    adjusted one (2016) over values normalised by ``ampi`` (70 to 130, the reference at 100). `sign` -1 lowers the
    mean, for what is wanted in balance; 1 raises it, for what is feared.
    """

    sign: int = -1
    limit: str = "children whose mean is above 0"

    def __call__(self, x: Array, w: Array) -> Array:
        """Return the mean less the penalty of each unit."""
        mean = arithmetic_mean(x, w)
        variance = arithmetic_mean(np.square(x - mean[..., None]), w)
        penalised: Array = mean + self.sign * variance / mean
        return penalised

    def split(self, x: Array, w: Array) -> Array:
        """Return each child its weighted value, less the part of the penalty that its own distance causes."""
        mean = arithmetic_mean(x, w)[..., None]
        parts: Array = weight_shares(x, w) * (x + self.sign * np.square(x - mean) / mean)
        return parts

    def broken(self, x: Array, w: Array) -> Mask:
        """Find the children of units whose mean is zero or negative."""
        found: Mask = (arithmetic_mean(x, w)[..., None] <= 0) & ~np.isnan(x)
        return found
