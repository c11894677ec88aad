"""Writing the self-assessment as a form: for KoboToolbox and ODK, for LimeSurvey, as a table, or on paper.

Groups of an XLSForm are named after the dimensions and questions after the items, so that an export reads
``informatie/INF1``; each dimension of LimeSurvey is an array question with its items as subquestions, so that one reads
``informatie[INF1]``. The layout of the latter (classes S, SL, G, Q, SQ and A; one block of rows per language) is that
of LimeSurvey's manual, "Tab Separated Value survey structure". No dates, addresses or referrers are kept.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
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
    """Write the questionnaire of an instrument; a ``.html`` asks for HTML when the form is ``md``.

    Parameters
    ----------
    form
        One of `FORMATS`.
    lang
        Language of the page and the table; the first language of the two other forms, which carry all. The first of
        the instrument when not given. `UsageError` when the form or the language is not known.

    Examples
    --------
    >>> import tempfile
    >>> from resilience_analysis.survey.items import load_instrument
    >>> file = Path(tempfile.mkdtemp()) / "template.csv"
    >>> write_questionnaire(file, "csv", load_instrument(), lang="en")
    >>> [path.name for path in sorted(file.parent.iterdir())]
    ['template.csv', 'template.notice.md']
    """
    if form not in FORMATS:
        raise UsageError(unknown("format", form, FORMATS))
    lang = lang or instrument.languages[0]
    if lang not in instrument.languages:
        raise UsageError(unknown("language", lang, instrument.languages))
    page = path.suffix.casefold() in {".html", ".htm"}
    if form in {"md", "html"}:
        _write_page(path, instrument, lang, form="html" if page else form)
    else:
        writers = {"xlsform": _write_xlsform, "limesurvey": _write_limesurvey, "csv": _write_template}
        writers[form](path, instrument, lang)


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
    labels = {f"label::{_own_name(language)}": language for language in instrument.languages}

    def sheet(rows: Iterable[Row], before: Iterable[str], behind: Iterable[str]) -> pd.DataFrame:
        """Lay rows out with the text of each in a column per language."""
        laid = [row | {label: row["text"][lang] for label, lang in labels.items() if "text" in row} for row in rows]
        return pd.DataFrame(laid).reindex(columns=[*before, *labels, *behind]).fillna("")

    title = {"form_title": instrument.title[lang], "form_id": "zelfbevraging_veerkracht"}
    settings = pd.DataFrame([title | {"default_language": _own_name(lang)}])
    survey = sheet(_xlsform_survey(instrument), ["type", "name"], _HELP)
    choices = sheet(_xlsform_choices(instrument), ["list_name", "name"], ["gemeente"])
    write_workbook(path, {"survey": survey, "choices": choices, "settings": settings})


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
    asked = instrument.question(team.asked_field).code
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
    languages = [lang, *(other for other in instrument.languages if other != lang)]
    settings = {"language": lang, "additional_languages": " ".join(languages[1:]), **_SETTINGS}
    rows: list[Row] = [{"class": "S", "name": name, "text": text} for name, text in settings.items()]
    for language in languages:
        lines = (*instrument.notice.lines(language), words("page.intro", language))
        told = "".join(f"<p>{safe_html(line)}</p>" for line in lines)
        texts = {"surveyls_title": instrument.title[language], "surveyls_welcometext": told}
        rows += [{"class": "SL", "name": name, "text": text, "language": language} for name, text in texts.items()]
    for language in languages:
        rows += [row | {"language": language} for row in _limesurvey_structure(instrument, language)]
    stream = io.StringIO()
    writer = csv.DictWriter(stream, _COLUMNS, restval="", delimiter="\t", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    write_bytes(path, stream.getvalue().encode("utf-8-sig"))


def _limesurvey_structure(instrument: Instrument, lang: str) -> Iterator[Row]:
    """Yield every group, question, subquestion and answer; the numbers are the same in every language."""
    groups, questions = count(1), count(1)

    def group(name: str) -> Row:
        number = next(groups)
        return {"id": str(number), "class": "G", "type/scale": f"G{number}", "name": name, "relevance": "1"}

    yield group(words("page.about_you", lang))
    for question in instrument.questions:
        many = _DROPDOWN if len(question.offered) > _MANY_CHOICES or question.id == VILLAGE else _RADIO
        row = {"class": "Q", "type/scale": many if question.choices else _SHORT_TEXT, "name": question.code}
        row |= {"relevance": "1", "text": question.texts[lang], "mandatory": "Y" if question.required else "N"}
        answers = [(choice.code, choice.texts[lang]) for choice in question.offered]
        yield from _answered(row | {"id": str(next(questions)), "other": "N"}, answers)
    team = instrument.village_team
    asked = instrument.question(team.asked_field)
    member = next(choice.code for choice in asked.choices if choice.id == team.asked_value)
    arrays = [(section, instrument.scale.prompt, "1") for section in instrument.dimensions]
    for section, prompt, relevance in [*arrays, (team.section, team.prompt, f'{asked.code}.NAOK == "{member}"')]:
        yield group(section.texts[lang])
        row = {"class": "Q", "type/scale": _ARRAY, "name": section.id, "relevance": relevance}
        row |= {"id": str(next(questions)), "text": prompt[lang], "mandatory": "N", "other": "N"}
        statements = [
            {"id": str(next(questions)), "class": "SQ", "type/scale": "0", "name": item.id, "relevance": "1"}
            | {"text": item.texts[lang]}
            for item in section.items
        ]
        answers = [(str(anchor.value), f"{anchor.value} - {anchor.texts[lang]}") for anchor in instrument.scale.anchors]
        answers += [(option.code, option.texts[lang]) for option in instrument.scale.no_opinion]
        yield from _answered(row, answers, statements)


def _answered(question: Row, answers: Iterable[tuple[str, str]], statements: Iterable[Row] = ()) -> Iterator[Row]:
    """Yield a question, its statements, and the codes and texts of its answers."""
    yield from (question, *statements)
    for code, text in answers:
        yield {"id": question["id"], "class": "A", "type/scale": "0", "name": code, "text": text}
