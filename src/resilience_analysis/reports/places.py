"""The places of a project, and which reports were asked for; read without loading anything that knows about maps."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from resilience_analysis.batch.tasks import slug
from resilience_analysis.foundation.errors import InputError, Problem, UsageError
from resilience_analysis.foundation.project import Project
from resilience_analysis.foundation.texts import languages
from resilience_analysis.geography.groups import (
    REGIONS_FILE,
    Geography,
    Group,
    members,
    named_group,
    places_meant,
    read_regions,
    select_group,
)
from resilience_analysis.geography.municipalities import find_all
from resilience_analysis.reports.kinds import Chosen, Wanted

VILLAGES = "municipalities.gpkg"


@dataclass(frozen=True)
class Places:
    """The municipalities by code (all columns text), what became of ended codes, the groups, and the region of habit.

    The region is the group that commands take when none is named.
    """

    municipalities: pd.DataFrame
    mergers: pd.DataFrame
    geography: Geography
    region: str

    @property
    def names(self) -> pd.Series:
        """Names by NIS code."""
        return self.municipalities["name"]

    def find(self, wanted: Sequence[str]) -> list[str]:
        """Find codes, names or groups; raise `UsageError` with every one that is not known."""
        return places_meant(self.geography, self.municipalities, wanted, mergers=self.mergers)

    def group(self, wanted: str) -> Group:
        """Return the group that a text means, see `named_group`."""
        return named_group(self.geography, self.names, wanted, mergers=self.mergers)

    def members(self, group: str, *, of: str | None = None) -> list[str]:
        """Return the codes in a group of ``regions.yml``, or in a list of places separated by commas."""
        chosen = self.group(group)
        if chosen.nearest is not None and of is not None:
            return [of]
        return members(chosen, self.municipalities, of=of)

    def canonical(self, group: str) -> str:
        """Write the name of a group the one way that `regions.yml` does; a list of places as codes."""
        return self.group(group).id

    def name_of(self, group: str, language: str) -> str:
        """Return the name of a group in a language; of a list of places their names."""
        name = self.group(group).name
        return str(name.get(language, next(iter(name.values()))))

    def home(self, code: str) -> str:
        """Return the region a municipality is drawn in when none is asked for: the first of ``home`` it belongs to."""
        return self._homes.get(code, code)

    @cached_property
    def _homes(self) -> dict[str, str]:
        homes: dict[str, str] = {}
        for name in reversed(self.geography.home):
            homes |= dict.fromkeys(self._belonging(name), name)
        return homes

    def _belonging(self, name: str) -> list[str]:
        """Return all members of a group, each in its own where it depends on who asks: all that have a value."""
        group = select_group(self.geography, name)
        # asked for one of them even where it depends on who asks, as that refuses a group that names no column there is
        one = str(self.municipalities.index[0])
        found = self.members(name, of=one if group.relative else None)
        if not group.relative:
            return found
        everyone = self.municipalities if group.same is None else self.municipalities[group.same].dropna()
        return [str(code) for code in everyone.index]


def read_places(project: Project) -> Places:
    """Read the municipalities and groups of a project.

    Raises
    ------
    InputError
        When ``resilience build`` has not been run.
    """
    tables = [
        pd.read_csv(_built(project, f"{name}.csv"), dtype=str, keep_default_na=False)
        for name in ("municipalities", "mergers")
    ]
    geography = read_regions(project.definition(REGIONS_FILE))
    return Places(tables[0].set_index("nis_code"), tables[1], geography, project.settings.region)


def read_villages(project: Project) -> pd.DataFrame:
    """Read the villages: ``name`` and ``nis_code``, indexed by ``village_code``.

    Raises
    ------
    InputError
        When ``resilience build`` has not been run.
    """
    path = _built(project, VILLAGES)
    # a GeoPackage is an SQLite database: its columns can be read without loading anything that knows about maps
    with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
        return pd.read_sql_query(
            "SELECT village_code, name, nis_code FROM villages ORDER BY village_code",
            database,
            index_col="village_code",
        )


def _built(project: Project, name: str) -> Path:
    path = project.processed / name
    if not path.is_file():
        raise InputError(name, [Problem(name, f"is not in {path.parent}", "Make it with: resilience build")])
    return path


def choose(places: Places, *, wanted: Sequence[str] = (), region: str = "", everything: bool = False) -> list[str]:
    """Return the NIS codes to make a profile of: those wanted, else all members of a region, else `everything`.

    Raises
    ------
    UsageError
        When a place or group is not known, one is not in the region, or two choices exclude each other.
    """
    if everything and (wanted or region):
        raise UsageError("--all makes every profile: leave out --nis and --region, or leave out --all")
    if everything:
        return places.members(places.geography.everywhere)
    if not wanted:
        return places.members(region or places.region)
    codes = places.find(wanted)
    if region:
        strangers = [code for code in codes if code not in places.members(region, of=code)]
        if strangers:
            listed = ", ".join(f"{code} {places.names[code]}" for code in strangers)
            raise UsageError(f"{listed} not in {region}. Leave out --region to draw each in its own")
    return codes


def chosen_municipalities(
    places: Places, codes: Sequence[str], *, region: str = "", comparator: str = ""
) -> list[Chosen]:
    """Return municipalities with the region they are drawn in (of each its home when empty) and what they compare with.

    Raises
    ------
    UsageError
        When the comparator or region is not known.
    """
    against = places.canonical(comparator) if comparator else ""
    drawn_in = places.canonical(region) if region else ""
    found, spoken = [], languages()
    for code, name in zip(codes, places.names[list(codes)].astype(str), strict=True):
        stem = "-".join(part for part in (code, slug(name)) if part)
        given = {"nis_code": code, "region": drawn_in or places.home(code), "comparator": against}
        found.append(Chosen(stem, dict.fromkeys(spoken, name), given))
    return found


def choose_municipalities(project: Project, wanted: Wanted) -> list[Chosen]:
    """Return municipalities by code, name or group, those of a region when none is named, or all."""
    places = read_places(project)
    codes = choose(places, wanted=wanted.named, region=wanted.region, everything=wanted.everything)
    return chosen_municipalities(places, codes, region=wanted.region, comparator=wanted.comparator)


def choose_regions(project: Project, wanted: Wanted) -> list[Chosen]:
    """Return regions, each once; refuses one that depends on a municipality."""
    places, found = read_places(project), []
    for region in dict.fromkeys(places.canonical(region) for region in wanted.named or [places.region]):
        places.members(region)
        names = {language: places.name_of(region, language) for language in languages()}
        found.append(Chosen(slug(region), names, {"region": region}))
    return found


def choose_villages(project: Project, wanted: Wanted) -> list[Chosen]:
    """Return villages by code or name, or those of a region when none is named."""
    places, villages = read_places(project), read_villages(project)
    inside = villages["nis_code"].isin(places.members(wanted.region or places.region))
    codes = find_all(villages["name"], wanted.named, kind="village") if wanted.named else villages.index[inside]
    return [
        Chosen(f"{code}-{slug(name)}", dict.fromkeys(languages(), name), {"village": str(code)})
        for code, name in villages.loc[codes, "name"].items()
    ]
