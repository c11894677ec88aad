"""The list of sources that people write: ``data/raw/sources.yml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from resilience_analysis.data.catalogue_checks import FILE_NAME, REQUIRED, catalogue_problems
from resilience_analysis.foundation.errors import InputError, Problem, UsageError, raise_if_any, unknown
from resilience_analysis.foundation.files import read_yaml

ADDITIVE_KINDS = ("count", "amount_eur")
ANY_COLUMN = "*"


@dataclass(frozen=True)
class Column:
    """One variable of a source.

    Attributes
    ----------
    kind
        One of `catalogue_checks.KINDS`; additive kinds are summed over merged municipalities, the others are not.
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
    crs
        The reference system of boundaries, for a file that says nothing of it or says it wrongly.
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
    crs: str | None = None
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
        """Return what `name` is, or None when the source does not declare it."""
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
        With every fault: missing or unknown fields, unknown formats, kinds and reasons, a file or column claimed twice,
        a limit that no source has.
    """
    entries = read_yaml(folder / FILE_NAME) or {}
    if not isinstance(entries, dict):
        raise InputError(FILE_NAME, [Problem(FILE_NAME, "must be a mapping of sources")])
    raise_if_any(FILE_NAME, catalogue_problems(entries))
    return {name: _source(name, entry) for name, entry in entries.items()}


def select(catalogue: Catalogue, name: str) -> Source:
    """Return one source by name; raise `UsageError` with the nearest known one otherwise."""
    if name not in catalogue:
        raise UsageError(unknown("source", name, catalogue))
    return catalogue[name]


def _source(name: str, entry: Mapping[str, Any]) -> Source:
    sampling = entry.get("sampling") or {}
    return Source(
        name=name,
        columns={column: Column(**facts) for column, facts in (entry.get("columns") or {}).items()},
        areas=entry.get("areas"),
        crs=entry.get("crs"),
        items=entry.get("items"),
        none_codes=entry.get("none") or {},
        reader=(entry.get("fetch") or {}).get("reader"),
        address=(entry.get("fetch") or {}).get("address"),
        assumed_n=sampling.get("assumed_n"),
        rounding_pct=float(sampling.get("rounding_pct", 0)),
        gaps=tuple(Gap(**gap) for gap in entry.get("gaps") or ()),
        checks=tuple(Check(**check) for check in entry.get("checks") or ()),
        **{key: entry[key] for key in REQUIRED if key != "accessed"},
        accessed=str(entry["accessed"]),
    )
