"""The list of sources that people write: ``data/raw/sources.yml``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from resilience_analysis.data.catalogue_checks import FILE_NAME, KINDS, REQUIRED, catalogue_problems
from resilience_analysis.data.recipe import Recipe
from resilience_analysis.foundation.errors import InputError, Problem, UsageError, raise_if_any, unknown
from resilience_analysis.foundation.settings import languages_of, read_definition

ANY_COLUMN = "*"


@dataclass(frozen=True)
class Column:
    """One variable of a source."""

    kind: str  # one of `catalogue_checks.KINDS`
    empty: str = "unknown"  # the missing reason that an empty cell stands for
    at_most: str | None = None  # a variable of the same municipality and year that this one cannot exceed, or None

    @property
    def additive(self) -> bool:
        """Whether values of merged municipalities may be added up."""
        return KINDS[self.kind].additive

    @property
    def ignored(self) -> bool:
        """Whether the column is not read."""
        return not KINDS[self.kind].read


@dataclass(frozen=True)
class Gap:
    """A municipality that the publisher leaves out, and why."""

    nis_code: str
    reason: str
    why: Mapping[str, str]
    expect: Mapping[str, float] = field(default_factory=dict)
    """What the file says for it all the same, by variable, such as an average made by somebody else; these figures are
    set aside.
    """


@dataclass(frozen=True)
class Sampling:
    """How many people answered a survey, per municipality."""

    known: Mapping[str, int]  # the publisher's own numbers, by NIS code; they take precedence
    steps: tuple[tuple[float, int], ...]
    """What is assumed where the publisher gives no number: pairs (inhabitants, answers); a municipality takes the
    number of the first step whose inhabitants it lies below (infinity for the last).
    """
    rounding_pct: float  # the step to which the percentages are rounded, in percentage points
    why: Mapping[str, str]  # the reason for the assumption, per language

    def size(self, nis_code: str, inhabitants: float) -> float:
        """Return the number of answers of one municipality: published, or assumed for its inhabitants."""
        if nis_code in self.known:
            return float(self.known[nis_code])
        # without a number of inhabitants the least of the assumptions is the cautious one
        fitting = (n for below, n in self.steps if inhabitants < below)
        return float(next(fitting, min((n for _, n in self.steps), default=math.nan)))


@dataclass(frozen=True)
class PublishedFigures:
    """Figures printed by the publisher that the table must agree with."""

    variable: str
    year: int
    values: Mapping[str, float]
    mean_of_all: float | None = None


@dataclass(frozen=True)
class Source:
    """One raw file with its papers; texts are given per language (``nl``, ``en``).

    Publisher and citation may be one text for all languages.
    """

    name: str
    file: str
    format: str
    publisher: Mapping[str, str] | str
    page: str
    citation: Mapping[str, str] | str
    accessed: str
    title: Mapping[str, str]
    licence: Mapping[str, str]
    vintage: Mapping[str, str]
    purpose: Mapping[str, str]
    areas: str | int | None = None
    """The boundaries of the rows: ``by_year`` (of 1 January of the row's year) or one year for all."""
    crs: str | None = None  # the reference system of boundaries, for a file that says nothing of it or says it wrongly
    columns: Mapping[str, Column] = field(default_factory=dict)
    items: str | None = None  # a second file with the wording of survey items, or None
    asked: Mapping[str, str] | None = None  # whom a survey asked, per language; None where it does not say
    none_codes: Mapping[str, str] = field(default_factory=dict)
    """Per column of areas, the code that stands for belonging to none."""
    recipe: Recipe | None = None
    """How the publisher's own file becomes the raw file; None where that has the form of the raw file."""
    inhabitants: str | None = None
    """The variable by which percentages of municipalities that merged are weighted, and sample sizes are assumed; None
    where percentages are not to be combined.
    """
    sampling: Sampling | None = None  # how many people answered, for a survey
    gaps: tuple[Gap, ...] = ()
    checks: tuple[PublishedFigures, ...] = ()

    def column(self, name: str) -> Column | None:
        """Return what `name` is, or None when the source does not declare it."""
        return self.columns.get(name) or self.columns.get(ANY_COLUMN)

    def combines(self, name: str) -> bool:
        """Whether values of a variable are averaged over the municipalities that merged, weighted by inhabitants."""
        column = self.column(name)
        return self.inhabitants is not None and column is not None and KINDS[column.kind].weighted

    @property
    def files(self) -> tuple[str, ...]:
        """Every file of the source, relative to ``data/raw``."""
        return (self.file, self.items) if self.items else (self.file,)


Catalogue = dict[str, Source]


def source_of_format(catalogue: Catalogue, wanted: str) -> Source | None:
    """Return the source that has a format of which there is at most one, such as ``boundaries``; None without it."""
    return next((source for source in catalogue.values() if source.format == wanted), None)


def read_catalogue(folder: Path) -> Catalogue:
    """Read and check the list of sources in a folder of raw data.

    Parameters
    ----------
    folder
        The folder with ``sources.yml``, usually ``data/raw``.

    Raises
    ------
    InputError
        With every fault: missing or unknown fields, unknown formats, kinds and reasons, a file or column claimed twice,
        a limit that no source has.
    """
    definitions = folder.parent.parent / "definitions"
    entries = read_definition(folder / FILE_NAME, words_in=definitions) or {}
    if not isinstance(entries, dict):
        raise InputError(FILE_NAME, [Problem(FILE_NAME, "must be a mapping of sources")])
    raise_if_any(FILE_NAME, catalogue_problems(entries, languages_of(definitions)))
    return {name: _source(name, entry) for name, entry in entries.items()}


def select(catalogue: Catalogue, name: str) -> Source:
    """Return one source by name; raise `UsageError` with the nearest known one otherwise."""
    if name not in catalogue:
        raise UsageError(unknown("source", name, catalogue, listed="by: resilience fetch"))
    return catalogue[name]


def _source(name: str, entry: Mapping[str, Any]) -> Source:
    return Source(
        name=name,
        columns={column: Column(**facts) for column, facts in (entry.get("columns") or {}).items()},
        areas=entry.get("areas"),
        crs=entry.get("crs"),
        items=entry.get("items"),
        asked=entry.get("asked"),
        none_codes=entry.get("none") or {},
        recipe=Recipe(**entry["fetch"]) if entry.get("fetch") else None,
        inhabitants=entry.get("inhabitants"),
        sampling=_sampling(entry.get("sampling")),
        gaps=tuple(Gap(**gap) for gap in entry.get("gaps") or ()),
        checks=tuple(PublishedFigures(**check) for check in entry.get("checks") or ()),
        **{key: entry[key] for key in REQUIRED if key != "accessed"},
        accessed=str(entry["accessed"]),
        page=str(entry.get("page") or ""),
    )


def _sampling(entry: Mapping[str, Any] | None) -> Sampling | None:
    if not entry:
        return None
    assumed = entry.get("assumed_n") or []
    listed = [{"n": assumed}] if isinstance(assumed, int) else assumed
    return Sampling(
        known=entry.get("known") or {},
        steps=tuple((float(step.get("below", math.inf)), int(step["n"])) for step in listed),
        rounding_pct=float(entry.get("rounding_pct", 0)),
        why=entry.get("why") or {},
    )
