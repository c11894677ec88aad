"""Forms that come with an office suite, and a plain table: Microsoft Forms, Google Forms, and what no tool recognises.

The own columns of Microsoft Forms come first, in the language of its user: a number, the moments of beginning and end,
mail and name; each statement of a scale is a column. The moment comes first in Google Forms, and a row of a grid reads
``question [statement]``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from resilience_analysis.survey.exports import IS_MOMENT, SurveyTool, column_holds, many_words
from resilience_analysis.survey.mapping import AnswerReader
from resilience_analysis.survey.questionnaire import template_headings
from resilience_analysis.survey.submissions import BRACKETED, Heading, Layout, OwnColumns, Submissions, submissions_of
from resilience_analysis.survey.synthetic import MOMENT, MadeUpAnswers, Table, rows_of
from resilience_analysis.survey.workbook import Sheet

_COPY_NUMBER = re.compile(r"(.*[^\d\s])\d{1,2}\s*", re.DOTALL)
_LONGER_THAN_A_CODE = 6
_PLACED = (0, 1, 2)  # number, begin, end
_MICROSOFT = OwnColumns(
    marks=(
        "Start time", "Completion time", "Last modified time", "Begintijd", "Tijd van voltooien",
        "Tijd van laatste wijziging", "Tijdstip van laatste wijziging", "Language", "Taal", "Tijdstip van voltooiing",
        "Starttijd", "Voltooiingstijd", "Heure de début", "Heure de fin", "Startzeit", "Fertigstellungszeit",
        "Hora de inicio", "Hora de finalización",
    ),
    needed=2,
    ids=(("ID",),),
)  # fmt: skip
_GOOGLE = OwnColumns(marks=("Timestamp", "Tijdstempel", "Horodateur", "Zeitstempel", "Marca temporal"))
_NAMED = re.compile(r"([A-Za-z]\w*)\.\s+(.*)", re.DOTALL)


def _shown_as_microsoft(sheets: Sequence[Sheet], _reader: AnswerReader) -> str:
    own = _MICROSOFT.evidence(sheets[0].rows[0])
    return own or ("columns of number, begin and end" if _begins_as_microsoft(sheets[0]) else "")


def _begins_as_microsoft(sheet: Sheet) -> bool:
    number, *moments = _PLACED
    timed = all(column_holds(sheet, place, IS_MOMENT) for place in moments)
    return column_holds(sheet, number, str.isdecimal) and timed and many_words(sheet.rows[0][3:])


def _read_microsoft(sheets: Sequence[Sheet], _reader: AnswerReader) -> Submissions:
    placed = _PLACED if _begins_as_microsoft(sheets[0]) else ()
    return submissions_of(sheets[0], Layout(_microsoft_heading, _MICROSOFT, placed=placed, ids=placed[:1]))


def _microsoft_heading(text: str) -> Heading:
    """Return a heading; also without the number that Forms puts behind a question it has twice."""
    copy = _COPY_NUMBER.fullmatch(text)
    return Heading(text, (text, copy[1]) if copy and len(text) > _LONGER_THAN_A_CODE else (text,))


def _microsoft_example(made: MadeUpAnswers) -> list[list[str]]:
    """Lay made-up answers out as an export of a Dutch account."""
    table: Table = {
        "ID": made.numbers,
        "Begintijd": made.same(MOMENT),
        "Tijd van voltooien": made.same(MOMENT),
        "E-mail": made.same("anonymous"),
        "Naam": made.same(""),
    }
    table |= made.fields() | {item.texts[made.lang]: made.answers(item) for item in made.items}
    return rows_of(table | made.marker)


def _shown_as_google(sheets: Sequence[Sheet], _reader: AnswerReader) -> str:
    headings = sheets[0].rows[0]
    asked = any(map(BRACKETED.fullmatch, headings)) or many_words(headings[1:])
    timed = asked and column_holds(sheets[0], 0, IS_MOMENT)
    return _GOOGLE.evidence(headings[:1]) or ("a column of moments before the questions" if timed else "")


def _read_google(sheets: Sequence[Sheet], _reader: AnswerReader) -> Submissions:
    return submissions_of(sheets[0], Layout(_google_heading, _GOOGLE, placed=(0,)))


def _google_heading(text: str) -> Heading:
    """Return a heading with the statement between brackets, if there is one; the question before it is the grid."""
    bracketed = BRACKETED.fullmatch(text)
    return Heading(text, (bracketed[2], text), bracketed[1].strip()) if bracketed else Heading(text, (text,))


def _google_example(made: MadeUpAnswers) -> list[list[str]]:
    """Lay made-up answers out as the sheet of a Dutch account."""
    table: Table = {"Tijdstempel": made.same(MOMENT)} | made.fields()
    table |= {f"{made.prompt(item)} [{item.texts[made.lang]}]": made.answers(item) for item in made.items}
    return rows_of(table | made.marker)


def _any_table(sheets: Sequence[Sheet], _reader: AnswerReader) -> str:
    return f"a table with {len(sheets[0].rows[0])} columns"


def _plain_heading(text: str) -> Heading:
    """Return a heading; of a name with a label, as of a variable of SPSS, both may tell."""
    named = _NAMED.fullmatch(text)
    return Heading(text, (text, *named.groups()) if named else (text,))


def _plain_example(made: MadeUpAnswers) -> list[list[str]]:
    """Lay made-up answers out below the headings of our own template."""
    columns = [made.field(question) for question in made.instrument.questions]
    columns += [made.answers(item, labels=False) for item in made.items]
    headings = template_headings(made.instrument, made.lang)
    return rows_of(dict(zip(headings, columns, strict=True)) | made.coded_marker)


TOOLS = (
    SurveyTool(
        "microsoft_forms",
        "Microsoft Forms: XLSX; each statement of a scale is a column.",
        80,
        _microsoft_example,
        recognised=_shown_as_microsoft,
        reads=_read_microsoft,
        file_types=(".xlsx",),
    ),
    SurveyTool(
        "google_forms",
        "Google Forms: CSV, often in a ZIP; the moment comes first, and a row of a grid reads ``question "
        "[statement]``.",
        90,
        _google_example,
        recognised=_shown_as_google,
        reads=_read_google,
    ),
    SurveyTool(
        "plain",
        "A plain table: one heading row, one respondent a row, CSV or XLSX.",
        1000,
        _plain_example,
        heading=_plain_heading,
        recognised=_any_table,
    ),
)
