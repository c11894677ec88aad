"""What every reader gives: the headings of one export, its cells as text, and the rows it set aside."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from resilience_analysis.foundation.files import read_yaml
from resilience_analysis.survey.wording import fold
from resilience_analysis.survey.workbook import Sheet

VOCABULARY_FILE = Path(__file__).with_name("words.yml")
BRACKETED = re.compile(r"(.*)\[([^\[\]]*)\]\s*", re.DOTALL)
_INNER_UNDERSCORE = re.compile(r"(?<=[^\s_])_(?=[^\s_])")
BLANK_ROW = "the row is blank"
MOST_PARTS = 20


@dataclass(frozen=True)
class Heading:
    """One heading of an export.

    Attributes
    ----------
    text
        As it stands in the file.
    keys
        What may be the code or the wording of a question in it, the most telling first.
    """

    text: str
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Remark:
    """Something in the file that could not be used, and why.

    Attributes
    ----------
    row
        The row's number as a spreadsheet program shows it; ``sheet!number`` where there are several sheets.
    column
        The heading; empty when the whole row is meant.
    """

    row: str
    why: str
    column: str = ""
    value: str = ""


@dataclass(frozen=True)
class Export:
    """One export of a survey tool.

    Attributes
    ----------
    tool
        Name of the tool.
    evidence
        By what it was recognised.
    headings
        One per column of `cells`.
    cells
        Text, a row per response and a column per heading; the index is the row's number in the file, as text. A
        number stands more than once where one row of the file counts several answers.
    set_aside
        Rows that are not responses.
    remarks
        Cells that could not be used, in rows that are.
    finished
        Column number that is filled in for finished responses only; None when the tool does not say.
    linked
        Whether the answers of one person stand in one row; false for counts.
    sheets
        Names of the sheets that were read.
    """

    tool: str
    evidence: str
    headings: tuple[Heading, ...]
    cells: pd.DataFrame
    set_aside: tuple[Remark, ...] = ()
    remarks: tuple[Remark, ...] = ()
    finished: int | None = None
    linked: bool = True
    sheets: tuple[str, ...] = ()

    @property
    def rows_in(self) -> int:
        """How many rows of the file hold data."""
        return int(self.cells.index.nunique()) + len(self.set_aside)


@dataclass(frozen=True)
class Vocabulary:
    """The headings that tools add, as `plain_heading` gives them; the parts of a tally and the words are folded.

    Attributes
    ----------
    marks
        Headings by tool.
    needed
        How many of them prove the tool.
    finished
        Headings that only a finished response fills in, by tool.
    counts
        Headings of the parts of a tally.
    numbering
        Headings that number the responses.
    identifying
        Words of headings that identify a person.
    """

    marks: dict[str, frozenset[str]]
    needed: dict[str, int]
    finished: dict[str, frozenset[str]]
    counts: dict[str, frozenset[str]]
    numbering: frozenset[str]
    identifying: frozenset[str]

    def marks_in(self, tool: str, headings: Iterable[str]) -> list[str]:
        """Return the headings that are marks of `tool` when they are enough to prove it, else none."""
        found = [heading for heading in headings if plain_heading(heading) in self.marks[tool]]
        return found if len(found) >= self.needed[tool] else []


@cache
def vocabulary() -> Vocabulary:
    """Read ``definitions/survey_exports.yml``."""
    content = read_yaml(VOCABULARY_FILE)
    counts = {part: _folded(words) for part, words in content.pop("counts").items()}
    numbering = frozenset(map(plain_heading, content.pop("technical")))
    identifying = _folded(content.pop("identifying")["words"])
    return Vocabulary(
        marks={tool: frozenset(map(plain_heading, entry["marks"])) for tool, entry in content.items()},
        needed={tool: int(entry["needed"]) for tool, entry in content.items()},
        finished={tool: frozenset(map(plain_heading, entry["finished"])) for tool, entry in content.items()},
        counts=counts,
        numbering=numbering,
        identifying=identifying,
    )


def plain_heading(text: str) -> str:
    """Return a heading in lower case with single spaces: ``_id`` and ``ID`` are marks of different tools.

    LimeSurvey writes underscores for spaces when asked to; one at an end is not a space.
    """
    return " ".join(_INNER_UNDERSCORE.sub(" ", text).split()).casefold()


def _folded(words: Iterable[str]) -> frozenset[str]:
    return frozenset(fold(str(word)) for word in words)


def table_of(
    sheet: Sheet,
    tool: str,
    evidence: str,
    *,
    keys: Callable[[str], Sequence[str]],
    header: int = 0,
    first: int = 1,
) -> Export:
    """Make an export of a sheet with one heading row and one response a row.

    Parameters
    ----------
    keys
        Gives the keys of a heading.
    header, first
        Positions in the sheet of the heading row and of the first response.
    """
    headings = tuple(Heading(text, tuple(keys(text))) for text in sheet.rows[header])
    rows = sheet.rows[first:]
    numbers = [str(number) for number in sheet.numbers[first:]]
    blank = [number for number, row in zip(numbers, rows, strict=True) if not any(map(str.strip, row))]
    cells = pd.DataFrame(rows, index=pd.Index(numbers, dtype=object), columns=range(len(headings)), dtype=object)
    ends = vocabulary().finished.get(tool, frozenset())
    finished = next((n for n, heading in enumerate(headings) if plain_heading(heading.text) in ends), None)
    aside = tuple(Remark(number, BLANK_ROW) for number in blank)
    return Export(tool, evidence, headings, cells.drop(index=blank), aside, finished=finished, sheets=(sheet.name,))


def marked(sheets: Sequence[Sheet], tool: str) -> str:
    """Say by which headings in the first row `tool` shows itself, or nothing."""
    found = vocabulary().marks_in(tool, sheets[0].rows[0])
    return f"headings {', '.join(found[:4])}" if found else ""


def after(text: str, separator: str) -> list[str]:
    """Return every ending of `text` that follows a `separator`, the shortest last; none where there are too many."""
    parts = text.split(separator)
    if len(parts) > MOST_PARTS:
        return []
    return [separator.join(parts[start:]) for start in range(1, len(parts))]
