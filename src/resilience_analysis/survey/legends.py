"""What a file says that its numbers mean, in headings or on a sheet of codes, where our scale has it otherwise.

Numbers alone do not show that a scale is turned round, or has a fifth position that no one chose. Where the file says
so, the columns of numbers are left out as those of another scale.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import NamedTuple

from resilience_analysis.foundation.workbooks import Sheet
from resilience_analysis.survey.mapping import UNREADABLE, AnswerReader, bare_number
from resilience_analysis.survey.wording import clean, fold, heading_words

_NUMBER_IS = re.compile(r"(?<![\d.,])(\d{1,2})\s*(?:=|:|\(|staat voor|means)\s*([^\d=:;,()\[\]]+)")
_BETWEEN = re.compile(r"\(\s*(\d)\s*(?:[-\u2013]|tot|to|t/m|bis|\u00e0|a)\s*(\d{1,2})\s*\)")
_FROM_TO = r"\b(?:{})\b\D{{0,20}}(\d{{1,2}})\D{{1,60}}?(\d{{1,2}})(?!\d)"
_LEAST_POSITIONS, _MOST_POSITIONS = 3, 100


class Legend(NamedTuple):
    """What numbers mean according to a file."""

    why: str  # by what it is another scale than ours
    meanings: Mapping[int, int]  # our position by number, where the file says it in our words


def other_scale(texts: Iterable[str], reader: AnswerReader) -> Legend | None:
    """Return what texts say of the numbers of a scale, where it is not what they mean on ours; None elsewhere.

    Examples
    --------
    >>> from resilience_analysis.survey.items import load_instrument
    >>> from resilience_analysis.survey.mapping import scale_reader
    >>> reader = scale_reader(load_instrument().scale)
    >>> other_scale(["On a scale of 1 to 5"], reader).why
    'the file speaks of a scale from 1 to 5'
    >>> other_scale(["1 = strongly agree"], reader).meanings
    {1: 4}
    """
    plain = [clean(text) for text in texts]
    said: dict[int, set[int]] = defaultdict(set)
    for number, label in (pair for text in plain for pair in _NUMBER_IS.findall(text)):
        position = reader.known.get(fold(label), UNREADABLE)
        if 0 < position < UNREADABLE:
            said[int(number)].add(position)
    for number, positions in sorted(said.items()):
        if number not in positions:
            words = next(label for text in plain for n, label in _NUMBER_IS.findall(text) if int(n) == number)
            meanings = {n: min(known) for n, known in said.items() if len(known) == 1}
            return Legend(f"the file says that {number} is {words.strip()!r}", meanings)
    scale = re.compile(_FROM_TO.format("|".join(sorted(heading_words().scales))))
    pairs = [pair for text in plain for pair in (*_BETWEEN.findall(text), *scale.findall(fold(text)))]
    for low, high in (map(int, pair) for pair in pairs):
        if low in (0, 1) and _LEAST_POSITIONS <= high <= _MOST_POSITIONS and (low, high) != (1, reader.high):
            return Legend(f"the file speaks of a scale from {low} to {high}", {})
    return None


def codes_of(sheet: Sheet) -> list[str]:
    """Return the rows of a sheet that hold a number with a label beside it, as ``1 = label``.

    Examples
    --------
    >>> codes_of(Sheet("codes", [["code", "label"], ["1", "agree"]], [1, 2]))
    ['1 = agree']
    """
    pairs = ((number, label) for row in sheet.rows for number, label in pairwise(row))
    return [f"{number} = {label}" for number, label in pairs if bare_number(number) is not None and label.strip()]
