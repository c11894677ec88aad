"""The metadata of a composite indicator: one row per code, which says all that the verbs need to know.

A metadata table is a plain DataFrame, indexed by code:

=====================  ==========================================================================================
column                 meaning
=====================  ==========================================================================================
``parent``             code of the aggregate it belongs to; empty for a top aggregate (there may be several)
``direction``          1 when more is better, -1 when less is better; aggregates have 1 or nothing
``weight``             relative to its siblings, never negative; a top aggregate may have none
``level``              1 for indicators, one more than its children for an aggregate; derived when absent
``type``               ``indicator``, ``aggregate``, or a column that is not scored: ``group``, ``denominator``,
                       ``other``; ``derived`` for a column made from the scores of its parent; worked out when absent
``name``, ``unit``     for people
``denominator``        column to divide the indicator by, and ``denominator_scale`` to multiply the result with
``target``             for distance-to-target, with ``target_cap`` to stop at it
``goalpost_lower``     and ``goalpost_upper``, ``goalpost_scale`` (100), ``goalpost_truncate`` (true)
``scaled_lower``       and ``scaled_upper``, ``scaled_factor`` (100)
``minmax_lower``       and ``minmax_upper``: the range of this indicator after min-max
``zscore_mean``        and ``zscore_sd``: the mean and deviation of this indicator after z-score
``reference``          the value that the adjusted Mazziotta-Pareto normalisation sets to 100
``normalise``          a method for this indicator, instead of the one asked for
``treat``              a treatment for this indicator (``none`` to leave it), and ``winmax``
``transform``          operations on the values of an indicator before treatment; see `operations`
``steps``              operations on the scores of a code before they go up, or of a derived column
``aggregate``          a method for this aggregate, instead of the one asked for, and ``min_coverage``
``constant``           what to do with this indicator when all its values are equal; see `normalise`
``missing``            codes that mean a missing value, such as ``-999; -888``; a reader of files leaves them out
``bands``              names of the bands of a derived column, from the lowest
=====================  ==========================================================================================
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from resilience_analysis.composite.arrays import SHOWN, is_panel, listed, name_of
from resilience_analysis.composite.scales import FLAGS, SCALE_NUMBERS
from resilience_analysis.composite.structure import SCORED, cell_problems, derive_levels, structure_problems
from resilience_analysis.foundation.errors import Problem, raise_if_any, unknown

TYPES = ("indicator", "aggregate", "group", "denominator", "other", "derived")
REQUIRED = ("parent", "direction", "weight")
NUMBERS = ("level", "direction", "weight", "denominator_scale", *SCALE_NUMBERS, "winmax", "min_coverage")
_CHOICES = ("normalise", "treat", "transform", "steps", "aggregate", "constant", "missing", "bands")
TEXTS = ("parent", "type", "name", "unit", "denominator", *_CHOICES)
FILE_ROW = "row"
"""Name of the index of metadata whose rows are numbered as in their file."""


def check_metadata(metadata: pd.DataFrame, data: pd.DataFrame | None = None, *, name: str = "metadata") -> pd.DataFrame:
    """Refuse metadata, and data that do not fit them, with every problem in one message.

    Parameters
    ----------
    metadata
        One row per code, as the module describes; the code is the index or a column ``code``.
    data
        One row per unit (or unit and year), one column per indicator; checked against the metadata when given.
    name
        What the message calls the metadata, such as a file name.

    Returns
    -------
    pandas.DataFrame
        A tidy copy: index ``code``, every text column filled with empty text where there is none, numbers as
        floats, ``level`` and ``type`` derived where they were absent.

    Raises
    ------
    InputError
        Naming each code and what to do about it.

    Examples
    --------
    >>> tree = {"parent": ["index", "index", ""], "direction": [1, -1, 1], "weight": [2, 1, 1]}
    >>> found = composite.check_metadata(pd.DataFrame(tree, index=["trust", "crime", "index"]))
    >>> found[["level", "type"]].to_numpy().tolist()
    [[1.0, 'indicator'], [1.0, 'indicator'], [2.0, 'aggregate']]
    """
    tidy, problems = find_problems(metadata, data)
    raise_if_any(name, problems)
    return tidy


def find_problems(metadata: pd.DataFrame, data: pd.DataFrame | None = None) -> tuple[pd.DataFrame, list[Problem]]:
    """Return tidy metadata, and all problems of them and the data, as `check_metadata` refuses them."""
    try:
        tidy, found = _looked_over(pickle.dumps(metadata))
    except (pickle.PicklingError, AttributeError, TypeError):  # a cell that no file could hold
        tidy, found = _look_over(metadata)
    problems = list(found)
    if data is not None and _is_whole(tidy):
        problems += data_problems(data, tidy)
    return tidy.copy(), first_per_place(problems)


@lru_cache(maxsize=4)
def _looked_over(metadata: bytes) -> tuple[pd.DataFrame, list[Problem]]:
    """Return what `_look_over` does: every step of an index asks for the same."""
    return _look_over(pickle.loads(metadata))  # noqa: S301 - what was a table a moment ago


def _look_over(metadata: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem]]:
    """Return tidy metadata, and all problems of them alone."""
    tidy, problems = _tidy(metadata)
    if _is_whole(tidy):
        problems += [*structure_problems(tidy[tidy["type"].isin(SCORED)]), *cell_problems(tidy)]
    return tidy, problems


def _is_whole(tidy: pd.DataFrame) -> bool:
    return "type" in tidy.columns and "level" in tidy.columns and tidy.index.is_unique


def indicator_codes(metadata: pd.DataFrame) -> list[str]:
    """Return the codes of the indicators of a tidy metadata table, in its order."""
    return [str(code) for code in metadata.index[metadata["type"] == "indicator"]]


def aggregate_codes(metadata: pd.DataFrame) -> list[str]:
    """Return the codes of the aggregates of a tidy metadata table: by level from the bottom, then in its order."""
    rows = metadata[metadata["type"] == "aggregate"]
    return [str(code) for code in rows.sort_values("level", kind="stable").index]


def _tidy(metadata: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem]]:
    table = metadata.set_index("code") if "code" in metadata.columns else metadata.copy()
    table.index = table.index.rename("code")
    from_file = metadata.index.name == FILE_ROW
    rows = metadata.index if from_file else pd.RangeIndex(1, len(metadata) + 1)
    absent = [column for column in REQUIRED if column not in table.columns]
    problems = _code_problems(table.index, rows) + [
        Problem(f"metadata, column {column}", "is missing", "Every code needs it") for column in absent
    ]
    if absent:
        return table.drop(columns="type", errors="ignore"), problems
    table = table[~_is_empty(table.index) & ~table.index.duplicated()]
    table.index = table.index.astype(str)
    for column in TEXTS:
        if column in table.columns:
            table[column] = _as_text(table[column])
    for column in (*NUMBERS, *FLAGS):
        if column in table.columns:
            table[column], wrong = _as_numbers(table[column], flag=column in FLAGS)
            problems += wrong
    table, wrong = _with_types(table)
    return table, problems + wrong


def _with_types(table: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem]]:
    if "type" not in table.columns:
        table["type"] = ""
    is_parent = table.index.isin(table.loc[table["type"].str.lower() != "derived", "parent"])
    if "level" in table.columns:
        is_parent |= (table["level"] > 1).to_numpy()
    table["type"] = table["type"].str.lower()
    table["type"] = table["type"].where(table["type"] != "", np.where(is_parent, "aggregate", "indicator"))
    problems = [
        Problem(f"code {code}", unknown("type", value, TYPES))
        for code, value in table["type"].items()
        if value not in TYPES
    ]
    if "level" not in table.columns:
        table["level"], loops = derive_levels(table[table["type"].isin(SCORED)])
        problems += loops
    return table, problems


def _as_text(column: pd.Series) -> pd.Series:
    return column.astype(object).where(column.notna(), "").map(lambda value: str(value).strip()).astype(str)


def _as_numbers(column: pd.Series, *, flag: bool) -> tuple[pd.Series, list[Problem]]:
    given = column.astype(object).where(column.notna(), None)
    if flag:
        given = given.map(lambda value: _FLAG_WORDS.get(str(value).strip().lower(), value))
    given = given.map(lambda value: None if isinstance(value, str) and not value.strip() else value)
    numbers = pd.to_numeric(given, errors="coerce").astype(float)
    expected = "true or false" if flag else "a number"
    wrong = given.notna() & ~np.isfinite(numbers)
    return numbers, [
        Problem(f"code {code}, column {column.name}", f"{value!r} is not {expected}")
        for code, value in given[wrong].items()
    ]


_FLAG_WORDS = {"true": 1.0, "yes": 1.0, "1": 1.0, "1.0": 1.0, "false": 0.0, "no": 0.0, "0": 0.0, "0.0": 0.0}


def _code_problems(codes: pd.Index, rows: pd.Index) -> list[Problem]:
    problems = []
    empty = _is_empty(codes)
    for row in rows[empty]:
        problems.append(Problem(f"metadata, row {row}", "the code is empty", "Give every row a code"))
    for code in codes[codes.duplicated() & ~empty].unique():
        where = ", ".join(map(str, rows[codes == code]))
        problems.append(Problem(f"code {code}", f"appears in rows {where}", "Give every row its own code"))
    return problems


def _is_empty(codes: pd.Index) -> npt.NDArray[np.bool_]:
    empty: npt.NDArray[np.bool_] = codes.isna() | (codes.astype(str).str.strip() == "")
    return empty


_NONE = float("nan")


class ExampleIndex(NamedTuple):
    """The result of `example_index`: one row per unit, one value missing; metadata with two dimensions and an index."""

    data: pd.DataFrame
    metadata: pd.DataFrame


def example_index() -> ExampleIndex:
    """Return the data and metadata of a made-up index of five units.

    Examples
    --------
    >>> data, metadata = example_index()
    >>> data.loc["AA"].to_dict()
    {'trust': 3.0, 'crime': 10.0, 'green': 40.0, 'jobs': 5.0}
    >>> metadata["parent"].to_dict()["crime"], metadata["direction"].to_dict()["crime"]
    ('people', -1.0)
    """
    values = {
        "trust": [3.0, 2.0, 4.0, 1.0, 3.0],
        "crime": [10.0, 30.0, 20.0, 50.0, 40.0],
        "green": [40.0, 10.0, 20.0, 30.0, 50.0],
        "jobs": [5.0, 1.0, 3.0, _NONE, 9.0],
    }
    tree = {
        "parent": ["people", "people", "place", "place", "index", "index", ""],
        "direction": [1, -1, 1, 1, 1, 1, 1],
        "weight": [2, 1, 1, 1, 2, 1, 1],
    }
    data = pd.DataFrame(values, index=pd.Index(["AA", "BB", "CC", "DD", "EE"], name="unit"))
    codes = pd.Index([*values, "people", "place", "index"], name="code")
    return ExampleIndex(data, check_metadata(pd.DataFrame(tree, index=codes), data))


ARTICLES = {"aggregate": "an aggregate", "derived": "a derived column"}


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
            what = "is an indicator without a column in the data"
            problems.append(Problem(f"code {code}", what, "Add it or take it out"))
    for column in columns.unique():
        if kinds.get(column) in ("aggregate", "derived"):
            what = f"is {ARTICLES[kinds[column]]}, which is calculated"
            problems.append(Problem(f"column {column}", what, "Leave it out of the data"))
        elif column not in kinds:
            remedy = "Add it to the metadata or leave it out"
            problems.append(Problem(f"column {column}", "is not in the metadata", remedy))
    return problems
