"""What ties published numbers of answers together: sums, limits, and means of means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
import pandas as pd
from scipy import sparse

_Key = tuple[object, ...]


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

    @property
    def terms(self) -> tuple[tuple[int, int], ...]:
        """Cell and factor; the sum of number times factor is 0, or known where there is no whole."""
        return tuple((cell, -1 if cell == self.whole else 1) for cell in self.members)


@dataclass(frozen=True)
class Limit:
    """An inequality between numbers of answers that a reader knows to hold.

    Attributes
    ----------
    terms
        Cell and factor; the sum of number times factor is at most 0.
    """

    terms: tuple[tuple[int, int], ...]


def as_rows(ties: Sequence[Relation | Limit], width: int) -> sparse.csr_array:
    """Write ties as a matrix: a row for each, a column for each of `width` cells, in it the factor of the cell."""
    cells = np.array([term for tie in ties for term in tie.terms], dtype=float).reshape(-1, 2)
    ends = np.cumsum([0, *(len(tie.terms) for tie in ties)])
    return sparse.csr_array((cells[:, 1], cells[:, 0].astype(np.int32), ends), shape=(len(ties), width))


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
    parts: dict[_Key, list[int]] = defaultdict(list)
    wholes: dict[_Key, int] = {}
    for cell, key, value in zip(cells.index.tolist(), _keys(cells, within), cells[over].tolist(), strict=True):
        if value == whole:
            wholes[key] = cell
        else:
            parts[key].append(cell)
    return [Relation(tuple(members), wholes.get(key)) for key, members in parts.items()]


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
    members = [
        tuple(place[name] for name in (*items, dimension) if name in place)
        for place in _places(cells[cells["n"] > 0], within, code)
        for dimension, items in made_of.items()
    ]
    return [block for block in members if len(block) > 1]


def limits(
    cells: pd.DataFrame,
    within: Sequence[str],
    code: str,
    made_of: Mapping[str, Sequence[str]],
    *,
    people: str,
    min_answered: float,
) -> list[Limit]:
    """Say what the people of a group and the answers to one item tell of the answers to another.

    Nobody answers an item twice. Who has a score for a dimension answered at least so many of its items, and who has
    none answered fewer.

    Parameters
    ----------
    cells
        One row per cell, numbered from 0.
    within
        Columns that are the same for all cells of one group.
    code
        Column with the code of an item or dimension, or `people` for the number of respondents.
    made_of
        Items by dimension.
    people
        See `code`.
    min_answered
        See `scores.respondent_positions`.
    """
    found = []
    for place in _places(cells, within, code):
        everybody = place[people]
        found += [Limit(((cell, 1), (everybody, -1))) for name, cell in place.items() if name != people]
        for dimension, items in made_of.items():
            answers = tuple((place[item], 1) for item in items if item in place)
            if dimension in place and len(answers) == len(items):
                least = max(ceil(min_answered * len(items)), 1)
                mine = place[dimension]
                found.append(Limit(((mine, least), *((cell, -1) for cell, _ in answers))))
                found.append(Limit((*answers, (mine, least - 1 - len(items)), (everybody, 1 - least))))
    return found


def _places(cells: pd.DataFrame, within: Sequence[str], code: str) -> Iterator[dict[str, int]]:
    """Yield the cells of every group by their code."""
    places: dict[_Key, dict[str, int]] = defaultdict(dict)
    for cell, key, name in zip(cells.index.tolist(), _keys(cells, within), cells[code].tolist(), strict=True):
        places[key][name] = cell
    yield from places.values()


def _keys(cells: pd.DataFrame, columns: Sequence[str]) -> list[_Key]:
    return list(zip(*(cells[column].tolist() for column in columns), strict=True))
