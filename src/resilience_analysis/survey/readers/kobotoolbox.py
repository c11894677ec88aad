"""KoboToolbox and ODK: CSV with ``;`` or XLSX; headings are XML names or labels, with groups before a ``/``.

A question with several choices has a column of names separated by spaces, and a column of 0 and 1 for each choice
(``question/choice``).
"""

from __future__ import annotations

from collections.abc import Sequence

from resilience_analysis.survey.labels import AnswerReader
from resilience_analysis.survey.readers.export import Export, after, marked, table_of
from resilience_analysis.survey.workbook import Sheet

TOOL = "kobotoolbox"


def recognise(sheets: Sequence[Sheet], _reader: AnswerReader) -> str:
    """Say by what the file shows itself as KoboToolbox's, or nothing."""
    return marked(sheets, TOOL)


def read(sheets: Sequence[Sheet], evidence: str, _reader: AnswerReader) -> Export:
    """Read the first sheet; the others of a workbook are repeat groups, which our questionnaire has none of."""
    return table_of(sheets[0], TOOL, evidence, keys=keys)


def keys(text: str) -> list[str]:
    """Give the heading and each of its endings after a ``/``; a wording may hold a ``/`` itself."""
    return [text, *after(text, "/")]
