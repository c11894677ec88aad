"""Whether columns are on our scale, judged as a whole: on all labels of a grid and on how often each was chosen.

A grid is an array of the tool; outside arrays it is a single column of labels, or all columns of bare numbers together.
A label that is not ours is never left out alone, and two labels never become one position: then the whole grid is out,
and so is any other column whose labels are all among those of the grid, for which the label that gives it away happened
not to be chosen. The other columns are read as codes.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from resilience_analysis.survey.exports import Remark, Submissions
from resilience_analysis.survey.headings import ITEM, Match
from resilience_analysis.survey.instrument import Instrument
from resilience_analysis.survey.legends import other_scale
from resilience_analysis.survey.mapping import (
    EMPTY,
    OFF_SCALE,
    UNREADABLE,
    AnswerReader,
    ImportMapping,
    Reading,
    bare_number,
    mapped_reader,
    scale_reader,
)
from resilience_analysis.survey.wording import clean

FEW = 3
"""Fewer answers than this outside the scale may be typing errors."""
SHARE_OF_ANOTHER_SCALE = 0.1
"""More than this share of the typed answers of a column outside the scale are not typing errors."""
SHARE_IN_SEVERAL_COLUMNS = 0.01
"""The same where one answer outside the scale appears in at least `FEW` columns of a grid."""
LEAST_WITHOUT_ENDS = 20
"""So many answers that are all next to an end of the scale, and none at one, are of a scale without those ends."""
_HALF = 0.5
Labels = frozenset[tuple[str, str]]
_APART = "\0"  # before the name of a grid that is not an array of the tool
_OF_DATES = "has dates, which a spreadsheet program makes of answers such as 1/4: export it again"
_TURNED = "numbers its labels otherwise than our scale does"
_IS_DATE = re.compile(
    r"\d{1,2}[- ][A-Za-z]{3,4}\.?(?:[- ]\d{2,4})?|\d{4}-\d{2}-\d{2}.*|\d{1,2}/\d{1,2}/\d{4}"
).fullmatch
_UNREAD = "not an answer of this scale; counted as no answer"
_LEFT_OUT = "{} is left out: {}"
_BY_MAPPING = "the mapping says it is out of scale"


@dataclass(frozen=True)
class Refusal:
    """Columns that are left out together, because they are on another scale."""

    items: tuple[str, ...]  # the items of those columns
    why: str  # by what it shows
    # how many answers each label has, over all of the columns; answers that are not positions included
    labels: Mapping[str, int]
    readings: Mapping[str, Reading]  # what each of the labels would have been read as
    offered: frozenset[str] = frozenset()  # labels that the file names whether anybody chose them or not
    mapped: bool = False  # whether the mapping says what most of the labels mean


def refused_scales(
    columns: Mapping[str, Sequence[str]],
    arrays: Mapping[str, str],
    reader: AnswerReader,
    offered: Mapping[str, Sequence[str]],
) -> list[Refusal]:
    """Find the columns that are on another scale than ours, grid by grid; those with the same labels go together.

    The columns are answers as text, an empty text is none; `offered` is what could be chosen, where the file says it:
    a label in it that is not ours is no typing error.

    Examples
    --------
    >>> from resilience_analysis.survey.items import load_instrument
    >>> reader = scale_reader(load_instrument().scale)
    >>> refused_scales({"INF1": ["4", "5", "5", "5"]}, {}, reader, {})[0].why
    'has 3 of 4 answers outside the scale'
    """
    choices = {item: [clean(label) for label in labels] for item, labels in offered.items() if labels}
    counts = {item: _counted(cells, choices.get(item, ())) for item, cells in columns.items()}
    readings = {label: reader.understand(label) for label in set().union(*counts.values())}
    together: dict[str, list[str]] = defaultdict(list)
    for item in columns:
        alone = f"{_APART}{'' if _typed(counts[item], readings) else item}"
        together[arrays.get(item) or alone].append(item)
    grids = [_Grid(tuple(items), [counts[item] for item in items], readings, choices) for items in together.values()]
    alike: dict[Labels, list[_Grid]] = defaultdict(list)
    why: dict[Labels, str] = {}
    for grid, (labels, reason) in zip(grids, _reasons(grids, reader, offered=bool(choices)), strict=True):
        if reason:
            alike[labels].append(grid)
            why.setdefault(labels, reason)
    shown = frozenset().union(*choices.values())
    return [_refusal(found, why[labels], shown) for labels, found in alike.items()]


@dataclass(frozen=True)
class _Grid:
    """Columns that are judged together."""

    items: tuple[str, ...]
    counts: Sequence[Counter[str]]  # how often each label was chosen, by column; 0 where it is only offered
    readings: Mapping[str, Reading]
    choices: Mapping[str, Sequence[str]]  # labels that the file offers, by item

    @cached_property
    def labels(self) -> Labels:
        """What was chosen of a scale: the wording of each label, or else the number as it is written."""
        said = {label: self.readings[label] for label in _together(self.counts)}
        return frozenset((r.wording, "" if r.wording else label) for label, r in said.items() if r.code >= 0)

    @property
    def offers_others(self) -> str:
        """The fault that the file offers an answer outside the scale, or nothing."""
        offered = [self.readings[label].code for item in self.items for label in self.choices.get(item, ())]
        return "offers answers outside the scale" if max(offered, default=0) >= UNREADABLE else ""


def _reasons(grids: Sequence[_Grid], reader: AnswerReader, *, offered: bool) -> list[tuple[Labels, str]]:
    """Return by grid why it is refused, or nothing, and the labels for which it is."""
    found = [(grid.labels, _fault(grid.counts, grid.readings, reader) or grid.offers_others) for grid in grids]
    refused = [(labels, why) for labels, why in found if why]
    for place, (labels, why) in enumerate(found):  # all labels, words among them, are among those of one refused
        if not why and any(wording for wording, _ in labels):
            found[place] = next((known for known in refused if labels <= known[0]), (labels, ""))
    left = [grid for grid, (_, why) in zip(grids, found, strict=True) if not why]
    if not _without_ends(left, reader, offered=offered):
        return found
    fault = (left[0].labels, "has two labels, and none of an end of the scale")
    return [known if known[1] else fault for known in found]


def _refusal(grids: Sequence[_Grid], why: str, shown: frozenset[str]) -> Refusal:
    answers = _together(count for grid in grids for count in grid.counts)
    readings = {label: grids[0].readings[label] for label in answers}
    items = tuple(item for grid in grids for item in grid.items)
    return Refusal(items, why, dict(answers.most_common()), readings, shown & answers.keys())


def refused_by_mapping(item: str, cells: Sequence[str], reader: AnswerReader) -> list[Refusal]:
    """Refuse a column with labels of which its mapping says nothing: none of these is left out alone.

    Among numbers, as few as are typing errors of our own scale may be left out one by one.

    Examples
    --------
    >>> refused_by_mapping("INF1", ["good", "bad", "so so"], mapped_reader({"good": 4, "bad": 1}))[0].why
    'has labels that the mapping does not name'
    """
    counts = _counted(cells)
    readings = {label: reader.understand(label) for label in counts}
    numbers = sum(count for label, count in counts.items() if bare_number(label) is not None)
    typed = numbers > _HALF * counts.total()
    unnamed = any(reading.code == UNREADABLE and reading.wording for reading in readings.values())
    left_out = {label: Reading(0) if r.code == OFF_SCALE else r for label, r in readings.items()}
    if not ((unnamed and not typed) or _outside([counts], left_out)):
        return []
    named = frozenset(label for label, reading in readings.items() if reading.code != UNREADABLE)
    why = "has labels that the mapping does not name"
    return [Refusal((item,), why, dict(counts.most_common()), readings, named, mapped=True)]


def _refused_by_legend(
    columns: Mapping[str, Sequence[str]], texts: Mapping[str, Iterable[str]], reader: AnswerReader
) -> list[Refusal]:
    """Refuse the columns of numbers that the file explains otherwise than they are meant on our scale."""
    alike: dict[str, list[str]] = defaultdict(list)
    meanings: dict[str, Mapping[int, int]] = {}
    for item, cells in columns.items():
        found = other_scale(texts[item], reader) if any(bare_number(cell) is not None for cell in set(cells)) else None
        if found:
            alike[found.why].append(item)
            meanings[found.why] = found.meanings
    refusals = []
    for why, items in alike.items():
        counts = _together(_counted(columns[item]) for item in items)
        readings = {label: Reading(meanings[why].get(bare_number(label) or 0, OFF_SCALE)) for label in counts}
        refusals.append(Refusal(tuple(items), why, dict(counts.most_common()), readings, mapped=True))
    return refusals


def _heading_of(submissions: Submissions, number: int) -> tuple[str, ...]:
    """Return all that a heading says."""
    headings = submissions.headings[number : number + 1]
    return tuple(text for heading in headings for text in (heading.text, heading.array, *heading.keys))


def _counted(cells: Sequence[str], offered: Iterable[str] = ()) -> Counter[str]:
    """Count the labels of a column as a reader sees them, also what is offered; each different text is cleaned once."""
    labels: Counter[str] = Counter(dict.fromkeys(offered, 0))
    for text, count in Counter(cells).items():
        labels[clean(text)] += count
    del labels[""]
    return labels


def _together(counts: Iterable[Counter[str]]) -> Counter[str]:
    """Add counts up; a label that nobody chose stays one."""
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return total


def _without_ends(grids: Sequence[_Grid], reader: AnswerReader, *, offered: bool) -> bool:
    """Whether all answers are *agree* or *disagree*: of our scale some would be at an end, or the labels qualified."""
    total = _together(count for grid in grids for count in grid.counts)
    known = {label: reading for grid in grids[:1] for label, reading in grid.readings.items() if label in total}
    said = {label: reading for label, reading in known.items() if 0 < reading.code < UNREADABLE}
    inner = {reading.code for reading in said.values()} == set(range(2, reader.high))
    plain = all(r.wording and not reader.hedges & set(r.wording.split()) for r in said.values())
    return inner and plain and (offered or sum(total[label] for label in said) >= LEAST_WITHOUT_ENDS)


def _typed(counts: Counter[str], readings: Mapping[str, Reading]) -> bool:
    """Return whether most answers are bare numbers: people may have typed them, with errors."""
    given = {label: n for label, n in counts.items() if readings[label].code >= 0}
    return sum(n for label, n in given.items() if not readings[label].wording) > _HALF * sum(given.values())


def _fault(columns: Sequence[Counter[str]], readings: Mapping[str, Reading], reader: AnswerReader) -> str:
    """Return why the columns of one grid are not on our scale, or nothing when they are."""
    given = [Counter({label: n for label, n in column.items() if readings[label].code >= 0}) for column in columns]
    total = _together(given)
    if any(_proves(readings[label], reader, typed=_typed(total, readings)) for label in total):
        dates = any(_IS_DATE(label) for label in total)
        turned = any(readings[label].meant for label in total)
        return _OF_DATES if dates else _TURNED if turned else "has labels of another scale"
    return _two_labels(total, readings, reader) or _outside(given, readings)


def _proves(reading: Reading, reader: AnswerReader, *, typed: bool) -> bool:
    """Return whether one label is enough to know that a scale is not ours.

    A word among typed numbers may be a typing error, unless it is a known label of another scale, or one of ours with
    another number.
    """
    if reading.code == OFF_SCALE and reading.wording:
        return True
    if reading.code != UNREADABLE or not reading.wording:
        return False
    return not typed or any(label in reading.wording for label in reader.positions)


def _two_labels(total: Iterable[str], readings: Mapping[str, Reading], reader: AnswerReader) -> str:
    """Return the message that two labels would be one position; the labels of several languages may."""
    wordings: dict[int, set[str]] = defaultdict(set)
    for label in total:
        if 0 < readings[label].code < UNREADABLE and readings[label].wording:
            wordings[readings[label].code].add(readings[label].wording)
    for position, said in sorted(wordings.items()):
        if len(said) > 1 and not said <= reader.own:
            return f"has {len(said)} labels that would all be position {position}"
    inner = [labels for position, labels in wordings.items() if 1 < position < reader.high]
    hedged = {bool(reader.hedges & set(label.split())) for labels in inner for label in labels}
    mixed = "has labels of two scales: some of its middle positions are qualified, others are not"
    return mixed if len(hedged) > 1 else ""


def _outside(columns: Sequence[Counter[str]], readings: Mapping[str, Reading]) -> str:
    """Return the message that there are too many answers outside the scale for typing errors."""
    strays = [Counter({label: n for label, n in c.items() if readings[label].code >= UNREADABLE}) for c in columns]
    pairs = [(stray.total(), column.total()) for stray, column in zip(strays, columns, strict=True)]
    total = sum(answers for _, answers in pairs)
    for outside, answers in [*pairs, (sum(outside for outside, _ in pairs), total)]:
        if outside >= FEW and outside > SHARE_OF_ANOTHER_SCALE * answers:
            return f"has {outside} of {answers} answers outside the scale"
    for label, appears in Counter(label for stray in strays for label in stray).items():
        outside = sum(stray[label] for stray in strays)
        if appears >= FEW and outside > SHARE_IN_SEVERAL_COLUMNS * total:
            return f"has {outside} of {total} answers outside the scale, in {appears} columns the same"
    return ""


@dataclass(frozen=True)
class ItemAnswers:
    """The answers to the items of one export."""

    codes: pd.DataFrame  # A row per submission and a column per item that can be used, as in `Responses.codes`
    remarks: tuple[Remark, ...]  # columns that are left out, and cells that count as no answer
    refusals: tuple[Refusal, ...]  # columns that are left out together because they are on another scale


def read_items(
    submissions: Submissions, matches: Sequence[Match], instrument: Instrument, mapping: ImportMapping
) -> ItemAnswers:
    """Read every column of an item; those on another scale are left out as a whole.

    Examples
    --------
    >>> from resilience_analysis.survey.items import load_instrument
    >>> found = Submissions((), pd.DataFrame({0: ["4", "weet niet"]}, index=["2", "3"]))
    >>> read_items(found, [Match("INF1", ITEM, "INF1")], load_instrument(), ImportMapping()).codes["INF1"].tolist()[0]
    4
    """
    reader = scale_reader(instrument.scale)
    columns = {match.target: number for number, match in enumerate(matches) if match.kind == ITEM}
    cells = {item: submissions.cells[number].tolist() for item, number in columns.items()}
    meant = {item: mapping.meanings(item) for item in columns}
    mapped = {item: mapped_reader(said, instrument.scale.no_answer) for item, said in meant.items() if said}
    kept = {item: text for item, text in cells.items() if item not in mapping.out_of_scale}
    texts = {item: [*submissions.legend, *_heading_of(submissions, columns[item])] for item in kept}
    refusals = _refused_by_legend({item: text for item, text in kept.items() if item not in mapped}, texts, reader)
    gone = {*mapped, *(item for refusal in refusals for item in refusal.items)}
    judged = {item: text for item, text in kept.items() if item not in gone}
    arrays = {item: matches[columns[item]].array for item in judged}
    offered = {item: submissions.offered.get(columns[item], ()) for item in judged}
    refusals += refused_scales(judged, arrays, reader, offered)
    refusals += [one for item in kept if item in mapped for one in refused_by_mapping(item, kept[item], mapped[item])]
    why = {item: refusal.why for refusal in refusals for item in refusal.items}
    why |= dict.fromkeys(mapping.out_of_scale, _BY_MAPPING)
    read = {item: mapped.get(item, reader).read_column(cells[item]) for item in columns if item not in why}
    rows, remarks = submissions.cells.index, []
    for item, number in columns.items():
        found = (
            _unread(rows, cells[item], read[item]) if item in read else [Remark("", _LEFT_OUT.format(item, why[item]))]
        )
        remarks += [remark._replace(column=matches[number].heading) for remark in found]
    codes = pd.DataFrame(read, rows, [item for item in instrument.items if item in read], dtype=int)
    return ItemAnswers(codes.mask(codes >= UNREADABLE, EMPTY).astype(np.int8), tuple(remarks), tuple(refusals))


def _unread(rows: Iterable[str], cells: Iterable[str], codes: Iterable[int]) -> list[Remark]:
    found = zip(rows, cells, codes, strict=True)
    return [Remark(row, _UNREAD, value=cell) for row, cell, code in found if code >= UNREADABLE]
