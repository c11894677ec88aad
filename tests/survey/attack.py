"""A reader who tries to work hidden cells back, by other means than the code that hides them."""

from __future__ import annotations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from resilience_analysis.survey.ties import Relation


def equations(cells: int, relations: list[Relation]) -> np.ndarray:
    """Write every relation as a row of a matrix over all cells."""
    matrix = np.zeros((len(relations), cells))
    for row, relation in zip(matrix, relations, strict=True):
        row[list(relation.parts)] = 1
        if relation.whole is not None:
            row[relation.whole] = -1
    return matrix


def means(cells: int, blocks: list[tuple[int, ...]]) -> np.ndarray:
    """Write every dimension as the mean of its items: the last cell of a block is the mean of the others."""
    matrix = np.zeros((len(blocks), cells))
    for row, block in zip(matrix, blocks, strict=True):
        row[list(block[:-1])] = 1
        row[block[-1]] = -(len(block) - 1)
    return matrix


def solved(secret: np.ndarray, relations: list[Relation], blocks: list[tuple[int, ...]] = ()) -> np.ndarray:
    """Return the hidden cells whose value follows, by the null space of the equations over them (dense, by SVD)."""
    places = np.flatnonzero(secret)
    matrix = np.vstack([equations(len(secret), relations), means(len(secret), blocks)])[:, places]
    if not len(places):
        return places
    _, sizes, rows = np.linalg.svd(matrix)
    null = rows[(sizes > 1e-9).sum() :]
    fixed = np.abs(null).max(axis=0) < 1e-9 if len(null) else np.ones(len(places), dtype=bool)
    return places[fixed]


def bounds(
    values: np.ndarray, hidden: np.ndarray, relations: list[Relation], cell: int, limits: list[dict[int, float]] = ()
) -> tuple[int, int]:
    """Return the least and greatest whole number a hidden cell can have, numbers of answers being 0 or more.

    Of every limit the sum of factor times number is at most 0.
    """
    equal = equations(len(values), relations)
    least = np.zeros((len(limits), len(values)))
    for row, limit in zip(least, limits, strict=True):
        row[list(limit)] = list(limit.values())
    total = equal @ values
    known = [LinearConstraint(equal, total, total)] if len(relations) else []
    known += [LinearConstraint(least, -np.inf, 0)] if len(limits) else []
    goal = (np.arange(len(values)) == cell).astype(float)
    box = Bounds(np.where(hidden, 0, values), np.where(hidden, values.sum(), values))
    ends = [milp(sign * goal, constraints=known, integrality=np.ones(len(values)), bounds=box) for sign in (1, -1)]
    assert all(end.success for end in ends)
    return round(ends[0].fun), round(-ends[1].fun)
