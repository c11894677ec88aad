"""The one check of definitions: forms are declared, and from them come the messages and the JSON Schema for editors.

A form says what a value can be. Its `problems` names every fault with its place and, where a word is misspelt, the
nearest known one; its `schema` is the same as JSON Schema, by which an editor completes and underlines YAML.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeGuard

from resilience_analysis.foundation.errors import Problem, raise_if_any, unknown

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


Schema = dict[str, Any]
_LINK = re.compile(r"https?://[^\s<>\"']+")
_NAMED = 5
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class Form(Protocol):
    """What a value of a definition can be."""

    def problems(self, where: str, value: Any) -> list[Problem]:
        """Return every fault of a value."""

    def schema(self) -> Schema:
        """Return the same as JSON Schema."""


@dataclass(frozen=True)
class Value:
    """A single value: a test, what it must be in words, and its JSON Schema."""

    holds: Callable[[Any], bool]
    must_be: str
    said: Mapping[str, Any]
    remedy: str = ""

    def problems(self, where: str, value: Any) -> list[Problem]:
        """Return the fault of a value that the test refuses."""
        shown = repr(value) if len(repr(value)) <= 60 else f"{repr(value)[:60]}..."  # noqa: PLR2004 - a line is enough
        return [] if self.holds(value) else [Problem(where, f"{shown} is not {self.must_be}", self.remedy)]

    def schema(self) -> Schema:
        """Return the same as JSON Schema."""
        return dict(self.said)


TEXT = Value(is_text, "a text", {"type": "string", "pattern": r"\S"})
NUMBER = Value(is_number, "a number", {"type": "number"})
COUNT = Value(is_count, "a whole number of 1 or more", {"type": "integer", "minimum": 1})
YEAR = Value(is_year, "a year", {"type": "integer", "minimum": 1900, "maximum": 2100})
FLAG = Value(lambda value: isinstance(value, bool), "true or false", {"type": "boolean"})
LINK = Value(
    lambda value: is_text(value) and _LINK.fullmatch(value) is not None,
    "an address that begins with https:// or http://",
    {"type": "string", "pattern": "^https?://"},
)
ASCENDING = Value(
    is_ascending,
    "two numbers, the lower first",
    {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
)
FILE = Value(
    lambda value: is_text(value) and not value.startswith(("/", "\\")) and ".." not in re.split(r"[\\/]", value),
    "a file below its folder",
    {"type": "string", "not": {"pattern": r"(^[/\\]|\.\.)"}},
)


def between(low: float, high: float = math.inf, *, must_be: str = "", whole: bool = False) -> Value:
    """Return the form of a number from `low` to `high`, both included.

    Parameters
    ----------
    must_be
        What it must be in words, where its bounds alone do not say it.
    """
    kind, bounds = (int if whole else (int, float)), {"minimum": low} | ({"maximum": high} if high < math.inf else {})
    span = f"from {low:g} to {high:g}" if high < math.inf else f"of {low:g} or more"
    said = f"a {'whole number' if whole else 'number'} {span}"
    return Value(
        lambda value: is_number(value) and isinstance(value, kind) and low <= value <= high,
        must_be or said,
        {"type": "integer" if whole else "number", **bounds},
    )


SHARE = between(0, 1, must_be="a share from 0 to 1")
PLAIN = Value(
    lambda value: value is None or isinstance(value, str | bool | int | float),
    "a single value",
    {"type": ["string", "number", "boolean", "null"]},
)
ANY = Value(lambda _: True, "anything", {})


@dataclass(frozen=True)
class OneOf:
    """One of the words of a vocabulary; which follows when it is asked, since a registry may grow."""

    kind: str
    known: Callable[[], Iterable[str]]
    listed: bool = True
    """Whether the JSON Schema lists the words; not where the file itself makes them, for it would fall behind."""

    def problems(self, where: str, value: Any) -> list[Problem]:
        """Return the fault of a word that is not known, with the nearest one."""
        known = [str(word) for word in self.known()]
        return [] if isinstance(value, str) and value in known else [Problem(where, unknown(self.kind, value, known))]

    def schema(self) -> Schema:
        """Return the same as JSON Schema."""
        return {"enum": [str(word) for word in self.known()]} if self.listed else {"type": "string"}


@dataclass(frozen=True)
class Wording:
    """A text in every language."""

    languages: Callable[[], Iterable[str]]
    form: Form = TEXT

    def problems(self, where: str, value: Any) -> list[Problem]:
        """Return every language without a text."""
        texts = value if isinstance(value, dict) else {}
        return [
            Problem(where, f"has no wording in {language}")
            for language in self.languages()
            if self.form.problems(where, texts.get(language))
        ]

    def schema(self) -> Schema:
        """Return the same as JSON Schema."""
        languages = list(self.languages())
        return {"type": "object", "properties": {name: self.form.schema() for name in languages}, "minProperties": 1}


@dataclass(frozen=True)
class Listing:
    """A list of values of one form."""

    form: Form
    least: int = 0
    by: str = ""  # field of an entry that names it in messages; its place in the list where there is none
    every: tuple[str, ...] = ()  # names of the entries that must all be there

    def problems(self, where: str, value: Any) -> list[Problem]:
        """Return the faults of all entries."""
        if not isinstance(value, list) or len(value) < self.least:
            return [Problem(where, "must be a list" + (f" of {self.least} or more" if self.least else ""))]
        absent = sorted(set(self.every) - {self._name(entry) for entry in value})
        return [Problem(where, f"{name} is missing") for name in absent] + [
            problem
            for number, entry in enumerate(value, start=1)
            for problem in self.form.problems(f"{where}, {self._name(entry) or f'entry {number}'}", entry)
        ]

    def _name(self, entry: Any) -> str:
        return str(entry.get(self.by) or "") if isinstance(entry, dict) else ""

    def schema(self) -> Schema:
        """Return the same as JSON Schema."""
        return {"type": "array", "items": self.form.schema(), "minItems": self.least}


@dataclass(frozen=True)
class Named:
    """A mapping from names of the author's choice to values of one form."""

    form: Form
    least: int = 0
    key: Form = TEXT

    def problems(self, where: str, value: Any) -> list[Problem]:
        """Return the faults of all names and values."""
        if not isinstance(value, dict) or len(value) < self.least:
            return [Problem(where, "must be a mapping" + (f" of {self.least} or more" if self.least else ""))]
        keys = [problem for name in value for problem in self.key.problems(where, name)]
        return keys + [
            problem for name, entry in value.items() for problem in self.form.problems(f"{where}, {name}", entry)
        ]

    def schema(self) -> Schema:
        """Return the same as JSON Schema."""
        return {"type": "object", "additionalProperties": self.form.schema(), "minProperties": self.least}


@dataclass(frozen=True)
class Either:
    """A value of one of several forms."""

    forms: tuple[Form, ...]
    must_be: str

    def problems(self, where: str, value: Any) -> list[Problem]:
        """Return the faults of the form that fits best by its kind, or say what it must be."""
        found = [form.problems(where, value) for form in self.forms]
        within = [faults for faults in found if all(fault.where != where for fault in faults)]
        return min(within, key=len) if within else [Problem(where, f"must be {self.must_be}")]

    def schema(self) -> Schema:
        """Return the same as JSON Schema."""
        return {"anyOf": [form.schema() for form in self.forms]}


@dataclass(frozen=True)
class Field:
    """A field of a record: the form of its value, whether it must be there, and what it is for (shown by editors)."""

    form: Form
    required: bool = False
    says: str = ""
    remedy: str = ""  # what to do where it is missing


@dataclass(frozen=True)
class Record:
    """A mapping of known fields."""

    fields: Mapping[str, Field]  # by name
    more: Callable[[str, Mapping[str, Any]], list[Problem]] = field(default=lambda _where, _entry: [])
    """Faults that concern several fields at once."""

    def problems(self, where: str, value: Any) -> list[Problem]:
        """Return every field that is unknown, missing, or not what it must be."""
        if not isinstance(value, dict):
            names = self._required or list(self.fields)
            some = ", ".join(names[:_NAMED]) + (" and others" if len(names) > _NAMED else "")
            return [Problem(where, f"must be a mapping of fields: {some}")]
        problems = [Problem(where, unknown("field", name, self.fields)) for name in value if name not in self.fields]
        for name, about in self.fields.items():
            if value.get(name) is not None:
                problems += about.form.problems(f"{where}, {name}", value[name])
            elif about.required:
                problems.append(Problem(where, f"{name} is missing", about.remedy))
        return problems or self.more(where, value)

    @property
    def _required(self) -> list[str]:
        return [name for name, about in self.fields.items() if about.required]

    def schema(self) -> Schema:
        """Return the same as JSON Schema."""
        properties = {
            name: about.form.schema() | ({"description": about.says} if about.says else {})
            for name, about in self.fields.items()
        }
        names = {"required": self._required, "additionalProperties": False}
        return {"type": "object", "properties": properties, **names}


def needing(**forms: Form) -> dict[str, Field]:
    """Return fields that must all be there."""
    return {name: Field(form, required=True) for name, form in forms.items()}


def check_definitions(name: str, content: Any, form: Form) -> None:
    """Check what a definition file says against its form.

    Raises
    ------
    InputError
        With every fault.

    Examples
    --------
    >>> check_definitions("a.yml", {"year": 2025}, Record({"year": Field(YEAR, required=True)}))
    """
    raise_if_any(name, form.problems(name, content))


def json_schema(form: Form, *, title: str) -> Schema:
    """Return a form as a JSON Schema document."""
    return {"$schema": _DIALECT, "title": title, **form.schema()}
