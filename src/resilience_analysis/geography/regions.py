"""Groups of municipalities: regions that get a report, and groups that a municipality is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from resilience_analysis.errors import Problem, UsageError, raise_if_any, unknown
from resilience_analysis.geography.mergers import is_nis_code
from resilience_analysis.storage import read_yaml

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


def read_regions(path: Path) -> Geography:
    """Read ``regions.yml``.

    Raises
    ------
    InputError
        With every fault: a group without name or with more than one way to choose, a member that is no NIS code.
    """
    content = read_yaml(path)
    entries = content.get("groups") or {}
    problems = [p for name, entry in entries.items() for p in _problems(path.name, name, entry)]
    homeless = [name for name in content.get("home") or () if name not in entries]
    problems += [Problem(f"{path.name}, home", unknown("group", name, entries)) for name in homeless]
    raise_if_any(path.name, problems)
    return Geography(
        provinces={str(code): str(name) for code, name in content["provinces"].items()},
        groups={name: _group(name, entry) for name, entry in entries.items()},
        home=tuple(content.get("home") or ()),
        resemblance=tuple(content.get("resemblance") or ()),
    )


def _problems(file: str, name: str, entry: Mapping[str, Any]) -> list[Problem]:
    where = f"{file}, {name}"
    problems = []
    if not {"nl", "en"} <= set(entry.get("name") or {}):
        problems.append(Problem(where, "needs a name in nl and en"))
    if sum(way in entry for way in WAYS) != 1:
        problems.append(Problem(where, f"needs exactly one of {', '.join(WAYS)}"))
    strangers = [code for code in entry.get("members") or () if not is_nis_code(str(code))]
    problems += [Problem(where, f"{code!r} is no NIS code; write it between quotes") for code in strangers]
    return problems


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
    """Give one group by its id (case does not matter); raise `UsageError` with the nearest known one otherwise."""
    by_id = {known.casefold(): group for known, group in geography.groups.items()}
    if name.casefold() not in by_id:
        raise UsageError(unknown("region", name, geography.groups))
    return by_id[name.casefold()]


def members(
    group: Group, municipalities: pd.DataFrame, *, of: str | None = None, distances: pd.Series | None = None
) -> list[str]:
    """Give the NIS codes in a group, in the order of the municipalities table (nearest first for resemblance).

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
        raise UsageError(f"the group {group.id} names {', '.join(strangers)}, which are no municipalities of today")
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
