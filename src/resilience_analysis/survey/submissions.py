"""What a survey tool exported, read but not yet understood: headings, cells as text, and the rows that do not count."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from resilience_analysis.survey.wording import fold, plain_heading
from resilience_analysis.survey.workbook import Sheet

BRACKETED = re.compile(r"(.*)\[([^\[\]]*)\]\s*", re.DOTALL)
BLANK_ROW = "the row is blank"
MOST_PARTS = 20
PREVIEW, TEST, SPAM, REJECTED, REPEAT = "previews", "tests", "spam", "rejected", "repeats"
KEPT = (PREVIEW, TEST, SPAM, REJECTED, REPEAT)
"""Kinds of submissions that do not count unless they are asked for."""
_UNKNOWN_STATUS = "its status is not one that is known; used all the same"
_REPEATED = "the same submission again; the last one counts, in row {}"


@dataclass(frozen=True)
class Heading:
    """One heading of an export."""

    text: str  # as it appears in the file
    keys: tuple[str, ...]  # what may be the code or the wording of a question in it, the most telling first
    # which array (grid, matrix) of the tool the column is one row of; empty where the heading does not say
    array: str = ""


@dataclass(frozen=True)
class Remark:
    """Something in the file that could not be used, and why."""

    row: str  # the row's number as a spreadsheet program shows it; `sheet!number` where there are several sheets
    why: str
    column: str = ""  # the heading; empty when the whole row is meant
    value: str = ""


@dataclass(frozen=True)
class Flag:
    """A row that does not count, unless its `kind` (one of `KEPT`) is asked for."""

    row: str
    kind: str
    why: str


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
    # number of the column that says whether a submission was finished; None when the tool does not say
    finished: int | None = None
    unfinished: frozenset[str] = frozenset()  # what that column says, folded, of one that was not
    linked: bool = True  # whether the answers of one person are in one row; false for counts
    sheets: tuple[str, ...] = ()  # names of the sheets that were read
    own: frozenset[int] = frozenset()  # numbers of the columns that the tool adds itself
    flags: tuple[Flag, ...] = ()  # rows that do not count, not set aside yet
    numbered: tuple[int, ...] = ()  # numbers of the columns that number a submission, not looked at for repeats yet
    doubts: tuple[Remark, ...] = ()  # submissions that count although their status may say otherwise
    # by number of a column, the answers that could be chosen, also those that nobody chose; where the file says it
    offered: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    @property
    def rows_in(self) -> int:
        """How many rows of the file hold data."""
        return int(self.cells.index.nunique()) + len(self.set_aside)

    def without_flagged(self, keep: Collection[str]) -> Submissions:
        """Set aside the flagged rows, then the repeats among the others, apart from the kinds to `keep`."""
        counted = self._without(flag for flag in self.flags if flag.kind not in keep)
        repeats = () if REPEAT in keep else _repeats(counted.cells, self.numbered)
        return replace(counted._without(repeats), flags=(), numbered=())  # noqa: SLF001 - of this class

    def without(self, gone: np.ndarray, why: str) -> Submissions:
        """Set aside some rows of `cells`, and the row of the file where none of it is left."""
        left = set(self.cells.index[~gone])
        rows = dict.fromkeys(row for row in self.cells.index[gone] if row not in left)
        aside = tuple(Remark(row, why) for row in rows)
        return replace(self, cells=self.cells[~gone], set_aside=(*self.set_aside, *aside))

    def _without(self, flags: Iterable[Flag]) -> Submissions:
        reasons = {flag.row: flag.why for flag in reversed(list(flags))}
        apart = self.cells.index.isin(list(reasons))
        aside = tuple(Remark(row, why) for row, why in reasons.items())
        doubts = tuple(remark for remark in self.doubts if remark.row not in reasons)
        return replace(self, cells=self.cells[~apart], set_aside=(*self.set_aside, *aside), doubts=doubts)


@dataclass(frozen=True)
class Status:
    """A column in which a tool says of what kind a submission is."""

    headings: tuple[str, ...]  # how the column is called
    kinds: Mapping[str, str]  # one of `KEPT` by folded value, for submissions that do not count
    doubts: frozenset[str] = frozenset()  # folded values of submissions that count, but are named
    # folded values of submissions that count. Where there are any, a value that is in none of the three counts and is
    # named: a tool writes its statuses in the language of its user, and others than these are not known.
    fine: frozenset[str] = frozenset()
    # the same as `kinds` for every value that holds a folded text, the first that it holds
    holding: Mapping[str, str] = field(default_factory=dict)

    def kind(self, said: str) -> str:
        """Return one of `KEPT` for a folded value that does not count, else nothing."""
        held = (kind for part, kind in self.holding.items() if part in said)
        return self.kinds.get(said) or ("" if said in self.fine else next(held, ""))

    def doubt(self, said: str) -> str:
        """Return why a submission of this folded value is named although it counts, or nothing."""
        if said in self.doubts:
            return f"its status is {said!r}; used all the same"
        return _UNKNOWN_STATUS if self.fine and said and said not in self.fine else ""


@dataclass(frozen=True)
class OwnColumns:
    """The columns that a tool adds to the questions."""

    marks: tuple[str, ...] = ()  # their headings, in the languages that are known; see `plain_heading`
    needed: int = 1  # how many of them prove the tool
    # headings of the columns that number a submission, together where it takes several; the first that are there
    ids: tuple[tuple[str, ...], ...] = ()
    finished: tuple[str, ...] = ()  # headings of the column that says whether a submission was finished
    # what that column says of one that was not, folded; an empty cell by default
    unfinished: tuple[str, ...] = ("", "false", "0", "onwaar", "nee", "no", "faux", "falsch", "falso")
    statuses: tuple[Status, ...] = ()  # columns that say of what kind a submission is

    def found_in(self, headings: Iterable[str]) -> list[str]:
        """Return the headings that are marks of the tool when they are enough to prove it, else none."""
        known = set(map(plain_heading, self.marks))
        found = [heading for heading in headings if plain_heading(heading) in known]
        return found if len(found) >= self.needed else []

    def evidence(self, headings: Iterable[str]) -> str:
        """Return by which headings the tool shows itself, or nothing."""
        found = self.found_in(headings)
        return f"headings {', '.join(found[:4])}" if found else ""


@dataclass(frozen=True)
class Layout:
    """How the table of a tool is laid out."""

    heading: Callable[[str], Heading]  # makes a heading of its text
    own: OwnColumns = field(default_factory=OwnColumns)  # the columns that the tool adds
    # numbers of columns that the tool adds, where their place shows it and their heading may not
    placed: tuple[int, ...] = ()
    finished: int | None = None  # number of the column that says whether a submission was finished, by its place
    ids: tuple[int, ...] = ()  # numbers of the columns that number it, by their place
    header: int = 0  # position in the sheet of the heading row
    first: int = 1  # position of the first submission


def submissions_of(sheet: Sheet, layout: Layout) -> Submissions:
    """Read a sheet with a heading row and one submission a row.

    Examples
    --------
    >>> sheet = Sheet("Sheet1", [["INF1"], ["4"], [""]], [1, 2, 3])
    >>> found = submissions_of(sheet, Layout(lambda text: Heading(text, (text,))))
    >>> found.cells.index.tolist(), found.set_aside[0].why
    (['2'], 'the row is blank')
    """
    headings = tuple(map(layout.heading, sheet.rows[layout.header]))
    rows = sheet.rows[layout.first :]
    numbers = [str(number) for number in sheet.numbers[layout.first :]]
    blank = [number for number, row in zip(numbers, rows, strict=True) if not any(map(str.strip, row))]
    cells = pd.DataFrame(rows, index=pd.Index(numbers, dtype=object), columns=range(len(headings)), dtype=object)
    cells = cells.drop(index=blank)
    plain = [plain_heading(heading.text) for heading in headings]
    finished = next(iter(_columns(plain, layout.own.finished)), layout.finished)
    flags, doubts = _statuses(cells, plain, layout.own.statuses)
    return Submissions(
        headings,
        cells,
        set_aside=tuple(Remark(number, BLANK_ROW) for number in blank),
        finished=finished,
        unfinished=frozenset(layout.own.unfinished),
        sheets=(sheet.name,),
        own=frozenset([*_columns(plain, layout.own.marks), *layout.placed]),
        flags=tuple(flags),
        numbered=tuple(_id_columns(plain, layout)),
        doubts=tuple(doubts),
    )


def _id_columns(plain: Sequence[str], layout: Layout) -> Sequence[int]:
    """Return the columns that number a submission: the first kind of which the last column is there."""
    for names in layout.own.ids:
        if _columns(plain, names[:1]):
            return _columns(plain, names)
    return layout.ids


def _columns(plain: Sequence[str], names: Iterable[str]) -> list[int]:
    """Return the numbers of the columns with one of these headings."""
    known = set(map(plain_heading, names))
    return [number for number, heading in enumerate(plain) if heading in known]


def _statuses(cells: pd.DataFrame, plain: Sequence[str], statuses: Iterable[Status]) -> tuple[list[Flag], list[Remark]]:
    flags, doubts = [], []
    for status in statuses:
        for number in _columns(plain, status.headings):
            for row, cell in zip(cells.index, cells[number], strict=True):
                value = fold(cell)
                if status.kind(value):
                    flags.append(Flag(row, status.kind(value), f"its status is {value!r}: it does not count"))
                elif status.doubt(value):
                    doubts.append(Remark(row, status.doubt(value), plain[number]))
    return flags, doubts


def _repeats(cells: pd.DataFrame, columns: Sequence[int]) -> list[Flag]:
    """Flag all but the last of the rows with one submission id."""
    if not columns or cells.empty:
        return []
    ids = cells[list(columns)].agg("\0".join, axis=1) if len(columns) > 1 else cells[columns[0]]
    ids = ids[ids.str.strip("\0 ") != ""]
    if len(ids) > 2 and ids.nunique() == 1:  # noqa: PLR2004 - a column with one value numbers nothing
        return []
    repeated = ids[ids.duplicated(keep="last")]
    last = {value: str(row) for row, value in ids[ids.isin(repeated)].items()}
    return [Flag(str(row), REPEAT, _REPEATED.format(last[value])) for row, value in repeated.items()]


def after(text: str, separator: str) -> list[str]:
    """Return every ending of `text` that follows a `separator`, the shortest last; none where there are too many.

    Examples
    --------
    >>> after("a/b/c", "/")
    ['b/c', 'c']
    """
    parts = text.split(separator)
    if len(parts) > MOST_PARTS:
        return []
    return [separator.join(parts[start:]) for start in range(1, len(parts))]
