"""From an export of a survey tool to answers, a table of problems, and a report of what was recognised.

Every row of the file is either used or set aside with its reason, and every cell of a recognised column is either
read or listed. Columns that are not recognised, or that identify people, are named and left out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from resilience_analysis.survey.exports import AUTO
from resilience_analysis.survey.headings import AMBIGUOUS, ITEM, MARKER, UNMATCHED, Match
from resilience_analysis.survey.instrument import NIS_CODE, PSEUDONYM, ROLE, Instrument
from resilience_analysis.survey.labels import EMPTY, scale_reader
from resilience_analysis.survey.locating import Locator
from resilience_analysis.survey.mapping import ImportMapping
from resilience_analysis.survey.people import PeopleReader
from resilience_analysis.survey.privacy import RandomIds, pseudonym_id, random_ids
from resilience_analysis.survey.responses import NOT_ASKED, PEOPLE, Responses, reason_code
from resilience_analysis.survey.scales import Refusal, read_items
from resilience_analysis.survey.submissions import Remark, Submissions
from resilience_analysis.survey.wording import fold
from resilience_analysis.survey.workbook import FileFormat

_NOT_APPLICABLE = reason_code("not_applicable")
_NO_ANSWER = "no statement was answered"
_FORGOTTEN = "this person asked to be forgotten"
_SHOWN = 20


@dataclass(frozen=True)
class ImportOptions:
    """How to import."""

    wave: str  # label of the wave, such as `2026`
    tool: str = AUTO  # the tool, or `auto`
    mapping: ImportMapping = field(default_factory=ImportMapping)  # what a person says about the columns and answers
    # NIS codes by name, beside those of the instrument
    municipalities: Mapping[str, str] = field(default_factory=dict)
    closed: bool = False  # whether a NIS code outside the known ones is refused
    # gives the key of the pseudonyms, and is only asked when there are any; without it every respondent gets a random
    # number
    key: Callable[[], bytes] | None = None
    ids: RandomIds = random_ids  # makes the random respondent numbers
    # kinds of submissions (see `submissions.KEPT`) that count although their tool says they do not
    keep: Collection[str] = ()
    # how the file is written, where it does not show that itself
    file: FileFormat = field(default_factory=FileFormat)
    forgotten: frozenset[str] = frozenset()  # numbers of the people who asked to be forgotten


@dataclass(frozen=True)
class Imported:
    """The result of an import."""

    responses: Responses  # the answers, sorted by respondent number, so that their order says nothing about the file
    submissions: Submissions  # what was read; rows without any answer are among its `set_aside`
    matches: list[Match]  # what every heading stands for
    problems: tuple[Remark, ...]  # every row, column or cell that could not be used, and why
    refusals: tuple[Refusal, ...]  # columns that are left out because they are on another scale
    known: Mapping[str, int]  # how many respondents have a municipality, a role, a code of their own
    # how many respondents did not reach the end, their answers are used; None where the tool does not say
    unfinished: int | None
    synthetic: bool  # whether our generator made the file

    @property
    def rows_explained(self) -> int:
        """How many rows of the file are set aside; each is among the problems."""
        return len(self.submissions.set_aside)

    @property
    def rows_used(self) -> int:
        """How many rows of the file gave answers."""
        return self.submissions.rows_in - self.rows_explained


def import_answers(path: Path, instrument: Instrument, options: ImportOptions) -> Imported:
    """Import one export.

    Parameters
    ----------
    path
        CSV or XLSX as the tool wrote it.
    instrument
        The items, scale and fields to recognise.
    options
        Wave, tool, mapping and so on.

    Raises
    ------
    InputError
        When the file is not a table, when no item is recognised in it, or when the mapping names headings that are
        not there. Anything less is one of `Imported.problems`.
    UsageError
        When the tool is not known, or a fixed value is none of the field's.
    """
    mapping = options.mapping
    tool = mapping.tool if options.tool == AUTO and mapping.tool else options.tool
    reader = scale_reader(instrument.scale)
    locator = Locator(instrument, mapping.columns, tool, reader, options.keep, options.file)
    submissions, matches = locator.read_and_match(path)
    items = read_items(submissions, matches, instrument, mapping)
    submissions, codes = _without_silent_rows(submissions, items.codes)
    people_reader = PeopleReader(
        instrument, {fold(name): code for name, code in options.municipalities.items()}, options.closed
    )
    people, of_people = people_reader.read_people(submissions, matches, mapping)
    submissions, codes, people = _without_forgotten(submissions, codes, people, options)
    synthetic = any(match.kind == MARKER for match in matches)
    codes = _not_asked(codes, people, instrument, submissions)
    return Imported(
        responses=_identified(people, codes, instrument, options, synthetic),
        submissions=submissions,
        matches=matches,
        problems=_each_once(
            *submissions.set_aside,
            *_of_columns(matches, instrument),
            *_of_no_heading(submissions),
            *submissions.doubts,
            *submissions.remarks,
            *items.remarks,
            *of_people,
        ),
        refusals=items.refusals,
        known={name: int(people[name].notna().sum()) for name in (NIS_CODE, ROLE, PSEUDONYM)},
        unfinished=_unfinished(submissions),
        synthetic=synthetic,
    )


def _without_silent_rows(submissions: Submissions, codes: pd.DataFrame) -> tuple[Submissions, pd.DataFrame]:
    """Set aside the rows in which no statement has an answer; don't know is an answer."""
    spoke = (codes != EMPTY).any(axis=1).to_numpy()
    heard = set(submissions.cells.index[spoke])
    silent = dict.fromkeys(row for row in submissions.cells.index if row not in heard)
    aside = (*submissions.set_aside, *(Remark(row, _NO_ANSWER) for row in silent))
    return replace(submissions, cells=submissions.cells[spoke], set_aside=aside), codes[spoke]


def _without_forgotten(
    submissions: Submissions, codes: pd.DataFrame, people: pd.DataFrame, options: ImportOptions
) -> tuple[Submissions, pd.DataFrame, pd.DataFrame]:
    """Set aside the people who asked to be forgotten; their code tells."""
    said = people[PSEUDONYM].notna()
    if options.key is None or not options.forgotten or not said.any():
        return submissions, codes, people
    key = options.key()
    gone = np.zeros(len(people), dtype=bool)
    gone[said] = [pseudonym_id(code, key) in options.forgotten for code in people[PSEUDONYM][said]]
    aside = tuple(Remark(row, _FORGOTTEN) for row in dict.fromkeys(submissions.cells.index[gone]))
    rest = replace(submissions, cells=submissions.cells[~gone], set_aside=(*submissions.set_aside, *aside))
    return rest, codes[~gone], people[~gone]


def _not_asked(
    codes: pd.DataFrame, people: pd.DataFrame, instrument: Instrument, submissions: Submissions
) -> pd.DataFrame:
    """Tell what was not asked from what was not answered.

    A count links no answers, so its other statements were not asked; the village team check does not apply to
    people in another role.
    """
    if not submissions.linked:
        return codes.where(codes != EMPTY, NOT_ASKED)
    team = instrument.village_team
    role = people[team.asked_field].to_numpy()
    others = pd.notna(role) & (role != team.asked_value)
    asked = codes.copy()
    for item in team.section.items:
        if item.id in asked:
            asked.loc[others & (asked[item.id] == EMPTY).to_numpy(), item.id] = _NOT_APPLICABLE
    return asked


def _identified(
    people: pd.DataFrame, codes: pd.DataFrame, instrument: Instrument, options: ImportOptions, synthetic: bool
) -> Responses:
    """Return every respondent a number that says nothing, and sort by it."""
    numbers = list(options.ids(len(people)))
    pseudonyms = people[PSEUDONYM]
    if options.key is not None and pseudonyms.notna().any():
        key = options.key()
        unique = ~pseudonyms.map(fold, na_action="ignore").duplicated(keep=False)
        for place in np.flatnonzero(pseudonyms.notna() & unique):
            numbers[place] = pseudonym_id(pseudonyms.iloc[place], key)
    prefix = instrument.synthetic.prefix if synthetic else ""
    people = people.assign(respondent=[prefix + number for number in numbers], wave=options.wave)
    order = np.argsort(people["respondent"].to_numpy(dtype=str), kind="stable")
    return Responses(
        people.iloc[order][list(PEOPLE)].reset_index(drop=True),
        codes.iloc[order].reset_index(drop=True),
    )


def _of_columns(matches: Sequence[Match], instrument: Instrument) -> list[Remark]:
    remarks = []
    for match in matches:
        if match.kind == UNMATCHED:
            remarks.append(Remark("", "matches no item or field; left out", match.heading))
        elif match.kind == AMBIGUOUS:
            why = f"several columns are {match.target}; this one, {match.column}, is left out"
            remarks.append(Remark("", why, match.heading))
        elif match.kind == ITEM and match.wording != instrument.items[match.target].fingerprint:
            why = f"another wording than {match.target} of the questionnaire; not compared with waves of that wording"
            remarks.append(Remark("", why, match.heading))
    return remarks


def _each_once(*remarks: Remark) -> tuple[Remark, ...]:
    """Say the same only once: one row of a tally counts many answers."""
    return tuple(dict.fromkeys(remarks))


def _of_no_heading(submissions: Submissions) -> list[Remark]:
    """Name the cells under no heading: a row with a delimiter too many is read one column too far."""
    remarks = []
    for number, heading in enumerate(submissions.headings):
        if heading.text.strip():
            continue
        rows = submissions.cells.index[submissions.cells[number].str.strip() != ""].tolist()
        if rows:
            shown = ", ".join(rows[:_SHOWN]) + (" and more" if len(rows) > _SHOWN else "")
            remarks.append(Remark("", f"has no heading; left out, in row {shown}", f"column {number + 1}"))
    return remarks


def _unfinished(submissions: Submissions) -> int | None:
    if submissions.finished is None:
        return None
    return int(submissions.cells[submissions.finished].map(fold).isin(submissions.unfinished).sum())
