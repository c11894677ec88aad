"""The list of sources that people write, ``data/raw/sources.yml``, and the lock on their files.

``sources.lock.yml`` says what every file was when it was last accepted. A file that is something else is refused until
somebody accepts it, so that no figure changes unseen.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from resilience_analysis.data.catalogue_checks import FILE_NAME, KINDS, catalogue_problems
from resilience_analysis.data.recipe import Recipe
from resilience_analysis.foundation.errors import Problem, UsageError, raise_if_any, refusal, unknown
from resilience_analysis.foundation.files import read_yaml, sha256, write_yaml
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
    """One raw file, what it holds and where it is from; texts are given per language (``nl``, ``en``).

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

    Raises
    ------
    InputError
        With every fault: missing or unknown fields, unknown formats, kinds and reasons, a file or column claimed twice,
        a limit that no source has.
    """
    definitions = folder.parent.parent / "definitions"
    entries = read_definition(folder / FILE_NAME, words_in=definitions) or {}
    if not isinstance(entries, dict):
        raise refusal(FILE_NAME, "must be a mapping of sources")
    raise_if_any(FILE_NAME, catalogue_problems(entries, languages_of(definitions)))
    return {name: _source(name, entry) for name, entry in entries.items()}


def select(catalogue: Catalogue, name: str) -> Source:
    """Return one source by name; raise `UsageError` with the nearest known one otherwise."""
    if name not in catalogue:
        raise UsageError(unknown("source", name, catalogue, listed="by: resilience fetch"))
    return catalogue[name]


def _source(name: str, entry: Mapping[str, Any]) -> Source:
    made: dict[str, Any] = {
        "columns": {column: Column(**facts) for column, facts in (entry.get("columns") or {}).items()},
        "none_codes": entry.get("none") or {},
        "recipe": Recipe(**entry["fetch"]) if entry.get("fetch") else None,
        "sampling": _sampling(entry.get("sampling")),
        "gaps": tuple(Gap(**gap) for gap in entry.get("gaps") or ()),
        "checks": tuple(PublishedFigures(**check) for check in entry.get("checks") or ()),
        "accessed": str(entry["accessed"]),
        "page": str(entry.get("page") or ""),
    }
    return Source(name=name, **{key: entry[key] for key in entry if key not in {*made, "none", "fetch"}}, **made)


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


LOCK_FILE = "sources.lock.yml"
_HEAD = "Written by `resilience lock`: what each raw file is. Do not edit; accept a changed file with that command."


@dataclass(frozen=True)
class Fingerprint:
    """What one file is: hash, size in bytes, lines below the header and columns (None for what is not a CSV)."""

    sha256: str
    bytes: int
    rows: int | None = None
    columns: int | None = None


def fingerprint(path: Path) -> Fingerprint:
    """Take the fingerprint of one file."""
    rows = columns = None
    if path.suffix == ".csv":
        lines = path.read_bytes().splitlines()
        rows = max(len(lines) - 1, 0)
        columns = lines[0].count(b",") + 1 if lines else 0
    return Fingerprint(sha256(path), path.stat().st_size, rows, columns)


def read_lock(folder: Path) -> dict[str, Fingerprint]:
    """Read the accepted fingerprints, by file relative to `folder`; empty when nothing was accepted yet.

    Raises
    ------
    InputError
        When the lock is not as `accept` writes it, for instance after a merge of two branches.
    """
    path = folder / LOCK_FILE
    if not path.is_file():
        return {}
    content = read_yaml(path) or {}
    if not isinstance(content, dict) or not all(_is_fingerprint(facts) for facts in content.values()):
        remedy = "Remove it, look at the raw files and accept them with: resilience lock"
        raise refusal(LOCK_FILE, "is not what resilience lock writes", remedy)
    return {str(file): Fingerprint(**facts) for file, facts in content.items()}


def _is_fingerprint(facts: object) -> bool:
    known = {field.name for field in fields(Fingerprint)}
    return isinstance(facts, dict) and {"sha256", "bytes"} <= set(facts) <= known


def accept(folder: Path, catalogue: Catalogue, names: Iterable[str] | None = None) -> dict[str, str]:
    """Accept the files of the sources `names` (all when None) as they are now; give the files that changed, and how.

    Files that no source claims any more leave the lock.

    Raises
    ------
    InputError
        When a file to accept does not exist; then nothing is accepted.
    """
    locked = read_lock(folder)
    chosen = set(catalogue if names is None else names)
    absent = [(name, file) for name in chosen for file in catalogue[name].files if not (folder / file).is_file()]
    raise_if_any("raw data", [_absent(catalogue[name], file) for name, file in sorted(absent)])
    fresh = {}
    for name, source in sorted(catalogue.items(), key=lambda entry: entry[1].file):
        for file in source.files:
            if name in chosen:
                fresh[file] = fingerprint(folder / file)
            elif file in locked:
                fresh[file] = locked[file]
    write_yaml(folder / LOCK_FILE, {file: asdict(mark) for file, mark in fresh.items()}, head=_HEAD)
    changed = [file for file in fresh if fresh[file] != locked.get(file)]
    return {file: _sizes(locked.get(file), fresh[file]) for file in changed}


def lock_problems(folder: Path, catalogue: Catalogue) -> list[Problem]:
    """Return every raw file that is missing, new or not what the lock says."""
    locked = read_lock(folder)
    problems = []
    for source in catalogue.values():
        for file in source.files:
            problems += _file_problems(folder, file, locked.get(file), source)
    return problems


def _file_problems(folder: Path, file: str, expected: Fingerprint | None, source: Source) -> list[Problem]:
    command = f"If this is intended, accept it with: resilience lock {source.name}"
    if not (folder / file).is_file():
        return [_absent(source, file)]
    found = fingerprint(folder / file)
    if expected is None:
        return [Problem(file, f"was never accepted (sha256 {found.sha256})", command)]
    if found != expected:
        what = f"changed: sha256 {expected.sha256} expected, {found.sha256} found ({_sizes(expected, found)})"
        return [Problem(file, what, command)]
    return []


def _absent(source: Source, file: str) -> Problem:
    fetch = (
        f", or run: resilience fetch {source.name}"
        if source.recipe and source.recipe.address and file == source.file
        else ""
    )
    return Problem(file, "the raw file does not exist", f"Restore it{fetch}")


def _sizes(expected: Fingerprint | None, found: Fingerprint) -> str:
    """Return how large a file was and is, so that one that broke off is noticed before it is accepted."""
    sizes = {"bytes": (expected and expected.bytes, found.bytes), "rows": (expected and expected.rows, found.rows)}
    known = {unit: pair for unit, pair in sizes.items() if pair[1] is not None}
    return ", ".join(f"{'new' if old is None else old} -> {new} {unit}" for unit, (old, new) in known.items())


def verify(folder: Path, catalogue: Catalogue) -> dict[str, str]:
    """Return the hash of every raw file; refuse to go on when one is not what was accepted, naming all such files.

    Raises
    ------
    InputError
        With both hashes and the command that accepts the file.
    """
    raise_if_any("raw data", lock_problems(folder, catalogue))
    return {file: mark.sha256 for file, mark in read_lock(folder).items()}
