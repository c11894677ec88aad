"""A workshop tally: how many people stood at each position of each statement.

Long (statement, position, count) or wide (statement, and a column of counts for each position). Nothing links the
answers of one person, so a tally gives results per statement and none per dimension.
"""

from __future__ import annotations

from collections.abc import Sequence

from resilience_analysis.survey.exports.counts import Block, expand, find_columns
from resilience_analysis.survey.exports.export import Export
from resilience_analysis.survey.labels import AnswerReader
from resilience_analysis.survey.workbook import Sheet

TOOL = "tally"


def recognise(sheets: Sequence[Sheet], reader: AnswerReader) -> str:
    """Say by what the file shows itself as a tally, or nothing."""
    columns = find_columns(sheets[0].rows[0], reader)
    if columns.long:
        return "columns of statement, position and count"
    return "a statement and counts per position" if columns.wide else ""


def read(sheets: Sequence[Sheet], evidence: str, reader: AnswerReader) -> Export:
    """Read the first sheet: every counted answer becomes one row."""
    sheet = sheets[0]
    rows = [(str(number), cells) for number, cells in zip(sheet.numbers[1:], sheet.rows[1:], strict=True)]
    return expand([Block(sheet.name, sheet.rows[0], rows)], reader, TOOL, evidence)
