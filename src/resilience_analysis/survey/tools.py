"""What one survey tool is to the importer: how its exports are recognised and read, and how one looks.

A tool writes its own columns in the language of its user; their place and content are the same in every language, so
that they are known by what they hold: moments, running numbers, languages, pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from resilience_analysis.survey.mapping import AnswerReader
from resilience_analysis.survey.submissions import Submissions
from resilience_analysis.survey.synthetic import MadeUpAnswers
from resilience_analysis.survey.workbook import Sheet

PROBED = 50
_DATE = r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})"
_TIME = r"\d{1,2}[:.h]\d{2}(?:[:.]\d{2}(?:\.\d+)?)?"
_MOMENT = re.compile(rf"{_DATE}[T ,]+{_TIME}.{{0,30}}|{_DATE}")
_LANGUAGE = re.compile(r"[a-z]{2}(?:[-_][A-Za-z]{2,8})?")
Test = Callable[[str], object]


@dataclass(frozen=True)
class SurveyTool:
    """One survey tool; each module in ``exports`` has one, called ``TOOL``."""

    rank: int  # the lower, the sooner it is asked whether a file is its own; the most telling first
    # says by what a file shows itself as this tool's, or nothing
    recognise: Callable[[Sequence[Sheet], AnswerReader], str]
    # reads the sheets of a file, with the evidence to record
    read: Callable[[Sequence[Sheet], str, AnswerReader], Submissions]
    # lays made-up answers out as this tool exports them, row by row, headings included
    example: Callable[[MadeUpAnswers], list[list[str]]]
    file_types: tuple[str, ...] = (".csv", ".xlsx")  # what it exports, the usual one first
    delimiter: str = ","  # what is between the cells of its CSV
    sheet: str = "Sheet1"  # name of the sheet of its workbooks


def column_holds(sheet: Sheet, number: int, test: Test, *, blank: bool = False, first: int = 1) -> bool:
    """Return whether every cell of a column passes a test; its first `PROBED` rows show it.

    Parameters
    ----------
    blank
        Whether a cell may be empty; never all of them.
    """
    if not sheet.rows or number >= len(sheet.rows[0]):
        return False
    cells = [row[number].strip() for row in sheet.rows[first : first + PROBED]]
    filled = [cell for cell in cells if cell]
    return bool(filled) and (blank or len(filled) == len(cells)) and all(map(test, filled))


def is_moment(text: str) -> bool:
    """Return whether a text is a date, with or without a time."""
    return _MOMENT.fullmatch(text) is not None


def is_number(text: str) -> bool:
    """Return whether a text is a whole number."""
    return text.isdecimal()


def is_language(text: str) -> bool:
    """Return whether a text is the code of a language, such as ``nl`` or ``de-AT``."""
    return _LANGUAGE.fullmatch(text) is not None


def are_moments(sheet: Sheet, *numbers: int) -> bool:
    """Return whether all of the columns hold moments."""
    return all(column_holds(sheet, number, is_moment) for number in numbers)


def many_words(headings: Sequence[str]) -> bool:
    """Return whether most headings are sentences rather than names."""
    return sum(len(heading.split()) > 2 for heading in headings) * 2 > len(headings)  # noqa: PLR2004 - a name has two
