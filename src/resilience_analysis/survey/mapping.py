"""What answers mean: as people and tools write them on our scale, and as a mapping file says for any other export.

An answer is a digit, a label in any language of the scale, both, or nothing. Nothing is guessed: what is not understood
is said. Whether a column is on our scale at all is judged in `scales`.

An example of a mapping file, each part of which may be left out::

    tool: limesurvey
    columns:                       # ours: theirs, a heading as in the file, the code in it, or the letter of the column
      INF1: likert2[progRSE4]
      INF2: column F
      nis_code: socio1
    answers:                       # theirs: ours, for the items under columns; for every item where there are none
      Strongly Agree: 4
      Neither agree or disagree: out_of_scale
      -99: unknown
    answers_of:                    # the same for some items, instead of `answers`
      INF2: {Always: 4, Never: 1}
      INF3, INF4: {Yes: 4, No: 1}
    values:                        # theirs: ours, for a respondent field
      nis_code: {Netherlands: "13011"}
    fixed: {role: ambtenaar}       # for every respondent
    out_of_scale: [INF3]           # items that are left out, and listed
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from resilience_analysis.foundation.definitions import (
    TEXT,
    Field,
    Form,
    Listing,
    Named,
    OneOf,
    Record,
    check_definitions,
)
from resilience_analysis.foundation.files import read_yaml_as_text
from resilience_analysis.survey.instrument import FIELDS, PSEUDONYM, Instrument, Numerals, Scale
from resilience_analysis.survey.responses import reason_code
from resilience_analysis.survey.wording import clean, fold

EMPTY = reason_code("empty")
UNREADABLE = 100
OFF_SCALE = 101
_NUMBER = re.compile(r"""["'(\[]*\s*([+-]?\d{1,9})(?:[.,]0+)?\s*["')\].:]*""")
_NUMBER_THEN_LABEL = re.compile(r"\(?(\d{1,9})\)?\s*(?:[-\u2013\u2014:.=)]+\s*|\s+\(?)(.*\D.*)")
_LABEL_THEN_NUMBER = re.compile(r"(.*[^\d\s(].*?)\s*\(?(\d{1,9})\)?")
_STARS = re.compile("([\u2605\u2b50*]+)(\u2606*)")
_OR = re.compile(r"\s*/\s*|\s+(?:of|or|ou|oder|en|and|et)\s+", re.IGNORECASE)
_NO_LABEL = ("#", "=")  # what a spreadsheet shows for a formula that failed (#N/A), or that has no outcome
LONGEST_LABEL = 200
OUT_OF_SCALE = "out_of_scale"
REASONS_OF_A_MAPPING = ("empty", "unknown", "not_applicable")
_SEVERAL = re.compile(r"[\s,]+")


class Reading(NamedTuple):
    """What one answer says."""

    code: int  # the position, the code of a missing reason, `OFF_SCALE` or `UNREADABLE`
    wording: str = ""  # the folded words; empty for a bare number, and for what cannot be a label
    meant: int = 0  # the position of a label with another number than ours


@dataclass(frozen=True)
class AnswerReader:
    """Understands the answers of one column."""

    # what each folded label stands for: a position, a code of a missing reason, or `OFF_SCALE`
    known: Mapping[str, int]
    numbers: Mapping[int, int]  # which bare numbers are understood, and as what
    # what a label stands for that is written exactly so; takes precedence
    exact: Mapping[str, int] = field(default_factory=dict)
    numerals: Numerals = field(default_factory=Numerals)  # other ways of writing a number
    high: int = 0  # the highest position, as in `2 out of 4`
    positions: frozenset[str] = frozenset()  # every folded label of a position
    own: frozenset[str] = frozenset()  # those that our questionnaire prints, in all languages
    hedges: frozenset[str] = frozenset()  # words that qualify a label, such as *rather*
    beyond: int = OFF_SCALE  # what a number is that is not among `numbers`

    def read(self, text: str) -> int:
        """Return the position (1 to 4), the code of a missing reason, `OFF_SCALE` or `UNREADABLE`."""
        return self.understand(text).code

    def understand(self, text: str) -> Reading:
        """Return what an answer says, and in which words."""
        text = clean(text)
        if text in self.exact:
            return Reading(self.exact[text], fold(text))
        if len(text) > LONGEST_LABEL or text.startswith(_NO_LABEL):
            return Reading(UNREADABLE)
        number = bare_number(text)
        if number is not None:
            return Reading(self.numbers.get(number, self.beyond))
        folded = fold(text)
        if folded in self.known:
            return Reading(self.known[folded], "" if self.known[folded] == EMPTY else folded)
        without = [self.known.get(fold(part), UNREADABLE) for part in _OR.split(text)]
        if len(without) > 1 and max(without) < 0:  # several reasons for no position, such as: no opinion / n.a.
            return Reading(without[0], folded)
        dressed = self._dressed(text, folded)
        return self._number_with_label(text) if dressed is None else Reading(dressed)

    def _dressed(self, text: str, folded: str) -> int | None:
        """Read a number in words, in stars, after a word such as *score*, or out of the highest."""
        stars, numerals = _STARS.fullmatch(text), self.numerals
        first, *others = folded.split() or [""]
        if stars and len(stars[1]) <= self.high and len(stars[0]) in {len(stars[1]), self.high}:
            number = len(stars[1])
        elif folded in numerals.words:
            number = numerals.words[folded]
        elif first in numerals.before and len(others) == 1 and others[0].isdecimal():
            number = int(others[0])
        else:
            return self._out_of(text.casefold())
        return self.numbers.get(number, OFF_SCALE)

    def _out_of(self, text: str) -> int | None:
        for between in self.numerals.out_of:
            number, highest = map(str.strip, text.partition(between)[::2])
            if number.isdecimal() and highest.isdecimal():
                return self.numbers.get(int(number), OFF_SCALE) if int(highest) == self.high else OFF_SCALE
        return None

    def _number_with_label(self, text: str) -> Reading:
        for pattern, number, label in ((_NUMBER_THEN_LABEL, 1, 2), (_LABEL_THEN_NUMBER, 2, 1)):
            match = pattern.fullmatch(text)
            if match:
                by_number = self.numbers.get(int(match[number]), OFF_SCALE)
                folded = fold(match[label])
                meant = self.known.get(folded, UNREADABLE)
                if meant in (by_number, UNREADABLE):
                    return Reading(meant, folded if meant == by_number else fold(text))
                return Reading(UNREADABLE, fold(text), meant if 0 < meant < UNREADABLE else 0)
        return Reading(UNREADABLE, fold(text))

    def read_column(self, cells: Sequence[str]) -> list[int]:
        """Read every cell of a column; each different text is looked at once."""
        meaning = {cell: self.read(cell) for cell in set(cells)}
        return [meaning[cell] for cell in cells]


def bare_number(text: str) -> int | None:
    """Return a text as a whole number, whatever is around it; None for anything else.

    Examples
    --------
    >>> bare_number("(3)"), bare_number("3 - agree")
    (3, None)
    """
    bare = _NUMBER.fullmatch(text)
    return int(bare[1]) if bare else None


def scale_reader(scale: Scale) -> AnswerReader:
    """Make the reader of the instrument's own scale.

    Examples
    --------
    >>> from resilience_analysis.survey.items import load_instrument
    >>> scale_reader(load_instrument().scale).read("4")
    4
    """
    known = {fold(text): OFF_SCALE for text in scale.off_scale}
    known |= {fold(text): EMPTY for text in scale.no_answer}
    numbers: dict[int, int] = {}
    for option in scale.no_opinion:
        code = reason_code(option.reason)
        known |= {fold(text): code for text in (option.id, *option.texts.every)}
        numbers |= {int(option.code): code} if option.code.isdecimal() else {}
    for anchor in scale.anchors:
        known |= {fold(text): anchor.value for text in anchor.texts.every}
        numbers[anchor.value] = anchor.value
    return AnswerReader(
        known | {"": EMPTY},
        numbers,
        numerals=scale.numerals,
        high=scale.high,
        positions=frozenset(fold(text) for anchor in scale.anchors for text in anchor.texts.every),
        own=frozenset(fold(text) for anchor in scale.anchors for text in anchor.texts.by_language.values()),
        hedges=frozenset(map(fold, scale.hedges)),
    )


def mapped_reader(meanings: Mapping[str, int], no_answer: Iterable[str] = ()) -> AnswerReader:
    """Make a reader that understands only the labels somebody mapped, and what stands for no answer.

    Parameters
    ----------
    meanings
        Position, code of a missing reason or `OFF_SCALE` by label or number as it appears in the file; ``1.0`` and
        ``1`` are one number, and a sign counts.
    no_answer
        What stands for no answer besides an empty cell, such as ``NA``, where it is not mapped.

    Examples
    --------
    >>> mapped_reader({"Strongly agree": 4}).read_column(["strongly AGREE", "4"]) == [4, UNREADABLE]
    True
    """
    exact = {clean(label): code for label, code in meanings.items()}
    numbers = {number: code for label, code in exact.items() if (number := bare_number(label)) is not None}
    folded = {fold(label): code for label, code in exact.items() if bare_number(label) is None}
    nothing = {fold(text): EMPTY for text in no_answer}
    return AnswerReader(nothing | folded | {"": EMPTY}, numbers, exact | {"": EMPTY}, beyond=UNREADABLE)


@dataclass(frozen=True)
class ImportMapping:
    """What a mapping file says."""

    tool: str = ""  # the tool that made the export; empty to recognise it
    # heading (or the code in it) by item or respondent field
    columns: Mapping[str, str] = field(default_factory=dict)
    # what an answer means, by label, for every item in `columns` (every item where it names none): a position, the
    # code of a missing reason, or `OFF_SCALE`
    answers: Mapping[str, int] = field(default_factory=dict)
    # the same by item, instead of `answers`
    answers_of: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # our value by theirs, by respondent field
    fixed: Mapping[str, str] = field(default_factory=dict)  # one value for every respondent, by respondent field
    out_of_scale: frozenset[str] = frozenset()  # items that are left out

    def meanings(self, item: str) -> Mapping[str, int]:
        """Return what the answers to one item mean; empty when the mapping says nothing about it."""
        named = set(self.columns) - {*FIELDS, PSEUDONYM}
        general = self.answers if item in named or not named else {}
        return self.answers_of.get(item, general)


def read_mapping(path: Path, instrument: Instrument) -> ImportMapping:
    """Read a mapping file; names and answers are taken as they are written, ``Yes`` and ``1.0`` too.

    `InputError` with every fault: an unknown field or item, or an answer that is not a position, not a missing reason
    and not ``out_of_scale``.

    Examples
    --------
    >>> import tempfile
    >>> from resilience_analysis.survey.items import load_instrument
    >>> file = Path(tempfile.mkdtemp()) / "mapping.yml"
    >>> _ = file.write_text("answers: {Yes: 4, No: 1}")
    >>> read_mapping(file, load_instrument()).answers
    {'Yes': 4, 'No': 1}
    """
    content = _item_by_item(read_yaml_as_text(path))
    check_definitions(path.name, content, mapping_form(instrument))
    known = {name: content[name] for name in ("tool", "columns", "values", "fixed") if name in content}
    return ImportMapping(
        **known,
        answers=_meant(content.get("answers", {}), instrument),
        answers_of={item: _meant(meanings, instrument) for item, meanings in content.get("answers_of", {}).items()},
        out_of_scale=frozenset(content.get(OUT_OF_SCALE, ())),
    )


def _item_by_item(content: Any) -> Any:
    """Leave out parts without content, and write what is said of several items at once under each."""
    if not isinstance(content, dict):
        return content
    filled = {part: said for part, said in content.items() if said is not None and said != ""}
    of = filled.get("answers_of")
    if not isinstance(of, dict):
        return filled
    return filled | {"answers_of": {item: said for items, said in of.items() for item in _SEVERAL.split(items)}}


def mapping_form(instrument: Instrument) -> Record:
    """Return the form of a mapping file for the items and fields of an instrument.

    Examples
    --------
    >>> from resilience_analysis.survey.items import load_instrument
    >>> [problem.where for problem in mapping_form(load_instrument()).problems("m.yml", {"answers": {"Yes": "5"}})]
    ['m.yml, answers, Yes']
    """
    fields = (*FIELDS, PSEUDONYM)
    item = OneOf("item or field", lambda: instrument.items)
    field = OneOf("item or field", lambda: fields)
    asked = OneOf("item or field", lambda: FIELDS)
    meanings = Named(OneOf("meaning", lambda: _known_meanings(instrument)))
    forms: dict[str, tuple[Form, str]] = {
        "tool": (TEXT, "the tool that made the export"),
        "columns": (
            Named(TEXT, key=OneOf("item or field", lambda: (*instrument.items, *fields))),
            "ours: theirs, a heading as in the file, the code in it, or the letter of the column",
        ),
        "answers": (meanings, "theirs: ours, for the items under columns"),
        "answers_of": (Named(meanings, key=item), "the same for some items"),
        "values": (Named(Named(TEXT), key=field), "theirs: ours, for a respondent field"),
        "fixed": (Named(TEXT, key=asked), "for every respondent"),
        OUT_OF_SCALE: (Listing(item), "items that are left out, and listed"),
    }
    return Record({name: Field(form, says=says) for name, (form, says) in forms.items()})


def _known_meanings(instrument: Instrument) -> dict[str, int]:
    scale = instrument.scale
    known = {str(value): value for value in range(scale.low, scale.high + 1)}
    return known | {reason: reason_code(reason) for reason in REASONS_OF_A_MAPPING} | {OUT_OF_SCALE: OFF_SCALE}


def _meant(meanings: Mapping[str, str], instrument: Instrument) -> dict[str, int]:
    known = _known_meanings(instrument)
    return {label: known[meaning] for label, meaning in meanings.items()}
