"""Platforms of research: LimeSurvey, Qualtrics and REDCap.

A heading of LimeSurvey reads ``array[item]``, ``array_item`` (expression codes), ``question [statement]`` (texts), or
code and text joined as ``array[item]. question [statement]``; underscores may stand for the spaces. Answers are codes
or full texts. A response without submission date was not finished. Its own columns come first, in the language of its
user. The names and questions of Qualtrics are in the language of the account, import ids are not: they tell which
columns are its own. Each instrument of a REDCap project has a column ``..._complete`` (``Complete?`` among labels): 2
or *Complete* where the record was finished. Its checkbox has a column for each choice, ``field___choice`` or ``label
(choice=label)``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from resilience_analysis.survey.exports import (
    BRACKETED,
    IS_MOMENT,
    PREVIEW,
    SPAM,
    TEST,
    Heading,
    Layout,
    OwnColumns,
    Status,
    Submissions,
    SurveyTool,
    after,
    column_holds,
    submissions_of,
)
from resilience_analysis.survey.mapping import AnswerReader
from resilience_analysis.survey.synthetic import CODE, MOMENT, NUMBERED, Example, MadeUpAnswers
from resilience_analysis.survey.wording import fold
from resilience_analysis.survey.workbook import Sheet

_CODE_OF_PART = re.compile(r"([A-Za-z]\w*)\[(\w+)\](?:\.?\s*(.*))?", re.DOTALL)
_CODE_THEN_TEXT = re.compile(r"([A-Za-z]\w*)\.\s+(.*)", re.DOTALL)
_EXPRESSION_CODE = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+){1,2}")
_IS_LANGUAGE = re.compile(r"[a-z]{2}(?:[-_][A-Za-z]{2,8})?").fullmatch
_SPACE = re.compile(r"\s")
_FEW = 2
_ENDED = ("submitdate", "Date submitted", "Datum ingezonden", "submitdate. Date submitted", "Date de soumission",
          "Datum Abgeschickt", "Fecha de envío")  # fmt: skip
_RESPONSE = ("Response ID", "Antwoord-ID", "Antwoord ID", "id. Response ID", "ID de la réponse", "Antwort ID",
             "ID de respuesta")  # fmt: skip
_LIMESURVEY = OwnColumns(
    marks=(
        *_ENDED, *_RESPONSE, "lastpage", "Last page", "Laatste pagina", "startlanguage", "Start language", "Begintaal",
        "Starttaal", "seed", "startdate", "Date started", "datestamp", "Date last action", "ipaddr", "IP address",
        "refurl", "Referrer URL", "Datum gestart", "Datum laatste actie", "IP-adres", "Access code", "Toegangscode",
        "lastpage. Last page", "startlanguage. Start language", "seed. Seed", "startdate. Date started",
        "datestamp. Date last action", "ipaddr. IP address", "refurl. Referrer URL", "token. Token", "Dernière page",
        "Langue de départ", "Tête de série", "Letzte Seite", "Start-Sprache", "Zufallsstartwert", "Última página",
        "Lenguaje inicial", "Semilla", "Date de lancement", "Datum gestartet", "Fecha de inicio",
    ),
    needed=2,
    ids=(("id",), *((name,) for name in _RESPONSE)),
    finished=_ENDED,
    unfinished=("", "n a"),
)  # fmt: skip
_PLACED = (0, 1, 2, 3)  # number, moment of submission, last page, language
_IMPORT_ID = re.compile(r"""\s*\{\s*["']ImportId["']\s*:\s*["'](\w+)["'].*""", re.DOTALL)
_RESPONSE_ID = re.compile(r"(?:R|FS)_\w+")
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
_QUALTRICS = OwnColumns(
    marks=tuple(_NAMES.values()),
    needed=3,
    ids=(("ResponseId",),),
    finished=("Finished",),
    statuses=(
        Status(("Status",), _NUMBERS, fine=_PEOPLE, holding=_IN_ANY_LANGUAGE),
        Status(("DistributionChannel",), _CHANNELS),
    ),
)  # fmt: skip
_QUALTRICS_EXAMPLE = Example(
    {
        "StartDate": MOMENT,
        "Status": "IP Address",
        "IPAddress": "0.0.0.0",  # noqa: S104 - made up, not bound to
        "Finished": ("True", "False"),
        "RecordedDate": MOMENT,
        "ResponseId": "R_{number}",
    },
    question="{code}",
    item="{section}_{id}",
    coded=True,
)
_REDCAP = OwnColumns(
    marks=(
        "record_id", "redcap_event_name", "redcap_survey_identifier", "redcap_repeat_instrument",
        "redcap_repeat_instance", "redcap_data_access_group", "Record ID", "Event Name", "Survey Identifier",
        "Repeat Instrument", "Repeat Instance", "Data Access Group", "Survey Timestamp",
    ),
    ids=(
        ("record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"),
        ("Record ID", "Event Name", "Repeat Instrument", "Repeat Instance"),
    ),
    unfinished=("", "0", "incomplete"),
)  # fmt: skip
_STATES = frozenset({"0", "1", "2", "incomplete", "unverified", "complete"})
_LABEL_OF_CHOICE = re.compile(r"(.*\S)\s*\(choice=(.*)\)", re.DOTALL)


def _shown_as_limesurvey(sheets: Sequence[Sheet], _reader: AnswerReader) -> str:
    evidence = _LIMESURVEY.evidence(sheets[0].rows[0])
    if evidence:
        return evidence
    if _begins_as_limesurvey(sheets[0]):
        return "columns of number, submission, page and language"
    parts = [text for text in sheets[0].rows[0] if _CODE_OF_PART.fullmatch(text)]
    return "headings such as array[item]" if len(parts) >= _FEW else ""


def _begins_as_limesurvey(sheet: Sheet) -> bool:
    number, submitted, page, language = _PLACED
    return (
        column_holds(sheet, number, str.isdecimal)
        and column_holds(sheet, submitted, IS_MOMENT, blank=True)
        and column_holds(sheet, page, str.isdecimal, blank=True)
        and column_holds(sheet, language, _IS_LANGUAGE)
    )


def _read_limesurvey(sheets: Sequence[Sheet], _reader: AnswerReader) -> Submissions:
    layout = Layout(_limesurvey_heading, _LIMESURVEY)
    if _begins_as_limesurvey(sheets[0]):
        layout = Layout(_limesurvey_heading, _LIMESURVEY, placed=_PLACED, finished=1, ids=(0,))
    return submissions_of(sheets[0], layout)


def _limesurvey_heading(text: str) -> Heading:
    """Return a heading with what may be a code or a wording in it."""
    if _EXPRESSION_CODE.fullmatch(text):
        first, *codes = text.split("_")
        return Heading(text, (*codes, text), first)
    return _of_text(text, text if _SPACE.search(text) else text.replace("_", " "))


def _of_text(text: str, spaced: str) -> Heading:
    part = _CODE_OF_PART.fullmatch(spaced)
    if part:
        return Heading(text, (part[2], *_wordings(part[3] or ""), f"{part[1]}[{part[2]}]", spaced), part[1])
    coded = _CODE_THEN_TEXT.fullmatch(spaced)
    if coded:
        return Heading(text, (coded[1], *_wordings(coded[2]), spaced))
    bracketed = BRACKETED.fullmatch(spaced)
    return Heading(text, (*_wordings(spaced), spaced), bracketed[1].strip() if bracketed else "")


def _wordings(text: str) -> list[str]:
    bracketed = BRACKETED.fullmatch(text)
    return [part for part in (bracketed[2], bracketed[1], text) if part.strip()] if bracketed else [text]


def _shown_as_qualtrics(sheets: Sequence[Sheet], _reader: AnswerReader) -> str:
    return "a row of import ids" if _header_rows(sheets[0]) > 1 else _QUALTRICS.evidence(sheets[0].rows[0])


def _read_qualtrics(sheets: Sequence[Sheet], _reader: AnswerReader) -> Submissions:
    """Read the first sheet; previews, tests and spam do not count."""
    first = _header_rows(sheets[0])
    sheet = _named(sheets[0], sheets[0].rows[first - 1])
    found = _by_progress(submissions_of(sheet, Layout(_qualtrics_heading, _QUALTRICS, first=first)))
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


def _qualtrics_heading(name: str) -> Heading:
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
            below = column_holds(sheet, number, _RESPONSE_ID.fullmatch, blank=True, first=2)
            return below and not _RESPONSE_ID.fullmatch(sheet.rows[1][number].strip())
    return False


def _with_questions(headings: tuple[Heading, ...], questions: list[str]) -> tuple[Heading, ...]:
    return tuple(
        replace(heading, keys=(*heading.keys, *reversed(after(question, " - ")), question))
        for heading, question in zip(headings, questions, strict=True)
    )


def _qualtrics_example(made: MadeUpAnswers) -> list[list[str]]:
    """Lay made-up answers out as an export with its three header rows."""
    names, *rows = _QUALTRICS_EXAMPLE(made)
    asked = [question.texts[made.lang] for question in made.instrument.questions]
    asked += [f"{made.prompt(item)} - {item.texts[made.lang]}" for item in made.items]
    return [
        names,
        [*_QUALTRICS_EXAMPLE.own, *asked, *made.marker],
        [f'{{"ImportId":"{name}"}}' for name in names],
        *rows,
    ]


def _states(sheet: Sheet) -> list[int]:
    """Return the numbers of the columns that say whether an instrument is complete."""
    return [
        number
        for number, text in enumerate(sheet.rows[0])
        if text.strip().casefold().endswith(("_complete", "complete?"))
        and column_holds(sheet, number, lambda cell: fold(cell) in _STATES)
    ]


def _shown_as_redcap(sheets: Sequence[Sheet], _reader: AnswerReader) -> str:
    return "a column ..._complete with the state of a record" if _states(sheets[0]) else ""


def _read_redcap(sheets: Sequence[Sheet], _reader: AnswerReader) -> Submissions:
    """Read the first sheet; the last instrument says whether a record was finished."""
    states = _states(sheets[0])
    times = [n for n, text in enumerate(sheets[0].rows[0]) if text.strip().casefold().endswith("_timestamp")]
    last = states[-1] if states else None
    return submissions_of(sheets[0], Layout(_redcap_heading, _REDCAP, placed=(*states, *times), finished=last))


def _redcap_heading(text: str) -> Heading:
    """Return a heading; a choice of a checkbox is written as in other tools."""
    ticked = _LABEL_OF_CHOICE.fullmatch(text.strip())
    field, _, choice = text.partition("___")
    parts = ticked.groups() if ticked else (field, choice)
    return Heading("/".join(parts) if parts[1] else text, (text,))


TOOLS = (
    SurveyTool(
        "limesurvey",
        "LimeSurvey: CSV and XLSX exports of responses; headings as code, as text, or both.",
        40,
        Example(
            {
                "id. Response ID": "{number}",
                "submitdate. Date submitted": (MOMENT, ""),
                "lastpage. Last page": ("8", "4"),
                "startlanguage. Start language": "{lang}",
            },
            question="{code}. {text}",
            item="{section}[{id}]. {prompt} [{text}]",
            says=NUMBERED,
            coded=True,
        ),
        recognised=_shown_as_limesurvey,
        reads=_read_limesurvey,
    ),
    SurveyTool(
        "qualtrics",
        "Qualtrics: CSV or XLSX with three header rows (name, question, import id); answers as labels or numbers.",
        10,
        _qualtrics_example,
        recognised=_shown_as_qualtrics,
        reads=_read_qualtrics,
    ),
    SurveyTool(
        "redcap",
        "REDCap: CSV of records, with names or labels as headings and codes or labels as answers.",
        50,
        Example(
            {"record_id": "{number}", "zelfbevraging_timestamp": MOMENT},
            question="{code}",
            item="{name}",
            says=CODE,
            ids=True,
            coded=True,
            behind={"zelfbevraging_complete": ("2", "0")},
        ),
        recognised=_shown_as_redcap,
        reads=_read_redcap,
    ),
)
