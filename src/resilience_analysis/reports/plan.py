"""Which reports were asked for: what each is about, checked, with its parameters and the name of its files."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from resilience_analysis.batch.tasks import Task, slug
from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.foundation.project import Project
from resilience_analysis.foundation.texts import languages, load_texts

if TYPE_CHECKING:
    from resilience_analysis.pages.subject import Subject
    from resilience_analysis.profiles.dataset import Dataset
    from resilience_analysis.reports.places import Places


@dataclass(frozen=True)
class Wanted:
    """What a command was asked for."""

    named: Sequence[str] = ()  # codes or names of what reports are about; empty for all of a region
    region: str = ""  # a group of ``regions.yml``, or codes separated by commas
    comparator: str = ""  # what each is compared with: a group, or codes; the region when empty
    everything: bool = False  # all there are


@dataclass(frozen=True)
class Chosen:
    """What one report is about."""

    stem: str  # its part of the name of the files
    names: Mapping[str, str]  # its name by language
    parameters: Mapping[str, str]  # for the notebook, the language left out


@dataclass(frozen=True)
class About:
    """What reports of a kind are about: decides their parameters, and the options of their command."""

    word: str  # what texts call its name
    code: str  # the parameter that identifies it
    named: tuple[str, str]
    """What the command says of its arguments: what they are, and which are taken when there are none."""
    options: tuple[str, ...]
    """Options of the command beyond those of all: ``nis``, ``region``, ``everything``, ``comparator``."""
    choose: Callable[[Project, Wanted], list[Chosen]]  # finds what is wanted, checked
    maker: str  # function of `pages.subject` that finds everything about it

    def subject(self, dataset: Dataset, given: Mapping[str, str], language: str) -> Subject:
        """Return what the page of a report is made of, from its parameters and language."""
        beside = {"region": given["region"], "group": given["comparator"]} if "comparator" in given else {}
        found: Subject = named(f"resilience_analysis.pages.subject:{self.maker}")(
            dataset, given[self.code], language=language, **beside
        )
        return found


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


def _choose_municipalities(project: Project, wanted: Wanted) -> list[Chosen]:
    from resilience_analysis.reports.places import read_places  # noqa: PLC0415 - loads pandas

    places = read_places(project)
    codes = choose(places, wanted=wanted.named, region=wanted.region, everything=wanted.everything)
    return chosen_municipalities(places, codes, region=wanted.region, comparator=wanted.comparator)


def _choose_regions(project: Project, wanted: Wanted) -> list[Chosen]:
    """Return regions, each once; refuses one that depends on a municipality."""
    from resilience_analysis.reports.places import read_places  # noqa: PLC0415 - loads pandas

    places, found = read_places(project), []
    for region in dict.fromkeys(places.canonical(region) for region in wanted.named or [places.region]):
        places.members(region)
        names = {language: places.name_of(region, language) for language in languages()}
        found.append(Chosen(slug(region), names, {"region": region}))
    return found


def _choose_villages(project: Project, wanted: Wanted) -> list[Chosen]:
    """Return villages by code or name, or those of a region when none is named."""
    from resilience_analysis.geography.municipalities import find_all  # noqa: PLC0415 - loads pandas
    from resilience_analysis.reports.places import read_places, read_villages  # noqa: PLC0415

    places, villages = read_places(project), read_villages(project)
    inside = villages["nis_code"].isin(places.members(wanted.region or places.region))
    chosen = (
        villages.loc[find_all(villages["name"], wanted.named, kind="village")] if wanted.named else villages[inside]
    )
    return [
        Chosen(f"{code}-{slug(name)}", dict.fromkeys(languages(), name), {"village": str(code)})
        for code, name in chosen["name"].items()
    ]


MUNICIPALITY = About(
    "place", "nis_code", ("Codes, names or groups.", "those of the region"),
    ("nis", "region", "everything", "comparator"), _choose_municipalities, "subject",
)  # fmt: skip
REGION = About(
    "region", "region", ("Groups of regions.yml, or codes with commas.", "that of project.yml"),
    (), _choose_regions, "region_subject",
)  # fmt: skip
VILLAGE = About(
    "village", "village", ("Codes, names or groups.", "those of the region"), ("region",), _choose_villages,
    "village_subject",
)  # fmt: skip


@dataclass(frozen=True)
class ReportKind:
    """One kind of report."""

    name: str  # what the manifest calls it, and its notebook
    command: str  # the command that makes it
    help: str  # what the command says of itself
    about: About  # what each is about, which decides its parameters and the options of its command
    page: str  # the class of its page, as ``module:class``; made of the subject (see `About`)
    title: str  # text with its title
    heading: str  # text above its reports in the index
    prefix: str = ""  # what its files begin with
    downloads: bool = True  # whether the figures behind it lie beside it
    dependence: str = ""
    """Returns a digest of all data that it can show, as ``module:function``; empty when it can show all."""
    notebook: str = field(init=False)

    def __post_init__(self) -> None:
        """Name its notebook."""
        object.__setattr__(self, "notebook", f"{self.name}.ipynb")

    def tasks(self, chosen: Sequence[Chosen], *, languages: Sequence[str], products: Sequence[str]) -> list[Task]:
        """Return one task per subject and language, in the order given."""
        wanted = tuple(product for product in products if self.downloads or product != "csv")
        texts = {language: load_texts(language) for language in languages}
        return [
            Task(
                stem=f"{self.prefix}{subject.stem}.{language}",
                title=texts[language](self.title, **{self.about.word: subject.names[language]}),
                notebook=self.notebook,
                parameters={**subject.parameters, "language": language},
                language=language,
                kind=self.name,
                products=wanted,
            )
            for language in texts
            for subject in chosen
        ]

    def make_page(self, dataset: Dataset, task: Task) -> Any:
        """Return the page that a report shows, without running its notebook."""
        page: Callable[..., Any] = named(self.page)
        return page(self.about.subject(dataset, task.parameters, task.language))


def named(place: str) -> Any:
    """Return what a place in the code names, as ``module:name``: imported when it is needed."""
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)
