"""Alternatives of official statistics to hiding, small: what they keep of the same region, and what they give away.

Cell-key perturbation (Fraser and Wooton 2005; Eurostat 2019, Guidelines on the cell key method) adds to every count a
noise that follows from who is in it, so that the same group has the same noise in every table. Rounding brings every
count to a multiple of a base: up or down at random without a bias, totals by themselves; or controlled (Cox 1987, J.
Am. Stat. Assoc. 82:420-424), so that parts add up to their totals, as near to the counts as they then can be.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

# Probabilities of a noise from -2 to 2 with mean 0.
_FURTHEST = 3  # multiples above a count
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


def rounded_in_control(counts: np.ndarray, base: int, lines: Sequence[tuple[list[int], int]]) -> np.ndarray:
    """Return one column of counts as multiples of a base that add up, nearest to them.

    Parameters
    ----------
    counts
        The counts, totals among them.
    base
        What they are multiples of.
    lines
        Places of the parts and of their total.

    Notes
    -----
    A programme in whole numbers: a multiple and its distance for each count, the least sum of distances. A count
    of 0 stays 0, without which the programme did not end in hours; another may
    go further than the multiples beside it, for with more than two groupings these do not always add up (Cox 1987).
    """
    size = len(counts)
    sums = np.zeros((len(lines), 2 * size))
    for row, (parts, total) in enumerate(lines):
        sums[row, parts], sums[row, total] = 1, -1
    near = np.block([[base * np.eye(size), -np.eye(size)], [-base * np.eye(size), -np.eye(size)]])
    found = milp(
        np.r_[np.zeros(size), np.ones(size)],
        constraints=[LinearConstraint(sums, 0, 0), LinearConstraint(near, -np.inf, np.r_[counts, -counts])],
        integrality=np.r_[np.ones(size), np.zeros(size)],
        bounds=Bounds(0, np.r_[np.where(counts == 0, 0, counts // base + _FURTHEST), np.full(size, np.inf)]),
    )
    return np.asarray(base * np.rint(found.x[:size]))
