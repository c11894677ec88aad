"""What a project says of itself in ``definitions/project.yml``, and the words that a language adds to definitions.

A definition words what readers see in the languages that its project began with: ``label: {nl: ..., en: ...}``. A
further language adds its words in one file beside the definitions, such as ``definitions/fr.yml``, with a section for
every file (``framework:``, ``items:``, ``sources:``) in the same tree. So a new language changes no definition.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from resilience_analysis.foundation.definitions import (
    TEXT,
    Field,
    Listing,
    Record,
    Value,
    Wording,
    check_definitions,
    is_number,
    is_text,
)
from resilience_analysis.foundation.errors import Problem, raise_if_any, refusal
from resilience_analysis.foundation.files import read_yaml

PACKAGE = Path(__file__).parents[1]
GENERAL = "texts"
"""The folder with the general words. A language is known when it has a file there."""
FIRST = "nl"
OWN = "wording"
DEFAULTS = PACKAGE / "starter" / "definitions"
"""Definitions of a project that says nothing itself: empty registers, no corrections, no offers."""


def language_codes(folder: Path | None = None) -> tuple[str, ...]:
    """Return the codes of all languages with general words below a folder (the package when not given), Dutch first."""
    found = sorted(path.stem for path in ((folder or PACKAGE) / GENERAL).glob("*.yml"))
    return tuple(sorted(found, key=lambda language: language != FIRST))


@cache
def default_languages() -> tuple[str, ...]:
    """Return the languages that definitions are worded in where no project says it."""
    return tuple(read_yaml(DEFAULTS / "project.yml")["languages"])


def read_definition(path: Path, words_in: Path | None = None) -> Any:
    """Read a file of definitions with the wordings that the files of languages add to it.

    A file of a language holds the tree of the definition with a text in the place of each wording (below
    ``wording``, where it has more to say there). An entry of a list is named by its first value (an id, a
    code, a number), or by its place where that is not a plain value. A list of words, such as ``also``, is added to
    that of the definition.

    Parameters
    ----------
    words_in
        The folder with the files of languages; that of the file when not given.

    Raises
    ------
    InputError
        When a file cannot be read, or a language words what the definition does not have or words itself.
    """
    content, problems = read_yaml(path), []
    for language in language_codes():
        words = (words_in or path.parent) / f"{language}.yml"
        sections = _words(words, words.stat().st_mtime_ns) if words.is_file() else {}
        if not isinstance(sections, dict):
            raise refusal(words.name, "must be a mapping of files of definitions")
        if sections.get(path.stem) is not None:
            problems += list(_add(content, sections[path.stem], language, f"{words.name}, {path.stem}"))
    raise_if_any(f"words for {path.name}", problems)
    return content


@lru_cache(maxsize=8)
def _words(path: Path, _: int) -> Any:
    """Read the file of a language, which every file of definitions asks for; what is in it is only looked at."""
    return read_yaml(path)


def _add(node: Any, words: Any, language: str, where: str) -> Iterator[Problem]:
    """Put the words of a language in their places; yield those that have none."""
    if isinstance(words, Mapping):
        yield from _add_below(node, words, language, where)
        words = words.get(OWN)
    if words is None:
        return
    if isinstance(node, list) and isinstance(words, list):
        node.extend(word for word in words if word not in node)
    elif isinstance(node, dict) and node.get(language, words) == words:
        node[language] = words
    else:
        yield Problem(where, "is worded in the definition too" if isinstance(node, dict) else "has no wording there")


def _add_below(node: Any, words: Mapping[Any, Any], language: str, where: str) -> Iterator[Problem]:
    parts = _parts(node)
    for key in (key for key in words if key != OWN):
        if str(key) in parts:
            yield from _add(parts[str(key)], words[key], language, f"{where}, {key}")
        else:
            yield Problem(where, f"{key!r} is not in the definition")


def _parts(node: Any) -> Mapping[str, Any]:
    """Return what is below a node by its name."""
    if isinstance(node, Mapping):
        return {str(key): value for key, value in node.items()}
    entries = enumerate(node, start=1) if isinstance(node, list) else ()
    return {_name(entry, number): entry for number, entry in entries}


def _name(entry: Any, number: int) -> str:
    first = next(iter(entry.values()), None) if isinstance(entry, Mapping) else None
    return str(first) if isinstance(first, str | int) else str(number)


SETTINGS_FILE = "project.yml"
ANY_CODE = r"[^\s,;:/\\]{1,40}"
"""What every code of a place matches, in every project."""
_WORLD = (-180.0, -90.0, 180.0, 90.0)


@dataclass(frozen=True)
class ProjectSettings:
    """What a project calls things and where it lies."""

    name: Mapping[str, str]  # name of the project per language
    codes: str  # regular expression that the whole code of a place matches
    code_name: Mapping[str, str]  # what such a code is called, per language
    crs: str  # reference system that maps are drawn in; its unit is the metre
    likely: tuple[str, ...]  # other reference systems that files of this region are often in
    extent: tuple[float, float, float, float]  # west, south, east and north in degrees, between which all places lie
    everywhere: Mapping[str, str]  # what all places together are called, per language
    region: str  # group that commands take when none is named
    languages: tuple[str, ...]  # languages of its reports; the first is the one that commands take when none is named
    boundaries: Mapping[str, str]  # credit line of the boundaries per language

    def names(self, language: str) -> tuple[tuple[str, str], ...]:
        """Return what the texts of a language call things here: the blank in a text, and what is filled in."""
        worded = {"everywhere": self.everywhere, "code_name": self.code_name, "boundaries": self.boundaries}
        return tuple((blank, names.get(language, next(iter(names.values())))) for blank, names in worded.items())


@cache
def read_settings(path: Path) -> ProjectSettings:
    """Read ``project.yml``.

    Raises
    ------
    InputError
        With every fault: an unknown field, codes that are not a regular expression, an extent that is not four degrees
        from south-west to north-east, a wording that lacks a language.
    """
    content = read_definition(path)
    languages: Any = content.get("languages") if isinstance(content, dict) else None
    known = None if _LANGUAGES.problems("", languages) else languages
    check_definitions(path.name, content, settings_form(known))
    listed = {name: tuple(content.get(name) or ()) for name in ("languages", "likely")}
    extent = tuple(float(degree) for degree in content.get("extent") or _WORLD)
    return ProjectSettings(**{**content, **listed, "extent": extent})


def is_code(text: str, pattern: str = ANY_CODE) -> bool:
    """Return whether a text has the form of a code of a place."""
    return re.fullmatch(ANY_CODE, text) is not None and re.fullmatch(pattern, text) is not None


def not_a_code(text: object, pattern: str = ANY_CODE) -> str:
    """Return the message that a text is not a code of a place, with the pattern where a project has one."""
    said = f"{text!r} is not a code of a place"
    return said if pattern == ANY_CODE else f"{said} ({pattern})"


def capital_problems(file: str, codes: Iterable[str]) -> list[Problem]:
    """Return every code that differs from another in capitals alone: where files have names, these are one."""
    found: dict[str, list[str]] = {}
    for code in dict.fromkeys(codes):
        found.setdefault(code.casefold(), []).append(code)
    remedy = "Write other codes: a report is a file named by its code, and many computers take these for one file"
    return [
        Problem(file, f"{' and '.join(alike)} differ in capitals alone", remedy)
        for alike in found.values()
        if len(alike) > 1
    ]


@cache
def languages_of(folder: Path) -> tuple[str, ...]:
    """Return the languages that definitions in a folder must have: those of its ``project.yml``, if there is one."""
    path = folder / SETTINGS_FILE
    return read_settings(path).languages if path.is_file() else default_languages()


def _is_pattern(text: object) -> bool:
    if not is_text(text):
        return False
    try:
        re.compile(text)
    except re.error:
        return False
    return True


def _is_extent(value: object) -> bool:
    if not isinstance(value, list) or len(value) != len(_WORLD) or not all(is_number(degree) for degree in value):
        return False
    west, south, east, north = value
    return bool(_WORLD[0] <= west < east <= _WORLD[2] and _WORLD[1] <= south < north <= _WORLD[3])


CODE = Value(
    lambda value: isinstance(value, str) and is_code(value),
    "a code of a place",
    {"type": "string"},
    "Write it between quotes",
)
_LANGUAGES = Listing(TEXT, least=1)
_PATTERN = Value(_is_pattern, "a regular expression", {"type": "string", "format": "regex"})
_EXTENT = Value(
    _is_extent,
    "four degrees around the places",
    {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4},
    "Write [west, south, east, north]",
)


def settings_form(languages: Iterable[str] | None = None) -> Record:
    """Return the form of ``project.yml``."""
    worded = Wording(lambda: languages or default_languages())
    return Record(
        {
            "name": Field(worded, required=True),
            "codes": Field(_PATTERN, required=True, says="what the whole code of a place matches"),
            "code_name": Field(worded, required=True, says="what such a code is called"),
            "crs": Field(TEXT, required=True, says="reference system that maps are drawn in; its unit is the metre"),
            "likely": Field(Listing(TEXT), says="other reference systems that files of this region are often in"),
            "extent": Field(_EXTENT, says="between which all places lie"),
            "everywhere": Field(worded, required=True, says="what all places together are called"),
            "region": Field(TEXT, required=True, says="the group that commands take when none is named"),
            "languages": Field(_LANGUAGES, required=True, says="of reports; commands take the first"),
            "boundaries": Field(worded, required=True, says="credit line of the boundaries"),
        }
    )
