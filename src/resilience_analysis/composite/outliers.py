"""Tame outliers: check skew and kurtosis, winsorise, and transform what winsorising does not mend.

An indicator passes when abs(skewness) < `max_skewness` or kurtosis < `max_kurtosis` (both adjusted for sample size,
as in Excel). One that does not is winsorised: its most extreme values, on the side of the skew, become the next
one, until it passes or `winmax` values have been changed; equal values change together, and two different values are
always left. If it still does not pass, its original values are transformed:

===================== ==========================================================================================
``log``               log(x - min + 0.01 (max - min))
``log-by-skew``       the same; when the skew is negative -log(max - x + 0.01 (max - min))
``box-cox``           of y = x - min + 1: (y^power - 1) / power, or log y for a power of 0
``log-gii``           log((max - 1) (x - min) / (max - min) + 1); when the skew is negative
                      -log((max - 1) (max - x) / (max - min) + 1); for a maximum above 1
===================== ==========================================================================================

The order and formulas are those of COINr 1.1.14 (``Treat``, ``winsorise``, ``log_CT``, ``log_CT_plus``, ``boxcox``,
``log_GII``).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from resilience_analysis.composite.arrays import Array, Mask, skewness, skewness_and_kurtosis
from resilience_analysis.composite.operations import OPERATIONS
from resilience_analysis.foundation.errors import UsageError

HIGH, LOW = "winsorised high", "winsorised low"


@dataclass(frozen=True)
class Rule:
    """How to treat one indicator; it passes below either limit of its shape."""

    winmax: int | None = 5
    """The most values to winsorise; None for no limit, 0 for none."""
    transform: str | Callable[[Array], Any] = "log"
    """A name of `TRANSFORMS`, ``none``, or a function from values to as many."""
    max_skewness: float = 2.0
    max_kurtosis: float = 3.5
    power: float = 0.0
    """Of Box-Cox."""


@dataclass(frozen=True)
class Check:
    """The skewness and kurtosis of an indicator at one stage, and whether they pass (None: cannot be told)."""

    skewness: float
    kurtosis: float
    passes: bool | None


@dataclass(frozen=True)
class TreatedColumn:
    """What treating one indicator gave."""

    values: Array
    checks: dict[str, Check]
    """By stage: ``raw``, ``winsorised``, ``transformed``; only the stages that were reached."""
    high: Mask
    low: Mask
    """The values that were winsorised, if the result keeps them winsorised."""
    winsorised: int = 0
    """How many were, also when that was given up for a transformation."""
    transform: str = ""
    """The transformation of all values, or empty."""


@dataclass(frozen=True)
class _Trimmed:
    values: Array
    high: Mask
    low: Mask
    check: Check = field(default_factory=lambda: Check(np.nan, np.nan, passes=None))


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
    outcome = TreatedColumn(x, {"raw": check_shape(x, rule)}, none, none)
    if outcome.checks["raw"].passes is False and rule.winmax != 0:
        trimmed = _winsorise(x, rule)
        outcome = TreatedColumn(
            trimmed.values,
            {**outcome.checks, "winsorised": trimmed.check},
            trimmed.high,
            trimmed.low,
            winsorised=int(trimmed.high.sum() + trimmed.low.sum()),
        )
    last = list(outcome.checks.values())[-1]
    if last.passes is False and rule.transform != "none":
        values, name = _transformed(x, rule)
        checks = {**outcome.checks, "transformed": check_shape(values, rule)}
        outcome = replace(outcome, values=values, checks=checks, high=none, low=none, transform=name)
    return outcome


def _transformed(x: Array, rule: Rule) -> tuple[Array, str]:
    """Return the values after the transformation of a rule, and what it is called."""
    if isinstance(rule.transform, str):
        return TRANSFORMS[rule.transform](x, rule), rule.transform
    name = getattr(rule.transform, "__name__", "own")
    values = np.asarray(rule.transform(x.copy()), dtype=np.float64)
    if values.shape != x.shape:
        raise UsageError(
            f"the function {name} gives {values.shape} values for {x.shape}. It returns as many as it gets"
        )
    return values, name


def _winsorise(x: Array, rule: Rule) -> _Trimmed:
    none = np.zeros(len(x), dtype=bool)
    state = _Trimmed(x, none, none, check_shape(x, rule))
    while state.check.passes is False and _may_go_on(state, rule):
        further = _winsorise_once(state, rule)
        if further.check.passes is None:  # one value alone would be left
            break
        state = further
    return state


def _may_go_on(state: _Trimmed, rule: Rule) -> bool:
    changed = int(state.high.sum() + state.low.sum())
    return rule.winmax is None or changed < rule.winmax


def _winsorise_once(state: _Trimmed, rule: Rule) -> _Trimmed:
    x, upper = state.values, state.check.skewness >= 0
    extreme = x == (x.max() if upper else x.min())
    rest = x[~extreme]
    values = np.where(extreme, rest.max() if upper else rest.min(), x)
    high, low = (extreme, state.low) if upper else (state.high, extreme)
    return _Trimmed(values, high, low, check_shape(values, rule))


def _log(x: Array, rule: Rule) -> Array:  # noqa: ARG001 - every transformation has the same form
    shifted: Array = np.log(x - x.min() + 0.01 * (x.max() - x.min()))
    return shifted


def _log_by_skew(x: Array, rule: Rule) -> Array:
    return _log(x, rule) if skewness(x) >= 0 else -_log(-x, rule)


def _box_cox(x: Array, rule: Rule) -> Array:
    positive = x - x.min() + 1
    if rule.power == 0:
        logged: Array = np.log(positive)
        return logged
    powered: Array = (positive**rule.power - 1) / rule.power
    return powered


def _log_by_gii(x: Array, rule: Rule) -> Array:  # noqa: ARG001 - every transformation has the same form
    return OPERATIONS["log-gii"].formula(x[:, None])[:, 0]


TRANSFORMS: dict[str, Callable[[Array, Rule], Array]] = {
    "log": _log,
    "log-by-skew": _log_by_skew,
    "box-cox": _box_cox,
    "log-gii": _log_by_gii,
}
TREATMENTS = ("winsorise", *TRANSFORMS, "none")
