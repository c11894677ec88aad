"""The form of a framework, and what its parts must say of one another: every fault before anything is built from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from resilience_analysis.foundation.definitions import (
    ANY,
    ASCENDING,
    COUNT,
    FLAG,
    SHARE,
    TEXT,
    YEAR,
    Field,
    Listing,
    Named,
    OneOf,
    Record,
    Value,
    Wording,
    between,
    is_ascending,
    is_number,
    is_text,
    needing,
)
from resilience_analysis.foundation.errors import Problem, unknown
from resilience_analysis.foundation.settings import default_languages
from resilience_analysis.foundation.vocabulary import STRANDS
from resilience_analysis.indicators.verbs import OF, Derivation

FILE_NAME = "framework.yml"
GOALPOSTS_FILE = "goalposts.yml"
ASKED = "self_assessment"
ASPECTS = ("social", "spatial")
SECTIONS = ("dimensions", "indicators", "context", "candidates")
DEFAULT = "default"
_FREEZE = "Write it: resilience freeze"
_VERSION = Value(lambda value: is_text(value) or is_number(value), "a version", {"type": ["string", "number"]})
_CODE = Value(is_text, "text", {"type": "string"}, "Write the code between quotes")
_DIRECTION = Value(lambda value: is_number(value) and value in {1, -1}, "1 or -1", {"enum": [1, -1]})
_NO_INDEX = Value(
    lambda value: value is False,
    "false: profiles show strands side by side and no overall index",
    {"const": False},
    "Write false; `resilience score` makes an index of any table, with its weights and uncertainty",
)
_RATE = Value(
    lambda value: is_number(value) and 0 < value < 1,
    "a share between 0 and 1",
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
)
_PERCENTILES = Value(
    lambda value: is_ascending(value) and value[0] >= 0 and value[1] <= 100,  # noqa: PLR2004 - percentiles
    "two percentiles, the lower first",
    {**ASCENDING.said, "items": {"type": "number", "minimum": 0, "maximum": 100}},
)
_POST = Record({"goalposts": Field(ASCENDING), "year": Field(YEAR, required=True, remedy=_FREEZE), "n": Field(COUNT)})
_FROZEN = Record({"frozen": Field(ANY), "framework": Field(ANY), "indicators": Field(Named(_POST))})


def framework_problems(
    content: Any, frozen: Any, languages: Iterable[str] | None = None, *, posts_needed: bool = True
) -> list[Problem]:
    """Return every fault of a framework as read from YAML.

    Parameters
    ----------
    languages
        Those in which everything must be worded; those of a project that names none when not given.
    posts_needed
        Whether every indicator must have goalposts; not when these are about to be frozen.
    """
    problems = framework_form(content, languages).problems(FILE_NAME, content)
    problems += _FROZEN.problems(GOALPOSTS_FILE, frozen)
    if problems:
        return problems
    return [*_weight_problems(content), *_twice(content), *_goalpost_problems(content, frozen, needed=posts_needed)]


def framework_form(content: Any = None, languages: Iterable[str] | None = None) -> Record:
    """Return the form of ``framework.yml``; parts name each other by the codes of `content`."""
    worded = Wording(lambda: languages or default_languages())
    whole = content if isinstance(content, dict) else {}
    correlation = Record(needing(value=SHARE, why=worded))
    actor = Record(needing(label=worded, weight=between(0)))
    return Record(
        {
            "version": Field(_VERSION, required=True),
            "reference_year": Field(YEAR, required=True),
            "title": Field(worded, required=True),
            "definition": Field(worded, required=True),
            "scoring": Field(_scoring(), required=True),
            "error_correlation": Field(
                Named(correlation, 1),
                required=True,
                says="between sampling errors, by source, and `default`",
            ),
            "mapped": Field(_several("indicator", whole, "indicators"), says="indicators that every profile maps"),
            "headline": Field(_several("indicator", whole, "indicators", "context"), says="big numbers of a profile"),
            "actors": Field(Named(actor), says="who can do something about a figure"),
            "shocks": Field(Named(worded)),
            "compared_roles": Field(
                Value(_are_roles, "two roles", {"type": "array", "items": {"type": "string"}, "maxItems": 2})
            ),
            "literature": Field(Named(TEXT)),
            "dimensions": Field(Named(_dimension(worded, whole), 1, _CODE), required=True),
            "indicators": Field(Named(_indicator(worded, whole), 1, _CODE), required=True),
            "context": Field(Named(_context(worded, whole), 0, _CODE)),
            "candidates": Field(Named(_candidate(worded, whole), 0, _CODE)),
        },
        _without_default,
    )


def _are_roles(value: Any) -> bool:
    return isinstance(value, list) and len(value) in {0, 2} and all(is_text(role) for role in value)


def _without_default(where: str, content: Mapping[str, Any]) -> list[Problem]:
    absent = DEFAULT not in content["error_correlation"]
    return [Problem(f"{where}, error_correlation", f"{DEFAULT} is missing")] if absent else []


def _codes(content: Mapping[str, Any], *sections: str) -> list[str]:
    parts = [part for name in sections if isinstance(part := content.get(name), dict)]
    return [code for part in parts for code in part]


def _known(kind: str, content: Mapping[str, Any], *sections: str) -> OneOf:
    return OneOf(kind, lambda: _codes(content, *sections), listed=False)


def _several(kind: str, content: Mapping[str, Any], *sections: str) -> Listing:
    return Listing(_known(kind, content, *sections))


def _scoring() -> Record:
    return Record(
        needing(
            normalise=TEXT,
            aggregate=TEXT,
            min_coverage=SHARE,
            index=_NO_INDEX,
            goalpost_percentiles=_PERCENTILES,
            false_discovery_rate=_RATE,
        )
    )


def _dimension(worded: Wording, content: Mapping[str, Any]) -> Record:
    cited = Field(_several("literature", content, "literature"))
    lines = Wording(worded.languages, Listing(TEXT, 1))
    return Record(needing(label=worded, short=worded, explanation=lines) | {"literature": cited, "note": Field(worded)})


def _shown(worded: Wording, content: Mapping[str, Any]) -> dict[str, Field]:
    """Return what every figure has, scored or not."""
    return {
        "label": Field(worded, required=True),
        "unit": Field(TEXT, required=True, remedy="Write unit: count for a bare number"),
        "source": Field(TEXT, required=True),
        "derive": Field(Derivation(), required=True, says="one verb with its arguments"),
        "caveat": Field(worded),
        "decimals": Field(between(0, whole=True)),
        "actor": Field(_known("actor", content, "actors"), says="who can do most about it"),
        "tells": Field(between(0, 1), says="how much a difference in it tells a reader"),
        "breaks": Field(Listing(YEAR), says="years from which the figures are not comparable with those before"),
    }


def _context(worded: Wording, content: Mapping[str, Any]) -> Record:
    shock = Field(_known("shock", content, "shocks"), says="the shock that it is about")
    return Record(_shown(worded, content) | {"shock": shock}, _asked(content))


def _belonging(content: Mapping[str, Any]) -> dict[str, Field]:
    dimension, strand = _known("dimension", content, "dimensions"), OneOf("strand", lambda: STRANDS)
    return needing(dimension=dimension, strand=strand)


def _indicator(worded: Wording, content: Mapping[str, Any]) -> Record:
    counting = {
        "aspect": Field(OneOf("aspect", lambda: ASPECTS), required=True),
        "direction": Field(_DIRECTION, required=True, says="1: more is more resilient; -1: less is"),
        "weight": Field(between(0), required=True, says="within its dimension and strand"),
        "goalposts": Field(ASCENDING, says="[low, high] where theory sets them; else they are frozen"),
        "rationale": Field(worded, required=True),
        "literature": Field(_several("literature", content, "literature")),
        "statement": Field(TEXT, says="the id of an item of items.yml that asks the organisation about the same"),
    }
    optional = {name: Field(worded) for name in ("numerator", "denominator", "apart", "lopsided")}
    asked = _asked(content)

    def agree(where: str, entry: Mapping[str, Any]) -> list[Problem]:
        counted = (entry["weight"] == 0) != (entry.get("apart") is not None)
        remedy = "An indicator with weight 0 says in `apart` why"
        return [Problem(f"{where}, weight", f"is {entry['weight']!r}", remedy)] * counted + asked(where, entry)

    return Record(_shown(worded, content) | _belonging(content) | counting | optional, agree)


def _candidate(worded: Wording, content: Mapping[str, Any]) -> Record:
    return Record(needing(label=worded, would_come_from=worded, exists=FLAG) | _belonging(content))


def _asked(content: Mapping[str, Any]) -> Callable[[str, Mapping[str, Any]], list[Problem]]:
    """Return the check that a figure of the self-assessment names a dimension."""
    dimension = _known("dimension", content, "dimensions")

    def problems(where: str, entry: Mapping[str, Any]) -> list[Problem]:
        written = entry["derive"].get(ASKED)
        name = written.get(OF) if isinstance(written, dict) else written
        return [] if name is None else dimension.problems(f"{where}, derive, {ASKED}", name)

    return problems


def _weight_problems(content: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield every dimension and strand whose indicators all have weight 0, so that it could never have a score."""
    heaviest: dict[tuple[str, str], float] = {}
    for entry in content["indicators"].values():
        group = (entry["dimension"], entry["strand"])
        heaviest[group] = max(heaviest.get(group, 0), entry["weight"])
    for (dimension, strand), weight in heaviest.items():
        if weight == 0:
            where = f"{FILE_NAME}, dimension {dimension}, strand {strand}"
            yield Problem(where, "no indicator has a weight above 0")


def _twice(content: Mapping[str, Any]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for section in SECTIONS:
        for code in content.get(section) or {}:
            if code in seen:
                yield Problem(f"{FILE_NAME}, {section}, {code}", f"the code is already listed in {seen[code]}")
            seen[code] = section


def _goalpost_problems(content: Mapping[str, Any], frozen: Mapping[str, Any], *, needed: bool) -> Iterator[Problem]:
    posts, indicators = frozen.get("indicators") or {}, content["indicators"]
    for code, entry in indicators.items():
        if needed and entry.get("goalposts") is None and (posts.get(code) or {}).get("goalposts") is None:
            where = f"{FILE_NAME}, indicators, {code}"
            yield Problem(where, "has no goalposts", "Set them, or freeze them with: resilience freeze")
    for code in posts if needed else ():
        if code not in indicators:
            remedy = "Take its goalposts out with: resilience freeze"
            yield Problem(GOALPOSTS_FILE, unknown("indicator", code, indicators), remedy)
