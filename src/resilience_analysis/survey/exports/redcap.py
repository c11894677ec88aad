"""REDCap: CSV of records, with names or labels as headings and codes or labels as answers.

Each instrument of a project has a column ``..._complete`` (``Complete?`` among labels): 2 or *Complete* where the
record was finished. A checkbox has a column for each choice, ``field___choice`` or ``label (choice=label)``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from resilience_analysis.survey.mapping import AnswerReader
from resilience_analysis.survey.submissions import Heading, Layout, OwnColumns, Submissions, submissions_of
from resilience_analysis.survey.synthetic import MOMENT, MadeUpAnswers, Table, rows_of
from resilience_analysis.survey.tools import SurveyTool, column_holds
from resilience_analysis.survey.wording import fold
from resilience_analysis.survey.workbook import Sheet

NAME = "redcap"
_STATES = frozenset({"0", "1", "2", "incomplete", "unverified", "complete"})
_LABEL_OF_CHOICE = re.compile(r"(.*\S)\s*\(choice=(.*)\)", re.DOTALL)
_COMPLETE = ("_complete", "complete?")
OWN = OwnColumns(
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


def recognise(sheets: Sequence[Sheet], _reader: AnswerReader) -> str:
    """Return what shows that the file is REDCap's, or nothing."""
    return "a column ..._complete with the state of a record" if _states(sheets[0]) else ""


def _states(sheet: Sheet) -> list[int]:
    """Return the numbers of the columns that say whether an instrument is complete."""
    headings = [text.strip().casefold() for text in sheet.rows[0]]
    return [
        number
        for number, text in enumerate(headings)
        if text.endswith(_COMPLETE) and column_holds(sheet, number, lambda cell: fold(cell) in _STATES)
    ]


def read(sheets: Sequence[Sheet], evidence: str, _reader: AnswerReader) -> Submissions:
    """Read the first sheet; the last instrument says whether a record was finished."""
    states = _states(sheets[0])
    times = [n for n, text in enumerate(sheets[0].rows[0]) if text.strip().casefold().endswith("_timestamp")]
    last = states[-1] if states else None
    return submissions_of(sheets[0], NAME, evidence, Layout(heading, OWN, placed=(*states, *times), finished=last))


def heading(text: str) -> Heading:
    """Return a heading; a choice of a checkbox is written as in other tools."""
    ticked = _LABEL_OF_CHOICE.fullmatch(text.strip())
    field, _, choice = text.partition("___")
    parts = ticked.groups() if ticked else (field, choice)
    return Heading("/".join(parts) if parts[1] else text, (text,))


def example(made: MadeUpAnswers) -> list[list[str]]:
    """Lay made-up answers out as an export of raw data."""
    table: Table = {"record_id": made.numbers, "zelfbevraging_timestamp": made.same(MOMENT)}
    table |= {question.code: made.field(question, ids=True) for question in made.instrument.questions}
    table |= {item.id.lower(): made.answers(item, labels=False) for item in made.items} | made.coded_marker
    return rows_of(table | {"zelfbevraging_complete": ["2" if ended else "0" for ended in made.people["finished"]]})


TOOL = SurveyTool(50, recognise, read, example)
