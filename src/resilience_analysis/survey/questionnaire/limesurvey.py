"""The self-assessment as LimeSurvey's tab-separated survey structure.

Each dimension is an array question with its items as subquestions, so that an export reads ``informatie[INF1]``. The
layout (classes S, SL, G, Q, SQ and A; one block of rows per language) is that of LimeSurvey's manual, "Tab Separated
Value survey structure". No dates, addresses or referrers are kept.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from resilience_analysis.foundation.cells import safe_html
from resilience_analysis.foundation.files import write_bytes
from resilience_analysis.survey.instrument import VILLAGE, Instrument, Question, Scale, Section
from resilience_analysis.survey.wording import words

COLUMNS = (
    "id", "related_id", "class", "type/scale", "name", "relevance", "text", "help", "language", "validation",
    "mandatory", "encrypted", "other", "default", "same_default",
)  # fmt: skip
ARRAY, DROPDOWN, RADIO, SHORT_TEXT = "F", "!", "L", "S"
MANY_CHOICES = 8
_SETTINGS = {
    "format": "G",
    "anonymized": "Y",
    "datestamp": "N",
    "ipaddr": "N",
    "refurl": "N",
    "allowprev": "Y",
    "showwelcome": "Y",
}
Row = dict[str, str]


def write_limesurvey(path: Path, instrument: Instrument, lang: str) -> None:
    """Write the structure as UTF-8 text, `lang` as base language and the others as additional ones."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, restval="", delimiter="\t", lineterminator="\r\n")
    writer.writeheader()
    others = [other for other in instrument.languages if other != lang]
    settings = {"language": lang, "additional_languages": " ".join(others), **_SETTINGS}
    writer.writerows({"class": "S", "name": name, "text": text} for name, text in settings.items())
    for language in (lang, *others):
        writer.writerows(_language_settings(instrument, language))
    for language in (lang, *others):
        writer.writerows(row | {"language": language} for row in _structure(instrument, language))
    write_bytes(path, stream.getvalue().encode("utf-8-sig"))


def _language_settings(instrument: Instrument, lang: str) -> Iterator[Row]:
    told = "".join(f"<p>{safe_html(line)}</p>" for line in (*instrument.notice.lines(lang), words("page.intro", lang)))
    texts = {"surveyls_title": instrument.title[lang], "surveyls_welcometext": told}
    yield from ({"class": "SL", "name": name, "text": text, "language": lang} for name, text in texts.items())


def _structure(instrument: Instrument, lang: str) -> Iterator[Row]:
    """Yield every group, question, subquestion and answer; the numbers are the same in every language."""
    groups, questions = count(1), count(1)
    yield _group(next(groups), words("page.about_you", lang))
    for question in instrument.questions:
        yield from _question(question, next(questions), lang)
    prompt = instrument.scale.prompt[lang]
    for section in instrument.dimensions:
        yield _group(next(groups), section.texts[lang])
        yield from _array(section, prompt, questions, instrument.scale, lang)
    team = instrument.village_team
    asked = instrument.question(team.asked_field)
    answer = next(choice.code for choice in asked.choices if choice.id == team.asked_value)
    yield _group(next(groups), team.section.texts[lang])
    relevance = f'{asked.code}.NAOK == "{answer}"'
    yield from _array(team.section, team.prompt[lang], questions, instrument.scale, lang, relevance=relevance)


def _group(number: int, name: str) -> Row:
    return {"id": str(number), "class": "G", "type/scale": f"G{number}", "name": name, "relevance": "1"}


def _question(question: Question, number: int, lang: str) -> Iterator[Row]:
    many = DROPDOWN if len(question.offered) > MANY_CHOICES or question.id == VILLAGE else RADIO
    kind = many if question.choices else SHORT_TEXT
    mandatory = "Y" if question.required else "N"
    row = {"id": str(number), "class": "Q", "type/scale": kind, "name": question.code, "relevance": "1"}
    yield row | {"text": question.texts[lang], "mandatory": mandatory, "other": "N"}
    for choice in question.offered:
        yield {"id": str(number), "class": "A", "type/scale": "0", "name": choice.code, "text": choice.texts[lang]}


def _array(
    section: Section, prompt: str, numbers: Iterator[int], scale: Scale, lang: str, *, relevance: str = "1"
) -> Iterator[Row]:
    number = str(next(numbers))
    row = {"id": number, "class": "Q", "type/scale": ARRAY, "name": section.id, "relevance": relevance}
    yield row | {"text": prompt, "mandatory": "N", "other": "N"}
    for item in section.items:
        row = {"id": str(next(numbers)), "class": "SQ", "type/scale": "0", "name": item.id, "relevance": "1"}
        yield row | {"text": item.texts[lang]}
    answers = [(str(anchor.value), f"{anchor.value} - {anchor.texts[lang]}") for anchor in scale.anchors]
    answers += [(option.code, option.texts[lang]) for option in scale.no_opinion]
    for code, text in answers:
        yield {"id": number, "class": "A", "type/scale": "0", "name": code, "text": text}
