"""Corrections of published figures that are known to be wrong.

Each names the figure it expects to find; when the publisher has mended it (or changed it otherwise) the build stops, so
that no correction outlives its error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from resilience_analysis.errors import Problem, raise_if_any
from resilience_analysis.storage import read_yaml

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


def read_corrections(path: Path) -> list[Correction]:
    """Read ``corrections.yml``: a list, empty when nothing needs correcting.

    Raises
    ------
    InputError
        When an entry lacks a field or has one too many.
    """
    entries = read_yaml(path) or []
    problems = [
        Problem(f"{path.name}, entry {number}", f"needs exactly the fields {', '.join(sorted(_FIELDS))}")
        for number, entry in enumerate(entries, start=1)
        if set(entry) != _FIELDS
    ]
    raise_if_any(path.name, problems)
    return [Correction(**entry) for entry in entries]


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
