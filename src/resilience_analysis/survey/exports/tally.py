"""A workshop tally: how many people stood at each position of each statement.

Long (statement, position, count) or wide (statement, and a column of counts for each position). Nothing links the
answers of one person, so a tally gives results per statement and none per dimension.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from resilience_analysis.survey.counts import Block, expand, find_columns
from resilience_analysis.survey.instrument import NIS_CODE
from resilience_analysis.survey.mapping import AnswerReader
from resilience_analysis.survey.submissions import Submissions
from resilience_analysis.survey.synthetic import YES, MadeUpAnswers
from resilience_analysis.survey.tools import SurveyTool
from resilience_analysis.survey.workbook import Sheet

NAME = "tally"


def recognise(sheets: Sequence[Sheet], reader: AnswerReader) -> str:
    """Return what shows that the file is a tally, or nothing."""
    columns = find_columns(sheets[0].rows[0], reader, sheets[0].rows[1:])
    if columns.long:
        return "columns of statement, position and count"
    return "a statement and counts per position" if columns.wide else ""


def read(sheets: Sequence[Sheet], evidence: str, reader: AnswerReader) -> Submissions:
    """Read the first sheet: every counted answer becomes one row."""
    sheet = sheets[0]
    rows = [(str(number), cells) for number, cells in zip(sheet.numbers[1:], sheet.rows[1:], strict=True)]
    return expand([Block(sheet.name, sheet.rows[0], rows)], reader, NAME, evidence)


def example(made: MadeUpAnswers) -> list[list[str]]:
    """Lay made-up answers out as counts per statement, position and municipality."""
    rows = [["stelling", "positie", "aantal", "gemeente", made.instrument.synthetic.code]]
    places = made.people[NIS_CODE]
    for item in made.items:
        answered = made.codes[item.id][made.codes[item.id] > 0]
        counts = pd.crosstab(places[answered.index], answered).stack().reset_index()
        rows += [
            [item.texts[made.lang], str(position), str(count), str(place), YES]
            for place, position, count in counts.to_numpy()
            if count
        ]
    return rows


TOOL = SurveyTool(110, recognise, read, example)
