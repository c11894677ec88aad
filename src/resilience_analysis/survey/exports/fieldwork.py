"""Tools for fieldwork and research: KoboToolbox and ODK, SurveyCTO, and REDCap.

KoboToolbox puts a ``/`` between group and question, or what its user chose; ODK Central a ``-``. A question with
several choices has a column of names separated by spaces, and a column of 0 and 1 for each choice
(``question/choice``). Each instrument of a REDCap project has a column ``..._complete`` (``Complete?`` among labels): 2
or *Complete* where the record was finished. Its checkbox has a column for each choice, ``field___choice`` or ``label
(choice=label)``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from resilience_analysis.survey.exports import SurveyTool, column_holds
from resilience_analysis.survey.mapping import AnswerReader
from resilience_analysis.survey.questionnaire import PEOPLE_GROUP
from resilience_analysis.survey.submissions import (
    REJECTED,
    Heading,
    Layout,
    OwnColumns,
    Status,
    Submissions,
    after,
    submissions_of,
)
from resilience_analysis.survey.synthetic import MOMENT, MadeUpAnswers, Table, rows_of
from resilience_analysis.survey.wording import fold
from resilience_analysis.survey.workbook import Sheet

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


def _grouped_heading(text: str) -> Heading:
    """Return a heading with its endings after a ``/`` (a wording may hold one) and the name after the groups."""
    named = _GROUPS_AND_NAME.fullmatch(text)
    return Heading(text, (text, *after(text, "/"), *([named[2]] if named else [])), named[1] if named else "")


def _kobotoolbox_example(made: MadeUpAnswers) -> list[list[str]]:
    """Lay made-up answers out with XML names as headings."""
    table: Table = {"start": made.same(MOMENT), "end": made.same(MOMENT)}
    table |= {f"{PEOPLE_GROUP}/{q.code}": made.field(q, ids=True) for q in made.instrument.questions}
    table |= {f"{item.section}/{item.id}": made.answers(item, labels=False) for item in made.items}
    table |= made.coded_marker | {"_id": made.numbers, "_uuid": [f"uuid-{number}" for number in made.numbers]}
    return rows_of(table | {"_submission_time": made.same(MOMENT), "_index": made.numbers})


def _read_surveycto(sheets: Sequence[Sheet], _reader: AnswerReader) -> Submissions:
    shared = tuple(n for n, text in enumerate(sheets[0].rows[0]) if text.strip() in _ALSO_ODK)
    return submissions_of(sheets[0], Layout(_grouped_heading, _SURVEYCTO, placed=shared))


def _surveycto_example(made: MadeUpAnswers) -> list[list[str]]:
    """Lay made-up answers out in wide form."""
    table = {name: made.same(MOMENT) for name in ("CompletionDate", "SubmissionDate", "starttime", "endtime")}
    table |= {question.code: made.field(question, ids=True) for question in made.instrument.questions}
    table |= {item.id: made.answers(item, labels=False) for item in made.items} | made.coded_marker
    return rows_of(table | {"formdef_version": made.same("1"), "KEY": [f"uuid:{number}" for number in made.numbers]})


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


def _redcap_example(made: MadeUpAnswers) -> list[list[str]]:
    """Lay made-up answers out as raw data."""
    table: Table = {"record_id": made.numbers, "zelfbevraging_timestamp": made.same(MOMENT)}
    table |= {question.code: made.field(question, ids=True) for question in made.instrument.questions}
    table |= {item.id.lower(): made.answers(item, labels=False) for item in made.items} | made.coded_marker
    return rows_of(table | {"zelfbevraging_complete": ["2" if ended else "0" for ended in made.people["finished"]]})


TOOLS = (
    SurveyTool(
        "kobotoolbox",
        "KoboToolbox and ODK: CSV with ``;`` or ``,``, or XLSX; headings are XML names or labels, with groups before "
        "them.",
        30,
        _kobotoolbox_example,
        _KOBOTOOLBOX,
        _grouped_heading,
        delimiter=";",
    ),
    SurveyTool(
        "surveycto",
        "SurveyCTO: CSV of a form, wide; names of questions as in its definition, groups before them where asked for.",
        20,
        _surveycto_example,
        _SURVEYCTO,
        reads=_read_surveycto,
    ),
    SurveyTool(
        "redcap",
        "REDCap: CSV of records, with names or labels as headings and codes or labels as answers.",
        50,
        _redcap_example,
        recognised=_shown_as_redcap,
        reads=_read_redcap,
    ),
)
