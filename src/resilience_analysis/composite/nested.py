"""A framework written as a tree: what our YAML files say, as metadata and settings, and what may be said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

import pandas as pd

from resilience_analysis.composite.aggregation import make_plan
from resilience_analysis.composite.arrays import check_known
from resilience_analysis.composite.chain import declared_settings, step_settings
from resilience_analysis.composite.choices import NOISE, SAMPLE, check_choice
from resilience_analysis.composite.formulas import METHODS as SCALINGS
from resilience_analysis.composite.formulas import TRANSFORMS, TREATMENTS
from resilience_analysis.composite.metadata import REQUIRED, find_problems
from resilience_analysis.composite.normalisation import TIES, check_options
from resilience_analysis.composite.operations import write_steps
from resilience_analysis.composite.preparation import METHODS as IMPUTATIONS
from resilience_analysis.composite.structure import COLUMNS
from resilience_analysis.composite.weighting import METHODS as WEIGHTINGS
from resilience_analysis.foundation.definitions import (
    COUNT,
    FLAG,
    NUMBER,
    SHARE,
    Field,
    Form,
    OneOf,
    Record,
    Value,
    between,
    is_number,
)
from resilience_analysis.foundation.errors import Problem, first_per_place, raise_if_any, refusals, unknown

_METHOD = Value(lambda value: isinstance(value, str), "the name of a method", {"type": "string"})
_COLUMN = Value(lambda value: isinstance(value, str), "the name of a column", {"type": "string"})
_UNIT = Value(lambda value: isinstance(value, str), "the code of a unit; put it between quotes", {"type": "string"})
PAIR = Value(lambda value: isinstance(value, list) and len(value) == 2, "[lower, upper]", {})  # noqa: PLR2004
_BOUNDS = Value(lambda value: PAIR.holds(value) and all(map(is_number, value)), "[low, high]", {})
_CONSTANT = Value(lambda value: isinstance(value, str) or is_number(value), "refuse, missing or a number", {})


def _one_or_more(one: Value) -> Value:
    return Value(
        lambda value: one.holds(value) or (isinstance(value, list) and bool(value) and all(map(one.holds, value))),
        f"{one.must_be}, or a list with one per level",
        {},
    )


_DEFAULTS: Mapping[str, tuple[str, Form]] = {
    "denominate": ("denominate", FLAG),
    "impute": ("impute.method", OneOf("imputation method", lambda: IMPUTATIONS)),
    "max_gap": ("impute.max_gap", COUNT),
    "group": ("group", _COLUMN),
    "screen": ("screen.min_available", SHARE),
    "treat": ("treat.method", OneOf("treatment", lambda: TREATMENTS)),
    "winmax": ("treat.winmax", between(0, whole=True)),
    "fallback": ("treat.fallback", OneOf("transformation", lambda: (*TRANSFORMS, "none"))),
    "normalise": ("normalise.method", OneOf("normalisation method", lambda: SCALINGS)),
    "range": ("normalise.bounds", _BOUNDS),
    "ties": ("normalise.ties", OneOf("way with ties", lambda: TIES)),
    "reference": ("normalise.reference", _UNIT),
    "per_year": ("normalise.per_year", FLAG),
    "constant": ("normalise.constant", _CONSTANT),
    "aggregate": ("aggregate.method", _one_or_more(_METHOD)),
    "power": ("aggregate.power", NUMBER),
    "weights": ("weights.method", OneOf("weighting method", lambda: WEIGHTINGS)),
    "min_coverage": ("aggregate.min_coverage", _one_or_more(SHARE)),
}
DEFAULTS = {key: setting for key, (setting, _) in _DEFAULTS.items()}
"""The setting of `score` that each key of ``defaults`` stands for."""
DEFAULTS_FORM = Record({key: Field(form) for key, (_, form) in _DEFAULTS.items()})


def default_problems(given: Any, tidy: pd.DataFrame | None) -> list[Problem]:
    """Find what is wrong with ``defaults``: keys, form, and what a verb refuses; the form alone without metadata."""
    problems = DEFAULTS_FORM.problems("defaults", given)
    if tidy is None or not isinstance(given, Mapping):
        return problems
    wrong = {problem.where for problem in problems}
    sound = {key: value for key, value in given.items() if key in DEFAULTS and f"defaults, {key}" not in wrong}
    return [*problems, *_refused(sound, tidy)]


def choice_problems(given: Any) -> list[Problem]:
    """Find what is wrong with the choices of a framework file: their names and form."""
    if not isinstance(given, Mapping):
        remedy = "Write such as 'treat.winmax: [1, 5]'"
        return [Problem("uncertainty", f"{given!r} is not a list of choices", remedy)]
    problems = []
    for name, value in given.items():
        where = f"uncertainty, {name}"
        if name == NOISE:
            sizes = value.values() if isinstance(value, Mapping) else [value]
            if not all(is_number(size) and 0 <= size <= 1 for size in sizes):
                problems.append(Problem(where, f"{value!r} is not a number of 0 to 1, or one per level"))
        elif name == SAMPLE:
            problems += FLAG.problems(where, value)
        else:
            problems += refusals(where, partial(check_choice, str(name), value))
    return problems


_TOGETHER = ("method", "bounds", "constant")


def _refused(given: Mapping[str, Any], tidy: pd.DataFrame) -> Iterator[Problem]:
    """Ask the verbs what they would refuse of single settings that go together, or with the framework."""
    given = {key: value for key, value in given.items() if value is not None}
    steps = step_settings({DEFAULTS[key]: value for key, value in given.items() if key != "group"})
    together = {name: value for name, value in steps.get("normalise", {}).items() if name in _TOGETHER}
    yield from refusals("defaults, normalise", partial(check_options, **{"method": "minmax", **together}))
    yield from refusals("defaults, aggregate", partial(make_plan, tidy, **steps.get("aggregate", {})))


TOP_KEYS = ("codes", "groups", "other", "missing", "defaults", "uncertainty", "title", "source")
PAIRS = {
    "goalposts": ("goalpost_lower", "goalpost_upper"),
    "scaled": ("scaled_lower", "scaled_upper"),
    "range": ("minmax_lower", "minmax_upper"),
    "zscore": ("zscore_mean", "zscore_sd"),
}
_ELSEWHERE = {"name", "parent", "type", "level", *(column for pair in PAIRS.values() for column in pair)}
CODE_KEYS = {"code": "code", "label": "name", **{key: key for key in COLUMNS if key not in _ELSEWHERE}}
"""The column of the metadata that each key of a code stands for."""


class DeclaredFramework(NamedTuple):
    """A framework from a file.

    Attributes
    ----------
    metadata
        As `check_metadata` gives it.
    settings
        What the framework asks for, named as for `score`; an option of the caller takes precedence.
    choices
        What an uncertainty run varies, named as for `uncertainty`; empty when the framework does not say.
    reading
        How a file of data is to be read: ``missing``, codes that mean a missing value in every column, and
        ``group``, the column that groups the units; those that the framework says.
    """

    metadata: pd.DataFrame
    settings: dict[str, Any]
    choices: dict[str, Any]
    reading: Mapping[str, Any] = MappingProxyType({})


def from_nested(document: Any, *, name: str = "framework") -> DeclaredFramework:
    """Read a framework written as a tree: its metadata, settings and choices.

    Parameters
    ----------
    document
        A mapping with ``codes``, a list of mappings with ``code``, ``children`` (a list of the same), ``derived`` (a
        list of columns made from its scores) and the keys of `CODE_KEYS` and `PAIRS`; and with ``groups`` and
        ``other`` (columns of the data that are not scored), ``missing`` (codes for missing values), ``defaults`` (the
        keys of `DEFAULTS`), ``uncertainty`` (choices), ``title`` and ``source`` (for people).
    name
        What a message calls it, such as a file name.

    Returns
    -------
    DeclaredFramework
        Metadata, settings, choices, and how data are to be read.

    Raises
    ------
    InputError
        With every key that is not known and all that `check_metadata` refuses.

    Examples
    --------
    >>> read = from_nested({"codes": [{"code": "index", "children": [{"code": "trust", "direction": 1}]}]})
    >>> read.metadata["level"].to_dict()
    {'index': 2.0, 'trust': 1.0}
    """
    if not isinstance(document, Mapping) or not isinstance(document.get("codes"), list):
        raise_if_any(name, [Problem("codes", "is not a list of codes", "Begin with 'codes:' and a list below it")])
    problems = [Problem(key, unknown("key", key, TOP_KEYS)) for key in document if key not in TOP_KEYS]
    rows = list(_rows(document["codes"], "", problems))
    rows += _unscored(document, rows, problems)
    defaults, choices = document.get("defaults") or {}, document.get("uncertainty") or {}
    table = pd.DataFrame(rows)
    tidy, more = find_problems(table.assign(**{name: None for name in REQUIRED if name not in table.columns}))
    problems += [*more, *default_problems(defaults, None if more else tidy), *choice_problems(choices)]
    raise_if_any(name, first_per_place(problems))
    reading = {"missing": list_of(document.get("missing")), "group": defaults.get("group")}
    settings = {**declared_settings(tidy), **_settings(defaults)}
    return DeclaredFramework(tidy, settings, dict(choices), {key: value for key, value in reading.items() if value})


def _unscored(
    document: Mapping[str, Any], scored: list[dict[str, Any]], problems: list[Problem]
) -> list[dict[str, Any]]:
    """Return a row for each column of the data that is not scored: named as such, or as a denominator."""
    rows = []
    for kind, key in (("group", "groups"), ("other", "other")):
        given = document.get(key) or []
        if isinstance(given, list):
            rows += [{"code": _code(code, problems), "type": kind} for code in given]
        else:
            problems.append(Problem(key, f"{given!r} is not a list", "Put a dash before every name"))
    known = {row["code"] for row in [*scored, *rows]}
    named = dict.fromkeys(str(row["denominator"]) for row in scored if row.get("denominator"))
    return rows + [{"code": code, "type": "denominator"} for code in named if code not in known]


def _settings(defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of ``defaults`` as `score` names them; a limit of winsorising asks for winsorising."""
    found = {DEFAULTS[key]: value for key, value in defaults.items() if key != "group" and value is not None}
    return {"treat.method": "winsorise", **found} if "treat.winmax" in found else found


def list_of(given: Any) -> list[str]:
    """Return one or several texts or numbers of a YAML file as a list of texts."""
    if given is None:
        return []
    return [str(part) for part in (given if isinstance(given, list) else [given])]


def _rows(found: Any, parent: str, problems: list[Problem]) -> Iterator[dict[str, Any]]:
    """Yield one row per code, children after their parent; what cannot be read becomes a problem."""
    if not isinstance(found, list):
        problems.append(Problem(f"children of {parent}", "is not a list", "Put a dash before every child"))
        return
    for entry in found:
        if not isinstance(entry, Mapping) or "code" not in entry:
            problems.append(Problem(f"below {parent or 'codes'}", f"{entry!r} has no code", "Give it a code"))
            continue
        code = _code(entry["code"], problems)
        yield {"parent": parent, "weight": 1.0, "type": "indicator", **_cells(entry, code, problems), "code": code}
        if entry.get("children") is not None:
            yield from _rows(entry["children"], code, problems)
        if entry.get("derived") is not None:
            derived = _rows(entry["derived"], code, problems)
            yield from ({**row, "type": "derived", "weight": None} for row in derived)


def _code(given: Any, problems: list[Problem]) -> str:
    """Return a code as text; one that YAML has turned into something else becomes a problem."""
    if not isinstance(given, str):
        kind = "a truth value" if isinstance(given, bool) else "a number or date"
        guess = {True: "YES", False: "NO"}[given] if isinstance(given, bool) else given
        remedy = f'Put it between quotes as it is in the data, such as code: "{guess}"'
        problems.append(Problem(f"code {given}", f"YAML reads it as {kind}", remedy))
    return str(given)


def _cells(entry: Mapping[str, Any], code: str, problems: list[Problem]) -> dict[str, Any]:
    cells: dict[str, Any] = {"type": "aggregate"} if "children" in entry else {}
    for key, value in entry.items():
        where = f"code {code}, key {key}"
        if key in ("transform", "steps"):
            wrong = refusals(where, partial(write_steps, value))
            cells[key] = "" if wrong else write_steps(value)
            problems += wrong
        elif key in ("missing", "bands"):
            cells[key] = "; ".join(list_of(value))
        elif key in CODE_KEYS:
            cells[CODE_KEYS[key]] = value
        elif key in PAIRS:
            wrong = PAIR.problems(where, value)
            cells |= {} if wrong else dict(zip(PAIRS[key], value, strict=True))
            problems += wrong
        else:
            known = [*CODE_KEYS, *PAIRS, "children", "derived"]
            problems += refusals(where, partial(check_known, "key", key, known))
    return cells
