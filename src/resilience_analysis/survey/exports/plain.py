"""A plain table: one heading row, one respondent a row, CSV or XLSX."""

from __future__ import annotations

import re
from collections.abc import Sequence

from resilience_analysis.survey.mapping import AnswerReader
from resilience_analysis.survey.questionnaire.page import template_headings
from resilience_analysis.survey.submissions import Heading, Layout, Submissions, submissions_of
from resilience_analysis.survey.synthetic import MadeUpAnswers, rows_of
from resilience_analysis.survey.tools import SurveyTool
from resilience_analysis.survey.workbook import Sheet

NAME = "plain"
_NAMED = re.compile(r"([A-Za-z]\w*)\.\s+(.*)", re.DOTALL)


def recognise(sheets: Sequence[Sheet], _reader: AnswerReader) -> str:
    """Take any file: what no tool recognises is a plain table."""
    return f"a table with {len(sheets[0].rows[0])} columns"


def read(sheets: Sequence[Sheet], evidence: str, _reader: AnswerReader) -> Submissions:
    """Read the first sheet."""
    return submissions_of(sheets[0], NAME, evidence, Layout(heading))


def heading(text: str) -> Heading:
    """Return a heading; of a name with a label, as of a variable of SPSS, both may tell."""
    named = _NAMED.fullmatch(text)
    return Heading(text, (text, *named.groups()) if named else (text,))


def example(made: MadeUpAnswers) -> list[list[str]]:
    """Lay made-up answers out below the headings of our own template."""
    columns = [made.field(question) for question in made.instrument.questions]
    columns += [made.answers(item, labels=False) for item in made.items]
    headings = template_headings(made.instrument, made.lang)
    return rows_of(dict(zip(headings, columns, strict=True)) | made.coded_marker)


TOOL = SurveyTool(1000, recognise, read, example)
