"""What a framework file says besides its codes, checked: its defaults, and the choices of an uncertainty run."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, TypeGuard

import pandas as pd

from resilience_analysis.composite.aggregation import make_plan
from resilience_analysis.composite.chain import step_settings
from resilience_analysis.composite.choices import NOISE, SAMPLE, check_choice
from resilience_analysis.composite.imputation import METHODS as IMPUTATIONS
from resilience_analysis.composite.normalisation import check_options
from resilience_analysis.composite.treatment import make_rules
from resilience_analysis.composite.weighting import METHODS
from resilience_analysis.foundation.errors import Problem, UsageError, unknown

DEFAULTS = {
    "denominate": "denominate",
    "impute": "impute.method",
    "max_gap": "impute.max_gap",
    "group": "group",
    "screen": "screen.min_available",
    "treat": "treat.method",
    "winmax": "treat.winmax",
    "fallback": "treat.fallback",
    "normalise": "normalise.method",
    "range": "normalise.bounds",
    "ties": "normalise.ties",
    "reference": "normalise.reference",
    "per_year": "normalise.per_year",
    "constant": "normalise.constant",
    "aggregate": "aggregate.method",
    "power": "aggregate.power",
    "min_coverage": "aggregate.min_coverage",
    "weights": "weights.method",
}


def default_problems(given: Any, tidy: pd.DataFrame | None) -> list[Problem]:
    """Find what is wrong with the defaults of a framework file: their keys, their form, and what a verb refuses.

    Parameters
    ----------
    given
        The mapping below ``defaults``.
    tidy
        The metadata of the same file, which say how many levels there are; None when they have problems.
    """
    if not isinstance(given, Mapping):
        return [Problem("defaults", f"{given!r} is not a list of keys with values", "Write: 'normalise: minmax'")]
    problems = [Problem(f"defaults, key {key}", unknown("key", key, DEFAULTS)) for key in given if key not in DEFAULTS]
    for key, value in given.items():
        spoken, holds = _FORMS.get(key, _ANYTHING)
        if not holds(value):
            problems.append(Problem(f"defaults, key {key}", f"{value!r} is not {spoken}"))
    return problems if problems or tidy is None else list(_refused(given, tidy))


def choice_problems(given: Any) -> list[Problem]:
    """Find what is wrong with the choices of a framework file: their names and form."""
    if not isinstance(given, Mapping):
        return [
            Problem("uncertainty", f"{given!r} is not a list of choices", "Write such as 'treat.winmax: [1, 5]'"),
        ]
    problems = []
    for name, value in given.items():
        if name == NOISE and not _is_noise(value):
            problems.append(Problem(f"uncertainty, {name}", f"{value!r} is not a number of 0 to 1, or one per level"))
        elif name == SAMPLE and not isinstance(value, bool):
            problems.append(Problem(f"uncertainty, {name}", f"{value!r} is not true or false"))
        elif name not in (NOISE, SAMPLE):
            problems += _refusal(f"uncertainty, {name}", partial(check_choice, str(name), value))
    return problems


def _refused(given: Mapping[str, Any], tidy: pd.DataFrame) -> Iterator[Problem]:
    """Ask the verbs what they would refuse."""
    steps = step_settings({DEFAULTS[key]: value for key, value in given.items() if key != "group"})
    known = ("method", "bounds", "ties", "constant")
    normalise = {name: value for name, value in steps.get("normalise", {}).items() if name in known}
    yield from _refusal("defaults, normalise", lambda: check_options(**{"method": "minmax", **normalise}))
    yield from _refusal("defaults, treat", lambda: make_rules(tidy, **steps.get("treat", {})))
    if given.get("impute", "mean") not in IMPUTATIONS:
        yield Problem("defaults, impute", unknown("imputation method", given["impute"], IMPUTATIONS))
    if not 0 <= given.get("screen", 0) <= 1:
        yield Problem("defaults, screen", f"{given['screen']} is not between 0 and 1", "Give a share, such as 0.9")
    yield from _refusal("defaults, aggregate", lambda: make_plan(tidy, **steps.get("aggregate", {})))
    if given.get("weights", "framework") not in METHODS:
        yield Problem("defaults, weights", unknown("weighting method", given["weights"], METHODS))


def _refusal(where: str, check: Callable[[], object]) -> list[Problem]:
    try:
        check()
    except UsageError as error:
        return [Problem(where, str(error))]
    return []


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_noise(value: object) -> bool:
    sizes = list(value.values()) if isinstance(value, Mapping) else [value]
    return all(_is_number(size) and 0 <= size <= 1 for size in sizes)


def _one_or_more(holds: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: holds(value) or (isinstance(value, list) and bool(value) and all(map(holds, value)))


_ANYTHING: tuple[str, Callable[[object], bool]] = ("", lambda value: True)  # noqa: ARG005 - the key is refused
_FORMS: Mapping[str, tuple[str, Callable[[object], bool]]] = {
    "denominate": ("true or false", lambda value: isinstance(value, bool)),
    "impute": ("the name of a method", _is_text),
    "max_gap": ("a whole number", lambda value: isinstance(value, int)),
    "group": ("the name of a column", _is_text),
    "screen": ("a share of 0 to 1", _is_number),
    "treat": ("the name of a method", _is_text),
    "winmax": ("a whole number", lambda value: isinstance(value, int)),
    "fallback": ("the name of a method", _is_text),
    "per_year": ("true or false", lambda value: isinstance(value, bool)),
    "reference": ("the code of a unit; put it between quotes", _is_text),
    "normalise": ("the name of a method", _is_text),
    "range": ("[low, high]", lambda value: isinstance(value, list) and len(value) == 2 and all(map(_is_number, value))),  # noqa: PLR2004
    "ties": ("min or average", _is_text),
    "constant": ("refuse, missing or a number", lambda value: _is_text(value) or _is_number(value)),
    "aggregate": ("the name of a method, or a list with one per level", _one_or_more(_is_text)),
    "power": ("a number", _is_number),
    "min_coverage": ("a share of 0 to 1, or a list with one per level", _one_or_more(_is_number)),
    "weights": ("the name of a method", _is_text),
}
