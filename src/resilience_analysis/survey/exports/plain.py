"""A plain table: one heading row, one respondent a row, CSV or XLSX."""

from __future__ import annotations

from collections.abc import Sequence

from resilience_analysis.survey.exports.export import Export, table_of
from resilience_analysis.survey.labels import AnswerReader
from resilience_analysis.survey.workbook import Sheet

TOOL = "plain"


def recognise(sheets: Sequence[Sheet], _reader: AnswerReader) -> str:
    """Take any file: this is the reader of what no other one recognises."""
    return f"a table with {len(sheets[0].rows[0])} columns"


def read(sheets: Sequence[Sheet], evidence: str, _reader: AnswerReader) -> Export:
    """Read the first sheet."""
    return table_of(sheets[0], TOOL, evidence, keys=lambda text: [text])
