"""Which column of an export is which item or field: by code, then by exact wording, never by likeness.

Case, accents, punctuation and markup do not matter; everything else does. What matches nothing is listed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from resilience_analysis.foundation.errors import Problem, raise_if_any
from resilience_analysis.foundation.texts import languages
from resilience_analysis.foundation.workbooks import column_letters
from resilience_analysis.survey.exports import Heading, Submissions
from resilience_analysis.survey.instrument import Instrument
from resilience_analysis.survey.wording import fingerprint, fold, heading_words, plain_heading, words_in

ITEM, FIELD, CHOICE, MARKER = "item", "field", "choice", "synthetic"
IDENTIFYING, TECHNICAL, UNMATCHED, AMBIGUOUS = "identifying", "technical", "unmatched", "ambiguous"
BLANK, PART = "blank", "part"
USED = (ITEM, FIELD, CHOICE, PART, MARKER)
BY_CODE, BY_TEXT, BY_ENDING, BY_MAPPING = "code", "text", "ending", "mapping"
_BY = (BY_MAPPING, BY_CODE, BY_TEXT, BY_ENDING)
_CODE_FIRST = re.compile(r"\W*([A-Za-z]{2,}\d+)\b\W*(.*)", re.DOTALL)
_COLUMN = re.compile(r"(?:(?:column|kolom|colonne|spalte|columna)\s+)?([A-Z]{1,3})", re.IGNORECASE)
_ADDED = re.compile(r"(.*\S)\s*(?:[(\[]([^()\[\]]*)[)\]]|[-\u2013:_]\s*([^-\u2013:_]*)|(\*))\s*", re.DOTALL)
_BEHIND = re.compile(r"(.*\S)\s*(?:\([^()]*\)|\[[^\[\]]*\])\s*", re.DOTALL)
_CUT_OFF = ("..", "\u2026")
_QUESTION_AND_CHOICE = re.compile(r"(?:.*/)?([^/\[\]]+)(?:/|\[)([^/\[\]]+)\]?", re.DOTALL)
_LEAST_WORDS = 3
_LEAST_WORDS_OF_ENDING = 4
_MOST_ADDITIONS = 3


@dataclass(frozen=True)
class Match:
    """What one heading stands for."""

    heading: str  # as it is in the file
    kind: str  # one of `USED`, or why the column is left out; `BLANK` where it holds nothing either
    target: str = ""  # the item or field; empty when left out
    how: str = ""  # by code, by text or by mapping
    wording: str = ""  # fingerprint of the statement that respondents read; empty for fields
    choice: str = ""  # for a column of one choice: the value it stands for
    array: str = ""  # see `Heading`
    column: str = ""  # the letter of the column, as a spreadsheet program shows it


def match_headings(submissions: Submissions, instrument: Instrument, columns: Mapping[str, str]) -> list[Match]:
    """Match every heading of an export; two columns for one item are both ``ambiguous``, and neither is used.

    Parameters
    ----------
    columns
        Heading, a code in it, or the letter of its column, by item or field: what a person mapped; it takes
        precedence over every other rule. `InputError` where it names a heading that is not in the file, or twice.

    Examples
    --------
    >>> import pandas as pd
    >>> from resilience_analysis.survey.items import load_instrument
    >>> found = Submissions((Heading("INF1. Statement", ("INF1. Statement",)),), pd.DataFrame({0: ["4"]}))
    >>> [(match.target, match.how) for match in match_headings(found, load_instrument(), {})]
    [('INF1', 'code')]
    """
    lookup, mapped = _Lookup(instrument), _mapped(submissions.headings, columns)
    matches = []
    for number, heading in enumerate(submissions.headings):
        found = lookup.mapped(heading, mapped[number]) if number in mapped else next(lookup.matches(heading), None)
        kind = found.kind if found else _left_out(heading, own=number in submissions.own)
        cells = submissions.cells[number]
        if kind == UNMATCHED and len(cells) and not any(map(str.strip, cells)):
            kind = BLANK
        match = found or Match(heading.text, kind)
        matches.append(replace(match, kind=kind, array=heading.array, column=column_letters(number + 1)))
    return _without_repeats(matches)


class _Lookup:
    """The codes and wordings of an instrument, folded."""

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.additions = heading_words().additions.union(languages())
        marker = instrument.synthetic
        self.codes = {fold(code): (ITEM, code) for code in instrument.items} | {fold(marker.code): (MARKER, MARKER)}
        self.texts: dict[str, tuple[str, str]] = {}
        for code, item in instrument.items.items():
            wordings = (*item.texts.every, item.verbatim_nl)
            self.texts |= {fold(text): (ITEM, code) for text in wordings if text}
        for question in instrument.questions:
            names, target = (question.id, question.code), (FIELD, question.id)
            self.codes |= dict.fromkeys(map(fold, names), target)
            coded = [f"{name} {text}" for name in names for text in question.texts.every]
            self.texts |= dict.fromkeys(map(fold, [*question.texts.every, *coded]), target)
        self.texts |= {fold(text): (MARKER, MARKER) for text in marker.texts.every}
        prompts = (instrument.scale.prompt, instrument.village_team.prompt)
        self.prompts = [text for prompt in prompts for text in prompt.every]
        self.endings = {text: f for text, f in self.texts.items() if len(text.split()) >= _LEAST_WORDS_OF_ENDING}
        self.choices = {
            name: question
            for question in instrument.questions
            if question.choices
            for name in map(fold, (question.id, question.code, *question.texts.by_language.values()))
        }

    def matches(self, heading: Heading) -> Iterator[Match]:
        """Yield what a heading may stand for, the surest first."""
        keys = (*heading.keys, *_without_additions(heading.keys, self.additions))
        folded = [fold(key) for key in keys]
        for how, known in ((BY_CODE, self.codes), (BY_TEXT, self.texts)):
            yield from (self._matched(heading, known[key], how, keys) for key in folded if key in known)
        for parts in filter(None, map(_CODE_FIRST.fullmatch, keys)):
            found = self.codes.get(fold(parts[1]), ("", ""))
            if found[0] == ITEM:
                yield self._matched(heading, found, BY_CODE, parts.groups())
        yield from self._choice(heading)
        yield from self._of_endings(heading, keys)

    def _of_endings(self, heading: Heading, keys: Iterable[str]) -> Iterator[Match]:
        """Yield whole texts with a number, a group or a question before them, then those with brackets behind them."""
        for key in map(fold, keys):
            longest = max((text for text in self.endings if key.endswith(f" {text}")), key=len, default="")
            if longest:
                yield self._matched(heading, self.endings[longest], BY_ENDING, [longest])
        for key in keys:  # a statement is then worded otherwise
            behind = _BEHIND.fullmatch(key)
            if behind and fold(behind[1]) in self.endings:
                yield self._matched(heading, self.endings[fold(behind[1])], BY_ENDING, [key])

    def mapped(self, heading: Heading, target: str) -> Match:
        kind = ITEM if target in self.instrument.items else FIELD
        return self._matched(heading, (kind, target), BY_MAPPING, heading.keys)

    def _matched(self, heading: Heading, found: tuple[str, str], how: str, keys: Iterable[str]) -> Match:
        return Match(heading.text, *found, how, self._wording(keys, found[1]) if found[0] == ITEM else "")

    def _wording(self, keys: Iterable[str], item: str) -> str:
        """Return the fingerprint of the statement in the heading; of the item's own when the heading has none."""
        own = self.instrument.items[item]
        statements = [key for key in keys if len(fold(key).split()) >= _LEAST_WORDS]
        said = any(_reads(statement, text) for statement in statements for text in own.texts.every)
        # an abbreviated heading may hold the question above the statements only
        if not statements or said or any(_reads(statements[0], prompt) for prompt in self.prompts):
            return own.fingerprint
        return fingerprint(statements[0])

    def _choice(self, heading: Heading) -> Iterator[Match]:
        """Yield the column of one choice, named by id, code or label behind its question."""
        parts = _QUESTION_AND_CHOICE.fullmatch(heading.text.strip())
        if parts and fold(parts[1]) in self.choices:
            question, wanted = self.choices[fold(parts[1])], fold(parts[2])
            for choice in question.choices:
                if wanted in map(fold, (choice.id, choice.code, *choice.texts.every)):
                    yield Match(heading.text, CHOICE, question.id, BY_CODE, choice=choice.id)


def _left_out(heading: Heading, *, own: bool) -> str:
    known = heading_words()
    if words_in(heading.text) & known.identifying:
        return IDENTIFYING
    return TECHNICAL if own or plain_heading(heading.text) in {"", *known.numbering} else UNMATCHED


def _without_additions(keys: Iterable[str], known: Collection[str]) -> list[str]:
    """Return the headings without what tools and people put behind a question, such as *(optional)*."""
    shorter = []
    for key in keys:
        text = key
        for _ in range(_MOST_ADDITIONS):
            parts = _ADDED.fullmatch(text)
            if not parts or fold(next(filter(None, parts.groups()[1:]), "")) not in known:
                break
            text = parts[1]
        shorter += [text] if text != key else []
    return shorter


def _reads(heading: str, text: str) -> bool:
    """Return whether a heading says `text`, or begins as it does and is cut off."""
    cut = heading.rstrip().endswith(_CUT_OFF)
    return fold(text).startswith(fold(heading)) if cut else fold(text) == fold(heading)


def _mapped(headings: Sequence[Heading], columns: Mapping[str, str]) -> dict[int, str]:
    found: dict[int, str] = {}
    problems = []
    for target, wanted in columns.items():
        numbers = _columns_called(headings, wanted)
        if len(numbers) == 1 and numbers[0] not in found:
            found[numbers[0]] = target
            continue
        letters = f" ({', '.join(column_letters(number + 1) for number in numbers)})" if numbers else ""
        what = f"the file has {len(numbers)} headings {wanted!r}{letters}" if len(numbers) != 1 else "is mapped twice"
        remedy = "Copy the heading from the file, or write the letter of the column, such as column F"
        problems.append(Problem(f"mapping, columns, {target}", what, remedy))
    raise_if_any("mapping", problems)
    return found


def _columns_called(headings: Sequence[Heading], wanted: str) -> list[int]:
    """Return the numbers of the columns with a heading, else with a code, else with a letter."""
    exact = [number for number, heading in enumerate(headings) if heading.text == wanted]
    coded = exact or [n for n, heading in enumerate(headings) if fold(wanted) in map(fold, heading.keys)]
    letter = _COLUMN.fullmatch(wanted.strip())
    if coded or letter is None:
        return coded
    return [number for number in range(len(headings)) if column_letters(number + 1) == letter[1].upper()]


def _without_repeats(found: list[Match]) -> list[Match]:
    """Settle which of several columns for one item or field is used: the mapped one, the one by code, or none."""
    ways: dict[tuple[str, str], list[int]] = defaultdict(list)
    for match in found:
        if match.kind in (ITEM, FIELD):
            ways[match.kind, match.target].append(_BY.index(match.how))

    def unused(match: Match) -> bool:
        known = ways.get((match.kind, match.target), [])
        return bool(known) and (known.count(min(known)) > 1 or _BY.index(match.how) != min(known))

    return [replace(match, kind=AMBIGUOUS) if unused(match) else match for match in found]


def repeated_targets(matches: Iterable[Match]) -> dict[str, list[str]]:
    """Return the columns, by their letters, of every item and field of which none of several columns is used.

    Examples
    --------
    >>> repeated_targets([Match("a", AMBIGUOUS, "INF1", column="A"), Match("b", AMBIGUOUS, "INF1", column="C")])
    {'INF1': ['A', 'C']}
    """
    found: dict[str, list[str]] = defaultdict(list)
    for match in matches:
        found[match.target] += [match.column] if match.kind == AMBIGUOUS else []
    used = {match.target for match in matches if match.kind in USED}
    return {target: columns for target, columns in found.items() if columns and target not in used}
