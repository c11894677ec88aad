"""What can be wrong with a framework: every fault of the YAML, before anything is built from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from resilience_analysis.errors import Problem, unknown
from resilience_analysis.tables import STRANDS

FILE_NAME = "framework.yml"
GOALPOSTS_FILE = "goalposts.yml"
LANGUAGES = ("nl", "en")
ASPECTS = ("social", "spatial")
VERBS = ("take", "share", "rate", "density", "evenness", "nestedness", "growth", "coverage", "self_assessment", "process")
SECTIONS = ("dimensions", "indicators", "context", "candidates")


def framework_problems(content: Mapping[str, Any], frozen: Mapping[str, Any] | None) -> list[Problem]:
    """Give every fault of a framework as read from YAML.

    Parameters
    ----------
    content
        What ``framework.yml`` says.
    frozen
        What ``goalposts.yml`` says; None when goalposts need not be known.
    """
    sections = ("version", "reference_year", "title", "definition", "scoring", "dimensions", "indicators")
    problems = [Problem(FILE_NAME, f"the section {name} is missing") for name in sections if not content.get(name)]
    for section in (*SECTIONS, "literature"):
        if not isinstance(content.get(section, {}), dict):
            problems.append(Problem(f"{FILE_NAME}, {section}", "must be a mapping of codes"))
    if problems:
        return problems
    problems += _scoring_problems(content["scoring"])
    for code, entry in content["dimensions"].items():
        problems += _wording_problems(f"dimension {code}", entry, ("label", "short", "explanation"))
    for code, entry in content["indicators"].items():
        problems += _indicator_problems(code, entry, content, frozen)
    for code, entry in content.get("context", {}).items():
        problems += _wording_problems(f"context {code}", entry, ("label",))
        problems += _derive_problems(f"context {code}", entry)
    for code, entry in content.get("candidates", {}).items():
        problems += _wording_problems(f"candidate {code}", entry, ("label", "would_come_from"))
        problems += _member_problems(f"candidate {code}", entry, content)
    return problems + _name_problems(content, frozen)


def _scoring_problems(entry: Mapping[str, Any]) -> list[Problem]:
    problems = []
    least = entry.get("min_coverage")
    if not isinstance(least, int | float) or not 0 <= least <= 1:
        problems.append(Problem("scoring, min_coverage", f"{least!r} is no share from 0 to 1"))
    posts = entry.get("goalpost_percentiles")
    if not (isinstance(posts, list) and len(posts) == 2 and 0 <= posts[0] < posts[1] <= 100):  # noqa: PLR2004
        problems.append(Problem("scoring, goalpost_percentiles", f"{posts!r} are no two percentiles in order"))
    return problems


def _wording_problems(where: str, entry: Any, keys: tuple[str, ...]) -> list[Problem]:
    if not isinstance(entry, dict):
        return [Problem(where, "must be a mapping")]
    return [
        Problem(where, f"{key} has no wording in {language}")
        for key in keys
        for language in LANGUAGES
        if not isinstance(entry.get(key), dict) or not entry[key].get(language)
    ]


def _member_problems(where: str, entry: Any, content: Mapping[str, Any]) -> list[Problem]:
    if not isinstance(entry, dict):
        return []
    problems = []
    if entry.get("dimension") not in content["dimensions"]:
        problems.append(Problem(where, unknown("dimension", entry.get("dimension"), content["dimensions"])))
    if entry.get("strand") not in STRANDS:
        problems.append(Problem(where, unknown("strand", entry.get("strand"), STRANDS)))
    return problems


def _derive_problems(where: str, entry: Any) -> list[Problem]:
    if not isinstance(entry, dict):
        return []
    problems = [] if entry.get("source") else [Problem(where, "source is missing")]
    if not isinstance(entry.get("unit"), str):
        problems.append(Problem(where, "unit is missing", 'Write unit: count for a bare number'))
    derive = entry.get("derive")
    if not isinstance(derive, dict) or len(derive) != 1:
        return [*problems, Problem(where, "derive must name exactly one verb with its arguments")]
    verb = next(iter(derive))
    return problems if verb in VERBS else [*problems, Problem(where, unknown("verb", verb, VERBS))]


def _indicator_problems(
    code: str, entry: Any, content: Mapping[str, Any], frozen: Mapping[str, Any] | None
) -> list[Problem]:
    where = f"indicator {code}"
    problems = _wording_problems(where, entry, ("label", "rationale"))
    if not isinstance(entry, dict):
        return problems
    problems += _member_problems(where, entry, content) + _derive_problems(where, entry)
    if entry.get("aspect") not in ASPECTS:
        problems.append(Problem(where, unknown("aspect", entry.get("aspect"), ASPECTS)))
    if entry.get("direction") not in {1, -1} or isinstance(entry.get("direction"), bool):
        problems.append(Problem(where, f"direction is {entry.get('direction')!r}", "Write 1 or -1"))
    weight = entry.get("weight")
    if not isinstance(weight, int | float) or isinstance(weight, bool) or not 0 <= weight < float("inf"):
        problems.append(Problem(where, f"weight is {weight!r}", "Write a number that is not negative"))
    strangers = [name for name in entry.get("literature") or () if name not in content.get("literature", {})]
    problems += [Problem(where, unknown("literature", name, content.get("literature", {}))) for name in strangers]
    return problems + _goalpost_problems(where, code, entry, frozen)


def _goalpost_problems(
    where: str, code: str, entry: Mapping[str, Any], frozen: Mapping[str, Any] | None
) -> list[Problem]:
    posts = entry.get("goalposts")
    if posts is None and frozen is not None:
        posts = (frozen.get("indicators") or {}).get(code, {}).get("goalposts")
        if posts is None:
            return [Problem(where, "has no goalposts", "Set them, or freeze them with: resilience freeze")]
    if posts is None:
        return []
    numbers = isinstance(posts, list) and all(isinstance(post, int | float) for post in posts)
    if not numbers or len(posts) != 2 or not posts[0] < posts[1]:  # noqa: PLR2004 - low and high
        return [Problem(where, f"goalposts {posts!r} are no two numbers in order", "Write [low, high]")]
    return []


def _name_problems(content: Mapping[str, Any], frozen: Mapping[str, Any] | None) -> list[Problem]:
    problems = []
    seen: dict[str, str] = {}
    for section in SECTIONS:
        for code in content.get(section, {}):
            if code in seen:
                problems.append(Problem(f"{section}, {code}", f"the code already stands in {seen[code]}"))
            seen[code] = section
    for code in content.get("mapped") or ():
        if code not in content["indicators"]:
            problems.append(Problem("mapped", unknown("indicator", code, content["indicators"])))
    for code in ((frozen or {}).get("indicators") or {}) if frozen else ():
        if code not in content["indicators"]:
            problems.append(Problem(GOALPOSTS_FILE, unknown("indicator", code, content["indicators"])))
    return problems
