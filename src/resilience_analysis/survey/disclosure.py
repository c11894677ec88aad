"""Keeping small groups hidden: what is suppressed, and what must be hidden with it so that it cannot be worked back.

Everything published together is a set of cells, tied by sums and limits (`ties`). A reader can solve the equations, and
try the limits; so can `recoverable` and an `Audit`, and `protect` hides cells until they find nothing.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Sequence

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import linalg

from resilience_analysis.survey.audit import Audit
from resilience_analysis.survey.ties import Limit, Relation, as_rows

_DRAWS = 2
_ZERO = 1e-6
_PRECISION = 1e-13


def protect(
    n: np.ndarray,
    relations: Sequence[Relation],
    threshold: int,
    *,
    together: Sequence[Sequence[int]] = (),
    limits: Sequence[Limit] = (),
) -> np.ndarray:
    """Choose the cells to hide: those of too few answers, and those that would give them away.

    Parameters
    ----------
    n
        Number of answers of every cell.
    relations
        Every equation between the cells.
    threshold
        Fewest answers that may be shown.
    together
        Cells that give each other away and are hidden all or none, see `ties.blocks`.
    limits
        Every inequality between the cells.

    Returns
    -------
    numpy.ndarray
        True where a cell is hidden. Unless nothing more can be hidden: no hidden number follows from what is shown by
        solving the equations; a number of answers below `threshold` does not follow from equations and limits together,
        though it is known to be whole and not negative; and wherever hidden cells add up to a number that follows, they
        are at least `threshold` answers together. A cell without any answer is hidden too, but holds no secret: that
        nobody answered may be worked out.

    Notes
    -----
    A shown cell is hidden where an equation has exactly one hidden member, or hidden parts of fewer than `threshold`
    answers: the one of fewest answers. What several equations give away is found with `recoverable`, and one cell more
    is hidden in the equations that do so. What limits give away is found with an `Audit`, and the cheapest cells are
    hidden that leave the small number another value. Numbers of `threshold` answers or more, hidden to protect others,
    may follow from limits: they could be shown by themselves, and hiding those too would hide whole tables.
    """
    guard = _Guard(np.asarray(n, dtype=float), relations, threshold, together)
    guard.settle(range(len(relations)))
    equations = as_rows(relations, len(guard.n)).tocsc()
    audit = Audit(guard.n, guard.costs(), threshold, relations, limits)
    while _hide_solved(guard, equations) or _hide_bounded(guard, audit):
        pass
    return guard.hidden


def _hide_solved(guard: _Guard, equations: sparse.csc_array) -> bool:
    """Hide a cell more for every number that follows from the equations; say whether there was any."""
    secret = guard.hidden & (guard.n > 0)
    exposed = np.flatnonzero(_determined(equations, secret)).tolist()
    touched = [guard.hide_one(guard.members(_betrayers(equations, secret, cell))) for cell in exposed]
    guard.settle(number for numbers in touched for number in numbers)
    return any(touched)


def _hide_bounded(guard: _Guard, audit: Audit) -> bool:
    """Hide what keeps a small number where it is, if there is one that can be no other."""
    remedy = audit.remedy(guard.hidden)
    guard.settle(number for cell in remedy for number in guard.hide(cell))
    return bool(remedy)


class _Guard:
    """The cells hidden so far, and what must be hidden next."""

    def __init__(
        self, n: np.ndarray, relations: Sequence[Relation], threshold: int, together: Sequence[Sequence[int]]
    ) -> None:
        self.n = n
        self.relations = relations
        self.threshold = threshold
        self.block_of = {cell: block for block in together for cell in block}
        self.relations_of: dict[int, list[int]] = defaultdict(list)
        for number, relation in enumerate(relations):
            for cell in relation.members:
                self.relations_of[cell].append(number)
        self.hidden = np.zeros(len(n), dtype=bool)
        self.secrets = [0] * len(relations)
        for cell in np.flatnonzero(~(n >= threshold)).tolist():
            self.hide(cell)

    def hide(self, cell: int) -> list[int]:
        """Hide a cell and those bound to it; give the equations that are touched."""
        touched = []
        for bound in self.block_of.get(cell, (cell,)):
            if not self.hidden[bound]:
                self.hidden[bound] = True
                touched += self.relations_of[bound]
                for number in self.relations_of[bound]:
                    self.secrets[number] += int(self.n[bound] > 0)
        return touched

    def settle(self, numbers: Iterable[int]) -> None:
        """Hide cells until no single equation gives a hidden one away."""
        waiting = deque(numbers)
        while waiting:
            number = waiting.popleft()
            if self.gives_away(number):
                waiting.extend(self.hide_one(self.members([number])))

    def gives_away(self, number: int) -> bool:
        relation = self.relations[number]
        count = self.secrets[number]
        if count == 1:
            return True
        whole_is_known = relation.whole is None or not self.hidden[relation.whole]
        if count == 0 or not whole_is_known:
            return False
        return bool(sum(self.n[cell] for cell in relation.parts if self.hidden[cell]) < self.threshold)

    def members(self, numbers: Iterable[int]) -> set[int]:
        return {cell for number in numbers for cell in self.relations[number].members}

    def hide_one(self, cells: Collection[int]) -> list[int]:
        """Hide the cheapest shown one of some cells, if there is one; give the equations that are touched."""
        shown = [cell for cell in cells if not self.hidden[cell]]
        return self.hide(min(shown, key=self.cost)) if shown else []

    def costs(self) -> np.ndarray:
        """Return the number of answers that go when a cell is hidden, with those bound to it."""
        return np.array([self.n[list(self.block_of.get(cell, (cell,)))].sum() for cell in range(len(self.n))])

    def cost(self, cell: int) -> tuple[float, int, int]:
        untouched = sum(self.secrets[number] == 0 for number in self.relations_of[cell])
        return float(self.n[cell]), untouched, cell


def recoverable(hidden: np.ndarray, relations: Sequence[Relation]) -> np.ndarray:
    """Say which hidden cells follow from the shown ones by solving all equations together.

    Returns
    -------
    numpy.ndarray
        True where a cell is hidden and its value is determined.

    Notes
    -----
    The equations over the hidden cells are ``A x = b``. A cell is determined when it is zero in every vector of the
    null space of A; a random vector of that space (a random vector less its projection on the rows of A) is zero
    there and, but for chance, nowhere else.
    """
    return _determined(as_rows(relations, len(hidden)).tocsc(), hidden)


def _determined(equations: sparse.csc_array, hidden: np.ndarray) -> np.ndarray:
    cells = np.flatnonzero(hidden)
    matrix = equations[:, cells].tocsr()
    free = np.zeros(len(cells), dtype=bool)
    random = np.random.default_rng(0)
    for _ in range(_DRAWS if len(cells) else 0):
        vector = random.standard_normal(len(cells))
        free |= np.abs(vector - _least_squares(matrix, matrix @ vector)) > _ZERO
    out = np.zeros(len(hidden), dtype=bool)
    out[cells[~free]] = True
    return out


def _betrayers(equations: sparse.csc_array, hidden: np.ndarray, cell: int) -> list[int]:
    """Return the equations that together determine a hidden cell: those that the solution for it combines."""
    cells = np.flatnonzero(hidden)
    parts = _least_squares(equations[:, cells].T.tocsr(), (cells == cell).astype(float))
    return np.flatnonzero(np.abs(parts) > _ZERO).tolist()


def _least_squares(matrix: sparse.csr_array, right: np.ndarray) -> np.ndarray:
    most = 20 * max(matrix.shape)
    return np.asarray(linalg.lsmr(matrix, right, atol=_PRECISION, btol=_PRECISION, maxiter=most)[0])


def status_of(n: pd.Series, hidden: np.ndarray, indicative_below: int) -> pd.Series:
    """Return the status of each cell: ``ok``, ``indicative`` or ``suppressed``."""
    status = np.where(n < indicative_below, "indicative", "ok")
    return pd.Series(np.where(hidden, "suppressed", status), index=n.index, dtype=object)
