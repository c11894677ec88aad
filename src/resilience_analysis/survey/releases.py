"""One release of a wave: the groups that it shows, who is in them, and what of that is written down.

A group is named by its area and what it is grouped by: ``13011|role:inwoner``. Respondents are written down under a
digest of all that is known of them, so that a record tells nothing to who does not have the answers.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from resilience_analysis.survey.crosstab import CATEGORIES, Categories, categories
from resilience_analysis.survey.instrument import NIS_CODE
from resilience_analysis.survey.responses import Responses
from resilience_analysis.survey.wave import EVERYBODY, NOT_GIVEN, REGION

ESTIMATES, PEOPLE_ONE_BY_ONE = "estimates", "answers one by one"
EVERYWHERE = "*"
PEOPLE = ""  # instead of the code of a statement: the people, whatever they answered
TOGETHER = (REGION, EVERYWHERE)
_BETWEEN, _APART = "|", "#"
MARK = 24  # length of the digest of a respondent


@dataclass(frozen=True)
class Issue:
    """One release of a wave."""

    what: str  # `ESTIMATES` or `PEOPLE_ONE_BY_ONE`
    groups: Mapping[str, np.ndarray]  # which respondents are in every group that is shown: their places in `contents`
    contents: Sequence[str]  # per respondent, all that is known and answered: see `issues.contents`
    responses: Responses  # the same as tables, of which nothing is written down
    # by statement, the names of the groups in which it is shown; those of `PEOPLE` too
    shown: Mapping[str, Sequence[str]] = field(default_factory=dict)
    columns: tuple[str, ...] = ()  # columns of answers one by one; empty for estimates
    named: frozenset[str] = frozenset()  # the groups that are named, shown or not
    alike: np.ndarray | None = None  # by respondent, a number for those who weigh the same, where readers know weights
    beside: Issue | None = None  # the same without a comparison by another column, which shows further groups


def group_name(area: str, group: str) -> str:
    """Return the name of a group of an area: `EVERYWHERE`, a municipality, or ``""`` for those with enough people.

    Examples
    --------
    >>> group_name("13011", "role:inwoner")
    '13011|role:inwoner'
    """
    return f"{area}{_BETWEEN}{group}"


def apart(areas: Sequence[str]) -> str:
    """Return what tells groups of one name apart where all municipalities together are other ones: see `plain_name`.

    Examples
    --------
    >>> group_name("", "all") + apart(["13011", "13029"])
    '|all#13011+13029'
    """
    return _APART + "+".join(areas)


def plain_name(name: str) -> str:
    """Return a `group_name` without what `apart` added.

    Examples
    --------
    >>> plain_name("|all#13011+13029")
    '|all'
    """
    return name.split(_APART, maxsplit=1)[0]


def kind_of(name: str) -> str:
    """Return by what people are grouped in a group.

    Examples
    --------
    >>> kind_of("13011|role:inwoner"), kind_of("|all#13011+13029")
    ('role', 'all')
    """
    return plain_name(name).split("|", 1)[1].split(":")[0]


@dataclass(frozen=True)
class PastRelease:
    """One release beside others."""

    written: Mapping[str, Any]  # as a record keeps it
    place: Mapping[str, int]  # row of every respondent who is known, by mark

    @cached_property
    def shown(self) -> dict[str, frozenset[str]]:
        """By statement, the groups in which it is shown."""
        return {code: frozenset(names) for code, names in self.written["shown"].items()}

    @cached_property
    def named(self) -> frozenset[str]:
        """The groups that are named, shown or not."""
        return frozenset(map(plain_name, (*self.written.get("named", ()), *self.written["groups"])))

    @cached_property
    def members(self) -> dict[str, tuple[np.ndarray, frozenset[str]]]:
        """Who is in every group: one truth per respondent who is known, and the marks of those who are not."""
        marks, out = self.written["marks"], {}
        for name, at in self.written["groups"].items():
            inside, gone = np.zeros(len(self.place), dtype=bool), set()
            for mark in (marks[number] for number in at):
                if mark in self.place:
                    inside[self.place[mark]] = True
                else:
                    gone.add(mark)
            out[name] = (inside, frozenset(gone))
        return out

    def shows(self, code: str, area: str, group: str) -> bool:
        """Return whether a statement is shown in a group of an area, or of all together where that is empty."""
        scopes = (area,) if area else TOGETHER
        return any(group_name(scope, group) in self._plain[code] for scope in scopes)

    @cached_property
    def _plain(self) -> dict[str, frozenset[str]]:
        return defaultdict(frozenset, {code: frozenset(map(plain_name, names)) for code, names in self.shown.items()})

    def counted(self, code: str) -> np.ndarray:
        """Return who is in a group in which a statement is shown: one truth per respondent who is known."""
        inside = [self.members[name][0] for name in self.shown.get(code, ())]
        return np.asarray(np.any(inside, axis=0) if inside else np.zeros(len(self.place), dtype=bool))

    def kinds(self) -> set[str]:
        """Return by what people are grouped."""
        return {kind_of(name) for name in self.named} - {EVERYBODY}

    def names(self, people: pd.DataFrame, kind: str, code: str) -> list[str]:
        """Return in which group of a kind everybody is; of a kind that an answer does not hold, of those shown."""
        if kind not in people:
            found = np.full(len(people), NOT_GIVEN, dtype=object)
            for name in sorted(self.shown.get(code, ())):
                group = plain_name(name).split("|", 1)[1]
                if group.startswith(f"{kind}:"):
                    found[self.members[name][0]] = group.split(":", 1)[1]
            return list(found)
        pairs = zip(people[NIS_CODE], people[kind], strict=True)
        return [
            value
            if any(group_name(scope, f"{kind}:{value}") in self.named for scope in (area, EVERYWHERE))
            else NOT_GIVEN
            for area, value in pairs
        ]

    def is_as(self, other: PastRelease, code: str) -> bool:
        """Return whether another release shows a statement of the same people in the same groups."""
        mine, theirs = (
            {plain_name(name): (one.members[name][0].tolist(), one.members[name][1]) for name in one.shown[code]}
            for one in (self, other)
        )
        return mine == theirs


def written_down(issue: Issue, salt: str) -> dict[str, Any]:
    """Return a release as it is written down: respondents in the order of their marks, which says nothing.

    Examples
    --------
    >>> groups, shown = {"*|all": np.array([0])}, {PEOPLE: ["*|all"]}
    >>> release = Issue(ESTIMATES, groups, ["13011|nan|nan|nan"], Responses.none(), shown)
    >>> written_down(release, "salt")["groups"]
    {'*|all': [0]}
    """
    marks = marks_of(issue.contents, salt)
    order = np.argsort(np.array(marks)) if marks else np.array([], dtype=int)
    place = np.empty(len(order), dtype=int)
    place[order] = np.arange(len(order))
    alike = [] if issue.alike is None else [np.flatnonzero(issue.alike == one) for one in np.unique(issue.alike)]
    weighed = {"alike": sorted(sorted(place[at].tolist()) for at in alike)} if alike else {}
    return {
        **weighed,
        "what": issue.what,
        "columns": list(issue.columns),
        "marks": [marks[number] for number in order.tolist()],
        "groups": {name: sorted(place[at].tolist()) for name, at in sorted(issue.groups.items())},
        "shown": {code: sorted(names) for code, names in sorted(issue.shown.items())},
        "named": sorted(issue.named),
        "counts": _counts(issue),
    }


def marks_of(contents: Sequence[str], salt: str) -> list[str]:
    """Return a mark for every respondent: the same for the same content, numbered where several have the same.

    Examples
    --------
    >>> one, other, third = marks_of(["INF1=4", "INF1=4", "INF1=3"], "salt")
    >>> len(one), one == other, [one, third] == marks_of(["INF1=4", "INF1=3"], "salt")
    (24, False, True)
    """
    seen: dict[str, int] = {}
    marks = []
    for text in contents:
        seen[text] = seen.get(text, 0) + 1
        marks.append(hashlib.sha256(f"{salt}\x1e{text}\x1e{seen[text]}".encode()).hexdigest()[:MARK])
    return marks


def _counts(issue: Issue) -> dict[str, dict[str, list[int]]]:
    """Return how many people gave each answer in every group that is shown: what is published of answers."""
    found = categories(issue.responses.codes, {}, min_answered=0)
    item = {name: number for number, name in enumerate(found.names)}
    out: dict[str, dict[str, list[int]]] = {}
    for code, names in sorted(issue.shown.items()):
        if code in item:
            out[code] = {name: answers_of(found, item, issue.groups[name], code).tolist() for name in sorted(names)}
    return out


def answers_of(found: Categories, item: Mapping[str, int], inside: np.ndarray, code: str) -> np.ndarray:
    """Return how many people of some gave each answer to a statement; of `PEOPLE` how many they are.

    Examples
    --------
    >>> found = categories(pd.DataFrame({"INF1": [4, 1, 4]}), {}, min_answered=0.5)
    >>> answers_of(found, {"INF1": 0}, np.array([True, True, True]), "INF1").tolist()
    [1, 0, 0, 2, 0, 0, 0]
    """
    if code == PEOPLE:
        return np.array([len(found.codes[inside])])
    return np.bincount(found.codes[inside, item[code]], minlength=CATEGORIES)


def tell_apart(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether two releases with weights tell people apart together whom neither tells apart.

    Each has ``marks``, one per respondent, and ``alike``: for each weight the places of the marks with it. One without
    weights that readers know has no ``alike``, and tells nothing here.

    Examples
    --------
    >>> one = {"marks": ["a", "b", "c", "d"], "alike": [[0, 1], [2, 3]]}
    >>> tell_apart(one, one), tell_apart(one, {"marks": ["a", "b", "c", "d"], "alike": [[0, 2], [1, 3]]})
    (False, True)
    """
    kind, other_kind = _kinds(one), _kinds(other)
    both = [(kind[mark], other_kind[mark]) for mark in kind.keys() & other_kind.keys()]
    return len(set(both)) > min(len(set(numbers)) for numbers in zip(*both, strict=True)) if both else False


def _kinds(one: Mapping[str, Any]) -> dict[str, int]:
    """Return by respondent the number of those who weigh the same."""
    return {one["marks"][place]: number for number, places in enumerate(one.get("alike", ())) for place in places}
