"""What can be wrong with what a framework says beside its scores: big numbers, actors, shocks, breaks, statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from resilience_analysis.foundation.errors import Problem, unknown
from resilience_analysis.foundation.forms import field_problems, is_number, is_text, is_year, wording_problems

FILE_NAME = "framework.yml"
_NAMED = {"actor": "actors", "shock": "shocks"}


def extra_problems(content: Mapping[str, Any]) -> list[Problem]:
    """Return every fault of ``headline``, ``actors``, ``shocks``, and of what entries say of them."""
    problems = [*_headline_problems(content), *_actor_problems(content.get("actors") or {})]
    shocks = content.get("shocks") or {}
    if not isinstance(shocks, dict):
        return [*problems, Problem(f"{FILE_NAME}, shocks", "must be a mapping of wordings")]
    problems += wording_problems(f"{FILE_NAME}, shocks", shocks, shocks)
    for section in ("indicators", "context"):
        for code, entry in (content.get(section) or {}).items():
            problems += _entry_problems(f"{section}, {code}", entry, content) if isinstance(entry, dict) else []
    return problems


def _headline_problems(content: Mapping[str, Any]) -> list[Problem]:
    named, where = content.get("headline") or [], f"{FILE_NAME}, headline"
    if not isinstance(named, list):
        return [Problem(where, "must be a list of indicators")]
    known = {**content["indicators"], **(content.get("context") or {})}
    return [Problem(where, unknown("indicator", code, known)) for code in named if str(code) not in known]


def _actor_problems(actors: Any) -> list[Problem]:
    if not isinstance(actors, dict):
        return [Problem(f"{FILE_NAME}, actors", "must be a mapping of label and weight")]
    problems = []
    for name, entry in actors.items():
        where = f"actors, {name}"
        if not isinstance(entry, dict):
            problems.append(Problem(where, "must be a mapping of label and weight"))
            continue
        problems += field_problems(where, entry, ("label", "weight")) + wording_problems(where, entry, ["label"])
        if not is_number(entry.get("weight")) or entry["weight"] < 0:
            problems.append(Problem(where, f"weight is {entry.get('weight')!r}", "Write a number that is not negative"))
    return problems


def _entry_problems(where: str, entry: Mapping[str, Any], content: Mapping[str, Any]) -> Iterable[Problem]:
    for field, section in _NAMED.items():
        known = content.get(section) or {}
        if entry.get(field) is not None and str(entry[field]) not in known:
            yield Problem(where, unknown(field, entry[field], known))
    tells = entry.get("tells", 1)
    if not is_number(tells) or not 0 <= tells <= 1:
        yield Problem(where, f"tells is {tells!r}", "Write a number from 0 to 1")
    if entry.get("statement") is not None and not is_text(entry["statement"]):
        yield Problem(where, f"statement is {entry['statement']!r}", "Write the id of an item of items.yml")
    breaks = entry.get("breaks") or []
    if not isinstance(breaks, list) or not all(is_year(year) for year in breaks):
        yield Problem(where, f"breaks is {breaks!r}", "Write a list of years")
