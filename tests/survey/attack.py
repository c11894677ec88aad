"""A reader who tries to work hidden numbers back from published estimates, by other means than what hides them.

Everything that a reader can know is written as equations and bounds on whole numbers, and a solver looks for other
numbers that fit. A number that can be no other is given away.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

CATEGORIES = 7  # positions 1 to 4, don't know, no answer, not asked
POSITIONS = 4
REASONS = {"unknown": 4, "empty": 5, "not_applicable": 6}
THRESHOLD = 5
_WISHES = 3
_ROUNDING = 1e-6


def truth(answers: pd.DataFrame, table: pd.DataFrame, code: str) -> dict[tuple[str, str], np.ndarray]:
    """Count people and categories of every published group by hand: the number of people, then of each category."""
    people = answers.drop_duplicates("respondent").set_index("respondent")
    mine = answers[answers["item"] == code].set_index("respondent")
    category = pd.Series(6, index=people.index)
    category.update(mine["answer"].dropna().astype(int) - 1)
    category.update(mine.loc[mine["answer"].isna(), "missing_reason"].map(REASONS).fillna(5).astype(int))
    groups = table[["nis_code", "group"]].drop_duplicates().fillna("")
    out = {}
    for area, group in groups.itertuples(index=False):
        inside = people["nis_code"] == area if area else people["nis_code"].isin(_together(table, "respondents"))
        if group != "all":
            kind, name = group.split(":", 1)
            listed = set(groups.loc[groups["nis_code"] == area, "group"])
            value = people[kind].fillna("")
            value = value.where((kind + ":" + value).isin(listed), "not_given")
            inside &= value == name
        own = inside & (people["nis_code"].isin(_together(table, code)) if not area else True)
        counts = np.bincount(category[own].astype(int), minlength=CATEGORIES)
        out[area, group] = np.concatenate([[inside.sum()], counts])
    return out


def _together(table: pd.DataFrame, code: str) -> set[str]:
    """Return the municipalities that count in all together: what a reader would find by adding up what is shown."""
    everybody = table[(table["group"] == "all") & table["nis_code"].notna()]
    people = everybody[everybody["level"] == "respondents"].set_index("nis_code")["n"]
    own = everybody[everybody["code"] == code].set_index("nis_code")["n"]
    whole = table[(table["group"] == "all") & table["nis_code"].isna() & (table["code"] == code)]["n"].sum()
    if own.notna().any() and whole == own.sum():
        return set(own.dropna().index)
    return set(people.dropna().index)


@dataclass
class Reader:
    """What a reader knows of one item: which numbers are shown, and what ties them."""

    cells: list[tuple[str, str]]
    values: np.ndarray
    known: np.ndarray
    low: np.ndarray
    high: np.ndarray
    rows: csr_array

    @property
    def width(self) -> int:
        return 1 + CATEGORIES

    def certain(self, goals: np.ndarray) -> np.ndarray:
        """Say which sums of numbers can be nothing but what they are; a row for each.

        Most are seen to be otherwise in numbers that fit and please a random wish; the others are tried one by one.
        """
        true = goals @ self.values
        open_ones = np.ones(len(goals), dtype=bool)
        random = np.random.default_rng(0)
        for _ in range(_WISHES if len(goals) else 0):
            wish = random.standard_normal(len(goals)) * open_ones
            for sign in (1, -1):
                open_ones &= goals @ self.fitting(sign * (wish @ goals)) == true
        for place in np.flatnonzero(open_ones).tolist():
            ends = [goals[place] @ self.fitting(sign * goals[place]) for sign in (1, -1)]
            open_ones[place] = all(end == true[place] for end in ends)
        return open_ones

    def fitting(self, goal: np.ndarray) -> np.ndarray:
        """Return the whole numbers that fit all that is known and make a sum least."""
        total = self.rows @ self.values
        for whole in (0, 1):  # what a linear programme finds is often whole already
            found = milp(
                goal,
                constraints=[LinearConstraint(self.rows, total, total)],
                integrality=np.full(len(goal), whole),
                bounds=Bounds(self.low, self.high),
            )
            assert found.success, found.message
            if np.abs(found.x - np.rint(found.x)).max() < _ROUNDING:
                break
        return np.asarray(np.rint(found.x))

    def goal(self, cell: int, numbers: list[int]) -> np.ndarray:
        out = np.zeros(len(self.values))
        out[[cell * self.width + number for number in numbers]] = 1
        return out


def reader(answers: pd.DataFrame, table: pd.DataFrame, code: str) -> Reader:
    """Write down what a reader of a table of one wave knows of an item."""
    counts = truth(answers, table, code)
    cells = list(counts)
    values = np.concatenate([counts[cell] for cell in cells]).astype(float)
    known, low, high = _seen(table, code, cells, values)
    width = 1 + CATEGORIES
    place = {cell: number for number, cell in enumerate(cells)}
    large, together = _together(table, "respondents"), _together(table, code)
    starts = [number * width for number, cell in enumerate(cells) if cell[0] or large == together]
    ties = [{start: -1.0} | dict.fromkeys(range(start + 1, start + width), 1.0) for start in starts]
    for number in range(width):
        for parts, whole in _sums(cells, together if number else large):
            row = {place[part] * width + number: 1.0 for part in parts}
            ties.append(row | {place[whole] * width + number: -1.0})
    entries = [(row, column, factor) for row, tie in enumerate(ties) for column, factor in tie.items()]
    at, columns, factors = (np.array(part) for part in zip(*entries, strict=True))
    return Reader(cells, values, known, low, high, csr_array((factors, (at, columns)), shape=(len(ties), len(values))))


def _seen(
    table: pd.DataFrame, code: str, cells: list[tuple[str, str]], values: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    width = 1 + CATEGORIES
    known = np.zeros(len(values), dtype=bool)
    low, high = np.zeros(len(values)), np.full(len(values), values.max())
    rows = table.assign(nis_code=table["nis_code"].fillna("")).set_index(["nis_code", "group", "code"])
    for number, (area, group) in enumerate(cells):
        start = number * width
        people, item = rows.loc[(area, group, "respondents")], rows.loc[(area, group, code)]
        known[start] = people["status"] != "suppressed"
        known[start + 1 : start + width] = item["status"] != "suppressed"
        if not known[start]:
            few = people["hidden_because"] == "too_few"
            low[start], high[start] = (0, THRESHOLD - 1) if few else (THRESHOLD, high[start])
    low[known] = high[known] = values[known]
    return known, low, high


def _sums(cells: list[tuple[str, str]], together: set[str]) -> Iterator[tuple[list[tuple[str, str]], tuple[str, str]]]:
    for area in {area for area, _ in cells}:
        for kind in ("village", "role", "background"):
            parts = [cell for cell in cells if cell[0] == area and cell[1].startswith(f"{kind}:")]
            if parts:
                yield parts, (area, "all")
    for _, group in [cell for cell in cells if cell[0] == ""]:
        parts = [cell for cell in cells if cell[0] in together and cell[1] == group]
        if parts:
            yield parts, ("", group)


def given_away(answers: pd.DataFrame, table: pd.DataFrame, code: str) -> list[tuple[tuple[str, str], str]]:
    """Return what a reader can work back of an item: the group, and what of it."""
    return what_follows(reader(answers, table, code))


def of_groups(by: pd.Series, categories: pd.Series, people: pd.DataFrame, item: pd.DataFrame) -> Reader:
    """Write down what a reader knows of groups, from the status of each, of their total, and why they are hidden.

    A group is named because somebody is in it.
    """
    width, names = 1 + CATEGORIES, sorted(by.unique())
    counts = [np.bincount(categories[by == name], minlength=CATEGORIES) for name in names]
    values = np.concatenate([[one.sum(), *one] for one in counts]).astype(float)
    open_ones = [table["status"] != "suppressed" for table in (people, item)]
    shown = {name: [bool(open_ones[0][name])] + [bool(open_ones[1][name])] * CATEGORIES for name in (*names, "total")}
    known = np.array([shown[name] for name in names]).ravel()
    own = [
        (row, row * width + number, -1.0 if not number else 1.0) for row in range(len(names)) for number in range(width)
    ]
    added = [number for number in range(width) if shown["total"][number]]
    sums = [(len(names) + at, row * width + n, 1.0) for row in range(len(names)) for at, n in enumerate(added)]
    at, columns, factors = (np.array(part) for part in zip(*own, *sums, strict=True))
    rows = csr_array((factors, (at, columns)), shape=(len(names) + len(added), len(values)))
    low, high = np.zeros(len(values)), np.full(len(values), values.sum())
    for row, name in enumerate(names):
        few = people["hidden_because"][name] == "too_few"
        low[row * width], high[row * width] = (1, THRESHOLD - 1) if few else (THRESHOLD, values.sum())
    low[known] = high[known] = values[known]
    return Reader([("", name) for name in names], values, known, low, high, rows)


def what_follows(known: Reader) -> list[tuple[tuple[str, str], str]]:
    """Return what can be nothing but what it is: the group, and what of it."""
    found = []
    for number, cell in enumerate(known.cells):
        start = number * known.width
        if not known.known[start : start + known.width].all():
            found += [(cell, what, goal) for what, goal in _secrets(known, number)]
    goals = np.array([goal for _, _, goal in found]).reshape(len(found), len(known.values))
    certain = known.certain(goals)
    return [(cell, what) for (cell, what, _), sure in zip(found, certain, strict=True) if sure]


def _secrets(known: Reader, cell: int) -> Iterator[tuple[str, np.ndarray]]:
    """Yield what must not be certain of a group: numbers below five of people, of answers and of each position."""
    start = cell * known.width
    numbers = known.values[start : start + known.width]
    positions = numbers[1 : 1 + POSITIONS]
    given = positions.sum()
    few_people = 0 < numbers[0] < THRESHOLD
    if few_people and not known.known[start]:
        yield "people", known.goal(cell, [0])
    if known.known[start + 1] or not given:
        return
    thin = given < THRESHOLD
    if thin and not few_people:
        yield "answers", known.goal(cell, list(range(1, 1 + POSITIONS)))
    for position in np.flatnonzero((positions > 0) & (positions < THRESHOLD)).tolist():
        if thin or few_people:
            yield f"position {position + 1}", known.goal(cell, [1 + position])
    if (positions > 0).sum() == 1:
        # That the others of the group said nothing else is certain when no other position can have been chosen.
        yield "all alike", known.goal(cell, [1 + place for place in range(POSITIONS) if not positions[place]])
