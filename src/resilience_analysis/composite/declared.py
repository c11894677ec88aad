"""What a framework file says besides its codes, checked: its defaults, and the choices of an uncertainty run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import pandas as pd

from resilience_analysis.composite.aggregation import make_plan
from resilience_analysis.composite.chain import step_settings
from resilience_analysis.composite.choices import NOISE, SAMPLE, check_choice
from resilience_analysis.composite.imputation import METHODS as IMPUTATIONS
from resilience_analysis.composite.normalisation import check_options
from resilience_analysis.composite.treatment import make_rules
from resilience_analysis.composite.weighting import METHODS
from resilience_analysis.foundation.definitions import FLAG, NUMBER, Field, Form, Record, Value
from resilience_analysis.foundation.errors import Problem, UsageError, unknown
from resilience_analysis.foundation.forms import is_number

_METHOD = Value(lambda value: isinstance(value, str), "the name of a method", {"type": "string"})
_COLUMN = Value(lambda value: isinstance(value, str), "the name of a column", {"type": "string"})
_WHOLE = Value(lambda value: isinstance(value, int), "a whole number", {"type": "integer"})
_SHARE = Value(is_number, "a share of 0 to 1", {"type": "number", "minimum": 0, "maximum": 1})
_UNIT = Value(lambda value: isinstance(value, str), "the code of a unit; put it between quotes", {"type": "string"})
_BOUNDS = Value(
    lambda value: isinstance(value, list) and len(value) == 2 and all(map(is_number, value)),  # noqa: PLR2004
    "[low, high]",
    {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
)
_CONSTANT = Value(
    lambda value: isinstance(value, str) or is_number(value),
    "refuse, missing or a number",
    {"type": ["string", "number"]},
)


def _one_or_more(one: Value) -> Value:
    return Value(
        lambda value: one.holds(value) or (isinstance(value, list) and bool(value) and all(map(one.holds, value))),
        f"{one.must_be}, or a list with one per level",
        {"anyOf": [one.schema(), {"type": "array", "items": one.schema(), "minItems": 1}]},
    )


_DEFAULTS: Mapping[str, tuple[str, Form]] = {
    "denominate": ("denominate", FLAG),
    "impute": ("impute.method", _METHOD),
    "max_gap": ("impute.max_gap", _WHOLE),
    "group": ("group", _COLUMN),
    "screen": ("screen.min_available", _SHARE),
    "treat": ("treat.method", _METHOD),
    "winmax": ("treat.winmax", _WHOLE),
    "fallback": ("treat.fallback", _METHOD),
    "normalise": ("normalise.method", _METHOD),
    "range": ("normalise.bounds", _BOUNDS),
    "ties": ("normalise.ties", Value(_METHOD.holds, "min or average", {"enum": ["min", "average"]})),
    "reference": ("normalise.reference", _UNIT),
    "per_year": ("normalise.per_year", FLAG),
    "constant": ("normalise.constant", _CONSTANT),
    "aggregate": ("aggregate.method", _one_or_more(_METHOD)),
    "power": ("aggregate.power", NUMBER),
    "min_coverage": ("aggregate.min_coverage", _one_or_more(_SHARE)),
    "weights": ("weights.method", _METHOD),
}
DEFAULTS = {key: setting for key, (setting, _) in _DEFAULTS.items()}
"""The setting of `score` that each key of ``defaults`` stands for."""
DEFAULTS_FORM = Record({key: Field(form) for key, (_, form) in _DEFAULTS.items()})


def default_problems(given: Any, tidy: pd.DataFrame | None) -> list[Problem]:
    """Find what is wrong with the defaults of a framework file: their keys, their form, and what a verb refuses.

    Parameters
    ----------
    given
        The mapping below ``defaults``.
    tidy
        The metadata of the same file, which say how many levels there are; None when they have problems.
    """
    problems = DEFAULTS_FORM.problems("defaults", given)
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
    given = {key: value for key, value in given.items() if value is not None}
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


def _is_noise(value: object) -> bool:
    sizes = list(value.values()) if isinstance(value, Mapping) else [value]
    return all(is_number(size) and 0 <= size <= 1 for size in sizes)
