"""Google Forms: CSV, with an English or a Dutch interface; a row of a grid reads ``question [statement]``."""

from __future__ import annotations

from collections.abc import Sequence

from resilience_analysis.survey.exports.export import BRACKETED, Export, marked, table_of
from resilience_analysis.survey.labels import AnswerReader
from resilience_analysis.survey.workbook import Sheet

TOOL = "google_forms"


def recognise(sheets: Sequence[Sheet], _reader: AnswerReader) -> str:
    """Say by what the file shows itself as Google Forms', or nothing; its first column is the time."""
    return marked([Sheet("", [sheets[0].rows[0][:1]], [1])], TOOL)


def read(sheets: Sequence[Sheet], evidence: str, _reader: AnswerReader) -> Export:
    """Read the first sheet."""
    return table_of(sheets[0], TOOL, evidence, keys=keys)


def keys(text: str) -> list[str]:
    """Return the statement between brackets, if there is one, and the whole heading."""
    bracketed = BRACKETED.fullmatch(text)
    return [bracketed[2], text] if bracketed else [text]
