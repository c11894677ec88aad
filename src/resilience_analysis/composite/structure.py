"""What metadata hold: their columns and the tree of the framework; and whether a table of indicators fits them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from resilience_analysis.composite.arrays import SHOWN, check_known, is_panel, listed, name_of
from resilience_analysis.composite.formulas import METHODS, SCALE_COLUMNS, TREATMENTS, read_constant
from resilience_analysis.composite.means import read_mean
from resilience_analysis.composite.operations import read_steps
from resilience_analysis.foundation.errors import Problem

SCORED = ("indicator", "aggregate")
RISING_PAIRS = tuple(scaling.needs for scaling in METHODS.values() if len(scaling.needs) > 1)
_FLAGS = ("goalpost_truncate", "target_cap")


class MetadataColumn(NamedTuple):
    """What a column of the metadata holds, and which codes have a use for it."""

    holds: str = "text"  # or number, or flag
    types: tuple[str, ...] = ()  # of the codes that have a use for it; all when empty
    read: Callable[[str], object] | None = None  # refuses what it cannot hold
    refused: bool = False  # whether other types may not have it; else it is noted
    beside: str = ""  # the column without which it says nothing


_INDICATOR = ("indicator",)
COLUMNS: dict[str, MetadataColumn] = {
    **dict.fromkeys(("parent", "type", "name", "unit"), MetadataColumn()),
    **dict.fromkeys(("level", "direction", "weight"), MetadataColumn("number")),
    "normalise": MetadataColumn(
        types=_INDICATOR, read=partial(check_known, "normalisation method", known=tuple(METHODS))
    ),
    "treat": MetadataColumn(types=_INDICATOR, read=partial(check_known, "treatment", known=TREATMENTS)),
    "winmax": MetadataColumn("number", _INDICATOR),
    "missing": MetadataColumn(types=_INDICATOR),
    "denominator": MetadataColumn(types=_INDICATOR),
    "denominator_scale": MetadataColumn("number", beside="denominator"),
    **dict.fromkeys(SCALE_COLUMNS, MetadataColumn("number")),
    **{scaling.own[0]: MetadataColumn("number", _INDICATOR) for scaling in METHODS.values() if scaling.own},
    **{
        column: MetadataColumn("flag" if column in _FLAGS else "number", beside=scaling.needs[0])
        for scaling in METHODS.values()
        for column in (scaling.takes if scaling.needs else ())
    },
    "transform": MetadataColumn(types=_INDICATOR, read=read_steps, refused=True),
    "steps": MetadataColumn(types=(*SCORED, "derived"), read=read_steps, refused=True),
    "aggregate": MetadataColumn(types=("aggregate",), read=read_mean, refused=True),
    "constant": MetadataColumn(types=_INDICATOR, read=read_constant, refused=True),
    "min_coverage": MetadataColumn("number", ("aggregate",)),
    "bands": MetadataColumn(types=("derived",)),
}

LARGEST = 1e150
"""The largest value that can be scored: means of squares (a deviation, a correlation) stay finite."""


class Node(NamedTuple):
    """One aggregate, its level of 2 or more, and its direct children in the order of the metadata."""

    code: str
    level: int
    children: tuple[str, ...]


def indicator_codes(metadata: pd.DataFrame) -> list[str]:
    """Return the codes of the indicators of a tidy metadata table, in its order."""
    return [str(code) for code in metadata.index[metadata["type"] == "indicator"]]


def aggregate_codes(metadata: pd.DataFrame) -> list[str]:
    """Return the codes of the aggregates of a tidy metadata table: by level from the bottom, then in its order."""
    rows = metadata[metadata["type"] == "aggregate"]
    return [str(code) for code in rows.sort_values("level", kind="stable").index]


def column_of(tidy: pd.DataFrame, name: str, default: Any = np.nan) -> pd.Series:
    """Return a column of tidy metadata, filled with a default where it is absent."""
    return tidy[name] if name in tidy.columns else pd.Series(default, index=tidy.index)


def filled_codes(tidy: pd.DataFrame, column: str, *types: str) -> list[str]:
    """Return the indicators, or codes of other types, of tidy metadata that have something in a column."""
    if column not in tidy.columns:
        return []
    given = tidy.loc[tidy["type"].isin(types or ("indicator",)), column]
    return [str(code) for code in given.index[given.notna() & (given.astype(str) != "")]]


def nodes(metadata: pd.DataFrame) -> list[Node]:
    """List the aggregates of a tidy metadata table from the bottom up, so that children come before parents."""
    scored = metadata[metadata["type"].isin(SCORED)]
    families = scored[scored["parent"] != ""].groupby("parent", sort=False).groups
    levels = scored["level"].to_dict()
    return [Node(code, int(levels[code]), tuple(map(str, families[code]))) for code in aggregate_codes(metadata)]


def roots(metadata: pd.DataFrame) -> dict[str, str]:
    """Return the top aggregate that each indicator and aggregate of a tidy metadata table belongs to."""
    scored = metadata[metadata["type"].isin(SCORED)]
    top: dict[str, str] = {}
    for code, parent in scored.sort_values("level", ascending=False, kind="stable")["parent"].items():
        top[str(code)] = top[parent] if parent else str(code)
    return top


def path_up(metadata: pd.DataFrame, code: str) -> list[str]:
    """Return the aggregates above a code of a tidy metadata table, from its parent to the top."""
    parents, found = metadata["parent"].to_dict(), []
    while parents.get(code):
        code = parents[code]
        found.append(code)
    return found


def leaves(metadata: pd.DataFrame) -> dict[str, list[str]]:
    """Return all indicators below each aggregate of a tidy metadata table, at any depth."""
    below: dict[str, list[str]] = {}
    for node in nodes(metadata):
        below[node.code] = [leaf for child in node.children for leaf in below.get(child, [child])]
    return below


def families_at(metadata: pd.DataFrame, level: int) -> dict[str, list[str]]:
    """Return the indicators below each aggregate of a level; one beside aggregates belongs to its own parent."""
    below, found = leaves(metadata), {}
    placed: set[str] = set()
    for node in nodes(metadata):
        if node.level == level or (node.level > level and set(node.children) - set(below) - placed):
            own = below[node.code] if node.level == level else [c for c in node.children if c not in below]
            found[node.code] = [code for code in own if code not in placed]
            placed.update(found[node.code])
    return found


def derive_levels(scored: pd.DataFrame) -> tuple[pd.Series, list[Problem]]:
    """Derive levels from the bottom up, 1 without children, else one more than the highest child; and find circles."""
    parents = scored["parent"].to_dict()
    height = dict.fromkeys(parents, 1.0)
    problems = []
    for code in parents:
        seen = {code}
        child, parent = code, parents[code]
        while parent in parents:
            if parent in seen:
                problems.append(Problem(f"code {code}, column parent", f"leads back to {parent}", "Break the circle"))
                break
            seen.add(parent)
            height[parent] = max(height[parent], height[child] + 1)
            child, parent = parent, parents[parent]
    return pd.Series(height, dtype=float), problems


def data_problems(data: pd.DataFrame, metadata: pd.DataFrame) -> list[Problem]:
    """Find what is wrong with a table of indicators, given tidy metadata.

    Refused: no unit, a unit or column twice, an indicator that is not there, a column that the metadata do not
    know, text, an infinite number or one beyond `LARGEST` in an indicator.
    """
    columns, kinds = data.columns, metadata["type"].to_dict()
    indicators = indicator_codes(metadata)
    what = {"aggregate": "is an aggregate, which is calculated", "derived": "is a derived column, which is calculated"}
    problems = [
        *_unit_problems(data.index),
        *(
            Problem(f"column {column}", "appears twice in the data", "Keep one of them")
            for column in columns[columns.duplicated()].unique()
        ),
        *(
            Problem(f"code {code}", "is an indicator without a column in the data", "Add it or take it out")
            for code in indicators
            if code not in columns
        ),
    ]
    for column in columns.unique():
        if kinds.get(column) in what:
            problems.append(Problem(f"column {column}", what[kinds[column]], "Leave it out of the data"))
        elif column not in kinds:
            problems.append(
                Problem(f"column {column}", "is not in the metadata", "Add it to the metadata or leave it out")
            )
    known = data[[code for code in indicators if code in columns]] if columns.is_unique else data.iloc[:, :0]
    plain = known.select_dtypes("number", exclude="timedelta")
    if not (np.abs(plain.to_numpy(dtype=np.float64, na_value=np.nan)) > LARGEST).any():
        known = known.drop(columns=plain.columns)
    return problems + [problem for code in known for problem in value_problems(known[code])]


def value_problems(column: pd.Series) -> list[Problem]:
    """Find cells of one indicator that are text, infinite or too large; the index names the units."""
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        rows = np.flatnonzero(np.abs(column.to_numpy(dtype=np.float64, na_value=np.nan)) > LARGEST)
    else:
        filled = column.astype(object)
        numbers = pd.to_numeric(filled.where(filled.notna(), None), errors="coerce").astype(float)
        is_text = filled.map(lambda cell: isinstance(cell, str)).astype(bool)
        rows = np.flatnonzero(filled.notna() & (is_text | ~(numbers.abs() <= LARGEST)))
    problems = [
        Problem(
            f"row {row + 1} ({name_of(column.index[row])}), column {column.name}",
            f"{column.iloc[[row]].tolist()[0]!r} is {_not_usable(column.iloc[row])}",
            "Give a number, or leave the cell empty when the value is missing",
        )
        for row in rows[:SHOWN]
    ]
    more = [Problem(f"column {column.name}", f"{len(rows) - SHOWN} more cells like these")]
    return problems + more if len(rows) > SHOWN else problems


def _not_usable(value: object) -> str:
    large = isinstance(value, int | float) and np.isfinite(float(value))
    return f"too large: its square has no place in a number (more than {LARGEST:g})" if large else "not a finite number"


def _unit_problems(units: pd.Index) -> list[Problem]:
    if len(units) == 0:
        return [Problem("data", "has no units", "Give at least one row")]
    missing = units.to_frame(index=False).isna().any(axis=1).to_numpy()
    problems = year_problems(units) + [
        Problem(f"data, row {row + 1}", "the unit has no code", "Give every unit a code")
        for row in np.flatnonzero(missing)[:SHOWN]
    ]
    for unit in units[units.duplicated() & ~missing].unique()[:SHOWN]:
        rows = ", ".join(str(row + 1) for row in np.flatnonzero(units == unit))
        problems.append(Problem(f"unit {name_of(unit)}", f"appears in rows {rows}", "Keep one row per unit (and year)"))
    return problems


def year_problems(units: pd.Index) -> list[Problem]:
    """Find what is wrong with an index of units and years: not two levels, years that are not numbers."""
    if not is_panel(units):
        return []
    if units.nlevels != 2:  # noqa: PLR2004 - a unit and a year
        return [Problem("data", f"has an index of {units.nlevels} levels", "Index it by unit, or by unit and year")]
    years = units.get_level_values(1).unique().dropna()
    wrong = years[pd.to_numeric(pd.Series(years), errors="coerce").isna()]
    return [Problem("data", f"{listed(wrong)} is not a year", "Give years as numbers")] if len(wrong) else []
