"""Counts per statement and position, as a workshop or Mentimeter gives them, spread out to one row an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from resilience_analysis.survey.exports import BLANK_ROW, Heading, Remark, Submissions
from resilience_analysis.survey.mapping import EMPTY, OFF_SCALE, UNREADABLE, AnswerReader
from resilience_analysis.survey.wording import fold, heading_words

MAX_COUNT = 10_000
MAX_ANSWERS = 200_000
LONG_NUMBER = 3
STATEMENT, POSITION, COUNT = "statement", "position", "count"
_PERCENT = re.compile(r"(\d{1,3}(?:[.,]\d+)?)\s*%")
_BARE_PERCENT = re.compile(r"\d{1,3}(?:\.\d+)?")
_FRACTION = re.compile(r"[01](?:\.\d+)?")
_TOGETHER = "counts"  # all statements are one grid
_NEARLY = 0.02  # fractions may be rounded
_ALL = 100.0
_ROUNDED = 0.5  # a percentage may be rounded to a whole one
_NOBODY = "nobody is counted in this row"
_NO_STATEMENT = "the row names no statement"
_NO_COUNT = f"the count is not a whole number from 0 to {MAX_COUNT:,}"
_PERCENT_OF_WHAT = "the counts are percentages, and no column such as n says how many people answered"
_NO_WHOLE_COUNTS = "the percentages are not whole numbers of people out of n"
_MORE_THAN_ALL = "more answers are counted than the row says that there are people"
_TOO_MANY = f"more than {MAX_ANSWERS:,} answers are counted"


@dataclass(frozen=True)
class Columns:
    """Where the parts of a tally are: column numbers."""

    statement: int | None
    position: int | None
    count: int | None
    positions: tuple[int, ...]
    others: tuple[int, ...]

    @property
    def long(self) -> bool:
        """Whether each row is one position of one statement."""
        return None not in (self.statement, self.position, self.count)

    @property
    def pairs(self) -> bool:
        """Whether each row is one position, and the statement is elsewhere."""
        return self.statement is None and None not in (self.position, self.count)

    @property
    def wide(self) -> bool:
        """Whether each row is a statement, with a column of counts for each position."""
        return self.statement is not None and self.position is None and len(self.positions) > 1


@dataclass(frozen=True)
class Block:
    """A block of counts: its sheet, heading row and rows with their labels, and the statement when it is apart."""

    sheet: str
    headings: list[str]
    rows: list[tuple[str, list[str]]]
    statement: str = ""


@dataclass
class _Spread:
    """The answers counted so far: row, statement, position and number; the other cells of a row are apart."""

    statements: dict[str, int] = field(default_factory=dict)
    answers: list[tuple[str, str, str, int]] = field(default_factory=list)
    rest: dict[str, tuple[str, ...]] = field(default_factory=dict)
    set_aside: list[Remark] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    total: int = 0
    offered: dict[str, dict[str, None]] = field(default_factory=dict)


def find_columns(headings: Sequence[str], reader: AnswerReader, rows: Sequence[Sequence[str]] = ()) -> Columns:
    """Find the parts of a tally among the headings; a position is what `reader` understands as an answer.

    A column of counts between or beside the positions, under a label that is not ours, is a position too: it shows
    that the scale is another.

    Examples
    --------
    >>> reader = AnswerReader({"disagree": 2, "agree": 3}, {})
    >>> find_columns(["statement", "disagree", "agree"], reader).positions
    (1, 2)
    """
    found: dict[str, Any] = {}
    positions = []
    for number, text in enumerate(headings):
        kind = next((part for part in (STATEMENT, POSITION, COUNT) if _is_part(text, part)), None)
        if kind and kind not in found:
            found[kind] = number
        elif _is_position(text, reader):
            positions.append(number)
    if STATEMENT in found and len(positions) > 1:
        positions = _with_neighbours(positions, headings, rows, set(found.values()))
    others = [n for n in range(len(headings)) if n not in {*positions, *found.values()}]
    return Columns(found.get(STATEMENT), found.get(POSITION), found.get(COUNT), tuple(positions), tuple(others))


def _is_part(text: str, part: str) -> bool:
    """Return whether a heading is that of a part of a tally; a count may say of what: *Aantal stemmen*."""
    words, folded = heading_words().counts, fold(text)
    return folded in words[part] or (part == COUNT and folded.startswith(tuple(f"{of} " for of in words["count_of"])))


def _with_neighbours(
    positions: Sequence[int], headings: Sequence[str], rows: Sequence[Sequence[str]], taken: set[int]
) -> list[int]:
    """Add the columns of counts that adjoin the positions, or lie between them."""
    beside = heading_words().counts["beside"] | heading_words().counts["total"]
    counted = {
        number
        for number, text in enumerate(headings)
        if number not in taken
        and text.strip()
        and fold(text) not in beside
        and _all_counts([row[number] for row in rows])
    }
    first = next((n + 1 for n in range(min(positions) - 1, -1, -1) if n not in counted), 0)
    last = next((n for n in range(max(positions) + 1, len(headings)) if n not in counted), len(headings))
    return [number for number in range(first, last) if number in counted.union(positions)]


def _all_counts(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell.strip()]
    return bool(filled) and all(_whole(cell) is not None or _percent(cell) is not None for cell in filled)


def _is_position(text: str, reader: AnswerReader) -> bool:
    """Return whether a heading is a position; one outside the scale is one too, so that another scale is noticed."""
    code, wording, _ = reader.understand(text)
    return code not in (EMPTY, UNREADABLE) and (code != OFF_SCALE or bool(wording) or len(text.strip()) < LONG_NUMBER)


def expand(blocks: Sequence[Block], reader: AnswerReader) -> Submissions:
    """Make an export with one row per counted answer, and a column per statement.

    A row of the file is either used or set aside with its reason; a cell that cannot be read in a row that is used
    is remarked upon.

    Examples
    --------
    >>> reader = AnswerReader({"disagree": 2, "agree": 3}, {})
    >>> block = Block("", ["statement", "disagree", "agree"], [("2", ["I know where to ask", "1", "2"])])
    >>> expand([block], reader).cells[0].tolist()
    ['disagree', 'agree', 'agree']
    """
    spread = _Spread()
    others: list[str] = []
    for block in blocks:
        columns = find_columns(block.headings, reader, [cells for _, cells in block.rows])
        others = others or [block.headings[number] for number in columns.others]
        for row, cells in block.rows:
            _count_row(spread, row, cells, block, columns)
    headings = (
        *(Heading(text, (text,), _TOGETHER) for text in spread.statements),
        *(Heading(text, (text,)) for text in others),
    )
    cells_of_answers = _lines(spread, len(others))
    labels = [row for row, _, _, count in spread.answers for _ in range(count)]
    table = pd.DataFrame(
        cells_of_answers, index=pd.Index(labels, dtype=object), columns=range(len(headings)), dtype=object
    )
    return Submissions(
        headings,
        table,
        set_aside=tuple(spread.set_aside),
        remarks=tuple(spread.remarks),
        linked=False,
        sheets=tuple(block.sheet for block in blocks),
        offered={place: tuple(spread.offered[text]) for text, place in spread.statements.items()},
    )


def _lines(spread: _Spread, others: int) -> list[list[str]]:
    lines = []
    for row, statement, position, count in spread.answers:
        rest = spread.rest[row]
        line = [""] * len(spread.statements) + [*rest, *[""] * (others - len(rest))]
        line[spread.statements[statement]] = position
        lines += [line] * count
    return lines


def _count_row(spread: _Spread, row: str, cells: list[str], block: Block, columns: Columns) -> None:
    statement = block.statement if columns.statement is None else cells[columns.statement].strip()
    if not statement:
        why = _NO_STATEMENT if any(map(str.strip, cells)) else BLANK_ROW
        spread.set_aside.append(Remark(row, why))
        return
    spread.statements.setdefault(statement, len(spread.statements))
    before = spread.total
    pairs = list(_pairs(cells, block.headings, columns))
    spread.offered.setdefault(statement, {}).update((position, None) for _, position, _ in pairs if position.strip())
    pairs, why = _in_whole_numbers(pairs, cells, block.headings, columns)
    if why:
        spread.set_aside.append(Remark(row, why))
        return
    found = [_count_cell(spread, row, statement, pair) for pair in pairs]
    faults = [fault for fault in found if fault]
    if spread.total > before:
        rest = tuple(cells[number] for number in columns.others)
        spread.rest[row] = rest
        spread.remarks += faults
    else:
        spread.set_aside.append(faults[0] if faults else Remark(row, _NOBODY))


def _count_cell(spread: _Spread, row: str, statement: str, pair: tuple[str, str, str]) -> Remark | None:
    """Count the answers of one cell, or say why they cannot be."""
    heading, position, text = pair
    count = _whole(text)
    if count is None or spread.total + count > MAX_ANSWERS:
        return Remark(row, _NO_COUNT if count is None else _TOO_MANY, heading, text)
    if count:
        spread.total += count
        spread.answers.append((row, statement, position, count))
    return None


def _pairs(cells: list[str], headings: list[str], columns: Columns) -> Iterator[tuple[str, str, str]]:
    """Yield each position of a row with its count, and the heading of that count."""
    if columns.position is not None and columns.count is not None:
        yield headings[columns.count], cells[columns.position], cells[columns.count]
    else:
        yield from ((headings[number], headings[number], cells[number]) for number in columns.positions)


def _in_whole_numbers(
    pairs: list[tuple[str, str, str]], cells: Sequence[str], headings: Sequence[str], columns: Columns
) -> tuple[list[tuple[str, str, str]], str]:
    """Turn the percentages of a row into numbers of people, or say why that cannot be done."""
    people = _people(cells, headings, columns)
    shares = _shares([text for _, _, text in pairs], people)
    if not any(share is not None for share in shares):
        counted = sum(_whole(text) or 0 for _, _, text in pairs)
        return pairs, _MORE_THAN_ALL if columns.wide and people is not None and counted > people else ""
    if not people:
        return pairs, _PERCENT_OF_WHAT
    given = [share or 0.0 for share in shares]
    counts = [round(share * people / _ALL) for share in given]
    exact = all(abs(n * _ALL / people - share) <= _ROUNDED for n, share in zip(counts, given, strict=True))
    if not exact or sum(counts) > people:
        return pairs, _NO_WHOLE_COUNTS
    return [(head, position, str(n)) for (head, position, _), n in zip(pairs, counts, strict=True)], ""


def _people(cells: Sequence[str], headings: Sequence[str], columns: Columns) -> int | None:
    """Return how many people a row says that it counts, or None."""
    known, taken = heading_words().counts["total"], {columns.count} if columns.long or columns.pairs else set()
    named = [
        cell
        for n, (cell, text) in enumerate(zip(cells, headings, strict=True))
        if n not in taken and cell.strip() and (fold(text) in known or _is_part(text, COUNT))
    ]
    return next((number for cell in named if (number := _whole(cell)) is not None), None)


def _shares(texts: Sequence[str], people: int | None) -> list[float | None]:
    """Return percentages: with their sign, as the fractions that a workbook keeps, or bare beside another total."""
    given = [text.strip().replace(",", ".") for text in texts]
    written = [text for text in given if text]
    fractions = any("." in text for text in written) and all(map(_FRACTION.fullmatch, written))
    if fractions and abs(sum(map(float, written)) - 1) < _NEARLY:
        return _numbers(given, _ALL)
    bare = bool(written) and people not in (None, _ALL) and all(map(_BARE_PERCENT.fullmatch, written))
    if bare and abs(sum(map(float, written)) - _ALL) <= 1:
        return _numbers(given, 1)
    return [_percent(text) for text in texts]


def _numbers(texts: Sequence[str], times: float) -> list[float | None]:
    return [float(text) * times if text else None for text in texts]


def _percent(text: str) -> float | None:
    """Return a percentage, written with its sign."""
    match = _PERCENT.fullmatch(text.strip())
    return float(match[1].replace(",", ".")) if match else None


def _whole(text: str) -> int | None:
    plain = text.strip().removesuffix(".0") or "0"
    short = plain.isdecimal() and len(plain) <= len(str(MAX_COUNT))
    return int(plain) if short and int(plain) <= MAX_COUNT else None
