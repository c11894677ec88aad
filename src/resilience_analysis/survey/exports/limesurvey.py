"""LimeSurvey: CSV and XLSX exports of responses; headings as code, as text, or both.

A heading reads ``array[item]``, ``array_item`` (expression codes), ``question [statement]`` (texts), or code and
text joined as ``array[item]. question [statement]``; underscores may stand for the spaces. Answers are codes or full
texts. A response without submission date was not finished.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from resilience_analysis.survey.exports.export import BRACKETED, Export, marked, table_of
from resilience_analysis.survey.labels import AnswerReader
from resilience_analysis.survey.workbook import Sheet

TOOL = "limesurvey"
_CODE_OF_PART = re.compile(r"([A-Za-z]\w*)\[(\w+)\](?:\.?\s*(.*))?", re.DOTALL)
_CODE_THEN_TEXT = re.compile(r"([A-Za-z]\w*)\.\s+(.*)", re.DOTALL)
_EXPRESSION_CODE = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+){1,2}")
_SPACE = re.compile(r"\s")
_FEW = 2


def recognise(sheets: Sequence[Sheet], _reader: AnswerReader) -> str:
    """Say by what the file shows itself as LimeSurvey's, or nothing."""
    evidence = marked(sheets, TOOL)
    if evidence:
        return evidence
    parts = [text for text in sheets[0].rows[0] if _CODE_OF_PART.fullmatch(text)]
    return f"headings such as {parts[0].split(']')[0]}]" if len(parts) >= _FEW else ""


def read(sheets: Sequence[Sheet], evidence: str, _reader: AnswerReader) -> Export:
    """Read the first sheet."""
    return table_of(sheets[0], TOOL, evidence, keys=keys)


def keys(text: str) -> list[str]:
    """Return what may be a code or a wording in a heading."""
    if _EXPRESSION_CODE.fullmatch(text):
        return [*text.split("_")[1:], text]
    return _keys_of_text(text if _SPACE.search(text) else text.replace("_", " "))


def _keys_of_text(text: str) -> list[str]:
    part = _CODE_OF_PART.fullmatch(text)
    if part:
        return [part[2], *_wordings(part[3] or ""), f"{part[1]}[{part[2]}]", text]
    coded = _CODE_THEN_TEXT.fullmatch(text)
    if coded:
        return [coded[1], *_wordings(coded[2]), text]
    return [*_wordings(text), text]


def _wordings(text: str) -> list[str]:
    bracketed = BRACKETED.fullmatch(text)
    return [part for part in (bracketed[2], bracketed[1], text) if part.strip()] if bracketed else [text]
