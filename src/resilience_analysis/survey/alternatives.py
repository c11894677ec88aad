"""Other answers that would have given the same published tables: a hidden number is safe when there are some.

Two people of one area who are in different groups can have given each other's answers, if two people in another area
did the reverse: then no published sum changes. And they can have been in each other's groups.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from resilience_analysis.survey.crosstab import POSITION_COUNT, UNASKED, Crosstab, all_alike

# What must be uncertain of an item: each position, whether all answered alike, and the number of answers.
ALIKE, NUMBER = POSITION_COUNT, POSITION_COUNT + 1
NEEDS = POSITION_COUNT + 2


@dataclass(frozen=True)
class Move:
    """Groups to hide so that a hidden one could be otherwise."""

    cells: tuple[tuple[int, int], ...]  # row and column of each; the last row is that of all areas together
    # what is uncertain then, as `Exchanges.needed`; for a group in which nothing else is asked, whether it is
    met: np.ndarray


class _World:
    """Other answers to a table of areas and groups with the sums that are published.

    Parameters
    ----------
    table
        Areas, and in the last row all `summed` areas together where there is such a row.
    summed
        Which areas add up to the last row; None when no areas are added up.
    threshold
        Fewest answers that may be shown: whether a hidden number is below it is said, so it must stay so.
    """

    def __init__(self, table: Crosstab, summed: np.ndarray | None, threshold: int) -> None:
        self.table, self.threshold = table, threshold
        self.areas = len(table.people) if summed is None else len(summed)
        self.summed = np.zeros(self.areas, dtype=bool) if summed is None else summed
        self.said: Sequence[np.ndarray] = (table.people,)  # numbers of which is said whether they are below it

    def _helpers(self, row: int) -> np.ndarray:
        return np.asarray(self.summed & (np.arange(self.areas) != row))


class Exchanges(_World):
    """Who can have given whose answers."""

    def __init__(self, table: Crosstab, summed: np.ndarray | None, threshold: int) -> None:
        super().__init__(table, summed, threshold)
        self._has = table.answers[..., :UNASKED] > 0
        self._alike = all_alike(table)

    def needed(self, row: int, column: int) -> np.ndarray:
        """Return what of a hidden group must be uncertain: items by positions, alike, number of answers.

        Of a group of too few people everything; else what too few said of an item, and what all said alike.
        """
        table, few = self.table, self.threshold
        counts = table.answers[row, column, :, :POSITION_COUNT]
        number = counts.sum(axis=-1)
        small = 0 < table.people[row, column] < few  # then their number is uncertain
        item = ~table.dimension
        thin = (number > 0) & (number < few)
        need = np.zeros((len(number), NEEDS), dtype=bool)
        need[:, :POSITION_COUNT] = (counts > 0) & (counts < few) & ((thin | small) & item)[:, None]
        need[:, ALIKE] = self._alike[row, column] & item
        need[:, NUMBER] = thin & any(people[row, column] >= few for people in self.said)
        return need

    def found(self, row: int, column: int, hidden: np.ndarray) -> np.ndarray:
        """Return what is uncertain of a hidden group already, as far as it is needed."""
        need = self.needed(row, column)
        met = np.zeros_like(need)
        for other in np.flatnonzero(hidden[row]).tolist():
            if other != column and not (met | ~need).all():
                met |= self._met(self._with(row, column, other, hidden))
        return met

    def _with(self, row: int, column: int, other: int, hidden: np.ndarray) -> np.ndarray:
        """Return which answers people of two columns can have exchanged: item, theirs, the other's."""
        if row == self.areas:
            ways = [
                self._own(area, column, other)
                for area in np.flatnonzero(self.summed).tolist()
                if hidden[area, column] and hidden[area, other] and hidden[row, other]
            ]
            return np.any(ways, axis=0) if ways else np.zeros((self._has.shape[2], UNASKED, UNASKED), dtype=bool)
        own = self._own(row, column, other)
        if not self.summed[row]:
            return own
        if hidden[-1, column] and hidden[-1, other]:
            return own
        rows = self._helpers(row) & hidden[: self.areas, column] & hidden[: self.areas, other]
        return np.asarray(own & self._back(np.flatnonzero(rows), column, other).any(axis=0))

    def _own(self, row: int, column: int, other: int) -> np.ndarray:
        return np.asarray(self._has[row, column][:, :, None] & self._has[row, other][:, None, :])

    def _back(self, rows: np.ndarray, column: int, other: int) -> np.ndarray:
        """Return where people of other areas can have made good for an exchange: area, item, theirs, the other's."""
        mine, theirs = self._has[rows, column], self._has[rows, other]
        return np.asarray(mine[..., None, :] & theirs[..., :, None])

    def _met(self, pairs: np.ndarray) -> np.ndarray:
        """Return what an exchange makes uncertain, from the pairs of answers that can be exchanged."""
        apart = pairs & ~np.eye(UNASKED, dtype=bool)
        met = np.zeros((*pairs.shape[:-2], NEEDS), dtype=bool)
        met[..., :POSITION_COUNT] = apart[..., :POSITION_COUNT, :].any(axis=-1)
        met[..., ALIKE] = apart[..., :POSITION_COUNT, :POSITION_COUNT].any(axis=(-1, -2))
        inside, outside = slice(None, POSITION_COUNT), slice(POSITION_COUNT, None)
        met[..., NUMBER] = apart[..., inside, outside].any(axis=(-1, -2)) | apart[..., outside, inside].any(
            axis=(-1, -2)
        )
        return met

    def moves(self, row: int, column: int, hidden: np.ndarray) -> Iterator[Move]:
        """Yield what could be hidden to make more of a hidden group uncertain."""
        for other in range(hidden.shape[1]):
            if other == column:
                continue
            if row == self.areas:
                yield from self._moves_below(column, other, hidden)
                continue
            own = self._own(row, column, other)
            if self.summed[row]:
                yield Move(((row, other), (-1, column), (-1, other)), self._met(own))
                rows = np.flatnonzero(self._helpers(row))
                together = self._met(own & self._back(rows, column, other))
                for helper, met in zip(rows.tolist(), together, strict=True):
                    yield Move(((row, other), (helper, column), (helper, other)), met)
            else:
                yield Move(((row, other),), self._met(own))

    def _moves_below(self, column: int, other: int, hidden: np.ndarray) -> Iterator[Move]:
        for area in np.flatnonzero(self.summed & hidden[: self.areas, column]).tolist():
            yield Move(((area, other), (-1, other)), self._met(self._own(area, column, other)))


class Migrations(_World):
    """Who can have been in another group, so that the number of people of a hidden one is uncertain.

    The table has all items of the release. Where a group is named only where somebody is in it (`occupied`), nobody can
    have been its last one elsewhere.
    """

    def __init__(self, table: Crosstab, summed: np.ndarray | None, threshold: int, *, occupied: bool = False) -> None:
        super().__init__(table, summed, threshold)
        self.stays, self._has = int(occupied), table.answers > 0

    def possible(self, row: int, column: int, hidden: np.ndarray) -> bool:
        """Return whether the number of people of a hidden group can be another."""
        return any(self._ways(row, column, other, hidden).any() for other in np.flatnonzero(hidden[row]).tolist())

    def _ways(self, row: int, column: int, other: int, hidden: np.ndarray) -> np.ndarray:
        """Return with the help of which areas people can have moved; the last one stands for no help."""
        out = np.zeros(self.areas + 1, dtype=bool)
        if other == column:
            return out
        if row == self.areas:
            below = self.summed & hidden[: self.areas, column] & hidden[: self.areas, other]
            out[-1] = any(self._alone(area, column, other) for area in np.flatnonzero(below).tolist())
            return out
        out[-1] = not self.summed[row] or bool(hidden[-1, column] and hidden[-1, other])
        out[-1] = out[-1] and self._alone(row, column, other)
        if self.summed[row] and not out[-1]:
            rows = self._helpers(row) & hidden[: self.areas, column] & hidden[: self.areas, other]
            out[: self.areas][rows] = self._helped(row, column, other, np.flatnonzero(rows), hidden)
        return out

    def _alone(self, row: int, column: int, other: int) -> bool:
        """Return whether someone of an area can have been in another column of it, sums of areas being hidden."""
        rows = [row, -1] if self.summed[row] else [row]
        ways = ((column, other), (other, column))
        return any(all(self._room(at, source, target) for at in rows) for source, target in ways)

    def _room(self, row: int, source: int, target: int) -> bool:
        few = self.threshold
        if self.table.people[row, source] <= self.stays:
            return False
        return all(people[row, source] != few and people[row, target] != few - 1 for people in self.said)

    def _helped(self, row: int, column: int, other: int, rows: np.ndarray, hidden: np.ndarray) -> np.ndarray:
        """Return which areas can have someone who moved the other way, with the same answers or mended elsewhere."""
        ok = np.zeros(len(rows), dtype=bool)
        for source, target in ((column, other), (other, column)):
            if not self._room(row, source, target):
                continue
            going, coming = self._has[row, source], self._has[rows, target]
            room = np.array([self._room(helper, target, source) for helper in rows.tolist()], dtype=bool)
            same = (going & coming).any(axis=-1)
            for place in np.flatnonzero(room & ~ok & ~same.all(axis=-1)).tolist():
                items = np.flatnonzero(~same[place])
                mend = self._mended(source, target, items, (row, int(rows[place])), hidden)
                pairs = going[items][:, :, None] & coming[place][items][:, None, :] & mend
                same[place, items] = pairs.any(axis=(-1, -2))
            ok |= room & same.all(axis=-1)
        return ok

    def _mended(
        self, source: int, target: int, items: np.ndarray, without: tuple[int, int], hidden: np.ndarray
    ) -> np.ndarray:
        """Return for which answers of who left and who came an exchange elsewhere makes good: item, left, came."""
        rows = self.summed & hidden[: self.areas, source] & hidden[: self.areas, target]
        rows[list(without)] = False
        at = np.flatnonzero(rows)
        gone, come = self._has[at][:, source, items], self._has[at][:, target, items]
        # Elsewhere someone in the target's group answered as who left it, and someone in the source's as who came.
        pairs = np.einsum("ajp,ajq->jpq", come.astype(np.int32), gone.astype(np.int32))
        known = np.arange(pairs.shape[-1]) != UNASKED
        return np.asarray((pairs > 0) & known[:, None] & known[None, :])

    def moves(self, row: int, column: int, hidden: np.ndarray) -> Iterator[Move]:
        """Yield what could be hidden so that the number of people of a hidden group can be another."""
        yes = np.ones(1, dtype=bool)
        for other in range(hidden.shape[1]):
            if other == column:
                continue
            if row == self.areas:
                for area in np.flatnonzero(self.summed & hidden[: self.areas, column]).tolist():
                    if self._alone(area, column, other):
                        yield Move(((area, other), (-1, other)), yes)
                continue
            if self._alone(row, column, other):
                sums = ((-1, column), (-1, other)) if self.summed[row] else ()
                yield Move(((row, other), *sums), yes)
            if self.summed[row]:
                rows = np.flatnonzero(self._helpers(row))
                for helper in rows[self._helped(row, column, other, rows, hidden)].tolist():
                    yield Move(((row, other), (helper, column), (helper, other)), yes)
