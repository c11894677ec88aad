"""What can be wrong with a framework: every fault of the YAML, before anything is built from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import resilience_analysis.indicators.verbs  # noqa: F401 - registers the verbs
from resilience_analysis.foundation.errors import Problem, unknown
from resilience_analysis.foundation.forms import (
    field_problems,
    is_ascending,
    is_count,
    is_number,
    is_text,
    is_year,
    worded_in,
    wording_problems,
)
from resilience_analysis.foundation.vocabulary import STRANDS
from resilience_analysis.foundation.wordings import default_languages
from resilience_analysis.indicators.extra_checks import extra_problems
from resilience_analysis.indicators.recipes import recipe_faults

FILE_NAME = "framework.yml"
GOALPOSTS_FILE = "goalposts.yml"
ASKED = "self_assessment"
ASPECTS = ("social", "spatial")
SECTIONS = ("dimensions", "indicators", "context", "candidates")
DEFAULT = "default"
REQUIRED_SECTIONS = (
    *("version", "reference_year", "title", "definition", "scoring", "error_correlation", "dimensions", "indicators"),
)
FIELDS: Mapping[str, tuple[str, ...]] = {
    "dimensions": ("label", "short", "explanation", "literature", "note"),
    "indicators": (
        *("label", "dimension", "strand", "aspect", "unit", "direction", "weight", "source", "derive", "goalposts"),
        *("rationale", "literature", "caveat", "numerator", "denominator", "decimals", "apart", "lopsided"),
        *("actor", "tells", "statement", "breaks"),
    ),
    "context": ("label", "unit", "source", "derive", "caveat", "decimals", "actor", "tells", "breaks", "shock"),
    "candidates": ("label", "dimension", "strand", "would_come_from", "exists"),
}
_WORDING = {
    "dimensions": ("label", "short", "explanation"),
    "indicators": ("label", "rationale"),
    "context": ("label",),
    "candidates": ("label", "would_come_from"),
}
_WORDING_IF_ANY = ("note", "caveat", "numerator", "denominator", "apart", "lopsided")
_SINGULAR = {"dimensions": "dimension", "indicators": "indicator", "context": "context", "candidates": "candidate"}


def framework_problems(
    content: Mapping[str, Any], frozen: Mapping[str, Any] | None, languages: tuple[str, ...] | None = None
) -> list[Problem]:
    """Return every fault of a framework as read from YAML.

    Parameters
    ----------
    content
        What ``framework.yml`` says.
    frozen
        What ``goalposts.yml`` says; None when goalposts need not be known.
    languages
        Those in which everything must be worded; those of a project that names none when not given.
    """
    problems = _section_problems(content, frozen)
    with worded_in(languages or default_languages()):
        return problems or _content_problems(content, frozen)


def _content_problems(content: Mapping[str, Any], frozen: Mapping[str, Any] | None) -> list[Problem]:
    problems = wording_problems(FILE_NAME, content, ("title", "definition"))
    if not is_year(content["reference_year"]):
        problems.append(Problem(FILE_NAME, f"reference_year is {content['reference_year']!r}", "Write a year"))
    problems += _scoring_problems(content["scoring"]) + _correlation_problems(content["error_correlation"])
    for section in SECTIONS:
        for code, entry in content.get(section, {}).items():
            problems += _entry_problems(section, str(code), entry, content, frozen)
    problems += extra_problems(content)
    return problems + _weight_problems(content) + _name_problems(content, frozen)


def _section_problems(content: Mapping[str, Any], frozen: Mapping[str, Any] | None) -> list[Problem]:
    """Return the faults that leave nothing to look into."""
    problems = [
        Problem(FILE_NAME, f"the section {name} is missing") for name in REQUIRED_SECTIONS if not content.get(name)
    ]
    for section in (*SECTIONS, "literature", "scoring", "error_correlation"):
        if not isinstance(content.get(section, {}), dict):
            problems.append(Problem(f"{FILE_NAME}, {section}", "must be a mapping of codes"))
    if not isinstance(content.get("mapped", []), list):
        problems.append(Problem(f"{FILE_NAME}, mapped", "must be a list of indicators"))
    roles = content.get("compared_roles") or []
    if not isinstance(roles, list) or len(roles) not in {0, 2} or not all(is_text(role) for role in roles):
        problems.append(Problem(f"{FILE_NAME}, compared_roles", f"{roles!r} are not two roles", "Write [own, other]"))
    posts = (frozen or {}).get("indicators", {})
    if not isinstance(posts, dict) or not all(isinstance(post, dict) for post in posts.values()):
        problems.append(Problem(GOALPOSTS_FILE, "indicators must be a mapping of codes", "Write it: resilience freeze"))
    return problems


def _entry_problems(
    section: str, code: str, entry: Any, content: Mapping[str, Any], frozen: Mapping[str, Any] | None
) -> list[Problem]:
    where = f"{_SINGULAR[section]} {code}"
    if not isinstance(entry, dict):
        return [Problem(where, "must be a mapping")]
    problems = field_problems(where, entry, FIELDS[section])
    problems += wording_problems(where, entry, _WORDING[section])
    problems += wording_problems(where, entry, [name for name in _WORDING_IF_ANY if entry.get(name) is not None])
    if section in {"indicators", "candidates"}:
        problems += _member_problems(where, entry, content)
    if section == "candidates" and not isinstance(entry.get("exists"), bool):
        problems.append(Problem(where, f"exists is {entry.get('exists')!r}", "Write true or false"))
    if section in {"indicators", "context"}:
        problems += _source_problems(where, entry, content)
    if section in {"indicators", "dimensions"}:
        problems += _literature_problems(where, entry, content)
    return problems + (_counting_problems(where, code, entry, frozen) if section == "indicators" else [])


def _scoring_problems(entry: Mapping[str, Any]) -> list[Problem]:
    known = ("normalise", "aggregate", "min_coverage", "index", "goalpost_percentiles", "false_discovery_rate")
    problems = field_problems("scoring", entry, known)
    for name in ("normalise", "aggregate"):
        if not isinstance(entry.get(name), str):
            problems.append(Problem(f"scoring, {name}", "must name a method of the engine"))
    if entry.get("index") is not False:
        what = f"is {entry.get('index')!r}: profiles show strands side by side and no overall index"
        remedy = "Write false; `resilience score` makes an index of any table, with its weights and uncertainty"
        problems.append(Problem("scoring, index", what, remedy))
    least = entry.get("min_coverage")
    if not is_number(least) or not 0 <= least <= 1:
        problems.append(Problem("scoring, min_coverage", f"{least!r} is not a share from 0 to 1"))
    rate = entry.get("false_discovery_rate")
    if not is_number(rate) or not 0 < rate < 1:
        problems.append(Problem("scoring, false_discovery_rate", f"{rate!r} is not a share between 0 and 1"))
    posts = entry.get("goalpost_percentiles")
    if not is_ascending(posts) or not (posts[0] >= 0 and posts[1] <= 100):  # noqa: PLR2004 - percentiles
        problems.append(Problem("scoring, goalpost_percentiles", f"{posts!r} are not two percentiles in order"))
    return problems


def _correlation_problems(section: Mapping[Any, Any]) -> list[Problem]:
    """Return what is wrong with the correlations of sampling errors: one for each source, and a default."""
    problems = [] if DEFAULT in section else [Problem("error_correlation", f"{DEFAULT} is missing")]
    for name, entry in section.items():
        where = f"error_correlation, {name}"
        if not isinstance(entry, dict):
            problems.append(Problem(where, "must be a mapping with value and why"))
            continue
        problems += field_problems(where, entry, ("value", "why")) + wording_problems(where, entry, ["why"])
        value = entry.get("value")
        if not is_number(value) or not 0 <= value <= 1:
            problems.append(Problem(where, f"value {value!r} is not a correlation from 0 to 1"))
    return problems


def _member_problems(where: str, entry: Mapping[str, Any], content: Mapping[str, Any]) -> list[Problem]:
    problems = []
    if str(entry.get("dimension")) not in content["dimensions"]:
        problems.append(Problem(where, unknown("dimension", entry.get("dimension"), content["dimensions"])))
    if str(entry.get("strand")) not in STRANDS:
        problems.append(Problem(where, unknown("strand", entry.get("strand"), STRANDS)))
    return problems


def _source_problems(where: str, entry: Mapping[str, Any], content: Mapping[str, Any]) -> list[Problem]:
    problems = []
    if not is_text(entry.get("source")):
        problems.append(Problem(where, "source is missing"))
    if not is_text(entry.get("unit")):
        problems.append(Problem(where, "unit is missing", "Write unit: count for a bare number"))
    decimals = entry.get("decimals")
    if decimals is not None and decimals != 0 and not is_count(decimals):
        problems.append(Problem(where, f"decimals is {decimals!r}", "Write a whole number"))
    recipe = entry.get("derive")
    problems += [Problem(where, fault) for fault in recipe_faults(recipe)]
    asked = recipe.get(ASKED) if isinstance(recipe, dict) else None
    asked = asked.get("of") if isinstance(asked, dict) else asked
    if isinstance(asked, str) and asked not in content["dimensions"]:
        problems.append(Problem(where, unknown("dimension", asked, content["dimensions"])))
    return problems


def _literature_problems(where: str, entry: Mapping[str, Any], content: Mapping[str, Any]) -> list[Problem]:
    named = entry.get("literature") or []
    if not isinstance(named, list):
        return [Problem(where, "literature must be a list")]
    known = content.get("literature", {})
    return [Problem(where, unknown("literature", name, known)) for name in named if str(name) not in known]


def _counting_problems(
    where: str, code: str, entry: Mapping[str, Any], frozen: Mapping[str, Any] | None
) -> list[Problem]:
    """Return what is wrong with how an indicator counts: aspect, direction, weight and goalposts."""
    problems = []
    if str(entry.get("aspect")) not in ASPECTS:
        problems.append(Problem(where, unknown("aspect", entry.get("aspect"), ASPECTS)))
    if not is_number(entry.get("direction")) or entry["direction"] not in {1, -1}:
        problems.append(Problem(where, f"direction is {entry.get('direction')!r}", "Write 1 or -1"))
    weight = entry.get("weight")
    if not is_number(weight) or weight < 0:
        problems.append(Problem(where, f"weight is {weight!r}", "Write a number that is not negative"))
    elif (weight == 0) != (entry.get("apart") is not None):
        problems.append(Problem(where, f"weight is {weight!r}", "An indicator with weight 0 says in `apart` why"))
    return problems + _goalpost_problems(where, code, entry, frozen)


def _weight_problems(content: Mapping[str, Any]) -> list[Problem]:
    """Return every dimension and strand whose indicators all have weight 0, so that it could never have a score."""
    weights: dict[tuple[str, str], list[Any]] = {}
    for entry in content["indicators"].values():
        if isinstance(entry, dict):
            group = (str(entry.get("dimension")), str(entry.get("strand")))
            weights.setdefault(group, []).append(entry.get("weight"))
    return [
        Problem(f"dimension {dimension}, strand {strand}", "no indicator has a weight above 0")
        for (dimension, strand), given in weights.items()
        if all(is_number(weight) and weight == 0 for weight in given)
    ]


def _goalpost_problems(
    where: str, code: str, entry: Mapping[str, Any], frozen: Mapping[str, Any] | None
) -> list[Problem]:
    posts = entry.get("goalposts")
    if posts is None and frozen is not None:
        post = frozen.get("indicators", {}).get(code, {})
        posts = post.get("goalposts")
        if posts is None:
            return [Problem(where, "has no goalposts", "Set them, or freeze them with: resilience freeze")]
        if not is_year(post.get("year")):
            return [
                Problem(f"{GOALPOSTS_FILE}, {code}", f"year is {post.get('year')!r}", "Write it: resilience freeze")
            ]
    if posts is None or is_ascending(posts):
        return []
    return [Problem(where, f"goalposts {posts!r} are not two numbers in order", "Write [low, high]")]


def _name_problems(content: Mapping[str, Any], frozen: Mapping[str, Any] | None) -> list[Problem]:
    problems = []
    seen: dict[str, str] = {}
    for section in SECTIONS:
        for code in content.get(section, {}):
            if not isinstance(code, str):
                problems.append(Problem(f"{section}, {code}", "the code is not text", "Write it between quotes"))
            if code in seen:
                problems.append(Problem(f"{section}, {code}", f"the code is already listed in {seen[code]}"))
            seen[code] = section
    for code in content.get("mapped", []):
        if str(code) not in content["indicators"]:
            problems.append(Problem("mapped", unknown("indicator", code, content["indicators"])))
    for code in (frozen or {}).get("indicators", {}):
        if code not in content["indicators"]:
            remedy = "Take its goalposts out with: resilience freeze"
            problems.append(Problem(GOALPOSTS_FILE, unknown("indicator", code, content["indicators"]), remedy))
    return problems
