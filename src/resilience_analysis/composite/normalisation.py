"""Bring indicators to one scale, more always better.

Every method works on the values after their direction, that is times 1 or -1, so that its formula knows one way
only. With x such a value, min, max, mean and sd (of a sample, n - 1) those of its indicator:

======================== ========================================================================================
method                   formula, and what it needs
======================== ========================================================================================
``minmax``               low + (x - min) / (max - min) * (high - low); bounds 0, 100
``zscore``               mean' + (x - mean) / sd * sd'; bounds are mean' and sd', 0 and 1
``rank``                 place from the worst, 1, upwards
``borda``                rank - 1
``percentile-rank``      (rank - 1) / (n - 1)
``distance-to-max``      1 - (max - x) / (max - min)
``distance-to-reference``  1 - (x_ref - x) / (x_ref - min), with the unit `reference`
``distance-to-target``   (x - min) / (target - min), at most 1 where ``target_cap``
``fraction-of-max``      x / max; for an indicator with direction -1 this is raw / smallest raw, as in COINr
``goalposts``            (raw - lower) / (upper - lower), or (upper - raw) / (upper - lower); cut to 0..1, times 100
``scaled``               (x - scaled_lower) / (scaled_upper - scaled_lower) * 100, its bounds on the scale of x
``mpi``                  100 + 10 (x - mean) / sd, sd of the population: for the Mazziotta-Pareto index
``ampi``                 70 + 60 (raw - L) / (U - L), L and U = reference -/+ half the range: for the adjusted index
``none``                 x
======================== ========================================================================================

The places of ties and the formulas are those of COINr 1.1.14 (``n_*``); sources of mpi and ampi: Mazziotta and
Pareto (2013, 2016).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from resilience_analysis.composite.arrays import (
    column_count,
    column_deviation,
    column_max,
    column_mean,
    column_min,
    divide,
    rank_columns,
)
from resilience_analysis.composite.checks import Array, Mask, name_of, values_of
from resilience_analysis.composite.metadata import check_metadata, indicator_codes
from resilience_analysis.errors import Problem, UsageError, raise_if_any, unknown

TIES = ("min", "average")
CONSTANTS = ("refuse", "missing")


@dataclass(frozen=True)
class Options:
    """What a method may need besides the values: one number per indicator, or one for all.

    Attributes
    ----------
    bounds
        The range asked for, over the heads of the metadata; None when not asked.
    ties
        ``min`` or ``average``.
    reference
        Row of the reference unit, or None.
    digits
        Significant digits for the comparison of ranks, or None.
    columns
        Columns of the metadata, one number per indicator.
    """

    bounds: tuple[float, float] | None = None
    ties: str = "min"
    reference: int | None = None
    digits: int | None = None
    columns: Mapping[str, Array] = field(default_factory=dict)

    def column(self, name: str, default: float) -> Array:
        """Give a column of the metadata, with `default` where it says nothing."""
        given = self.columns[name]
        return np.where(np.isnan(given), default, given)

    def pair(self, low: str, high: str, default: tuple[float, float]) -> tuple[Array, Array]:
        """Give two bounds per indicator: those asked for, else those of the metadata, else `default`."""
        if self.bounds is not None:
            size = len(self.columns[low])
            return np.full(size, self.bounds[0]), np.full(size, self.bounds[1])
        return self.column(low, default[0]), self.column(high, default[1])

    def stretch(self, shares: Array) -> Array:
        """Put shares of 0..1 on the bounds when they were asked for."""
        return shares if self.bounds is None else self.bounds[0] + shares * (self.bounds[1] - self.bounds[0])

    def scale(self, shares: Array, name: str) -> Array:
        """Put shares of 0..1 on the bounds when they were asked for, else times a column of the metadata."""
        if self.bounds is not None:
            return self.stretch(shares)
        scaled: Array = shares * self.column(name, default=100.0)
        return scaled


Method = Callable[[Array, Options], Array]


def _minmax(x: Array, options: Options) -> Array:
    low, high = options.pair("minmax_lower", "minmax_upper", (0.0, 100.0))
    lowest = column_min(x)
    return divide(x - lowest, column_max(x) - lowest) * (high - low) + low


def _zscore(x: Array, options: Options) -> Array:
    centre, spread = options.pair("zscore_mean", "zscore_sd", (0.0, 1.0))
    return divide(x - column_mean(x), _spread(x, lost=1)) * spread + centre


def _rank(x: Array, options: Options) -> Array:
    return rank_columns(x, ties=options.ties, digits=options.digits)


def _borda(x: Array, options: Options) -> Array:
    return _rank(x, options) - 1


def _percentile_rank(x: Array, options: Options) -> Array:
    return options.stretch(divide(_borda(x, options), column_count(x) - 1))


def _distance_to_max(x: Array, options: Options) -> Array:
    highest = column_max(x)
    return options.stretch(1 - divide(highest - x, highest - column_min(x)))


def _distance_to_reference(x: Array, options: Options) -> Array:
    reference = x[options.reference]
    return options.stretch(1 - divide(reference - x, reference - column_min(x)))


def _distance_to_target(x: Array, options: Options) -> Array:
    lowest = column_min(x)
    target = options.columns["target"] * options.columns["direction"]
    reached = divide(x - lowest, target - lowest)
    capped = options.column("target_cap", default=0.0) == 1
    return options.stretch(np.where(capped & (reached > 1), 1.0, reached))


def _fraction_of_max(x: Array, options: Options) -> Array:
    return options.stretch(divide(x, column_max(x)))


def _goalposts(x: Array, options: Options) -> Array:
    turned = options.columns["direction"] == -1
    lower, upper = options.columns["goalpost_lower"], options.columns["goalpost_upper"]
    start, end = np.where(turned, -upper, lower), np.where(turned, -lower, upper)
    shares = (x - start) / (end - start)
    cut = options.column("goalpost_truncate", default=1.0) == 1
    return options.scale(np.where(cut, np.clip(shares, 0.0, 1.0), shares), "goalpost_scale")


def _scaled(x: Array, options: Options) -> Array:
    lower, upper = options.columns["scaled_lower"], options.columns["scaled_upper"]
    return options.scale((x - lower) / (upper - lower), "scaled_factor")


def _mpi(x: Array, options: Options) -> Array:
    centre, spread = options.bounds or (100.0, 10.0)
    return centre + divide(x - column_mean(x), _spread(x, lost=0)) * spread


def _ampi(x: Array, options: Options) -> Array:
    low, high = options.bounds or (70.0, 130.0)
    reference = options.columns["reference"] * options.columns["direction"]
    centre = np.where(np.isnan(reference), column_mean(x), reference)
    half = (column_max(x) - column_min(x)) / 2
    return low + divide(x - (centre - half), 2 * half) * (high - low)


def _none(x: Array, options: Options) -> Array:  # noqa: ARG001 - every method has the same form
    return x


def _spread(x: Array, *, lost: int) -> Array:
    """Give the deviation, exactly 0 where all values are the same so that rounding cannot hide a constant."""
    return np.where(column_min(x) == column_max(x), 0.0, column_deviation(x, lost=lost))


METHODS: dict[str, Method] = {
    "minmax": _minmax,
    "zscore": _zscore,
    "rank": _rank,
    "borda": _borda,
    "percentile-rank": _percentile_rank,
    "distance-to-max": _distance_to_max,
    "distance-to-reference": _distance_to_reference,
    "distance-to-target": _distance_to_target,
    "fraction-of-max": _fraction_of_max,
    "goalposts": _goalposts,
    "scaled": _scaled,
    "mpi": _mpi,
    "ampi": _ampi,
    "none": _none,
}

NEEDS = {
    "goalposts": ("goalpost_lower", "goalpost_upper"),
    "scaled": ("scaled_lower", "scaled_upper"),
    "distance-to-target": ("target",),
}
WITHOUT_BOUNDS = ("rank", "borda", "none")
BOUNDS_ARE_CENTRE_AND_SPREAD = ("zscore", "mpi")
USED_COLUMNS = (
    "direction",
    "target",
    "target_cap",
    "goalpost_lower",
    "goalpost_upper",
    "goalpost_scale",
    "goalpost_truncate",
    "scaled_lower",
    "scaled_upper",
    "scaled_factor",
    "minmax_lower",
    "minmax_upper",
    "zscore_mean",
    "zscore_sd",
    "reference",
)
UNDEFINED = {
    "distance-to-reference": "the reference unit has no value, or the worst one of all",
    "distance-to-target": "the target is the worst value of all",
    "fraction-of-max": "the largest value, after the direction, is 0",
    "percentile-rank": "only one unit has a value",
}


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
        A name of the module's table.
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
    _check_options(method, bounds, ties, constant)
    methods = _methods_of(tidy, method)
    options = Options(
        bounds=None if bounds is None else (float(bounds[0]), float(bounds[1])),
        ties=ties,
        reference=_reference_row(data.index, reference, methods),
        digits=digits,
    )
    codes = [code for code in data.columns if code in methods]
    values = values_of(data, codes)
    result = normalise_values(values, tidy.loc[codes], methods, options)
    if constant == "refuse":
        raise_if_any("data", constant_problems(codes, methods, values, result))
    return pd.DataFrame(result, index=data.index, columns=pd.Index(codes))


def normalise_values(values: Array, rows: pd.DataFrame, methods: Mapping[str, str], options: Options) -> Array:
    """Normalise an array whose columns are the `rows` of tidy metadata; no check, NaN where undefined."""
    columns = {name: _column(rows, name) for name in USED_COLUMNS}
    turned = values * columns["direction"]
    result = np.empty_like(turned)
    chosen = np.array([methods[str(code)] for code in rows.index])
    for name in dict.fromkeys(chosen):
        picked = np.flatnonzero(chosen == name)
        part = replace(
            options,
            bounds=None if name in WITHOUT_BOUNDS else options.bounds,
            columns={column: numbers[picked] for column, numbers in columns.items()},
        )
        result[:, picked] = METHODS[name](turned[:, picked], part)
    return result


def constant_problems(codes: Sequence[str], methods: Mapping[str, str], before: Array, after: Array) -> list[Problem]:
    """Name the indicators with one and the same value in every unit that their method could not tell apart."""
    lost = np.isnan(after).all(axis=0) & (column_min(before) == column_max(before))
    return [
        Problem(
            f"indicator {code}",
            f"has the same value in every unit, so {methods[code]} cannot normalise it",
            "Take it out, choose another method, or ask to keep it as missing",
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
    methods = _methods_of(tidy, method)
    before, after = values_of(data, codes), values_of(normalised, codes)
    lost = np.isnan(after).all(axis=0) & ~np.isnan(before).all(axis=0)
    turned = column_max(before * tidy.loc[codes, "direction"].to_numpy()) < 0
    notes = []
    for name in dict.fromkeys(methods[code] for code in codes):
        mine = np.array([methods[code] == name for code in codes])
        reason = UNDEFINED.get(name, "it has the same value in every unit")
        if (lost & mine).any():
            notes.append(f"missing in every unit after {name}: {_some(codes, lost & mine)} ({reason})")
        if name == "fraction-of-max" and (turned & mine).any():
            notes.append(
                f"{name} turns the order of {_some(codes, turned & mine)}: the largest value after the direction "
                "is negative, so the worst unit has the largest fraction"
            )
    return notes


def _some(codes: Sequence[str], picked: Mask) -> str:
    return ", ".join(code for code, is_picked in zip(codes, picked, strict=True) if is_picked)


def _column(rows: pd.DataFrame, name: str) -> Array:
    if name not in rows.columns:
        return np.full(len(rows), np.nan)
    return rows[name].to_numpy(dtype=np.float64)


def _methods_of(tidy: pd.DataFrame, method: str) -> dict[str, str]:
    """Give the method of each indicator, checked against what the metadata hold for it."""
    codes = indicator_codes(tidy)
    own = tidy["normalise"] if "normalise" in tidy.columns else pd.Series("", index=tidy.index)
    methods = {code: str(own[code]) or method for code in codes}
    gaps = {column: set(tidy.index[np.isnan(_column(tidy, column))]) for needed in NEEDS.values() for column in needed}
    problems = []
    for code, name in methods.items():
        if name not in METHODS:
            problems.append(Problem(f"code {code}, column normalise", unknown("method", name, METHODS)))
        for column in NEEDS.get(name, ()):
            if code in gaps[column]:
                problems.append(
                    Problem(f"code {code}, column {column}", f"is missing, and {name} needs it", "Give a number")
                )
    raise_if_any("metadata", problems)
    return methods


def _check_options(method: str, bounds: Sequence[float] | None, ties: str, constant: str) -> None:
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
        raise UsageError(f"bounds {tuple(bounds)} are not two numbers")
    if method in BOUNDS_ARE_CENTRE_AND_SPREAD:
        if bounds[1] <= 0:
            raise UsageError(f"the deviation {bounds[1]:g} is not above 0 (for {method}, bounds are mean and sd)")
    elif bounds[0] >= bounds[1]:
        raise UsageError(f"the lower bound {bounds[0]:g} is not below the upper bound {bounds[1]:g}")


def _reference_row(units: pd.Index, reference: object, methods: Mapping[str, str]) -> int | None:
    if "distance-to-reference" not in methods.values():
        return None
    if reference is None:
        raise UsageError("distance-to-reference needs a reference unit. Name one of the units of the data")
    names = [name_of(unit) for unit in units]
    rows = [row for row, name in enumerate(names) if name == name_of(reference)]
    if not rows:
        raise UsageError(unknown("reference unit", name_of(reference), names))
    return rows[0]
