"""Rows of an export that are not a respondent: totals, headings once more, tests; and who may have answered twice.

A row is set aside only where it says so itself, in a word that says nothing else. What merely may be so is used, and
named.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

import pandas as pd

from resilience_analysis.survey.exports import IS_MOMENT, REPEAT, TEST, Remark, Submissions
from resilience_analysis.survey.headings import CHOICE, FIELD, IDENTIFYING, ITEM, PART, TECHNICAL, UNMATCHED, Match
from resilience_analysis.survey.instrument import Instrument
from resilience_analysis.survey.wording import fold, heading_words

_TOTAL = "is a total or a mean of other rows"
_HEADINGS = "is a row of headings"
_TEST = "says that it is a test: it does not count"
_AGAIN = "is the same as a row above, its moment or number too"
_MAYBE_TEST = "may be a test: a cell says no more than that; used all the same"
_SAME_ADDRESS = "has the same e-mail address as row {}; used all the same"
_LONGEST_WORD = 40
_TO_THE_SECOND = re.compile(r"\d{1,2}[:.]\d{2}[:.]\d{2}")
_IS_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+").fullmatch


def without_other_rows(
    submissions: Submissions, matches: Sequence[Match], instrument: Instrument, keep: Collection[str]
) -> Submissions:
    """Set aside the rows that are no respondent, and name those that may not be one; counts are left as they are.

    Parameters
    ----------
    matches
        What every heading stands for.
    keep
        Kinds of submissions (see `exports.KEPT`) that count all the same.

    Examples
    --------
    >>> from resilience_analysis.survey.exports import Heading
    >>> from resilience_analysis.survey.items import load_instrument
    >>> found = Submissions((Heading("INF1", ("INF1",)),), pd.DataFrame({0: ["4", "INF1"]}, index=["2", "3"]))
    >>> without_other_rows(found, [Match("INF1", ITEM, "INF1")], load_instrument(), []).set_aside[0].why
    'is a row of headings'
    """
    if not submissions.linked:
        return submissions
    found = submissions.without(_totals(submissions.cells).to_numpy(), _TOTAL)
    found = found.without(_headings_again(found, matches, instrument).to_numpy(), _HEADINGS)
    if TEST not in keep:
        said = pd.DataFrame(_tests(found.cells, matches, (FIELD, CHOICE, PART, IDENTIFYING)), found.cells.index)
        found = found.without(said.any(axis=1).to_numpy(dtype=bool), _TEST)
    if REPEAT not in keep:
        found = found.without(_entered_again(found.cells, matches).to_numpy(), _AGAIN)
    doubts = [*_may_be_tests(found.cells, matches), *([] if REPEAT in keep else _same_people(found.cells, matches))]
    return found.with_doubts(doubts)


def _totals(cells: pd.DataFrame) -> pd.Series:
    """Return which rows begin with a cell such as *total* or *n*."""
    first = [next((cell for cell in row if cell.strip()), "") for row in cells.to_numpy().tolist()]
    said = {cell: len(cell) <= _LONGEST_WORD and _sums_up(fold(cell)) for cell in set(first)}
    return pd.Series([said[cell] for cell in first], cells.index, dtype=bool)


def _sums_up(folded: str) -> bool:
    """Return whether a text begins with a word such as *total* and says nothing but of what: *average score*."""
    first, *others = folded.split() or [""]
    words = heading_words()
    return first in words.summaries and all(word.isdigit() or word in words.beside_summaries for word in others)


def _entered_again(cells: pd.DataFrame, matches: Sequence[Match]) -> pd.Series:
    """Return which rows are the same as one above in every cell, a moment to the second or a number among them.

    Two people may have one name, or give the same answers on the same day: that is no repeat.
    """
    repeated = cells.duplicated()
    once = cells[~repeated]
    own = [n for n, match in enumerate(matches) if match.kind in (IDENTIFYING, TECHNICAL)]
    timed = [n for n in own if once[n].nunique() > 1 and all(map(_TO_THE_SECOND.search, once[n]))]
    numbered = [n for n in own if matches[n].kind == TECHNICAL and len(once) > 1 and once[n].is_unique]
    return repeated & bool(timed or [n for n in numbered if not any(map(IS_MOMENT, once[n]))])


def _headings_again(submissions: Submissions, matches: Sequence[Match], instrument: Instrument) -> pd.Series:
    """Return which rows hold, below a statement, its code or wording instead of an answer."""
    again = pd.Series(data=False, index=submissions.cells.index)
    for number, match in enumerate(matches):
        if match.kind == ITEM:
            item = instrument.items[match.target]
            names = {*map(fold, (match.target, *item.texts.every, match.heading))}
            column = submissions.cells[number]
            again |= column.isin([cell for cell in column.unique() if fold(cell) in names])
    return again


def _tests(cells: pd.DataFrame, matches: Sequence[Match], kinds: Collection[str]) -> dict[str, pd.Series]:
    """Return by heading, for columns of some kinds, which cells say no more than that they are a test."""
    words = heading_words().tests
    found = {}
    for number, match in enumerate(matches):
        if match.kind in kinds:
            said = [cell for cell in cells[number].unique() if len(cell) <= _LONGEST_WORD and fold(cell) in words]
            found[match.heading] = cells[number].isin(said)
    return found


def _may_be_tests(cells: pd.DataFrame, matches: Sequence[Match]) -> Iterator[Remark]:
    for heading, said in _tests(cells, matches, (UNMATCHED,)).items():
        yield from (Remark(str(row), _MAYBE_TEST, heading) for row in said.index[said])


def _same_people(cells: pd.DataFrame, matches: Sequence[Match]) -> Iterator[Remark]:
    """Yield the rows with the e-mail address of a row above; the address itself is in no remark."""
    for number, match in enumerate(matches):
        if match.kind == IDENTIFYING:
            addresses = cells[number].str.strip().str.casefold()
            addresses = addresses[[bool(_IS_ADDRESS(address)) for address in addresses]]
            if addresses.nunique() == 1:  # of the account, not of a respondent
                continue
            first: dict[str, str] = {}
            for row, address in addresses.items():
                if first.setdefault(address, str(row)) != row:
                    yield Remark(str(row), _SAME_ADDRESS.format(first[address]), match.heading)
