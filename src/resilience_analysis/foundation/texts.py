"""Words and numbers for people, in Dutch and English, from ``texts.nl.yml`` and ``texts.en.yml``."""

from __future__ import annotations

import datetime as dt
import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal

from resilience_analysis.foundation.errors import InputError, Problem, UsageError, raise_if_any, unknown
from resilience_analysis.foundation.files import read_yaml
from resilience_analysis.foundation.project import DEFINITIONS

LOCALES = {"nl": "nl_BE", "en": "en_GB"}
_DECIMALS = {"%": 0, "‰": 1, "0-1": 2, "1-4": 1, "€": 0, "/km²": 0, "count": 0}
_TRAILING = {"%": "%", "‰": "‰", "/km²": "/km²"}
_LEADING = {"€": "€"}
_SPACE = {"nl": "\u202f", "en": ""}  # between a number and its sign


@dataclass(frozen=True)
class Texts:
    """The words of one language; call it with a key to get a sentence with its blanks filled in."""

    language: str
    words: Mapping[str, str]

    def __call__(self, key: str, **blanks: object) -> str:
        """Return the text of `key` with `blanks` filled in.

        Raises
        ------
        KeyError
            When there is no such text, or a blank is not given.
        """
        if key not in self.words:
            raise KeyError(unknown("text", key, self.words))
        return self.words[key].format(**blanks) if blanks else self.words[key]

    def pick(self, text: Mapping[str, Any]) -> Any:
        """Return the wording of this language from a definition with ``nl`` and ``en``."""
        return text[self.language]

    def number(self, value: float, decimals: int = 0, *, sign: bool = False) -> str:
        """Write a number with the language's own separators; a minus is a real minus sign."""
        written = _number(round(float(value), decimals) + 0.0, decimals, LOCALES[self.language])
        return f"+{written}" if sign and value > 0 and written.strip("0,.") else written

    def value(self, value: float, unit: str, *, decimals: int | None = None) -> str:
        """Write a value with its unit, such as ``56 %`` or ``€ 31.585``."""
        places = _DECIMALS.get(unit, 1) if decimals is None else decimals
        parts = [_LEADING.get(unit, ""), self.number(value, places), _TRAILING.get(unit, "")]
        return _SPACE[self.language].join(part for part in parts if part)

    def date(self, day: dt.date) -> str:
        """Write a date in full, such as ``23 november 2026``."""
        return format_date(day, format="long", locale=LOCALES[self.language])

    def short_date(self, day: dt.date) -> str:
        """Write a date briefly, such as ``5 feb 2025``."""
        return format_date(day, format="d MMM y", locale=LOCALES[self.language])

    def enumerate(self, parts: Iterable[str]) -> str:
        """Join as in a sentence: ``a, b en c``."""
        listed = list(parts)
        if len(listed) < 2:  # noqa: PLR2004 - nothing to join
            return "".join(listed)
        return f"{', '.join(listed[:-1])} {self('and')} {listed[-1]}"


@cache
def _number(value: float, decimals: int, locale: str) -> str:
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(value, format=pattern, locale=locale).replace("-", "\u2212")


def load_texts(language: str, folder: Path | None = None) -> Texts:
    """Load the words of a language.

    Raises
    ------
    UsageError
        When the language is not one of ``nl`` and ``en``.
    """
    if language not in LOCALES:
        raise UsageError(unknown("language", language, LOCALES))
    return _load(language, folder or DEFINITIONS)


@cache
def _load(language: str, folder: Path) -> Texts:
    name = f"texts.{language}.yml"
    tree = read_yaml(folder / name)
    if not isinstance(tree, dict):
        raise InputError(name, [Problem(name, "must be a mapping of texts")])
    words = dict(_flatten(tree))
    faults = [Problem(f"{name}, {key}", fault) for key, text in words.items() for fault in _text_faults(text)]
    raise_if_any(name, faults)
    return Texts(language, words)


def _flatten(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, entry in tree.items():
        if isinstance(entry, Mapping):
            yield from _flatten(entry, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", "" if entry is None else str(entry)


def _text_faults(text: str) -> list[str]:
    try:
        _blanks(text)
    except ValueError as error:
        return [f"its blanks cannot be filled in ({error})"]
    return [] if text else ["is empty"]


def text_problems(folder: Path | None = None) -> list[Problem]:
    """Return every text that one language has and another lacks, or that has other blanks to fill in.

    Raises
    ------
    InputError
        When the texts of a language cannot be read.
    """
    loaded = {language: load_texts(language, folder).words for language in LOCALES}
    problems = []
    for key in sorted(set().union(*loaded.values())):
        lacking = [language for language, words in loaded.items() if key not in words]
        problems += [Problem(f"texts.{language}.yml", f"{key} is missing") for language in lacking]
        if not lacking and len({_blanks(words[key]) for words in loaded.values()}) > 1:
            problems.append(Problem(f"texts, {key}", "the languages have different blanks"))
    return problems


def _blanks(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name)
