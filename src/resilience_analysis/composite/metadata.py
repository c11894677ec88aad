"""The metadata of a composite indicator: one row per code, which says all that the verbs need to know.

A metadata table is a plain DataFrame, indexed by code; `docs/composite.md` ("Data and metadata") says what each of its
columns means. ``parent``, ``direction`` and ``weight`` are required, ``level`` and ``type`` are worked out where they
are absent, and the others of `structure.COLUMNS` may be there.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from resilience_analysis.composite.arrays import Mask, listed
from resilience_analysis.composite.structure import (
    COLUMNS,
    RISING_PAIRS,
    SCORED,
    column_of,
    data_problems,
    derive_levels,
)
from resilience_analysis.foundation.errors import Problem, UsageError, first_per_place, raise_if_any, refusals, unknown

TYPES = (*SCORED, "group", "denominator", "other", "derived")
REQUIRED = ("parent", "direction", "weight")
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


class Checked(pd.DataFrame):
    """Tidy metadata that one verb hands to the next, which need not check them; any change makes a plain table."""

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return pd.DataFrame


def checked(metadata: pd.DataFrame, data: pd.DataFrame | None = None) -> Checked:
    """Return tidy metadata, checked unless they are already, with the data: the door of every verb."""
    if not isinstance(metadata, Checked):
        return Checked(check_metadata(metadata, data))
    raise_if_any("metadata", data_problems(data, metadata) if data is not None else [])
    return metadata


def with_weights(tidy: pd.DataFrame, weights: pd.Series | Mapping[str, float] | None) -> Checked:
    """Put other weights into tidy metadata, checked like its own."""
    if weights is None:
        return Checked(tidy)
    given = pd.Series(weights, dtype=float)
    unknown_codes = [code for code in given.index if code not in tidy.index]
    if unknown_codes:
        raise UsageError(f"weights for codes that are not in the metadata: {listed(unknown_codes)}")
    table = tidy.assign(weight=given.reindex(tidy.index).fillna(tidy["weight"]))
    table["weight"], problems = _as_numbers(table["weight"], flag=False)
    problems += _told(_weight_faults(table[table["type"].isin(SCORED)]))
    raise_if_any("weights", first_per_place(problems))
    return Checked(table)


def find_problems(metadata: pd.DataFrame, data: pd.DataFrame | None = None) -> tuple[pd.DataFrame, list[Problem]]:
    """Return tidy metadata, and all problems of them and the data, as `check_metadata` refuses them."""
    try:
        tidy, found = _looked_over(pickle.dumps(metadata))
    except (pickle.PicklingError, AttributeError, TypeError):  # a cell that no file could hold
        tidy, found = _look_over(metadata)
    of_data = data_problems(data, tidy) if data is not None and _is_whole(tidy) else ()
    return tidy.copy(), first_per_place([*found, *of_data])


@lru_cache(maxsize=4)
def _looked_over(metadata: bytes) -> tuple[pd.DataFrame, list[Problem]]:
    """Return what `_look_over` does: every step of an index asks for the same."""
    return _look_over(pickle.loads(metadata))  # noqa: S301 - what was a table a moment ago


def _look_over(metadata: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem]]:
    """Return tidy metadata, and all problems of them alone."""
    tidy, problems = _tidy(metadata)
    if _is_whole(tidy):
        scored = tidy[tidy["type"].isin(SCORED)]
        problems += [*_told(_tree_faults(scored)), *_level_gaps(scored), *_told(_cell_faults(scored))]
        problems += [
            Problem(f"metadata, columns {lower} and {upper}", "only one of them is there", "Give both")
            for lower, upper in RISING_PAIRS
            if (lower in tidy.columns) != (upper in tidy.columns)
        ]
        problems += [*_own_problems(tidy), *_told(_other_faults(tidy))]
    return tidy, problems


def _is_whole(tidy: pd.DataFrame) -> bool:
    return "type" in tidy.columns and "level" in tidy.columns and tidy.index.is_unique


def _tidy(metadata: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem]]:
    table = metadata.set_index("code") if "code" in metadata.columns else metadata.copy()
    table.index = table.index.rename("code")
    rows = metadata.index if metadata.index.name == FILE_ROW else pd.RangeIndex(1, len(metadata) + 1)
    empty = np.asarray(table.index.isna() | (table.index.astype(str).str.strip() == ""))
    absent = [column for column in REQUIRED if column not in table.columns]
    problems = _code_problems(table.index, empty, rows) + [
        Problem(f"metadata, column {column}", "is missing", "Every code needs it") for column in absent
    ]
    if absent:
        return table.drop(columns="type", errors="ignore"), problems
    table = table[~empty & ~table.index.duplicated()]
    table.index = table.index.astype(str)
    for column in table.columns.intersection([*COLUMNS]):
        if COLUMNS[column].holds == "text":
            filled = table[column].astype(object).where(table[column].notna(), "")
            table[column] = filled.map(lambda value: str(value).strip()).astype(str)
        else:
            table[column], wrong = _as_numbers(table[column], flag=COLUMNS[column].holds == "flag")
            problems += wrong
    table, wrong = _with_types(table)
    return table, problems + wrong


def _code_problems(codes: pd.Index, empty: Mask, rows: pd.Index) -> list[Problem]:
    return [Problem(f"metadata, row {row}", "the code is empty", "Give every row a code") for row in rows[empty]] + [
        Problem(
            f"code {code}", f"appears in rows {', '.join(map(str, rows[codes == code]))}", "Give every row its own code"
        )
        for code in codes[codes.duplicated() & ~empty].unique()
    ]


def _as_numbers(column: pd.Series, *, flag: bool) -> tuple[pd.Series, list[Problem]]:
    given = column.astype(object).where(column.notna(), None)
    if flag:
        given = given.map(lambda value: _FLAG_WORDS.get(str(value).strip().lower(), value))
    given = given.map(lambda value: None if isinstance(value, str) and not value.strip() else value)
    plain = given.map(lambda value: str(value) if isinstance(value, bool | np.bool_) else value)  # 1 is not yes
    numbers = pd.to_numeric(plain, errors="coerce").astype(float)
    wrong = given[given.notna() & ~np.isfinite(numbers)]
    expected = "true or false" if flag else "a number"
    return numbers, _told([(f"column {column.name}", wrong, f"{{!r}} is not {expected}", "")])


_FLAG_WORDS = {"true": 1.0, "yes": 1.0, "1": 1.0, "1.0": 1.0, "false": 0.0, "no": 0.0, "0": 0.0, "0.0": 0.0}


def _with_types(table: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem]]:
    table["type"] = column_of(table, "type", "").str.lower()
    is_parent = table.index.isin(table.loc[table["type"] != "derived", "parent"])
    if "level" in table.columns:
        is_parent |= (table["level"] > 1).to_numpy()
    table["type"] = table["type"].where(table["type"] != "", np.where(is_parent, "aggregate", "indicator"))
    strange = table["type"][~table["type"].isin(TYPES)]
    problems = [Problem(f"code {code}", unknown("type", value, TYPES)) for code, value in strange.items()]
    if "level" not in table.columns:
        table["level"], loops = derive_levels(table[table["type"].isin(SCORED)])
        problems += loops
    return table, problems


Found = tuple[str, pd.Series, str, str]
"""A place of a code, the values that are wrong there by code, what to say of one, and the remedy."""


def _told(found: Iterable[Found]) -> list[Problem]:
    return [
        Problem(f"code {code}{place and ', '}{place}", what.format(value), remedy)
        for place, wrong, what, remedy in found
        for code, value in wrong.items()
    ]


def _tree_faults(scored: pd.DataFrame) -> Iterator[Found]:
    """Find levels and parents that make no tree."""
    level, kind, parent = scored["level"], scored["type"], scored["parent"]
    above, is_aggregate = parent.map(level), kind == "aggregate"
    of_level, of_parent = "column level", "column parent"
    first = "Indicators have level 1, their parents 2, and so on"
    alone = parent[(parent == "") & ~is_aggregate & bool(is_aggregate.any())]
    yield of_level, level[level.isna()], "is missing", first
    yield of_level, level[(level < 1) | (level % 1 != 0)], "is {:g}", "A level is a whole number from 1"
    yield of_level, level[~is_aggregate & (level != 1)], "is {:g}", "An indicator has level 1"
    yield of_level, level[is_aggregate & (level == 1)], "is 1, but the code is an aggregate", "Give it 2 or more"
    yield of_parent, alone, "is missing", "Name the aggregate it belongs to"
    strange = parent[(parent != "") & ~parent.isin(scored.index)]
    yield of_parent, strange, "{!r} is not a code of an aggregate", "Add it or correct it"
    yield of_parent, parent[parent.map(kind) == "indicator"], "{!r} is an indicator", "A parent is an aggregate"
    low = scored.index[above <= level]
    levels = [f"{parent[code]} has level {above[code]:g}, {code} has level {level[code]:g}" for code in low]
    remedy = "A parent is at least one level above its child"
    yield of_parent, pd.Series(levels, low, dtype=object), "{}", remedy
    childless = parent[is_aggregate & ~scored.index.isin(parent)]
    yield "", childless, "is an aggregate without children", "Give it indicators or leave it out"


def _level_gaps(scored: pd.DataFrame) -> list[Problem]:
    used = {int(level) for level in scored["level"] if level >= 1}
    return [
        Problem(f"metadata, level {level}", "no code has it", "Number the levels without a gap")
        for level in sorted(set(range(1, max(used, default=0))) - used)
    ]


def _cell_faults(scored: pd.DataFrame) -> Iterator[Found]:
    """Find directions, weights and limits that say nothing."""
    given = scored["direction"]
    is_indicator, place = scored["type"] == "indicator", "column direction"
    turned = given[~is_indicator & given.notna() & (given != 1)]
    sign = "Say 1 when more is better, else -1"
    yield place, given[is_indicator & given.isna()], "is missing, not 1 or -1", sign
    yield place, given[is_indicator & ~given.isin((1, -1))], "is {:g}, not 1 or -1", sign
    yield place, turned, "is {:g}, but an aggregate has no direction", "Give it 1 and turn its indicators"
    yield from _weight_faults(scored)
    limit = column_of(scored, "winmax")
    yield "column winmax", limit[(limit < 0) | (limit % 1 > 0)], "is {:g}", "Give a whole number of 0 or more"
    for lower, upper in RISING_PAIRS:
        low, high, place = column_of(scored, lower), column_of(scored, upper), f"columns {lower} and {upper}"
        if lower in scored.columns and upper in scored.columns:
            falling = low.combine(high, lambda one, other: f"{one:g} is above {other:g}")[low > high]
            yield place, low[low.isna() != high.isna()], "only one of them is given", "Give both or none"
            yield place, low[low == high], "both are {:g}", "They must differ"
            yield place, falling, "{}", "Give the lower first; direction turns the indicator"


def _weight_faults(scored: pd.DataFrame) -> Iterator[Found]:
    weight, parent = scored["weight"], scored["parent"]
    yield "column weight", weight[weight.isna() & (parent != "")], "is missing", "Give a number of 0 or more"
    least = "A weight is 0 or more; a direction of -1 turns an indicator"
    yield "column weight", weight[weight < 0], "is {:g}", least
    sums = scored[parent != ""].groupby("parent", sort=False)["weight"].sum(min_count=1)
    yield "", sums[sums == 0], "all its children have weight 0", "Give at least one of them a weight above 0"


def _other_faults(tidy: pd.DataFrame) -> Iterator[Found]:
    """Find least coverages that are not shares, and derived columns that are made of nothing."""
    least, parent = column_of(tidy, "min_coverage"), tidy.loc[tidy["type"] == "derived", "parent"]
    strange = parent[~parent.isin(tidy.index[tidy["type"].isin(SCORED)])]
    yield "column parent", strange, "{!r} is not a code that is scored", "Name the one it is made of"
    yield "column min_coverage", least[(least < 0) | (least > 1)], "is {:g}, not between 0 and 1", "Give a share"


def _own_problems(tidy: pd.DataFrame) -> list[Problem]:
    """Find what single codes ask for that is unknown, or that their type does not have."""
    problems = []
    for column, about in COLUMNS.items():
        if about.read is None:
            continue
        given = column_of(tidy, column, "")
        able = tidy["type"].isin(about.types if about.refused else SCORED)
        if about.refused:
            kind, what = tidy["type"][~able & (given != "")], f"is for {' and '.join(about.types)} codes, not for {{}}"
            problems += _told([(f"column {column}", kind, what, "Take it out")])
        for code, text in given[able & (given != "")].items():
            problems += refusals(f"code {code}, column {column}", partial(about.read, text))
    return problems


class ExampleIndex(NamedTuple):
    """The result of `example_index`.

    Attributes
    ----------
    data
        One row per unit, one value missing.
    metadata
        Two dimensions and an index, as `check_metadata` gives them.
    """

    data: pd.DataFrame
    metadata: pd.DataFrame


def example_index() -> ExampleIndex:
    """Return the data and metadata of a made-up index of five units.

    Returns
    -------
    ExampleIndex
        Data of five units and four indicators, and metadata of seven codes.

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
        "jobs": [5.0, 1.0, 3.0, np.nan, 9.0],
    }
    tree = {
        "parent": ["people", "people", "place", "place", "index", "index", ""],
        "direction": [1, -1, 1, 1, 1, 1, 1],
        "weight": [2, 1, 1, 1, 2, 1, 1],
    }
    data = pd.DataFrame(values, index=pd.Index(["AA", "BB", "CC", "DD", "EE"], name="unit"))
    codes = pd.Index([*values, "people", "place", "index"], name="code")
    return ExampleIndex(data, check_metadata(pd.DataFrame(tree, index=codes), data))
