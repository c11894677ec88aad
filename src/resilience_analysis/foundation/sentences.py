"""Sentences with blanks, filled in as a language asks: one or many, and words that change before another word.

What a language asks is said in its own text file, so that no code knows a language.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

_ARROW = " -> "


@dataclass(frozen=True)
class Grammar:
    """What a language asks of a sentence whose blanks are filled in.

    Attributes
    ----------
    singular
        The numbers that take the first of two forms, with spaces between: ``{count:commune|communes}``.
    joins
        How two words that meet are written, a regular expression and what takes its place on each line:
        ``de (?=[aeiou]) -> d'``.
    """

    singular: str = "1"
    joins: str = ""

    def fill(self, text: str, blanks: Mapping[str, object]) -> str:
        """Return a text with its blanks filled in.

        Raises
        ------
        KeyError
            When a blank is not given.

        Examples
        --------
        >>> Grammar().fill("{n} {n:village|villages}", {"n": 1})
        '1 village'
        >>> Grammar(joins="de (?=O) -> d'").fill("profil de {place}", {"place": "Olen"})
        "profil d'Olen"
        """
        filled = _formatter(self.singular).vformat(text, (), blanks) if "|" in text else text.format(**blanks)
        return self.join(filled)

    def join(self, text: str) -> str:
        """Return a text with the words that meet written as the language does."""
        for pattern, replacement in _rules(self.joins):
            text = pattern.sub(replacement, text)
        return text


class _Formatter(string.Formatter):
    def __init__(self, singular: str) -> None:
        super().__init__()
        self.singular = singular.split()

    def format_field(self, value: Any, format_spec: str) -> str:
        """Format one blank: as its number asks where two forms are given."""
        one, bar, many = format_spec.partition("|")
        if not bar:
            return str(super().format_field(value, format_spec))
        return one if str(value) in self.singular else many


@cache
def _formatter(singular: str) -> _Formatter:
    return _Formatter(singular)


@cache
def _rules(joins: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    lines = [line.partition(_ARROW) for line in joins.splitlines() if _ARROW in line]
    return tuple((re.compile(pattern), replacement) for pattern, _, replacement in lines)
