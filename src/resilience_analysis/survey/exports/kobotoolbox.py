"""KoboToolbox and ODK: CSV with ``;`` or ``,``, or XLSX; headings are XML names or labels, with groups before them.

KoboToolbox puts a ``/`` between group and question, or what its user chose; ODK Central a ``-``. A question with
several choices has a column of names separated by spaces, and a column of 0 and 1 for each choice
(``question/choice``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from resilience_analysis.survey.exports.export import Export, after, marked, table_of
from resilience_analysis.survey.labels import AnswerReader
from resilience_analysis.survey.workbook import Sheet

TOOL = "kobotoolbox"
_GROUPS_AND_NAME = re.compile(r"[\w/:.-]*[/:.-](\w+)")


def recognise(sheets: Sequence[Sheet], _reader: AnswerReader) -> str:
    """Say by what the file shows itself as KoboToolbox's, or nothing."""
    return marked(sheets, TOOL)


def read(sheets: Sequence[Sheet], evidence: str, _reader: AnswerReader) -> Export:
    """Read the first sheet; the others of a workbook are repeat groups, which our questionnaire has none of."""
    return table_of(sheets[0], TOOL, evidence, keys=keys)


def keys(text: str) -> list[str]:
    """Return the heading, each of its endings after a ``/`` (a wording may hold one), and the name after the groups."""
    named = _GROUPS_AND_NAME.fullmatch(text)
    return [text, *after(text, "/"), *([named[1]] if named else [])]
