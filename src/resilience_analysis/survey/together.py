"""What several releases of a wave tell together: the tables of those who are counted in the same of them.

Those who stayed, who came and who left are tables by themselves, of which every group counts as known that a release
with them shows. A reader knows less, namely sums over such tables. Where each of them keeps what is hidden in it, by
the rules for one release, so do all: other answers of those who came, or of those who stayed, give the same tables.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from resilience_analysis.survey.crosstab import (
    POSITION_COUNT,
    Categories,
    Crosstab,
    categories,
    reveals,
    too_few,
)
from resilience_analysis.survey.instrument import FIELDS, NIS_CODE
from resilience_analysis.survey.releases import (
    PEOPLE,
    TOGETHER,
    PastRelease,
    answers_of,
    group_name,
    kind_of,
    plain_name,
)
from resilience_analysis.survey.responses import Responses
from resilience_analysis.survey.suppression import tells_nothing
from resilience_analysis.survey.wave import EVERYBODY, KINDS, NOT_GIVEN, REGION

MUNICIPALITY = "municipality"


class Together:
    """What several releases of a wave tell together.

    Parameters
    ----------
    releases
        As a record keeps them, the fresh one last.
    responses
        Who the respondents of the fresh release are, and what they answered.
    marks
        The mark of each.
    least
        Fewest people of whom a release may tell.
    """

    def __init__(
        self,
        releases: Sequence[Mapping[str, Any]],
        responses: Responses,
        marks: Sequence[str],
        least: int,
    ) -> None:
        place = {mark: number for number, mark in enumerate(marks)}
        self.releases = [PastRelease(one, place) for one in releases]
        self.people = responses.people[list(FIELDS)].fillna(NOT_GIVEN).astype(str)
        self.least = least
        self.found: Categories = categories(responses.codes, {}, min_answered=0)
        self.item = {name: number for number, name in enumerate(self.found.names)}
        self.area = self.people[NIS_CODE].to_numpy(dtype=object)
        self.kinds = (*KINDS, *sorted(set().union(*(one.kinds() for one in self.releases)) - {*KINDS}))
        self._named: dict[tuple[int, str, str], list[str]] = {}

    def told(self) -> str:
        """Return by what few people are told of: a kind of groups; nothing where none are."""
        for codes in self._changed():
            counted = np.array([one.counted(codes[0]) for one in self.releases])
            for kept in np.unique(counted.T, axis=0):
                rows = np.flatnonzero((kept == counted.T).all(axis=1))
                by = self._of(codes, rows, np.flatnonzero(kept).tolist()) if kept.any() else ""
                if by:
                    return by
        return ""

    def names(self, number: int, kind: str, code: str) -> list[str]:
        """Return in which group of a kind a release, by its number, has everybody: see `PastRelease.names`."""
        key = (number, kind, "" if kind in KINDS else code)
        if key not in self._named:
            self._named[key] = self.releases[number].names(self.people, kind, code)
        return self._named[key]

    def left(self) -> bool:
        """Return whether what those who left have answered follows, or may follow."""
        *before, fresh = self.releases
        pairs = [(one, code) for codes in self._changed() for code in codes for one in before if code in one.shown]
        return any(not (_is_all_shown(one, code) and self._is_mixed(one, fresh, code)) for one, code in pairs)

    def _is_mixed(self, one: PastRelease, fresh: PastRelease, code: str) -> bool:
        """Return whether those who left cannot be told from who came, or are enough, in every group shown twice."""
        for name in one.shown[code]:
            inside, gone = one.members[name]
            if not gone or kind_of(name) not in {EVERYBODY, *fresh.kinds()}:
                continue
            after = self._inside_now(fresh, code, name)
            people = [inside.sum() + len(gone)]
            was = people if code == PEOPLE else one.written.get("counts", {}).get(code, {}).get(name)
            if was is None or after is None:
                return False
            left = np.array(was) - self._answers(inside & after, code)
            if not (self._is_enough(self._answers(after & ~inside, code) - left, code) or self._is_enough(left, code)):
                return False
        return True

    def _inside_now(self, fresh: PastRelease, code: str, name: str) -> np.ndarray | None:
        """Return who is in a group in the last release, shown or not; None where that is not known of a hidden one."""
        plain, _, areas = name.partition("#")
        shown = next((fresh.members[one][0] for one in fresh.shown[code] if plain_name(one) == plain), None)
        if shown is not None:
            return shown
        area, group = plain.split("|", 1)
        of_areas = self.area == area if area not in TOGETHER else np.isin(self.area, areas.split("+")) | (not areas)
        inside = np.asarray(fresh.counted(code) & of_areas)
        kind, _, value = group.partition(":")
        if kind == EVERYBODY:
            return inside
        own = np.array(self.names(len(self.releases) - 1, kind, code), dtype=object) == value
        return inside & own if kind in KINDS else None

    def _answers(self, inside: np.ndarray, code: str) -> np.ndarray:
        return answers_of(self.found, self.item, inside, code)

    def _is_enough(self, counts: np.ndarray, code: str) -> bool:
        """Return whether numbers can be those of nobody, or of enough people who do not answer alike."""
        given = counts[:POSITION_COUNT] if code != PEOPLE else counts
        if (counts < 0).any() or 0 < given.sum() < self.least:
            return False
        return code == PEOPLE or (given > 0).sum() != 1

    def _changed(self) -> list[list[str]]:
        """Return the statements that are shown of other people or groups than before, by the groups."""
        *before, fresh = self.releases
        batches: dict[tuple[object, ...], list[str]] = defaultdict(list)
        for code in fresh.shown:
            if code != PEOPLE and code not in self.item:
                continue
            if not all(one.is_as(fresh, code) for one in before if code in one.shown):
                batches[code == PEOPLE, *(one.shown.get(code) for one in self.releases)].append(code)
        return list(batches.values())

    def _of(self, codes: Sequence[str], rows: np.ndarray, of: Sequence[int]) -> str:
        """Return by what few people are told of among those whom the same releases count."""
        if not self._municipalities(codes, rows, of):
            return MUNICIPALITY
        return next((kind for kind in self.kinds if not self._groups(codes, rows, of, kind)), "")

    def _municipalities(self, codes: Sequence[str], rows: np.ndarray, of: Sequence[int]) -> bool:
        """Return whether municipalities, and all of them together, tell of enough people."""
        area, areas = pd.factorize(self.area[rows])
        hidden = ~np.array([[self._shown(of, codes[0], name, [EVERYBODY] * len(of)) for name in areas]])
        table = self._counted(rows, np.zeros(len(rows), dtype=int), area, (1, len(areas)))
        if codes[0] != PEOPLE:
            table = table.of([self.item[code] for code in codes])
        if not self._shown(of, codes[0], REGION, [EVERYBODY] * len(of)):
            return not (self._few(table, codes) & ~hidden).any()
        whole = self._few(table.merged(), codes).any()
        return not whole and tells_nothing(table, self.least, hidden, people=codes[0] == PEOPLE)

    def _groups(self, codes: Sequence[str], rows: np.ndarray, of: Sequence[int], kind: str) -> bool:
        """Return whether the groups of a kind tell of enough people."""
        added = [one for n in of for one in self.releases[n].named if one.startswith(_lines(TOGETHER, kind))]
        areas = self.area[rows]
        parts = [rows] if added else [rows[areas == name] for name in pd.unique(areas)]
        return all(self._line(codes, part, of, kind, added=bool(added)) for part in parts)

    def _line(self, codes: Sequence[str], rows: np.ndarray, of: Sequence[int], kind: str, *, added: bool) -> bool:
        """Return whether the groups of a kind tell of enough people in areas that are added up, or in one area."""
        area, areas = pd.factorize(self.area[rows])
        columns = self._columns(codes, rows, of, kind)
        own = self._of_each(codes, rows, of, kind)
        column = pd.Index(columns, tupleize_cols=False).get_indexer(pd.Index(own, tupleize_cols=False))
        lines = [*areas, REGION] if added else list(areas)
        groups = [[f"{kind}:{name}" for name in names] for names in columns]
        hidden = ~np.array([[self._shown(of, codes[0], name, group) for group in groups] for name in lines])
        items = self._items(codes, rows, column)
        if hidden.all() or not items:
            return True
        table = self._counted(rows, area, column, (len(areas), len(columns))).of(items)
        summed = np.ones(len(areas), dtype=bool) if added else None
        said = [one if added else one[:-1] for one in self._said(codes, of, kind, areas, columns)]
        return tells_nothing(table, self.least, hidden, summed=summed, people=codes[0] == PEOPLE, said=said)

    def _columns(self, codes: Sequence[str], rows: np.ndarray, of: Sequence[int], kind: str) -> list[tuple[str, ...]]:
        """Return the groups of a kind, as the releases name each, also those of nobody."""
        lines = _lines((*TOGETHER, *self.area[rows]), kind)
        named = [{one.split(":", 1)[1] for one in self.releases[n].named if one.startswith(lines)} for n in of]
        empty = [tuple(value if value in own else NOT_GIVEN for own in named) for value in set().union(*named)]
        return sorted({*self._of_each(codes, rows, of, kind), *empty})

    def _of_each(self, codes: Sequence[str], rows: np.ndarray, of: Sequence[int], kind: str) -> list[tuple[str, ...]]:
        """Return the groups of some respondents, as each of some releases names them."""
        names = (self.names(number, kind, codes[0]) for number in of)
        return list(zip(*([own[row] for row in rows.tolist()] for own in names), strict=True))

    def _items(self, codes: Sequence[str], rows: np.ndarray, column: np.ndarray) -> list[int]:
        """Return the places of statements, without those that only one group was asked: its number tells them."""
        names = self.found.names if codes[0] == PEOPLE else codes
        asked = self.found.asked.to_numpy()[rows]
        return [self.item[code] for code in names if len(set(column[asked[:, self.item[code]]].tolist())) != 1]

    def _shown(self, of: Sequence[int], code: str, area: str, groups: Sequence[str]) -> bool:
        """Return whether one of some releases shows a group, which each may call otherwise."""
        return any(self.releases[n].shows(code, area, group) for n, group in zip(of, groups, strict=True))

    def _counted(self, rows: np.ndarray, row: np.ndarray, column: np.ndarray, shape: tuple[int, int]) -> Crosstab:
        """Count some respondents and what they answered."""
        places = np.full((2, len(self.people)), -1)
        places[:, rows] = row, column
        return self.found.counted(places[0], places[1], shape)

    def _few(self, table: Crosstab, codes: Sequence[str]) -> np.ndarray:
        few = (table.people > 0) & (table.people < self.least)
        return np.asarray(few if codes[0] == PEOPLE else few | reveals(table, self.least))

    def _said(
        self, codes: Sequence[str], of: Sequence[int], kind: str, areas: pd.Index, columns: Sequence[tuple[str, ...]]
    ) -> Iterator[np.ndarray]:
        """Yield how many people a release counts in every group, with each number of those who are known no longer.

        Of answers, only where some are too few; the last row is that of all areas.
        """
        for number, release in enumerate(of):
            one, names = self.releases[release], [group[number] for group in columns]
            rows = np.flatnonzero(one.counted(codes[0]))
            place = {name: at for at, name in enumerate(dict.fromkeys(names))}
            own = self.names(release, kind, codes[0])
            column = np.array([place.get(own[row], -1) for row in rows.tolist()], dtype=int)
            area = pd.Index(areas).get_indexer(self.area[rows])
            every = [
                self._counted(rows, where, column, (size, len(place)))
                for where, size in ((area, len(areas)), (0 * area, 1))
            ]
            table = every[0].stacked(every[1])
            total = table.people
            if codes[0] != PEOPLE:
                total = np.where(
                    too_few(table.of([self.item[code] for code in codes]), self.least).any(axis=2), total, 0
                )
            # of groups that a release does not name it says nothing
            scopes = (*TOGETHER, *areas)
            unsaid = [
                not one.named.intersection(group_name(scope, f"{kind}:{name}") for scope in scopes) for name in names
            ]
            total = np.where(unsaid, -self.least, total[:, [place[name] for name in names]])
            gone = len(frozenset().union(*(left for _, left in one.members.values()))) if codes[0] == PEOPLE else 0
            yield from (total + more for more in range(min(gone, self.least - 1) + 1))


def _lines(scopes: Iterable[str], kind: str) -> tuple[str, ...]:
    """Return how the names of the groups of a kind begin."""
    return tuple(group_name(scope, f"{kind}:") for scope in scopes)


def _is_all_shown(one: PastRelease, code: str) -> bool:
    """Return whether a release shows all groups of those who are known no longer, or no other of that kind."""
    groups: dict[str, set[str]] = defaultdict(set)
    for name in one.shown[code]:
        for mark in one.members[name][1]:
            groups[mark].add(plain_name(name))
    plain = {plain_name(name) for name in one.shown[code]}
    for mine in groups.values():
        scopes = {*TOGETHER, *(name.split("|", 1)[0] for name in mine)}
        for kind in one.kinds():
            lines = _lines(scopes, kind)
            if any(name.startswith(lines) for name in plain) and not any(f"|{kind}:" in name for name in mine):
                return False
    return True
