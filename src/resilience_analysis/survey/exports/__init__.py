"""Reading the exports of survey tools: one small module per tool, and the choice between them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from resilience_analysis.foundation.errors import UsageError, unknown
from resilience_analysis.survey.exports import (
    google_forms,
    kobotoolbox,
    limesurvey,
    mentimeter,
    microsoft_forms,
    plain,
    qualtrics,
    tally,
)
from resilience_analysis.survey.exports.export import Export, Heading, Remark
from resilience_analysis.survey.labels import AnswerReader
from resilience_analysis.survey.workbook import Sheet, read_workbook

__all__ = ["AUTO", "TOOLS", "Export", "Heading", "Remark", "read_export", "read_sheets"]

AUTO = "auto"
# The most telling first; `plain` takes whatever is left.
_READERS: dict[str, ModuleType] = {
    module.TOOL: module
    for module in (
        qualtrics,
        kobotoolbox,
        limesurvey,
        microsoft_forms,
        google_forms,
        mentimeter,
        tally,
        plain,
    )
}
TOOLS = tuple(_READERS)


def read_export(path: Path, *, tool: str, reader: AnswerReader) -> Export:
    """Read one export.

    Parameters
    ----------
    path
        The file.
    tool
        One of `TOOLS`, or `AUTO` to recognise it.
    reader
        Understands the answers; needed where counts stand under the positions.

    Raises
    ------
    UsageError
        When the tool is not known.
    InputError
        When the file cannot be read (see `read_workbook`).
    """
    return read_sheets(read_workbook(path), tool=tool, reader=reader)


def read_sheets(sheets: Sequence[Sheet], *, tool: str, reader: AnswerReader) -> Export:
    """Read an export from its sheets, of which the first row holds the headings; see `read_export`."""
    if tool not in (*TOOLS, AUTO):
        raise UsageError(unknown("tool", tool, (*TOOLS, AUTO)))
    name, evidence = _recognise(sheets, reader) if tool == AUTO else (tool, "what the user said")
    export: Export = _READERS[name].read(sheets, evidence, reader)
    return export


def _recognise(sheets: Sequence[Sheet], reader: AnswerReader) -> tuple[str, str]:
    for name, module in _READERS.items():
        evidence = module.recognise(sheets, reader)
        if evidence:
            return name, evidence
    raise AssertionError("the plain reader takes every file")  # pragma: no cover
