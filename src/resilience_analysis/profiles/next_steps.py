"""What now: questions that follow from the figures by rule, never grades; and what an analyst could fill in next."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resilience_analysis.data.register_words import LOCAL_FILE, read_words
from resilience_analysis.foundation.definitions import (
    LINK,
    TEXT,
    Field,
    Listing,
    Named,
    OneOf,
    Record,
    Value,
    Wording,
    check_definitions,
    in_any,
    is_text,
    needing,
)
from resilience_analysis.foundation.errors import Problem
from resilience_analysis.foundation.project import Project
from resilience_analysis.foundation.settings import default_languages, languages_of, read_definition
from resilience_analysis.foundation.vocabulary import is_missing
from resilience_analysis.geography.groups import choice_form, chosen
from resilience_analysis.indicators.framework import Framework, Text
from resilience_analysis.profiles.rows import Facts

FILE_NAME = "next.yml"
STATES = ("below", "above", "unsure", "unknown")
STRAND = "residents"
Entry = Mapping[str, Any]
_PAGE = Value(
    lambda value: LINK.holds(value) and value.startswith("https://"),
    "an address that begins with https://",
    {"type": "string", "pattern": "^https://"},
)
_EMAIL = Value(
    lambda value: is_text(value) and "@" in value,
    "an e-mail address of an organisation",
    {"type": "string", "pattern": "@"},
)


@dataclass(frozen=True)
class NextSteps:
    """What ``next.yml`` says."""

    questions: Mapping[str, Mapping[str, Text]]
    """Per dimension and state; there are none at all, or one for every dimension and state."""
    ask: Mapping[str, Text]  # what one could ask another municipality, per dimension
    support: Sequence[Entry]
    """Who offers help: ``title``, ``offers`` (each with ``name``, ``text`` and ``link``, which can be empty) and
    ``places``, a `Group`.
    """
    contacts: Sequence[Entry]
    """Organisations (never persons) that can be asked: ``name``, ``about``, ``link`` and ``email``, which can be empty,
    and ``places``.
    """
    testimonials: Mapping[str, Mapping[str, object]]  # who said what, per code of a municipality
    glossary: tuple[Mapping[str, Text], ...]
    """By ``term`` its ``text``, without one for the reader to fill in, in the order of the file."""


def read_next_steps(path: Path, framework: Framework) -> NextSteps:
    """Read ``next.yml`` and check it against the framework.

    Raises
    ------
    InputError
        With every fault: a dimension or state without question, an unknown dimension, an offer, contact, term or
        testimonial without its wording, places that are not a choice of municipalities, a link that is not one.
    """
    content = read_definition(path)
    check_definitions(FILE_NAME, content, next_steps_form(framework.dimensions, languages_of(path.parent)))
    return NextSteps(
        questions=content["questions"],
        ask=content.get("ask") or {},
        support=[_placed(entry) for entry in content.get("support") or ()],
        contacts=[_placed({"link": "", "email": "", **entry}) for entry in content.get("contacts") or ()],
        testimonials=content.get("testimonials") or {},
        glossary=tuple(content.get("glossary") or ()),
    )


def _placed(entry: Entry) -> Entry:
    """Return an entry with the municipalities that it is for, all when none are given."""
    return {**entry, "places": chosen(FILE_NAME, entry.get("places") or {"all": True})}


def next_steps_form(dimensions: Collection[str], languages: Iterable[str] | None = None) -> Record:
    """Return the form of ``next.yml``, where every dimension has its questions or none has."""
    worded = Wording(lambda: languages or default_languages())
    dimension = OneOf("dimension", lambda: dimensions)
    places = Field(choice_form(), says="the municipalities that it is for; all when not given")
    link = Field(_PAGE, says="the page that tells more")
    offer = Record({**needing(name=worded, text=worded), "link": link})
    support = Record({**needing(title=worded, offers=Listing(offer)), "places": places})
    contact = {**needing(name=worded, about=worded), "places": places, "link": link, "email": Field(_EMAIL)}
    questions = Named(Record(needing(**dict.fromkeys(STATES, worded))), key=dimension)
    fields = {
        "questions": Field(questions, required=True, says="by dimension and state"),
        "ask": Field(Named(worded, key=dimension), says="what one could ask another municipality, by dimension"),
        "support": Field(Listing(support), says="who offers help"),
        "contacts": Field(Listing(Record(contact)), says="organisations that can be asked, never persons"),
        "testimonials": Field(Named(Record(needing(who=TEXT, text=worded))), says="by code of a municipality"),
        "glossary": Field(
            Listing(Record({"term": Field(worded, required=True), "text": Field(worded)})),
            says="a term without a text is for the reader to fill in",
        ),
    }

    def unasked(where: str, content: Mapping[str, Any]) -> list[Problem]:
        lacking = [code for code in dimensions if content["questions"] and code not in content["questions"]]
        return [Problem(f"{where}, questions", f"{code} is missing") for code in lacking]

    return Record(fields, unasked)


def states(factors: Iterable[Facts]) -> Mapping[str, str]:
    """Return the state of every dimension after what residents say (`rows.factor_facts`): one of `STATES`."""
    return {str(row["dimension"]): _state(row) for row in factors if row["strand"] == STRAND}


def _state(row: Facts) -> str:
    if is_missing(row["score"]) or is_missing(row["all_median"]):
        return "unknown"
    low = row["score"] if is_missing(row["low"]) else row["low"]
    high = row["score"] if is_missing(row["high"]) else row["high"]
    if high < row["all_median"]:
        return "below"
    return "above" if low > row["all_median"] else "unsure"


def to_do(project: Project, framework: Framework, *, answered: bool, empty: dict[str, bool]) -> list[str]:
    """Return what is still to be filled in, a line each with the file or command.

    `answered` says whether the self-assessment has answers, `empty` by register whether it has no rows.
    """
    words = read_words(project.definition(LOCAL_FILE))
    lines = [
        f"data/raw/{words[name]['file']} is empty: fill it in (resilience template makes a workbook), then "
        "resilience lock and resilience build"
        for name, nothing in empty.items()
        if nothing and words[name]["file"]
    ]
    if not answered:
        lines.append(
            "no answers to the self-assessment: resilience survey questionnaire makes one, resilience survey import "
            "reads its answers"
        )
    steps = read_next_steps(project.definition(FILE_NAME), framework)
    for name, what in (("contacts", "whom to ask"), ("support", "who offers help"), ("ask", "what one could ask")):
        if not getattr(steps, name):
            lines.append(f"{FILE_NAME} says nothing of {what}: write {name}")
    lines += [
        f"{code} is wanted and exists: {in_any(candidate.would_come_from)} ({in_any(candidate.label)})"
        for code, candidate in framework.candidates.items()
        if candidate.exists
    ]
    return lines
