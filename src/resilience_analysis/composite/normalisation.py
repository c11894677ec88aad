"""Bring indicators to one scale, more always better; the formulas are in `formulas`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from resilience_analysis.composite.arrays import (
    Array,
    Mask,
    apply_own,
    check_known,
    column_max,
    column_min,
    is_panel,
    name_of,
    rows_by_year,
    spoken,
    values_of,
)
from resilience_analysis.composite.formulas import METHODS, SCALE_COLUMNS, Options, Scaling, read_constant
from resilience_analysis.composite.metadata import checked
from resilience_analysis.composite.operations import apply_steps, read_steps
from resilience_analysis.composite.structure import column_of, indicator_codes
from resilience_analysis.foundation.errors import Problem, UsageError, raise_if_any, unknown

TIES = ("min", "average")
Scale: TypeAlias = str | Callable[[Array], Any]
"""A name of `formulas.METHODS`, or a function from the values of one indicator, after its direction, to new ones."""
Normaliser: TypeAlias = Callable[[Array], tuple[Array, Mask]]
"""From values to normalised values, and which columns are refused because they have one value in every unit."""


def normalise(
    data: pd.DataFrame,
    *,
    metadata: pd.DataFrame,
    method: Scale = "minmax",
    bounds: Sequence[float] | None = None,
    ties: str = "min",
    reference: object = None,
    digits: int | None = None,
    constant: str | float = "refuse",
    per_year: bool = False,
) -> pd.DataFrame:
    """Bring every indicator to one scale on which more is better.

    Parameters
    ----------
    data
        One row per unit (or unit and year: all years are then normalised together), one column per indicator.
    metadata
        One row per code; see `check_metadata`. Columns ``normalise`` and ``constant`` give an indicator its own
        method and rule, a column ``steps`` what is done with its values afterwards.
    method
        A name of `formulas.METHODS`, or a function that takes the values of one indicator, multiplied by its
        direction and NaN where missing, and returns as many.
    bounds
        Lower and upper end of the new scale (mean and deviation for ``zscore`` and ``mpi``), before what the
        metadata say; methods that give shares put them on these bounds; ranks and ``none`` take none.
    ties
        How ``rank``, ``borda`` and ``percentile-rank`` place equal values: ``min`` or ``average``.
    reference
        The unit (its index) that ``distance-to-reference`` measures from.
    digits
        Significant digits to which values are equal for ranks; None compares them as they are, as COINr does.
    constant
        What to do with an indicator that has the same value in every unit, where the method divides by its
        spread: ``refuse`` it, leave its whole column ``missing``, or give it this number in every unit.
    per_year
        Normalise every year of a panel on its own; scores of different years are then not comparable.

    Returns
    -------
    pandas.DataFrame
        The same rows and columns in the same order; missing stays missing. `normalisation_notes` says where a
        method made a whole column missing, or turned the order of an indicator.

    Raises
    ------
    InputError
        When the data or metadata are wrong, a parameter of the method is missing, or an indicator is constant.
    UsageError
        When a name is unknown, or an option does not go with the method.

    References
    ----------
    OECD and JRC (2008), *Handbook on constructing composite indicators*, section 5.

    Examples
    --------
    >>> table = pd.DataFrame({"crime": [10.0, 30.0, 20.0]}, index=["AA", "BB", "CC"])
    >>> tree = pd.DataFrame({"parent": "", "direction": -1, "weight": 1}, index=["crime"])
    >>> normalise(table, metadata=tree, bounds=(0, 100))["crime"].tolist()
    [100.0, 0.0, 50.0]
    """
    tidy = checked(metadata, data)
    options = {"bounds": bounds, "ties": ties, "reference": reference, "digits": digits}
    methods = methods_of(tidy, method)
    codes = [code for code in data.columns if code in methods]
    make = make_normaliser(tidy, data.index, codes, method, constant=constant, per_year=per_year, **options)
    result, refused = make(values_of(data, codes))
    problems = [
        Problem(
            f"indicator {code}",
            f"has the same value in every unit, so {spoken(methods[code], 'the function')} cannot normalise it",
            "Take it out, choose another method, keep it as missing (constant: missing), or score it (constant: 0)",
        )
        for code, is_refused in zip(codes, refused, strict=True)
        if is_refused
    ]
    raise_if_any("data", problems)
    return pd.DataFrame(result, index=data.index, columns=pd.Index(codes))


def make_normaliser(
    tidy: pd.DataFrame,
    units: pd.Index,
    codes: Sequence[str],
    method: Scale = "minmax",
    *,
    constant: str | float = "refuse",
    per_year: bool = False,
    **given: Any,
) -> Normaliser:
    """Turn the keywords of `normalise` into a normalisation of arrays with columns `codes`, after checking them."""
    check_options(method, given.get("bounds"), given.get("ties", "min"), constant)
    methods = methods_of(tidy, method)
    years = rows_by_year(units)
    if per_year and "distance-to-reference" in methods.values():
        raise UsageError("distance-to-reference has one reference for all years. Leave out per_year")
    given["reference"] = _reference_row(units, given.get("reference"), methods)
    given["bounds"] = None if given.get("bounds") is None else tuple(map(float, given["bounds"]))
    rows = tidy.loc[list(codes)]
    scale = _make_scaler(rows, methods, Options(**given))
    rules = [read_constant(str(own)) if own else constant for own in column_of(rows, "constant", "")]
    steps = [read_steps(str(own)) for own in column_of(rows, "steps", "")]

    def normalised(values: Array) -> tuple[Array, Mask]:
        table, refused = np.empty_like(values), np.zeros(values.shape[1], dtype=bool)
        for part in years if per_year else [np.arange(len(units))]:
            table[part], lost = _settle_constants(values[part], scale(values[part]), rules)
            refused |= lost
        for place, own in enumerate(steps):
            table[:, place] = apply_steps(table[:, place], own, years)
        return table, refused

    return normalised


def _settle_constants(before: Array, after: Array, rules: Sequence[str | float]) -> tuple[Array, Mask]:
    """Give columns with one value the score that their rule says; return which columns are refused."""
    lost = np.isnan(after).all(axis=0) & (column_min(before) == column_max(before))
    for place in np.flatnonzero(lost):
        rule = rules[int(place)]
        if not isinstance(rule, str):
            after[:, place] = np.where(np.isnan(before[:, place]), np.nan, rule)
    refused: Mask = lost & np.array([rule == "refuse" for rule in rules])
    return after, refused


def _make_scaler(rows: pd.DataFrame, methods: Mapping[str, Scale], options: Options) -> Callable[[Array], Array]:
    """Prepare the normalisation of arrays whose columns are the `rows` of tidy metadata; NaN where it is undefined."""
    columns = {name: column_of(rows, name).to_numpy(dtype=np.float64) for name in ("direction", *SCALE_COLUMNS)}
    chosen = [methods[str(code)] for code in rows.index]
    parts = []
    for name in dict.fromkeys(chosen):
        picked = np.flatnonzero([each == name for each in chosen])
        scaling = METHODS[name] if isinstance(name, str) else Scaling(_own_method(name))
        bounds = None if scaling.bounds == "none" else options.bounds
        own = {column: numbers[picked] for column, numbers in columns.items()}
        parts.append((scaling.formula, picked, replace(options, bounds=bounds, columns=own)))

    def scale(values: Array) -> Array:
        turned = values * columns["direction"]
        result: Array = np.empty_like(turned)
        for method, picked, own in parts:
            result[:, picked] = method(turned[:, picked], own)
        return result

    return scale


def _own_method(function: Callable[[Array], Any]) -> Callable[[Array, Options], Array]:
    def method(x: Array, _: Options) -> Array:
        result = np.empty_like(x)
        for place, column in enumerate(x.T):
            made = apply_own(function, column, purpose="normalisation")
            result[:, place] = np.where(np.isnan(column), np.nan, made)
        return result

    return method


def methods_of(tidy: pd.DataFrame, method: Scale) -> dict[str, Scale]:
    """Return the method of each indicator of tidy metadata, checked against what the metadata hold for it."""
    own = column_of(tidy, "normalise", "")
    methods: dict[str, Scale] = {code: str(own[code]) or method for code in indicator_codes(tidy)}
    needed = {column for scaling in METHODS.values() for column in scaling.needs}
    gaps = {column: column_of(tidy, column).isna() for column in needed}
    problems = [
        Problem(f"code {code}, column {column}", f"is missing, and {name} needs it", "Give a number")
        for code, name in methods.items()
        for column in (METHODS[name].needs if name in METHODS else ())
        if gaps[column][code]
    ]
    raise_if_any("metadata", problems)
    return methods


def check_options(
    method: Scale, bounds: Sequence[float] | None = None, ties: str = "min", constant: str | float = "refuse"
) -> None:
    """Refuse options of `normalise` that are unknown or do not go together."""
    check_known("normalisation method", method, METHODS)
    check_known("way with ties", ties, TIES)
    read_constant(str(constant))
    if bounds is None:
        return
    if not isinstance(method, str):
        raise UsageError("a function of your own takes no bounds. Leave them out")
    kind = METHODS[method].bounds
    if kind == "none":
        raise UsageError(f"the method {method} takes no bounds. Leave them out, or choose minmax")
    if len(bounds) != 2 or not np.all(np.isfinite(bounds)):  # noqa: PLR2004 - a lower and an upper end
        raise UsageError(f"bounds {tuple(bounds)} are not two numbers. Give a lower and an upper one, such as 0, 100")
    lower, upper = bounds
    if kind == "centre":
        if upper <= 0:
            raise UsageError(f"the deviation {upper:g} is not above 0 (for {method}, bounds are mean and sd)")
    elif lower >= upper:
        raise UsageError(f"the lower bound {lower:g} is not below the upper bound {upper:g}. Give the lower first")


def _reference_row(units: pd.Index, reference: object, methods: Mapping[str, Scale]) -> int | None:
    if "distance-to-reference" not in methods.values():
        return None
    if reference is None:
        raise UsageError("distance-to-reference needs a reference unit. Name one of the units of the data")
    names = [name_of(unit) for unit in units]
    if name_of(reference) not in names:
        hint = f" (in a panel name unit and year, such as {names[0]!r})" if is_panel(units) else ""
        raise UsageError(unknown("reference unit", name_of(reference), names) + hint)
    return names.index(name_of(reference))


def normalisation_notes(
    data: pd.DataFrame, normalised: pd.DataFrame, *, metadata: pd.DataFrame, method: Scale = "minmax"
) -> list[str]:
    """Return what a reader of normalised data should know: columns that became missing, and orders that turned.

    Parameters
    ----------
    data, normalised
        What went into `normalise` and what came out.
    metadata, method
        As given to `normalise`.

    Returns
    -------
    list of str
        One sentence per matter; empty when there is none.

    Raises
    ------
    InputError
        When the data or metadata are wrong, naming codes and units.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> negative = data.assign(jobs=-data["jobs"])
    >>> made = composite.normalise(negative, metadata=metadata, method="fraction-of-max")
    >>> notes = composite.normalisation_notes(negative, made, metadata=metadata, method="fraction-of-max")
    >>> notes[0].split(":")[0]
    'fraction-of-max turns the order of crime, jobs'
    """
    tidy = checked(metadata, data)
    codes = list(normalised.columns)
    methods = methods_of(tidy, method)
    before, after = values_of(data, codes), values_of(normalised, codes)
    lost = np.isnan(after).all(axis=0) & ~np.isnan(before).all(axis=0)
    turned = _turned(before, tidy.loc[codes])
    notes = []
    for name in dict.fromkeys(methods[code] for code in codes):
        mine = np.array([methods[code] == name for code in codes])
        called = spoken(name, "the function")
        scaling = METHODS.get(str(name), Scaling(lambda x, _: x))
        gone = ", ".join(np.array(codes)[lost & mine])
        if gone:
            notes.append(f"missing in every unit after {called}: {gone} ({scaling.undefined})")
        if called in turned and (turned[called] & mine).any():
            names = ", ".join(np.array(codes)[turned[called] & mine])
            notes.append(f"{called} turns the order of {names}: {scaling.turns}")
    return notes


def _turned(before: Array, rows: pd.DataFrame) -> dict[str, Mask]:
    """Find, by method that may turn them, the columns whose values it would put in the opposite order."""
    direction = rows["direction"].to_numpy(dtype=np.float64)
    x = before * direction
    return {
        "fraction-of-max": column_max(x) < 0,
        "distance-to-target": column_min(x) > column_of(rows, "target").to_numpy(dtype=np.float64) * direction,
    }
