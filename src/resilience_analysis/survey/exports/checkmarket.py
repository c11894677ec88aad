"""CheckMarket: CSV or XLSX; questions are numbered (``1.``), and so are the statements of a matrix (``2.1``)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from resilience_analysis.survey.labels import AnswerReader
from resilience_analysis.survey.made_up import MOMENT, MadeUpAnswers, Table, rows_of
from resilience_analysis.survey.submissions import (
    TEST,
    Heading,
    Layout,
    OwnColumns,
    Status,
    Submissions,
    submissions_of,
)
from resilience_analysis.survey.tools import SurveyTool
from resilience_analysis.survey.workbook import Sheet

NAME = "checkmarket"
_NUMBERED = re.compile(r"(\d+)(?:\.(\d+))?\.?\s+(.*)", re.DOTALL)
OWN = OwnColumns(
    marks=(
        "RespondentId", "Status", "DateResponded", "DateInvited", "DateLastUpdate", "Taal", "Language", "Langue",
        "Sprache", "Idioma", "IP", "Browser", "OS", "DistributionMethod", "ScreenResolution", "UserAgent",
    ),
    needed=3,
    ids=(("RespondentId",),),
    finished=("Status",),
    unfinished=(
        "", "gedeeltelijk", "onvolledig", "deels", "partial", "partially", "partially responded", "incomplete",
        "partiel", "incomplet", "teilweise", "unvollstandig", "parcial", "incompleto",
    ),
    statuses=(Status(("Status",), {"test": TEST, "testrespons": TEST}),),
)  # fmt: skip


def recognise(sheets: Sequence[Sheet], _reader: AnswerReader) -> str:
    """Say by what the file shows itself as CheckMarket's, or nothing."""
    headings = sheets[0].rows[0]
    return OWN.evidence(headings) if any(text.strip() == "RespondentId" for text in headings) else ""


def read(sheets: Sequence[Sheet], evidence: str, _reader: AnswerReader) -> Submissions:
    """Read the first sheet."""
    return submissions_of(sheets[0], NAME, evidence, Layout(heading, OWN))


def heading(text: str) -> Heading:
    """Return a heading, with and without its number; statements of one question are one array."""
    numbered = _NUMBERED.fullmatch(text.strip())
    if not numbered:
        return Heading(text, (text,))
    return Heading(text, (numbered[3], text), f"question {numbered[1]}" if numbered[2] else "")


def example(made: MadeUpAnswers) -> list[list[str]]:
    """Lay made-up answers out as an export with numbered questions."""
    table: Table = {
        "RespondentId": made.numbers,
        "Status": ["Volledig" if ended else "Gedeeltelijk" for ended in made.people["finished"]],
        "DateResponded": made.same(MOMENT),
        "Taal": made.same(made.lang),
    }
    for number, question in enumerate(made.instrument.questions, start=1):
        table[f"{number}. {question.texts[made.lang]}"] = made.field(question)
    matrix = len(made.instrument.questions) + 1
    for number, item in enumerate(made.items, start=1):
        table[f"{matrix}.{number} {item.texts[made.lang]}"] = made.answers(item)
    return rows_of(table | made.marker)


TOOL = SurveyTool(70, recognise, read, example, delimiter=";")
