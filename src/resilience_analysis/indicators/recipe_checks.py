"""What can be wrong with the recipe of an indicator: the form that each verb's arguments must have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from resilience_analysis.foundation.errors import unknown
from resilience_analysis.foundation.forms import is_count, is_number, is_text, is_year

# What an argument can be: the name of a variable or measure, several of them, a year, a number.
_FORMS: Mapping[str, str | Mapping[str, str]] = {
    "take": "name",
    "density": "name",
    "self_assessment": "name",
    "process": "name",
    "evenness": "several names",
    "share": {"part": "name", "whole": "name"},
    "rate": {"part": "names", "whole": "names", "per": "number", "mean_of_years": "count", "whole_year": "year"},
    "growth": {"of": "name", "from": "year", "to": "year"},
    "nestedness": {"levels": "several names", "year": "year"},
    "coverage": {"max_age": "count"},
}
_OPTIONAL = {"mean_of_years", "whole_year"}
VERBS = tuple(_FORMS)


def _are_names(value: object, least: int = 1) -> bool:
    return isinstance(value, list) and len(value) >= least and all(is_text(name) for name in value)


_KINDS: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "name": ("one name", is_text),
    "names": ("a list of names", _are_names),
    "several names": ("a list of two or more different names", lambda value: _are_names(value, 2) and _differ(value)),
    "year": ("a year such as 2025", is_year),
    "count": ("a whole number of 1 or more", is_count),
    "number": ("a number above 0", lambda value: is_number(value) and value > 0),
}


def _differ(names: list[str]) -> bool:
    return len(set(names)) == len(names)


def recipe_faults(recipe: object) -> list[str]:
    """Say what is wrong with the form of a recipe such as ``{take: population}``.

    Whether the variables that it names exist is another matter, see `derive.recipe_problems`.
    """
    if not isinstance(recipe, dict) or len(recipe) != 1:
        return ["derive must name exactly one verb with its arguments"]
    verb, arguments = next(iter(recipe.items()))
    form = _FORMS.get(verb)
    if form is None:
        return [unknown("verb", verb, VERBS)]
    if isinstance(form, str):
        return _fault_of(verb, form, arguments)
    if not isinstance(arguments, dict):
        return [f"{verb} needs the arguments {', '.join(name for name in form if name not in _OPTIONAL)}"]
    return _argument_faults(verb, form, arguments)


def _argument_faults(verb: str, form: Mapping[str, str], arguments: Mapping[Any, Any]) -> list[str]:
    faults = [unknown(f"argument of {verb}", name, form) for name in arguments if name not in form]
    faults += [f"{verb} lacks the argument {name}" for name in form if name not in {*arguments, *_OPTIONAL}]
    for name, kind in form.items():
        if name in arguments:
            faults += _fault_of(f"{verb}, {name}", kind, arguments[name])
    return faults


def _fault_of(what: str, kind: str, value: object) -> list[str]:
    spoken, holds = _KINDS[kind]
    return [] if holds(value) else [f"{what} is {value!r}, but must be {spoken}"]
