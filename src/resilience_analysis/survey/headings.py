"""Which column of an export is which item or field: by code, then by exact wording, never by likeness.

Case, accents, punctuation and markup do not matter; everything else does. What matches nothing is listed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from resilience_analysis.foundation.errors import InputError, Problem
from resilience_analysis.survey.exports.export import Export, Heading, plain_heading, vocabulary
from resilience_analysis.survey.instrument import Instrument, Question
from resilience_analysis.survey.wording import fingerprint, fold, words

ITEM, FIELD, CHOICE, MARKER = "item", "field", "choice", "synthetic"
IDENTIFYING, TECHNICAL, UNMATCHED, AMBIGUOUS = "identifying", "technical", "unmatched", "ambiguous"
BLANK = "blank"
USED = (ITEM, FIELD, CHOICE, MARKER)
BY_CODE, BY_TEXT, BY_MAPPING = "code", "text", "mapping"
_CODE_FIRST = re.compile(r"\W*([A-Za-z]{2,}\d+)\b\W*(.*)", re.DOTALL)
_NUMBERED = re.compile(r"\W*[QqVv]?\d{1,3}\s*[.):-]\s*(\D.*)", re.DOTALL)
_CUT_OFF = ("..", "\u2026")
_QUESTION_AND_CHOICE = re.compile(r"(?:.*/)?([^/\[\]]+)(?:/|\[)([^/\[\]]+)\]?", re.DOTALL)
_LEAST_WORDS = 3


@dataclass(frozen=True)
class Match:
    """What one heading stands for.

    Attributes
    ----------
    heading
        As it stands in the file.
    kind
        One of `USED`, or why the column is left out; `BLANK` where nothing stands in it either.
    target
        The item or field; empty when left out.
    how
        By code, by text or by mapping.
    wording
        Fingerprint of the statement that respondents read; empty for fields.
    choice
        For a column of one choice: the value it stands for.
    """

    heading: str
    kind: str
    target: str = ""
    how: str = ""
    wording: str = ""
    choice: str = ""


def match_headings(export: Export, instrument: Instrument, columns: Mapping[str, str]) -> list[Match]:
    """Match every heading of an export.

    Parameters
    ----------
    export
        What a reader gave.
    instrument
        The items and fields to match on.
    columns
        Heading, or a code in it, by item or field: what a person mapped; it goes before every other rule.

    Returns
    -------
    list of Match
        One per heading, in their order. Two columns for one item are both ``ambiguous``: neither is used.

    Raises
    ------
    InputError
        When `columns` names a heading that is not in the file, or one that stands there twice.
    """
    lookup = _Lookup(instrument)
    mapped = _mapped(export.headings, columns)
    matches = []
    for number, heading in enumerate(export.headings):
        target = mapped.get(number)
        match = lookup.mapped(heading, target) if target else lookup.match(heading, export.tool)
        nothing = match.kind == UNMATCHED and len(export.cells) and not export.cells[number].str.strip().any()
        matches.append(replace(match, kind=BLANK) if nothing else match)
    return _without_repeats(matches)


class _Lookup:
    """The codes and wordings of an instrument, folded."""

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.codes: dict[str, tuple[str, str]] = {fold(code): (ITEM, code) for code in instrument.items}
        self.texts: dict[str, tuple[str, str]] = {}
        for code, item in instrument.items.items():
            wordings = (*item.texts.every, item.verbatim_nl)
            self.texts |= {fold(text): (ITEM, code) for text in wordings if text}
        for question in instrument.questions:
            self.codes |= {fold(name): (FIELD, question.id) for name in (question.id, question.code)}
            self.texts |= {fold(text): (FIELD, question.id) for text in question.texts.every}
            coded = (f"{name} {text}" for name in (question.id, question.code) for text in question.texts.every)
            self.texts |= {fold(text): (FIELD, question.id) for text in coded}
        marker = instrument.synthetic
        self.codes[fold(marker.code)] = (MARKER, MARKER)
        self.texts |= {fold(text): (MARKER, MARKER) for text in marker.texts.every}
        prompts = (instrument.scale.prompt, instrument.village_team.prompt)
        self.prompts = [text for prompt in prompts for text in prompt.every]
        self.choices = {
            name: question
            for question in instrument.questions
            if question.choices
            for name in map(fold, (question.id, question.code, question.texts.nl, question.texts.en))
        }

    def match(self, heading: Heading, tool: str) -> Match:
        heading = replace(heading, keys=(*heading.keys, *_without_numbers(heading.keys)))
        keys = [fold(key) for key in heading.keys]
        for how, known in ((BY_CODE, self.codes), (BY_TEXT, self.texts)):
            found = next((known[key] for key in keys if key in known), None)
            if found:
                return self._matched(heading, found, how)
        for key in heading.keys:
            parts = _CODE_FIRST.fullmatch(key)
            if parts and self.codes.get(fold(parts[1]), ("", ""))[0] == ITEM:
                split = replace(heading, keys=(parts[1], parts[2]))
                return self._matched(split, self.codes[fold(parts[1])], BY_CODE)
        return self._choice(heading) or Match(heading.text, self._left_out(heading, tool))

    def mapped(self, heading: Heading, target: str) -> Match:
        kind = ITEM if target in self.instrument.items else FIELD
        return self._matched(heading, (kind, target), BY_MAPPING)

    def _matched(self, heading: Heading, found: tuple[str, str], how: str) -> Match:
        kind, target = found
        wording = self._wording(heading, target) if kind == ITEM else ""
        return Match(heading.text, kind, target, how, wording)

    def _wording(self, heading: Heading, item: str) -> str:
        """Return the fingerprint of the statement in the heading; of the item's own when the heading has none."""
        own = self.instrument.items[item]
        statements = [key for key in heading.keys if len(fold(key).split()) >= _LEAST_WORDS]
        said = any(_reads(statement, text) for statement in statements for text in own.texts.every)
        # an abbreviated heading may hold the question above the statements only
        if not statements or said or any(_reads(statements[0], prompt) for prompt in self.prompts):
            return own.fingerprint
        return fingerprint(statements[0])

    def _choice(self, heading: Heading) -> Match | None:
        parts = _QUESTION_AND_CHOICE.fullmatch(heading.text.strip())
        question = self.choices.get(fold(parts[1])) if parts else None
        if parts is None or question is None:
            return None
        value = choice_named(question, parts[2])
        return Match(heading.text, CHOICE, question.id, BY_CODE, choice=value) if value else None

    def _left_out(self, heading: Heading, tool: str) -> str:
        known = vocabulary()
        if words(heading.text) & known.identifying:
            return IDENTIFYING
        technical = known.marks.get(tool, frozenset()) | known.numbering | {""}
        return TECHNICAL if plain_heading(heading.text) in technical else UNMATCHED


def _without_numbers(keys: Iterable[str]) -> list[str]:
    """Return what follows the number of a question, where one stands before it."""
    return [numbered[1] for numbered in map(_NUMBERED.fullmatch, keys) if numbered]


def _reads(heading: str, text: str) -> bool:
    """Whether a heading says `text`, or begins as it does and is cut off."""
    if heading.rstrip().endswith(_CUT_OFF):
        return fold(text).startswith(fold(heading))
    return fold(text) == fold(heading)


def choice_named(question: Question, text: str) -> str:
    """Return the id of the choice that `text` names, by id, code or label; empty when there is none."""
    wanted = fold(text)
    for choice in question.choices:
        if wanted in {fold(name) for name in (choice.id, choice.code, *choice.texts.every)}:
            return choice.id
    return ""


def _mapped(headings: Sequence[Heading], columns: Mapping[str, str]) -> dict[int, str]:
    found: dict[int, str] = {}
    problems = []
    for target, wanted in columns.items():
        exact = [number for number, heading in enumerate(headings) if heading.text == wanted]
        numbers = exact or [n for n, heading in enumerate(headings) if fold(wanted) in map(fold, heading.keys)]
        if len(numbers) == 1 and numbers[0] not in found:
            found[numbers[0]] = target
        else:
            what = f"the file has {len(numbers)} headings {wanted!r}" if len(numbers) != 1 else "is mapped twice"
            problems.append(Problem(f"mapping, columns, {target}", what, "Copy the heading from the file"))
    if problems:
        raise InputError("mapping", problems)
    return found


def _without_repeats(matches: Iterable[Match]) -> list[Match]:
    """Settle which of several columns for one item or field is used: the mapped one, the one by code, or none."""
    found = list(matches)
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, match in enumerate(found):
        if match.kind in (ITEM, FIELD):
            groups[match.kind, match.target].append(number)
    for numbers in groups.values():
        best = [n for how in (BY_MAPPING, BY_CODE, BY_TEXT) for n in numbers if found[n].how == how]
        rank = [n for n in best if found[n].how == found[best[0]].how]
        for number in numbers:
            if len(rank) > 1 or number != rank[0]:
                found[number] = replace(found[number], kind=AMBIGUOUS)
    return found
