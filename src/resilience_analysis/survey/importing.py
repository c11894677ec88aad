"""From an export of a survey tool to answers, a table of problems, and a report of what was recognised.

Every row of the file is either used or set aside with its reason, and every cell of a recognised column is either
read or listed. Columns that are not recognised, or that identify people, are named and left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from resilience_analysis.survey.exports import AUTO, Export, Remark
from resilience_analysis.survey.headings import AMBIGUOUS, ITEM, MARKER, UNMATCHED, Match
from resilience_analysis.survey.instrument import PSEUDONYM, Instrument
from resilience_analysis.survey.labels import (
    EMPTY,
    UNREADABLE,
    AnswerReader,
    another_scale,
    mapped_reader,
    scale_reader,
)
from resilience_analysis.survey.locating import Locator
from resilience_analysis.survey.mapping import ImportMapping
from resilience_analysis.survey.people import PeopleReader
from resilience_analysis.survey.privacy import RandomIds, pseudonym_id, random_ids
from resilience_analysis.survey.responses import NOT_ASKED, PEOPLE, Responses, reason_code
from resilience_analysis.survey.wording import fold

_NOT_APPLICABLE = reason_code("not_applicable")
_NO_ANSWER = "no statement was answered"
_UNREAD = "no answer of this scale; counted as no answer"
_SHOWN = 20
_UNFINISHED = frozenset({"", "false", "0", "onwaar", "nee", "no"})


@dataclass(frozen=True)
class ImportOptions:
    """How to import.

    Attributes
    ----------
    wave
        Label of the wave, such as ``2026``.
    tool
        The tool, or ``auto``.
    mapping
        What a person says about the columns and answers.
    municipalities
        NIS codes by name, beside those of the instrument.
    closed
        Whether a NIS code outside the known ones is refused.
    key
        Gives the key of the pseudonyms, and is only asked when there are any; without it every respondent gets a
        random number.
    ids
        Makes the random respondent numbers.
    """

    wave: str
    tool: str = AUTO
    mapping: ImportMapping = field(default_factory=ImportMapping)
    municipalities: Mapping[str, str] = field(default_factory=dict)
    closed: bool = False
    key: Callable[[], bytes] | None = None
    ids: RandomIds = random_ids


@dataclass(frozen=True)
class Imported:
    """What an import gave.

    Attributes
    ----------
    responses
        The answers, sorted by respondent number, so that their order says nothing about the file.
    export
        What the reader gave; rows without any answer are among its `set_aside`.
    matches
        What every heading stands for.
    problems
        Every row, column or cell that could not be used, and why.
    unfinished
        How many respondents did not reach the end; their answers are used.
    synthetic
        Whether our generator made the file.
    """

    responses: Responses
    export: Export
    matches: list[Match]
    problems: tuple[Remark, ...]
    unfinished: int
    synthetic: bool

    @property
    def rows_explained(self) -> int:
        """How many rows of the file are set aside; each is among the problems."""
        return len(self.export.set_aside)

    @property
    def rows_used(self) -> int:
        """How many rows of the file gave answers."""
        return self.export.rows_in - self.rows_explained


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
    scale = scale_reader(instrument.scale)
    mapping = options.mapping
    tool = mapping.tool if options.tool == AUTO and mapping.tool else options.tool
    export, matches = Locator(instrument, mapping.columns, tool, scale).read_and_match(path)
    codes, of_items = _read_items(export, matches, instrument, mapping)
    export, codes = _without_silent_rows(export, codes)
    reader = PeopleReader(
        instrument, {fold(name): code for name, code in options.municipalities.items()}, options.closed
    )
    people, of_people = reader.read_people(export, matches, mapping)
    synthetic = any(match.kind == MARKER for match in matches)
    return Imported(
        responses=_identified(people, _not_asked(codes, people, instrument, export), instrument, options, synthetic),
        export=export,
        matches=matches,
        problems=_each_once(
            *export.set_aside,
            *_of_columns(matches, instrument),
            *_of_no_heading(export),
            *export.remarks,
            *of_items,
            *of_people,
        ),
        unfinished=_unfinished(export),
        synthetic=synthetic,
    )


def _read_items(
    export: Export, matches: Sequence[Match], instrument: Instrument, mapping: ImportMapping
) -> tuple[pd.DataFrame, list[Remark]]:
    """Read every item column as codes; a column on another scale is left out and remarked upon."""
    scale = scale_reader(instrument.scale)
    columns: dict[str, np.ndarray] = {}
    remarks: list[Remark] = []
    rows = export.cells.index.tolist()
    for number, match in enumerate(matches):
        if match.kind != ITEM:
            continue
        cells = export.cells[number].tolist()
        codes, why = _read_column(cells, match.target, scale, mapping)
        if why:
            remarks.append(Remark("", f"{match.target} is left out: {why}", match.heading))
            continue
        unread = np.flatnonzero(codes >= UNREADABLE).tolist()
        remarks += [Remark(rows[n], _UNREAD, match.heading, cells[n]) for n in unread]
        columns[match.target] = np.where(codes >= UNREADABLE, EMPTY, codes).astype(np.int8)
    ordered = {item: columns[item] for item in instrument.items if item in columns}
    return pd.DataFrame(ordered, index=export.cells.index), remarks


def _read_column(
    cells: Sequence[str], item: str, scale: AnswerReader, mapping: ImportMapping
) -> tuple[np.ndarray, str]:
    """Read one item, and say why it cannot be used; nothing when it can."""
    if item in mapping.out_of_scale:
        return np.empty(0), "the mapping says it is out of scale"
    meanings = mapping.meanings(item)
    codes = (mapped_reader(meanings) if meanings else scale).read_column(cells)
    return np.asarray(codes, dtype=np.int16), "" if meanings else another_scale(scale, cells)


def _without_silent_rows(export: Export, codes: pd.DataFrame) -> tuple[Export, pd.DataFrame]:
    """Set aside the rows in which no statement has an answer; don't know is an answer."""
    spoke = (codes != EMPTY).any(axis=1).to_numpy()
    heard = set(export.cells.index[spoke])
    silent = dict.fromkeys(row for row in export.cells.index if row not in heard)
    aside = (*export.set_aside, *(Remark(row, _NO_ANSWER) for row in silent))
    return replace(export, cells=export.cells[spoke], set_aside=aside), codes[spoke]


def _not_asked(codes: pd.DataFrame, people: pd.DataFrame, instrument: Instrument, export: Export) -> pd.DataFrame:
    """Tell what was not asked from what was not answered.

    A count links no answers, so its other statements were not asked; the village team check does not apply to
    people in another role.
    """
    if not export.linked:
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
            remarks.append(Remark("", f"several columns are {match.target}; this one is left out", match.heading))
        elif match.kind == ITEM and match.wording != instrument.items[match.target].fingerprint:
            why = f"another wording than {match.target} of the questionnaire; not compared with waves of that wording"
            remarks.append(Remark("", why, match.heading))
    return remarks


def _each_once(*remarks: Remark) -> tuple[Remark, ...]:
    """Say the same only once: one row of a tally counts many answers."""
    return tuple(dict.fromkeys(remarks))


def _of_no_heading(export: Export) -> list[Remark]:
    """Name the cells under no heading: a row with a delimiter too many is read one column too far."""
    remarks = []
    for number, heading in enumerate(export.headings):
        if heading.text.strip():
            continue
        rows = export.cells.index[export.cells[number].str.strip() != ""].tolist()
        if rows:
            shown = ", ".join(rows[:_SHOWN]) + (" and more" if len(rows) > _SHOWN else "")
            remarks.append(Remark("", f"has no heading; left out, in row {shown}", f"column {number + 1}"))
    return remarks


def _unfinished(export: Export) -> int:
    if export.finished is None:
        return 0
    return int(export.cells[export.finished].map(fold).isin(_UNFINISHED).sum())
