"""CheckMarket: CSV or XLSX; questions are numbered (``1.``), and so are the statements of a matrix (``2.1``).

Its own columns come before question 1, in the language of its user: a number first, then a status.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from resilience_analysis.survey.mapping import AnswerReader
from resilience_analysis.survey.submissions import (
    TEST,
    Heading,
    Layout,
    OwnColumns,
    Status,
    Submissions,
    submissions_of,
)
from resilience_analysis.survey.synthetic import MOMENT, MadeUpAnswers, Table, rows_of
from resilience_analysis.survey.tools import SurveyTool, column_holds, is_number
from resilience_analysis.survey.wording import fold
from resilience_analysis.survey.workbook import Sheet

NAME = "checkmarket"
_NUMBERED = re.compile(r"(\d+)(?:\.(\d+))?\.?\s+(.*)", re.DOTALL)
_STATUS = ("Status", "Statut", "Estado", "Stato")
OWN = OwnColumns(
    marks=(
        "RespondentId", *_STATUS, "DateResponded", "DateInvited", "DateLastUpdate", "Taal", "Language", "Langue",
        "Sprache", "Idioma", "IP", "Browser", "OS", "DistributionMethod", "ScreenResolution", "UserAgent",
    ),
    needed=3,
    ids=(("RespondentId",),),
    finished=_STATUS,
    statuses=(
        Status(
            _STATUS,
            {},
            holding={"test": TEST, "prueba": TEST},
            fine=frozenset({
                "volledig", "voltooid", "beantwoord", "afgerond", "complete", "completed", "responded", "finished",
                "complet", "termine", "repondu", "vollstandig", "abgeschlossen", "beantwortet", "completo",
                "completado", "respondido",
            }),
        ),
    ),
)  # fmt: skip
_UNFINISHED = ("gedeelt", "onvoll", "deels", "partial", "partiel", "incompl", "teilw", "unvoll", "parcial")
_FEW = 2


def recognise(sheets: Sequence[Sheet], _reader: AnswerReader) -> str:
    """Return what shows that the file is CheckMarket's, or nothing."""
    headings = sheets[0].rows[0]
    if any(text.strip() == "RespondentId" for text in headings) and OWN.evidence(headings):
        return OWN.evidence(headings)
    return "a number, and numbered questions and statements" if _own_columns(sheets[0]) else ""


def _own_columns(sheet: Sheet) -> tuple[int, ...]:
    """Return the columns before question 1: a number for each respondent first, and a status among them."""
    numbered = [_NUMBERED.fullmatch(text.strip()) for text in sheet.rows[0]]
    first = next((n for n, found in enumerate(numbered) if found and (found[1], found[2]) == ("1", None)), 0)
    parts = sum(bool(found and found[2]) for found in numbered)
    status = any(text.strip() in _STATUS for text in sheet.rows[0][:first])
    return tuple(range(first)) if parts >= _FEW and status and column_holds(sheet, 0, is_number) else ()


def read(sheets: Sequence[Sheet], evidence: str, _reader: AnswerReader) -> Submissions:
    """Read the first sheet; a status that begins as *partially* does is one of a submission that was not finished."""
    own = _own_columns(sheets[0])
    found = submissions_of(sheets[0], NAME, evidence, Layout(heading, OWN, placed=own, ids=own[:1]))
    if found.finished is None:
        return found
    said = found.cells[found.finished].map(fold)
    unfinished = frozenset(text for text in said if not text or text.startswith(_UNFINISHED))
    partial = set(said.index[said.isin(unfinished)])
    doubts = tuple(doubt for doubt in found.doubts if doubt.row not in partial)
    return replace(found, unfinished=unfinished, doubts=doubts)


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
