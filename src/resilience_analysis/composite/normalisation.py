"""Bring indicators to one scale, more always better; the formulas stand in `scales`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from resilience_analysis.composite.arrays import column_max, column_min
from resilience_analysis.composite.checks import Array, Mask, name_of, values_of
from resilience_analysis.composite.metadata import check_metadata, indicator_codes
from resilience_analysis.composite.panel import is_panel
from resilience_analysis.composite.scales import (
    BOUNDS_ARE_CENTRE_AND_SPREAD,
    METHODS,
    NEEDS,
    TURNS,
    UNDEFINED,
    USED_COLUMNS,
    WITHOUT_BOUNDS,
    Options,
)
from resilience_analysis.foundation.errors import Problem, UsageError, raise_if_any, unknown

TIES = ("min", "average")
CONSTANTS = ("refuse", "missing")


def normalise(
    data: pd.DataFrame,
    *,
    metadata: pd.DataFrame,
    method: str = "minmax",
    bounds: Sequence[float] | None = None,
    ties: str = "min",
    reference: object = None,
    digits: int | None = None,
    constant: str = "refuse",
) -> pd.DataFrame:
    """Bring every indicator to one scale on which more is better.

    Parameters
    ----------
    data
        One row per unit (or unit and year: all years are then normalised together), one column per indicator.
    metadata
        One row per code; see `check_metadata`. A column ``normalise`` gives an indicator its own method.
    method
        A name of the table in `scales`.
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
        spread: ``refuse`` it, or leave its whole column ``missing``.

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
    """
    tidy = check_metadata(metadata, data)
    check_options(method, bounds, ties, constant)
    methods = methods_of(tidy, method)
    options = make_options(data.index, methods, bounds=bounds, ties=ties, reference=reference, digits=digits)
    codes = [code for code in data.columns if code in methods]
    values = values_of(data, codes)
    result = make_scaler(tidy.loc[codes], methods, options)(values)
    if constant == "refuse":
        raise_if_any("data", constant_problems(codes, methods, values, result))
    return pd.DataFrame(result, index=data.index, columns=pd.Index(codes))


def make_scaler(rows: pd.DataFrame, methods: Mapping[str, str], options: Options) -> Callable[[Array], Array]:
    """Prepare the normalisation of arrays whose columns are the `rows` of tidy metadata.

    The scaler checks nothing and gives NaN where a method is undefined.
    """
    columns = {name: _column(rows, name) for name in USED_COLUMNS}
    chosen = np.array([methods[str(code)] for code in rows.index])
    parts = []
    for name in dict.fromkeys(chosen):
        picked = np.flatnonzero(chosen == name)
        own = replace(
            options,
            bounds=None if name in WITHOUT_BOUNDS else options.bounds,
            columns={column: numbers[picked] for column, numbers in columns.items()},
        )
        parts.append((METHODS[str(name)], picked, own))

    def scale(values: Array) -> Array:
        turned = values * columns["direction"]
        result = np.empty_like(turned)
        for method, picked, own in parts:
            result[:, picked] = method(turned[:, picked], own)
        return result

    return scale


def make_options(
    units: pd.Index,
    methods: Mapping[str, str],
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


def constant_problems(codes: Sequence[str], methods: Mapping[str, str], before: Array, after: Array) -> list[Problem]:
    """Name the indicators with one and the same value in every unit that their method could not tell apart."""
    lost = lost_constants(before, after)
    return [
        Problem(
            f"indicator {code}",
            f"has the same value in every unit, so {methods[code]} cannot normalise it",
            "Take it out, choose another method, or keep it as missing (constant: missing)",
        )
        for code, is_lost in zip(codes, lost, strict=True)
        if is_lost
    ]


def normalisation_notes(
    data: pd.DataFrame, normalised: pd.DataFrame, *, metadata: pd.DataFrame, method: str = "minmax"
) -> list[str]:
    """Say what a reader of normalised data should know: columns that became missing, and orders that turned.

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
    """
    tidy = check_metadata(metadata, data)
    codes = list(normalised.columns)
    methods = methods_of(tidy, method)
    before, after = values_of(data, codes), values_of(normalised, codes)
    lost = np.isnan(after).all(axis=0) & ~np.isnan(before).all(axis=0)
    turned = _turned(before, tidy.loc[codes])
    notes = []
    for name in dict.fromkeys(methods[code] for code in codes):
        mine = np.array([methods[code] == name for code in codes])
        reason = UNDEFINED.get(name, "it has the same value in every unit")
        if (lost & mine).any():
            notes.append(f"missing in every unit after {name}: {_some(codes, lost & mine)} ({reason})")
        if name in turned and (turned[name] & mine).any():
            notes.append(f"{name} turns the order of {_some(codes, turned[name] & mine)}: {TURNS[name]}")
    return notes


def _turned(before: Array, rows: pd.DataFrame) -> dict[str, Mask]:
    """Find, by method of `TURNS`, the columns whose values it would put in the opposite order."""
    direction = rows["direction"].to_numpy(dtype=np.float64)
    x = before * direction
    return {
        "fraction-of-max": column_max(x) < 0,
        "distance-to-target": column_min(x) > _column(rows, "target") * direction,
    }


def _some(codes: Sequence[str], picked: Mask) -> str:
    return ", ".join(code for code, is_picked in zip(codes, picked, strict=True) if is_picked)


def _column(rows: pd.DataFrame, name: str) -> Array:
    if name not in rows.columns:
        return np.full(len(rows), np.nan)
    return rows[name].to_numpy(dtype=np.float64)


def methods_of(tidy: pd.DataFrame, method: str) -> dict[str, str]:
    """Return the method of each indicator of tidy metadata, checked against what the metadata hold for it."""
    codes = indicator_codes(tidy)
    own = tidy["normalise"] if "normalise" in tidy.columns else pd.Series("", index=tidy.index)
    methods = {code: str(own[code]) or method for code in codes}
    gaps = {column: set(tidy.index[np.isnan(_column(tidy, column))]) for needed in NEEDS.values() for column in needed}
    problems = []
    for code, name in methods.items():
        for column in NEEDS.get(name, ()):
            if code in gaps[column]:
                problems.append(
                    Problem(f"code {code}, column {column}", f"is missing, and {name} needs it", "Give a number")
                )
    raise_if_any("metadata", problems)
    return methods


def check_options(
    method: str, bounds: Sequence[float] | None = None, ties: str = "min", constant: str = "refuse"
) -> None:
    """Refuse options of `normalise` that are unknown or do not go together."""
    for kind, name, known in (
        ("normalisation method", method, tuple(METHODS)),
        ("way with ties", ties, TIES),
        ("way with a constant indicator", constant, CONSTANTS),
    ):
        if name not in known:
            raise UsageError(unknown(kind, name, known))
    if bounds is None:
        return
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


def _reference_row(units: pd.Index, reference: object, methods: Mapping[str, str]) -> int | None:
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
