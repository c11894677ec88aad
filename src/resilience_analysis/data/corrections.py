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

from resilience_analysis.foundation.definitions import TEXT, YEAR, Field, Listing, OneOf, Record, Value
from resilience_analysis.foundation.errors import Problem, raise_if_any
from resilience_analysis.foundation.files import read_yaml
from resilience_analysis.foundation.forms import is_number
from resilience_analysis.foundation.settings import CODE

_FIGURE = Value(lambda value: value is None or is_number(value), "a number or null", {"type": ["number", "null"]})
_NAMED = ("source", "nis_code", "year", "variable", "expect", "value", "why")


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
    raise_if_any(path.name, corrections_form(sources).problems(path.name, entries))
    return [Correction(**{name: entry.get(name) for name in _NAMED}) for entry in entries]


def corrections_form(sources: Iterable[str]) -> Listing:
    """Return the form of ``corrections.yml``; a figure that is null may be left out."""
    known = sorted(sources)
    return Listing(
        Record(
            {
                "source": Field(OneOf("source", lambda: known), required=True),
                "nis_code": Field(CODE, required=True),
                "year": Field(YEAR, required=True),
                "variable": Field(TEXT, required=True),
                "expect": Field(_FIGURE, says="what the raw file says today"),
                "value": Field(_FIGURE, says="what is used instead; null when it is not known"),
                "why": Field(TEXT, required=True),
            }
        )
    )


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
            problems.append(Problem(where, "this figure does not exist", "Remove the correction"))
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
