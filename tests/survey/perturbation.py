"""Two alternatives of official statistics to hiding, small: what they keep of the same region, and what they give away.

Cell-key perturbation (Fraser and Wooton 2005; Eurostat 2019, Guidelines on the cell key method) adds to every count a
noise that follows from who is in it, so that the same group has the same noise in every table. Controlled rounding
(Cox 1987) here rounds every count to a multiple of a base, up or down at random without a bias, totals by themselves.
"""

from __future__ import annotations

import numpy as np

# Probabilities of a noise from -2 to 2 with mean 0.
_NOISE, _CHANCES = np.arange(-2, 3), np.array([0.1, 0.2, 0.4, 0.2, 0.1])


def cell_keys(inside: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Return the key of every count: the fraction of the sum of the keys of who is in it.

    Parameters
    ----------
    inside
        A row per count, a column per respondent: whether the respondent is counted.
    keys
        A number from 0 to 1 per respondent.
    """
    return np.asarray((inside @ keys) % 1)


def perturbed(counts: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Return counts with the noise of their keys, never below 0; a count of 0 stays 0."""
    noise = _NOISE[np.searchsorted(np.cumsum(_CHANCES)[:-1], keys, side="right")]
    return np.where(counts == 0, 0, np.maximum(counts + noise, 0))


def rounded_at_random(counts: np.ndarray, base: int, random: np.random.Generator) -> np.ndarray:
    """Return counts as multiples of a base, up with the chance that keeps their mean."""
    down = counts // base * base
    return np.asarray(down + base * (random.random(counts.shape) < (counts - down) / base))
