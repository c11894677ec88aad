"""The survey tools: one module each, which recognises and reads an export of the tool, and makes an example of one.

Every module in this folder that has a `TOOL` is a tool, called as its file is; a new one needs nothing else.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Sequence
from importlib import import_module
from pathlib import Path

import pandas as pd

from resilience_analysis.foundation.cells import safe_cell, write_workbook
from resilience_analysis.foundation.errors import UsageError, unknown
from resilience_analysis.foundation.files import write_bytes
from resilience_analysis.foundation.registry import entry_names, load_entry
from resilience_analysis.survey.instrument import Instrument
from resilience_analysis.survey.mapping import AnswerReader
from resilience_analysis.survey.submissions import Submissions
from resilience_analysis.survey.synthetic import MadeUpAnswers, Simulated
from resilience_analysis.survey.tools import SurveyTool
from resilience_analysis.survey.workbook import Sheet, read_workbook

__all__ = ["AUTO", "read_export", "read_sheets", "survey_tools", "tool_names", "tool_summaries", "write_example"]

AUTO = "auto"


def tool_names() -> tuple[str, ...]:
    """Return the names of all survey tools, sorted; none of them is loaded."""
    return entry_names(__path__)


def survey_tools() -> dict[str, SurveyTool]:
    """Return all survey tools by name, the most telling first; `InputError` for a module without one."""
    found = {name: load_entry(__name__, name, "TOOL") for name in tool_names()}
    return dict(sorted(found.items(), key=lambda entry: entry[1].rank))


def tool_summaries() -> dict[str, str]:
    """Return the first line of what each tool's module says of it, by name."""
    modules = {name: import_module(f"{__name__}.{name}") for name in tool_names()}
    return {name: (module.__doc__ or "").strip().partition("\n")[0] for name, module in modules.items()}


def read_export(path: Path, *, tool: str, reader: AnswerReader, keep: Collection[str] = ()) -> Submissions:
    """Read one export.

    Parameters
    ----------
    path
        The file.
    tool
        One of `tool_names`, or `AUTO` to recognise it.
    reader
        Understands the answers; needed where counts are given for each position.
    keep
        Kinds of submissions (see `submissions.KEPT`) that count although their tool says they do not.

    Raises
    ------
    UsageError
        When the tool is not known.
    InputError
        When the file cannot be read (see `read_workbook`).
    """
    return read_sheets(read_workbook(path), tool=tool, reader=reader, keep=keep)


def read_sheets(sheets: Sequence[Sheet], *, tool: str, reader: AnswerReader, keep: Collection[str] = ()) -> Submissions:
    """Read an export from its sheets, of which the first row holds the headings; see `read_export`."""
    if tool not in (*tool_names(), AUTO):
        raise UsageError(unknown("tool", tool, (*tool_names(), AUTO)))
    tools = survey_tools()
    name, evidence = _recognise(sheets, reader, tools) if tool == AUTO else (tool, "what the user said")
    return tools[name].read(sheets, evidence, reader).without_flagged(keep)


def _recognise(sheets: Sequence[Sheet], reader: AnswerReader, tools: dict[str, SurveyTool]) -> tuple[str, str]:
    for name, tool in tools.items():
        evidence = tool.recognise(sheets, reader)
        if evidence:
            return name, evidence
    raise AssertionError("a plain table takes every file")  # pragma: no cover


def write_example(path: Path, tool: str, simulated: Simulated, instrument: Instrument, *, lang: str = "") -> None:
    """Write made-up answers as one tool exports them.

    Parameters
    ----------
    path
        ``.csv``, or ``.xlsx`` for the tools that export that; Microsoft Forms and Mentimeter know nothing else.
    tool
        One of `exports.tool_names`.
    lang
        Language of the questions and labels; the first of the instrument when not given.

    Raises
    ------
    UsageError
        When the tool or language is not known, or the tool does not export such a file.
    """
    tools = survey_tools()
    if lang and lang not in instrument.languages:
        raise UsageError(unknown("language", lang, instrument.languages))
    if tool not in tools:
        raise UsageError(unknown("tool", tool, tools))
    suffix = path.suffix.casefold()
    if suffix not in tools[tool].file_types:
        raise UsageError(f"{path.name}: {tool} exports {' or '.join(tools[tool].file_types)}. Change the name")
    rows = tools[tool].example(MadeUpAnswers(simulated, instrument, lang))
    if suffix == ".xlsx":
        write_workbook(path, {tools[tool].sheet: pd.DataFrame(rows)}, headings=False)
    else:
        write_bytes(path, _csv(rows, tools[tool].delimiter).encode("utf-8-sig"))


def _csv(rows: list[list[str]], delimiter: str) -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator="\r\n").writerows(
        [safe_cell(cell) for cell in row] for row in rows
    )
    return stream.getvalue()
