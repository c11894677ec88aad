"""SurveyMonkey: CSV or XLSX with two heading rows: the question, and below it the row of a matrix or the choice.

The question is written above its first column only. Below a question of one answer is *Response*, in the language
of the account.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from resilience_analysis.survey.mapping import AnswerReader
from resilience_analysis.survey.submissions import Heading, Layout, OwnColumns, Submissions, submissions_of
from resilience_analysis.survey.synthetic import MOMENT, MadeUpAnswers
from resilience_analysis.survey.tools import SurveyTool, column_holds, is_number
from resilience_analysis.survey.wording import fold
from resilience_analysis.survey.workbook import Sheet

NAME = "surveymonkey"
OWN = OwnColumns(
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


def recognise(sheets: Sequence[Sheet], _reader: AnswerReader) -> str:
    """Return what shows that the file is SurveyMonkey's, or nothing."""
    own = OWN.evidence(sheets[0].rows[0])
    return "two heading rows" if _two_heading_rows(sheets[0], known=bool(own)) else own


def _two_heading_rows(sheet: Sheet, *, known: bool) -> bool:
    """Whether the second row continues the headings: empty below the tool's own, filled in where the first is not.

    Without `known` columns of the tool a question above several columns is needed, or a number for each respondent.
    """
    if len(sheet.rows) <= _HEADING_ROWS:
        return False
    above, below = ([cell.strip() for cell in row] for row in sheet.rows[:_HEADING_ROWS])
    continued = [under for over, under in zip(above, below, strict=True) if not over]
    fits = bool(above[0]) and not below[0] and all(continued) and any(below)
    own = _own_columns(sheet)
    shown = known or bool(continued) or (own >= _FEW and all(below[own:]) and not _answered(sheet, own))
    return fits and bool(sheet.rows[_HEADING_ROWS][0].strip()) and shown


def _answered(sheet: Sheet, first: int) -> bool:
    """Return whether the second row says what a row below it says of the same question: then it is a respondent."""
    columns = [[cell.strip() for cell in column] for column in zip(*sheet.rows[1:], strict=True)]
    return any(column[0] in column[1:] for column in columns[first:])


def _own_columns(sheet: Sheet) -> int:
    """Count the columns before the questions: a number for each respondent first, and nothing below their headings."""
    below = [cell.strip() for cell in sheet.rows[1]]
    count = next((number for number, cell in enumerate(below) if cell), 0)
    numbered = column_holds(sheet, 0, is_number, first=_HEADING_ROWS)
    return count if numbered else 0


def read(sheets: Sequence[Sheet], evidence: str, _reader: AnswerReader) -> Submissions:
    """Read the first sheet; both heading rows may name an item or a question."""
    sheet = sheets[0]
    if not _two_heading_rows(sheet, known=True):
        return submissions_of(sheet, NAME, evidence, Layout(lambda text: Heading(text, (text,)), OWN))
    own = tuple(range(_own_columns(sheet)))
    layout = Layout(lambda text: Heading(text, (text,)), OWN, placed=own, ids=own[:1], first=_HEADING_ROWS)
    found = submissions_of(sheet, NAME, evidence, layout)
    return replace(found, headings=tuple(_joined(*sheet.rows[:_HEADING_ROWS])))


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


def example(made: MadeUpAnswers) -> list[list[str]]:
    """Lay made-up answers out as an export with its two heading rows."""
    own = ["Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address"]
    columns = [made.numbers, made.same("1"), made.same(MOMENT), made.same(MOMENT), made.same("0.0.0.0")]  # noqa: S104
    above, below = list(own), [""] * len(own)
    for question in made.instrument.questions:
        above, below = [*above, question.texts[made.lang]], [*below, "Response"]
        columns.append(made.field(question))
    asked = ""
    for item in made.items:
        above.append("" if made.prompt(item) == asked else made.prompt(item))
        asked = made.prompt(item)
        below.append(item.texts[made.lang])
        columns.append(made.answers(item))
    above, below = [*above, *made.marker], [*below, "Response"]
    rows = [list(row) for row in zip(*columns, *made.marker.values(), strict=True)]
    return [above, below, *rows]


TOOL = SurveyTool(60, recognise, read, example)
