"""The words of the region's own registers: ``local.yml``, checked before anything is read with them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from resilience_analysis.foundation.errors import InputError, Problem, raise_if_any, unknown
from resilience_analysis.foundation.files import read_yaml
from resilience_analysis.foundation.forms import field_problems, is_count, wording_problems

LOCAL_FILE = "local.yml"
_VOCABULARIES = {
    "housing": ("types", "phases"),
    "process": ("types", "statuses", "phases", "roles", "answers"),
}
# which vocabulary the words that count for something are taken from
_LISTS = {
    "held": "statuses",
    "completed": "statuses",
    "teams": "types",
    "pilots": "types",
    "events": "types",
    "joint": "types",
    "meetings": "types",
    "done": "answers",
    "active_phases": "phases",
}
_DAYS = "feedback_within_days"


def read_words(path: Path) -> Mapping[str, Any]:
    """Read the words of both registers.

    Parameters
    ----------
    path
        ``local.yml``.

    Returns
    -------
    dict
        ``example`` (whether to read the invented examples), ``housing`` and ``process``: files, vocabularies with their
        wording, and which of the words count for what.

    Raises
    ------
    InputError
        With every fault: missing sections, words without wording, lists that name unknown words.
    """
    words = read_yaml(path)
    if not isinstance(words, dict) or not all(isinstance(words.get(name), dict) for name in _VOCABULARIES):
        raise InputError(LOCAL_FILE, [Problem(LOCAL_FILE, "must have the sections housing and process")])
    problems = field_problems(LOCAL_FILE, words, ("example", *_VOCABULARIES))
    if not isinstance(words.get("example"), bool):
        problems.append(Problem(f"{LOCAL_FILE}, example", "must be true or false"))
    for section, names in _VOCABULARIES.items():
        problems += _vocabulary_problems(f"{LOCAL_FILE}, {section}", words[section], names)
    raise_if_any(LOCAL_FILE, problems or _list_problems(f"{LOCAL_FILE}, process", words["process"]))
    return words


def _vocabulary_problems(where: str, section: Mapping[Any, Any], names: tuple[str, ...]) -> list[Problem]:
    unnamed = [key for key in ("file", "example") if not isinstance(section.get(key), str)]
    problems = [Problem(where, f"{key} must name a file", 'Write "" where there is none') for key in unnamed]
    for name in names:
        vocabulary = section.get(name)
        if not isinstance(vocabulary, dict) or not vocabulary:
            problems.append(Problem(f"{where}, {name}", "must be a mapping of words"))
            continue
        problems += wording_problems(f"{where}, {name}", vocabulary, vocabulary)
    return problems


def _list_problems(where: str, section: Mapping[Any, Any]) -> list[Problem]:
    problems = []
    for name, vocabulary in _LISTS.items():
        chosen = section.get(name)
        if not isinstance(chosen, list) or not chosen:
            problems.append(Problem(f"{where}, {name}", f"must be a list of {vocabulary}"))
            continue
        known = section[vocabulary]
        problems += [
            Problem(f"{where}, {name}", unknown("word", word, known)) for word in chosen if str(word) not in known
        ]
    if not is_count(section.get(_DAYS)):
        problems.append(Problem(f"{where}, {_DAYS}", "must be a whole number of 1 or more"))
    return problems
