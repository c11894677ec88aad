"""Where the draws of an uncertainty run lie: a quasi-random design for first-order and total Sobol indices.

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

from resilience_analysis.composite.checks import Array
from resilience_analysis.composite.choices import NOISE, SAMPLE, Factors
from resilience_analysis.foundation.errors import UsageError

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
        """Say whether a draw of this kind takes a factor from A (0) or from B (1)."""
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
