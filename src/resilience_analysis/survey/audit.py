"""What a reader can work back of hidden numbers of answers, knowing that they are whole and not negative.

Sums and limits tie the numbers of answers (`ties`). A hidden number is safe when another whole number fits all that is
known. That is found by linear programming, as auditing of suppressed tables does.

References
----------
Hundepool et al. 2012, Statistical Disclosure Control, section 4.3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import highspy
import numpy as np
from scipy import sparse

from resilience_analysis.survey.ties import Limit, Relation, as_rows

# What the solver calls one and nothing.
_ONE, _ZERO = 1 - 1e-6, 1e-9
# After two rounds of random wishes, looking at the few cells that are left one by one is faster.
_ROUNDS = 2
# In more cells than this, what changes far away takes seconds to weigh, and is seldom cheaper than what is near.
_LARGE, _HOPS = 10_000, 2
_OPTIONS = {
    "output_flag": False,
    # A process that is forked later must not wait for threads it has not got.
    "threads": 1,
    # Bounds that are moved a little only slow it, here.
    "primal_simplex_bound_perturbation_multiplier": 0.0,
}
# The dual simplex is at home where bounds change, the primal one where wishes do.
_DUAL, _PRIMAL = 1, 4


class Audit:
    """A reader who knows what ties the numbers of answers, and looks for small ones that can be no other number.

    Parameters
    ----------
    n
        Number of answers of every cell.
    cost
        What it costs to hide a cell, above 0.
    threshold
        Fewest answers that may be shown: numbers below it are looked for. That a cell is 0 is not a secret.
    relations, limits
        What is known to hold of them. A limit that does not hold of `n` is nothing a reader could know.
    """

    def __init__(
        self,
        n: np.ndarray,
        cost: np.ndarray,
        threshold: int,
        relations: Sequence[Relation],
        limits: Sequence[Limit] = (),
    ) -> None:
        self._n = n
        self._cost = cost
        self._sought = (n > 0) & (n < threshold)
        self._rows, self._room = _known(n, relations, limits)
        self._reader = _solver(self._rows, self._room, _PRIMAL)
        self._hidden = np.zeros(len(n), dtype=bool)

    def remedy(self, hidden: np.ndarray) -> list[int]:
        """Find a small number that can be no other, and the cheapest cells to hide so that it can.

        Parameters
        ----------
        hidden
            Which cells a reader does not see; no fewer than the last time.

        Returns
        -------
        list of int
            Shown cells: the number can be one more, or one less, when these are hidden too. Empty when there is no such
            number, or nothing that helps.

        Raises
        ------
        RuntimeError
            When the solver fails, so that nothing is shown unchecked.
        """
        first = not self._hidden.any()
        self._hide(hidden)
        if first:
            self._shake()
        for cell in np.flatnonzero(self._sought).tolist():
            if self._sought[cell] and not self._moves(cell):
                self._sought[cell] = False
                if remedy := self._cheapest(cell):
                    return remedy
        return []

    def _hide(self, hidden: np.ndarray) -> None:
        cells = np.flatnonzero(hidden & ~self._hidden & (self._n > 0))
        most = np.full(len(cells), self._n.max(initial=1))
        self._reader.changeColsBounds(len(cells), cells.astype(np.int32), -self._n[cells], most)
        self._hidden = hidden.copy()

    def _shake(self) -> None:
        """Settle most cells at once: with random wishes for all together nearly all can move."""
        random = np.random.default_rng(0)
        for _ in range(_ROUNDS):
            wish = np.where(self._sought, random.standard_normal(len(self._n)), 0.0)
            for sign in (1, -1):
                self._settle(sign * wish)

    def _moves(self, cell: int) -> bool:
        """Say whether a hidden number can be another, while the shown ones stay."""
        wish = np.zeros(len(self._n))
        for sign in (1, -1):
            wish[cell] = sign
            self._settle(wish)
            if not self._sought[cell]:
                return True
        return False

    def _settle(self, wish: np.ndarray) -> None:
        """Take the numbers that fit all that is known and make `wish` least: those that changed can be another."""
        change = _solved(self._reader, wish)
        if change is None:
            # The true numbers always fit, so this is the solver's failure, and nothing may be shown unchecked.
            raise RuntimeError(f"the solver stopped: {self._reader.getModelStatus()}")
        self._sought &= np.abs(change) < _ONE

    def _cheapest(self, cell: int) -> list[int]:
        """Return the shown cells that change when a hidden number changes by 1 in the cheapest way; none if it cannot.

        Of a large table it is the cheapest of those in which only cells nearby change, where there is any.
        """
        everywhere = np.flatnonzero(self._n > 0)
        for cells in (self._near(cell), everywhere) if len(everywhere) > _LARGE else (everywhere,):
            ways = list(self._ways(cell, cells))
            if ways:
                return min(ways, key=lambda way: float(self._cost[way].sum()))
        return []

    def _near(self, cell: int) -> np.ndarray:
        """Return the cells that share an equation or limit with one that shares one with a cell."""
        cells = np.array([cell])
        for _ in range(_HOPS):
            cells = np.unique(self._rows[self._touching(cells)].indices)
        return np.flatnonzero(np.isin(np.arange(len(self._n)), cells) & (self._n > 0))

    def _touching(self, cells: np.ndarray) -> np.ndarray:
        return np.flatnonzero(np.diff(self._rows[:, cells].indptr))

    def _ways(self, cell: int, cells: np.ndarray) -> Iterator[list[int]]:
        """Yield the shown cells that change at the least cost when one goes up by 1, and when it goes down by 1."""
        mine = cells == cell
        rows = self._touching(cells)
        known = self._rows[rows][:, cells]
        # Above and below the true number are two variables here, so that both have a cost.
        solver = _solver(sparse.hstack([known, -known], format="csr"), self._room[:, rows], _DUAL)
        most = np.array([np.full(len(cells), self._n.max()), self._n[cells]])
        cost = np.where(self._hidden[cells], 0.0, self._cost[cells])
        places = np.arange(most.size, dtype=np.int32)
        for up in (1, 0):
            fixed = np.array([[up], [1 - up]]) * mine
            low, high = np.where(mine, fixed, 0.0), np.where(mine, fixed, most)
            solver.changeColsBounds(most.size, places, low.ravel(), high.ravel())
            change = _solved(solver, np.concatenate([cost, cost]))
            if change is not None:
                changed = (change.reshape(most.shape) > _ZERO).any(axis=0)
                yield cells[changed & ~self._hidden[cells]].tolist()


def _solved(solver: highspy.Highs, cost: np.ndarray) -> np.ndarray | None:
    """Return the variables that fit and cost least; nothing where none fit, or where it is not certain that they do."""
    solver.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return np.asarray(solver.getSolution().col_value)


def _known(
    n: np.ndarray, relations: Sequence[Relation], limits: Sequence[Limit]
) -> tuple[sparse.csr_array, np.ndarray]:
    """Write down what is known of differences from `n`, a row each: 0 in relations, up to some room in limits."""
    equations, at_most = as_rows(relations, len(n)), as_rows(limits, len(n))
    at_most = at_most[np.flatnonzero(at_most @ n <= 0)]
    room = np.zeros((2, equations.shape[0] + at_most.shape[0]))
    room[0, equations.shape[0] :] = -highspy.kHighsInf
    room[1, equations.shape[0] :] = -(at_most @ n)
    return sparse.vstack([equations, at_most], format="csr"), room


def _solver(rows: sparse.csr_array, room: np.ndarray, strategy: int) -> highspy.Highs:
    """Set up a linear programme in which nothing varies yet."""
    programme = highspy.HighsLp()
    programme.num_row_, programme.num_col_ = rows.shape
    programme.col_cost_ = programme.col_lower_ = programme.col_upper_ = np.zeros(rows.shape[1])
    programme.row_lower_, programme.row_upper_ = room
    programme.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    programme.a_matrix_.start_, programme.a_matrix_.index_ = rows.indptr, rows.indices
    programme.a_matrix_.value_ = rows.data
    solver = highspy.Highs()
    for option, value in (_OPTIONS | {"simplex_strategy": strategy}).items():
        solver.setOptionValue(option, value)
    solver.passModel(programme)
    return solver
