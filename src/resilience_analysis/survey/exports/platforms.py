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
    SurveyTool,
    after,
    column_holds,
)
from resilience_analysis.survey.mapping import AnswerReader
from resilience_analysis.survey.synthetic import CODE, MOMENT, NUMBERED, Example, MadeUpAnswers
from resilience_analysis.survey.wording import fold, plain_heading
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
    unfinished={"", "n a"}.__contains__,
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
_BY_PROGRESS = replace(_QUALTRICS, finished=("Progress",), unfinished=lambda said: said not in {"100", "100 0"})
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
    unfinished={"", "0", "incomplete"}.__contains__,
)  # fmt: skip
_STATES = frozenset({"0", "1", "2", "incomplete", "unverified", "complete"})
_LABEL_OF_CHOICE = re.compile(r"(.*\S)\s*\(choice=(.*)\)", re.DOTALL)


def _limesurvey(sheets: Sequence[Sheet], _reader: AnswerReader) -> Layout:
    sheet, headings = sheets[0], sheets[0].rows[0]
    parts = sum(1 for text in headings if _CODE_OF_PART.fullmatch(text))
    evidence = _LIMESURVEY.evidence(headings) or ("headings such as array[item]" if parts >= _FEW else "")
    layout = Layout(sheet, evidence, _limesurvey_heading, _LIMESURVEY)
    number, submitted, page, language = _PLACED
    if (
        column_holds(sheet, number, str.isdecimal)
        and column_holds(sheet, submitted, IS_MOMENT, blank=True)
        and column_holds(sheet, page, str.isdecimal, blank=True)
        and column_holds(sheet, language, _IS_LANGUAGE)
    ):
        shown = _LIMESURVEY.evidence(headings) or "columns of number, submission, page and language"
        return replace(layout, evidence=shown, placed=_PLACED, finished=submitted, ids=(number,))
    return layout


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


def _qualtrics(sheets: Sequence[Sheet], _reader: AnswerReader) -> Layout:
    """Lay out the first sheet; where the column that says who finished was left out, the progress says it."""
    sheet, first = sheets[0], _header_rows(sheets[0])
    ids = [_IMPORT_ID.fullmatch(text) for text in sheet.rows[first - 1]]
    names = [_NAMES.get(own[1].casefold(), name) if own else name for name, own in zip(sheet.rows[0], ids, strict=True)]
    questions = sheet.rows[1] if first > 1 else [""] * len(names)
    by_progress = {plain_heading(name) for name in names}.isdisjoint({"finished"})
    return Layout(
        sheet,
        "a row of import ids" if first > 1 else _QUALTRICS.evidence(names),
        own=_BY_PROGRESS if by_progress else _QUALTRICS,
        first=first,
        headings=tuple(map(_qualtrics_heading, names, questions)),
    )


def _qualtrics_heading(name: str, question: str) -> Heading:
    """Return a heading with its name, each of its endings after a ``_``, and what was asked."""
    asked = (*reversed(after(question, " - ")), question) if question else ()
    return Heading(name, (name, *after(name, "_"), *asked), name.rpartition("_")[0])


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


def _redcap(sheets: Sequence[Sheet], _reader: AnswerReader) -> Layout:
    """Lay out the first sheet; the last instrument says whether a record was finished."""
    sheet, names = sheets[0], [text.strip().casefold() for text in sheets[0].rows[0]]
    states = [
        number
        for number, name in enumerate(names)
        if name.endswith(("_complete", "complete?")) and column_holds(sheet, number, lambda cell: fold(cell) in _STATES)
    ]
    evidence = "a column ..._complete with the state of a record" if states else ""
    own = (*states, *(number for number, name in enumerate(names) if name.endswith("_timestamp")))
    return Layout(sheet, evidence, _redcap_heading, _REDCAP, placed=own, finished=states[-1] if states else None)


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
        lays_out=_limesurvey,
    ),
    SurveyTool(
        "qualtrics",
        "Qualtrics: CSV or XLSX with three header rows (name, question, import id); answers as labels or numbers.",
        10,
        _qualtrics_example,
        lays_out=_qualtrics,
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
        lays_out=_redcap,
    ),
)
