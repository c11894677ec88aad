"""The municipalities, groups and villages of a project, read without loading anything that knows about maps."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from resilience_analysis.foundation.errors import InputError, Problem
from resilience_analysis.foundation.project import Project
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
    tables = {}
    for name in ("municipalities", "mergers"):
        path = project.processed / f"{name}.csv"
        if not path.is_file():
            raise InputError(path.name, [_not_built(path)])
        tables[name] = pd.read_csv(path, dtype=str, keep_default_na=False)
    municipalities = tables["municipalities"].set_index("nis_code")
    return Places(
        municipalities, tables["mergers"], read_regions(project.definition(REGIONS_FILE)), project.settings.region
    )


def read_villages(project: Project) -> pd.DataFrame:
    """Read the villages: ``name`` and ``nis_code``, indexed by ``village_code``.

    Raises
    ------
    InputError
        When ``resilience build`` has not been run.
    """
    path = project.processed / VILLAGES
    if not path.is_file():
        raise InputError(path.name, [_not_built(path)])
    # a GeoPackage is an SQLite database: its columns can be read without loading anything that knows about maps
    with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
        return pd.read_sql_query(
            "SELECT village_code, name, nis_code FROM villages ORDER BY village_code",
            database,
            index_col="village_code",
        )


def _not_built(path: Path) -> Problem:
    return Problem(path.name, f"is not in {path.parent}", "Make it with: resilience build")
