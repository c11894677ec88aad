"""A reader who puts everything that is published of a wave together: all items and dimensions, about the same people.

`attack.Reader` holds one item, of which roles, backgrounds and villages add up apart. Here all are one system of whole
numbers, and of every municipality the people by role, background and village at once, and how each of these answered.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from resilience_analysis.survey.instrument import Instrument

from .attack import CATEGORIES, POSITIONS, WIDTH, Cell, Reader, matrix, members, one_hot, readers, secrets

KINDS = ("village", "role", "background")
Tie = dict[int, float]


@dataclass(frozen=True)
class Scored:
    """A dimension: the places of its items among those that are read, its own, and how many answers make a score."""

    items: tuple[int, ...]
    own: int
    least: int


def what_follows_together(
    answers: pd.DataFrame, table: pd.DataFrame, instrument: Instrument
) -> tuple[list[tuple[str, Cell, str]], int]:
    """Return what a reader of everything works back: item or people, group, what of it; and how much was undecided.

    Parameters
    ----------
    answers, table
        Of one wave, and what is published of them.
    instrument
        Its dimensions.
    """
    items = sorted(set(table.loc[table["level"] == "item", "code"]))
    scored = _scored(items, sorted(set(table.loc[table["level"] == "dimension", "code"])), instrument)
    codes = [*items, *(name for name, _ in scored)]
    known = readers(answers, table, codes, {name: instrument.scored[name] for name, _ in scored})
    _as_published(table, codes, known)
    wave = _Wave(known, dict(scored))
    for _, dimension in scored:
        wave.score(dimension)
    people = answers.drop_duplicates("respondent").set_index("respondent")
    said = [one_hot(answers, people, code, instrument.scored.get(code, ())) for code in codes]
    wave.cross(members(people, table), said)
    names, goals = zip(*wave.secrets(codes), strict=True) if (found := list(wave.secrets(codes))) else ((), ())
    reader = wave.reader()
    certain = reader.certain(matrix(goals, len(reader.values))) if found else []
    return [name for name, sure in zip(names, certain, strict=True) if sure], reader.undecided


def _scored(items: Sequence[str], dimensions: Sequence[str], instrument: Instrument) -> list[tuple[str, Scored]]:
    out = []
    for name in dimensions:
        own = instrument.scored[name]
        least = int(np.ceil(max(instrument.counting.min_answered_share * len(own), 1)))
        out.append((name, Scored(tuple(items.index(code) for code in own if code in items), 0, least)))
    return [(name, Scored(one.items, len(items) + place, one.least)) for place, (name, one) in enumerate(out)]


def _as_published(table: pd.DataFrame, codes: Sequence[str], known: Sequence[Reader]) -> None:
    """Check that the numbers of a reader are those of the table, wherever it shows one."""
    rows = table.fillna({"nis_code": ""}).set_index(["code", "nis_code", "group"])["n"].sort_index()
    for code, one in zip(codes, known, strict=True):
        numbers = one.values.reshape(-1, WIDTH)
        for name, own in (("respondents", numbers[:, 0]), (code, numbers[:, 1 : 1 + POSITIONS].sum(axis=1))):
            shown = rows.loc[name].loc[one.cells].to_numpy(dtype=float)
            assert (np.isnan(shown) | (shown == own)).all()


class _Wave:
    """The numbers of a wave and what ties them: first how many are in every group, then how they answered each item."""

    def __init__(self, known: Sequence[Reader], dimensions: Container[str]) -> None:
        self.known, self.cells, self.dimensions = known, known[0].cells, dimensions
        self.count = len(self.cells)
        self.ties: list[Tie] = []
        self.parts = {name: np.zeros(self.at(len(known), 0, 1)) for name in ("values", "known", "low", "high")}
        for item, one in enumerate(known):
            place = self.places(item)
            for name, part in self.parts.items():
                part[place] = getattr(one, name)
        self.more: dict[str, list[float]] = {"values": [], "high": []}

    def at(self, item: int, cell: int, category: int) -> int:
        """Return the place of a number; category 0 is the people of a group, whatever the item."""
        return cell if category == 0 else self.count * (1 + item * CATEGORIES) + cell * CATEGORIES + category - 1

    def places(self, item: int) -> np.ndarray:
        """Return the places of an item's numbers in the order in which its own reader has them."""
        return np.array([self.at(item, cell, one) for cell in range(self.count) for one in range(WIDTH)])

    def added(self, value: float) -> int:
        """Add a number that is hidden, and return its place."""
        self.more["values"].append(value)
        return len(self.parts["values"]) + len(self.more["values"]) - 1

    def least(self, tie: Tie) -> None:
        """Add a sum that is never negative."""
        self.ties.append(tie | {self.added(self._sum(tie)): -1.0})

    def _sum(self, tie: Tie) -> float:
        values = self.parts["values"]
        size = len(values)
        return sum(
            factor * (values[place] if place < size else self.more["values"][place - size])
            for place, factor in tie.items()
        )

    def score(self, dimension: Scored) -> None:
        """Tie who has a score to who answered: enough items, or all but enough.

        Who has a score answered one of any items that are more than may be missing; who has none answered fewer than
        enough.
        """
        for cell, (area, _) in enumerate(self.cells):
            scores = {self.at(dimension.own, cell, 1): 1.0}
            given = {
                item: dict.fromkeys((self.at(item, cell, 1 + place) for place in range(POSITIONS)), 1.0)
                for item in dimension.items
            }
            may_miss = len(dimension.items) - dimension.least
            for some in combinations(dimension.items, may_miss + 1) if may_miss >= 0 else ():
                self.least(_join(given, some) | dict.fromkeys(scores, -1.0))
            if area:  # in all together other municipalities may count for the people than for the answers
                for some in combinations(dimension.items, min(dimension.least, len(dimension.items))):
                    own = dict.fromkeys(_join(given, some), -1.0)
                    self.least(own | {cell: float(dimension.least - 1)} | scores)

    def cross(self, inside: Mapping[Cell, np.ndarray], said: Sequence[np.ndarray]) -> None:
        """Count the people of every municipality by village, role and background at once, and their answers."""
        place = {cell: number for number, cell in enumerate(self.cells)}
        for area in sorted({area for area, _ in self.cells} - {""}):
            own = [cell for cell in self.cells if cell[0] == area]
            kinds = [[cell for cell in own if cell[1].startswith(kind + ":")] for kind in KINDS]
            groups = list(product(*kinds))
            masks = np.array([np.logical_and.reduce([inside[cell] for cell in group]) for group in groups])
            heads = [self.added(float(number)) for number in masks.sum(axis=1)]
            self._sums(area, groups, heads, place, (0, 0))
            for item, answered in enumerate(said):
                numbers = masks.astype(float) @ answered
                spread = [[self.added(float(number)) for number in row] for row in numbers]
                for category in range(CATEGORIES):
                    own = [row[category] for row in spread]
                    self._sums(area, groups, own, place, (item, category + 1))
                self.ties += [dict.fromkeys(row, 1.0) | {head: -1.0} for row, head in zip(spread, heads, strict=True)]

    def _sums(
        self, area: str, groups: Sequence[tuple[Cell, ...]], numbers: Sequence[int], place: Mapping[Cell, int],
        what: tuple[int, int],
    ) -> None:  # fmt: skip
        """Tie numbers of people by all kinds at once to those of every group of the area."""
        sums: dict[Cell, Tie] = {
            cell: {self.at(what[0], place[cell], what[1]): -1.0}
            for cell in self.cells
            if cell[0] == area and cell[1] != "all"
        }
        for group, number in zip(groups, numbers, strict=True):
            for cell in group:
                sums[cell][number] = 1.0
        self.ties += list(sums.values())

    def secrets(self, codes: Sequence[str]) -> Iterator[tuple[tuple[str, Cell, str], Tie]]:
        """Yield what must not be certain, once each."""
        for item, (code, one) in enumerate(zip(codes, self.known, strict=True)):
            places = self.places(item)
            for cell in range(self.count):
                for what, goal in secrets(one, cell):
                    # of a dimension "position 1" is having a score, which is no answer
                    if what == "answers" or (code not in self.dimensions if what != "people" else not item):
                        name = "people" if what == "people" else code
                        yield (name, self.cells[cell], what), {int(places[at]): one for at, one in goal.items()}

    def reader(self) -> Reader:
        """Return all of it as one system."""
        size, more = len(self.parts["values"]), np.array(self.more["values"])
        width, highest = size + len(more), max(self.parts["high"].max(), more.max(initial=0)) * CATEGORIES
        rows, columns, factors, start = [], [], [], 0
        for item, one in enumerate(self.known):
            own = one.rows.tocoo()
            rows.append(own.coords[0] + start)
            columns.append(self.places(item)[own.coords[1]])
            factors.append(own.data)
            start += own.shape[0]
        last = matrix(self.ties, width).tocoo()
        at = np.concatenate([*rows, last.coords[0] + start])
        entries = (np.concatenate([*factors, last.data]), (at, np.concatenate([*columns, last.coords[1]])))
        return Reader(
            [],
            np.r_[self.parts["values"], more],
            np.r_[self.parts["known"], np.zeros(len(more))].astype(bool),
            np.r_[self.parts["low"], np.zeros(len(more))],
            np.r_[self.parts["high"], np.full(len(more), highest)],
            csr_array(entries, shape=(start + last.shape[0], width)),
        )


def _join(given: Mapping[int, Tie], some: Sequence[int]) -> Tie:
    return {place: factor for item in some for place, factor in given[item].items()}
