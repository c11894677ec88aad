"""Groups of municipalities: regions that get a report, and groups that a municipality is compared with."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter
from typing import Any

import numpy as np
import pandas as pd

from resilience_analysis.foundation.definitions import (
    COUNT,
    PLAIN,
    TEXT,
    Either,
    Field,
    Listing,
    Named,
    Record,
    Value,
    Wording,
    check_definitions,
)
from resilience_analysis.foundation.errors import Problem, UsageError, unknown
from resilience_analysis.foundation.settings import CODE, default_languages, languages_of, read_definition
from resilience_analysis.geography.municipalities import find, find_all

REGIONS_FILE = "regions.yml"


@dataclass(frozen=True)
class Group:
    """A way to choose municipalities, with its name per language.

    Exactly one of the attributes below `name` is set.
    """

    id: str
    name: Mapping[str, str]
    members: tuple[str, ...] = ()  # NIS codes
    where: tuple[str, str] | None = None  # column of the municipalities table and the value it must have
    same: str | None = None  # column in which a municipality must equal the one compared
    nearest: int | None = None  # how many municipalities, by resemblance
    all: bool = False  # true: every municipality

    @property
    def relative(self) -> bool:
        """Whether the group depends on the municipality that is compared."""
        return self.same is not None or self.nearest is not None


@dataclass(frozen=True)
class Geography:
    """What ``regions.yml`` says."""

    provinces: Mapping[str, str]  # names by NIS code of the province, as the table of municipalities has them
    groups: Mapping[str, Group]  # groups by id
    home: tuple[str, ...]  # groups to look for a municipality's own region in, in this order
    resemblance: tuple[str, ...]  # context indicators that resemblance is measured on
    province_names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What each of these is called per language."""

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
    check_definitions(path.name, content, regions_form(languages_of(path.parent)))
    provinces = content.get("provinces") or {}
    worded = {str(code): name if isinstance(name, dict) else {"": str(name)} for code, name in provinces.items()}
    first = {code: next(iter(names.values())) for code, names in worded.items()}
    return Geography(
        provinces=first,
        province_names={first[code]: names for code, names in worded.items()},
        groups={name: _group(name, entry) for name, entry in content["groups"].items()},
        home=tuple(content.get("home") or ()),
        resemblance=tuple(content.get("resemblance") or ()),
    )


_BLANKS = frozenset({"place", "province"})
_WAYS = {
    "members": Field(Listing(CODE, least=1), says="codes of the places"),
    "where": Field(
        Record({"column": Field(TEXT, required=True), "value": Field(PLAIN, required=True)}),
        says="a column of the table of municipalities and the value it must have",
    ),
    "same": Field(TEXT, says="a column in which a place must equal the one compared"),
    "nearest": Field(COUNT, says="how many places that resemble the one compared"),
    "all": Field(Value(lambda value: value is True, "true", {"const": True}), says="every place"),
}


def regions_form(languages: Iterable[str] | None = None) -> Record:
    """Return the form of ``regions.yml``."""
    worded = Wording(lambda: languages or default_languages())
    group = Record({"name": Field(worded, required=True), **_WAYS}, _one_of(_WAYS))
    fields = {
        "provinces": Field(Named(Either((PLAIN, worded), "a name, or one for each language")), says="name by code"),
        "groups": Field(Named(group), required=True),
        "home": Field(Listing(TEXT), says="groups to look for the region of a place in, in this order"),
        "resemblance": Field(Listing(TEXT), says="context indicators that resemblance is measured on"),
    }
    return Record(fields, _region_problems)


def _one_of(ways: Iterable[str]) -> Callable[[str, Mapping[str, Any]], list[Problem]]:
    def problems(where: str, entry: Mapping[str, Any]) -> list[Problem]:
        given = [way for way in ways if entry.get(way) is not None]
        return [] if len(given) == 1 else [Problem(where, f"needs exactly one of {', '.join(ways)}")]

    return problems


def _region_problems(where: str, content: Mapping[str, Any]) -> list[Problem]:
    known = content["groups"]
    homes = [name for name in content.get("home") or () if name not in known]
    problems = [Problem(f"{where}, home", unknown("group", name, known)) for name in homes]
    problems += [
        Problem(f"{where}, groups, {name}", "has a comma in its name, which separates places", "Take it out")
        for name in known
        if "," in str(name)
    ]
    for name, entry in known.items():
        problems += _strange_blanks(f"{where}, groups, {name}, name", entry["name"])
    if not any(entry.get("all") for entry in known.values()):
        problems.append(Problem(f"{where}, groups", "no group has all places", "Add one with all: true"))
    return problems


def _strange_blanks(where: str, worded: Mapping[str, str]) -> list[Problem]:
    """Return every wording whose blanks cannot be filled in."""
    problems = []
    for language, text in worded.items():
        try:
            blanks = {name for _, name, _, _ in Formatter().parse(str(text)) if name is not None} - _BLANKS
        except ValueError as error:
            problems.append(Problem(f"{where}, {language}", f"its blanks cannot be filled in ({error})"))
            continue
        problems += [Problem(f"{where}, {language}", unknown("blank", blank, _BLANKS)) for blank in sorted(blanks)]
    return problems


def choice_form() -> Record:
    """Return the form of a choice of municipalities in another definition: ``members``, ``where`` or ``all``."""
    ways = {way: _WAYS[way] for way in ("members", "where", "all")}
    return Record(ways, _one_of(ways))


def chosen(name: str, entry: Mapping[str, Any]) -> Group:
    """Return the group that a checked choice makes; `name` is what a message calls it."""
    return _group(name, {"name": {}, **entry})


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
    wanted
        The id of a group, or codes or names of municipalities separated by commas; capitals and spaces around do not
        matter.

    Returns
    -------
    Group
        One of `geography`, or a group of the municipalities named, whose id is their codes joined by commas.

    Raises
    ------
    UsageError
        When nothing is named, or a group or municipality is not known.
    """
    groups, parts = geography.groups, [part.strip() for part in wanted.split(",") if part.strip()]
    remedy = "Write a group of regions.yml, or codes or names separated by commas"
    if not parts:
        raise UsageError(f"{wanted!r} names no municipality or region. {remedy}")
    text, ids = parts[0], {known.casefold() for known in groups}
    grouped = [part for part in parts if part.casefold() in ids]
    if grouped and len(parts) > 1:
        raise UsageError(f"{grouped[0]!r} is a group, and cannot be named beside others. {remedy}")
    if grouped:
        return select_group(geography, text)
    near = len(parts) == 1 and difflib.get_close_matches(text.casefold(), groups)
    if near and _found(names, text, mergers) is None:
        raise UsageError(unknown("region", text, groups))
    codes = find_all(names, parts, mergers=mergers)
    said = ", ".join(str(names[code]) for code in codes)
    worded = {language: said for group in groups.values() for language in group.name}
    return Group(",".join(codes), worded, members=tuple(codes))


def places_meant(
    geography: Geography, municipalities: pd.DataFrame, wanted: Iterable[str], *, mergers: pd.DataFrame | None = None
) -> list[str]:
    """Return the codes of places that are named one by one, or by groups that depend on no municipality.

    Parameters
    ----------
    wanted
        Ids of groups, and codes or names of municipalities, also several with commas between them.

    Raises
    ------
    UsageError
        With everything that is not known.
    """
    ids = {known.casefold() for known in geography.groups}
    names = municipalities["name"]
    spread: list[str] = []
    for text in map(str, wanted):
        known = text.strip().casefold() in ids
        spread += members(select_group(geography, text.strip()), municipalities) if known else [text]
    return find_all(names, spread, mergers=mergers)


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
        return [str(of), *_nearest(distances, of)[: group.nearest]]
    return [str(code) for code in municipalities.index[_mask(group, municipalities, of)]]


def _nearest(distances: pd.Series | None, of: str | None) -> list[str]:
    if distances is None:
        return []
    return list(distances.drop(index=[of], errors="ignore").dropna().sort_values(kind="stable").index)


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
