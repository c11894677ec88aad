"""The forms that values in a definition file can have: what a person wrote is looked at before it is used."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeGuard

_FIRST_YEAR, _LAST_YEAR = 1900, 2100


def is_number(value: object) -> TypeGuard[float]:
    """Return whether a value is a finite number; true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def is_count(value: object) -> TypeGuard[int]:
    """Return whether a value is a whole number of 1 or more."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def is_year(value: object) -> TypeGuard[int]:
    """Return whether a value is a year."""
    return is_count(value) and _FIRST_YEAR <= value <= _LAST_YEAR


def is_text(value: object) -> TypeGuard[str]:
    """Return whether a value is a text with something in it."""
    return isinstance(value, str) and value.strip() != ""


def in_any(text: Mapping[str, Any] | str) -> Any:
    """Return a wording for readers of any language: in English where there is one, else in its first language."""
    if isinstance(text, str):
        return text
    return text["en"] if "en" in text else next(iter(text.values()))


def in_language(text: Mapping[str, str] | str, language: str) -> str:
    """Return a wording in a language; a text that is one for all languages as it is."""
    return text if isinstance(text, str) else text[language]


def is_ascending(value: object) -> TypeGuard[list[float]]:
    """Return whether a value is a list of two numbers, the lower first."""
    if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004 - low and high
        return False
    return all(is_number(number) for number in value) and value[0] < value[1]
