"""Groups of municipalities: regions that get a report, and groups that a municipality is compared with."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from resilience_analysis.foundation.errors import InputError, Problem, UsageError, raise_if_any, unknown
from resilience_analysis.foundation.forms import field_problems, is_count, is_text, wording_problems
from resilience_analysis.foundation.settings import is_code, languages_of, not_a_code
from resilience_analysis.foundation.wordings import read_definition
from resilience_analysis.geography.municipalities import find, find_all

REGIONS_FILE = "regions.yml"
WAYS = ("members", "where", "same", "nearest", "all")


@dataclass(frozen=True)
class Group:
    """A way to choose municipalities, with its name per language.

    Exactly one of the attributes below `name` is set.

    Attributes
    ----------
    members
        NIS codes.
    where
        Column of the municipalities table and the value it must have.
    same
        Column in which a municipality must equal the one compared.
    nearest
        How many municipalities, by resemblance.
    all
        True: every municipality.
    """

    id: str
    name: Mapping[str, str]
    members: tuple[str, ...] = ()
    where: tuple[str, str] | None = None
    same: str | None = None
    nearest: int | None = None
    all: bool = False

    @property
    def relative(self) -> bool:
        """Whether the group depends on the municipality that is compared."""
        return self.same is not None or self.nearest is not None


@dataclass(frozen=True)
class Geography:
    """What ``regions.yml`` says.

    Attributes
    ----------
    provinces
        Names by NIS code of the province.
    groups
        Groups by id.
    home
        Groups to look for a municipality's own region in, in this order.
    resemblance
        Context indicators that resemblance is measured on.
    """

    provinces: Mapping[str, str]
    groups: Mapping[str, Group]
    home: tuple[str, ...]
    resemblance: tuple[str, ...]

    @property
    def everywhere(self) -> str:
        """Id of the group that holds every municipality."""
        return next(group.id for group in self.groups.values() if group.all)


def read_regions(path: Path) -> Geography:
    """Read ``regions.yml``.

    Raises
    ------
    InputError
        With every fault: a group without name, with more than one way to choose or one that is not as it should be, a
        member that is not a code of a place.
    """
    content = read_definition(path)
    if not isinstance(content, dict):
        raise InputError(path.name, [Problem(path.name, "must be a mapping with provinces and groups")])
    raise_if_any(path.name, _region_problems(path.name, content, languages_of(path.parent)))
    return Geography(
        provinces={str(code): str(name) for code, name in (content.get("provinces") or {}).items()},
        groups={name: _group(name, entry) for name, entry in content["groups"].items()},
        home=tuple(content.get("home") or ()),
        resemblance=tuple(content.get("resemblance") or ()),
    )


def _region_problems(file: str, content: Mapping[Any, Any], languages: tuple[str, ...]) -> list[Problem]:
    sections = {"provinces": dict, "groups": dict, "home": list, "resemblance": list}
    problems = field_problems(file, content, sections)
    problems += [
        Problem(f"{file}, {name}", f"must be a {'list' if form is list else 'mapping'}")
        for name, form in sections.items()
        if not isinstance(content.get(name, {} if name == "provinces" else [] if form is list else None), form)
    ]
    if problems:
        return problems
    for name, entry in content["groups"].items():
        problems += _group_problems(f"{file}, {name}", entry, languages)
    known = content["groups"]
    if not any(isinstance(entry, dict) and entry.get("all") is True for entry in known.values()):
        problems.append(Problem(f"{file}, groups", "no group has all places", "Add one with all: true"))
    problems += [
        Problem(f"{file}, home", unknown("group", name, known))
        for name in content.get("home", [])
        if str(name) not in known
    ]
    return problems


def _group_problems(where: str, entry: Any, languages: tuple[str, ...]) -> list[Problem]:
    if not isinstance(entry, dict):
        return [Problem(where, "must be a mapping")]
    problems = field_problems(where, entry, ("name", *WAYS))
    problems += wording_problems(where, entry, ["name"], languages)
    given = [way for way in WAYS if way in entry]
    if len(given) != 1:
        return [*problems, Problem(where, f"needs exactly one of {', '.join(WAYS)}")]
    return problems + [Problem(where, fault) for fault in _WAY_FAULTS[given[0]](entry[given[0]])]


def _member_faults(codes: Any) -> list[str]:
    if not isinstance(codes, list) or not codes:
        return ["members must be a list of codes"]
    return [f"{not_a_code(code)}; write it between quotes" for code in codes if not is_text(code) or not is_code(code)]


def _where_faults(where: Any) -> list[str]:
    fine = isinstance(where, dict) and set(where) == {"column", "value"} and is_text(where["column"])
    return [] if fine else ["where must be a mapping of column and value"]


_WAY_FAULTS: Mapping[str, Callable[[Any], list[str]]] = {
    "members": _member_faults,
    "where": _where_faults,
    "same": lambda column: [] if is_text(column) else ["same must be the name of a column"],
    "nearest": lambda count: [] if is_count(count) else ["nearest must be a whole number of 1 or more"],
    "all": lambda everything: [] if everything is True else ["all must be true"],
}


def _group(name: str, entry: Mapping[str, Any]) -> Group:
    where = entry.get("where")
    return Group(
        id=name,
        name=entry["name"],
        members=tuple(str(code) for code in entry.get("members") or ()),
        where=(where["column"], str(where["value"])) if where else None,
        same=entry.get("same"),
        nearest=entry.get("nearest"),
        all=bool(entry.get("all")),
    )


def select_group(geography: Geography, name: str) -> Group:
    """Return one group by its id (case does not matter); raise `UsageError` with the nearest known one otherwise."""
    by_id = {known.casefold(): group for known, group in geography.groups.items()}
    if name.casefold() not in by_id:
        raise UsageError(unknown("region", name, geography.groups))
    return by_id[name.casefold()]


def named_group(geography: Geography, names: pd.Series, wanted: str, *, mergers: pd.DataFrame | None = None) -> Group:
    """Return the group that a text means, wherever a person may write one.

    Parameters
    ----------
    geography
        The groups.
    names
        Names of the municipalities, indexed by code.
    wanted
        The id of a group, or codes or names of municipalities separated by commas; capitals and spaces around do not
        matter.
    mergers
        Table of `read_mergers`, to say what an ended code or name became.

    Returns
    -------
    Group
        One of `geography`, or a group of the municipalities named, whose id is their codes joined by commas.

    Raises
    ------
    UsageError
        When nothing is named, or a group or municipality is not known.
    """
    text, groups = wanted.strip(), geography.groups
    if text.casefold() in {known.casefold() for known in groups}:
        return select_group(geography, text)
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts:
        remedy = "Write a group of regions.yml, or codes or names separated by commas"
        raise UsageError(f"{wanted!r} names no municipality or region. {remedy}")
    near = "," not in text and difflib.get_close_matches(text.casefold(), groups)
    if near and _found(names, text, mergers) is None:
        raise UsageError(unknown("region", text, groups))
    codes = find_all(names, parts, mergers=mergers)
    said = ", ".join(str(names[code]) for code in codes)
    worded = {language: said for group in groups.values() for language in group.name}
    return Group(",".join(codes), worded, members=tuple(codes))


def _found(names: pd.Series, text: str, mergers: pd.DataFrame | None) -> str | None:
    try:
        return find(names, text, mergers=mergers)
    except UsageError:
        return None


def members(
    group: Group, municipalities: pd.DataFrame, *, of: str | None = None, distances: pd.Series | None = None
) -> list[str]:
    """Return the NIS codes in a group, in the order of the municipalities table (nearest first for resemblance).

    Parameters
    ----------
    group
        The group.
    municipalities
        Schema ``municipalities``, indexed by ``nis_code``.
    of
        The municipality compared; needed by groups that depend on it.
    distances
        Distance of every municipality to `of`, by NIS code; needed by groups by resemblance.

    Raises
    ------
    UsageError
        When the group depends on a municipality and none is given, or names one that does not exist.
    """
    if group.relative and of is None:
        raise UsageError(f"the group {group.id} depends on a municipality: name one")
    strangers = [code for code in group.members if code not in municipalities.index]
    if strangers:
        raise UsageError(f"the group {group.id} names {', '.join(strangers)}, which are not municipalities of today")
    column = group.same or (group.where[0] if group.where else None)
    if column is not None and column not in municipalities:
        raise UsageError(f"the group {group.id} names an {unknown('column', column, municipalities.columns)}")
    if group.nearest is not None:
        others = pd.Series(dtype=float) if distances is None else distances.drop(index=[of], errors="ignore").dropna()
        return [str(of), *others.sort_values(kind="stable").index[: group.nearest]]
    return [str(code) for code in municipalities.index[_mask(group, municipalities, of)]]


def _mask(group: Group, municipalities: pd.DataFrame, of: str | None) -> np.ndarray[Any, np.dtype[np.bool_]]:
    if group.members:
        return np.asarray(municipalities.index.isin(group.members))
    if group.where is not None:
        column, value = group.where
        return np.asarray(municipalities[column].astype(str) == value)
    if group.same is not None:
        return np.asarray(municipalities[group.same] == municipalities.at[of, group.same])
    return np.ones(len(municipalities), dtype=bool)


def standing_groups(geography: Geography, municipalities: pd.DataFrame) -> dict[str, set[str]]:
    """Return the NIS codes of every group that is the same for everybody and does not hold all."""
    groups = (group for group in geography.groups.values() if not group.relative and not group.all)
    return {group.id: set(members(group, municipalities)) for group in groups}
