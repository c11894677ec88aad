"""The verbs that turn observations into indicator values: one function each, chosen by its name in the framework.

A new verb is one function here, with the form of its arguments above it, and one entry in ``framework.yml``; nothing
else knows of it. Every verb returns a row for every municipality in every year that it covers (`evidence.Derived`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from resilience_analysis.foundation.definitions import COUNT, YEAR, Field, Record, Schema, Value, is_number, is_text
from resilience_analysis.foundation.errors import Problem, UsageError, unknown
from resilience_analysis.indicators.evidence import (
    Derived,
    Evidence,
    combine,
    derived,
    in_years,
    total,
    unless,
    years_of,
)

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

    def variables(self, written: Any) -> list[str]:
        """Return the variables that its arguments name, each once."""
        given = self.arguments(written)
        named = [given[argument] for argument, kind in self.form.items() if "variable" in kind and argument in given]
        return list(dict.fromkeys(name for names in named for name in _listed(names)))

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
    """Register the function below it as a verb, under its own name."""

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


@verb({"of": "variable"})
def take(evidence: Evidence, arguments: Arguments) -> Derived:
    """Take a variable as it is."""
    return evidence.variable(arguments["of"])


@verb({"part": "variable", "whole": "variable"})
def share(evidence: Evidence, arguments: Arguments) -> Derived:
    """Calculate the percentage that `part` is of `whole`; not applicable where the whole is zero."""
    parts = [evidence.variable(arguments["part"]), evidence.variable(arguments["whole"])]
    return combine(parts, lambda columns: 100 * columns[0] / columns[1].where(columns[1] != 0))


@verb(
    {"part": "variables", "whole": "variables", "per": "number", "mean_of_years": "count?", "whole_year": "year?"},
    years={"whole": ("whole_year",)},
)
def rate(evidence: Evidence, arguments: Arguments) -> Derived:
    """Calculate so many of `part` per `per` of `whole`.

    Both are sums of variables. ``mean_of_years`` averages the part over that many years up to each year;
    ``whole_year`` takes the whole of one year for all.
    """
    part, whole = total(evidence, arguments["part"]), total(evidence, arguments["whole"])
    span = int(arguments.get("mean_of_years", 1))
    if span > 1:
        part = _rolling_mean(part, span)
    if "whole_year" in arguments:
        whole = in_years(whole, dict.fromkeys(years_of(part), int(arguments["whole_year"])))
    per = float(arguments["per"])
    return combine([part, whole], lambda columns: per * columns[0] / columns[1].where(columns[1] != 0))


def _rolling_mean(part: Derived, span: int) -> Derived:
    known = years_of(part)
    full = [year for year in known if set(range(year - span + 1, year + 1)) <= set(known)]
    window = [in_years(part, {year: year - back for year in full}) for back in reversed(range(span))]
    values, reasons = (pd.concat([rows[name] for rows in window], axis=1) for name in ("value", "missing_reason"))
    mean, reason = values.mean(axis=1, skipna=False), reasons.bfill(axis=1).iloc[:, 0]
    return pd.DataFrame({"value": mean, "missing_reason": reason})


@verb({"of": "variable"})
def density(evidence: Evidence, arguments: Arguments) -> Derived:
    """Return a count per square kilometre."""
    count = evidence.variable(arguments["of"])
    area = evidence.municipalities["area_km2"].reindex(count.index.get_level_values("nis_code")).to_numpy()
    return combine([count], lambda columns: columns[0] / area)


@verb(
    {"of": "variable", "from": "year", "later": "variable?", "to": "year"},
    years={"of": ("from",), "later": ("to",)},
)
def growth(evidence: Evidence, arguments: Arguments) -> Derived:
    """Percentage by which a variable grows from one year to another; filed under the first of the two years.

    ``later`` names the variable of the second year where it is another one, such as a projection.
    """
    begin, end = int(arguments["from"]), int(arguments["to"])
    first, second = evidence.variable(arguments["of"]), evidence.variable(arguments.get("later", arguments["of"]))
    both = [in_years(first, {begin: begin}), in_years(second, {begin: end})]
    return combine(both, lambda columns: 100 * (columns[1] / columns[0] - 1))


@verb({"of": "several variables", "least": "count?"}, whole=False)
def evenness(evidence: Evidence, arguments: Arguments) -> Derived:
    """Evenness of a distribution over classes: Shannon entropy divided by its maximum, ln(number of classes).

    0 when all falls in one class, 1 when every class is as large (Pielou 1966, Journal of Theoretical Biology 13). With
    ``least``, a distribution of fewer than that is missing, and the number is given as ``n``.
    """
    parts = [evidence.variable(name) for name in arguments["of"]]
    found = combine(parts, _evenness)
    if "least" not in arguments:
        return found
    n = combine(parts, lambda columns: sum(columns[1:], columns[0]))["value"]
    return unless(found.assign(n=n.where(found["value"].notna())), n < arguments["least"], "too_few_entries")


def _evenness(columns: list[pd.Series]) -> pd.Series:
    counts = np.stack([column.to_numpy() for column in columns])
    sums = counts.sum(axis=0)
    shares = counts / np.where(sums > 0, sums, np.nan)
    terms = np.where(shares > 0, shares * np.log(np.where(shares > 0, shares, 1.0)), 0.0)
    value = np.where(sums > 0, -terms.sum(axis=0) / np.log(len(columns)), np.nan)
    return pd.Series(value, index=columns[0].index)


@verb({"levels": "levels", "year": "year"})
def nestedness(evidence: Evidence, arguments: Arguments) -> Derived:
    """How far the supra-local areas of a municipality coincide: mean over pairs of |A and B| / min(|A|, |B|).

    A and B are the sets of municipalities that share an area with it; 1 when one area of every pair lies within the
    other. A level to which a municipality does not belong is left out of its pairs.
    """
    levels, year = arguments["levels"], int(arguments["year"])
    areas = evidence.municipalities[levels]
    sizes = {level: _sharing(areas, [level]) for level in levels}
    sums, pairs = np.zeros(len(areas)), np.zeros(len(areas))
    for one, other in combinations(levels, 2):
        smaller = np.minimum(sizes[one], sizes[other])
        sums += np.where(smaller > 0, _sharing(areas, [one, other]) / np.maximum(smaller, 1), 0)
        pairs += smaller > 0
    return _of_one_year(areas.index, year, sums / np.where(pairs > 0, pairs, np.nan))


def _of_one_year(codes: pd.Index, year: int, value: np.ndarray[Any, Any]) -> Derived:
    reason = np.full(len(codes), None, dtype=object)
    reason[np.isnan(value)] = "not_applicable"
    return derived(codes, [year], value=value, missing_reason=reason)


def _sharing(areas: pd.DataFrame, levels: list[str]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Count the municipalities that share the areas of all these levels with each; 0 where it belongs to none."""
    return areas.groupby(levels)[levels[0]].transform("size").fillna(0).to_numpy(dtype=float)


@verb({"of": "name"}, given=True)
def self_assessment(evidence: Evidence, arguments: Arguments) -> Derived:
    """Take what people answered about a dimension on the scale from 1 to 4."""
    return evidence.given_by("self_assessment", arguments["of"])


@verb({"of": "name", "least": "count?"}, given=True)
def process(evidence: Evidence, arguments: Arguments) -> Derived:
    """Take a measure of the process log; with ``least``, missing where it rests on fewer entries."""
    found = evidence.given_by("process", arguments["of"])
    return unless(found, found["n"] < arguments.get("least", 1), "too_few_entries") if "n" in found else found


@verb({"max_age": "count", "year": "year"}, last=True)
def coverage(evidence: Evidence, arguments: Arguments) -> Derived:
    """Percentage of the survey and register indicators with a value at most ``max_age`` years old in ``year``."""
    year = int(arguments["year"])
    counted = evidence.indicators[evidence.indicators["strand"].isin(["residents", "register"])]
    recent = counted["value"].notna() & (counted["year"] >= year - int(arguments["max_age"]))
    has = counted.assign(recent=recent).groupby(["nis_code", "indicator"])["recent"].any()
    codes = evidence.municipalities.index
    return _of_one_year(codes, year, (100 * has.groupby("nis_code").mean()).reindex(codes).to_numpy(dtype=float))


def derive(evidence: Evidence, recipe: Mapping[str, Any]) -> Derived:
    """Apply the one verb of a recipe, such as ``{take: population}``.

    Raises
    ------
    UsageError
        When the verb does not exist.
    KeyError
        When a variable that it names does not exist.
    """
    name, written = next(iter(recipe.items()))
    if name not in VERBS:
        raise UsageError(unknown("verb", name, VERBS))
    return VERBS[name].calculate(evidence, VERBS[name].arguments(written))
