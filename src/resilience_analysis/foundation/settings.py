"""What ``definitions/project.yml`` says: codes of places, reference system, extent, languages, credits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from resilience_analysis.foundation.definitions import TEXT, Field, Listing, Record, Value, Wording, check_definitions
from resilience_analysis.foundation.errors import Problem
from resilience_analysis.foundation.forms import is_number, is_text
from resilience_analysis.foundation.wordings import default_languages, read_definition

SETTINGS_FILE = "project.yml"
ANY_CODE = r"[^\s,;:/\\]{1,40}"
"""What every code of a place matches, in every project."""
_WORLD = (-180.0, -90.0, 180.0, 90.0)


@dataclass(frozen=True)
class ProjectSettings:
    """What a project calls things and where it lies.

    Attributes
    ----------
    name
        Name of the project per language.
    codes
        Regular expression that the whole code of a place matches.
    code_name
        What such a code is called, per language.
    crs
        Reference system that maps are drawn in; its unit is the metre.
    likely
        Other reference systems that files of this region are often in.
    extent
        West, south, east and north in degrees, between which all places lie.
    everywhere
        What all places together are called, per language.
    region
        Group that commands take when none is named.
    languages
        Languages of its reports; the first is the one that commands take when none is named.
    boundaries
        Credit line of the boundaries per language.
    """

    name: Mapping[str, str]
    codes: str
    code_name: Mapping[str, str]
    crs: str
    likely: tuple[str, ...]
    extent: tuple[float, float, float, float]
    everywhere: Mapping[str, str]
    region: str
    languages: tuple[str, ...]
    boundaries: Mapping[str, str]

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
