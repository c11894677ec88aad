"""Words and numbers for people, in every language that has a set of text files.

The general words of a language are in ``texts/nl.yml``. Those of a part of the reports are in a file of the same name
in the folder of that part, and are found under the name of the folder: ``title`` in ``pages/sections/maps/nl.yml`` is
``maps.title``. A new language is one set of such files; ``resilience check`` names every text that it lacks.
"""

from __future__ import annotations

import datetime as dt
import re
import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.numbers import get_decimal_symbol, get_group_symbol, get_minus_sign_symbol

from resilience_analysis.foundation.errors import Problem, UsageError, raise_if_any, refusal, unknown
from resilience_analysis.foundation.files import read_yaml
from resilience_analysis.foundation.project import PACKED, Project, definition_at_hand
from resilience_analysis.foundation.settings import (
    GENERAL,
    OWN,
    PACKAGE,
    SETTINGS_FILE,
    language_codes,
    read_definition,
    read_settings,
)

WORDS = PACKAGE
REASONS = "foundation/reasons.yml"
_DECIMALS = {"%": 0, "‰": 1, "0-1": 2, "1-4": 1, "€": 0, "/km²": 0, "count": 0}
_AMOUNTS = {"€"}
"""Units that a language writes in a place of its own."""
_BARE = {"", "0-1", "1-4", "count", "number"}
"""Units that a reader need not see; every other is written behind the number, as the definitions have it."""


def _said_once(text: str, name: str) -> str:
    """Return a text without ``X and X``, ``X et de X`` or ``X (X)``: a group that is the whole, a single year."""
    again = re.escape(name)
    twice = rf"\b{again}\s(?:\S{{1,4}}\s(?:\S{{1,4}}\s|\S{{1,3}}['\u2019])?{again}\b|\({again}\))"
    return re.sub(twice, lambda _: name, text) if name else text


@dataclass(frozen=True)
class Texts:
    """The words of one language; call it with a key to get a sentence with its blanks filled in."""

    language: str
    words: Mapping[str, str]

    def __call__(self, key: str, **blanks: object) -> str:
        """Return the text of `key` with `blanks` filled in; a KeyError says which of these is not known."""
        if key not in self.words:
            raise KeyError(unknown("text", key, self.words))
        filled = self.grammar.fill(self.words[key], blanks) if blanks else self.words[key]
        for name in {str(blanks[blank]) for blank in ("group", "region", "first") if blank in blanks}:
            filled = _said_once(filled, name)
        return filled

    def pick(self, text: Mapping[str, Any] | str) -> Any:
        """Return the wording of this language from a definition that has one for each, or one for all."""
        if isinstance(text, str):
            return text
        if self.language not in text:
            worded = "; ".join(f"{language}: {words}" for language, words in text.items())
            fault = f"a definition has no wording in {self.language} ({worded})"
            raise refusal("definitions", fault, "resilience check names all of them")
        return text[self.language]

    @cached_property
    def grammar(self) -> Grammar:
        """What the language asks of a sentence whose blanks are filled in."""
        return Grammar(self.words.get("language.singular", "1"), self.words.get("language.joins", ""))

    @cached_property
    def locale(self) -> str:
        """How numbers and dates are written, such as ``nl_BE``."""
        return self("language.locale")

    def number(self, value: float, decimals: int = 0, *, sign: bool = False) -> str:
        """Write a number with the language's own separators; a minus is a real minus sign."""
        written = _number(round(float(value), decimals) + 0.0, decimals, self.locale)
        return f"+{written}" if sign and value > 0 and written.strip("0,.") else written

    def value(self, value: float, unit: str, *, decimals: int | None = None) -> str:
        """Write a value with its unit, such as ``56 %`` or ``€ 31.585``."""
        places = _DECIMALS.get(unit, 1) if decimals is None else decimals
        written = self.number(value, places)
        if unit in _AMOUNTS:
            return self("language.amount", number=written, unit=unit)
        if unit in _BARE:
            return written
        gap = self.words["language.before_unit"] or ("\N{NO-BREAK SPACE}" if unit[:1].isalpha() else "")
        # a unit of several words goes on below the number where the line is full
        return f"{written} {unit}" if " " in unit else f"{written}{gap}{unit}"

    def date(self, day: dt.date) -> str:
        """Write a date in full, such as ``23 november 2026``."""
        written = format_date(day, format="long", locale=self.locale)
        return written.replace("1 ", f"{self('first_of_month')} ", 1) if day.day == 1 else written

    def short_date(self, day: dt.date) -> str:
        """Write a date briefly, such as ``5 feb 2025``."""
        return format_date(day, format="d MMM y", locale=self.locale)

    def enumerate(self, parts: Iterable[str]) -> str:
        """Join as in a sentence: ``a, b en c``."""
        listed = list(parts)
        if len(listed) < 2:  # noqa: PLR2004 - nothing to join
            return "".join(listed)
        return f"{', '.join(listed[:-1])} {self('and')} {listed[-1]}"


@cache
def _number(value: float, decimals: int, locale: str) -> str:
    minus, group, point = _signs(locale)
    whole, _, part = f"{abs(Decimal(repr(value))):,.{decimals}f}".partition(".")
    return f"{minus * (value < 0)}{whole.replace(',', group)}{point * bool(part)}{part}"


@cache
def _signs(locale: str) -> tuple[str, str, str]:
    """Return how a locale writes a minus, groups of three digits and decimals, by its own account."""
    minus = get_minus_sign_symbol(locale).replace("-", "\u2212")
    return minus, get_group_symbol(locale), get_decimal_symbol(locale)


def languages(folder: Path | None = None) -> tuple[str, ...]:
    """Return the codes of all languages that have general words, Dutch first."""
    return language_codes(folder or WORDS)


def load_texts(language: str, folder: Path | None = None, *, project: Project | None = None) -> Texts:
    """Load the words of a language, with the names (of places, codes, credits) of a project filled in.

    Parameters
    ----------
    folder
        Where the text files are, in folders of their own; the package when not given.
    project
        The project around us when not given.

    Raises
    ------
    InputError, UsageError
        When a text file cannot be used, or the language is not known.
    """
    known = languages(folder)
    if language not in known:
        raise UsageError(unknown("language", language, known))
    settings = project.settings if project else read_settings(definition_at_hand(SETTINGS_FILE))
    return _named(language, folder or WORDS, settings.names(language))


@cache
def _named(language: str, folder: Path, names: tuple[tuple[str, str], ...]) -> Texts:
    loaded = _load(language, folder)
    return Texts(language, {key: _filled_in(text, names, loaded.grammar) for key, text in loaded.words.items()})


def _filled_in(text: str, names: tuple[tuple[str, str], ...], grammar: Grammar) -> str:
    named = [(f"{{{name}}}", said) for name, said in names if f"{{{name}}}" in text]
    for blank, said in named:
        text = text.replace(blank, said)
    return grammar.join(text) if named else text


@cache
def _load(language: str, folder: Path) -> Texts:
    words: dict[str, str] = {}
    faults: list[Problem] = []
    for name, found in _files(language, folder):
        faults += [Problem(f"{name}, {key}", fault) for key, text in found.items() for fault in _text_faults(key, text)]
        faults += [Problem(f"{name}, {key}", "is in another text file too") for key in found if key in words]
        words |= found
    raise_if_any("texts", faults)
    return Texts(language, words)


def _files(language: str, folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the texts of a language by file: those of reasons, which all languages share, and those of its own."""
    yield REASONS, _words_of_reasons(language, folder)
    for part in _parts(folder):
        path = folder / part / f"{language}.yml"
        if path.is_file():
            tree = _tree(path, folder)
            prefix = "" if part == GENERAL else f"{path.parent.name}."
            yield path.relative_to(folder).as_posix(), dict(_flatten(tree, prefix))


def _words_of_reasons(language: str, folder: Path) -> dict[str, str]:
    tree = _tree(folder / REASONS, folder) if (folder / REASONS).is_file() else {}
    return {
        f"{group}.{name}": str(worded[language])
        for name, entry in tree.items()
        for group, worded in entry.items()
        if language in worded
    }


def _tree(path: Path, folder: Path) -> dict[str, Any]:
    name, tree = path.relative_to(folder).as_posix(), read_yaml(path)
    if not isinstance(tree, dict):
        raise refusal(name, "must be a mapping of texts")
    return tree


@cache
def _parts(folder: Path) -> tuple[str, ...]:
    """Return the folders that hold words in any language, the general ones first."""
    known = languages(folder)
    paths = {path.parent.relative_to(folder) for name in known for path in folder.rglob(f"{name}.yml")}
    found = [path.as_posix() for path in paths if not path.is_relative_to(PACKED)]  # the example has words of its own
    return tuple(sorted(found, key=lambda part: (part != GENERAL, part)))


def _flatten(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, entry in tree.items():
        if isinstance(entry, Mapping):
            yield from _flatten(entry, f"{prefix}{key}.")
        elif not isinstance(entry, list):  # other ways to write a word, which only the survey reads
            yield prefix.rstrip(".") if key == OWN else f"{prefix}{key}", "" if entry is None else str(entry)


def _text_faults(key: str, text: str) -> list[str]:
    try:
        _blanks(text)
    except ValueError as error:
        return [f"its blanks cannot be filled in ({error})"]
    return [] if text or key.startswith("language.") else ["is empty"]


def text_problems(needed: Iterable[str] = (), folder: Path | None = None) -> list[Problem]:
    """Return every text that a language lacks, or that has other blanks to fill in than in another language.

    Keys that are `needed`, such as one for every reason of a gap, and those of any language are needed in all.
    """
    loaded = {language: _load(language, folder or WORDS).words for language in languages(folder)}
    problems = []
    for key in sorted(set(needed).union(*loaded.values())):
        lacking = [language for language, words in loaded.items() if key not in words]
        problems += [Problem(_file_of(key, language, folder or WORDS), f"{key} is missing") for language in lacking]
        if not lacking and len({_blanks(words[key]) for words in loaded.values()}) > 1:
            problems.append(Problem(f"texts, {key}", "the languages have different blanks"))
    return problems


def _file_of(key: str, language: str, folder: Path) -> str:
    """Return the text file in which a key belongs."""
    if key.startswith(("reason.", "reason_short.")) and _words_of_reasons(language, folder):
        return f"{REASONS}, {language}"
    parts = {Path(part).name: part for part in _parts(folder) if part != GENERAL}
    return f"{parts.get(key.partition('.')[0], GENERAL)}/{language}.yml"


def wording_gaps(path: Path, wanted: Iterable[str] | None = None) -> list[Problem]:
    """Return every wording in a definition file that lacks a language.

    A wording is a mapping from languages to texts; beside them it may have other ways to write it (``also``).
    """
    wanted = sorted(languages() if wanted is None else wanted)
    known = {*languages(), *wanted}
    return [
        Problem(f"{path.name}, {place}", f"has no wording in {language}")
        for place, wording in _wordings(read_definition(path), known)
        for language in wanted
        if language not in wording
    ]


def _wordings(node: Any, known: set[str], place: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(node, list):
        for number, entry in enumerate(node, start=1):
            yield from _wordings(entry, known, f"{place}{number}.")
    elif isinstance(node, Mapping):
        if known & set(node) and set(node) <= {*known, "also"}:
            yield place.rstrip("."), node
        else:
            for key, entry in node.items():
                yield from _wordings(entry, known, f"{place}{key}.")


def _blanks(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name)


_ARROW = " -> "


@dataclass(frozen=True)
class Grammar:
    """What a language asks of a sentence whose blanks are filled in."""

    singular: str = "1"
    """The numbers that take the first of two forms, with spaces between: ``{count:commune|communes}``."""
    joins: str = ""
    """How words that meet are written, a pattern and what takes its place on each line: ``de (?=[aeiou]) -> d'``."""

    def fill(self, text: str, blanks: Mapping[str, object]) -> str:
        """Return a text with its blanks filled in; a KeyError says which one is not given.

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
