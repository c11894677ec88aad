"""Keeping small groups hidden: what is suppressed, and what must be hidden with it so that it cannot be worked back.

Everything published together is a set of cells, tied by relations: groups add up to a total. A reader can solve those
equations; so can `recoverable`, and `protect` hides cells until it finds nothing.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import linalg

from resilience_analysis.errors import InputError, Problem

_DRAWS = 2
_ZERO = 1e-6
_PRECISION = 1e-13


@dataclass(frozen=True)
class Relation:
    """An equation between cells that a reader knows to hold: parts that add up, in answers and in sums of answers.

    Attributes
    ----------
    parts
        Positions of the cells that are added up.
    whole
        Position of the cell they add up to; None when the sum is not published here, but known all the same.
    """

    parts: tuple[int, ...]
    whole: int | None = None

    @property
    def members(self) -> tuple[int, ...]:
        """Every cell of the equation."""
        return self.parts if self.whole is None else (*self.parts, self.whole)


def protect(
    n: np.ndarray, relations: Sequence[Relation], threshold: int, *, together: Sequence[Sequence[int]] = ()
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
        Cells that give each other away and are hidden all or none, see `blocks`.

    Returns
    -------
    numpy.ndarray
        True where a cell is hidden. No hidden cell follows from what is shown, and wherever hidden cells add up to
        a number that does follow, they are at least `threshold` answers together, unless nothing more can be hidden.
        A cell without any answer is hidden too, but holds no secret: that nobody answered may be worked out.

    Notes
    -----
    A shown cell is hidden where an equation has exactly one hidden member, or hidden parts of fewer than `threshold`
    answers: the one of fewest answers. What several equations together give away is found with `recoverable`, and one
    cell more is hidden in the equations that do so.
    """
    guard = _Guard(np.asarray(n, dtype=float), relations, threshold, together)
    equations = _equations(len(guard.n), relations)
    guard.settle(range(len(relations)))
    while True:
        secret = guard.hidden & (guard.n > 0)
        exposed = np.flatnonzero(_determined(equations, secret)).tolist()
        hid = [guard.hide_one(_betrayers(equations, secret, cell)) for cell in exposed]
        if not any(hid):
            return guard.hidden
        guard.settle(range(len(relations)))


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
                waiting.extend(self.hide_one([number]))

    def gives_away(self, number: int) -> bool:
        relation = self.relations[number]
        count = self.secrets[number]
        if count == 1:
            return True
        whole_is_known = relation.whole is None or not self.hidden[relation.whole]
        if count == 0 or not whole_is_known:
            return False
        return bool(sum(self.n[cell] for cell in relation.parts if self.hidden[cell]) < self.threshold)

    def hide_one(self, numbers: Sequence[int]) -> list[int]:
        """Hide the cheapest shown cell of some equations, if there is one; give the equations that are touched."""
        members = {cell for number in numbers for cell in self.relations[number].members}
        shown = [cell for cell in members if not self.hidden[cell]]
        return self.hide(min(shown, key=self.cost)) if shown else []

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
    return _determined(_equations(len(hidden), relations), hidden)


def _equations(count: int, relations: Sequence[Relation]) -> sparse.csc_array:
    """Write every relation as a row over all cells."""
    rows, columns, factors = [], [], []
    for number, relation in enumerate(relations):
        for cell in relation.members:
            rows.append(number)
            columns.append(cell)
            factors.append(-1.0 if cell == relation.whole else 1.0)
    return sparse.csc_array((factors, (rows, columns)), shape=(len(relations), count))


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
    """Give the equations that together determine a hidden cell: those that the solution for it combines."""
    cells = np.flatnonzero(hidden)
    parts = _least_squares(equations[:, cells].T.tocsr(), (cells == cell).astype(float))
    return np.flatnonzero(np.abs(parts) > _ZERO).tolist()


def _least_squares(matrix: sparse.csr_array, right: np.ndarray) -> np.ndarray:
    most = 20 * max(matrix.shape)
    return np.asarray(linalg.lsmr(matrix, right, atol=_PRECISION, btol=_PRECISION, maxiter=most)[0])


def additive(cells: pd.DataFrame, within: Sequence[str], over: str, whole: str) -> list[Relation]:
    """Make the relations of cells that add up to a total.

    Parameters
    ----------
    cells
        One row per cell, numbered from 0.
    within
        Columns that are the same for all cells of one relation.
    over
        Column whose values are added up.
    whole
        Its value for the total; where no cell has it, the total counts as known.
    """
    parts: dict[tuple[object, ...], list[int]] = defaultdict(list)
    wholes: dict[tuple[object, ...], int] = {}
    for cell, key, value in zip(cells.index.tolist(), _keys(cells, within), cells[over].tolist(), strict=True):
        if value == whole:
            wholes[key] = cell
        else:
            parts[key].append(cell)
    return [Relation(tuple(members), wholes.get(key)) for key, members in parts.items()]


def _keys(cells: pd.DataFrame, columns: Sequence[str]) -> list[tuple[object, ...]]:
    return list(zip(*(cells[column].tolist() for column in columns), strict=True))


def blocks(
    cells: pd.DataFrame, within: Sequence[str], code: str, made_of: Mapping[str, Sequence[str]]
) -> list[tuple[int, ...]]:
    """Bind every dimension to its items: they are shown all or none.

    Where everybody answered every item, a dimension is the mean of its items, in one group and in several together, and
    one of them follows from the others. Bound together nothing follows: whatever leaves the sums over groups of one
    item as they are, and moves the dimension along, fits all that is shown.

    Parameters
    ----------
    cells
        One row per cell, numbered from 0, with the number of answers in column ``n``. An item that nobody answered
        is not bound: it has no part in the dimension.
    within
        Columns that are the same for all cells of one block.
    code
        Column with the code of an item or dimension.
    made_of
        Items by dimension.
    """
    places: dict[tuple[object, ...], dict[str, int]] = defaultdict(dict)
    answered = cells[cells["n"] > 0]
    for cell, key, name in zip(answered.index.tolist(), _keys(answered, within), answered[code].tolist(), strict=True):
        places[key][name] = cell
    members = [
        tuple(place[name] for name in (*items, dimension) if name in place)
        for place in places.values()
        for dimension, items in made_of.items()
    ]
    return [block for block in members if len(block) > 1]


def status_of(n: pd.Series, hidden: np.ndarray, indicative_below: int) -> pd.Series:
    """Give the status of each cell: ``ok``, ``indicative`` or ``suppressed``."""
    status = np.where(n < indicative_below, "indicative", "ok")
    return pd.Series(np.where(hidden, "suppressed", status), index=n.index, dtype=object)


def rare_combinations(people: pd.DataFrame, quasi_identifiers: Collection[str], k: int) -> pd.DataFrame:
    """Find the combinations of quasi-identifiers that fewer than `k` respondents share.

    Parameters
    ----------
    people
        One row per respondent.

    Returns
    -------
    pandas.DataFrame
        One row per combination, with its number of respondents in column ``n``; a missing value is a value too.
    """
    columns = [column for column in quasi_identifiers if column in people]
    if not columns:
        return pd.DataFrame({"n": [len(people)] if 0 < len(people) < k else []})
    counts = people.groupby(columns, dropna=False, observed=True).size().rename("n").reset_index()
    return counts[counts["n"] < k].reset_index(drop=True)


def require_k_anonymity(people: pd.DataFrame, quasi_identifiers: Collection[str], k: int, *, subject: str) -> None:
    """Refuse to pass respondents on while anyone shares their quasi-identifiers with fewer than `k` - 1 others.

    Raises
    ------
    InputError
        With the number of rare combinations and of respondents in them, never the combinations themselves.
    """
    rare = rare_combinations(people, quasi_identifiers, k)
    if len(rare):
        what = f"{int(rare['n'].sum())} respondents stand in {len(rare)} combinations of fewer than {k}"
        remedy = f"Leave out or widen one of {', '.join(quasi_identifiers)}"
        raise InputError(subject, [Problem(subject, what, remedy)])
