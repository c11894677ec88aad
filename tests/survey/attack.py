"""A reader who tries to work hidden numbers back from published estimates, by other means than what hides them.

Everything that a reader can know is written as equations and bounds on whole numbers, and a solver looks for other
numbers that fit. A number that can be no other is given away. Of what is shown the reader knows the exact counts,
which is more than a page tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

CATEGORIES = 7  # positions 1 to 4, don't know, no answer, not asked
POSITIONS = 4
NOT_ASKED = 6
REASONS = {"unknown": 4, "empty": 5, "not_applicable": NOT_ASKED}
THRESHOLD = 5
WIDTH = 1 + CATEGORIES
SECONDS = 60.0  # of wall time, on a machine that may be busy
_WISHES = 3
_ROUNDING = 1e-6
_TOO_LATE = 1  # what the solver says when its time is over
Cell = tuple[str, str]
Line = tuple[list[int], int, list[str]]


@dataclass
class Reader:
    """What a reader knows of one item: which numbers are shown, and what ties them.

    Attributes
    ----------
    cells
        Municipality (empty for all together) and group, each with `WIDTH` numbers: people, then every category.
    values, known, low, high
        The true numbers, which are shown, and the bounds that a reader knows.
    rows
        Sums that a reader knows to be what they are.
    undecided
        How many questions the solver gave up for want of time.
    """

    cells: list[Cell]
    values: np.ndarray
    known: np.ndarray
    low: np.ndarray
    high: np.ndarray
    rows: csr_array
    undecided: int = 0

    def __post_init__(self) -> None:
        """Keep the equations of what is hidden: a solver need not see the rest."""
        self.free = np.flatnonzero(self.low < self.high)
        part = self.rows[:, self.free]
        kept = np.flatnonzero(np.diff(part.indptr) > 0)
        self._rows = part[kept]
        self._sums = self._rows @ self.values[self.free]
        self._bounds = Bounds(self.low[self.free], self.high[self.free])

    def certain(self, goals: csr_array) -> np.ndarray:
        """Say which sums of numbers can be nothing but what they are; a row for each.

        Most are seen to be otherwise in numbers that fit and please a random wish; the others are tried one by one.
        """
        wanted, true = goals[:, self.free], goals[:, self.free] @ self.values[self.free]
        open_ones = np.ones(goals.shape[0], dtype=bool)
        random = np.random.default_rng(0)
        for _ in range(_WISHES):
            wish = random.standard_normal(goals.shape[0]) * open_ones
            for sign in (1, -1):
                if open_ones.any():
                    open_ones &= ~self._otherwise(sign * (wanted.T @ wish), wanted, true, gap=np.inf)
        for place in np.flatnonzero(open_ones).tolist():
            one = wanted[[place]].toarray()[0]
            for sign in (1, -1):
                if open_ones[place]:
                    open_ones &= ~self._otherwise(sign * one, wanted, true)
        return open_ones

    def _otherwise(self, goal: np.ndarray, wanted: csr_array, true: np.ndarray, gap: float = 0.0) -> np.ndarray:
        """Say which sums are other ones in whole numbers that fit what is known and make a goal least, or nearly."""
        for whole in (0, 1):  # what a linear programme finds is often whole already
            found = milp(
                goal,
                constraints=[LinearConstraint(self._rows, self._sums, self._sums)],
                integrality=np.full(len(goal), whole),
                bounds=self._bounds,
                options={"time_limit": SECONDS, "mip_rel_gap": gap},
            )
            assert found.status in {0, _TOO_LATE}, found.message
            if found.x is not None and np.abs(found.x - np.rint(found.x)).max(initial=0) < _ROUNDING:
                return np.asarray(wanted @ np.rint(found.x) != true)
        self.undecided += 1
        return np.zeros(wanted.shape[0], dtype=bool)


def one_hot(
    answers: pd.DataFrame, people: pd.DataFrame, code: str, items: Sequence[str] = (), least: float = 0.5
) -> np.ndarray:
    """Return the category of everybody's answer to an item: a row per respondent.

    Of a dimension, with its `items`, those with a score are in the first category, the others in that of no answer.
    """
    if items:
        given = answers[answers["item"].isin(items) & answers["answer"].notna()].groupby("respondent").size()
        enough = given.reindex(people.index, fill_value=0) >= max(least * len(items), 1)
        return np.eye(CATEGORIES)[np.where(enough, 0, REASONS["empty"])]
    mine = answers[answers["item"] == code].set_index("respondent")
    category = pd.Series(NOT_ASKED, index=people.index)
    category.update(mine["answer"].dropna().astype(int) - 1)
    category.update(mine.loc[mine["answer"].isna(), "missing_reason"].map(REASONS).fillna(5).astype(int))
    return np.eye(CATEGORIES)[category.astype(int)]


def members(people: pd.DataFrame, table: pd.DataFrame) -> dict[Cell, np.ndarray]:
    """Say who is in every published group, all municipalities together being all there are: one truth per respondent.

    The groups are in order, those of a municipality and kind one after another.
    """
    groups = table[["nis_code", "group"]].drop_duplicates().fillna("")
    values = people[["village", "role", "background"]].fillna("")
    out = {}
    for area, own in groups.groupby("nis_code", sort=True)["group"]:
        inside, listed = (people["nis_code"] == area if area else people["nis_code"] != ""), set(own)
        named = {
            kind: (kind + ":" + values[kind]).where((kind + ":" + values[kind]).isin(listed), f"{kind}:not_given")
            for kind in values
        }
        for group in sorted(listed):
            mine = inside if group == "all" else inside & (named[group.split(":")[0]] == group)
            out[str(area), str(group)] = mine.to_numpy()
    return out


def together_of(table: pd.DataFrame, code: str, sizes: pd.Series) -> set[str]:
    """Return the municipalities that count in all together, of which `sizes` has the people of each.

    They are what a reader would find by adding up what is shown; where that is not all, those of enough people, for
    one can be hidden because it was before.
    """
    everybody = table[(table["group"] == "all") & table["nis_code"].notna()]
    people, own = (everybody[everybody["code"] == name].set_index("nis_code")["n"] for name in ("respondents", code))
    region = table[(table["group"] == "all") & table["nis_code"].isna()].groupby("code")["n"].sum()
    for shown, name in ((own, code), (people, "respondents")):
        if shown.notna().any() and region.get(name, 0) == shown.sum():
            return set(shown.dropna().index)
    return set(sizes.index[sizes >= THRESHOLD]) if region.get("respondents", 0) else set(people.dropna().index)


def reader(answers: pd.DataFrame, table: pd.DataFrame, code: str) -> Reader:
    """Write down what a reader of a table of one wave knows of an item."""
    return readers(answers, table, [code])[0]


def readers(
    answers: pd.DataFrame,
    table: pd.DataFrame,
    codes: Sequence[str],
    dimensions: Mapping[str, Sequence[str]] | None = None,
) -> list[Reader]:
    """Write down what a reader of a table of one wave knows of every item, and of dimensions with their items."""
    dimensions = dimensions or {}
    people = answers.drop_duplicates("respondent").set_index("respondent")
    groups = members(people, table)
    cells, inside = list(groups), np.array(list(groups.values()), dtype=float)
    region = np.array([not area for area, _ in cells])
    sizes = people["nis_code"].value_counts()
    large, lines = together_of(table, "respondents", sizes), lines_of(cells)

    def counted(together: set[str]) -> np.ndarray:
        return np.where(region[:, None], inside * people["nis_code"].isin(together).to_numpy(), inside)

    out = []
    for code in codes:
        together = together_of(table, code, sizes)
        numbers = counted(together) @ one_hot(answers, people, code, dimensions.get(code, ()))
        values = np.hstack([counted(large).sum(axis=1)[:, None], numbers]).ravel()
        known, low, high = _seen(table, code, cells, values)
        rows = _ties(cells, lines, large, together)
        out.append(Reader(cells, values, known, low, high, matrix(rows, len(values))))
    return out


def _ties(cells: list[Cell], lines: list[Line], large: set[str], together: set[str]) -> list[dict[int, float]]:
    """Return what adds up: the categories of a group to its people, and groups to their totals."""
    whole = [number for number, cell in enumerate(cells) if cell[0] or large == together]
    ties = [{at * WIDTH: -1.0} | dict.fromkeys(range(at * WIDTH + 1, at * WIDTH + WIDTH), 1.0) for at in whole]
    for parts, total, areas in lines:
        for number in range(WIDTH):
            counted = together if number else large
            kept = [at for at, area in zip(parts, areas, strict=True) if not area or area in counted]
            if kept:
                ties.append(dict.fromkeys((at * WIDTH + number for at in kept), 1.0) | {total * WIDTH + number: -1.0})
    return ties


def matrix(ties: Sequence[Mapping[int, float]], width: int) -> csr_array:
    """Return sums as rows of a matrix."""
    entries = [(row, column, factor) for row, tie in enumerate(ties) for column, factor in tie.items()]
    at, columns, factors = (np.array(part) for part in zip(*entries, strict=True)) if entries else ([], [], [])
    return csr_array((factors, (at, columns)), shape=(len(ties), width))


def _seen(
    table: pd.DataFrame, code: str, cells: list[Cell], values: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Say which numbers are shown, and between which bounds the others are, from why they are hidden."""
    known = np.zeros(len(values), dtype=bool)
    low, high = np.zeros(len(values)), np.full(len(values), values.max())
    rows = table.assign(nis_code=table["nis_code"].fillna("")).set_index(["code", "nis_code", "group"]).sort_index()
    people, item = (rows.loc[name].loc[cells] for name in ("respondents", code))
    heads = np.arange(len(cells)) * WIDTH
    known[heads] = people["status"] != "suppressed"
    for number in range(1, WIDTH):
        known[heads + number] = item["status"] != "suppressed"
    few, other = ((people["hidden_because"] == why).to_numpy() for why in ("too_few", "would_disclose"))
    high[heads[few]] = THRESHOLD - 1
    low[heads[other & ~_unsaid(cells, values[heads], known[heads])]] = THRESHOLD
    # A municipality is named because somebody in it answered.
    low[heads[few & [group == "all" for _, group in cells]]] = 1
    if code.startswith("DT"):  # the questionnaire says who is asked
        others = [place for place, (_, group) in enumerate(cells) if _not_asked(group)]
        for number in range(1, NOT_ASKED + 1):
            high[heads[others] + number] = 0
    low[known] = high[known] = values[known]
    return known, low, high


def _unsaid(cells: list[Cell], people: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Find groups whose reason says nothing: with the rest of their total, that all are few would be all there is."""
    out = np.zeros(len(cells), dtype=bool)
    for parts, total, areas in lines_of(cells):
        hidden = [part for part in parts if not known[part]]
        if not any(areas) and known[total] and people[hidden].sum() == (THRESHOLD - 1) * len(hidden):
            out[hidden] = True
    return out


def _not_asked(group: str) -> bool:
    return group.startswith("role:") and group != "role:dorpsteamlid"


def lines_of(cells: list[Cell]) -> list[Line]:
    """Return which groups add up to which: their places, that of the total, and the areas that may take no part."""
    place, lines = {cell: number for number, cell in enumerate(cells)}, []
    for area in {area for area, _ in cells}:
        for kind in ("village", "role", "background"):
            parts = [place[cell] for cell in cells if cell[0] == area and cell[1].startswith(f"{kind}:")]
            if parts:
                lines.append((parts, place[area, "all"], [""] * len(parts)))
    for cell in [cell for cell in cells if not cell[0]]:
        parts = [place[other] for other in cells if other[0] and other[1] == cell[1]]
        if parts:
            lines.append((parts, place[cell], [cells[part][0] for part in parts]))
    return lines


def given_away(answers: pd.DataFrame, table: pd.DataFrame, code: str) -> list[tuple[Cell, str]]:
    """Return what a reader can work back of an item: the group, and what of it."""
    return what_follows(reader(answers, table, code))


def people_given_away(readers: Sequence[Reader]) -> list[Cell]:
    """Return the groups of which a reader of several items can work back how few people they are."""
    together = joined(readers)
    cells, heads = readers[0].cells, readers[0].values[::WIDTH]
    few = np.flatnonzero((heads > 0) & (heads < THRESHOLD) & ~readers[0].known[::WIDTH]).tolist()
    certain = together.certain(matrix([{place: 1.0} for place in few], len(together.values))) if few else []
    readers[0].undecided += together.undecided
    return [cells[place] for place, sure in zip(few, certain, strict=True) if sure]


def joined(readers: Sequence[Reader]) -> Reader:
    """Write down what a reader of several items knows together: the people are the same for all of them."""
    count = len(readers[0].cells)
    places = []
    for number in range(len(readers)):
        own = np.arange(count * WIDTH)
        cell, category = own // WIDTH, own % WIDTH
        start = count * (1 + number * CATEGORIES)
        places.append(np.where(category == 0, cell, start + cell * CATEGORIES + category - 1))
    width = count * (1 + len(readers) * CATEGORIES)
    parts = {name: np.zeros(width) for name in ("values", "known", "low", "high")}
    for one, place in zip(readers, places, strict=True):
        for name, part in parts.items():
            part[place] = getattr(one, name)
    columns = np.concatenate([place[one.rows.tocoo().coords[1]] for one, place in zip(readers, places, strict=True)])
    starts = np.cumsum([0, *(one.rows.shape[0] for one in readers)])
    at = np.concatenate([one.rows.tocoo().coords[0] + start for one, start in zip(readers, starts, strict=False)])
    factors = np.concatenate([one.rows.tocoo().data for one in readers])
    rows = csr_array((factors, (at, columns)), shape=(int(starts[-1]), width))
    return Reader([], parts["values"], parts["known"].astype(bool), parts["low"], parts["high"], rows)


def of_groups(by: pd.Series, categories: pd.Series, people: pd.DataFrame, item: pd.DataFrame) -> Reader:
    """Write down what a reader knows of groups, from the status of each, of their total, and why they are hidden.

    A group is named because somebody is in it.
    """
    names = sorted(by.unique())
    counts = [np.bincount(categories[by == name], minlength=CATEGORIES) for name in names]
    values = np.concatenate([[one.sum(), *one] for one in counts]).astype(float)
    open_ones = [table["status"] != "suppressed" for table in (people, item)]
    shown = {name: [bool(open_ones[0][name])] + [bool(open_ones[1][name])] * CATEGORIES for name in (*names, "total")}
    known = np.array([shown[name] for name in names]).ravel()
    ties = [{row * WIDTH: -1.0} | {row * WIDTH + n: 1.0 for n in range(1, WIDTH)} for row in range(len(names))]
    added = [number for number in range(WIDTH) if shown["total"][number]]
    ties += [{row * WIDTH + number: 1.0 for row in range(len(names))} for number in added]
    low, high = np.zeros(len(values)), np.full(len(values), values.sum())
    for row, name in enumerate(names):
        few = people["hidden_because"][name] == "too_few"
        low[row * WIDTH], high[row * WIDTH] = (1, THRESHOLD - 1) if few else (1, values.sum())
    low[known] = high[known] = values[known]
    return Reader([("", name) for name in names], values, known, low, high, matrix(ties, len(values)))


def rows_shown(known: Sequence[Reader]) -> np.ndarray:
    """Return how many rows have answers, have enough of them by themselves, and are shown: of items, and of people."""
    out = np.zeros((2, 3), dtype=int)
    for number, one in enumerate(known):
        numbers, shown = one.values.reshape(-1, WIDTH), one.known.reshape(-1, WIDTH)
        given = numbers[:, 1 : 1 + POSITIONS].sum(axis=1)
        out[0] += [(given > 0).sum(), (given >= THRESHOLD).sum(), (shown[:, 1] & (given > 0)).sum()]
        if not number:
            people = numbers[:, 0]
            out[1] += [(people > 0).sum(), (people >= THRESHOLD).sum(), (shown[:, 0] & (people > 0)).sum()]
    return out


def what_follows(known: Reader) -> list[tuple[Cell, str]]:
    """Return what can be nothing but what it is: the group, and what of it."""
    found = []
    for number, cell in enumerate(known.cells):
        if not known.known[number * WIDTH : number * WIDTH + WIDTH].all():
            found += [(cell, what, goal) for what, goal in secrets(known, number)]
    goals = matrix([goal for _, _, goal in found], len(known.values))
    certain = known.certain(goals) if found else []
    return [(cell, what) for (cell, what, _), sure in zip(found, certain, strict=True) if sure]


def secrets(known: Reader, cell: int) -> Iterator[tuple[str, dict[int, float]]]:
    """Yield what must not be certain of a group: numbers below five of people, of answers and of each position."""
    start = cell * WIDTH
    numbers = known.values[start : start + WIDTH]
    positions = numbers[1 : 1 + POSITIONS]
    given = positions.sum()
    few_people = 0 < numbers[0] < THRESHOLD
    if few_people and not known.known[start]:
        yield "people", {start: 1.0}
    if known.known[start + 1] or not given:
        return
    thin = given < THRESHOLD
    if thin and not few_people:
        yield "answers", {start + 1 + place: 1.0 for place in range(POSITIONS)}
    for position in np.flatnonzero((positions > 0) & (positions < THRESHOLD)).tolist():
        if thin or few_people:
            yield f"position {position + 1}", {start + 1 + position: 1.0}
    if (positions > 0).sum() == 1:
        # That the others of the group said nothing else is certain when no other position can have been chosen.
        yield "all alike", {start + 1 + place: 1.0 for place in range(POSITIONS) if not positions[place]}
