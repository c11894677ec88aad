"""Which reports were asked for: municipalities, regions and languages checked and turned into tasks.

Reads only what is small, so that a run in which nothing has to be made is over at once.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from resilience_analysis.batch.tasks import Task, slug
from resilience_analysis.foundation.errors import InputError, Problem, UsageError, unknown
from resilience_analysis.foundation.project import DEFINITIONS, Project
from resilience_analysis.foundation.texts import load_texts
from resilience_analysis.geography.groups import Geography, members, read_regions, select_group
from resilience_analysis.geography.municipalities import find_all

DEFAULT_REGION = "neteland"
EVERYWHERE = "flanders"
PROFILE, REGION, VILLAGE = "profile", "region", "village"
"""Kinds of reports; the notebook of each has its name."""
VILLAGES = "municipalities.gpkg"


@dataclass(frozen=True)
class Places:
    """The municipalities by NIS code (all columns text), what became of ended codes, and the groups."""

    municipalities: pd.DataFrame
    mergers: pd.DataFrame
    geography: Geography

    @property
    def names(self) -> pd.Series:
        """Names by NIS code."""
        return self.municipalities["name"]

    def find(self, wanted: Sequence[str]) -> list[str]:
        """Find codes or names; raise `UsageError` with every one that is not known."""
        return find_all(self.names, list(wanted), mergers=self.mergers)

    def members(self, group: str, *, of: str | None = None) -> list[str]:
        """Return the codes in a group of ``regions.yml``, or in a list of codes separated by commas."""
        if _is_list(group):
            return self.find(_parts(group))
        chosen = select_group(self.geography, group)
        if chosen.nearest is not None and of is not None:
            return [of]
        return members(chosen, self.municipalities, of=of)

    def canonical(self, group: str) -> str:
        """Write the name of a group the one way that `regions.yml` does; a list of places as codes."""
        return ",".join(self.find(_parts(group))) if _is_list(group) else select_group(self.geography, group).id

    def name_of(self, group: str, language: str) -> str:
        """Return the name of a group in a language; of a list of places their names."""
        if _is_list(group):
            return ", ".join(str(self.names[code]) for code in self.members(group))
        return str(select_group(self.geography, group).name[language])

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
        """Return all members of a group, each in its own where it depends on who asks: whoever has a value."""
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
    return Places(municipalities, tables["mergers"], read_regions(DEFINITIONS / "regions.yml"))


def choose(places: Places, *, wanted: Sequence[str] = (), region: str = "", everything: bool = False) -> list[str]:
    """Return the NIS codes to make a profile of.

    Parameters
    ----------
    places
        From `read_places`.
    wanted
        Codes or names; they must lie in `region` when that is given.
    region
        A group of ``regions.yml``, or codes separated by commas; all its members when nothing else is asked for.
    everything
        All municipalities.

    Raises
    ------
    UsageError
        When a place or group is not known, or two choices exclude each other.
    """
    if everything and (wanted or region):
        raise UsageError("--all makes every profile: leave out --nis and --region, or leave out --all")
    if everything:
        return places.members(EVERYWHERE)
    if not wanted:
        return places.members(region or DEFAULT_REGION)
    codes = places.find(wanted)
    if region:
        strangers = [code for code in codes if code not in places.members(region, of=code)]
        if strangers:
            listed = ", ".join(f"{code} {places.names[code]}" for code in strangers)
            raise UsageError(f"{listed} not in {region}. Leave out --region to draw each in its own")
    return codes


def profile_tasks(
    places: Places,
    codes: Sequence[str],
    *,
    region: str = "",
    comparator: str = "",
    languages: Sequence[str] = ("nl",),
    products: Sequence[str] = ("html",),
) -> list[Task]:
    """Return one task per municipality and language, in the order given.

    Parameters
    ----------
    places
        From `read_places`.
    codes
        NIS codes, from `choose`.
    region
        The region all are drawn in; the home region of each when empty.
    comparator
        What all are held against; the region when empty.
    languages
        Languages of the reports.
    products
        What to make of each notebook.

    Raises
    ------
    UsageError
        When the comparator or a language is not known.
    """
    against = places.canonical(comparator) if comparator else ""
    drawn_in = places.canonical(region) if region else ""
    regions = {code: drawn_in or places.home(code) for code in codes}
    return [
        _profile_task(
            places, code, region=regions[code], comparator=against, language=language, products=tuple(products)
        )
        for language in dict.fromkeys(languages)
        for code in codes
    ]


def _profile_task(
    places: Places, code: str, *, region: str, comparator: str, language: str, products: tuple[str, ...]
) -> Task:
    name = str(places.names[code])
    return Task(
        stem=f"{'-'.join(part for part in (code, slug(name)) if part)}.{language}",
        title=load_texts(language)("document.title", place=name),
        notebook=f"{PROFILE}.ipynb",
        parameters={"nis_code": code, "region": region, "comparator": comparator, "language": language},
        language=language,
        products=products,
    )


def region_tasks(
    places: Places, regions: Sequence[str], *, languages: Sequence[str] = ("nl",), products: Sequence[str] = ("html",)
) -> list[Task]:
    """Return one task per region and language, in the order given.

    Raises
    ------
    UsageError
        When a region is not known, or depends on a municipality.
    """
    names = {places.canonical(region): region for region in regions}
    for region in names:
        places.members(region)
    return [
        Task(
            stem=f"{REGION}-{slug(region)}.{language}",
            title=load_texts(language)("region.title", region=places.name_of(region, language)),
            notebook=f"{REGION}.ipynb",
            parameters={"region": region, "language": language},
            language=language,
            kind=REGION,
            products=tuple(products),
        )
        for language in dict.fromkeys(languages)
        for region in names
    ]


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


def village_tasks(
    villages: pd.DataFrame, *, languages: Sequence[str] = ("nl",), products: Sequence[str] = ("html",)
) -> list[Task]:
    """Return one task per village (rows of `read_villages`) and language; it has no figures to download."""
    of_pages = tuple(product for product in products if product != "csv")
    return [
        Task(
            stem=f"{VILLAGE}-{code}-{slug(name)}.{language}",
            title=load_texts(language)("village.title", village=name),
            notebook=f"{VILLAGE}.ipynb",
            parameters={"village": str(code), "language": language},
            language=language,
            kind=VILLAGE,
            products=of_pages,
        )
        for language in dict.fromkeys(languages)
        for code, name in villages["name"].items()
    ]


def choose_villages(villages: pd.DataFrame, wanted: Sequence[str], municipalities: Sequence[str]) -> pd.DataFrame:
    """Return the villages asked for by code or name, or those of some municipalities when none is.

    Raises
    ------
    UsageError
        With every village that is not known.
    """
    if not wanted:
        return villages[villages["nis_code"].isin(municipalities)]
    by_name = {str(name).casefold(): str(code) for code, name in villages["name"].items()}
    codes = [by_name.get(text.strip().casefold(), text.strip()) for text in wanted]
    strangers = [code for code in codes if code not in villages.index]
    if strangers:
        known = [f"{code} {name}" for code, name in villages["name"].items()]
        raise UsageError("\n".join(unknown("village", code, known) for code in strangers))
    return villages.loc[list(dict.fromkeys(codes))]


def split_list(values: Sequence[str] | None, *, kind: str = "", known: Sequence[str] = ()) -> list[str]:
    """Take options that may be repeated or hold commas apart; raise `UsageError` for one that is not known."""
    found = list(dict.fromkeys(part for value in values or () for part in _parts(value)))
    for part in found:
        if known and part not in known:
            raise UsageError(unknown(kind, part, known))
    return found


def _not_built(path: Path) -> Problem:
    return Problem(path.name, f"is not in {path.parent}", "Make it with: resilience build")


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _is_list(group: str) -> bool:
    return "," in group or group.strip().isdigit()
