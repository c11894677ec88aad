"""What can be wrong with ``sources.yml``: every fault of the YAML, before anything is built from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from resilience_analysis.data.publishers import READERS
from resilience_analysis.foundation.errors import Problem, unknown
from resilience_analysis.foundation.forms import field_problems, is_count, is_number, is_text, is_year, wording_problems
from resilience_analysis.foundation.settings import is_code, not_a_code
from resilience_analysis.foundation.vocabulary import MISSING_REASONS

FILE_NAME = "sources.yml"
FORMATS = ("table", "municipalities", "mergers", "areas", "boundaries", "villages")
SINGLE = FORMATS[1:]  # at most one source has each of these
KINDS = ("count", "amount_eur", "share_pct", "rate_pct", "median_eur")
BY_YEAR = "by_year"
TEXTS = ("title", "licence", "vintage", "purpose")
REQUIRED = ("file", "format", "publisher", "page", "citation", "accessed", *TEXTS)
_OPTIONAL = ("areas", "crs", "columns", "items", "none", "fetch", "inhabitants", "sampling", "gaps", "checks")
_COLUMN = ("kind", "empty", "at_most")
_GAP = ("nis_code", "reason", "why", "expect")
_SAMPLING = ("assumed_n", "known", "rounding_pct", "why")
_CHECK = ("variable", "year", "values", "mean_of_all")


def catalogue_problems(entries: Mapping[Any, Any]) -> list[Problem]:
    """Return every fault of a list of sources as read from YAML."""
    problems = []
    sources = {}
    for name, entry in entries.items():
        where = f"{FILE_NAME}, {name}"
        if isinstance(entry, dict):
            sources[where] = entry
            problems += _entry_problems(where, entry)
        else:
            problems.append(Problem(where, "must be a mapping of fields"))
    return problems + _claim_problems(sources) + _limit_problems(sources)


def _entry_problems(where: str, entry: Mapping[Any, Any]) -> list[Problem]:
    problems = field_problems(where, entry, (*REQUIRED, *_OPTIONAL))
    problems += [Problem(where, f"{key} is missing") for key in REQUIRED if not entry.get(key)]
    problems += wording_problems(where, entry, [key for key in TEXTS if entry.get(key)])
    for key in ("file", "items"):
        if entry.get(key) and not _lies_below(entry[key]):
            problems.append(Problem(f"{where}, {key}", f"{entry[key]!r} is not a file below data/raw"))
    if entry.get("crs") is not None and not is_text(entry["crs"]):
        problems.append(
            Problem(f"{where}, crs", f"{entry['crs']!r} is not a reference system", "Write one such as EPSG:4326")
        )
    if entry.get("format") not in FORMATS:
        problems.append(Problem(where, unknown("format", entry.get("format"), FORMATS)))
    if entry.get("format") == "table":
        problems += _table_problems(where, entry)
    if entry.get("sampling") is not None:
        problems += _sampling_problems(f"{where}, sampling", entry["sampling"], entry.get("inhabitants"))
    return problems + _fetch_problems(where, entry)


def _lies_below(file: object) -> bool:
    return is_text(file) and not PurePosixPath(file).is_absolute() and ".." not in PurePosixPath(file).parts


def _table_problems(where: str, entry: Mapping[Any, Any]) -> list[Problem]:
    problems = []
    if entry.get("areas") != BY_YEAR and not is_year(entry.get("areas")):
        problems.append(Problem(f"{where}, areas", f"must be {BY_YEAR} or a year such as 2025"))
    columns = entry.get("columns")
    if not columns or not isinstance(columns, dict):
        return [*problems, Problem(f"{where}, columns", "a table declares at least one column")]
    for column, facts in columns.items():
        problems += _column_problems(f"{where}, columns, {column}", facts)
    for number, gap in _listed(entry, "gaps"):
        problems += _gap_problems(f"{where}, gaps, entry {number}", gap)
    for number, check in _listed(entry, "checks"):
        problems += _check_problems(f"{where}, checks, entry {number}", check)
    return problems


def _listed(entry: Mapping[Any, Any], key: str) -> Iterator[tuple[int, Any]]:
    """Return the entries of a list with their numbers; what is not a list is one entry, to be refused as such."""
    content = entry.get(key)
    return enumerate(content if isinstance(content, list) else [] if content is None else [content], start=1)


def _column_problems(where: str, facts: Any) -> list[Problem]:
    if not isinstance(facts, dict):
        return [Problem(where, "must be a mapping with its kind")]
    problems = field_problems(where, facts, _COLUMN)
    if facts.get("kind") not in KINDS:
        problems.append(Problem(where, unknown("kind", facts.get("kind"), KINDS)))
    if facts.get("empty", "unknown") not in MISSING_REASONS:
        problems.append(Problem(where, unknown("missing reason", facts["empty"], MISSING_REASONS)))
    return problems


def _gap_problems(where: str, gap: Any) -> list[Problem]:
    if not isinstance(gap, dict):
        return [Problem(where, "must be a mapping")]
    problems = field_problems(where, gap, _GAP) + wording_problems(where, gap, ["why"])
    code = gap.get("nis_code")
    if not is_text(code) or not is_code(code):
        problems.append(Problem(where, not_a_code(code), "Write it between quotes"))
    figures = gap.get("expect", {})
    if not isinstance(figures, dict) or not all(is_text(name) and is_number(v) for name, v in figures.items()):
        problems.append(Problem(where, "expect must be numbers by variable"))
    if gap.get("reason") not in MISSING_REASONS:
        problems.append(Problem(where, unknown("missing reason", gap.get("reason"), MISSING_REASONS)))
    return problems


def _check_problems(where: str, check: Any) -> list[Problem]:
    if not isinstance(check, dict):
        return [Problem(where, "must be a mapping")]
    problems = field_problems(where, check, _CHECK)
    if not is_text(check.get("variable")):
        problems.append(Problem(where, "variable is missing"))
    if not is_year(check.get("year")):
        problems.append(Problem(where, f"year is {check.get('year')!r}", "Write a year"))
    figures = check.get("values")
    if not isinstance(figures, dict) or not all(is_text(c) and is_number(v) for c, v in figures.items()):
        problems.append(Problem(where, "values must be numbers by code", "Write codes between quotes"))
    if check.get("mean_of_all") is not None and not is_number(check["mean_of_all"]):
        problems.append(Problem(where, f"mean_of_all is {check['mean_of_all']!r}, which is not a number"))
    return problems


def _fetch_problems(where: str, entry: Mapping[Any, Any]) -> list[Problem]:
    problems = []
    parts = {key: entry.get(key) or {} for key in ("none", "fetch")}
    for key in [key for key, part in parts.items() if not isinstance(part, dict)]:
        problems.append(Problem(f"{where}, {key}", "must be a mapping"))
        parts[key] = {}
    problems += field_problems(f"{where}, fetch", parts["fetch"], ("reader", "address"))
    if parts["fetch"] and str(parts["fetch"].get("reader")) not in READERS:
        problems.append(Problem(f"{where}, fetch", unknown("reader", parts["fetch"].get("reader"), READERS)))
    return problems


def _sampling_problems(where: str, entry: Any, inhabitants: object) -> list[Problem]:
    if not isinstance(entry, dict):
        return [Problem(where, "must be a mapping")]
    problems = field_problems(where, entry, _SAMPLING)
    step, known = entry.get("rounding_pct", 0), entry.get("known", {})
    if not is_number(step) or step < 0:
        problems.append(Problem(where, f"rounding_pct is {step!r}, which is not a number of 0 or more"))
    if not isinstance(known, dict) or not all(is_text(code) and is_count(n) for code, n in known.items()):
        problems.append(Problem(f"{where}, known", "must be whole numbers by NIS code", "Write codes between quotes"))
    assumed = entry.get("assumed_n")
    if assumed is None:
        return problems if known else [*problems, Problem(where, "names neither assumed_n nor known numbers")]
    problems += wording_problems(where, entry, ["why"])
    return problems + _step_problems(f"{where}, assumed_n", assumed, inhabitants)


def _step_problems(where: str, assumed: Any, inhabitants: object) -> list[Problem]:
    """Return what is wrong with the sample sizes to assume: one number, or steps in order, the last without a limit."""
    if is_count(assumed):
        return []
    if not isinstance(assumed, list) or not all(isinstance(step, dict) and is_count(step.get("n")) for step in assumed):
        return [Problem(where, "must be a whole number of 1 or more, or a list of {below: inhabitants, n: answers}")]
    limits = [step.get("below") for step in assumed[:-1]]
    fine = all(is_count(limit) for limit in limits) and sorted(set(limits)) == limits and "below" not in assumed[-1]
    problems = [] if fine else [Problem(where, "limits must rise, and the last step must have none")]
    if not is_text(inhabitants):
        problems.append(Problem(where, "steps need the variable inhabitants", "Add inhabitants: population"))
    return problems


def _claim_problems(sources: Mapping[str, Mapping[Any, Any]]) -> list[Problem]:
    """Return every file and every variable that two sources claim."""
    problems = []
    claimed: dict[str, str] = {}
    for where, entry in sources.items():
        claims = [str(entry[key]) for key in ("file", "items") if entry.get(key)]
        claims += [f"the column {column}" for column in _columns(entry)]
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
