"""Reading one answer as people and tools write it: a digit, a label in Dutch or English, both, or nothing.

Nothing is guessed: what is not understood is reported, and a column on another scale is left out as a whole.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from resilience_analysis.survey.instrument import Scale
from resilience_analysis.survey.responses import reason_code
from resilience_analysis.survey.wording import fold

EMPTY = reason_code("empty")
UNREADABLE = 100
OFF_SCALE = 101
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]0+)?")
_NUMBER_THEN_LABEL = re.compile(r"\(?(\d+)\)?\s*(?:[-\u2013\u2014:.=)]+\s*|\s+\(?)(.*\D.*)", re.DOTALL)
_LABEL_THEN_NUMBER = re.compile(r"(.*[^\d\s(].*?)\s*\(?(\d+)\)?", re.DOTALL)
_ERROR = "#"  # what a spreadsheet shows for a formula that failed: #N/A is not an answer "not applicable"
LONGEST_LABEL = 200
FEW = 3
SHARE_OF_ANOTHER_SCALE = 0.1


@dataclass(frozen=True)
class AnswerReader:
    """Understands the answers of one column.

    Attributes
    ----------
    known
        What each folded label or code stands for: a position, a code of a missing reason, or `OFF_SCALE`.
    numbers
        Which bare numbers are understood, and as what.
    """

    known: Mapping[str, int]
    numbers: Mapping[int, int]

    def read(self, text: str) -> int:
        """Return the position (1 to 4), the code of a missing reason, `OFF_SCALE` or `UNREADABLE`."""
        text = text.strip()
        if len(text) > LONGEST_LABEL or text.startswith(_ERROR):
            return UNREADABLE
        if _NUMBER.fullmatch(text):
            return self.numbers.get(int(float(text.replace(",", "."))), OFF_SCALE)
        folded = fold(text)
        if folded in self.known:
            return self.known[folded]
        return self._number_with_label(text)

    def _number_with_label(self, text: str) -> int:
        for pattern, number, label in ((_NUMBER_THEN_LABEL, 1, 2), (_LABEL_THEN_NUMBER, 2, 1)):
            match = pattern.fullmatch(text)
            if match:
                by_number = self.numbers.get(int(match[number]), OFF_SCALE)
                if self.known.get(fold(match[label])) == by_number:
                    return by_number
        return UNREADABLE

    def read_column(self, cells: Sequence[str]) -> list[int]:
        """Read every cell of a column; each different text is looked at once."""
        meaning = {cell: self.read(cell) for cell in set(cells)}
        return [meaning[cell] for cell in cells]


def scale_reader(scale: Scale) -> AnswerReader:
    """Make the reader of the instrument's own scale."""
    known = {fold(text): OFF_SCALE for text in scale.off_scale}
    known |= {fold(text): EMPTY for text in scale.no_answer}
    numbers: dict[int, int] = {}
    for option in scale.no_opinion:
        code = reason_code(option.reason)
        known |= {fold(text): code for text in (option.id, option.code, *option.texts.every)}
        numbers |= {int(option.code): code} if option.code.isdecimal() else {}
    for anchor in scale.anchors:
        known |= {fold(text): anchor.value for text in anchor.texts.every}
        numbers[anchor.value] = anchor.value
    return AnswerReader(known | {"": EMPTY}, numbers)


def mapped_reader(meanings: Mapping[str, int]) -> AnswerReader:
    """Make a reader that understands only the labels somebody mapped, and an empty cell.

    Parameters
    ----------
    meanings
        Position, code of a missing reason or `OFF_SCALE` by label or number as it stands in the file.
    """
    numbers = {int(label): code for label, code in meanings.items() if label.strip().isdecimal()}
    return AnswerReader({fold(label): code for label, code in meanings.items()} | {"": EMPTY}, numbers)


def another_scale(reader: AnswerReader, cells: Iterable[str]) -> str:
    """Say why a column is not on the instrument's scale, or nothing when it may be.

    A neutral or frequency label proves it. Numbers outside the scale prove it when there are at least `FEW` of
    them and they are more than `SHARE_OF_ANOTHER_SCALE` of the answers: fewer may be typing errors.
    """
    answers = {cell: count for cell, count in Counter(cells).items() if reader.read(cell) != EMPTY}
    strange = {cell.strip(): count for cell, count in answers.items() if reader.read(cell) == OFF_SCALE}
    labels = sorted(cell for cell in strange if not _NUMBER.fullmatch(cell))
    if labels:
        return f"has answers of another scale: {', '.join(labels[:FEW])}"
    outside, total = sum(strange.values()), sum(answers.values())
    if outside >= FEW and outside > SHARE_OF_ANOTHER_SCALE * total:
        return f"has {outside} of {total} answers outside the scale"
    return ""
