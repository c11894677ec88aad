"""What one survey tool is to the importer: how its exports are recognised and read, and how one looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from resilience_analysis.survey.labels import AnswerReader
from resilience_analysis.survey.made_up import MadeUpAnswers
from resilience_analysis.survey.submissions import Submissions
from resilience_analysis.survey.workbook import Sheet


@dataclass(frozen=True)
class SurveyTool:
    """One survey tool; each module in ``exports`` has one, called ``TOOL``.

    Attributes
    ----------
    rank
        The lower, the sooner it is asked whether a file is its own; the most telling first.
    recognise
        Says by what a file shows itself as this tool's, or nothing.
    read
        Reads the sheets of a file, with the evidence to record.
    example
        Lays made-up answers out as this tool exports them, row by row, headings included.
    file_types
        What it exports, the usual one first.
    delimiter
        What is between the cells of its CSV.
    sheet
        Name of the sheet of its workbooks.
    """

    rank: int
    recognise: Callable[[Sequence[Sheet], AnswerReader], str]
    read: Callable[[Sequence[Sheet], str, AnswerReader], Submissions]
    example: Callable[[MadeUpAnswers], list[list[str]]]
    file_types: tuple[str, ...] = (".csv", ".xlsx")
    delimiter: str = ","
    sheet: str = "Sheet1"
