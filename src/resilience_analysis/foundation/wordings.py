"""The words that a language adds to files of definitions.

A definition words what readers see in the languages that its project began with: ``label: {nl: ..., en: ...}``. A
further language adds its words in one file beside the definitions, such as ``definitions/fr.yml``, with a section for
every file (``framework:``, ``items:``, ``sources:``) in the same tree. So a new language changes no definition.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from resilience_analysis.foundation.errors import InputError, Problem, raise_if_any
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
    path
        The file.
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
        sections = read_yaml(words) if words.is_file() else {}
        if not isinstance(sections, dict):
            raise InputError(words.name, [Problem(words.name, "must be a mapping of files of definitions")])
        if sections.get(path.stem) is not None:
            problems += list(_add(content, sections[path.stem], language, f"{words.name}, {path.stem}"))
    raise_if_any(f"words for {path.name}", problems)
    return content


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
