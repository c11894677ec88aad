"""Online panels and fieldwork: CheckMarket and SurveyMonkey, KoboToolbox, ODK and SurveyCTO.

The questions of CheckMarket are numbered (``1.``), and so are the statements of a matrix (``2.1``). Its own columns
come before question 1, in the language of its user: a number first, then a status. SurveyMonkey has two heading rows:
the question, above its first column only, and below it the row of a matrix or the choice. Below a question of one
answer is *Response*, in the language of the account. KoboToolbox puts a ``/`` between group and question, or what its
user chose; ODK Central a ``-``. A question with several choices has a column of names separated by spaces, and a column
of 0 and 1 for each choice (``question/choice``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from resilience_analysis.survey.exports import (
    REJECTED,
    TEST,
    Heading,
    Layout,
    OwnColumns,
    Status,
    SurveyTool,
    after,
    column_holds,
)
from resilience_analysis.survey.mapping import AnswerReader
from resilience_analysis.survey.questionnaire import PEOPLE_GROUP
from resilience_analysis.survey.synthetic import CODE, MOMENT, Example, MadeUpAnswers
from resilience_analysis.survey.wording import fold
from resilience_analysis.survey.workbook import Sheet

_NUMBERED = re.compile(r"(\d+)(?:\.(\d+))?\.?\s+(.*)", re.DOTALL)
_STATUS = ("Status", "Statut", "Estado", "Stato")
_UNFINISHED = ("gedeelt", "onvoll", "deels", "partial", "partiel", "incompl", "teilw", "unvoll", "parcial")
_CHECKMARKET = OwnColumns(
    marks=(
        "RespondentId", *_STATUS, "DateResponded", "DateInvited", "DateLastUpdate", "Taal", "Language", "Langue",
        "Sprache", "Idioma", "IP", "Browser", "OS", "DistributionMethod", "ScreenResolution", "UserAgent",
    ),
    needed=3,
    ids=(("RespondentId",),),
    finished=_STATUS,
    unfinished=lambda said: not said or said.startswith(_UNFINISHED),
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
_FEW_PARTS = 2
_SURVEYMONKEY = OwnColumns(
    marks=(
        "Respondent ID", "Collector ID", "Start Date", "End Date", "Date Created", "Date Modified", "IP Address",
        "Email Address", "First Name", "Last Name", "Custom Data 1",
    ),
    needed=3,
    ids=(("Respondent ID",),),
)  # fmt: skip
_HEADING_ROWS = 2
_FEW = 3
_RESPONSE = frozenset({"response", "antwoord", "reponse", "antwort", "respuesta"})
_SURVEYMONKEY_EXAMPLE = Example(
    {
        "Respondent ID": "{number}",
        "Collector ID": "1",
        "Start Date": MOMENT,
        "End Date": MOMENT,
        "IP Address": "0.0.0.0",  # noqa: S104 - made up, not bound to
    }
)
_GROUPS_AND_NAME = re.compile(r"([\w/:.-]*)[/:.-](\w+)")
_NOT_APPROVED = ("not approved", "validation status not approved", "niet goedgekeurd", "non approuve", "non approuvee",
                 "nicht genehmigt", "nicht bestatigt", "no aprobado", "unapproved", "rejected")  # fmt: skip
_ON_HOLD = ("on hold", "validation status on hold", "in de wacht", "en attente", "in der warteschleife", "en espera")
_APPROVED = ("approved", "validation status approved", "goedgekeurd", "approuve", "approuvee", "genehmigt", "bestatigt",
             "aprobado")  # fmt: skip
_REVIEWED = frozenset({"approved", "edited", "received"})
_KOBOTOOLBOX = OwnColumns(
    marks=(
        "_id", "_uuid", "_submission_time", "_validation_status", "_notes", "_status", "_submitted_by", "__version__",
        "_tags", "_index", "meta/instanceID", "meta/rootUuid", "meta/instanceName", "formhub/uuid", "_attachments",
        "_geolocation", "SubmissionDate", "instanceID", "meta-instanceID", "meta-instanceName", "KEY", "SubmitterID",
        "SubmitterName", "AttachmentsPresent", "AttachmentsExpected", "ReviewState", "DeviceID", "Edits", "FormVersion",
    ),
    needed=2,
    ids=(("_id",), ("_uuid",), ("KEY",), ("meta-instanceID",), ("instanceID",)),
    statuses=(
        Status(
            ("_validation_status",),
            dict.fromkeys(_NOT_APPROVED, REJECTED),
            frozenset(_ON_HOLD),
            frozenset(_APPROVED),
            {"not approved": REJECTED},  # the interface gives it as {"uid": ..., "label": ...}
        ),
        Status(("ReviewState",), {"rejected": REJECTED}, frozenset({"hasissues", "has issues"}), _REVIEWED),
    ),
)  # fmt: skip
_SURVEYCTO = OwnColumns(
    marks=(
        "CompletionDate", "starttime", "endtime", "devicephonenum", "device_info", "formdef_version", "review_quality",
        "review_status", "review_comments", "review_corrections", "simid", "caseid",
    ),
    needed=2,
    ids=(("KEY",), ("instanceID",)),
    statuses=(
        Status(
            ("review_status",),
            dict.fromkeys(("rejected", "not approved", "unapproved"), REJECTED),
            frozenset({"on hold"}),
            frozenset({"approved", "none", "no review", "not reviewed"}),
        ),
        Status(("review_quality",), {}, frozenset({"poor", "fake"})),
    ),
)  # fmt: skip
_ALSO_ODK = ("SubmissionDate", "KEY", "instanceID", "deviceid", "subscriberid", "duration", "username")


def _checkmarket(sheets: Sequence[Sheet], _reader: AnswerReader) -> Layout:
    """Lay out the first sheet: before question 1 a number for each respondent, and a status."""
    sheet, headings = sheets[0], [text.strip() for text in sheets[0].rows[0]]
    numbered = [_NUMBERED.fullmatch(text) for text in headings]
    first = next((n for n, found in enumerate(numbered) if found and (found[1], found[2]) == ("1", None)), 0)
    parts = sum(bool(found and found[2]) for found in numbered)
    status = not set(_STATUS).isdisjoint(headings[:first])
    own = tuple(range(first)) if parts >= _FEW_PARTS and status and column_holds(sheet, 0, str.isdecimal) else ()
    named = _CHECKMARKET.evidence(sheet.rows[0]) if "RespondentId" in headings else ""
    evidence = named or ("a number, and numbered questions and statements" if own else "")
    return Layout(sheet, evidence, _numbered_heading, _CHECKMARKET, placed=own, ids=own[:1])


def _numbered_heading(text: str) -> Heading:
    """Return a heading, with and without its number; statements of one question are one array."""
    numbered = _NUMBERED.fullmatch(text.strip())
    if not numbered:
        return Heading(text, (text,))
    return Heading(text, (numbered[3], text), f"question {numbered[1]}" if numbered[2] else "")


def _surveymonkey(sheets: Sequence[Sheet], _reader: AnswerReader) -> Layout:
    """Lay out the first sheet; both heading rows may name an item or a question."""
    sheet, evidence = sheets[0], _SURVEYMONKEY.evidence(sheets[0].rows[0])
    if not _two_heading_rows(sheet, known=True):
        return Layout(sheet, evidence, own=_SURVEYMONKEY)
    shown = "two heading rows" if _two_heading_rows(sheet, known=bool(evidence)) else evidence
    own, headings = tuple(range(_count_own(sheet))), tuple(_joined(*sheet.rows[:_HEADING_ROWS]))
    return Layout(sheet, shown, own=_SURVEYMONKEY, placed=own, ids=own[:1], first=_HEADING_ROWS, headings=headings)


def _two_heading_rows(sheet: Sheet, *, known: bool) -> bool:
    """Whether the second row continues the headings: empty below the tool's own, filled in where the first is not.

    Without `known` columns of the tool a question above several columns is needed, or a number for each respondent.
    """
    if len(sheet.rows) <= _HEADING_ROWS:
        return False
    above, below = ([cell.strip() for cell in row] for row in sheet.rows[:_HEADING_ROWS])
    continued = [under for over, under in zip(above, below, strict=True) if not over]
    fits = bool(above[0] and sheet.rows[_HEADING_ROWS][0].strip()) and not below[0] and all(continued) and any(below)
    return fits and (known or bool(continued) or _asks_below(sheet, below))


def _asks_below(sheet: Sheet, below: list[str]) -> bool:
    """Return whether every question has a part below it, and none of them reads as the answer of a respondent."""
    own = _count_own(sheet)
    return own >= _FEW and all(below[own:]) and not _answered(sheet, own)


def _answered(sheet: Sheet, first: int) -> bool:
    """Return whether the second row says what a row below it says of the same question: then it is a respondent."""
    columns = [[cell.strip() for cell in column] for column in zip(*sheet.rows[1:], strict=True)]
    return any(column[0] in column[1:] for column in columns[first:])


def _count_own(sheet: Sheet) -> int:
    """Count the columns before the questions: a number for each respondent first, and nothing below their headings."""
    below = [cell.strip() for cell in sheet.rows[1]]
    count = next((number for number, cell in enumerate(below) if cell), 0)
    numbered = column_holds(sheet, 0, str.isdecimal, first=_HEADING_ROWS)
    return count if numbered else 0


def _joined(above: list[str], below: list[str]) -> list[Heading]:
    """Join the rows; a question above a single column is a key of it, one above several is the array of those.

    What is written below questions of one column (*Response*) marks the answer where a second column asks for another.
    """
    questions: list[str] = []
    for question in above:
        questions.append(question.strip() or questions[-1])
    columns = Counter(questions)
    parts = [part.strip() for part in below]
    response = {fold(part) for question, part in zip(questions, parts, strict=True) if columns[question] == 1 and part}
    response |= _RESPONSE
    return [
        _heading(question, part, alone=columns[question] == 1 or fold(part) in response)
        for question, part in zip(questions, parts, strict=True)
    ]


def _heading(question: str, part: str, *, alone: bool) -> Heading:
    if alone:
        return Heading(question, (part, question) if part else (question,))
    return Heading(f"{question} [{part}]" if part else question, (part or question,), question)


def _surveymonkey_example(made: MadeUpAnswers) -> list[list[str]]:
    """Lay made-up answers out as an export with its two heading rows."""
    above, *rows = _SURVEYMONKEY_EXAMPLE(made)
    below = ["" if name in _SURVEYMONKEY_EXAMPLE.own else "Response" for name in above]
    first = len(_SURVEYMONKEY_EXAMPLE.own) + len(made.instrument.questions)
    asked = ""
    for place, item in enumerate(made.items, start=first):
        below[place] = item.texts[made.lang]
        above[place] = "" if made.prompt(item) == asked else made.prompt(item)
        asked = made.prompt(item)
    return [above, below, *rows]


def _grouped_heading(text: str) -> Heading:
    """Return a heading with its endings after a ``/`` (a wording may hold one) and the name after the groups."""
    named = _GROUPS_AND_NAME.fullmatch(text)
    return Heading(text, (text, *after(text, "/"), *([named[2]] if named else [])), named[1] if named else "")


def _surveycto(sheets: Sequence[Sheet], _reader: AnswerReader) -> Layout:
    headings = sheets[0].rows[0]
    shared = tuple(n for n, text in enumerate(headings) if text.strip() in _ALSO_ODK)
    return Layout(sheets[0], _SURVEYCTO.evidence(headings), _grouped_heading, _SURVEYCTO, placed=shared)


TOOLS = (
    SurveyTool(
        "checkmarket",
        "CheckMarket: CSV or XLSX; questions are numbered (``1.``), and so are the statements of a matrix (``2.1``).",
        70,
        Example(
            {
                "RespondentId": "{number}",
                "Status": ("Volledig", "Gedeeltelijk"),
                "DateResponded": MOMENT,
                "Taal": "{lang}",
            },
            question="{number}. {text}",
            item="{matrix}.{number} {text}",
        ),
        lays_out=_checkmarket,
        delimiter=";",
    ),
    SurveyTool(
        "surveymonkey",
        "SurveyMonkey: CSV or XLSX with two heading rows: the question, and below it the row of a matrix or the "
        "choice.",
        60,
        _surveymonkey_example,
        lays_out=_surveymonkey,
    ),
    SurveyTool(
        "kobotoolbox",
        "KoboToolbox and ODK: CSV with ``;`` or ``,``, or XLSX; headings are XML names or labels, with groups before "
        "them.",
        30,
        Example(
            {"start": MOMENT, "end": MOMENT},
            question=f"{PEOPLE_GROUP}/{{code}}",
            item="{section}/{id}",
            says=CODE,
            ids=True,
            coded=True,
            behind={"_id": "{number}", "_uuid": "uuid-{number}", "_submission_time": MOMENT, "_index": "{number}"},
        ),
        _KOBOTOOLBOX,
        _grouped_heading,
        delimiter=";",
    ),
    SurveyTool(
        "surveycto",
        "SurveyCTO: CSV of a form, wide; names of questions as in its definition, groups before them where asked for.",
        20,
        Example(
            dict.fromkeys(("CompletionDate", "SubmissionDate", "starttime", "endtime"), MOMENT),
            question="{code}",
            item="{id}",
            says=CODE,
            ids=True,
            coded=True,
            behind={"formdef_version": "1", "KEY": "uuid:{number}"},
        ),
        lays_out=_surveycto,
    ),
)
