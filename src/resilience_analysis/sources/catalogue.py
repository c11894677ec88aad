"""The list of sources that people write: ``data/raw/sources.yml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from resilience_analysis.errors import Problem, UsageError, raise_if_any, unknown
from resilience_analysis.storage import read_yaml
from resilience_analysis.tables import MISSING_REASONS

FILE_NAME = "sources.yml"
FORMATS = ("table", "municipalities", "mergers", "areas", "boundaries")
KINDS = ("count", "amount_eur", "share_pct", "rate_pct", "median_eur")
ADDITIVE_KINDS = ("count", "amount_eur")
ANY_COLUMN = "*"
LANGUAGES = ("nl", "en")
_TEXTS = ("title", "licence", "vintage", "purpose")
_REQUIRED = ("file", "format", "publisher", "page", "citation", "accessed", *_TEXTS)


@dataclass(frozen=True)
class Column:
    """One variable of a source.

    Attributes
    ----------
    kind
        One of `KINDS`; additive kinds are summed over merged municipalities, the others are not.
    empty
        The missing reason that an empty cell stands for.
    at_most
        A variable of the same municipality and year that this one cannot exceed, or None.
    """

    kind: str
    empty: str = "unknown"
    at_most: str | None = None

    @property
    def additive(self) -> bool:
        """Whether values of merged municipalities may be added up."""
        return self.kind in ADDITIVE_KINDS


@dataclass(frozen=True)
class Gap:
    """A municipality that the publisher leaves out, and why."""

    nis_code: str
    reason: str
    why: Mapping[str, str]


@dataclass(frozen=True)
class Check:
    """Published figures that the table must agree with."""

    variable: str
    year: int
    values: Mapping[str, float]
    mean_of_all: float | None = None


@dataclass(frozen=True)
class Source:
    """One raw file with its papers; texts are given per language (``nl``, ``en``).

    Attributes
    ----------
    areas
        The boundaries the rows stand on: ``by_year`` (of 1 January of the row's year) or one year for all.
    items
        A second file with the wording of survey items, or None.
    none_codes
        Per column of areas, the code that stands for belonging to none.
    reader
        Name of the publisher's format, for what can be fetched; see `sources.publishers`.
    address
        Where the publisher has the file.
    assumed_n
        The sample size to assume per municipality, for a survey that publishes none.
    rounding_pct
        The step to which percentages are rounded.
    """

    name: str
    file: str
    format: str
    publisher: str
    page: str
    citation: str
    accessed: str
    title: Mapping[str, str]
    licence: Mapping[str, str]
    vintage: Mapping[str, str]
    purpose: Mapping[str, str]
    areas: str | int | None = None
    columns: Mapping[str, Column] = field(default_factory=dict)
    items: str | None = None
    none_codes: Mapping[str, str] = field(default_factory=dict)
    reader: str | None = None
    address: str | None = None
    assumed_n: int | None = None
    rounding_pct: float = 0.0
    gaps: tuple[Gap, ...] = ()
    checks: tuple[Check, ...] = ()

    def column(self, name: str) -> Column | None:
        """Give what `name` is, or None when the source does not declare it."""
        return self.columns.get(name) or self.columns.get(ANY_COLUMN)

    @property
    def files(self) -> tuple[str, ...]:
        """Every file of the source, relative to ``data/raw``."""
        return (self.file, self.items) if self.items else (self.file,)


Catalogue = dict[str, Source]


def read_catalogue(folder: Path) -> Catalogue:
    """Read and check the list of sources in a folder of raw data.

    Parameters
    ----------
    folder
        The folder with ``sources.yml``, usually ``data/raw``.

    Raises
    ------
    InputError
        With every fault: missing or unknown fields, unknown formats, kinds and reasons, a file claimed twice.
    """
    path = folder / FILE_NAME
    entries = read_yaml(path) or {}
    problems: list[Problem] = []
    for name, entry in entries.items():
        problems += _problems_of(name, entry)
    claimed: dict[str, str] = {}
    for name, entry in entries.items():
        file = str(entry.get("file"))
        if file in claimed:
            problems.append(Problem(f"{FILE_NAME}, {name}", f"{file} already belongs to {claimed[file]}"))
        claimed[file] = name
    raise_if_any(FILE_NAME, problems)
    return {name: _source(name, entry) for name, entry in entries.items()}


def select(catalogue: Catalogue, name: str) -> Source:
    """Give one source by name; raise `UsageError` with the nearest known one otherwise."""
    if name not in catalogue:
        raise UsageError(unknown("source", name, catalogue))
    return catalogue[name]


def _problems_of(name: str, entry: Mapping[str, Any]) -> list[Problem]:
    where = f"{FILE_NAME}, {name}"
    problems = [Problem(where, f"{key} is missing") for key in _REQUIRED if not entry.get(key)]
    for key in _TEXTS:
        given = entry.get(key) or {}
        problems += [Problem(f"{where}, {key}", f"no text in {lang}") for lang in LANGUAGES if not given.get(lang)]
    if entry.get("format") not in FORMATS:
        problems.append(Problem(where, unknown("format", entry.get("format"), FORMATS)))
    if entry.get("format") == "table":
        problems += _table_problems(where, entry)
    return problems


def _table_problems(where: str, entry: Mapping[str, Any]) -> list[Problem]:
    problems = []
    if entry.get("areas") != "by_year" and not isinstance(entry.get("areas"), int):
        problems.append(Problem(f"{where}, areas", "must be by_year or a year such as 2025"))
    if not entry.get("columns"):
        problems.append(Problem(f"{where}, columns", "a table declares at least one column"))
    for column, facts in (entry.get("columns") or {}).items():
        at = f"{where}, columns, {column}"
        if facts.get("kind") not in KINDS:
            problems.append(Problem(at, unknown("kind", facts.get("kind"), KINDS)))
        if facts.get("empty", "unknown") not in MISSING_REASONS:
            problems.append(Problem(at, unknown("missing reason", facts["empty"], MISSING_REASONS)))
    reasons = [gap.get("reason") for gap in entry.get("gaps") or ()]
    problems += [
        Problem(f"{where}, gaps", unknown("missing reason", reason, MISSING_REASONS))
        for reason in reasons
        if reason not in MISSING_REASONS
    ]
    return problems


def _source(name: str, entry: Mapping[str, Any]) -> Source:
    sampling = entry.get("sampling") or {}
    return Source(
        name=name,
        columns={column: Column(**facts) for column, facts in (entry.get("columns") or {}).items()},
        areas=entry.get("areas"),
        items=entry.get("items"),
        none_codes=entry.get("none") or {},
        reader=(entry.get("fetch") or {}).get("reader"),
        address=(entry.get("fetch") or {}).get("address"),
        assumed_n=sampling.get("assumed_n"),
        rounding_pct=float(sampling.get("rounding_pct", 0)),
        gaps=tuple(Gap(**gap) for gap in entry.get("gaps") or ()),
        checks=tuple(Check(**check) for check in entry.get("checks") or ()),
        **{key: entry[key] for key in _REQUIRED if key != "accessed"},
        accessed=str(entry["accessed"]),
    )
