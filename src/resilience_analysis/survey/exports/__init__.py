"""The survey tools: which of them exported a file, how it is read, and how an example of each looks.

Every module in this folder lists tools under `TOOLS`, those of a kind together; a new tool needs nothing else. A tool
says in one function how it lays out a file (`Layout`): what shows that the file is its own, the heading of every
column, and the columns that it adds itself. These are in the language of its user; their place and content are the
same in every language, so that they are known by what they hold: moments, running numbers, languages, pages.
`read_sheets` then reads every layout in the same way. What is read is not yet understood: headings, cells as text, and
the rows that do not count.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from resilience_analysis.foundation.errors import UsageError, unknown
from resilience_analysis.foundation.vocabulary import entry_names, load_entry
from resilience_analysis.survey.mapping import AnswerReader
from resilience_analysis.survey.wording import fold, plain_heading
from resilience_analysis.survey.workbook import Sheet

AUTO = "auto"
_PROBED = 50
_DATE = r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})"
_TIME = r"\d{1,2}[:.h]\d{2}(?:[:.]\d{2}(?:\.\d+)?)?"
IS_MOMENT = re.compile(rf"{_DATE}[T ,]+{_TIME}.{{0,30}}|{_DATE}").fullmatch
BRACKETED = re.compile(r"(.*)\[([^\[\]]*)\]\s*", re.DOTALL)
BLANK_ROW = "the row is blank"
ITS_STATUS = "its status"
_MOST_PARTS = 20
PREVIEW, TEST, SPAM, REJECTED, REPEAT = "previews", "tests", "spam", "rejected", "repeats"
KEPT = (PREVIEW, TEST, SPAM, REJECTED, REPEAT)
"""Kinds of submissions that do not count unless they are asked for."""
_NOT_FINISHED = frozenset({"", "false", "0", "onwaar", "nee", "no", "faux", "falsch", "falso"})


class Heading(NamedTuple):
    """One heading of an export."""

    text: str  # as it appears in the file
    keys: tuple[str, ...]  # what may be the code or the wording of a question in it, the most telling first
    array: str = ""  # the array (grid, matrix) of which the column is a row; empty where the heading does not say


class Remark(NamedTuple):
    """Something in the file that could not be used, and why."""

    row: str  # the row's number as a spreadsheet program shows it; `sheet!number` where there are several sheets
    why: str
    column: str = ""  # the heading; empty when the whole row is meant
    value: str = ""


@dataclass(frozen=True)
class Submissions:
    """The submissions in one export of a survey tool."""

    headings: tuple[Heading, ...]  # one per column of `cells`
    # text, a row per submission and a column per heading; the index is the row's number in the file, as text. A
    # number appears more than once where one row of the file counts several answers.
    cells: pd.DataFrame
    tool: str = ""  # name of the tool
    evidence: str = ""  # by what it was recognised
    set_aside: tuple[Remark, ...] = ()  # rows that do not count
    remarks: tuple[Remark, ...] = ()  # cells that could not be used, in rows that do
    doubts: tuple[Remark, ...] = ()  # submissions that count although something says that they may not
    # number of the column that says whether a submission was finished; None when the tool does not say
    finished: int | None = None
    unfinished: Callable[[str], bool] = (
        _NOT_FINISHED.__contains__
    )  # whether what it says, folded, is of one that was not
    linked: bool = True  # whether the answers of one person are in one row; false for counts
    sheets: tuple[str, ...] = ()  # names of the sheets that were read
    own: frozenset[int] = frozenset()  # numbers of the columns that the tool adds itself
    # by number of a column, the answers that could be chosen, also those that no one chose; where the file says it
    offered: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    legend: tuple[str, ...] = ()  # what other sheets of the file say that numbers mean, such as `1 = agree`

    @property
    def rows_in(self) -> int:
        """How many rows of the file hold data."""
        return int(self.cells.index.nunique()) + len(self.set_aside)

    def without(self, gone: np.ndarray, why: str) -> Submissions:
        """Set aside some rows of `cells`, and the row of the file where none of it is left."""
        left = set(self.cells.index[~gone])
        rows = dict.fromkeys(row for row in self.cells.index[gone] if row not in left)
        aside = tuple(Remark(row, why) for row in rows)
        doubts = tuple(doubt for doubt in self.doubts if doubt.row in left)
        return replace(self, cells=self.cells[~gone], set_aside=(*self.set_aside, *aside), doubts=doubts)

    def with_doubts(self, doubts: Iterable[Remark]) -> Submissions:
        """Name more submissions that may not count."""
        return replace(self, doubts=(*self.doubts, *doubts))


@dataclass(frozen=True)
class Status:
    """A column in which a tool says of what kind a submission is; its values are folded."""

    headings: tuple[str, ...]  # how the column is called
    kinds: Mapping[str, str]  # one of `KEPT` by value, for submissions that do not count
    doubts: frozenset[str] = frozenset()  # values of submissions that count, but are named
    # values of submissions that count. Where there are any, a value that is in none of the three counts and is named:
    # a tool writes its statuses in the language of its user, and others than these are not known.
    fine: frozenset[str] = frozenset()
    # the same as `kinds` for every value that holds a text, the first that it holds
    holding: Mapping[str, str] = field(default_factory=dict)

    def judged(self, said: str) -> tuple[str, str]:
        """Return the kind of a submission that does not count, and why that is, or why it is named although it does."""
        held = (kind for part, kind in self.holding.items() if part in said)
        kind = self.kinds.get(said) or ("" if said in self.fine else next(held, ""))
        if kind:
            return kind, f"{ITS_STATUS} is {said!r}: it does not count"
        if said in self.doubts:
            return "", f"{ITS_STATUS} is {said!r}; used all the same"
        strange = self.fine and said and said not in self.fine
        return "", f"{ITS_STATUS} is not one that is known; used all the same" if strange else ""


@dataclass(frozen=True)
class OwnColumns:
    """The columns that a tool adds to the questions."""

    marks: tuple[str, ...] = ()  # their headings, in the languages that are known; see `plain_heading`
    needed: int = 1  # how many of them prove the tool
    # headings of the columns that number a submission, together where it takes several; the first that are there
    ids: tuple[tuple[str, ...], ...] = ()
    finished: tuple[str, ...] = ()  # headings of the column that says whether a submission was finished
    unfinished: Callable[[str], bool] = (
        _NOT_FINISHED.__contains__
    )  # whether what it says, folded, is of one that was not
    statuses: tuple[Status, ...] = ()  # columns that say of what kind a submission is

    def evidence(self, headings: Iterable[str]) -> str:
        """Return by which headings the tool shows itself, or nothing."""
        known = set(map(plain_heading, self.marks))
        found = [heading for heading in headings if plain_heading(heading) in known]
        return f"headings {', '.join(found[:4])}" if found and len(found) >= self.needed else ""


def as_it_is(text: str) -> Heading:
    """Return a heading that is its own and only key.

    Examples
    --------
    >>> as_it_is("INF1").keys
    ('INF1',)
    """
    return Heading(text, (text,))


@dataclass(frozen=True)
class Layout:
    """How a tool lays out a file."""

    sheet: Sheet  # the sheet with the submissions
    evidence: str = ""  # by what the file shows itself as this tool's; empty where it does not
    heading: Callable[[str], Heading] = as_it_is  # makes a heading of its text
    own: OwnColumns = field(default_factory=OwnColumns)  # the columns that the tool adds
    placed: tuple[int, ...] = ()  # numbers of more of them, where their place shows it and their heading may not
    finished: int | None = None  # number of the column that says whether a submission was finished, by its place
    ids: tuple[int, ...] = ()  # numbers of the columns that number it, by their place
    header: int = 0  # position in the sheet of the heading row
    first: int = 1  # position of the first submission
    headings: tuple[Heading, ...] = ()  # where `heading` does not make them of the heading row
    reads: Callable[[], Submissions] | None = None  # reads the file where a row of it is not a submission


@dataclass(frozen=True)
class SurveyTool:
    """One survey tool."""

    name: str
    summary: str  # what it exports, in one line
    rank: int  # the lower, the sooner it is asked whether a file is its own; the most telling first
    # lays made-up answers (`synthetic.MadeUpAnswers`) out as this tool exports them, row by row, headings included
    example: Callable[[Any], list[list[str]]]
    own: OwnColumns = field(default_factory=OwnColumns)  # the columns that it adds
    heading: Callable[[str], Heading] = as_it_is  # makes a heading of its text
    # says how the sheets of a file are laid out; one submission a row of the first, below one row of headings, and
    # recognised by those in `own`, when None
    lays_out: Callable[[Sequence[Sheet], AnswerReader], Layout] | None = None
    file_types: tuple[str, ...] = (".csv", ".xlsx")  # what it exports, the usual one first
    delimiter: str = ","  # what is between the cells of its CSV
    sheet: str = "Sheet1"  # name of the sheet of its workbooks

    def layout(self, sheets: Sequence[Sheet], reader: AnswerReader) -> Layout:
        """Return how the sheets of a file are laid out when this tool wrote them."""
        if self.lays_out:
            return self.lays_out(sheets, reader)
        return Layout(sheets[0], self.own.evidence(sheets[0].rows[0]), self.heading, self.own)


def survey_tools() -> dict[str, SurveyTool]:
    """Return all survey tools by name, the most telling first; `InputError` for a module without any.

    Examples
    --------
    >>> next(iter(survey_tools()))
    'qualtrics'
    """
    found = [tool for module in entry_names(__path__) for tool in load_entry(__name__, module, "TOOLS")]
    return {tool.name: tool for tool in sorted(found, key=lambda tool: tool.rank)}


def read_sheets(sheets: Sequence[Sheet], *, tool: str, reader: AnswerReader, keep: Collection[str] = ()) -> Submissions:
    """Read an export from its sheets, of which the first row of the first holds the headings.

    Parameters
    ----------
    sheets
        As `workbook.read_workbook` gives them.
    tool
        One of `survey_tools`, or `AUTO` to recognise it.
    reader
        Understands the answers; needed where counts are given for each position.
    keep
        Kinds of submissions (see `KEPT`) that count although their tool says they do not.

    Raises
    ------
    UsageError
        When the tool is not known.

    Examples
    --------
    >>> from resilience_analysis.survey.mapping import mapped_reader
    >>> sheet = Sheet("Sheet1", [["INF1"], ["4"], [""]], [1, 2, 3])
    >>> found = read_sheets([sheet], tool="plain", reader=mapped_reader({}))
    >>> found.cells.to_numpy().tolist(), found.set_aside[0].why
    ([['4']], 'the row is blank')
    """
    tools = survey_tools()
    if tool not in (*tools, AUTO):
        raise UsageError(unknown("tool", tool, (*sorted(tools), AUTO)))
    if tool == AUTO:
        layouts = ((name, known.layout(sheets, reader)) for name, known in tools.items())
        name, layout = next(pair for pair in layouts if pair[1].evidence)  # a plain table takes every file
    else:
        name, layout = tool, replace(tools[tool].layout(sheets, reader), evidence="what the user said")
    found = layout.reads() if layout.reads else _submissions(layout, keep)
    return replace(found, tool=name, evidence=layout.evidence)


def _submissions(layout: Layout, keep: Collection[str]) -> Submissions:
    """Read one submission a row; set aside blank rows, those whose status says so, and repeats among the others."""
    sheet, own = layout.sheet, layout.own
    headings = layout.headings or tuple(map(layout.heading, sheet.rows[layout.header]))
    rows, numbers = sheet.rows[layout.first :], [str(number) for number in sheet.numbers[layout.first :]]
    blank = [number for number, row in zip(numbers, rows, strict=True) if not any(map(str.strip, row))]
    cells = pd.DataFrame(rows, pd.Index(numbers, dtype=object), range(len(headings)), dtype=object).drop(index=blank)
    plain = [plain_heading(heading.text) for heading in headings]
    finished = next(iter(_columns(plain, own.finished)), layout.finished)
    aside, doubts = _judged_by_status(cells, plain, own, finished, keep)
    known = (names for names in own.ids if _columns(plain, names[:1]))
    numbered = next((_columns(plain, names) for names in known), list(layout.ids))
    if REPEAT not in keep:
        aside |= _repeats(cells.drop(index=list(aside)), numbered)
    return Submissions(
        headings,
        cells.drop(index=list(aside)),
        set_aside=(*(Remark(number, BLANK_ROW) for number in blank), *aside.values()),
        doubts=tuple(doubt for doubt in doubts if doubt.row not in aside),
        finished=finished,
        unfinished=own.unfinished,
        sheets=(sheet.name,),
        own=frozenset([*_columns(plain, own.marks), *layout.placed]),
    )


def _judged_by_status(
    cells: pd.DataFrame, plain: Sequence[str], own: OwnColumns, finished: int | None, keep: Collection[str]
) -> tuple[dict[str, Remark], list[Remark]]:
    """Return by row the submissions that their status sets aside, and those of which it leaves a doubt."""
    aside: dict[str, Remark] = {}
    doubts = []
    for status, number in ((one, n) for one in own.statuses for n in _columns(plain, one.headings)):
        for row, said in cells[number].map(fold).items():
            kind, why = status.judged(said)
            if kind and kind not in keep:
                aside.setdefault(str(row), Remark(str(row), why))
            elif why and not kind and not (number == finished and own.unfinished(said)):
                doubts.append(Remark(str(row), why, plain[number]))
    return aside, doubts


def _columns(plain: Sequence[str], names: Iterable[str]) -> list[int]:
    """Return the numbers of the columns with one of these headings."""
    known = set(map(plain_heading, names))
    return [number for number, heading in enumerate(plain) if heading in known]


def _repeats(cells: pd.DataFrame, columns: Sequence[int]) -> dict[str, Remark]:
    """Return by row all but the last of the rows with one submission id."""
    if not columns or cells.empty:
        return {}
    ids = cells[list(columns)].agg("\0".join, axis=1)
    ids = ids[ids.str.strip("\0 ") != ""]
    if len(ids) > 2 and ids.nunique() == 1:  # noqa: PLR2004 - a column with one value numbers nothing
        return {}
    last = dict(zip(ids, ids.index, strict=True))
    repeated = ids[ids.duplicated(keep="last")]
    why = "the same submission again; the last one counts, in row {}"
    return {str(row): Remark(str(row), why.format(last[value])) for row, value in repeated.items()}


def after(text: str, separator: str) -> list[str]:
    """Return every ending of `text` that follows a `separator`, the shortest last; none where there are too many.

    Examples
    --------
    >>> after("a/b/c", "/")
    ['b/c', 'c']
    """
    parts = text.split(separator)
    return [separator.join(parts[start:]) for start in range(1, len(parts))] if len(parts) <= _MOST_PARTS else []


def column_holds(
    sheet: Sheet, number: int, test: Callable[[str], object], *, blank: bool = False, first: int = 1
) -> bool:
    """Return whether every cell of a column passes a test; its first rows show it. With `blank` some may be empty.

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
