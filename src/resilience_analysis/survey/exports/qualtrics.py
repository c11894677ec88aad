"""Qualtrics: CSV or XLSX with three header rows (name, question, import id); answers as labels or numbers.

Names and questions are in the language of the account, import ids are not: they tell which columns are Qualtrics' own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from resilience_analysis.survey.mapping import AnswerReader
from resilience_analysis.survey.submissions import (
    PREVIEW,
    SPAM,
    TEST,
    Heading,
    Layout,
    OwnColumns,
    Status,
    Submissions,
    after,
    submissions_of,
)
from resilience_analysis.survey.synthetic import MOMENT, MadeUpAnswers, rows_of
from resilience_analysis.survey.tools import SurveyTool, column_holds
from resilience_analysis.survey.wording import fold
from resilience_analysis.survey.workbook import Sheet

NAME = "qualtrics"
_IMPORT_ID = re.compile(r"""\s*\{\s*["']ImportId["']\s*:\s*["'](\w+)["'].*""", re.DOTALL)
_RESPONSE = re.compile(r"(?:R|FS)_\w+")
# https://www.qualtrics.com/support: Response Type; as a number its bits say preview (1), test (2) and spam (8)
_BITS = ((1, PREVIEW), (2, TEST), (8, SPAM))
_MOST_BITS = 64
_IN_ANY_LANGUAGE = {
    **dict.fromkeys(("preview", "voorbeeld", "voorvertoning", "apercu", "vorschau", "vista previa"), PREVIEW),
    **dict.fromkeys(("test", "prueba", "essai"), TEST),
    **dict.fromkeys(("spam", "ongewenst", "indesirable", "no deseado"), SPAM),
}
_PEOPLE = frozenset(
    {"ip address", "imported", "offline", "ip adres", "adresse ip", "ip adresse", "direccion ip", "0", "4", "16", "20"}
)
_NUMBERS = {str(number): kind for number in range(_MOST_BITS) for bit, kind in reversed(_BITS) if number & bit}
_NAMES = {  # of the columns that are Qualtrics' own, by their import id
    "startdate": "StartDate", "enddate": "EndDate", "status": "Status", "ipaddress": "IPAddress",
    "progress": "Progress", "duration": "Duration (in seconds)", "finished": "Finished", "recordeddate": "RecordedDate",
    "_recordid": "ResponseId", "recipientlastname": "RecipientLastName", "recipientfirstname": "RecipientFirstName",
    "recipientemail": "RecipientEmail", "externaldatareference": "ExternalReference",
    "locationlatitude": "LocationLatitude", "locationlongitude": "LocationLongitude",
    "distributionchannel": "DistributionChannel", "userlanguage": "UserLanguage",
}  # fmt: skip
_CHANNELS = {"preview": PREVIEW, "test": TEST}
OWN = OwnColumns(
    marks=(
        "StartDate", "EndDate", "Status", "IPAddress", "Progress", "Duration (in seconds)", "Finished", "RecordedDate",
        "ResponseId", "RecipientLastName", "RecipientFirstName", "RecipientEmail", "ExternalReference",
        "LocationLatitude", "LocationLongitude", "DistributionChannel", "UserLanguage",
    ),
    needed=3,
    ids=(("ResponseId",),),
    finished=("Finished",),
    statuses=(
        Status(("Status",), _NUMBERS, fine=_PEOPLE, holding=_IN_ANY_LANGUAGE),
        Status(("DistributionChannel",), _CHANNELS),
    ),
)  # fmt: skip


def recognise(sheets: Sequence[Sheet], _reader: AnswerReader) -> str:
    """Return what shows that the file is Qualtrics', or nothing."""
    return "a row of import ids" if _header_rows(sheets[0]) > 1 else OWN.evidence(sheets[0].rows[0])


def read(sheets: Sequence[Sheet], evidence: str, _reader: AnswerReader) -> Submissions:
    """Read the first sheet; previews, tests and spam do not count."""
    first = _header_rows(sheets[0])
    sheet = _named(sheets[0], sheets[0].rows[first - 1])
    found = _by_progress(submissions_of(sheet, NAME, evidence, Layout(heading, OWN, first=first)))
    return replace(found, headings=_with_questions(found.headings, sheet.rows[1])) if first > 1 else found


def _by_progress(found: Submissions) -> Submissions:
    """Tell by the progress who did not finish, where the column that says so was left out."""
    progress = next((number for number, head in enumerate(found.headings) if head.text == "Progress"), None)
    if found.finished is not None or progress is None:
        return found
    unfinished = frozenset(map(fold, found.cells[progress])) - {"100", "100 0"}
    return replace(found, finished=progress, unfinished=unfinished)


def _named(sheet: Sheet, ids: Sequence[str]) -> Sheet:
    """Name the columns that are Qualtrics' own as it names them in English, by their import ids."""
    found = [_IMPORT_ID.fullmatch(text) for text in ids]
    pairs = zip(sheet.rows[0], found, strict=True)
    named = [_NAMES.get(own[1].casefold(), name) if own else name for name, own in pairs]
    return replace(sheet, rows=[named, *sheet.rows[1:]])


def heading(name: str) -> Heading:
    """Return a heading with its name and each of its endings after a ``_``."""
    array = name.rpartition("_")[0]
    return Heading(name, (name, *after(name, "_")), array)


def _header_rows(sheet: Sheet) -> int:
    """Count the header rows: the row of import ids is the last; where someone deleted it, the questions are."""
    rows = sheet.rows[:4]
    questions = 2 if _questions_below(sheet) else 1
    return next((n + 1 for n, row in enumerate(rows) if any(map(_IMPORT_ID.fullmatch, row))), questions)


def _questions_below(sheet: Sheet) -> bool:
    """Return whether the second row is of questions: each row below it has the id of a response, it has none."""
    for number, name in enumerate(sheet.rows[0]):
        if name.strip() == "ResponseId" and len(sheet.rows) > 2:  # noqa: PLR2004 - names, questions, a response
            below = column_holds(sheet, number, _RESPONSE.fullmatch, blank=True, first=2)
            return below and not _RESPONSE.fullmatch(sheet.rows[1][number].strip())
    return False


def _with_questions(headings: tuple[Heading, ...], questions: list[str]) -> tuple[Heading, ...]:
    return tuple(
        replace(heading, keys=(*heading.keys, *reversed(after(question, " - ")), question))
        for heading, question in zip(headings, questions, strict=True)
    )


def example(made: MadeUpAnswers) -> list[list[str]]:
    """Lay made-up answers out as an export with its three header rows."""
    own = {
        "StartDate": made.same(MOMENT),
        "Status": made.same("IP Address"),
        "IPAddress": made.same("0.0.0.0"),  # noqa: S104 - made up, not bound to
        "Finished": ["True" if ended else "False" for ended in made.people["finished"]],
        "RecordedDate": made.same(MOMENT),
        "ResponseId": [f"R_{number}" for number in made.numbers],
    }
    questions = {question.code: made.field(question) for question in made.instrument.questions}
    answers = {f"{item.section}_{item.id}": made.answers(item) for item in made.items}
    asked = [question.texts[made.lang] for question in made.instrument.questions]
    asked += [f"{made.prompt(item)} - {item.texts[made.lang]}" for item in made.items]
    names, *rows = rows_of(own | questions | answers | made.coded_marker)
    return [names, [*own, *asked, *made.marker], [f'{{"ImportId":"{name}"}}' for name in names], *rows]


TOOL = SurveyTool(10, recognise, read, example)
