"""Corrections of published figures that are known to be wrong.

Each names the figure it expects to find; when the publisher has mended it (or changed it otherwise) the build stops, so
that no correction outlives its error.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from resilience_analysis.foundation.errors import InputError, Problem, raise_if_any, unknown
from resilience_analysis.foundation.files import read_yaml

_FIELDS = {"source", "nis_code", "year", "variable", "expect", "value", "why"}


@dataclass(frozen=True)
class Correction:
    """One figure replaced: `expect` is what the raw file says, `value` what is used (None: missing)."""

    source: str
    nis_code: str
    year: int
    variable: str
    expect: float | None
    value: float | None
    why: str


def read_corrections(path: Path, *, sources: Iterable[str]) -> list[Correction]:
    """Read ``corrections.yml``: a list, empty when nothing needs correcting.

    Parameters
    ----------
    path
        The file.
    sources
        Names of the sources that can be corrected.

    Raises
    ------
    InputError
        When it is not a list, or an entry lacks a field, has one too many, names an unknown source or has a value of
        the wrong kind.
    """
    entries = read_yaml(path) or []
    if not isinstance(entries, list):
        raise InputError(path.name, [Problem(path.name, "must be a list of corrections")])
    known = set(sources)
    problems = [
        Problem(f"{path.name}, entry {number}", fault)
        for number, entry in enumerate(entries, start=1)
        for fault in _faults(entry, known)
    ]
    raise_if_any(path.name, problems)
    return [Correction(**entry) for entry in entries]


def _faults(entry: object, known: set[str]) -> list[str]:
    if not isinstance(entry, dict) or set(entry) != _FIELDS:
        return [f"needs exactly the fields {', '.join(sorted(_FIELDS))}"]
    faults = [] if str(entry["source"]) in known else [unknown("source", entry["source"], known)]
    if not isinstance(entry["nis_code"], str):
        faults.append(f"nis_code is {entry['nis_code']!r}; write it between quotes")
    if not isinstance(entry["year"], int):
        faults.append(f"year is {entry['year']!r}, which is not a year")
    numbers = [name for name in ("expect", "value") if not isinstance(entry[name], int | float | None)]
    return faults + [f"{name} is {entry[name]!r}, which is neither a number nor null" for name in numbers]


def correct(table: pd.DataFrame, corrections: Sequence[Correction], *, source: str) -> pd.DataFrame:
    """Apply the corrections of one source to its raw table.

    Parameters
    ----------
    table
        One row per municipality and year, from `read_table`; not changed.
    corrections
        All corrections; those of other sources are passed over.
    source
        Name of the source.

    Raises
    ------
    InputError
        When a correction names a row or column that is not there, or the figure is not the expected one.
    """
    table = table.copy()
    problems = []
    for correction in (c for c in corrections if c.source == source):
        where = f"corrections.yml, {source}, {correction.nis_code}, {correction.year}, {correction.variable}"
        row = table.index[(table["nis_code"] == correction.nis_code) & (table["year"] == correction.year)]
        if row.empty or correction.variable not in table:
            problems.append(Problem(where, "there is no such figure", "Remove the correction"))
            continue
        found = float(table.loc[row[0], correction.variable])
        expected = np.nan if correction.expect is None else correction.expect
        if not np.array_equal([found], [expected], equal_nan=True):
            remedy = "See whether the publisher mended it; then remove or renew the correction"
            problems.append(Problem(where, f"expects {correction.expect} but the file says {found}", remedy))
            continue
        table.loc[row[0], correction.variable] = np.nan if correction.value is None else correction.value
    raise_if_any("corrections", problems)
    return table
