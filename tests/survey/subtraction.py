"""A reader who adds up and subtracts the groups of several releases, and made-up releases by groups of many kinds."""

from collections import defaultdict
from itertools import combinations

import numpy as np
import pandas as pd

from resilience_analysis.survey.issues import contents
from resilience_analysis.survey.releases import ESTIMATES, PEOPLE, Issue, plain_name
from resilience_analysis.survey.responses import PEOPLE as ABOUT
from resilience_analysis.survey.responses import Responses

_ROUNDING = 1e-9
LEAST, CODES = 5, ("INF1", "INF2")


def groups_that_follow(releases):
    """Yield the people of whom releases tell together.

    Parameters
    ----------
    releases
        By release, the people of every group that is shown, by `group_name`.

    Notes
    -----
    A reader knows that the villages, roles or backgrounds of an area are all its people, and that areas add up. The
    groups of one such line, of all releases, are the rows of a matrix of people; every row of its reduced form that
    takes some people and leaves the others out is a group that follows. Where some left a group and others came,
    their answers are seen against each other, mixed: they count together.
    """
    lines = defaultdict(set)
    for release in releases:
        for name, people in release.items():
            area, group = name.split("|", 1)
            lines["", group].add(people)
            whole = release.get(f"{area}|all")
            lines[area, group.split(":")[0]] |= {people} if whole is None else {people, whole}
    for groups in lines.values():
        yield from _following(groups)
    for name in {name for release in releases for name in release}:
        mine = {release[name] for release in releases if name in release}
        yield from (one ^ other for one, other in combinations(mine, 2))


def _following(groups):
    """Yield the groups that follow from those of a line."""
    people = sorted(set().union(*groups))
    place = {name: number for number, name in enumerate(people)}
    table = np.zeros((len(groups), len(people)))
    for row, group in enumerate(sorted(groups, key=sorted)):
        table[row, [place[name] for name in group]] = 1
    if not people:
        return
    atoms, atom = np.unique(table, axis=1, return_inverse=True)
    for row in _reduced(atoms):
        if (np.isclose(row, 0, atol=_ROUNDING) | np.isclose(row, 1, atol=_ROUNDING)).all():
            inside = np.rint(row).astype(bool)[atom.ravel()]
            yield frozenset(np.array(people, dtype=object)[inside])


def _reduced(atoms):
    """Return the rows of the reduced matrix that are not zero."""
    rows = atoms.astype(float).copy()
    at = 0
    for column in range(rows.shape[1]):
        if at == len(rows):
            break
        best = at + int(np.argmax(np.abs(rows[at:, column])))
        if abs(rows[best, column]) < _ROUNDING:
            continue
        rows[[at, best]] = rows[[best, at]]
        rows[at] /= rows[at, column]
        others = np.flatnonzero(np.abs(rows[:, column]) > _ROUNDING)
        others = others[others != at]
        rows[others] -= np.outer(rows[others, column], rows[at])
        at += 1
    return rows[:at]


class World:
    """People who come and leave, of two places, with a role, an age that only one table groups by, and a history."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        count = int(self.random.integers(12, 90))
        about = pd.DataFrame({"respondent": [f"r{n}" for n in range(count)], "wave": "2026"})
        place, role = (
            self.random.choice(list(of), count, p=p) for of, p in (("12", (0.5, 0.5)), ("abc", (0.5, 0.3, 0.2)))
        )
        self.people = about.assign(nis_code=place, role=role).reindex(columns=list(ABOUT)).astype(object)
        self.codes = pd.DataFrame(
            {code: self.random.choice([1, 2, 3, 4, -1], count, p=[0.3, 0.3, 0.2, 0.1, 0.1]) for code in CODES}
        )
        self.age, self.was_asked_before = self.random.choice(list("ymo"), count), self.random.random(count) < 0.6

    def issue(self):
        """Return a release of some of the people, by place and role, or by age; groups are hidden at will."""
        some = self.random.random(len(self.people)) < self.random.choice([1, 1, 0.95, 0.8, 0.6])
        own = Responses(self.people[some].reset_index(drop=True), self.codes[some].reset_index(drop=True))
        how = self.random.choice(["age", "role", "followed"])
        groups, shown = {}, defaultdict(list)
        for name, inside, codes in self._by_age(own, some) if how == "age" else self._by_place(own, some, how):
            whole = name.endswith("all")
            if inside.sum() >= LEAST and (whole or self.random.random() < 0.75):
                groups[name] = np.flatnonzero(inside)
                for code in codes:
                    shown[code].append(name)
        named = {f"*|age:{value}" for value in "ymo"} if how == "age" else set()
        return Issue(ESTIMATES, groups, list(contents(own)), own, dict(shown), named=frozenset(named))

    def _by_age(self, own, some):
        yield "*|all", np.ones(len(own.people), dtype=bool), (PEOPLE, *CODES)
        yield from ((f"*|age:{age}", self.age[some] == age, (PEOPLE, *CODES)) for age in "ymo")

    def _by_place(self, own, some, how):
        for place in "12":
            here = (own.people["nis_code"] == place).to_numpy()
            yield f"{place}|all", here, (PEOPLE, *CODES)
            for role in "abc":
                yield f"{place}|role:{role}", here & (own.people["role"] == role).to_numpy(), (PEOPLE, *CODES)
            for code in CODES if how == "followed" else ():
                answered = (own.codes[code] > 0).to_numpy()
                yield f"{place}|followed:{code}", here & answered & self.was_asked_before[some], (code,)


def told_by_subtraction(issues):
    """Return what few people, or people who all answered alike, a reader of several releases finds."""
    texts = {person: text for one in issues for person, text in _by_person(one)}
    for code in (PEOPLE, *CODES):
        releases = [one for one in (_who(issue, code) for issue in issues) if one]
        shown = {people for one in releases for people in one.values()}
        for people in set(groups_that_follow(releases)) - shown:
            alike = {text for person in people for text in texts[person].split("|") if text.startswith(f"{code}=")}
            if len(people) < LEAST or (code != PEOPLE and len(alike) == 1):
                yield code, people


def _by_person(issue):
    return zip(issue.responses.people["respondent"], issue.contents, strict=True)


def _who(issue, code):
    """Return who answered in every group in which a statement is shown."""
    given = np.ones(len(issue.contents), dtype=bool) if code == PEOPLE else (issue.responses.codes[code] > 0).to_numpy()
    people = issue.responses.people["respondent"].to_numpy(dtype=object)
    return {
        plain_name(name): frozenset(people[[at for at in issue.groups[name] if given[at]]])
        for name in issue.shown.get(code, ())
    }
