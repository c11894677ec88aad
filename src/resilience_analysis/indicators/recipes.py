"""The registry of verbs, and what can be wrong with a recipe such as ``{share: {part: a, whole: b}}``.

A verb is registered where its function is (`verbs`): its name, the form of its arguments, and the years for which its
variables must be known. Nothing else knows of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from resilience_analysis.foundation.definitions import COUNT, YEAR, Field, Record, Schema, Value, is_number, is_text
from resilience_analysis.foundation.errors import Problem, unknown
from resilience_analysis.indicators.evidence import Derived, Evidence

Arguments = Mapping[str, Any]
Function = Callable[[Evidence, Arguments], Derived]
OF = "of"


@dataclass(frozen=True)
class Verb:
    """One way to derive an indicator."""

    name: str
    calculate: Function  # the function; its arguments have the right form and their variables exist
    form: Mapping[str, str]
    """What each argument must be, one of `KINDS`; a question mark after it marks what may be left out."""
    years: Mapping[str, tuple[str, ...]]
    """Per argument that names variables, the arguments that name the years in which these must be known."""
    given: bool = False  # whether its values come from the region's own registers and answers, which may still be empty
    last: bool = False  # whether it looks at the other indicators, and so is derived after them
    whole: bool = True
    """Whether its value for all inhabitants together can be set beside that of a municipality; how evenly a whole
    region is spread cannot.
    """

    def arguments(self, written: Any) -> Arguments:
        """Return the arguments by name: a verb with the argument `of` may be written with that alone."""
        return written if isinstance(written, dict) or OF not in self.form else {OF: written}

    @property
    def record(self) -> Record:
        """The form of its arguments."""
        kinds = {name: (KINDS[kind.removesuffix("?")], not kind.endswith("?")) for name, kind in self.form.items()}
        return Record({name: Field(kind, required) for name, (kind, required) in kinds.items()})

    @property
    def short(self) -> list[Schema]:
        """The form of the one argument that it may be written with."""
        alone = [name for name, kind in self.form.items() if not kind.endswith("?")] == [OF]
        return [KINDS[self.form[OF]].schema()] if alone else []


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


_NAMES: Schema = {"type": "array", "items": {"type": "string"}, "minItems": 1}
_NAME = Value(is_text, "one name", {"type": "string"})
_SEVERAL = Value(
    lambda value: _are_names(value, 2) and len(set(value)) == len(value),
    "a list of two or more different names",
    _NAMES | {"minItems": 2, "uniqueItems": True},
)
KINDS: Mapping[str, Value] = {
    "variable": _NAME,
    "variables": Value(_are_names, "a list of names", _NAMES),
    "several variables": _SEVERAL,
    "levels": _SEVERAL,
    "name": _NAME,
    "year": YEAR,
    "count": COUNT,
    "number": Value(
        lambda value: is_number(value) and value > 0, "a number above 0", {"type": "number", "exclusiveMinimum": 0}
    ),
}


class Derivation:
    """The form of a recipe; `recipe_problems` says whether its variables exist."""

    def problems(self, where: str, value: Any) -> list[Problem]:
        """Return every fault of a verb with its arguments."""
        if not isinstance(value, dict) or len(value) != 1:
            return [Problem(where, "must name exactly one verb with its arguments")]
        name, written = next(iter(value.items()))
        if name not in VERBS:
            return [Problem(where, unknown("verb", name, VERBS))]
        return VERBS[name].record.problems(f"{where}, {name}", VERBS[name].arguments(written))

    def schema(self) -> Schema:
        """Return the same as JSON Schema."""
        verbs = {name: {"anyOf": [verb.record.schema(), *verb.short]} for name, verb in VERBS.items()}
        single = {"minProperties": 1, "maxProperties": 1, "additionalProperties": False}
        return {"type": "object", "properties": verbs, **single}


def recipe_problems(
    where: str, recipe: Mapping[str, Any], *, variables: Mapping[str, set[int]], levels: set[str]
) -> list[Problem]:
    """Return every variable, year or area level that a recipe names and no source has.

    Parameters
    ----------
    where
        What the recipe belongs to, for the message.
    recipe
        One verb with its arguments, of the right form (`Derivation`).
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
