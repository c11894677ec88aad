"""What now: questions that follow from the figures by rule, never grades."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resilience_analysis.foundation.errors import InputError, Problem, raise_if_any, unknown
from resilience_analysis.foundation.forms import field_problems, is_text, worded_in, wording_problems
from resilience_analysis.foundation.settings import languages_of
from resilience_analysis.foundation.vocabulary import is_missing
from resilience_analysis.foundation.wordings import read_definition
from resilience_analysis.indicators.framework import Framework, Text
from resilience_analysis.profiles.rows import Facts

FILE_NAME = "next.yml"
STATES = ("below", "above", "unsure", "unknown")
STRAND = "residents"
_OFFER = ("name", "text")


@dataclass(frozen=True)
class Support:
    """An offer of help."""

    name: Text
    text: Text


@dataclass(frozen=True)
class NextSteps:
    """What ``next.yml`` says: questions per dimension and state, offers, and testimonials per code.

    There are no questions at all, or one for every dimension and state. Offers have a title of their own.
    """

    questions: Mapping[str, Mapping[str, Text]]
    support: tuple[Support, ...]
    testimonials: Mapping[str, Mapping[str, object]]
    support_title: Text | None = None


def read_next_steps(path: Path, framework: Framework) -> NextSteps:
    """Read ``next.yml`` and check it against the framework.

    Raises
    ------
    InputError
        With every fault: a dimension or state without question, an unknown dimension, an offer or testimonial without
        its wording.
    """
    content = read_definition(path)
    if not isinstance(content, dict):
        raise InputError(FILE_NAME, [Problem(FILE_NAME, "must be a mapping with questions")])
    with worded_in(languages_of(path.parent)):
        problems = _problems(content, framework)
    raise_if_any(FILE_NAME, problems)
    support = tuple(Support(**entry) for entry in content.get("support") or ())
    return NextSteps(content["questions"], support, content.get("testimonials") or {}, content.get("support_title"))


def _problems(content: Mapping[Any, Any], framework: Framework) -> list[Problem]:
    problems = field_problems(FILE_NAME, content, ("questions", "support_title", "support", "testimonials"))
    if not isinstance(content.get("support") or [], list) or not isinstance(content.get("testimonials") or {}, dict):
        return [*problems, Problem(FILE_NAME, "support must be a list, testimonials a mapping")]
    questions = content.get("questions")
    if not isinstance(questions, dict):
        return [*problems, Problem(f"{FILE_NAME}, questions", "must be a mapping of dimensions")]
    for dimension in framework.dimensions if questions else ():
        asked = questions.get(dimension)
        where = f"{FILE_NAME}, {dimension}"
        problems += wording_problems(where, asked if isinstance(asked, dict) else {}, STATES)
    strangers = [code for code in questions if code not in framework.dimensions]
    problems += [Problem(FILE_NAME, unknown("dimension", code, framework.dimensions)) for code in strangers]
    if content.get("support"):
        problems += wording_problems(FILE_NAME, content, ["support_title"])
    for number, offer in enumerate(content.get("support") or (), start=1):
        problems += _offer_problems(f"{FILE_NAME}, support, entry {number}", offer)
    for code, said in (content.get("testimonials") or {}).items():
        problems += _testimonial_problems(f"{FILE_NAME}, testimonials, {code}", said)
    return problems


def _offer_problems(where: str, offer: Any) -> list[Problem]:
    if not isinstance(offer, dict):
        return [Problem(where, "must be a mapping of name and text")]
    return wording_problems(where, offer, _OFFER) + field_problems(where, offer, _OFFER)


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
