"""Which groups of a table are hidden: those that tell too much, and those that would give them away.

A table has areas as rows and, as columns, the values of what people are grouped by. Published with it are the sum of
every row and, where areas are added up, that of every column.

References
----------
Hundepool et al. 2012, Statistical Disclosure Control, chapter 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from resilience_analysis.survey.alternatives import Exchanges, Migrations
from resilience_analysis.survey.crosstab import Crosstab, reveals


def hidden_groups(
    table: Crosstab,
    threshold: int,
    *,
    summed: np.ndarray | None = None,
    hidden: np.ndarray | None = None,
    people: bool = False,
    price: np.ndarray | None = None,
    occupied: bool = False,
) -> np.ndarray:
    """Choose the groups of a table to hide.

    Parameters
    ----------
    table
        The groups, a row per area. With `people` all items of the release, otherwise those shown all or none.
    threshold
        Fewest answers that may be shown.
    summed
        Which areas are added up to all areas together; None when no sum over areas is published.
    hidden
        What is hidden already, in the shape of the result.
    people
        Whether the numbers of people are protected, or the answers.
    price
        What it costs to hide one person of a column; 1 for all when not given.
    occupied
        Whether a group is named only where somebody is in it.

    Returns
    -------
    numpy.ndarray
        True where a group is hidden; rows and columns of `table`, and a last row for all areas together where there
        is one. Hidden groups of a row or column whose sum is shown are together enough to be shown, and do not answer
        alike. Of every hidden group of too few people the number can be another; what too few said, or all alike,
        can be otherwise: each time other answers of the same people give the same published sums.

    Examples
    --------
    >>> from resilience_analysis.survey.crosstab import CATEGORIES
    >>> table = Crosstab(np.array([[3, 9, 12]]), np.zeros((1, 3, 0, CATEGORIES), dtype=int), np.zeros(0, dtype=bool))
    >>> hidden_groups(table, 5, people=True).tolist()
    [[True, True, False]]
    """
    protected = _Table(table, threshold, summed, people=people, occupied=occupied)
    if price is not None:
        protected.price = price
    protected.start(hidden)
    while protected.settle() or protected.make_uncertain():
        pass
    return protected.hidden


def given_away(
    table: Crosstab, threshold: int, hidden: np.ndarray, *, people: bool = False, occupied: bool = False
) -> bool:
    """Say whether something of a hidden group follows from the sums of the rows, whatever more is hidden of the groups.

    All is as for `hidden_groups`, and `hidden` what that chose; no areas are added up.

    Examples
    --------
    >>> from resilience_analysis.survey.crosstab import CATEGORIES
    >>> table = Crosstab(np.array([[3, 9, 12]]), np.zeros((1, 3, 0, CATEGORIES), dtype=int), np.zeros(0, dtype=bool))
    >>> given_away(table, 5, np.array([[True, False, False]]), people=True)
    True
    """
    return _Table(table, threshold, None, people=people, occupied=occupied).told(hidden)


def tells_nothing(
    table: Crosstab,
    threshold: int,
    hidden: np.ndarray,
    *,
    summed: np.ndarray | None = None,
    people: bool = False,
    said: Sequence[np.ndarray] = (),
) -> bool:
    """Say whether groups that others chose to hide keep what they hide, in a table in which groups may be empty.

    Parameters
    ----------
    table, threshold, summed, people
        As for `hidden_groups`.
    hidden
        Which groups are hidden, in the shape of what `hidden_groups` returns.
    said
        Tables of numbers of people, of the shape of `hidden`, of which is said whether they are below the threshold;
        that of `table` when not given. For answers, those of groups of enough people who gave too few.

    Examples
    --------
    >>> from resilience_analysis.survey.crosstab import CATEGORIES
    >>> table = Crosstab(np.array([[3, 9, 12]]), np.zeros((1, 3, 0, CATEGORIES), dtype=int), np.zeros(0, dtype=bool))
    >>> [tells_nothing(table, 5, np.array([[True, other, False]]), people=True) for other in (True, False)]
    [True, False]
    """
    judged = _Table(table, threshold, summed, people=people, occupied=False)
    if summed is not None:  # the sum of areas that are all shown is not hidden
        inside = hidden[:-1] & (table.people > 0) & summed[:, None]
        partly = inside.any(axis=0) | (table.people.sum(axis=0) == 0)
        hidden = np.vstack([hidden[:-1], hidden[-1:] & partly])
    judged.hidden = hidden
    judged.world.said = said or judged.world.said
    shown = (judged.table.people > 0) & (judged.table.people < threshold)
    if not people:
        shown |= reveals(judged.table, threshold)
    if (shown & ~hidden).any() or judged.exposed():
        return False
    told = [row for row, column in np.argwhere(judged.sought()).tolist() if judged.is_open(row, column)]
    # where all groups of an area and of all areas are hidden, only their sums are known
    whole = np.asarray(hidden.all(axis=1) & (summed is None or hidden[-1].all()))
    return all(whole[row] for row in told)


class _Table:
    """The groups hidden so far, and what must be hidden next."""

    def __init__(
        self, table: Crosstab, threshold: int, summed: np.ndarray | None, *, people: bool, occupied: bool
    ) -> None:
        self.summed, self.threshold, self.people = summed, threshold, people
        self.table = table if summed is None else table.stacked(table.total(summed))
        self.hidden = np.zeros(self.table.people.shape, dtype=bool)
        self.given = np.zeros(self.table.people.shape, dtype=bool)
        self.world: Exchanges | Migrations = (
            Migrations(self.table, summed, threshold, occupied=occupied)
            if people
            else Exchanges(self.table, summed, threshold)
        )
        self.price = np.ones(self.table.people.shape[1])
        self.settled = np.zeros(self.table.people.shape, dtype=bool)

    def start(self, hidden: np.ndarray | None) -> None:
        """Hide what tells too much by itself, and groups of which there is nothing to show."""
        alone = self.table.people < self.threshold
        if not self.people:
            alone |= reveals(self.table, self.threshold)
        self.hidden |= alone
        if hidden is not None:
            self.hidden |= hidden

    def told(self, hidden: np.ndarray) -> bool:
        """Return whether a secret of the hidden groups is certain."""
        self.hidden = hidden
        return any(self.is_open(row, column) for row, column in np.argwhere(self.sought()).tolist())

    def is_open(self, row: int, column: int) -> bool:
        """Return whether something of a hidden group is certain and must not be."""
        return bool(self._open(row, column).any())

    def exposed(self) -> bool:
        """Return whether the hidden groups of a row or column whose sum is shown tell too much together."""
        return bool(self._cheapest(self._rows()) or self._cheapest(self._columns()))

    def sought(self) -> np.ndarray:
        """Return which hidden groups hold a secret."""
        small = (self.table.people > 0) & (self.table.people < self.threshold)
        if self.people:
            return np.asarray(small & self.hidden)
        return np.asarray((small | reveals(self.table, self.threshold)) & self.hidden)

    def settle(self) -> bool:
        """Hide groups until what is left of every sum could be shown; say whether any was hidden."""
        changed = False
        while cells := self._cheapest(self._rows()) or self._cheapest(self._columns()):
            changed = self._hide(cells)
        return changed

    def _rows(self) -> list[list[tuple[int, int]]]:
        """Return the cells of every row whose hidden groups give something away together."""
        columns = range(len(self.hidden[0]))
        return [[(row, column) for column in columns] for row in np.flatnonzero(self._exposed(axis=1)).tolist()]

    def _columns(self) -> list[list[tuple[int, int]]]:
        """Return the cells of every column whose hidden groups give something away together."""
        if self.summed is None:
            return []
        rows = (*np.flatnonzero(self.summed).tolist(), len(self.hidden) - 1)
        return [[(row, column) for row in rows] for column in np.flatnonzero(self._exposed(axis=0)).tolist()]

    def _cheapest(self, lines: list[list[tuple[int, int]]]) -> list[tuple[int, int]]:
        """Return the shown group of fewest people in each line."""
        shown = [[cell for cell in line if not self.hidden[cell]] for line in lines]
        return [min(line, key=self._cost) for line in shown if line]

    def _cost(self, cell: tuple[int, int]) -> tuple[float, int, int]:
        return float(self.table.people[cell] * self.price[cell[1]]), cell[0], cell[1]

    def _exposed(self, axis: int) -> np.ndarray:
        """Return for every row (1) or column (0) whether its hidden groups together tell too much."""
        hidden, people = self.hidden, self.table.people
        if axis == 0 and self.summed is not None:
            hidden, people = hidden[:-1] & self.summed[:, None], people[:-1]
        mask = hidden & (people > 0)
        number = np.where(mask, people, 0).sum(axis=axis)
        exposed = (number > 0) & (number < self.threshold)
        if not self.people:
            exposed |= reveals(self._together(mask, axis), self.threshold)[0]
        if axis == 1:
            return np.asarray(exposed & ~self.hidden.all(axis=1))
        whole = self.hidden[-1]
        alone = whole & (self.table.people[-1] > 0) & ~mask.any(axis=0)
        return np.asarray((exposed & ~whole) | alone)

    def _together(self, mask: np.ndarray, axis: int) -> Crosstab:
        """Return the groups of a mask added up over an axis, as one row."""
        rows = len(mask)
        answers = np.einsum("ac,acjk->cjk" if axis == 0 else "ac,acjk->ajk", mask, self.table.answers[:rows])
        people = np.where(mask, self.table.people[:rows], 0).sum(axis=axis)
        return Crosstab(people[None], answers[None], self.table.dimension)

    def make_uncertain(self) -> bool:
        """Hide groups so that one more secret is uncertain; say whether anything was hidden."""
        for row, column in np.argwhere(self.sought() & ~self.settled).tolist():
            if self._hide(self._best(row, column)):
                return True
        return False

    def _best(self, row: int, column: int) -> tuple[tuple[int, int], ...]:
        """Return the cheapest groups that make what is known of a hidden one uncertain; none where it is already."""
        open_needs = self._open(row, column)
        if not open_needs.any():
            self.settled[row, column] = True  # hiding more never makes it certain again
            return ()
        best: tuple[float, int] | None = None
        cells: tuple[tuple[int, int], ...] = ()
        for move in self.world.moves(row, column, self.hidden):
            met = int((move.met & open_needs).sum())
            price = sum(self._cost(cell)[0] + 1 for cell in move.cells if not self.hidden[cell])
            if met and price and (best is None or (price / met, -met) < best):
                best, cells = (price / met, -met), move.cells
        if not cells:
            self.settled[row, column] = True
            rows = {row} if self.summed is None else {row, len(self.hidden) - 1}
            cells = tuple((at, other) for at in sorted(rows) for other in range(len(self.hidden[0])))
        return cells

    def _open(self, row: int, column: int) -> np.ndarray:
        """Return what of a hidden group is certain and must not be."""
        if isinstance(self.world, Migrations):
            return np.array([not self.world.possible(row, column, self.hidden)])
        return np.asarray(self.world.needed(row, column) & ~self.world.found(row, column, self.hidden))

    def _hide(self, cells: Iterable[tuple[int, int]]) -> bool:
        before = int(self.hidden.sum())
        for cell in cells:
            self.hidden[cell] = True
        return int(self.hidden.sum()) > before


def shown_together(table: Crosstab, threshold: int, apart: np.ndarray) -> bool:
    """Return whether areas whose answers are hidden may count in a sum of all areas that is shown.

    Parameters
    ----------
    table
        One column, a row per area.
    threshold
        Fewest answers that may be shown.
    apart
        Areas that are hidden.

    Examples
    --------
    >>> answers = np.array([[[[2, 1, 0, 0, 0, 0, 0]]], [[[4, 3, 2, 0, 0, 0, 0]]]])
    >>> shown_together(Crosstab(np.array([[3], [9]]), answers, np.zeros(1, dtype=bool)), 5, np.array([True, False]))
    False
    """
    if not apart.any():
        return True
    hidden = hidden_groups(table.transposed(), threshold, hidden=apart[None])
    return bool((hidden[0] == apart).all())
