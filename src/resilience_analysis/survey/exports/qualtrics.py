"""Qualtrics: CSV or XLSX with three header rows (name, question, import id); answers as labels or numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from resilience_analysis.survey.exports.export import Export, Heading, Remark, after, marked, table_of
from resilience_analysis.survey.labels import AnswerReader
from resilience_analysis.survey.wording import fold
from resilience_analysis.survey.workbook import Sheet

TOOL = "qualtrics"
_IMPORT_ID = re.compile(r"""\s*\{\s*["']ImportId["']""")
_PREVIEWS = frozenset({"survey preview", "1"})
_PREVIEW = "a preview of the survey, no response"


def recognise(sheets: Sequence[Sheet], _reader: AnswerReader) -> str:
    """Say by what the file shows itself as Qualtrics', or nothing."""
    return "a row of import ids" if _header_rows(sheets[0]) > 1 else marked(sheets, TOOL)


def read(sheets: Sequence[Sheet], evidence: str, _reader: AnswerReader) -> Export:
    """Read the first sheet; previews by its makers are set aside."""
    sheet = sheets[0]
    first = _header_rows(sheet)
    export = table_of(sheet, TOOL, evidence, keys=lambda name: [name, *after(name, "_")], first=first)
    if first > 1:
        export = replace(export, headings=_with_questions(export.headings, sheet.rows[1]))
    return _without_previews(export)


def _header_rows(sheet: Sheet) -> int:
    """Count the header rows: the row of import ids is the last."""
    return next((n + 1 for n, row in enumerate(sheet.rows[:4]) if any(map(_IMPORT_ID.match, row))), 1)


def _with_questions(headings: tuple[Heading, ...], questions: list[str]) -> tuple[Heading, ...]:
    return tuple(
        replace(heading, keys=(*heading.keys, *reversed(after(question, " - ")), question))
        for heading, question in zip(headings, questions, strict=True)
    )


def _without_previews(export: Export) -> Export:
    column = next((n for n, heading in enumerate(export.headings) if heading.text == "Status"), None)
    if column is None:
        return export
    preview = export.cells[column].map(fold).isin(_PREVIEWS).astype(bool)
    aside = tuple(Remark(str(row), _PREVIEW) for row in export.cells.index[preview])
    return replace(export, cells=export.cells[~preview], set_aside=(*export.set_aside, *aside))
