"""Which groups of a wave are shown: everything that is published of it, judged together.

People are grouped by municipality and, in each, by village, role and background; municipalities are added up, also by
role and background.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from resilience_analysis.survey.crosstab import Categories, Crosstab, categories, reveals
from resilience_analysis.survey.instrument import BACKGROUND, NIS_CODE, ROLE, VILLAGE, Instrument
from resilience_analysis.survey.responses import Responses
from resilience_analysis.survey.suppression import hidden_groups, shown_together

EVERYBODY = "all"
NOT_GIVEN = "not_given"
REGION = ""
KINDS = (VILLAGE, ROLE, BACKGROUND)
PEOPLE = "people"
_ASKED_PRICE = 4.0


def group_names(people: pd.DataFrame, kind: str, instrument: Instrument) -> tuple[pd.Series, dict[str, list[str]]]:
    """Return in which group of a kind everybody is, and which groups there are in each municipality.

    A group is named where the instrument offers it, or where enough people of the municipality say it: what fewer
    wrote themselves is never a name. They are in the group of those who gave none.

    Parameters
    ----------
    people
        One row per respondent.
    kind
        Column of `people`.
    instrument
        Offers the villages of each municipality, the roles and the backgrounds.

    Returns
    -------
    tuple of pandas.Series and dict
        The name of each respondent's group, and all names by municipality. Groups without anybody are named too:
        that a group is named says nothing.

    Examples
    --------
    >>> from resilience_analysis.survey.items import load_instrument
    >>> people = pd.DataFrame({"nis_code": ["13011"] * 6, "role": ["inwoner"] * 5 + ["pilot"]})
    >>> group_names(people, "role", load_instrument())[0].tolist()[-2:]
    ['inwoner', 'not_given']
    """
    question, least = instrument.question(kind), instrument.counting.suppress_below
    value = people[kind].where(people[kind].notna(), "").astype(str)
    counts = value[value != ""].groupby([people[NIS_CODE].astype(str), value]).size()
    areas, written = (counts.index.get_level_values(level).astype(str) for level in (0, 1))
    said = [pair for pair, number in zip(zip(areas, written, strict=True), counts, strict=True) if number >= least]
    offered = [choice.id for choice in question.choices]
    names = {}
    for area in sorted(set(people[NIS_CODE].astype(str))):
        here = {name for name in offered if question.parents.get(name, area) == area}
        own = {name for place, name in said if kind != VILLAGE or place == area}
        names[area] = [*sorted((here | own) - {NOT_GIVEN}), NOT_GIVEN]
    pairs = zip(people[NIS_CODE].astype(str), value, strict=True)
    named = [name if name in names[area] else NOT_GIVEN for area, name in pairs]
    return pd.Series(named, index=people.index, dtype=object), names


@dataclass
class ShownGroups:
    """What may be shown of a wave."""

    # by municipality (`REGION` for all together) and group: which of `PEOPLE` and the blocks of items are hidden
    hidden: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    # by block: the municipalities that count in all together
    together: dict[str, set[str]] = field(default_factory=dict)
    block_of: dict[str, str] = field(default_factory=dict)  # block of every item and dimension


def shown_groups(
    responses: Responses, values: Mapping[str, tuple[pd.Series, dict[str, list[str]]]], instrument: Instrument
) -> ShownGroups:
    """Judge what may be shown of one wave.

    All responses have a municipality; `values` are `group_names` by kind. The dimensions of the instrument are blocks:
    the items of one are shown all or none in a group, with their dimension. An item without one is a block by itself.

    Examples
    --------
    >>> from resilience_analysis.survey.items import load_instrument
    >>> people = pd.DataFrame({"respondent": [f"r{n}" for n in range(8)], "wave": "2026", "nis_code": "13011"})
    >>> people = people.assign(village=None, role=["inwoner"] * 6 + ["ambtenaar"] * 2, background=None)
    >>> instrument, answers = load_instrument(), pd.DataFrame({"INF1": [1, 2, 3, 4] * 2})
    >>> values = {kind: group_names(people, kind, instrument) for kind in KINDS}
    >>> hidden = shown_groups(Responses(people, answers), values, instrument).hidden
    >>> PEOPLE in hidden["13011", EVERYBODY], PEOPLE in hidden["13011", "role:ambtenaar"]
    (False, True)
    """
    return _Judge(responses, values, instrument).judged()


class _Judge:
    """Works out what is hidden, from the people to the blocks."""

    def __init__(
        self,
        responses: Responses,
        values: Mapping[str, tuple[pd.Series, dict[str, list[str]]]],
        instrument: Instrument,
    ) -> None:
        counting = instrument.counting
        self.instrument, self.values, self.least = instrument, values, counting.suppress_below
        items = [item for item in instrument.items if item in responses.codes]
        self.found: Categories = categories(
            responses.codes[items], instrument.scored, min_answered=counting.min_answered_share
        )
        codes = responses.people[NIS_CODE].astype(str)
        self.areas = sorted(codes.unique())
        self.row = codes.map({area: place for place, area in enumerate(self.areas)}).to_numpy(dtype=int)
        whole = self.found.counted(self.row, np.zeros(len(self.row), dtype=int), (len(self.areas), 1))
        self.whole = whole
        self.large = whole.people[:, 0] >= self.least
        self.asked = {item.id for item in instrument.village_team.section.items}
        self.blocks = self._blocks()
        self.out = ShownGroups(
            block_of={self.found.names[item]: name for name, at in self.blocks.items() for item in at}
        )

    def _blocks(self) -> dict[str, list[int]]:
        place = {name: number for number, name in enumerate(self.found.names)}
        blocks = {}
        for name, items in self.instrument.scored.items():
            if any(item in place for item in items):
                blocks[name] = [place[code] for code in (*items, name) if code in place]
        inside = {number for at in blocks.values() for number in at}
        rest = [name for name, number in place.items() if number not in inside and name in self.instrument.items]
        return blocks | {name: [place[name]] for name in rest}

    def judged(self) -> ShownGroups:
        tables = {kind: self._counted(kind) for kind in (ROLE, BACKGROUND)}
        villages = self._villages()
        people = {kind: self._people(kind, table) for kind, (_, table) in tables.items()}
        in_villages = {area: hidden_groups(table, self.least, people=True) for area, (_, table) in villages.items()}
        self._note(REGION, EVERYBODY, PEOPLE, hidden=not self.large.any())
        for area, large in zip(self.areas, self.large.tolist(), strict=True):
            self._note(area, EVERYBODY, PEOPLE, hidden=not large)
        for kind, (names, _) in tables.items():
            self._note_rows(kind, names, PEOPLE, people[kind])
        for area, (names, _) in villages.items():
            self._note_village(area, names, PEOPLE, in_villages[area])
        for block in self.blocks:
            self._judge_block(block, tables, villages, people, in_villages)
        for place in np.flatnonzero(~self.large).tolist():
            names = self.values[VILLAGE][1][self.areas[place]]
            for what in (PEOPLE, *self.blocks):
                self._note_village(self.areas[place], names, what, np.ones((1, len(names)), dtype=bool))
        return self.out

    def _counted(self, kind: str) -> tuple[list[str], Crosstab]:
        """Count people and answers by municipality and role or background; only where enough people answered."""
        value, names_of = self.values[kind]
        names = names_of[self.areas[0]]
        column = value.map({name: place for place, name in enumerate(names)}).to_numpy(dtype=int)
        table = self.found.counted(self.row, column, (len(self.areas), len(names)))
        return names, Crosstab(table.people[self.large], table.answers[self.large], table.dimension)

    def _villages(self) -> dict[str, tuple[list[str], Crosstab]]:
        """Count people and answers by village, for every municipality with enough people."""
        value, names_of = self.values[VILLAGE]
        out = {}
        for place in np.flatnonzero(self.large).tolist():
            names = names_of[self.areas[place]]
            mine = np.where(self.row == place, 0, -1)
            column = value.map({name: at for at, name in enumerate(names)}).fillna(-1).to_numpy(dtype=int)
            out[self.areas[place]] = (names, self.found.counted(mine, column, (1, len(names))))
        return out

    def _people(self, kind: str, table: Crosstab) -> np.ndarray:
        """Hide numbers of people; who was asked about the village team is told by the role."""
        team = self.instrument.village_team
        own = self.asked if kind == team.asked_field else set()
        kept = [number for number, name in enumerate(self.found.names) if name not in own]
        # With the number of those who were asked, their answers go too.
        names = self.values[kind][1][self.areas[0]]
        price = np.where([bool(own) and name == team.asked_value for name in names], _ASKED_PRICE, 1.0)
        summed = np.ones(len(table.people), dtype=bool)
        return hidden_groups(table.of(kept), self.least, summed=summed, people=True, price=price)

    def _judge_block(
        self,
        block: str,
        tables: Mapping[str, tuple[list[str], Crosstab]],
        villages: Mapping[str, tuple[list[str], Crosstab]],
        people: Mapping[str, np.ndarray],
        in_villages: Mapping[str, np.ndarray],
    ) -> None:
        items = self.blocks[block]
        whole = self.whole.of(items)
        large = Crosstab(whole.people[self.large], whole.answers[self.large], whole.dimension)
        telling, told = self._asked_tells(block, tables, people)
        apart = reveals(large, self.least)[:, 0] | telling
        summed = np.ones(len(apart), dtype=bool) if shown_together(large, self.least, apart) else ~apart
        total = large.total(summed)
        counted = {kind: _counted_by_rest(hidden, summed) for kind, hidden in people.items()}
        asked = self._asked_place(block, tables)
        told |= asked is not None and not counted[self.instrument.village_team.asked_field][asked]
        region = told or not summed.any() or bool(reveals(total, self.least)[0, 0])
        here = np.flatnonzero(self.large)
        self.out.together[block] = {self.areas[place] for place in here[summed].tolist()}
        self._note(REGION, EVERYBODY, block, hidden=region)
        hidden_areas = dict(zip((self.areas[place] for place in here.tolist()), apart.tolist(), strict=True))
        for area in self.areas:
            self._note(area, EVERYBODY, block, hidden=hidden_areas.get(area, True))
        for kind, (names, table) in tables.items():
            start = people[kind] | np.append(apart, region)[:, None]
            start[-1] |= ~counted[kind]
            if kind == self.instrument.village_team.asked_field and block in self.asked:
                found = start | ~self._asked_only(names)
            else:
                found = hidden_groups(table.of(items), self.least, summed=summed & (not region), hidden=start)
            self._note_rows(kind, names, block, found | np.append(apart, region)[:, None])
        for area, (names, table) in villages.items():
            start = in_villages[area] | hidden_areas[area]
            found = hidden_groups(table.of(items), self.least, hidden=start)
            self._note_village(area, names, block, found)

    def _asked_only(self, names: Sequence[str]) -> np.ndarray:
        return np.array([[name == self.instrument.village_team.asked_value for name in names]])

    def _asked_tells(
        self, block: str, tables: Mapping[str, tuple[list[str], Crosstab]], people: Mapping[str, np.ndarray]
    ) -> tuple[np.ndarray, bool]:
        """Return where those who were asked are a hidden group, whose number the answers of the block would tell."""
        asked = self._asked_place(block, tables)
        if asked is None:
            return np.zeros(int(self.large.sum()), dtype=bool), False
        column = people[self.instrument.village_team.asked_field][:, asked]
        return column[:-1], bool(column[-1])

    def _asked_place(self, block: str, tables: Mapping[str, tuple[list[str], Crosstab]]) -> int | None:
        """Return the column of those who were asked a block of the village team; None for what all are asked."""
        team = self.instrument.village_team
        names = tables[team.asked_field][0]
        return names.index(team.asked_value) if block in self.asked and team.asked_value in names else None

    def _note(self, area: str, group: str, what: str, *, hidden: bool) -> None:
        found = self.out.hidden.setdefault((area, group), set())
        if hidden:
            found.add(what)

    def _note_rows(self, kind: str, names: Sequence[str], what: str, hidden: np.ndarray) -> None:
        large = np.flatnonzero(self.large).tolist()
        rows = [*(self.areas[place] for place in large), REGION]
        for area, line in zip(rows, hidden, strict=True):
            for name, one in zip(names, line.tolist(), strict=True):
                self._note(area, f"{kind}:{name}", what, hidden=one)
        for place in np.flatnonzero(~self.large).tolist():
            for name in names:
                self._note(self.areas[place], f"{kind}:{name}", what, hidden=True)

    def _note_village(self, area: str, names: Sequence[str], what: str, hidden: np.ndarray) -> None:
        for name, one in zip(names, hidden[0].tolist(), strict=True):
            self._note(area, f"{VILLAGE}:{name}", what, hidden=one)


def _counted_by_rest(hidden: np.ndarray, summed: np.ndarray) -> np.ndarray:
    """Return for which groups it is no news how many people of some areas are in them: one truth per column.

    The numbers of those who were asked and did not answer tell it, wherever the answers of these areas together are
    shown. It follows already where all areas count, where each of these is shown, or where all and each other one is.

    Parameters
    ----------
    hidden
        Numbers of people that are hidden: a row per area, and one for all of them.
    summed
        The areas that are added up.
    """
    shown = ~hidden
    own, rest = shown[:-1][summed].all(axis=0), shown[:-1][~summed].all(axis=0) & shown[-1]
    return np.asarray(own | rest | bool(summed.all()))
