"""What a table of indicators may hold, checked once for every verb; its numbers as an array; the rows of a panel."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from resilience_analysis.foundation.errors import Problem

Rows = npt.NDArray[np.intp]


def is_panel(units: pd.Index) -> bool:
    """Return whether an index is one of units and years."""
    return isinstance(units, pd.MultiIndex)


def year_rows(units: pd.Index) -> Iterator[tuple[object, Rows]]:
    """Yield each year of a panel, ascending, with its rows; without years None and all rows."""
    if not is_panel(units):
        yield None, np.arange(len(units))
        return
    years = units.get_level_values(1)
    for year in sorted(years.unique()):
        yield year, np.flatnonzero(years == year)


Array: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]

ARTICLES = {"aggregate": "an aggregate", "derived": "a derived column"}
SHOWN = 5
"""How many cells of one column, or units, a message names before it only counts them."""


def data_problems(data: pd.DataFrame, metadata: pd.DataFrame) -> list[Problem]:
    """Find what is wrong with a table of indicators, given tidy metadata.

    Refused: no unit, a unit or column twice, an indicator that is not there, a column that the metadata do not
    know, text or an infinite number in an indicator.
    """
    kinds = {str(code): str(kind) for code, kind in metadata["type"].items()}
    indicators = [code for code, kind in kinds.items() if kind == "indicator"]
    problems = [*_unit_problems(data.index), *_column_problems(data.columns, indicators, kinds)]
    if data.columns.is_unique:
        for code in indicators:
            if code in data.columns:
                problems += value_problems(data[code])
    return problems


def value_problems(column: pd.Series) -> list[Problem]:
    """Find cells of one indicator that are text or infinite; the index names the units."""
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        rows = np.flatnonzero(np.isinf(column.to_numpy(dtype=np.float64, na_value=np.nan)))
    else:
        filled = column.astype(object)
        numbers = pd.to_numeric(filled.where(filled.notna(), None), errors="coerce").astype(float)
        is_text = filled.map(lambda cell: isinstance(cell, str)).astype(bool)
        rows = np.flatnonzero(filled.notna() & (is_text | ~np.isfinite(numbers)))
    problems = [
        Problem(
            f"row {row + 1} ({name_of(column.index[row])}), column {column.name}",
            f"{column.iloc[[row]].tolist()[0]!r} is not a finite number",
            "Give a number, or leave the cell empty when the value is missing",
        )
        for row in rows[:SHOWN]
    ]
    if len(rows) > SHOWN:
        problems.append(Problem(f"column {column.name}", f"{len(rows) - SHOWN} more cells like these"))
    return problems


def first_per_place(problems: Iterable[Problem]) -> list[Problem]:
    """Keep the first problem of every place, so that a wrong cell is not also reported as a missing one."""
    kept: dict[str, Problem] = {}
    for problem in problems:
        kept.setdefault(problem.where, problem)
    return list(kept.values())


def name_of(unit: object) -> str:
    """Return a unit, or a unit and year, as text for a message."""
    return ", ".join(str(part) for part in unit) if isinstance(unit, tuple) else str(unit)


def row_of(table: pd.DataFrame, unit: Hashable) -> pd.Series:
    """Return the row of one unit (or unit and year), which must be there."""
    return table.iloc[[name == unit for name in table.index].index(True)]


def listed(names: Iterable[object]) -> str:
    """Join names for a message; only the first few, and how many more there are."""
    everything = [name_of(name) for name in names]
    shown = ", ".join(everything[:SHOWN])
    return shown if len(everything) <= SHOWN else f"{shown} and {len(everything) - SHOWN} more"


def values_of(data: pd.DataFrame, codes: Iterable[str]) -> Array:
    """Return the columns `codes` as an array of floats, units x codes, missing as NaN; a copy."""
    table = data[list(codes)]
    return np.array(table.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64, order="F")


def _unit_problems(units: pd.Index) -> list[Problem]:
    if len(units) == 0:
        return [Problem("data", "has no units", "Give at least one row")]
    problems = year_problems(units)
    missing = units.to_frame(index=False).isna().any(axis=1).to_numpy()
    for row in np.flatnonzero(missing)[:SHOWN]:
        problems.append(Problem(f"data, row {row + 1}", "the unit has no code", "Give every unit a code"))
    repeated = units[units.duplicated() & ~missing].unique()
    for unit in repeated[:SHOWN]:
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


def _column_problems(columns: pd.Index, indicators: list[str], kinds: dict[str, str]) -> list[Problem]:
    problems = [
        Problem(f"column {column}", "appears twice in the data", "Keep one of them")
        for column in columns[columns.duplicated()].unique()
    ]
    for code in indicators:
        if code not in columns:
            problems.append(
                Problem(f"code {code}", "is an indicator without a column in the data", "Add it or take it out")
            )
    for column in columns.unique():
        if kinds.get(column) in ("aggregate", "derived"):
            problems.append(
                Problem(
                    f"column {column}", f"is {ARTICLES[kinds[column]]}, which is calculated", "Leave it out of the data"
                )
            )
        elif column not in kinds:
            problems.append(
                Problem(f"column {column}", "is not in the metadata", "Add it to the metadata or leave it out")
            )
    return problems
