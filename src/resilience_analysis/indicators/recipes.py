"""The registry of verbs, and what can be wrong with a recipe such as ``{share: {part: a, whole: b}}``.

A verb is registered where its function is (`verbs`): its name, the form of its arguments, and the years for which its
variables must be known. Nothing else knows of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from resilience_analysis.foundation.errors import Problem, unknown
from resilience_analysis.foundation.forms import is_count, is_number, is_text, is_year
from resilience_analysis.indicators.evidence import Derived, Evidence

Arguments = Mapping[str, Any]
Function = Callable[[Evidence, Arguments], Derived]
OF = "of"


@dataclass(frozen=True)
class Verb:
    """One way to derive an indicator.

    Attributes
    ----------
    calculate
        The function; its arguments have the right form and their variables exist.
    form
        What each argument must be, one of `KINDS`; a question mark after it marks what may be left out.
    years
        Per argument that names variables, the arguments that name the years in which these must be known.
    given
        Whether its values come from the region's own registers and answers, which may still be empty.
    last
        Whether it looks at the other indicators, and so is derived after them.
    whole
        Whether its value for all inhabitants together can be set beside that of a municipality; how evenly a whole
        region is spread cannot.
    """

    name: str
    calculate: Function
    form: Mapping[str, str]
    years: Mapping[str, tuple[str, ...]]
    given: bool = False
    last: bool = False
    whole: bool = True

    def arguments(self, written: Any) -> Arguments:
        """Return the arguments by name: a verb with the argument `of` may be written with that alone."""
        return written if isinstance(written, dict) or OF not in self.form else {OF: written}


VERBS: dict[str, Verb] = {}


def verb(
    form: Mapping[str, str],
    *,
    years: Mapping[str, tuple[str, ...]] | None = None,
    given: bool = False,
    last: bool = False,
    whole: bool = True,
) -> Callable[[Function], Function]:
    """Register the function below it as a verb, under its own name.

    Parameters
    ----------
    form, years, given, last, whole
        See `Verb`.
    """

    def register(function: Function) -> Function:
        VERBS[function.__name__] = Verb(function.__name__, function, form, years or {}, given, last, whole)
        return function

    return register


def _are_names(value: object, least: int = 1) -> bool:
    return isinstance(value, list) and len(value) >= least and all(is_text(name) for name in value)


def _are_several(value: object) -> bool:
    return isinstance(value, list) and _are_names(value, 2) and len(set(value)) == len(value)


_SEVERAL = "a list of two or more different names"
KINDS: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "variable": ("one name", is_text),
    "variables": ("a list of names", _are_names),
    "several variables": (_SEVERAL, _are_several),
    "levels": (_SEVERAL, _are_several),
    "name": ("one name", is_text),
    "year": ("a year such as 2025", is_year),
    "count": ("a whole number of 1 or more", is_count),
    "number": ("a number above 0", lambda value: is_number(value) and value > 0),
}


def recipe_faults(recipe: object) -> list[str]:
    """Say what is wrong with the form of a recipe; `recipe_problems` says whether its variables exist."""
    if not isinstance(recipe, dict) or len(recipe) != 1:
        return ["derive must name exactly one verb with its arguments"]
    name, written = next(iter(recipe.items()))
    if name not in VERBS:
        return [unknown("verb", name, VERBS)]
    found = VERBS[name]
    if not isinstance(written, dict) and OF in found.form:
        return _fault_of(name, found.form[OF], written)
    if not isinstance(written, dict):
        return [f"{name} needs the arguments {', '.join(_needed(found.form))}"]
    return _argument_faults(name, found.form, written)


def _needed(form: Mapping[str, str]) -> list[str]:
    return [name for name, kind in form.items() if not kind.endswith("?")]


def _argument_faults(name: str, form: Mapping[str, str], arguments: Mapping[Any, Any]) -> list[str]:
    faults = [unknown(f"argument of {name}", argument, form) for argument in arguments if argument not in form]
    faults += [f"{name} lacks the argument {argument}" for argument in _needed(form) if argument not in arguments]
    for argument, kind in form.items():
        if argument in arguments:
            faults += _fault_of(f"{name}, {argument}", kind, arguments[argument])
    return faults


def _fault_of(what: str, kind: str, value: object) -> list[str]:
    spoken, holds = KINDS[kind.removesuffix("?")]
    return [] if holds(value) else [f"{what} is {value!r}, but must be {spoken}"]


def recipe_problems(
    where: str, recipe: Mapping[str, Any], *, variables: Mapping[str, set[int]], levels: set[str]
) -> list[Problem]:
    """Return every variable, year or area level that a recipe names and no source has.

    Parameters
    ----------
    where
        What the recipe belongs to, for the message.
    recipe
        One verb with its arguments, of the right form (`recipe_faults`).
    variables
        The years that each variable is known for.
    levels
        Columns of the municipalities that hold supra-local areas.
    """
    name, written = next(iter(recipe.items()))
    found = VERBS[name]
    arguments = found.arguments(written)
    problems = []
    for argument, kind in found.form.items():
        # a variable that is left out is that of the argument `of`
        names = arguments.get(argument, arguments.get(OF) if argument in found.years else None)
        if "variable" in kind and names is not None:
            years = [arguments[year] for year in found.years.get(argument, ()) if year in arguments]
            for variable in _listed(names):
                problems += _variable_problems(where, variable, years, variables)
        elif kind == "levels":
            wrong = [level for level in arguments[argument] if level not in levels]
            problems += [Problem(where, unknown("area level", level, levels)) for level in wrong]
    return list(dict.fromkeys(problems))


def _variable_problems(where: str, name: str, years: list[int], variables: Mapping[str, set[int]]) -> list[Problem]:
    if name not in variables:
        return [Problem(where, unknown("variable", name, variables))]
    known = ", ".join(str(year) for year in sorted(variables[name]))
    absent = [year for year in years if year not in variables[name]]
    return [Problem(where, f"{name} is not known for {year}, only for {known}") for year in absent]


def _listed(names: str | list[str]) -> list[str]:
    return [names] if isinstance(names, str) else names
