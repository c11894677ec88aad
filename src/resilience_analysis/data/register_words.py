"""The words of the region's own registers: ``local.yml``, checked before anything is read with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from resilience_analysis.foundation.definitions import (
    COUNT,
    FILE,
    FLAG,
    TEXT,
    YEAR,
    Field,
    Listing,
    Named,
    Record,
    Value,
    Wording,
)
from resilience_analysis.foundation.errors import Problem, raise_if_any, unknown
from resilience_analysis.foundation.settings import default_languages, languages_of, read_definition

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
_OPTIONAL_LISTS = {"decisions": "types", "actions": "types"}
_COMPLETED = {"completed": "phases"}  # of housing
_FILE = Value(lambda value: value == "" or FILE.holds(value), "a file below data/raw", FILE.said, 'Write "" for none')
_DAYS = "feedback_within_days"
BALANCE = ("stock", "households", "projected", "permitted", "sold")
"""What a balance of housing is made of."""
_FIGURE = Record(
    {
        "variable": Field(TEXT, required=True, says="a variable of sources.yml"),
        "year": Field(YEAR, says="of which year; the last when not given"),
        "mean_of": Field(COUNT, says="the mean of so many last years"),
    }
)
_MAPPED = {"mapped": Field(TEXT, required=True, says="the context indicator on the map")}


def words_form(languages: Iterable[str] | None = None) -> Record:
    """Return the form of ``local.yml``."""
    worded = Named(Wording(lambda: languages or default_languages()), least=1)
    files = {name: Field(_FILE, required=True) for name in ("file", "example")}
    lists = {name: Field(Listing(TEXT, least=1), required=True, says=f"some of {of}") for name, of in _LISTS.items()}
    housing = {**files, **{name: Field(worded, required=True) for name in _VOCABULARIES["housing"]}}
    housing["completed"] = Field(Listing(TEXT), says="the phases of projects whose dwellings are there already")
    balance = Record({**{name: Field(_FIGURE, required=True) for name in BALANCE}, **_MAPPED})
    housing["balance"] = Field(balance, says="what the section on housing puts side by side; no section without it")
    process = {**files, **{name: Field(worded, required=True) for name in _VOCABULARIES["process"]}, **lists}
    process |= {name: Field(Listing(TEXT), says=f"some of {of}") for name, of in _OPTIONAL_LISTS.items()}
    step = Record(
        {
            "label": Field(Wording(lambda: languages or default_languages()), required=True),
            "types": Field(Listing(TEXT)),
        }
    )
    process["trajectory"] = Field(Listing(step), says="the phases of the trajectory, and which rows show each")
    process[_DAYS] = Field(COUNT, required=True)
    return Record(
        {
            "example": Field(FLAG, required=True, says="whether to show invented examples instead"),
            "housing": Field(Record(housing, partial(_list_problems, _COMPLETED)), required=True),
            "process": Field(Record(process, partial(_list_problems, _LISTS | _OPTIONAL_LISTS)), required=True),
        }
    )


def read_words(path: Path, languages: Iterable[str] | None = None) -> Mapping[str, Any]:
    """Read the words of both registers.

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
    words: Mapping[str, Any] = read_definition(path)
    raise_if_any(LOCAL_FILE, words_form(languages or languages_of(path.parent)).problems(LOCAL_FILE, words))
    return words


def _list_problems(lists: Mapping[str, str], where: str, section: Mapping[str, Any]) -> list[Problem]:
    """Return every word that counts for something and is in no vocabulary."""
    return [
        Problem(f"{where}, {name}", unknown("word", word, section[vocabulary]))
        for name, vocabulary in lists.items()
        for word in section.get(name) or ()
        if str(word) not in section[vocabulary]
    ]
