"""The forms that values in a definition file can have: what a person wrote is looked at before it is used."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeGuard

from resilience_analysis.foundation.errors import Problem, unknown
from resilience_analysis.foundation.wordings import default_languages

_WANTED: ContextVar[tuple[str, ...] | None] = ContextVar("languages that a wording must have", default=None)
_FIRST_YEAR, _LAST_YEAR = 1900, 2100


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value is a finite number; true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def is_count(value: object) -> TypeGuard[int]:
    """Whether a value is a whole number of 1 or more."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def is_year(value: object) -> TypeGuard[int]:
    """Whether a value is a year."""
    return is_count(value) and _FIRST_YEAR <= value <= _LAST_YEAR


def is_text(value: object) -> TypeGuard[str]:
    """Whether a value is a text with something in it."""
    return isinstance(value, str) and value.strip() != ""


def in_any(text: Mapping[str, Any]) -> Any:
    """Return a wording for readers of any language: in English where there is one, else in its first language."""
    return text["en"] if "en" in text else next(iter(text.values()))


def _are_lines(value: object) -> bool:
    return isinstance(value, list) and value != [] and all(is_text(line) for line in value)


def is_ascending(value: object) -> TypeGuard[list[float]]:
    """Whether a value is a list of two numbers, the lower first."""
    if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004 - low and high
        return False
    return all(is_number(number) for number in value) and value[0] < value[1]


def field_problems(where: str, entry: Mapping[Any, Any], known: Iterable[str]) -> list[Problem]:
    """Return every field of an entry that is none of `known`, such as a misspelt one."""
    known = tuple(known)
    return [Problem(where, unknown("field", name, known)) for name in entry if name not in known]


@contextmanager
def worded_in(languages: tuple[str, ...]) -> Iterator[None]:
    """Check wordings for these languages within the block: those of the project whose definitions are read."""
    before = _WANTED.set(languages)
    try:
        yield
    finally:
        _WANTED.reset(before)


def wording_problems(
    where: str, entry: Mapping[Any, Any], keys: Iterable[str], languages: Iterable[str] | None = None
) -> list[Problem]:
    """Return every text of `keys` that lacks one of the languages; an explanation is a list of lines.

    The languages are those of `worded_in` when not given, else those of a project that names none.
    """
    languages = tuple((_WANTED.get() or default_languages()) if languages is None else languages)
    problems = []
    for key in keys:
        texts = entry.get(key)
        fine = _are_lines if key == "explanation" else is_text
        for language in languages:
            text = texts.get(language) if isinstance(texts, dict) else None
            if not fine(text):
                problems.append(Problem(where, f"{key} has no wording in {language}"))
    return problems
