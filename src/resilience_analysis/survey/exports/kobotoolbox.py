"""KoboToolbox and ODK: CSV with ``;`` or ``,``, or XLSX; headings are XML names or labels, with groups before them.

KoboToolbox puts a ``/`` between group and question, or what its user chose; ODK Central a ``-``. A question with
several choices has a column of names separated by spaces, and a column of 0 and 1 for each choice
(``question/choice``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from resilience_analysis.survey.mapping import AnswerReader
from resilience_analysis.survey.questionnaire.xlsform import PEOPLE_GROUP
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
from resilience_analysis.survey.tools import SurveyTool
from resilience_analysis.survey.workbook import Sheet

NAME = "kobotoolbox"
_GROUPS_AND_NAME = re.compile(r"([\w/:.-]*)[/:.-](\w+)")
_NOT_APPROVED = ("not approved", "validation status not approved", "niet goedgekeurd", "non approuve", "non approuvee",
                 "nicht genehmigt", "nicht bestatigt", "no aprobado", "unapproved", "rejected")  # fmt: skip
_ON_HOLD = ("on hold", "validation status on hold", "in de wacht", "en attente", "in der warteschleife", "en espera")
_APPROVED = ("approved", "validation status approved", "goedgekeurd", "approuve", "approuvee", "genehmigt", "bestatigt",
             "aprobado")  # fmt: skip
_REVIEWED = frozenset({"approved", "edited", "received"})
OWN = OwnColumns(
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


def recognise(sheets: Sequence[Sheet], _reader: AnswerReader) -> str:
    """Return what shows that the file is KoboToolbox's, or nothing."""
    return OWN.evidence(sheets[0].rows[0])


def read(sheets: Sequence[Sheet], evidence: str, _reader: AnswerReader) -> Submissions:
    """Read the first sheet; the others of a workbook are repeat groups, which our questionnaire does not have."""
    return submissions_of(sheets[0], NAME, evidence, Layout(heading, OWN))


def heading(text: str) -> Heading:
    """Return a heading with its endings after a ``/`` (a wording may hold one) and the name after the groups."""
    named = _GROUPS_AND_NAME.fullmatch(text)
    return Heading(text, (text, *after(text, "/"), *([named[2]] if named else [])), named[1] if named else "")


def example(made: MadeUpAnswers) -> list[list[str]]:
    """Lay made-up answers out as an export with XML names."""
    table: Table = {"start": made.same(MOMENT), "end": made.same(MOMENT)}
    table |= {f"{PEOPLE_GROUP}/{q.code}": made.field(q, ids=True) for q in made.instrument.questions}
    table |= {f"{item.section}/{item.id}": made.answers(item, labels=False) for item in made.items}
    table |= made.coded_marker | {"_id": made.numbers, "_uuid": [f"uuid-{number}" for number in made.numbers]}
    return rows_of(table | {"_submission_time": made.same(MOMENT), "_index": made.numbers})


TOOL = SurveyTool(30, recognise, read, example, delimiter=";")
