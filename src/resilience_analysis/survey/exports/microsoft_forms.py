"""Microsoft Forms: XLSX, with an English or a Dutch interface; each statement of a scale is a column."""

from __future__ import annotations

import re
from collections.abc import Sequence

from resilience_analysis.survey.exports.export import Export, marked, table_of
from resilience_analysis.survey.labels import AnswerReader
from resilience_analysis.survey.workbook import Sheet

TOOL = "microsoft_forms"
_COPY_NUMBER = re.compile(r"(.*[^\d\s])\d{1,2}\s*", re.DOTALL)


def recognise(sheets: Sequence[Sheet], _reader: AnswerReader) -> str:
    """Say by what the file shows itself as Microsoft Forms', or nothing."""
    return marked(sheets, TOOL)


def read(sheets: Sequence[Sheet], evidence: str, _reader: AnswerReader) -> Export:
    """Read the first sheet."""
    return table_of(sheets[0], TOOL, evidence, keys=keys)


def keys(text: str) -> list[str]:
    """Return the heading; also without the number that Forms puts behind a question it has twice."""
    copy = _COPY_NUMBER.fullmatch(text)
    return [text, copy[1]] if copy and len(text) > len("ABCD12") else [text]
