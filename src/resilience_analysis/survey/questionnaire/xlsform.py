"""The self-assessment as XLSForm, for KoboToolbox and ODK: sheets survey, choices and settings.

Groups are named after the dimensions and questions after the items, so that an export reads ``informatie/INF1``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
from babel import Locale

from resilience_analysis.foundation.cells import write_workbook
from resilience_analysis.survey.instrument import NIS_CODE, VILLAGE, Instrument, Question, Section, Wordings
from resilience_analysis.survey.wording import words

SCALE_LIST = "schaal"
PEOPLE_GROUP = "overjou"
_HELP = ("required", "relevant", "choice_filter", "appearance")
Row = dict[str, Any]


def write_xlsform(path: Path, instrument: Instrument, lang: str) -> None:
    """Write the questionnaire as XLSX, in all languages; `lang` is the one it opens in."""
    labels = [_label(language) for language in instrument.languages]
    survey = _table(_survey(instrument), ["type", "name", *labels, *_HELP], instrument.languages)
    choices = _table(_choices(instrument), ["list_name", "name", *labels, "gemeente"], instrument.languages)
    settings = {
        "form_title": instrument.title[lang],
        "form_id": "zelfbevraging_veerkracht",
        "default_language": _name(lang),
    }
    write_workbook(path, {"survey": survey, "choices": choices, "settings": pd.DataFrame([settings])})


def _table(rows: Iterable[Row], columns: list[str], languages: Iterable[str]) -> pd.DataFrame:
    """Lay rows out as a sheet, with the text of each in a column per language."""
    laid = [row | {_label(lang): row["text"][lang] for lang in languages if "text" in row} for row in rows]
    return pd.DataFrame(laid).reindex(columns=columns).fillna("")


def _label(lang: str) -> str:
    return f"label::{_name(lang)}"


def _name(lang: str) -> str:
    """Return how a language calls itself, with its code, as XLSForm has it: ``Nederlands (nl)``."""
    return f"{(Locale.parse(lang).get_language_name(lang) or lang).capitalize()} ({lang})"


def _survey(instrument: Instrument) -> Iterator[Row]:
    for number, _ in enumerate(instrument.notice.parts):
        told = Wordings({lang: instrument.notice.lines(lang)[number] for lang in instrument.languages})
        yield {"type": "note", "name": f"uitleg_{number + 1}", "text": told}
    about = Wordings({lang: words("page.about_you", lang) for lang in instrument.languages})
    yield {"type": "begin_group", "name": PEOPLE_GROUP, "text": about, "appearance": "field-list"}
    for question in instrument.questions:
        yield _question(question, instrument)
    yield {"type": "end_group", "name": PEOPLE_GROUP}
    for section in instrument.dimensions:
        yield from _group(section, instrument.scale.prompt)
    team = instrument.village_team
    asked = next(question.code for question in instrument.questions if question.id == team.asked_field)
    yield from _group(team.section, team.prompt, relevant=f"${{{asked}}} = '{team.asked_value}'")


def _question(question: Question, instrument: Instrument) -> Row:
    row: Row = {"type": f"select_one {question.code}" if question.choices else "text", "name": question.code}
    row |= {"text": question.texts, "required": "yes" if question.required else ""}
    if question.id == VILLAGE and question.parents:
        place = instrument.question(NIS_CODE).code
        row["choice_filter"] = f"{place} = ${{{place}}} or {place} = ''"
    return row


def _group(section: Section, prompt: Wordings, *, relevant: str = "") -> Iterator[Row]:
    opening = {"type": "begin_group", "name": section.id, "text": section.texts, "appearance": "field-list"}
    yield opening | {"relevant": relevant}
    yield {"type": "note", "name": f"{section.id}_uitleg", "text": prompt}
    for item in section.items:
        yield {"type": f"select_one {SCALE_LIST}", "name": item.id, "text": item.texts, "required": ""}
    yield {"type": "end_group", "name": section.id}


def _choices(instrument: Instrument) -> Iterator[Row]:
    for anchor in instrument.scale.anchors:
        label = Wordings({lang: f"{anchor.value} - {anchor.texts[lang]}" for lang in instrument.languages})
        yield {"list_name": SCALE_LIST, "name": str(anchor.value), "text": label}
    for option in instrument.scale.no_opinion:
        yield {"list_name": SCALE_LIST, "name": option.code, "text": option.texts}
    for question in instrument.questions:
        for choice in question.offered:
            name = choice.code if question.id == VILLAGE and choice in question.choices else choice.id
            place = {"gemeente": question.parents[choice.id]} if choice.id in question.parents else {}
            yield {"list_name": question.code, "name": name, "text": choice.texts, **place}
