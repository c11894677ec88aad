"""Google Forms: CSV, often in a ZIP; the moment comes first, and a row of a grid reads ``question [statement]``."""

from __future__ import annotations

from collections.abc import Sequence

from resilience_analysis.survey.mapping import AnswerReader
from resilience_analysis.survey.submissions import BRACKETED, Heading, Layout, OwnColumns, Submissions, submissions_of
from resilience_analysis.survey.synthetic import MOMENT, MadeUpAnswers, Table, rows_of
from resilience_analysis.survey.tools import SurveyTool, are_moments, many_words
from resilience_analysis.survey.workbook import Sheet

NAME = "google_forms"
OWN = OwnColumns(marks=("Timestamp", "Tijdstempel", "Horodateur", "Zeitstempel", "Marca temporal"))


def recognise(sheets: Sequence[Sheet], _reader: AnswerReader) -> str:
    """Return what shows that the file is Google Forms', or nothing; its first column is the time."""
    headings = sheets[0].rows[0]
    own = OWN.evidence(headings[:1])
    asked = any(map(BRACKETED.fullmatch, headings)) or many_words(headings[1:])
    return own or ("a column of moments before the questions" if asked and are_moments(sheets[0], 0) else "")


def read(sheets: Sequence[Sheet], evidence: str, _reader: AnswerReader) -> Submissions:
    """Read the first sheet."""
    return submissions_of(sheets[0], NAME, evidence, Layout(heading, OWN, placed=(0,)))


def heading(text: str) -> Heading:
    """Return a heading with the statement between brackets, if there is one; the question before it is the grid."""
    bracketed = BRACKETED.fullmatch(text)
    return Heading(text, (bracketed[2], text), bracketed[1].strip()) if bracketed else Heading(text, (text,))


def example(made: MadeUpAnswers) -> list[list[str]]:
    """Lay made-up answers out as the sheet of a Dutch account."""
    table: Table = {"Tijdstempel": made.same(MOMENT)} | made.fields()
    table |= {f"{made.prompt(item)} [{item.texts[made.lang]}]": made.answers(item) for item in made.items}
    return rows_of(table | made.marker)


TOOL = SurveyTool(90, recognise, read, example)
