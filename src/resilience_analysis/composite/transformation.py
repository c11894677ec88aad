"""Divide indicators by a size, and transform them and their references, before treatment; each as its metadata say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from resilience_analysis.composite.arrays import Array, Rows, listed, values_of, year_rows
from resilience_analysis.composite.metadata import check_metadata, indicator_codes, value_problems
from resilience_analysis.composite.operations import Step, apply_steps, first_refusal, read_steps
from resilience_analysis.foundation.errors import Problem, UsageError, raise_if_any


def denominate(data: pd.DataFrame, *, metadata: pd.DataFrame, denominators: pd.DataFrame) -> pd.DataFrame:
    """Divide every indicator that names a denominator by it.

    Parameters
    ----------
    data
        One row per unit (or unit and year), one column per indicator.
    metadata
        One row per code; ``denominator`` names a column of `denominators`, and ``denominator_scale`` multiplies
        the result, such as 1000 for "per 1,000 inhabitants".
    denominators
        The sizes, one row for at least every row of the data (same index).

    Returns
    -------
    pandas.DataFrame
        The same rows and columns; an indicator without denominator is unchanged, a missing size gives a missing
        value.

    Raises
    ------
    InputError
        When a size is zero, negative or no number where there is a value to divide, or is not there at all.
    UsageError
        When no indicator names a denominator.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> wanted = metadata.assign(denominator=["", "people", "", "", "", "", ""], denominator_scale=1000)
    >>> people = pd.DataFrame({"people": [1000, 2000, 4000, 1000, 5000]}, index=data.index)
    >>> composite.denominate(data, metadata=wanted, denominators=people)["crime"].tolist()
    [10.0, 15.0, 5.0, 50.0, 8.0]
    """
    tidy = check_metadata(metadata, data)
    scales = divisors(data, tidy, denominators)
    divided = {code: data[code].to_numpy(dtype=float) / scale for code, scale in scales.items()}
    return data.assign(**divided)


def divisors(data: pd.DataFrame, tidy: pd.DataFrame, denominators: pd.DataFrame) -> dict[str, Array]:
    """Return what each denominated indicator is divided by, one number per row of the data; refused as by `denominate`.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> wanted = metadata.assign(denominator=["", "people", "", "", "", "", ""], denominator_scale=1000)
    >>> people = pd.DataFrame({"people": [1000, 2000, 4000, 1000, 5000]}, index=data.index)
    >>> composite.divisors(data, wanted, people)["crime"].tolist()
    [1.0, 2.0, 4.0, 1.0, 5.0]
    """
    chosen = tidy["denominator"] if "denominator" in tidy.columns else pd.Series("", index=tidy.index)
    chosen = chosen[(chosen != "") & (tidy["type"] == "indicator")]
    if chosen.empty:
        raise UsageError("no indicator names a denominator. Name them in the metadata, or do not denominate")
    raise_if_any("denominators", _table_problems(chosen, denominators, data.index))
    sizes = denominators.loc[data.index, chosen.unique()].astype(float)
    raise_if_any(
        "denominators",
        [problem for code, name in chosen.items() for problem in _size_problems(data[code], sizes[name])],
    )
    factors = tidy["denominator_scale"] if "denominator_scale" in tidy.columns else pd.Series(dtype=float)
    return {str(code): sizes[name].to_numpy() / _factor(factors.get(code)) for code, name in chosen.items()}


def _factor(given: float | None) -> float:
    return 1.0 if given is None or np.isnan(given) else float(given)


def _table_problems(chosen: pd.Series, denominators: pd.DataFrame, units: pd.Index) -> list[Problem]:
    problems = [
        Problem(f"code {code}, column denominator", f"{name!r} is not a column of the data", "Add it or correct it")
        for code, name in chosen.items()
        if name not in denominators.columns
    ]
    absent = units[~units.isin(denominators.index)]
    if len(absent):
        problems.append(Problem("denominators", f"have no row for {listed(absent)}", "Add the units"))
    for name in chosen.unique():
        if name in denominators.columns:
            problems += value_problems(denominators[name])
    return problems


def _size_problems(values: pd.Series, sizes: pd.Series) -> list[Problem]:
    wrong = (sizes <= 0) & values.notna()
    if not wrong.any():
        return []
    return [
        Problem(
            f"column {sizes.name}",
            f"is zero or negative for {listed(sizes.index[wrong])}, and divides {values.name}",
            "Correct the size, or leave it empty to make the result missing",
        )
    ]


REFERENCES = ("target", "goalpost_lower", "goalpost_upper", "scaled_lower", "scaled_upper", "reference")
"""Columns of the metadata that hold values on the scale of the data."""
PAIRS = (("goalpost_lower", "goalpost_upper"), ("scaled_lower", "scaled_upper"))
ALL_ROWS: list[Rows] = [np.zeros(1, dtype=np.intp)]


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
    tidy = check_metadata(metadata, data)
    codes = indicator_codes(tidy)
    values = values_of(data, codes)
    problems = [
        problem
        for place, code in enumerate(codes)
        for problem in _refused(values[:, place], code, _directed(tidy, code), data.index)
    ]
    raise_if_any("data", problems)
    years = [rows for _, rows in year_rows(data.index)]
    table = data.assign(**dict(zip(codes, transform_array(values, tidy, years).T, strict=True)))
    return Transformed(table, transformed_metadata(tidy))


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
    if not has_transforms(tidy):
        return tidy
    table, problems = tidy.copy(), []
    for code in indicator_codes(tidy):
        steps, _ = _directed(tidy, code)
        if not steps:
            continue
        table.loc[code, "direction"] = _new_direction(tidy, code, steps)
        given = [name for name in REFERENCES if name in tidy.columns and not np.isnan(number_at(tidy, code, name))]
        for name in given:
            value, problem = _reference(number_at(tidy, code, name), steps, f"code {code}, column {name}")
            table.loc[code, name] = value
            problems += problem
        _put_in_order(table, code)
    raise_if_any("metadata", problems)
    return table.assign(transform="")


def _directed(tidy: pd.DataFrame, code: str) -> tuple[tuple[Step, ...], float]:
    """Return the operations of an indicator, and what its values are multiplied with before them.

    That is its direction when any operation looks at all units.
    """
    if "transform" not in tidy.columns or not tidy.at[code, "transform"]:
        return (), 1.0
    steps = read_steps(str(tidy.at[code, "transform"]))
    return steps, 1.0 if all(step.is_alone for step in steps) else number_at(tidy, code, "direction")


def _new_direction(tidy: pd.DataFrame, code: str, steps: Sequence[Step]) -> float:
    turned = -1.0 if sum(step.falls for step in steps) % 2 else 1.0
    alone = all(step.is_alone for step in steps)
    return turned * (number_at(tidy, code, "direction") if alone else 1.0)


def _reference(value: float, steps: Sequence[Step], where: str) -> tuple[float, list[Problem]]:
    if not all(step.is_alone for step in steps):
        name = next(step.name for step in steps if not step.is_alone)
        what = f"is on the scale of the data, and {name} leaves no such scale"
        return value, [Problem(where, what, "Take it out, or transform without ranks of all units")]
    moved = float(apply_steps(np.array([value]), steps, ALL_ROWS)[0])
    if np.isnan(moved):
        return value, [Problem(where, f"{value:g} cannot be transformed as the data are", "Correct it")]
    return moved, []


def number_at(tidy: pd.DataFrame, code: str, column: str) -> float:
    """Return a number of tidy metadata."""
    return float(tidy[column].to_dict()[code])


def _put_in_order(table: pd.DataFrame, code: str) -> None:
    """Exchange the ends of a pair that an operation turned."""
    for lower, upper in PAIRS:
        if lower not in table.columns:
            continue
        low, high = number_at(table, code, lower), number_at(table, code, upper)
        if low > high:
            table.loc[code, lower], table.loc[code, upper] = high, low


def _refused(values: Array, code: str, way: tuple[tuple[Step, ...], float], units: pd.Index) -> list[Problem]:
    steps, turn = way
    refused = first_refusal(turn * values, steps, [rows for _, rows in year_rows(units)])
    if refused is None:
        return []
    step, lost = refused
    what = f"the transformation {step.name} takes {step.operation.needs}, unlike {listed(units[lost])}"
    return [Problem(f"code {code}", what, "Correct the values, leave them empty, or transform in another way")]
