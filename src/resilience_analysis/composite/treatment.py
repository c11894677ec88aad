"""Transform indicators and their references as the metadata say; and treat outliers, with tables of what was done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from resilience_analysis.composite.arrays import (
    Array,
    Rows,
    check_known,
    name_of,
    rows_by_year,
    spoken,
    values_of,
    year_rows,
)
from resilience_analysis.composite.formulas import (
    METHODS,
    TRANSFORMS,
    TREATMENTS,
    Rule,
    TreatedColumn,
    raw_references,
    treat_values,
)
from resilience_analysis.composite.metadata import checked
from resilience_analysis.composite.operations import Step, apply_steps, read_steps, step_problems
from resilience_analysis.composite.structure import RISING_PAIRS, column_of, indicator_codes
from resilience_analysis.foundation.errors import Problem, UsageError, raise_if_any

REFERENCES = [column for method in METHODS for column in raw_references(method)]
"""Columns of the metadata that hold values on the scale of the data."""
ALL_ROWS: list[Rows] = [np.zeros(1, dtype=np.intp)]
STAGES = ("raw", "winsorised", "transformed")
Treatment: TypeAlias = str | Callable[[Array], Any]
"""A name of `formulas.TREATMENTS`, or a function from the values of one indicator, none missing, to as many."""


class Transformed(NamedTuple):
    """The result of `transform`.

    Attributes
    ----------
    data
        The same rows and columns, transformed.
    metadata
        Those that go with it: goalposts, targets and other references on the new scale, directions turned where an
        operation turns the order, and nothing left to transform.
    """

    data: pd.DataFrame
    metadata: pd.DataFrame


def transform(data: pd.DataFrame, *, metadata: pd.DataFrame) -> Transformed:
    """Transform the indicators that have operations in the column ``transform`` of the metadata.

    Parameters
    ----------
    data
        One row per unit (or unit and year), one column per indicator.
    metadata
        One row per code; see `check_metadata`. Directions are those of the data before the transformation.
        Operations that look at all units (`operations`) see values after their direction, so that the best unit has
        the highest rank.

    Returns
    -------
    Transformed
        The transformed data, and the metadata that go with them.

    Raises
    ------
    InputError
        When the data or metadata are wrong, or hold values that an operation cannot take, naming code and units.

    Examples
    --------
    >>> income = pd.DataFrame({"income": [100.0, 1000.0, 10000.0]}, index=["AA", "BB", "CC"])
    >>> tree = pd.DataFrame(
    ...     {"parent": "", "direction": 1, "weight": 1, "goalpost_lower": 100, "goalpost_upper": 10000,
    ...      "transform": "log:10"}, index=["income"],
    ... )
    >>> done = transform(income, metadata=tree)
    >>> done.data["income"].round(6).tolist(), float(done.metadata.at["income", "goalpost_upper"])
    ([2.0, 3.0, 4.0], 4.0)
    """
    tidy = checked(metadata, data)
    values = values_of(data, indicator_codes(tidy))
    remedy = "Correct the values, leave them empty, or transform in another way"
    problems = []
    for place, code in enumerate(indicator_codes(tidy)):
        steps, turn = _directed(tidy, code)
        about = {"code": code, "kind": "transformation", "remedy": remedy}
        problems += step_problems(turn * values[:, place], steps, data.index, **about)
    raise_if_any("data", problems)
    made = transform_array(values, tidy, rows_by_year(data.index))
    return Transformed(data.assign(**dict(zip(indicator_codes(tidy), made.T, strict=True))), transformed_metadata(tidy))


def has_transforms(tidy: pd.DataFrame) -> bool:
    """Return whether tidy metadata ask for a transformation of any indicator."""
    return "transform" in tidy.columns and bool((tidy["transform"] != "").any())


def transform_array(values: Array, tidy: pd.DataFrame, years: Sequence[Rows]) -> Array:
    """Transform an array of units x indicators; what an operation cannot take becomes NaN."""
    result = values.copy(order="F")
    for place, code in enumerate(indicator_codes(tidy)):
        steps, turn = _directed(tidy, code)
        if steps:
            result[:, place] = apply_steps(turn * values[:, place], steps, years)
    return result


def transformed_metadata(tidy: pd.DataFrame) -> pd.DataFrame:
    """Return tidy metadata that go with transformed data.

    Refused: a reference that cannot be transformed, with operations that look at all units, or outside their range.
    """
    table: pd.DataFrame = tidy.copy()
    problems: list[Problem] = []
    if not has_transforms(tidy):
        return table
    for code in indicator_codes(tidy):
        steps, turn = _directed(tidy, code)
        if not steps:
            continue
        # values that were turned before have the direction 1 now
        own = _number(tidy, code, "direction") * turn
        falls = sum(step.operation.falls(step.parameters) for step in steps) % 2
        table.loc[code, "direction"] = -own if falls else own
        for name in tidy.columns.intersection(REFERENCES):
            if not np.isnan(_number(tidy, code, name)):
                value, problem = _reference(_number(tidy, code, name), steps, f"code {code}, column {name}")
                table.loc[code, name] = value
                problems += problem
        for lower, upper in RISING_PAIRS:  # an operation may have turned them
            if lower in table.columns:
                ends = _number(table, code, lower), _number(table, code, upper)
                table.loc[code, lower], table.loc[code, upper] = ends[::-1] if ends[0] > ends[1] else ends
    raise_if_any("metadata", problems)
    return table.assign(transform="")


def _number(tidy: pd.DataFrame, code: str, column: str) -> float:
    return float(tidy[column].to_dict()[code])


def _directed(tidy: pd.DataFrame, code: str) -> tuple[tuple[Step, ...], float]:
    """Return the operations of an indicator, and what its values are multiplied with before them.

    That is its direction when any operation looks at all units.
    """
    steps = read_steps(str(column_of(tidy, "transform", "")[code]))
    return steps, _number(tidy, code, "direction") if any(step.operation.together for step in steps) else 1.0


def _reference(value: float, steps: Sequence[Step], where: str) -> tuple[float, list[Problem]]:
    together = [step.name for step in steps if step.operation.together]
    if together:
        what = f"is on the scale of the data, and {together[0]} leaves no such scale"
        return value, [Problem(where, what, "Take it out, or transform without ranks of all units")]
    moved = float(apply_steps(np.array([value]), steps, ALL_ROWS)[0])
    if np.isnan(moved):
        return value, [Problem(where, f"{value:g} cannot be transformed as the data are", "Correct it")]
    return moved, []


class Treated(NamedTuple):
    """The result of `treat`.

    Attributes
    ----------
    data
        The same rows and columns, treated.
    details
        One row per indicator (and year of a panel): ``method``; ``skewness``, ``kurtosis`` and ``passes`` at the
        stages ``_raw``, ``_winsorised`` and ``_transformed`` that were reached; ``winsorised``, how many values
        were tried; ``transform`` of all values; the units left winsorised, ``high_units`` with ``high_value`` and
        ``low_units`` with ``low_value``; ``note``.
    values
        One row per winsorised value: ``unit``, ``year`` in a panel, ``code``, ``raw``, ``treated``, ``action``.
    """

    data: pd.DataFrame
    details: pd.DataFrame
    values: pd.DataFrame


def treat(
    data: pd.DataFrame,
    *,
    metadata: pd.DataFrame,
    method: Treatment = "winsorise",
    fallback: Treatment = "log",
    winmax: int | None = 5,
    max_skewness: float = 2.0,
    max_kurtosis: float = 3.5,
    power: float = 0.0,
) -> Treated:
    """Treat the indicators whose skew and kurtosis say that they have outliers.

    Parameters
    ----------
    data
        One row per unit (or unit and year: each year is then treated on its own), one column per indicator.
    metadata
        One row per code; see `check_metadata`. A column ``treat`` gives an indicator its own method (``none`` to
        leave it), a column ``winmax`` its own limit; a limit without a method means winsorising.
    method
        ``winsorise``, a transformation (``log``, ``log-by-skew``, ``box-cox``, ``log-gii``) of what does not pass, a
        function from the values of one indicator to as many for what does not pass, or ``none``.
    fallback
        The transformation of what does not pass after winsorising, a function, or ``none`` to leave it winsorised.
    winmax
        The most values to winsorise per indicator; None for no limit.
    max_skewness, max_kurtosis
        An indicator passes below either.
    power
        Of Box-Cox.

    Returns
    -------
    Treated
        The treated data, what was done to each indicator, and every winsorised value.

    Raises
    ------
    InputError
        When the data or metadata are wrong.
    UsageError
        When a name is unknown or a limit negative.

    References
    ----------
    Joanes and Gill (1998), Comparing measures of sample skewness and kurtosis, *The Statistician* 47.

    Examples
    --------
    >>> table = pd.DataFrame({"area": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 900.0]}, index=list("ABCDEFG"))
    >>> tree = pd.DataFrame({"parent": "", "direction": 1, "weight": 1}, index=["area"])
    >>> treat(table, metadata=tree).data["area"].tolist()
    [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 6.0]
    """
    tidy = checked(metadata, data)
    limits = {"max_skewness": max_skewness, "max_kurtosis": max_kurtosis, "power": power}
    rules = make_rules(tidy, method, fallback=fallback, winmax=winmax, **limits)
    codes = indicator_codes(tidy)
    raw = values_of(data, codes)
    treated = raw.copy(order="F")
    details, changes = [], []
    for year, rows in year_rows(data.index).items():
        for column, code in enumerate(codes):
            outcome, present = _treat_column(raw, treated, rows, column, rules[code][1])
            where = {"code": code} if year is None else {"year": year, "code": code}
            details.append({**where, "method": rules[code][0], **_detail(outcome, data.index[present])})
            changes += list(_changes(outcome, raw[present, column], data.index[present], code))
    table = data.assign(**dict(zip(codes, treated.T, strict=True)))
    names = [*["unit", "year"][: data.index.nlevels], "code", "raw", "treated", "action"]
    return Treated(table, pd.DataFrame(details), pd.DataFrame(changes, columns=pd.Index(names)))


def make_rules(tidy: pd.DataFrame, method: Treatment = "winsorise", **given: Any) -> dict[str, tuple[str, Rule]]:
    """Turn the keywords of `treat` into the method and rule of each indicator of tidy metadata."""
    base = Rule(**given)
    check_known("treatment", method, TREATMENTS)
    check_known("transformation", base.fallback, (*TRANSFORMS, "none"))
    if base.winmax is not None and base.winmax < 0:
        raise UsageError(f"the limit of winsorised values {base.winmax} is below 0. Give 0 or more, or None for none")
    own, limits = column_of(tidy, "treat", ""), column_of(tidy, "winmax")
    rules = {}
    for code in indicator_codes(tidy):
        limit = float(limits[code])
        name: Treatment = str(own[code]) or ("winsorise" if method == "none" and limit > 0 else method)
        if name == "winsorise":
            rule = base if np.isnan(limit) else replace(base, winmax=int(limit))
        else:
            rule = replace(base, winmax=0, fallback=name)
        rules[code] = spoken(name), rule
    return rules


def treat_array(raw: Array, rules: Sequence[Rule], years: Sequence[Rows]) -> tuple[Array, list[int]]:
    """Treat an array of units x indicators, each year on its own; and return the columns that are on another scale."""
    treated, moved = raw.copy(order="F"), set()
    for rows in years:
        for column, rule in enumerate(rules):
            outcome, _ = _treat_column(raw, treated, rows, column, rule)
            if outcome.transform:
                moved.add(column)
    return treated, sorted(moved)


def scale_problems(details: pd.DataFrame, tidy: pd.DataFrame, methods: Mapping[str, object]) -> list[Problem]:
    """Refuse indicators whose treatment is, or became, a transformation while they are measured against raw values.

    From the `details` of `treat` (``code``, ``method``, ``transform``), metadata on the scale of the data, and how each
    indicator is normalised.
    """
    moved = (details["transform"] != "") | ~details["method"].isin(("winsorise", "none"))
    problems = []
    for code in details.loc[moved, "code"].unique():
        name = methods[code]
        column = next(iter(raw_references(name)), "")
        if not np.isnan(column_of(tidy, column)[code]):
            what = f"its treatment is a transformation, and {name} measures it against {column} of the raw scale"
            remedy = "Write 'transform: log' for a logarithm of values and references, or winsorise without a fallback"
            problems.append(Problem(f"code {code}", what, remedy))
    return problems


def _treat_column(raw: Array, treated: Array, rows: Rows, column: int, rule: Rule) -> tuple[TreatedColumn, Rows]:
    """Treat the values of one indicator in some rows, write them, and give the rows that have one."""
    present = rows[~np.isnan(raw[rows, column])]
    outcome = treat_values(raw[present, column], rule)
    treated[present, column] = outcome.values
    return outcome, present


def _detail(outcome: TreatedColumn, units: pd.Index) -> dict[str, object]:
    row: dict[str, object] = {}
    for stage in STAGES:
        check = outcome.checks.get(stage)
        row[f"skewness_{stage}"] = np.nan if check is None else check.skewness
        row[f"kurtosis_{stage}"] = np.nan if check is None else check.kurtosis
        row[f"passes_{stage}"] = None if check is None else check.passes
    row["winsorised"] = outcome.winsorised
    row["transform"] = outcome.transform
    for side, marked in (("high", outcome.high), ("low", outcome.low)):
        row[f"{side}_units"] = ";".join(name_of(unit) for unit in units[marked])
        row[f"{side}_value"] = outcome.values[marked][0] if marked.any() else np.nan
    row["note"] = "" if outcome.checks["raw"].passes is not None else "too few values, or no spread, to check"
    return row


def _changes(outcome: TreatedColumn, raw: Array, units: pd.Index, code: str) -> Iterator[tuple[object, ...]]:
    for marked, action in ((outcome.high, "winsorised high"), (outcome.low, "winsorised low")):
        for unit, before, after in zip(units[marked], raw[marked], outcome.values[marked], strict=True):
            where = unit if isinstance(unit, tuple) else (unit,)
            yield (*where, code, before, after, action)
