"""The formulas of normalisation and treatment: how the values of an indicator are scaled, and its outliers tamed.

Every method of normalisation works on the values after their direction, that is times 1 or -1, so that its formula
knows one way only; `docs/composite.md` ("Conventions") writes them out. The places of ties and the formulas are those
of COINr 1.1.14 (``n_*``; for treatment ``Treat``, ``winsorise``, ``log_CT``, ``log_CT_plus``, ``boxcox``, ``log_GII``);
sources of mpi and ampi: Mazziotta and Pareto (2013, 2016).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from resilience_analysis.composite.arrays import (
    Array,
    Mask,
    apply_own,
    column_count,
    column_max,
    column_mean,
    column_min,
    column_shares,
    divide,
    rank_columns,
    skewness,
    skewness_and_kurtosis,
    spoken,
    standardise,
)
from resilience_analysis.composite.operations import log_by_skew
from resilience_analysis.foundation.errors import UsageError, unknown


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
    return column_shares(x) * (high - low) + low


def _zscore(x: Array, options: Options) -> Array:
    centre, spread = options.pair("zscore_mean", "zscore_sd", (0.0, 1.0))
    return standardise(x) * spread + centre


def _rank(x: Array, options: Options) -> Array:
    return rank_columns(x, ties=options.ties, digits=options.digits)


def _percentile_rank(x: Array, options: Options) -> Array:
    return options.stretch(divide(_rank(x, options) - 1, column_count(x) - 1))


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
    return centre + standardise(x, lost=0) * spread


def _ampi(x: Array, options: Options) -> Array:
    low, high = options.bounds or (70.0, 130.0)
    reference = options.columns["reference"] * options.columns["direction"]
    centre = np.where(np.isnan(reference), column_mean(x), reference)
    half = (column_max(x) - column_min(x)) / 2
    return low + divide(x - (centre - half), 2 * half) * (high - low)


class Scaling(NamedTuple):
    """A method of normalisation: its formula, and what is to be known of it."""

    formula: Method
    needs: tuple[str, ...] = ()  # columns of the metadata without which an indicator cannot have it
    takes: tuple[str, ...] = ()  # columns that it uses where they say something
    bounds: str = "range"  # what bounds are to it: a range, "centre" (mean and deviation) or "none"
    is_raw: bool = False  # whether its columns hold values on the scale of the data
    ranks: bool = False  # whether it places equal values
    undefined: str = "it has the same value in every unit"  # why a whole column becomes missing
    turns: str = ""  # when it puts units in the opposite order, as it does in COINr

    @property
    def own(self) -> tuple[str, ...]:
        """Return the columns by which the metadata ask for this method."""
        return self.needs or self.takes


METHODS: dict[str, Scaling] = {
    "minmax": Scaling(_minmax, takes=("minmax_lower", "minmax_upper")),
    "zscore": Scaling(_zscore, takes=("zscore_mean", "zscore_sd"), bounds="centre"),
    "rank": Scaling(_rank, bounds="none", ranks=True),
    "borda": Scaling(lambda x, options: _rank(x, options) - 1, bounds="none", ranks=True),
    "percentile-rank": Scaling(_percentile_rank, ranks=True, undefined="only one unit has a value"),
    "distance-to-max": Scaling(_distance_to_max),
    "distance-to-reference": Scaling(
        _distance_to_reference, undefined="the reference unit has no value, or the worst one of all"
    ),
    "distance-to-target": Scaling(
        _distance_to_target,
        needs=("target",),
        takes=("target_cap",),
        is_raw=True,
        undefined="the target is the worst value of all",
        turns="the target is worse than every value, so the best unit has the smallest score",
    ),
    "fraction-of-max": Scaling(
        lambda x, options: options.stretch(divide(x, column_max(x))),
        undefined="the largest value, after the direction, is 0",
        turns="the largest value after the direction is negative, so the worst unit has the largest fraction",
    ),
    "goalposts": Scaling(
        _goalposts,
        needs=("goalpost_lower", "goalpost_upper"),
        takes=("goalpost_scale", "goalpost_truncate"),
        is_raw=True,
    ),
    "scaled": Scaling(_scaled, needs=("scaled_lower", "scaled_upper"), takes=("scaled_factor",), is_raw=True),
    "mpi": Scaling(_mpi, bounds="centre"),
    "ampi": Scaling(_ampi, takes=("reference",), is_raw=True),
    "none": Scaling(lambda x, _: x, bounds="none"),
}
SCALE_COLUMNS = tuple(column for scaling in METHODS.values() for column in (*scaling.needs, *scaling.takes))


def raw_references(method: object) -> tuple[str, ...]:
    """Return the columns with values of the scale of the data that a method measures against."""
    scaling = METHODS.get(str(method))
    return scaling.own if scaling is not None and scaling.is_raw else ()


CONSTANTS = ("refuse", "missing")


def read_constant(text: str) -> float | str:
    """Read what to do with an indicator that has one value in every unit: ``refuse``, ``missing`` or a score."""
    if text in CONSTANTS:
        return text
    try:
        return float(text)
    except ValueError:
        raise UsageError(unknown("way with a constant indicator", text, (*CONSTANTS, "a number"))) from None


@dataclass(frozen=True)
class Rule:
    """How to treat one indicator; it passes below either limit of its shape (both adjusted for sample size).

    One that does not pass is winsorised: its most extreme values, on the side of the skew, become the next one, until
    it passes or `winmax` values have been changed; equal values change together, and two different values are always
    left. If it still does not pass, its original values are transformed.
    """

    winmax: int | None = 5  # the most values to winsorise; None for no limit, 0 for none
    fallback: str | Callable[[Array], Any] = "log"  # a name of `TRANSFORMS`, ``none``, or a function to as many values
    max_skewness: float = 2.0
    max_kurtosis: float = 3.5
    power: float = 0.0  # of Box-Cox


class Check(NamedTuple):
    """The skewness and kurtosis of an indicator at one stage, and whether they pass (None: cannot be told)."""

    skewness: float
    kurtosis: float
    passes: bool | None


@dataclass(frozen=True)
class TreatedColumn:
    """What treating one indicator gave."""

    values: Array
    checks: dict[str, Check]  # by stage: raw, winsorised, transformed; only those that were reached
    high: Mask  # the values that were winsorised, if the result keeps them winsorised
    low: Mask
    winsorised: int = 0  # how many were, also when that was given up for a transformation
    transform: str = ""  # of all values, or empty


def check_shape(x: Array, rule: Rule) -> Check:
    """Check the skewness and kurtosis of values against a rule."""
    skew, kurt = skewness_and_kurtosis(x)
    if math.isnan(skew) or math.isnan(kurt):
        return Check(skew, kurt, passes=None)
    return Check(skew, kurt, passes=abs(skew) < rule.max_skewness or kurt < rule.max_kurtosis)


def treat_values(x: Array, rule: Rule) -> TreatedColumn:
    """Treat the values of one indicator, none of them missing.

    Fewer than 4 values, or values without spread, have no skewness or kurtosis and stay as they are.
    """
    none = np.zeros(len(x), dtype=bool)
    last = check_shape(x, rule)
    treated = TreatedColumn(x, {"raw": last}, none, none)
    if last.passes is False and rule.winmax != 0:
        values, last, high, low = _winsorise(x, rule)
        checks = {**treated.checks, "winsorised": last}
        treated = TreatedColumn(values, checks, high, low, winsorised=int(high.sum() + low.sum()))
    if last.passes is False and rule.fallback != "none":
        values = _transformed(x, rule)
        checks = {**treated.checks, "transformed": check_shape(values, rule)}
        treated = replace(treated, values=values, checks=checks, high=none, low=none, transform=spoken(rule.fallback))
    return treated


def _transformed(x: Array, rule: Rule) -> Array:
    if isinstance(rule.fallback, str):
        return TRANSFORMS[rule.fallback](x, rule)
    return apply_own(rule.fallback, x, purpose="treatment")


def _winsorise(x: Array, rule: Rule) -> tuple[Array, Check, Mask, Mask]:
    """Return the winsorised values, their shape, and which are changed at the high and at the low end."""
    high = low = np.zeros(len(x), dtype=bool)
    check = check_shape(x, rule)
    while check.passes is False and (rule.winmax is None or high.sum() + low.sum() < rule.winmax):
        upper = check.skewness >= 0
        extreme = x == (x.max() if upper else x.min())
        rest = x[~extreme]
        values = np.where(extreme, rest.max() if upper else rest.min(), x)
        further = check_shape(values, rule)
        if further.passes is None:  # one value alone would be left
            break
        x, check = values, further
        high, low = (extreme, low) if upper else (high, extreme)
    return x, check, high, low


def _log(x: Array, _: Rule) -> Array:
    shifted: Array = np.log(x - x.min() + 0.01 * (x.max() - x.min()))
    return shifted


def _box_cox(x: Array, rule: Rule) -> Array:
    positive = x - x.min() + 1
    powered: Array = np.log(positive) if rule.power == 0 else (positive**rule.power - 1) / rule.power
    return powered


TRANSFORMS: dict[str, Callable[[Array, Rule], Array]] = {
    "log": _log,
    "log-by-skew": lambda x, rule: _log(x, rule) if skewness(x) >= 0 else -_log(-x, rule),
    "box-cox": _box_cox,
    "log-gii": lambda x, _: log_by_skew(x[:, None])[:, 0],
}
TREATMENTS = ("winsorise", *TRANSFORMS, "none")
