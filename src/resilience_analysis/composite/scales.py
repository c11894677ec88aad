"""The methods of normalisation: one function each, chosen by name.

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
``scaled``               as ``goalposts`` with ``scaled_lower`` and ``scaled_upper``, but never cut
``mpi``                  100 + 10 (x - mean) / sd, sd of the population: for the Mazziotta-Pareto index
``ampi``                 70 + 60 (raw - L) / (U - L), L and U = reference -/+ half the range: for the adjusted index
``none``                 x
======================== ========================================================================================

The places of ties and the formulas are those of COINr 1.1.14 (``n_*``); sources of mpi and ampi: Mazziotta and
Pareto (2013, 2016).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from resilience_analysis.composite.arrays import (
    Array,
    column_count,
    column_deviation,
    column_max,
    column_mean,
    column_min,
    divide,
    rank_columns,
)


@dataclass(frozen=True)
class Options:
    """What a method may need besides the values: one number per indicator, or one for all."""

    bounds: tuple[float, float] | None = None  # the range asked for, before those of the metadata
    ties: str = "min"  # or average
    reference: int | None = None  # row of the reference unit
    digits: int | None = None  # significant digits for the comparison of ranks
    columns: Mapping[str, Array] = field(default_factory=dict)  # of the metadata, one number per indicator

    def column(self, name: str, default: float) -> Array:
        """Return a column of the metadata, with `default` where it says nothing."""
        given = self.columns[name]
        return np.where(np.isnan(given), default, given)

    def pair(self, low: str, high: str, default: tuple[float, float]) -> tuple[Array, Array]:
        """Return two bounds per indicator: those asked for, else those of the metadata, else `default`."""
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
    shares = _between(x, options, "goalpost_lower", "goalpost_upper")
    cut = options.column("goalpost_truncate", default=1.0) == 1
    return options.scale(np.where(cut, np.clip(shares, 0.0, 1.0), shares), "goalpost_scale")


def _scaled(x: Array, options: Options) -> Array:
    return options.scale(_between(x, options, "scaled_lower", "scaled_upper"), "scaled_factor")


def _between(x: Array, options: Options, lower: str, upper: str) -> Array:
    """Return where x lies between two raw values, which turn with the direction as x does."""
    turned = options.columns["direction"] == -1
    low, high = options.columns[lower], options.columns[upper]
    start, end = np.where(turned, -high, low), np.where(turned, -low, high)
    shares: Array = (x - start) / (end - start)
    return shares


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
    """Return the deviation, exactly 0 where all values are the same so that rounding cannot hide a constant."""
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
SCALE_NUMBERS = (
    "target",
    *(f"goalpost_{part}" for part in ("lower", "upper", "scale")),
    *(f"scaled_{part}" for part in ("lower", "upper", "factor")),
    *("minmax_lower", "minmax_upper", "zscore_mean", "zscore_sd", "reference"),
)
FLAGS = ("goalpost_truncate", "target_cap")
USED_COLUMNS = ("direction", *SCALE_NUMBERS, *FLAGS)
UNDEFINED = {
    "distance-to-reference": "the reference unit has no value, or the worst one of all",
    "distance-to-target": "the target is the worst value of all",
    "fraction-of-max": "the largest value, after the direction, is 0",
    "percentile-rank": "only one unit has a value",
}
"""Why a whole column becomes missing, by method."""
TURNS = {
    "fraction-of-max": "the largest value after the direction is negative, so the worst unit has the largest fraction",
    "distance-to-target": "the target is worse than every value, so the best unit has the smallest score",
}
"""When a method puts units in the opposite order, as it does in COINr."""
