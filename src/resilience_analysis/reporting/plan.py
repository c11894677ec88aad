"""Which reports were asked for: municipalities, regions and languages checked and turned into tasks.

Reads only what is small, so that a run in which nothing has to be made is over at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from resilience_analysis.errors import InputError, Problem, UsageError, unknown
from resilience_analysis.framework import DEFINITIONS
from resilience_analysis.geography.municipalities import find_all
from resilience_analysis.geography.regions import Geography, members, read_regions, select_group
from resilience_analysis.project import Project
from resilience_analysis.reporting.tasks import Task, slug
from resilience_analysis.texts import load_texts

DEFAULT_REGION = "neteland"
EVERYWHERE = "flanders"
NOTEBOOK = "profile.ipynb"


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
        """Give the codes in a group of ``regions.yml``, or in a list of codes separated by commas."""
        if _is_list(group):
            return self.find(_parts(group))
        chosen = select_group(self.geography, group)
        if chosen.nearest is not None and of is not None:
            return [of]
        return members(chosen, self.municipalities, of=of)

    def canonical(self, group: str) -> str:
        """Write the name of a group the one way that `regions.yml` does; a list of places as codes."""
        return ",".join(self.find(_parts(group))) if _is_list(group) else select_group(self.geography, group).id

    def home(self, code: str) -> str:
        """Give the region a municipality is drawn in when none is asked for: the first of ``home`` it belongs to."""
        regions = (name for name in self.geography.home if code in self.members(name, of=code))
        return next(regions, code)


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
            raise InputError(path.name, [Problem(path.name, "does not exist", "Make it with: resilience build")])
        tables[name] = pd.read_csv(path, dtype=str, keep_default_na=False)
    municipalities = tables["municipalities"].set_index("nis_code")
    return Places(municipalities, tables["mergers"], read_regions(DEFINITIONS / "regions.yml"))


def choose(places: Places, *, wanted: Sequence[str] = (), region: str = "", everything: bool = False) -> list[str]:
    """Give the NIS codes to make a profile of.

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
    """Give one task per municipality and language, in the order given.

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
        notebook=NOTEBOOK,
        parameters={"nis_code": code, "region": region, "comparator": comparator, "language": language},
        language=language,
        products=products,
    )


def split_list(values: Sequence[str] | None, *, kind: str = "", known: Sequence[str] = ()) -> list[str]:
    """Take options that may be repeated or hold commas apart; raise `UsageError` for one that is not known."""
    found = list(dict.fromkeys(part for value in values or () for part in _parts(value)))
    for part in found:
        if known and part not in known:
            raise UsageError(unknown(kind, part, known))
    return found


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _is_list(group: str) -> bool:
    return "," in group or group.strip().isdigit()
