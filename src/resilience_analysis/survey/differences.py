"""Of how few people several releases tell, when their groups are added up and subtracted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np

from resilience_analysis.survey.wave import EVERYBODY

EVERYWHERE = "*"
_BETWEEN, _APART = "|", "#"
_ROUNDING = 1e-9


def group_name(area: str, group: str) -> str:
    """Return the name of a group of an area: `EVERYWHERE`, a municipality, or ``""`` for those with enough people.

    Examples
    --------
    >>> group_name("13011", "role:inwoner")
    '13011|role:inwoner'
    """
    return f"{area}{_BETWEEN}{group}"


def apart(areas: Sequence[str]) -> str:
    """Return what tells groups of one name apart where all municipalities together are other ones: see `plain_name`."""
    return _APART + "+".join(areas)


def plain_name(name: str) -> str:
    """Return a `group_name` without what `apart` added."""
    return name.split(_APART, maxsplit=1)[0]


def groups_that_follow(releases: Sequence[Mapping[str, frozenset[str]]]) -> Iterator[frozenset[str]]:
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

    Examples
    --------
    >>> before, fresh = {"13011|all": frozenset("abcdef")}, {"13011|all": frozenset("abcdefg")}
    >>> min(map(sorted, groups_that_follow([before, fresh])), key=len)
    ['g']
    """
    lines: dict[tuple[str, str], set[frozenset[str]]] = defaultdict(set)
    for release in releases:
        for name, people in release.items():
            area, group = name.split(_BETWEEN, 1)
            lines["", group].add(people)
            whole = release.get(group_name(area, EVERYBODY))
            lines[area, group.split(":")[0]] |= {people} if whole is None else {people, whole}
    for groups in lines.values():
        yield from _following(groups)
    for name in {name for release in releases for name in release}:
        mine = {release[name] for release in releases if name in release}
        yield from (one ^ other for one, other in combinations(mine, 2))


def _following(groups: set[frozenset[str]]) -> Iterator[frozenset[str]]:
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


def _reduced(atoms: np.ndarray) -> np.ndarray:
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
