"""What now: questions that follow from the figures by rule, never grades."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from resilience_analysis.foundation.errors import InputError, Problem, raise_if_any, unknown
from resilience_analysis.foundation.forms import field_problems, is_text, worded_in, wording_problems
from resilience_analysis.foundation.settings import languages_of
from resilience_analysis.foundation.vocabulary import is_missing
from resilience_analysis.foundation.wordings import read_definition
from resilience_analysis.geography.groups import Group, choice_form, chosen, members
from resilience_analysis.indicators.framework import Framework, Text
from resilience_analysis.profiles.rows import Facts

FILE_NAME = "next.yml"
STATES = ("below", "above", "unsure", "unknown")
STRAND = "residents"
_FIELDS = ("questions", "ask", "support", "contacts", "testimonials", "glossary")
_LISTS = ("support", "contacts", "glossary")
_OFFER, _SUPPORT, _TERM = ("name", "text", "link"), ("title", "places", "offers"), ("term", "text")
_CONTACT = ("name", "about", "places", "link", "email")


@dataclass(frozen=True)
class Offer:
    """An offer of help, with the page that tells more."""

    name: Text
    text: Text
    link: str = ""


@dataclass(frozen=True)
class Support:
    """Offers of one organisation, and the municipalities that they are for."""

    title: Text
    places: Group
    offers: tuple[Offer, ...]


@dataclass(frozen=True)
class Contact:
    """An organisation (never a person) that can be asked, and the municipalities that it works for."""

    name: Text
    about: Text
    places: Group
    link: str = ""
    email: str = ""


@dataclass(frozen=True)
class Term:
    """A term with what it means; without a text it is for the reader to fill in."""

    term: Text
    text: Text | None = None


@dataclass(frozen=True)
class NextSteps:
    """What ``next.yml`` says.

    Attributes
    ----------
    questions
        Per dimension and state; there are none at all, or one for every dimension and state.
    ask
        What one could ask another municipality, per dimension.
    support, contacts
        Who offers help and who can be asked, and where.
    testimonials
        Who said what, per code of a municipality.
    glossary
        Terms in the order of the file.
    """

    questions: Mapping[str, Mapping[str, Text]]
    ask: Mapping[str, Text]
    support: tuple[Support, ...]
    contacts: tuple[Contact, ...]
    testimonials: Mapping[str, Mapping[str, object]]
    glossary: tuple[Term, ...]


def read_next_steps(path: Path, framework: Framework) -> NextSteps:
    """Read ``next.yml`` and check it against the framework.

    Raises
    ------
    InputError
        With every fault: a dimension or state without question, an unknown dimension, an offer, contact, term or
        testimonial without its wording, places that are not a choice of municipalities, a link that is not one.
    """
    content = read_definition(path)
    if not isinstance(content, dict):
        raise InputError(FILE_NAME, [Problem(FILE_NAME, "must be a mapping with questions")])
    with worded_in(languages_of(path.parent)):
        problems = _problems(content, framework)
    raise_if_any(FILE_NAME, problems)
    return NextSteps(
        questions=content["questions"],
        ask=content.get("ask") or {},
        support=tuple(_support(entry) for entry in content.get("support") or ()),
        contacts=tuple(Contact(**{**entry, "places": _places(entry)}) for entry in content.get("contacts") or ()),
        testimonials=content.get("testimonials") or {},
        glossary=tuple(Term(**entry) for entry in content.get("glossary") or ()),
    )


def _support(entry: Mapping[str, Any]) -> Support:
    return Support(entry["title"], _places(entry), tuple(Offer(**offer) for offer in entry["offers"]))


def _places(entry: Mapping[str, Any]) -> Group:
    return chosen(FILE_NAME, entry.get("places") or {"all": True})


def concerns(entry: Support | Contact, municipalities: pd.DataFrame, codes: Iterable[str]) -> bool:
    """Return whether an offer or contact is for all of some municipalities.

    Raises
    ------
    UsageError
        When it names a column or a municipality that does not exist.
    """
    return set(codes) <= set(members(entry.places, municipalities))


def _problems(content: Mapping[Any, Any], framework: Framework) -> list[Problem]:
    problems = field_problems(FILE_NAME, content, _FIELDS)
    wrong = [name for name in _LISTS if not isinstance(content.get(name) or [], list)]
    wrong += [name for name in ("ask", "testimonials") if not isinstance(content.get(name) or {}, dict)]
    if wrong:
        what = f"must be a {'list' if wrong[0] in _LISTS else 'mapping'}"
        return [*problems, *(Problem(f"{FILE_NAME}, {name}", what) for name in wrong)]
    problems += _question_problems(content.get("questions"), framework)
    asked = content.get("ask") or {}
    problems += [
        Problem(FILE_NAME, unknown("dimension", code, framework.dimensions))
        for code in asked
        if code not in framework.dimensions
    ]
    problems += wording_problems(f"{FILE_NAME}, ask", asked, asked)
    for name, check in {
        "support": _support_problems,
        "contacts": _contact_problems,
        "glossary": _term_problems,
    }.items():
        for number, entry in enumerate(content.get(name) or (), start=1):
            where = f"{FILE_NAME}, {name}, entry {number}"
            problems += check(where, entry) if isinstance(entry, dict) else [Problem(where, "must be a mapping")]
    for code, said in (content.get("testimonials") or {}).items():
        problems += _testimonial_problems(f"{FILE_NAME}, testimonials, {code}", said)
    return problems


def _question_problems(questions: Any, framework: Framework) -> list[Problem]:
    if not isinstance(questions, dict):
        return [Problem(f"{FILE_NAME}, questions", "must be a mapping of dimensions")]
    problems = []
    for dimension in framework.dimensions if questions else ():
        asked = questions.get(dimension)
        where = f"{FILE_NAME}, {dimension}"
        problems += wording_problems(where, asked if isinstance(asked, dict) else {}, STATES)
    strangers = [code for code in questions if code not in framework.dimensions]
    return problems + [Problem(FILE_NAME, unknown("dimension", code, framework.dimensions)) for code in strangers]


def _support_problems(where: str, entry: Mapping[str, Any]) -> list[Problem]:
    problems = field_problems(where, entry, _SUPPORT) + wording_problems(where, entry, ["title"])
    problems += _places_problems(where, entry)
    offers = entry.get("offers")
    if not isinstance(offers, list) or not all(isinstance(offer, dict) for offer in offers):
        return [*problems, Problem(where, "offers must be a list of mappings of name, text and link")]
    for number, offer in enumerate(offers, start=1):
        at = f"{where}, offer {number}"
        problems += field_problems(at, offer, _OFFER) + wording_problems(at, offer, ("name", "text"))
        problems += _address_problems(at, offer)
    return problems


def _contact_problems(where: str, entry: Mapping[str, Any]) -> list[Problem]:
    problems = field_problems(where, entry, _CONTACT) + wording_problems(where, entry, ("name", "about"))
    return problems + _places_problems(where, entry) + _address_problems(where, entry)


def _places_problems(where: str, entry: Mapping[str, Any]) -> list[Problem]:
    return choice_form().problems(f"{where}, places", entry["places"]) if "places" in entry else []


def _address_problems(where: str, entry: Mapping[str, Any]) -> list[Problem]:
    """Return what is wrong with a link (to a page, over a safe connection) or an e-mail address."""
    link, email = entry.get("link", "https://"), entry.get("email", "@")
    problems = []
    if not is_text(link) or not link.startswith("https://"):
        problems.append(Problem(where, f"link is {link!r}", "Write an address that begins with https://"))
    if not is_text(email) or "@" not in email:
        problems.append(Problem(where, f"email is {email!r}", "Write the address of an organisation, with an @"))
    return problems


def _term_problems(where: str, entry: Mapping[str, Any]) -> list[Problem]:
    worded = ["term", *(["text"] if entry.get("text") is not None else [])]
    return field_problems(where, entry, _TERM) + wording_problems(where, entry, worded)


def _testimonial_problems(where: str, said: Any) -> list[Problem]:
    if not isinstance(said, dict) or not is_text(said.get("who")):
        return [Problem(where, "must be a mapping of who and text")]
    return wording_problems(where, said, ["text"]) + field_problems(where, said, ("who", "text"))


def states(factors: Iterable[Facts]) -> Mapping[str, str]:
    """Return the state of every dimension after what residents say: one of `STATES`.

    Parameters
    ----------
    factors
        From `rows.factor_facts`.
    """
    return {str(row["dimension"]): _state(row) for row in factors if row["strand"] == STRAND}


def _state(row: Facts) -> str:
    if is_missing(row["score"]) or is_missing(row["all_median"]):
        return "unknown"
    low = row["score"] if is_missing(row["low"]) else row["low"]
    high = row["score"] if is_missing(row["high"]) else row["high"]
    if high < row["all_median"]:
        return "below"
    return "above" if low > row["all_median"] else "unsure"
