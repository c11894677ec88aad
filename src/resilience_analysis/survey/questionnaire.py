"""Writing the self-assessment as a form: for KoboToolbox and ODK, for LimeSurvey, as a table, or on paper.

Groups of an XLSForm are named after the dimensions and questions after the items, so that an export reads
``informatie/INF1``; each dimension of LimeSurvey is an array question with its items as subquestions, so that one reads
``informatie[INF1]``. The layout of the latter (classes S, SL, G, Q, SQ and A; one block of rows per language) is that
of LimeSurvey's manual, "Tab Separated Value survey structure". No dates, addresses or referrers are kept.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pandas as pd
from babel import Locale

from resilience_analysis.foundation.cells import safe_html, visible, write_table, write_workbook
from resilience_analysis.foundation.errors import UsageError, unknown
from resilience_analysis.foundation.files import write_bytes, write_text
from resilience_analysis.survey.instrument import (
    NIS_CODE,
    VILLAGE,
    Instrument,
    Question,
    Scale,
    Section,
    Wordings,
)
from resilience_analysis.survey.wording import words

_BOX = "☐"
Row = dict[str, Any]
_SCALE_LIST = "schaal"
PEOPLE_GROUP = "overjou"
_HELP = ("required", "relevant", "choice_filter", "appearance")
_COLUMNS = (
    "id", "related_id", "class", "type/scale", "name", "relevance", "text", "help", "language", "validation",
    "mandatory", "encrypted", "other", "default", "same_default",
)  # fmt: skip
_ARRAY, _DROPDOWN, _RADIO, _SHORT_TEXT = "F", "!", "L", "S"
_MANY_CHOICES = 8
_SETTINGS = {
    "format": "G",
    "anonymized": "Y",
    "datestamp": "N",
    "ipaddr": "N",
    "refurl": "N",
    "allowprev": "Y",
    "showwelcome": "Y",
}
FILE_NAMES = {
    "xlsform": "zelfbevraging_xlsform.xlsx",
    "limesurvey": "zelfbevraging_limesurvey.txt",
    "csv": "zelfbevraging.csv",
    "md": "zelfbevraging.md",
    "html": "zelfbevraging.html",
}
FORMATS = tuple(FILE_NAMES)


def write_questionnaire(path: Path, form: str, instrument: Instrument, *, lang: str = "") -> None:
    """Write the questionnaire.

    Parameters
    ----------
    path
        Where to; a ``.html`` asks for HTML when the form is ``md``.
    form
        One of `FORMATS`.
    instrument
        What is asked.
    lang
        Language of the page and the table; the first language of the two other forms, which carry all. The first of
        the instrument when not given.

    Raises
    ------
    UsageError
        When the form or the language is not known.
    """
    if form not in FORMATS:
        raise UsageError(unknown("format", form, FORMATS))
    lang = lang or instrument.languages[0]
    if lang not in instrument.languages:
        raise UsageError(unknown("language", lang, instrument.languages))
    writers: dict[str, Callable[[Path, Instrument, str], None]] = {
        "xlsform": _write_xlsform,
        "limesurvey": _write_limesurvey,
        "csv": _write_template,
        "md": partial(_write_page, form="md"),
        "html": partial(_write_page, form="html"),
    }
    page = path.suffix.casefold() in {".html", ".htm"}
    writers["html" if form == "md" and page else form](path, instrument, lang)


def _write_page(path: Path, instrument: Instrument, lang: str, *, form: str) -> None:
    """Write the page to print, as Markdown or as one HTML file that asks nothing of any server."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - few forms are pages

    team, positions = instrument.village_team, instrument.scale.anchors
    sections = [(section, instrument.scale.prompt[lang]) for section in instrument.dimensions]
    sections.append((team.section, f"{words('page.team_only', lang)} {team.prompt[lang]}"))
    columns = [f"{anchor.value} {anchor.texts[lang]}" for anchor in positions]
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - `finalize` escapes every value, quotes included
        trim_blocks=True,
        keep_trailing_newline=True,
        finalize=lambda value: safe_html(str(value)) if form == "html" else visible(str(value)),
    )
    content = environment.get_template(f"questionnaire.{form}.j2").render(
        asked=instrument,
        lang=lang,
        sections=sections,
        columns=columns + [option.texts[lang] for option in instrument.scale.no_opinion],
        box=_BOX,
        t=lambda key: words(key, lang),
    )
    write_text(path, content)


def template_headings(instrument: Instrument, lang: str) -> list[str]:
    """Return the headings of a table to fill in: codes of the questions, then code and statement of every item.

    Examples
    --------
    >>> from resilience_analysis.survey.items import load_instrument
    >>> template_headings(load_instrument(), "en")[-1].partition(".")[0] in load_instrument().items
    True
    """
    items = [f"{item.id}. {item.texts[lang]}" for item in instrument.items.values()]
    return [*(question.code for question in instrument.questions), *items]


def _write_template(path: Path, instrument: Instrument, lang: str) -> None:
    """Write the heading row as CSV, and beside it what people must be told before they answer."""
    write_table(path, pd.DataFrame(columns=template_headings(instrument, lang)))
    told = "\n".join(f"- {visible(line)}" for line in instrument.notice.lines(lang))
    write_text(path.with_suffix(".notice.md"), f"# {words('page.told', lang)}\n\n{told}\n")


def _write_xlsform(path: Path, instrument: Instrument, lang: str) -> None:
    """Write the questionnaire as XLSX, in all languages; `lang` is the one it opens in."""
    labels = [_xlsform_label(language) for language in instrument.languages]
    survey = _xlsform_table(_xlsform_survey(instrument), ["type", "name", *labels, *_HELP], instrument.languages)
    choices = _xlsform_table(
        _xlsform_choices(instrument), ["list_name", "name", *labels, "gemeente"], instrument.languages
    )
    settings = {
        "form_title": instrument.title[lang],
        "form_id": "zelfbevraging_veerkracht",
        "default_language": _own_name(lang),
    }
    write_workbook(path, {"survey": survey, "choices": choices, "settings": pd.DataFrame([settings])})


def _xlsform_table(rows: Iterable[Row], columns: list[str], languages: Iterable[str]) -> pd.DataFrame:
    """Lay rows out as a sheet, with the text of each in a column per language."""
    laid = [row | {_xlsform_label(lang): row["text"][lang] for lang in languages if "text" in row} for row in rows]
    return pd.DataFrame(laid).reindex(columns=columns).fillna("")


def _xlsform_label(lang: str) -> str:
    return f"label::{_own_name(lang)}"


def _own_name(lang: str) -> str:
    """Return how a language calls itself, with its code, as XLSForm has it: ``Nederlands (nl)``."""
    return f"{(Locale.parse(lang).get_language_name(lang) or lang).capitalize()} ({lang})"


def _xlsform_survey(instrument: Instrument) -> Iterator[Row]:
    for number, _ in enumerate(instrument.notice.parts):
        told = Wordings({lang: instrument.notice.lines(lang)[number] for lang in instrument.languages})
        yield {"type": "note", "name": f"uitleg_{number + 1}", "text": told}
    about = Wordings({lang: words("page.about_you", lang) for lang in instrument.languages})
    yield {"type": "begin_group", "name": PEOPLE_GROUP, "text": about, "appearance": "field-list"}
    for question in instrument.questions:
        yield _xlsform_question(question, instrument)
    yield {"type": "end_group", "name": PEOPLE_GROUP}
    for section in instrument.dimensions:
        yield from _xlsform_group(section, instrument.scale.prompt)
    team = instrument.village_team
    asked = next(question.code for question in instrument.questions if question.id == team.asked_field)
    yield from _xlsform_group(team.section, team.prompt, relevant=f"${{{asked}}} = '{team.asked_value}'")


def _xlsform_question(question: Question, instrument: Instrument) -> Row:
    row: Row = {"type": f"select_one {question.code}" if question.choices else "text", "name": question.code}
    row |= {"text": question.texts, "required": "yes" if question.required else ""}
    if question.id == VILLAGE and question.parents:
        place = instrument.question(NIS_CODE).code
        row["choice_filter"] = f"{place} = ${{{place}}} or {place} = ''"
    return row


def _xlsform_group(section: Section, prompt: Wordings, *, relevant: str = "") -> Iterator[Row]:
    opening = {"type": "begin_group", "name": section.id, "text": section.texts, "appearance": "field-list"}
    yield opening | {"relevant": relevant}
    yield {"type": "note", "name": f"{section.id}_uitleg", "text": prompt}
    for item in section.items:
        yield {"type": f"select_one {_SCALE_LIST}", "name": item.id, "text": item.texts, "required": ""}
    yield {"type": "end_group", "name": section.id}


def _xlsform_choices(instrument: Instrument) -> Iterator[Row]:
    for anchor in instrument.scale.anchors:
        label = Wordings({lang: f"{anchor.value} - {anchor.texts[lang]}" for lang in instrument.languages})
        yield {"list_name": _SCALE_LIST, "name": str(anchor.value), "text": label}
    for option in instrument.scale.no_opinion:
        yield {"list_name": _SCALE_LIST, "name": option.code, "text": option.texts}
    for question in instrument.questions:
        for choice in question.offered:
            name = choice.code if question.id == VILLAGE and choice in question.choices else choice.id
            place = {"gemeente": question.parents[choice.id]} if choice.id in question.parents else {}
            yield {"list_name": question.code, "name": name, "text": choice.texts, **place}


def _write_limesurvey(path: Path, instrument: Instrument, lang: str) -> None:
    """Write the structure as UTF-8 text, `lang` as base language and the others as additional ones."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, _COLUMNS, restval="", delimiter="\t", lineterminator="\r\n")
    writer.writeheader()
    others = [other for other in instrument.languages if other != lang]
    settings = {"language": lang, "additional_languages": " ".join(others), **_SETTINGS}
    writer.writerows({"class": "S", "name": name, "text": text} for name, text in settings.items())
    for language in (lang, *others):
        writer.writerows(_limesurvey_language_settings(instrument, language))
    for language in (lang, *others):
        writer.writerows(row | {"language": language} for row in _limesurvey_structure(instrument, language))
    write_bytes(path, stream.getvalue().encode("utf-8-sig"))


def _limesurvey_language_settings(instrument: Instrument, lang: str) -> Iterator[Row]:
    told = "".join(f"<p>{safe_html(line)}</p>" for line in (*instrument.notice.lines(lang), words("page.intro", lang)))
    texts = {"surveyls_title": instrument.title[lang], "surveyls_welcometext": told}
    yield from ({"class": "SL", "name": name, "text": text, "language": lang} for name, text in texts.items())


def _limesurvey_structure(instrument: Instrument, lang: str) -> Iterator[Row]:
    """Yield every group, question, subquestion and answer; the numbers are the same in every language."""
    groups, questions = count(1), count(1)
    yield _limesurvey_group(next(groups), words("page.about_you", lang))
    for question in instrument.questions:
        yield from _limesurvey_question(question, next(questions), lang)
    prompt = instrument.scale.prompt[lang]
    for section in instrument.dimensions:
        yield _limesurvey_group(next(groups), section.texts[lang])
        yield from _limesurvey_array(section, prompt, questions, instrument.scale, lang)
    team = instrument.village_team
    asked = instrument.question(team.asked_field)
    answer = next(choice.code for choice in asked.choices if choice.id == team.asked_value)
    yield _limesurvey_group(next(groups), team.section.texts[lang])
    relevance = f'{asked.code}.NAOK == "{answer}"'
    yield from _limesurvey_array(
        team.section, team.prompt[lang], questions, instrument.scale, lang, relevance=relevance
    )


def _limesurvey_group(number: int, name: str) -> Row:
    return {"id": str(number), "class": "G", "type/scale": f"G{number}", "name": name, "relevance": "1"}


def _limesurvey_question(question: Question, number: int, lang: str) -> Iterator[Row]:
    many = _DROPDOWN if len(question.offered) > _MANY_CHOICES or question.id == VILLAGE else _RADIO
    kind = many if question.choices else _SHORT_TEXT
    mandatory = "Y" if question.required else "N"
    row = {"id": str(number), "class": "Q", "type/scale": kind, "name": question.code, "relevance": "1"}
    yield row | {"text": question.texts[lang], "mandatory": mandatory, "other": "N"}
    for choice in question.offered:
        yield {"id": str(number), "class": "A", "type/scale": "0", "name": choice.code, "text": choice.texts[lang]}


def _limesurvey_array(
    section: Section, prompt: str, numbers: Iterator[int], scale: Scale, lang: str, *, relevance: str = "1"
) -> Iterator[Row]:
    number = str(next(numbers))
    row = {"id": number, "class": "Q", "type/scale": _ARRAY, "name": section.id, "relevance": relevance}
    yield row | {"text": prompt, "mandatory": "N", "other": "N"}
    for item in section.items:
        row = {"id": str(next(numbers)), "class": "SQ", "type/scale": "0", "name": item.id, "relevance": "1"}
        yield row | {"text": item.texts[lang]}
    answers = [(str(anchor.value), f"{anchor.value} - {anchor.texts[lang]}") for anchor in scale.anchors]
    answers += [(option.code, option.texts[lang]) for option in scale.no_opinion]
    for code, text in answers:
        yield {"id": number, "class": "A", "type/scale": "0", "name": code, "text": text}
