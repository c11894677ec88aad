"""Made-up answers in each tool's own kind of export, to try the whole road on: ask, import, estimate, show."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd

from resilience_analysis.foundation.cells import safe_cell, write_workbook
from resilience_analysis.foundation.errors import UsageError, unknown
from resilience_analysis.foundation.files import write_bytes
from resilience_analysis.survey.exports import survey_tools
from resilience_analysis.survey.instrument import Instrument
from resilience_analysis.survey.made_up import MadeUpAnswers
from resilience_analysis.survey.synthetic import Simulated


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
