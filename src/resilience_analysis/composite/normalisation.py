"""Bring indicators to one scale, more always better; the formulas are in `scales`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from resilience_analysis.composite.arrays import (
    Array,
    Mask,
    Rows,
    column_max,
    column_min,
    is_panel,
    name_of,
    values_of,
    year_rows,
)
from resilience_analysis.composite.metadata import check_metadata, indicator_codes
from resilience_analysis.composite.operations import Step, apply_steps, read_steps
from resilience_analysis.composite.scales import (
    BOUNDS_ARE_CENTRE_AND_SPREAD,
    METHODS,
    NEEDS,
    USED_COLUMNS,
    WITHOUT_BOUNDS,
    Options,
)
from resilience_analysis.composite.structure import read_constant
from resilience_analysis.foundation.errors import Problem, UsageError, raise_if_any, unknown

TIES = ("min", "average")
Scale: TypeAlias = str | Callable[[Array], Any]
"""A name of `scales.METHODS`, or a function from the values of one indicator, after its direction, to new ones."""


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
        A name of the table in `scales`, or a function that takes the values of one indicator, multiplied by its
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
    tidy = check_metadata(metadata, data)
    given = {"bounds": bounds, "ties": ties, "reference": reference, "digits": digits}
    prepared = make_normaliser(tidy, data.index, method, constant=constant, per_year=per_year, **given)
    codes = [code for code in data.columns if code in prepared.methods]
    result, refused = prepared.of(codes)(values_of(data, codes))
    raise_if_any("data", _constant_problems(codes, prepared.methods, refused))
    return pd.DataFrame(result, index=data.index, columns=pd.Index(codes))


@dataclass(frozen=True)
class Normaliser:
    """A normalisation that is ready for arrays of units x indicators."""

    tidy: pd.DataFrame
    methods: Mapping[str, Scale]
    options: Options
    constant: str | float  # the rule for indicators with one value
    parts: Sequence[Rows]  # the rows that are normalised together
    years: Sequence[Rows]  # the rows that steps look at together

    def of(self, codes: Sequence[str]) -> Callable[[Array], tuple[Array, Mask]]:
        """Return a function from values, columns as in `codes`, to normalised values and which columns are refused."""
        rows = self.tidy.loc[list(codes)]
        scale = make_scaler(rows, self.methods, self.options)
        rules = [self._rule(code) for code in codes]
        steps = [self._steps(code) for code in codes]

        def normalised(values: Array) -> tuple[Array, Mask]:
            table, refused = np.empty_like(values), np.zeros(values.shape[1], dtype=bool)
            for part in self.parts:
                made, lost = settle_constants(values[part], scale(values[part]), rules)
                table[part], refused = made, refused | lost
            for place, own in enumerate(steps):
                table[:, place] = apply_steps(table[:, place], own, self.years)
            return table, refused

        return normalised

    def _rule(self, code: str) -> str | float:
        own = self.tidy.at[code, "constant"] if "constant" in self.tidy.columns else ""
        return read_constant(str(own)) if own else self.constant

    def _steps(self, code: str) -> tuple[Step, ...]:
        return read_steps(str(self.tidy.at[code, "steps"])) if "steps" in self.tidy.columns else ()


def make_normaliser(
    tidy: pd.DataFrame,
    units: pd.Index,
    method: Scale = "minmax",
    *,
    constant: str | float = "refuse",
    per_year: bool = False,
    **given: Any,
) -> Normaliser:
    """Turn the keywords of `normalise` into a normalisation of arrays, after checking them."""
    check_options(method, given.get("bounds"), given.get("ties", "min"), constant)
    methods = methods_of(tidy, method)
    years = [rows for _, rows in year_rows(units)]
    parts = years if per_year else [np.arange(len(units))]
    if per_year and "distance-to-reference" in methods.values():
        raise UsageError("distance-to-reference has one reference for all years. Leave out per_year")
    return Normaliser(tidy, methods, make_options(units, methods, **given), constant, parts, years)


def settle_constants(before: Array, after: Array, rules: Sequence[str | float]) -> tuple[Array, Mask]:
    """Give columns with one value the score that their rule says; return which columns are refused."""
    lost = lost_constants(before, after)
    refused = lost & np.array([rule == "refuse" for rule in rules])
    for place in np.flatnonzero(lost):
        rule = rules[int(place)]
        if not isinstance(rule, str):
            after[:, place] = np.where(np.isnan(before[:, place]), np.nan, rule)
    return after, refused


def make_scaler(rows: pd.DataFrame, methods: Mapping[str, Scale], options: Options) -> Callable[[Array], Array]:
    """Prepare the normalisation of arrays whose columns are the `rows` of tidy metadata.

    The scaler checks nothing and gives NaN where a method is undefined.
    """
    columns = {name: metadata_column(rows, name) for name in USED_COLUMNS}
    chosen = [methods[str(code)] for code in rows.index]
    parts = []
    for name in dict.fromkeys(chosen):
        picked = np.flatnonzero([each == name for each in chosen])
        own = replace(
            options,
            bounds=None if name in WITHOUT_BOUNDS else options.bounds,
            columns={column: numbers[picked] for column, numbers in columns.items()},
        )
        parts.append((METHODS[name] if isinstance(name, str) else _own_method(name), picked, own))

    def scale(values: Array) -> Array:
        turned = values * columns["direction"]
        result = np.empty_like(turned)
        for method, picked, own in parts:
            result[:, picked] = method(turned[:, picked], own)
        return result

    return scale


def _own_method(function: Callable[[Array], Any]) -> Callable[[Array, Options], Array]:
    def method(x: Array, options: Options) -> Array:  # noqa: ARG001 - every method has the same form
        result = np.empty_like(x)
        for place, column in enumerate(x.T):
            made = np.asarray(function(column.copy()), dtype=np.float64)
            if made.shape != column.shape:
                raise UsageError(
                    f"the function for normalisation gives {made.shape} values for {column.shape}. "
                    "It takes the values of one indicator and returns as many"
                )
            result[:, place] = np.where(np.isnan(column), np.nan, made)
        return result

    return method


def make_options(
    units: pd.Index,
    methods: Mapping[str, Scale],
    *,
    bounds: Sequence[float] | None = None,
    ties: str = "min",
    reference: object = None,
    digits: int | None = None,
) -> Options:
    """Turn the keywords of `normalise` into options."""
    return Options(
        bounds=None if bounds is None else (float(bounds[0]), float(bounds[1])),
        ties=ties,
        reference=_reference_row(units, reference, methods),
        digits=digits,
    )


def lost_constants(before: Array, after: Array) -> Mask:
    """Find the columns with one and the same value in every unit that normalisation made missing."""
    found: Mask = np.isnan(after).all(axis=0) & (column_min(before) == column_max(before))
    return found


def _constant_problems(codes: Sequence[str], methods: Mapping[str, Scale], refused: Mask) -> list[Problem]:
    """Name the indicators with one and the same value in every unit that their method could not tell apart."""
    return [
        Problem(
            f"indicator {code}",
            f"has the same value in every unit, so {spoken_method(methods[code])} cannot normalise it",
            "Take it out, choose another method, keep it as missing (constant: missing), or score it (constant: 0)",
        )
        for code, is_refused in zip(codes, refused, strict=True)
        if is_refused
    ]


def spoken_method(method: Scale) -> str:
    """Return the name of a method, or of a function of the caller, for a message."""
    return method if isinstance(method, str) else getattr(method, "__name__", "the function")


def metadata_column(rows: pd.DataFrame, name: str) -> Array:
    """Return a column of tidy metadata as numbers, NaN in every row where it is absent."""
    if name not in rows.columns:
        return np.full(len(rows), np.nan)
    return rows[name].to_numpy(dtype=np.float64)


def methods_of(tidy: pd.DataFrame, method: Scale) -> dict[str, Scale]:
    """Return the method of each indicator of tidy metadata, checked against what the metadata hold for it."""
    codes = indicator_codes(tidy)
    own = tidy["normalise"] if "normalise" in tidy.columns else pd.Series("", index=tidy.index)
    methods: dict[str, Scale] = {code: str(own[code]) or method for code in codes}
    gaps = {
        column: set(tidy.index[np.isnan(metadata_column(tidy, column))])
        for needed in NEEDS.values()
        for column in needed
    }
    problems = []
    for code, name in methods.items():
        for column in NEEDS.get(name, ()) if isinstance(name, str) else ():
            if code in gaps[column]:
                problems.append(
                    Problem(f"code {code}, column {column}", f"is missing, and {name} needs it", "Give a number")
                )
    raise_if_any("metadata", problems)
    return methods


def check_options(
    method: Scale, bounds: Sequence[float] | None = None, ties: str = "min", constant: str | float = "refuse"
) -> None:
    """Refuse options of `normalise` that are unknown or do not go together."""
    for kind, name, known in (
        ("normalisation method", method, tuple(METHODS)),
        ("way with ties", ties, TIES),
    ):
        if isinstance(name, str) and name not in known:
            raise UsageError(unknown(kind, name, known))
    read_constant(str(constant))
    if bounds is not None:
        _check_bounds(method, bounds)


def _check_bounds(method: Scale, bounds: Sequence[float]) -> None:
    if not isinstance(method, str):
        raise UsageError("a function of your own takes no bounds. Leave them out")
    if method in WITHOUT_BOUNDS:
        raise UsageError(f"the method {method} takes no bounds. Leave them out, or choose minmax")
    if len(bounds) != 2 or not np.all(np.isfinite(bounds)):  # noqa: PLR2004 - a lower and an upper end
        raise UsageError(f"bounds {tuple(bounds)} are not two numbers. Give a lower and an upper one, such as 0, 100")
    if method in BOUNDS_ARE_CENTRE_AND_SPREAD:
        if bounds[1] <= 0:
            raise UsageError(f"the deviation {bounds[1]:g} is not above 0 (for {method}, bounds are mean and sd)")
    elif bounds[0] >= bounds[1]:
        lower, upper = bounds
        raise UsageError(f"the lower bound {lower:g} is not below the upper bound {upper:g}. Give the lower first")


def _reference_row(units: pd.Index, reference: object, methods: Mapping[str, Scale]) -> int | None:
    if "distance-to-reference" not in methods.values():
        return None
    if reference is None:
        raise UsageError("distance-to-reference needs a reference unit. Name one of the units of the data")
    names = [name_of(unit) for unit in units]
    rows = [row for row, name in enumerate(names) if name == name_of(reference)]
    if not rows:
        hint = f" (in a panel name unit and year, such as {names[0]!r})" if is_panel(units) else ""
        raise UsageError(unknown("reference unit", name_of(reference), names) + hint)
    return rows[0]
