"""What ``sources.yml`` must look like, declared; and what can be wrong between its sources."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from resilience_analysis.data.publishers import readers
from resilience_analysis.foundation.definitions import (
    ANY,
    COUNT,
    FILE,
    FLAG,
    LINK,
    NUMBER,
    PLAIN,
    TEXT,
    YEAR,
    Either,
    Field,
    Form,
    Listing,
    Named,
    OneOf,
    Record,
    Value,
    Wording,
)
from resilience_analysis.foundation.errors import Problem, unknown
from resilience_analysis.foundation.settings import CODE, default_languages
from resilience_analysis.foundation.vocabulary import MISSING_REASONS


@dataclass(frozen=True)
class FigureKind:
    """One kind of figure."""

    low: float = -math.inf
    high: float = math.inf  # low, high: between which every figure lies
    whole: bool = False  # whether it is a whole number
    additive: bool = False
    """Whether figures of municipalities that merged are added up; what is neither additive nor weighted is missing
    there (``merged_area``).
    """
    weighted: bool = False
    """Whether they are averaged with the inhabitants as weights, where the source names its variable of inhabitants."""
    read: bool = True  # whether the column is read at all


KINDS = {
    "count": FigureKind(low=0, whole=True, additive=True),
    "amount_eur": FigureKind(low=0, additive=True),
    "balance": FigureKind(additive=True),  # of people or euros: what came in less what went out, below zero too
    "share_pct": FigureKind(low=0, high=100, weighted=True),
    "rate_pct": FigureKind(low=0, high=100, weighted=True),
    "rate": FigureKind(low=0),  # per thousand inhabitants, minutes, kilometres: above 100 too
    "median_eur": FigureKind(low=0, high=1e7),  # of people's incomes and of houses: beyond it, a slip of the keyboard
    "number": FigureKind(),
    "ignore": FigureKind(read=False),
}


FILE_NAME = "sources.yml"
FORMATS = ("table", "municipalities", "mergers", "areas", "boundaries", "villages", "village_figures")
SINGLE = FORMATS[1:]  # at most one source has each of these
BY_YEAR = "by_year"
TEXTS = ("title", "licence", "vintage", "purpose")

_REASON = OneOf("missing reason", lambda: MISSING_REASONS)
_COLUMN = Record(
    {
        "kind": Field(OneOf("kind", lambda: KINDS), required=True, says="what the figures are"),
        "empty": Field(_REASON, says="why an empty cell is empty (default unknown)"),
        "at_most": Field(TEXT, says="a variable of the same municipality and year that it cannot exceed"),
    }
)
_UNPIVOT = Record({name: Field(TEXT, required=True) for name in ("columns", "names", "values")})
_PIVOT = Record(
    {
        "column": Field(TEXT, required=True, says="which holds labels"),
        "values": Field(TEXT, required=True, says="which holds the figures"),
        "labels": Field(
            Named(TEXT, least=1), says="by label, our variable (* adds up all, 65.. from 65); else its name"
        ),
    }
)
_SHARE = Record({name: Field(TEXT, required=True) for name in ("of", "among")})
_RANGE = Record({"from": Field(NUMBER), "to": Field(NUMBER)})
_CONDITION = Either((PLAIN, Listing(PLAIN, least=1), _RANGE), "a value, a list of values, or from and to")
_COUNTED = Record(
    {
        "of": Field(TEXT, required=True, says="the column whose different values are counted"),
        "where": Field(Named(_CONDITION), says="by column, which rows are meant"),
        "within": Field(TEXT, says="a level of areas in which all municipalities of that thing lie together"),
    }
)
FETCH = Record(
    {
        "reader": Field(OneOf("reader", readers), required=True, says="the publisher's format, see data/publishers"),
        "address": Field(LINK, says="where the publisher has the file, if that is stable"),
        "sheet": Field(TEXT, says="the sheet of a workbook"),
        "where": Field(Named(_CONDITION), says="by published column, which rows to keep"),
        "unpivot": Field(_UNPIVOT, says="headings that hold values (a pattern) become rows"),
        "rename": Field(Named(TEXT), says="by published column, our name: nis_code, name, year or a variable"),
        "pivot": Field(_PIVOT, says="labels become columns"),
        "some": Field(FLAG, says="whether a file holds some of the columns or labels that are named"),
        "years": Field(TEXT, says="a pattern with one group that finds the year in its cell"),
        "year": Field(YEAR, says="the year of all rows, where the file does not say it"),
        "add_up": Field(FLAG, says="whether rows of the same municipality and year are added up"),
        "count": Field(Named(_COUNTED), says="by variable, what to count in a table with a row for each thing"),
        "share": Field(Named(_SHARE), says="by variable, the two variables of which it is the percentage"),
        "scale": Field(Named(NUMBER), says="by variable, what to multiply by"),
        "digits": Field(Named(NUMBER), says="by variable, how many decimals to keep"),
        "missing": Field(Listing(TEXT), says="texts that stand for a missing value, besides the usual ones"),
    }
)
_GAP_FIELDS = {
    "nis_code": Field(CODE, required=True),
    "reason": Field(_REASON, required=True),
    "expect": Field(Named(NUMBER), says="what the file says all the same, by variable; it is set aside"),
}
_STEP = Value(
    lambda value: NUMBER.holds(value) and value >= 0, "a number of 0 or more", {"type": "number", "minimum": 0}
)
_SIZES = Either(
    (COUNT, Listing(Record({"below": Field(COUNT), "n": Field(COUNT, required=True)}), least=1)),
    "a whole number of 1 or more, or a list of {below: inhabitants, n: answers}",
)
_CHECK = Record(
    {
        "variable": Field(TEXT, required=True),
        "year": Field(YEAR, required=True),
        "values": Field(Named(NUMBER, key=CODE), required=True, says="the published figure by code"),
        "mean_of_all": Field(NUMBER),
    }
)
_AREAS = Either((OneOf("areas", lambda: (BY_YEAR,)), YEAR), f"{BY_YEAR} or a year such as 2025")
_SYSTEM = Value(
    TEXT.holds, "a reference system", {"type": "string", "examples": ["EPSG:4326"]}, "Write one such as EPSG:4326"
)


def source_form(languages: Iterable[str] | None = None) -> Record:
    """Return the form of one source."""
    worded = Wording(lambda: languages or default_languages())
    once = Either((TEXT, worded), "a text, or one for each language")
    gap = Record({**_GAP_FIELDS, "why": Field(worded, required=True)})
    sampling = {
        "assumed_n": Field(_SIZES, says="answers per municipality to assume: a number, or steps by inhabitants"),
        "known": Field(Named(COUNT, key=CODE), says="the publisher's own numbers, by code"),
        "rounding_pct": Field(_STEP, says="the step to which percentages are rounded"),
        "why": Field(worded, says="the reason for the assumption"),
    }
    fields = {
        "file": Field(FILE, required=True, says="path below data/raw"),
        "format": Field(OneOf("format", lambda: FORMATS), required=True),
        "publisher": Field(once, required=True),
        "page": Field(LINK, says="the page of the publisher"),
        "citation": Field(once, required=True),
        "accessed": Field(ANY, required=True, says="the day the figures were taken over"),
        **{name: Field(worded, required=True) for name in TEXTS},
        "areas": Field(_AREAS, says="the boundaries of the rows: by_year, or a year"),
        "crs": Field(_SYSTEM, says="reference system of boundaries whose file says nothing of it or says it wrongly"),
        "columns": Field(Named(_COLUMN, least=1), says="what each column is"),
        "items": Field(FILE, says="a second file with the wording of survey items"),
        "asked": Field(worded, says="whom a survey asked, such as residents aged 17 to 85"),
        "none": Field(Named(PLAIN), says="per level of areas, the code that stands for belonging to none"),
        "fetch": Field(FETCH, says="how the publisher's own file becomes the raw file"),
        "inhabitants": Field(TEXT, says="the variable by which percentages of municipalities that merge are weighted"),
        "sampling": Field(Record(sampling, _sampling_problems), says="of a survey: how many people answered"),
        "gaps": Field(Listing(gap), says="municipalities that the publisher leaves out"),
        "checks": Field(Listing(_CHECK), says="figures that the publisher printed elsewhere"),
    }
    return Record(fields, _source_problems)


def _source_problems(where: str, entry: Mapping[str, Any]) -> list[Problem]:
    problems = []
    if entry["format"] == "table":
        needed = {
            "areas": f"must be {BY_YEAR} or a year such as 2025",
            "columns": "a table declares at least one column",
        }
        problems = [Problem(f"{where}, {name}", what) for name, what in needed.items() if entry.get(name) is None]
    by_steps = isinstance((entry.get("sampling") or {}).get("assumed_n"), list)
    if by_steps and not entry.get("inhabitants"):
        what = "steps need the variable inhabitants"
        problems.append(Problem(f"{where}, sampling, assumed_n", what, "Add inhabitants: population"))
    return problems


def _sampling_problems(where: str, entry: Mapping[str, Any]) -> list[Problem]:
    """Return what is wrong with the sample sizes to assume: one number, or steps in order, the last without a limit."""
    assumed = entry.get("assumed_n")
    if assumed is None:
        return [] if entry.get("known") else [Problem(where, "names neither assumed_n nor known numbers")]
    problems = [] if entry.get("why") else [Problem(where, "why is missing")]
    steps = assumed if isinstance(assumed, list) else [{}]
    limits = [step.get("below") for step in steps[:-1]]
    if None in limits or sorted(set(limits)) != limits or "below" in steps[-1]:
        problems.append(Problem(f"{where}, assumed_n", "limits must rise, and the last step must have none"))
    return problems


def catalogue_form(languages: Iterable[str] | None = None) -> Form:
    """Return the form of ``sources.yml``: sources by name."""
    return Named(source_form(languages))


def catalogue_problems(entries: Mapping[Any, Any], languages: Iterable[str] | None = None) -> list[Problem]:
    """Return every fault of a list of sources as read from YAML."""
    problems = catalogue_form(languages).problems(FILE_NAME, entries)
    sources = {f"{FILE_NAME}, {name}": entry for name, entry in entries.items() if isinstance(entry, dict)}
    if not problems:  # a recipe is looked at as a whole where its parts are what they must be
        problems += [problem for where, entry in sources.items() for problem in _recipe_problems(where, entry)]
        problems += _level_problems(sources)
    return problems + _claim_problems(sources) + _limit_problems(sources)


def _recipe_problems(where: str, entry: Mapping[Any, Any]) -> list[Problem]:
    """Return every name in a recipe that is not a variable of its source, and every pattern that is not one."""
    recipe, declared = entry.get("fetch") or {}, {*_columns(entry)}
    patterns = {"years": (recipe.get("years"), 1), "unpivot": ((recipe.get("unpivot") or {}).get("columns"), None)}
    faults = {part: _pattern_fault(*pattern) for part, pattern in patterns.items()}
    problems = [Problem(f"{where}, fetch, {part}", fault) for part, fault in faults.items() if fault]
    named = _named_variables(recipe) if declared and entry.get("format") == "table" else {}
    return problems + [
        Problem(f"{where}, fetch, {part}", unknown("variable", name, declared))
        for part, names in named.items()
        for name in dict.fromkeys(names)
        if name not in declared
    ]


def _named_variables(recipe: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the variables that each part of a recipe names."""
    pivot, unpivot = recipe.get("pivot") or {}, recipe.get("unpivot") or {}
    shares = [name for share in (recipe.get("share") or {}).values() for name in share.values()]
    used = {"nis_code", "name", "year", *shares, *unpivot.values(), *map(str, pivot.values()), *recipe.get("where", {})}
    return {
        "rename": [name for name in (recipe.get("rename") or {}).values() if name not in used],
        "pivot, labels": [name for name in (pivot.get("labels") or {}).values() if name not in shares],
        **{part: list(recipe.get(part) or {}) for part in ("count", "share", "scale", "digits")},
    }


def _level_problems(sources: Mapping[str, Mapping[Any, Any]]) -> list[Problem]:
    """Return every level of areas that something is counted within and that no recipe of areas makes."""
    recipes = {where: entry.get("fetch") or {} for where, entry in sources.items()}
    made = [recipe.get("rename") or {} for where, recipe in recipes.items() if sources[where].get("format") == "areas"]
    levels = {name for rename in made for name in rename.values()}
    return [
        Problem(f"{where}, fetch, count, {variable}", unknown("level of areas", what["within"], levels))
        for where, recipe in recipes.items()
        for variable, what in (recipe.get("count") or {}).items()
        if levels and what.get("within") not in {None, *levels}
    ]


def _pattern_fault(pattern: object, groups: int | None) -> str:
    if not pattern:
        return ""
    try:
        found = re.compile(str(pattern)).groups
    except re.error as error:
        return f"{pattern!r} is not a pattern ({error})"
    return f"{pattern!r} has {found} groups instead of {groups}" if groups not in {None, found} else ""


def _claim_problems(sources: Mapping[str, Mapping[Any, Any]]) -> list[Problem]:
    """Return every file and every variable that two sources claim."""
    problems = []
    claimed: dict[str, str] = {}
    for where, entry in sources.items():
        claims = [str(entry[key]) for key in ("file", "items") if entry.get(key)]
        claims += [f"the column {column}" for column in _columns(entry)]
        claims += [f"the format {entry['format']}"] if entry.get("format") in SINGLE else []
        for claim in claims:
            if claim in claimed:
                problems.append(Problem(where, f"{claim} already belongs to {claimed[claim]}"))
            claimed[claim] = where.removeprefix(f"{FILE_NAME}, ")
    return problems


def _columns(entry: Mapping[Any, Any]) -> Mapping[Any, Any]:
    columns = entry.get("columns")
    return columns if isinstance(columns, dict) and "*" not in columns else {}


def _limit_problems(sources: Mapping[str, Mapping[Any, Any]]) -> list[Problem]:
    """Return every variable that names a ceiling no source has, so that nothing would ever exceed it."""
    known = {column for entry in sources.values() for column in _columns(entry)}
    problems = [
        Problem(f"{where}, inhabitants", unknown("variable", entry["inhabitants"], known))
        for where, entry in sources.items()
        if entry.get("inhabitants") is not None and str(entry["inhabitants"]) not in known
    ]
    return problems + [
        Problem(f"{where}, columns, {column}", unknown("variable", facts["at_most"], known))
        for where, entry in sources.items()
        for column, facts in _columns(entry).items()
        if isinstance(facts, dict) and facts.get("at_most") is not None and str(facts["at_most"]) not in known
    ]
