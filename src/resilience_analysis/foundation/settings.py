"""What ``definitions/project.yml`` says: codes of places, reference system, extent, languages, credits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from resilience_analysis.foundation.errors import InputError, Problem, raise_if_any
from resilience_analysis.foundation.forms import field_problems, is_number, is_text, wording_problems
from resilience_analysis.foundation.wordings import default_languages, read_definition

SETTINGS_FILE = "project.yml"
ANY_CODE = r"[^\s,;:/\\]{1,40}"
"""What every code of a place matches, in every project."""
_FIELDS = ("name", "codes", "code_name", "crs", "likely", "extent", "everywhere", "region", "languages", "boundaries")
_WORDED = ("name", "code_name", "everywhere", "boundaries")
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
    if not isinstance(content, dict):
        raise InputError(path.name, [Problem(path.name, "must be a mapping of settings")])
    raise_if_any(path.name, _problems(path.name, content))
    entry = {name: content[name] for name in _FIELDS if name in content}
    entry["likely"] = tuple(str(system) for system in entry.get("likely", ()))
    entry["extent"] = tuple(float(degree) for degree in entry.get("extent", _WORLD))
    return ProjectSettings(**{**entry, "languages": tuple(entry["languages"])})


def is_code(text: str, pattern: str = ANY_CODE) -> bool:
    """Whether a text has the form of a code of a place."""
    return re.fullmatch(ANY_CODE, text) is not None and re.fullmatch(pattern, text) is not None


def not_a_code(text: object, pattern: str = ANY_CODE) -> str:
    """Say that a text is not a code of a place, with the pattern where a project has one."""
    said = f"{text!r} is not a code of a place"
    return said if pattern == ANY_CODE else f"{said} ({pattern})"


@cache
def languages_of(folder: Path) -> tuple[str, ...]:
    """Return the languages that definitions in a folder must have: those of its ``project.yml``, if there is one."""
    path = folder / SETTINGS_FILE
    return read_settings(path).languages if path.is_file() else default_languages()


def _problems(file: str, content: Mapping[Any, Any]) -> list[Problem]:
    problems = field_problems(file, content, _FIELDS)
    texts = [name for name in ("codes", "crs", "region") if not is_text(content.get(name))]
    problems += [Problem(f"{file}, {name}", "must be a text") for name in texts]
    languages = content.get("languages")
    if not isinstance(languages, list) or not languages or not all(is_text(language) for language in languages):
        return [*problems, Problem(f"{file}, languages", "must be a list of languages, such as [nl, en]")]
    problems += wording_problems(file, content, _WORDED, languages)
    if "codes" not in texts and not _is_pattern(content["codes"]):
        problems.append(Problem(f"{file}, codes", f"{content['codes']!r} is not a regular expression"))
    if not isinstance(content.get("likely", []), list):
        problems.append(Problem(f"{file}, likely", "must be a list of reference systems"))
    if not _is_extent(content.get("extent", list(_WORLD))):
        remedy = "Write [west, south, east, north]"
        problems.append(Problem(f"{file}, extent", f"{content['extent']!r} are not degrees around the places", remedy))
    return problems


def _is_pattern(text: str) -> bool:
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
