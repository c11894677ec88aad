"""Microsoft Forms: XLSX; each statement of a scale is a column.

Its own columns come first, in the language of its user: a number, the moments of beginning and end, mail and name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from resilience_analysis.survey.mapping import AnswerReader
from resilience_analysis.survey.submissions import Heading, Layout, OwnColumns, Submissions, submissions_of
from resilience_analysis.survey.synthetic import MOMENT, MadeUpAnswers, Table, rows_of
from resilience_analysis.survey.tools import SurveyTool, are_moments, column_holds, is_number, many_words
from resilience_analysis.survey.workbook import Sheet

NAME = "microsoft_forms"
_COPY_NUMBER = re.compile(r"(.*[^\d\s])\d{1,2}\s*", re.DOTALL)
_LONGER_THAN_A_CODE = 6
_PLACED = (0, 1, 2)  # number, begin, end
OWN = OwnColumns(
    marks=(
        "Start time", "Completion time", "Last modified time", "Begintijd", "Tijd van voltooien",
        "Tijd van laatste wijziging", "Tijdstip van laatste wijziging", "Language", "Taal", "Tijdstip van voltooiing",
        "Starttijd", "Voltooiingstijd", "Heure de début", "Heure de fin", "Startzeit", "Fertigstellungszeit",
        "Hora de inicio", "Hora de finalización",
    ),
    needed=2,
    ids=(("ID",),),
)  # fmt: skip


def recognise(sheets: Sequence[Sheet], _reader: AnswerReader) -> str:
    """Return what shows that the file is Microsoft Forms', or nothing."""
    own = OWN.evidence(sheets[0].rows[0])
    return own or ("columns of number, begin and end" if _begins_as_forms(sheets[0]) else "")


def _begins_as_forms(sheet: Sheet) -> bool:
    number, *moments = _PLACED
    return column_holds(sheet, number, is_number) and are_moments(sheet, *moments) and many_words(sheet.rows[0][3:])


def read(sheets: Sequence[Sheet], evidence: str, _reader: AnswerReader) -> Submissions:
    """Read the first sheet."""
    placed = _PLACED if _begins_as_forms(sheets[0]) else ()
    return submissions_of(sheets[0], NAME, evidence, Layout(heading, OWN, placed=placed, ids=placed[:1]))


def heading(text: str) -> Heading:
    """Return a heading; also without the number that Forms puts behind a question it has twice."""
    copy = _COPY_NUMBER.fullmatch(text)
    return Heading(text, (text, copy[1]) if copy and len(text) > _LONGER_THAN_A_CODE else (text,))


def example(made: MadeUpAnswers) -> list[list[str]]:
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


TOOL = SurveyTool(80, recognise, read, example, file_types=(".xlsx",))
