"""A reader who tries to work hidden cells back, by other means than the code that hides them."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog

from resilience_analysis.survey.disclosure import Relation


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
    """Give the hidden cells whose value follows, by the null space of the equations over them (dense, by SVD)."""
    places = np.flatnonzero(secret)
    matrix = np.vstack([equations(len(secret), relations), means(len(secret), blocks)])[:, places]
    if not len(places):
        return places
    _, sizes, rows = np.linalg.svd(matrix)
    null = rows[(sizes > 1e-9).sum() :]
    fixed = np.abs(null).max(axis=0) < 1e-9 if len(null) else np.ones(len(places), dtype=bool)
    return places[fixed]


def bounds(values: np.ndarray, hidden: np.ndarray, relations: list[Relation], cell: int) -> tuple[float, float]:
    """Give the least and greatest number a hidden cell can have, numbers of answers being 0 or more."""
    matrix = equations(len(values), relations)
    total = matrix @ values
    places = np.flatnonzero(hidden)
    right = total - matrix[:, ~hidden] @ values[~hidden]
    goal = (places == cell).astype(float)
    ends = [
        linprog(sign * goal, A_eq=matrix[:, places], b_eq=right, bounds=(0, None), method="highs").fun
        for sign in (1, -1)
    ]
    return float(ends[0]), float(-ends[1])
