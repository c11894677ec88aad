"""SurveyCTO: CSV of a form, wide; names of questions as in its definition, groups before them where asked for."""

from __future__ import annotations

from collections.abc import Sequence

from resilience_analysis.survey.exports import kobotoolbox
from resilience_analysis.survey.mapping import AnswerReader
from resilience_analysis.survey.submissions import REJECTED, Layout, OwnColumns, Status, Submissions, submissions_of
from resilience_analysis.survey.synthetic import MOMENT, MadeUpAnswers, rows_of
from resilience_analysis.survey.tools import SurveyTool
from resilience_analysis.survey.workbook import Sheet

NAME = "surveycto"
_REJECTED = ("rejected", "not approved", "unapproved")
_REVIEWED = frozenset({"approved", "none", "no review", "not reviewed"})
OWN = OwnColumns(
    marks=(
        "CompletionDate", "starttime", "endtime", "devicephonenum", "device_info", "formdef_version", "review_quality",
        "review_status", "review_comments", "review_corrections", "simid", "caseid",
    ),
    needed=2,
    ids=(("KEY",), ("instanceID",)),
    statuses=(
        Status(("review_status",), dict.fromkeys(_REJECTED, REJECTED), frozenset({"on hold"}), _REVIEWED),
        Status(("review_quality",), {}, frozenset({"poor", "fake"})),
    ),
)  # fmt: skip
_ALSO_ODK = ("SubmissionDate", "KEY", "instanceID", "deviceid", "subscriberid", "duration", "username")


def recognise(sheets: Sequence[Sheet], _reader: AnswerReader) -> str:
    """Return what shows that the file is SurveyCTO's, or nothing."""
    return OWN.evidence(sheets[0].rows[0])


def read(sheets: Sequence[Sheet], evidence: str, _reader: AnswerReader) -> Submissions:
    """Read the first sheet; rejected submissions do not count."""
    shared = tuple(n for n, text in enumerate(sheets[0].rows[0]) if text.strip() in _ALSO_ODK)
    return submissions_of(sheets[0], NAME, evidence, Layout(kobotoolbox.heading, OWN, placed=shared))


def example(made: MadeUpAnswers) -> list[list[str]]:
    """Lay made-up answers out as an export in wide form."""
    table = {name: made.same(MOMENT) for name in ("CompletionDate", "SubmissionDate", "starttime", "endtime")}
    table |= {question.code: made.field(question, ids=True) for question in made.instrument.questions}
    table |= {item.id: made.answers(item, labels=False) for item in made.items} | made.coded_marker
    return rows_of(table | {"formdef_version": made.same("1"), "KEY": [f"uuid:{number}" for number in made.numbers]})


TOOL = SurveyTool(20, recognise, read, example)
