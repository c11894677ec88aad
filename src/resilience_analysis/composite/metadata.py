"""The metadata of a composite indicator: one row per code, which says all that the verbs need to know.

A metadata table is a plain DataFrame, indexed by code; `docs/composite.md` ("Data and metadata") says what each of its
columns means. ``parent``, ``direction`` and ``weight`` are required, ``level`` and ``type`` are worked out where they
are absent, and the others (`NUMBERS`, `FLAGS`, `TEXTS`) may be there.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from resilience_analysis.composite.arrays import Mask, check_known
from resilience_analysis.composite.formulas import FLAGS, METHODS, SCALE_NUMBERS, TREATMENTS
from resilience_analysis.composite.means import read_mean
from resilience_analysis.composite.operations import read_steps
from resilience_analysis.composite.structure import SCORED, column_of, data_problems, derive_levels
from resilience_analysis.foundation.errors import Problem, UsageError, raise_if_any, unknown

TYPES = (*SCORED, "group", "denominator", "other", "derived")
REQUIRED = ("parent", "direction", "weight")
NUMBERS = ("level", "direction", "weight", "denominator_scale", *SCALE_NUMBERS, "winmax", "min_coverage")
_CHOICES = ("normalise", "treat", "transform", "steps", "aggregate", "constant", "missing", "bands")
TEXTS = ("parent", "type", "name", "unit", "denominator", *_CHOICES)
RISING_PAIRS = (("goalpost_lower", "goalpost_upper"), ("scaled_lower", "scaled_upper"))
CONSTANTS = ("refuse", "missing")
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
    problems = [*found, *(data_problems(data, tidy) if data is not None and _is_whole(tidy) else ())]
    return tidy.copy(), first_per_place(problems)


@lru_cache(maxsize=4)
def _looked_over(metadata: bytes) -> tuple[pd.DataFrame, list[Problem]]:
    """Return what `_look_over` does: every step of an index asks for the same."""
    return _look_over(pickle.loads(metadata))  # noqa: S301 - what was a table a moment ago


def _look_over(metadata: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem]]:
    """Return tidy metadata, and all problems of them alone."""
    tidy, problems = _tidy(metadata)
    if _is_whole(tidy):
        scored = tidy[tidy["type"].isin(SCORED)]
        rules = (_level_problems, _parent_problems, _direction_problems, _weight_problems, _pair_problems)
        problems += [problem for find in rules for problem in find(scored)]
        problems += [*_limit_problems(tidy), *_own_problems(tidy)]
    return tidy, problems


def _is_whole(tidy: pd.DataFrame) -> bool:
    return "type" in tidy.columns and "level" in tidy.columns and tidy.index.is_unique


def refusal(where: str, check: Callable[[], object]) -> list[Problem]:
    """Return what a check refuses, as a problem of a place."""
    try:
        check()
    except UsageError as error:
        return [Problem(where, str(error))]
    return []


def first_per_place(problems: Iterable[Problem]) -> list[Problem]:
    """Keep the first problem of every place, so that a wrong cell is not also reported as a missing one."""
    kept: dict[str, Problem] = {}
    for problem in problems:
        kept.setdefault(problem.where, problem)
    return list(kept.values())


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
    for column in table.columns.intersection([*TEXTS, *NUMBERS, *FLAGS]):
        if column in TEXTS:
            filled = table[column].astype(object).where(table[column].notna(), "")
            table[column] = filled.map(lambda value: str(value).strip()).astype(str)
        else:
            table[column], wrong = _as_numbers(table[column], flag=column in FLAGS)
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
    numbers = pd.to_numeric(given, errors="coerce").astype(float)
    wrong = given[given.notna() & ~np.isfinite(numbers)]
    return numbers, _told(f"column {column.name}", wrong, f"{{!r}} is not {'true or false' if flag else 'a number'}")


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


def _told(place: str, wrong: pd.Series, what: str, remedy: str = "") -> list[Problem]:
    """Return a problem for each code of a series of wrong values, said with its value."""
    return [Problem(f"code {code}, {place}", what.format(value), remedy) for code, value in wrong.items()]


def _level_problems(scored: pd.DataFrame) -> list[Problem]:
    level, kind, place = scored["level"], scored["type"], "column level"
    used = {int(number) for number in level if number >= 1}
    return [
        *_told(place, level[level.isna()], "is missing", "Indicators have level 1, their parents 2, and so on"),
        *_told(place, level[(level < 1) | (level % 1 != 0)], "is {:g}", "A level is a whole number from 1"),
        *_told(place, level[(kind == "indicator") & (level != 1)], "is {:g}", "An indicator has level 1"),
        *_told(
            place,
            level[(kind == "aggregate") & (level == 1)],
            "is 1, but the code is an aggregate",
            "Give it 2 or more",
        ),
        *(
            Problem(f"metadata, level {number}", "no code has it", "Number the levels without a gap")
            for number in sorted(set(range(1, max(used, default=0))) - used)
        ),
    ]


def _parent_problems(scored: pd.DataFrame) -> list[Problem]:
    parent, kind, level, place = scored["parent"], scored["type"], scored["level"], "column parent"
    above, is_aggregate = parent.map(level), kind == "aggregate"
    alone = parent[(parent == "") & (kind == "indicator") & bool(is_aggregate.any())]
    strange = parent[(parent != "") & ~parent.isin(scored.index)]
    childless = parent[is_aggregate & ~scored.index.isin(parent)]
    return [
        *_told(place, alone, "is missing", "Name the aggregate it belongs to"),
        *_told(place, strange, "{!r} is not a code of an aggregate", "Add it or correct it"),
        *_told(place, parent[parent.map(kind) == "indicator"], "{!r} is an indicator", "A parent is an aggregate"),
        *(
            Problem(
                f"code {code}, column parent",
                f"{parent[code]} has level {above[code]:g}, {code} has level {level[code]:g}",
                "A parent is at least one level above its child",
            )
            for code in scored.index[above <= level]
        ),
        *(
            Problem(f"code {code}", "is an aggregate without children", "Give it indicators or leave it out")
            for code in childless.index
        ),
    ]


def _direction_problems(scored: pd.DataFrame) -> list[Problem]:
    given, is_indicator = scored["direction"], scored["type"] == "indicator"
    place, remedy = "column direction", "Say 1 when more is better, else -1"
    turned = given[~is_indicator & given.notna() & (given != 1)]
    return [
        *_told(place, given[is_indicator & given.isna()], "is missing, not 1 or -1", remedy),
        *_told(place, given[is_indicator & ~given.isin((1, -1))], "is {:g}, not 1 or -1", remedy),
        *_told(place, turned, "is {:g}, but an aggregate has no direction", "Give it 1 and turn its indicators"),
    ]


def _weight_problems(scored: pd.DataFrame) -> list[Problem]:
    given, parent, place = scored["weight"], scored["parent"], "column weight"
    sums = scored[parent != ""].groupby("parent", sort=False)["weight"].sum(min_count=1)
    sign = "A weight is 0 or more; a direction of -1 turns an indicator"
    return [
        *_told(place, given[given.isna() & (parent != "")], "is missing", "Give a number of 0 or more"),
        *_told(place, given[given < 0], "is {:g}", sign),
        *(
            Problem(f"code {code}", "all its children have weight 0", "Give at least one of them a weight above 0")
            for code in sums.index[sums == 0]
        ),
    ]


def _pair_problems(scored: pd.DataFrame) -> list[Problem]:
    problems: list[Problem] = []
    for lower, upper in RISING_PAIRS:
        there = [name in scored.columns for name in (lower, upper)]
        place = f"columns {lower} and {upper}"
        if any(there) and not all(there):
            problems.append(Problem(f"metadata, {place}", "only one of them is there", "Give both"))
        low, high = column_of(scored, lower), column_of(scored, upper)
        if all(there):
            ends = pd.Series(zip(low, high, strict=True), index=scored.index, dtype=object)
            falling = ends[low > high].map(lambda pair: f"{pair[0]:g} is above {pair[1]:g}")
            problems += _told(place, low[low.isna() != high.isna()], "only one of them is given", "Give both or none")
            problems += _told(place, low[low == high], "both are {:g}", "They must differ")
            problems += _told(place, falling, "{}", "Give the lower first; direction turns the indicator")
    return problems


def _limit_problems(tidy: pd.DataFrame) -> list[Problem]:
    scored = tidy[tidy["type"].isin(SCORED)]
    limit, least = column_of(scored, "winmax"), column_of(tidy, "min_coverage")
    parent = tidy.loc[tidy["type"] == "derived", "parent"]
    strange = parent[~parent.isin(scored.index)]
    outside = least[(least < 0) | (least > 1)]
    return [
        *_told("column winmax", limit[(limit < 0) | (limit % 1 > 0)], "is {:g}", "Give a whole number of 0 or more"),
        *_told("column parent", strange, "{!r} is not a code that is scored", "Name the one it is made of"),
        *_told("column min_coverage", outside, "is {:g}, not between 0 and 1", "Give a share"),
    ]


def _own_problems(tidy: pd.DataFrame) -> list[Problem]:
    """Find what single codes ask for that is unknown, or that their type does not have."""
    problems = []
    for column, (kinds, read) in OWN.items():
        given = column_of(tidy, column, "")
        able = tidy["type"].isin(kinds)
        if column not in METHODS_OF:
            kind = tidy["type"][~able & (given != "")]
            problems += _told(
                f"column {column}", kind, f"is for {' and '.join(kinds)} codes, not for {{}}", "Take it out"
            )
        for code, text in given[able & (given != "")].items():
            problems += refusal(f"code {code}, column {column}", partial(read, text))
    return problems


def read_constant(text: str) -> float | str:
    """Read what to do with an indicator that has one value in every unit: ``refuse``, ``missing`` or a score."""
    if text in CONSTANTS:
        return text
    try:
        return float(text)
    except ValueError:
        raise UsageError(unknown("way with a constant indicator", text, (*CONSTANTS, "a number"))) from None


METHODS_OF = {"normalise": ("normalisation method", tuple(METHODS)), "treat": ("treatment", TREATMENTS)}
OWN: dict[str, tuple[tuple[str, ...], Callable[[str], object]]] = {
    **{name: (SCORED, partial(check_known, kind, known=known)) for name, (kind, known) in METHODS_OF.items()},
    "transform": (("indicator",), read_steps),
    "steps": ((*SCORED, "derived"), read_steps),
    "aggregate": (("aggregate",), read_mean),
    "constant": (("indicator",), read_constant),
}
"""What a code may ask for itself, by column: the types that have it, and how it is read."""


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
