"""The survey tools: which of them exported a file, how it is read, and how an example of each looks.

Every module in this folder lists tools under `TOOLS`, those of a kind together; a new tool needs nothing else. A tool
writes its own columns in the language of its user; their place and content are the same in every language, so that they
are known by what they hold: moments, running numbers, languages, pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from resilience_analysis.foundation.cells import csv_of_rows, write_workbook
from resilience_analysis.foundation.errors import UsageError, unknown
from resilience_analysis.foundation.files import write_bytes
from resilience_analysis.foundation.vocabulary import entry_names, load_entry
from resilience_analysis.survey.instrument import Instrument
from resilience_analysis.survey.mapping import AnswerReader
from resilience_analysis.survey.submissions import Heading, Layout, OwnColumns, Submissions, submissions_of
from resilience_analysis.survey.synthetic import MadeUpAnswers, Simulated
from resilience_analysis.survey.workbook import Sheet

AUTO = "auto"
_PROBED = 50
_DATE = r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})"
_TIME = r"\d{1,2}[:.h]\d{2}(?:[:.]\d{2}(?:\.\d+)?)?"
IS_MOMENT = re.compile(rf"{_DATE}[T ,]+{_TIME}.{{0,30}}|{_DATE}").fullmatch
IS_LANGUAGE = re.compile(r"[a-z]{2}(?:[-_][A-Za-z]{2,8})?").fullmatch


def as_it_is(text: str) -> Heading:
    """Return a heading that is its own and only key.

    Examples
    --------
    >>> as_it_is("INF1").keys
    ('INF1',)
    """
    return Heading(text, (text,))


@dataclass(frozen=True)
class SurveyTool:
    """One survey tool."""

    name: str
    summary: str  # what it exports, in one line
    rank: int  # the lower, the sooner it is asked whether a file is its own; the most telling first
    # lays made-up answers out as this tool exports them, row by row, headings included
    example: Callable[[MadeUpAnswers], list[list[str]]]
    own: OwnColumns = field(default_factory=OwnColumns)  # the columns that it adds
    heading: Callable[[str], Heading] = as_it_is  # makes a heading of its text
    # says by what the sheets of a file show themselves as this tool's, or nothing; the headings in `own` when None
    recognised: Callable[[Sequence[Sheet], AnswerReader], str] | None = None
    # reads the sheets; the first, one submission a row below one row of headings, when None
    reads: Callable[[Sequence[Sheet], AnswerReader], Submissions] | None = None
    file_types: tuple[str, ...] = (".csv", ".xlsx")  # what it exports, the usual one first
    delimiter: str = ","  # what is between the cells of its CSV
    sheet: str = "Sheet1"  # name of the sheet of its workbooks

    def recognise(self, sheets: Sequence[Sheet], reader: AnswerReader) -> str:
        """Return what shows that the sheets are this tool's, or nothing."""
        return self.recognised(sheets, reader) if self.recognised else self.own.evidence(sheets[0].rows[0])

    def read(self, sheets: Sequence[Sheet], reader: AnswerReader) -> Submissions:
        """Read the sheets of a file."""
        return self.reads(sheets, reader) if self.reads else submissions_of(sheets[0], Layout(self.heading, self.own))


def survey_tools() -> dict[str, SurveyTool]:
    """Return all survey tools by name, the most telling first; `InputError` for a module without any.

    Examples
    --------
    >>> next(iter(survey_tools()))
    'qualtrics'
    """
    found = [tool for module in entry_names(__path__) for tool in load_entry(__name__, module, "TOOLS")]
    return {tool.name: tool for tool in sorted(found, key=lambda tool: tool.rank)}


def tool_names() -> tuple[str, ...]:
    """Return the names of all survey tools, sorted.

    Examples
    --------
    >>> "kobotoolbox" in tool_names()
    True
    """
    return tuple(sorted(survey_tools()))


def read_sheets(sheets: Sequence[Sheet], *, tool: str, reader: AnswerReader, keep: Collection[str] = ()) -> Submissions:
    """Read an export from its sheets, of which the first row of the first holds the headings.

    Parameters
    ----------
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

    Examples
    --------
    >>> from resilience_analysis.survey.mapping import mapped_reader
    >>> sheet = Sheet("Sheet1", [["INF1"], ["4"]], [1, 2])
    >>> read_sheets([sheet], tool="plain", reader=mapped_reader({})).cells.to_numpy().tolist()
    [['4']]
    """
    tools = survey_tools()
    if tool not in (*tools, AUTO):
        raise UsageError(unknown("tool", tool, (*sorted(tools), AUTO)))
    name, evidence = tool, "what the user said"
    if tool == AUTO:
        found = ((name, known.recognise(sheets, reader)) for name, known in tools.items())
        name, evidence = next((name, by) for name, by in found if by)  # a plain table takes every file
    return replace(tools[name].read(sheets, reader), tool=name, evidence=evidence).without_flagged(keep)


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
        return
    text = csv_of_rows(rows, delimiter=tools[tool].delimiter, line_end="\r\n")
    write_bytes(path, text.encode("utf-8-sig"))


def column_holds(
    sheet: Sheet, number: int, test: Callable[[str], object], *, blank: bool = False, first: int = 1
) -> bool:
    """Return whether every cell of a column passes a test; its first rows show it.

    Parameters
    ----------
    blank
        Whether a cell may be empty; never all of them.

    Examples
    --------
    >>> column_holds(Sheet("a", [["when"], ["2026-03-01 10:00"], ["1/3/2026"]], [1, 2, 3]), 0, IS_MOMENT)
    True
    """
    if not sheet.rows or number >= len(sheet.rows[0]):
        return False
    cells = [row[number].strip() for row in sheet.rows[first : first + _PROBED]]
    filled = [cell for cell in cells if cell]
    return bool(filled) and (blank or len(filled) == len(cells)) and all(map(test, filled))


def many_words(headings: Sequence[str]) -> bool:
    """Return whether most headings are sentences rather than names.

    Examples
    --------
    >>> many_words(["INF1", "I know where to find figures"]), many_words(["I know where to find figures"])
    (False, True)
    """
    return sum(len(heading.split()) > 2 for heading in headings) * 2 > len(headings)  # noqa: PLR2004 - a name has two
