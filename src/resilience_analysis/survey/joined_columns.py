"""Several columns that answer one question together: a box for each answer, or a language each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from resilience_analysis.survey.exports import BRACKETED, Heading, Submissions
from resilience_analysis.survey.headings import AMBIGUOUS, FIELD, ITEM, PART, Match, repeated_targets
from resilience_analysis.survey.instrument import Instrument
from resilience_analysis.survey.mapping import UNREADABLE, AnswerReader
from resilience_analysis.survey.wording import fold

_YES = frozenset(
    {"1", "1 0", "true", "y", "yes", "ja", "j", "oui", "o", "si", "s", "x", "waar", "vrai", "wahr", "verdadero",
     "checked", "selected", "aangevinkt", "coche", "ausgewahlt", "seleccionado"}
)  # fmt: skip
_NOT_TICKED = frozenset(
    {"", "0", "0 0", "false", "n", "no", "nee", "non", "nein", "onwaar", "faux", "falsch", "falso", "unchecked",
     "not selected", "niet aangevinkt", "non coche", "nicht ausgewahlt", "no seleccionado", "n a", "-"}
)  # fmt: skip
_LEAST_BOXES = 2
_BEFORE_CHOICE = ("/", " - ", ": ")
Boxes = dict[int, str]  # the answer of every column of boxes, by its number


def tick(cell: str, choice: str, same: bool = False) -> str:
    """Return the choice of a column where a cell ticks it, or says the `same`; a cell that says neither as it is.

    Examples
    --------
    >>> tick("x", "agree"), tick("0", "agree"), tick("perhaps", "agree")
    ('agree', '', 'perhaps')
    """
    said = fold(cell)
    if said in _NOT_TICKED:
        return ""
    return choice if same or said in _YES else cell


def join_columns(
    submissions: Submissions, matches: Sequence[Match], instrument: Instrument, reader: AnswerReader
) -> tuple[Submissions, list[Match]]:
    """Join the columns of one item or field in which each respondent filled in one: boxes, or languages.

    Parameters
    ----------
    matches
        What every heading stands for.
    reader
        Understands the answers: boxes are known by the answers in their headings.

    Returns
    -------
    tuple
        The submissions with one more column for every item or field that was joined, and what every heading stands for.

    Examples
    --------
    >>> import pandas as pd
    >>> from resilience_analysis.survey.exports import as_it_is
    >>> from resilience_analysis.survey.headings import match_headings
    >>> from resilience_analysis.survey.items import load_instrument
    >>> from resilience_analysis.survey.mapping import scale_reader
    >>> asked = load_instrument()
    >>> headings = (as_it_is("INF1_nl"), as_it_is("INF1_en"))
    >>> found = Submissions(headings, pd.DataFrame({0: ["4", ""], 1: ["", "2"]}))
    >>> join_columns(found, match_headings(found, asked, {}), asked, scale_reader(asked.scale))[0].cells[2].tolist()
    ['4', '2']
    """
    joined = list(matches)
    for code, boxes in _boxes(submissions, instrument, reader).items():
        submissions = _join_boxes(submissions, joined, code, boxes, instrument)
    for target in repeated_targets(joined):
        submissions = _join_languages(submissions, joined, target, instrument)
    return submissions, joined


def _join_boxes(
    submissions: Submissions, matches: list[Match], code: str, boxes: Boxes, instrument: Instrument
) -> Submissions:
    """Make a column of the boxes of an item, unless it has a column of its own; `matches` tells that they are parts."""
    apart = any((match.kind, match.target) == (ITEM, code) for n, match in enumerate(matches) if n not in boxes)
    for number in boxes:
        matches[number] = replace(matches[number], kind=PART, target=code)
    if apart:
        return submissions
    ticked = [
        [tick(cell, said, fold(cell) == fold(said)) for cell in submissions.cells[n]] for n, said in boxes.items()
    ]
    offered = {**submissions.offered, len(submissions.headings): tuple(boxes.values())}
    cells = [";".join(filter(None, said)) for said in zip(*ticked, strict=True)]
    whole = Match(submissions.headings[min(boxes)].text, ITEM, code, wording=instrument.items[code].fingerprint)
    return replace(_with_column(submissions, cells, matches, list(boxes), whole), offered=offered)


def _join_languages(submissions: Submissions, matches: list[Match], target: str, instrument: Instrument) -> Submissions:
    """Make a column of those that ask one thing in a language each, where every respondent answered in one."""
    numbers = [n for n, match in enumerate(matches) if (match.kind, match.target) == (AMBIGUOUS, target)]
    given = [[cell for cell in row if cell.strip()] for row in submissions.cells[numbers].to_numpy().tolist()]
    spoken = {_language(submissions.headings[number], target, instrument) for number in numbers}
    if len(spoken - {""}) < len(numbers) or any(len(cells) > 1 for cells in given):
        return submissions
    for number in numbers:
        matches[number] = replace(matches[number], kind=PART)
    whole = replace(matches[numbers[0]], kind=ITEM if target in instrument.items else FIELD)
    return _with_column(submissions, ["".join(cells) for cells in given], matches, numbers, whole)


def _language(heading: Heading, target: str, instrument: Instrument) -> str:
    """Return the language that a heading names behind the question, or in which it asks it; or nothing."""
    asked = instrument.items.get(target) or instrument.question(target)
    keys = [fold(key) for key in heading.keys]
    for language in instrument.languages:
        if any(key.endswith((f" {language}", fold(asked.texts[language]))) for key in keys):
            return language
    return ""


def _with_column(
    submissions: Submissions, cells: Sequence[str], matches: list[Match], numbers: Sequence[int], whole: Match
) -> Submissions:
    """Add a column that is joined of others, and what it stands for to `matches`."""
    letters = ", ".join(matches[number].column for number in numbers)
    matches.append(replace(whole, column=letters))
    table = submissions.cells.copy()
    table[len(submissions.headings)] = list(cells)
    return replace(submissions, headings=(*submissions.headings, submissions.headings[numbers[0]]), cells=table)


def _boxes(submissions: Submissions, instrument: Instrument, reader: AnswerReader) -> dict[str, Boxes]:
    """Return the columns of boxes by item: those with an item and an answer in their headings, that are only ticked."""
    items = instrument.coded
    found: dict[str, Boxes] = defaultdict(dict)
    for number, heading in enumerate(submissions.headings):
        pairs = ((items[fold(asked)], said) for asked, said in _choices(heading.text.strip()) if fold(asked) in items)
        code, said = next(pairs, ("", ""))
        if code and all(fold(cell) in {*_YES, *_NOT_TICKED, fold(said)} for cell in submissions.cells[number].unique()):
            found[code][number] = said
    return {code: boxes for code, boxes in found.items() if _are_answers(boxes, reader)}


def _are_answers(boxes: Mapping[int, str], reader: AnswerReader) -> bool:
    return len({reader.read(said) for said in boxes.values()} & set(range(1, UNREADABLE))) >= _LEAST_BOXES


def _choices(heading: str) -> Iterator[tuple[str, str]]:
    """Yield the question and the choice that a heading may name."""
    bracketed = BRACKETED.fullmatch(heading)
    if bracketed:
        yield bracketed[1], bracketed[2]
    for separator in _BEFORE_CHOICE:
        asked, _, said = heading.rpartition(separator)
        yield asked, said
        yield asked.rpartition(separator)[2], said
