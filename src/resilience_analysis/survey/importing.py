"""From an export of a survey tool to answers, a table of problems, and a report of what was recognised.

Every row of the file is either used or set aside with its reason, and every cell of a recognised column is either
read or listed. Columns that are not recognised, or that identify people, are named and left out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import pandas as pd

from resilience_analysis.foundation.errors import InputError, Problem
from resilience_analysis.survey.exports import AUTO, Remark, Submissions, read_sheets
from resilience_analysis.survey.headings import (
    AMBIGUOUS,
    ITEM,
    MARKER,
    UNMATCHED,
    Match,
    match_headings,
    repeated_targets,
)
from resilience_analysis.survey.instrument import NIS_CODE, PSEUDONYM, ROLE, Instrument
from resilience_analysis.survey.joined_columns import join_columns
from resilience_analysis.survey.legends import codes_of
from resilience_analysis.survey.mapping import EMPTY, ImportMapping, scale_reader
from resilience_analysis.survey.people import PeopleReader
from resilience_analysis.survey.privacy import RandomIds, pseudonym_id, random_ids
from resilience_analysis.survey.respondent_rows import without_other_rows
from resilience_analysis.survey.responses import NOT_ASKED, PEOPLE, Responses, reason_code
from resilience_analysis.survey.scales import Refusal, read_items
from resilience_analysis.survey.wording import fold
from resilience_analysis.survey.workbook import FileFormat, Sheet, read_workbook

SEARCHED_ROWS = 20
PROBED_ROWS = 12
LEAST_ITEMS = 2
_ABOVE = "is above the headings"
OTHER_SHEET = "this sheet is not read; save it as a file of its own to import it"
_HIDDEN_SHEET = "this sheet is hidden, and not read; save it as a file of its own to import it"
_ADVICE = (
    "Is there a row of headings? Name the columns in a mapping file, say which tool it comes from with --tool, or make "
    "the questionnaire with `resilience survey questionnaire`"
)
_BY_LETTER = "Say which one counts in a mapping file, by its letter: columns: {INF1: column F}"
_TURN = "Turn the table, so that a statement is a column and a respondent a row"
Found = tuple[Submissions, list[Match]]
_NOT_APPLICABLE = reason_code("not_applicable")
_NO_ANSWER = "no statement was answered"
_FORGOTTEN = "this person asked to be forgotten"
_SAME_CODE = "has the code of another row, so that neither is followed to another wave; used all the same"
_SHOWN = 20
NEARLY = "it reads nearly as"
_LIKENESS = 0.85


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
    # kinds of submissions (see `exports.KEPT`) that count although their tool says they do not
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
    r"""Import one export, a file as the tool wrote it, by the items, scale and fields of the instrument.

    Raises
    ------
    InputError
        When the file is not a table, when no item is recognised in it, or when the mapping names headings that are
        not there. Anything less is one of `Imported.problems`.
    UsageError
        When the tool is not known, or a fixed value is none of the field's.

    Examples
    --------
    >>> import tempfile
    >>> from resilience_analysis.survey.items import load_instrument
    >>> export = Path(tempfile.mkdtemp()) / "export.csv"
    >>> _ = export.write_text("INF1,mood\n4,good\n,bad\n")
    >>> imported = import_answers(export, load_instrument(), ImportOptions("2026"))
    >>> imported.rows_used, imported.rows_explained, [problem.why for problem in imported.problems]
    (1, 1, ['no statement was answered', 'matches no item or field; left out'])
    """
    mapping = options.mapping
    submissions, matches = _read_and_match(path, instrument, options)
    submissions = without_other_rows(submissions, matches, instrument, options.keep)
    items = read_items(submissions, matches, instrument, mapping)
    silent = (items.codes == EMPTY).all(axis=1).to_numpy()  # don't know is an answer
    submissions, codes = submissions.without(silent, _NO_ANSWER), items.codes[~silent]
    places = {fold(name): code for name, code in options.municipalities.items()}
    people, of_people = PeopleReader(instrument, places, options.closed).read_people(submissions, matches, mapping)
    followed = _followed(people, options)
    gone = followed.isin(options.forgotten).to_numpy()
    submissions, codes, people = submissions.without(gone, _FORGOTTEN), codes[~gone], people[~gone]
    repeated = followed[~gone].duplicated(keep=False).to_numpy() & followed[~gone].notna().to_numpy()
    several = followed[~gone].nunique() > 1  # else it is of the form, not of a respondent
    rows = submissions.cells.index[repeated & several]
    submissions = submissions.with_doubts(Remark(row, _SAME_CODE) for row in rows)
    numbers = followed[~gone].mask(repeated)  # a code that two people chose follows none
    numbers = numbers.where(numbers.notna(), np.array(list(options.ids(len(people))), dtype=object))
    synthetic = any(match.kind == MARKER for match in matches)
    codes = _not_asked(codes, people, instrument, submissions)
    remarks = (
        *submissions.set_aside,
        *_of_columns(matches, instrument),
        *_of_no_heading(submissions),
        *submissions.doubts,
        *submissions.remarks,
        *items.remarks,
        *of_people,
    )
    return Imported(
        responses=_identified(people, codes, numbers, instrument.synthetic.prefix if synthetic else "", options.wave),
        submissions=submissions,
        matches=matches,
        problems=tuple(dict.fromkeys(remarks)),  # each once: one row of a tally counts many answers
        refusals=items.refusals,
        known={name: int(people[name].notna().sum()) for name in (NIS_CODE, ROLE, PSEUDONYM)},
        unfinished=_unfinished(submissions),
        synthetic=synthetic,
    )


def _followed(people: pd.DataFrame, options: ImportOptions) -> pd.Series:
    """Return the number that follows from the code of each of the people; missing without a code or a key."""
    codes = people[PSEUDONYM].tolist()
    key = options.key() if options.key is not None and any(codes) else b""
    return pd.Series([pseudonym_id(code, key) if key and code else None for code in codes], dtype=object)


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


def _identified(people: pd.DataFrame, codes: pd.DataFrame, numbers: pd.Series, prefix: str, wave: str) -> Responses:
    """Name every respondent by a number that says nothing, and sort by it."""
    people = people.assign(respondent=(prefix + numbers).to_numpy(), wave=wave)
    order = np.argsort(people["respondent"].to_numpy(dtype=str), kind="stable")
    return Responses(*(part.iloc[order].reset_index(drop=True) for part in (people[list(PEOPLE)], codes)))


def _of_columns(matches: Sequence[Match], instrument: Instrument) -> list[Remark]:
    remarks = []
    for match in matches:
        if match.kind == UNMATCHED:
            near = get_close_matches(fold(match.heading), instrument.coded, 1, _LIKENESS)
            hint = f"; {NEARLY} {instrument.coded[near[0]]}: name it in a mapping file" if near else ""
            remarks.append(Remark("", f"matches no item or field; left out{hint}", match.heading))
        elif match.kind == AMBIGUOUS:
            why = f"several columns are {match.target}; this one, {match.column}, is left out"
            remarks.append(Remark("", why, match.heading))
        elif match.kind == ITEM and match.wording != instrument.items[match.target].fingerprint:
            why = f"another wording than {match.target} of the questionnaire; not compared with waves of that wording"
            remarks.append(Remark("", why, match.heading))
    return remarks


def _of_no_heading(submissions: Submissions) -> list[Remark]:
    """Name the cells under no heading: a row with a delimiter too many is read one column too far."""
    remarks = []
    for number, heading in enumerate(submissions.headings):
        rows = submissions.cells.index[submissions.cells[number].str.strip() != ""].tolist()
        if rows and not heading.text.strip():
            shown = ", ".join(rows[:_SHOWN]) + (" and more" if len(rows) > _SHOWN else "")
            remarks.append(Remark("", f"has no heading; left out, in row {shown}", f"column {number + 1}"))
    return remarks


def _unfinished(submissions: Submissions) -> int | None:
    if submissions.finished is None:
        return None
    return sum(map(submissions.unfinished, submissions.cells[submissions.finished].map(fold)))


def _read_and_match(path: Path, instrument: Instrument, options: ImportOptions) -> Found:
    """Read an export and match its headings.

    The headings are the first row of the first sheet. Only where no item is among them, they are the first later row
    with at least `LEAST_ITEMS` items (one, with a mapping); what is above it is set aside, row by row.
    """
    everything = read_workbook(path, options.file, with_hidden=True)
    sheets = [sheet for sheet in everything if not sheet.hidden]
    try:
        submissions, matches = _match(sheets, path.name, instrument, options)
    except InputError:
        later = next((some for some in _later_starts(sheets) if _holds_items(some, instrument, options)), None)
        if later is None:
            raise
        submissions, matches = _match(later, path.name, instrument, options)
        whole = next(sheet for sheet in sheets if sheet.name == later[0].name)
        above = [Remark(str(number), _ABOVE) for number in whole.numbers if number < later[0].numbers[0]]
        submissions = replace(submissions, set_aside=(*above, *submissions.set_aside))
    others = (sheet for sheet in everything if sheet.name not in submissions.sheets)
    unread = [Remark("", _HIDDEN_SHEET if sheet.hidden else OTHER_SHEET, f"sheet {sheet.name}") for sheet in others]
    legend = tuple(code for sheet in everything if sheet.name not in submissions.sheets for code in codes_of(sheet))
    return replace(submissions, remarks=(*unread, *submissions.remarks), legend=legend), matches


def _match(sheets: Sequence[Sheet], name: str, instrument: Instrument, options: ImportOptions) -> Found:
    mapping = options.mapping
    tool = mapping.tool if options.tool == AUTO and mapping.tool else options.tool
    reader = scale_reader(instrument.scale)
    submissions = read_sheets(sheets, tool=tool, reader=reader, keep=options.keep)
    matches = match_headings(submissions, instrument, mapping.columns)
    submissions, matches = join_columns(submissions, matches, instrument, reader)
    if not _count_items(matches):
        raise InputError(name, _nothing_recognised(name, submissions, matches, instrument))
    return submissions, matches


def _holds_items(sheets: Sequence[Sheet], instrument: Instrument, options: ImportOptions) -> bool:
    """Return whether the first row of the first sheet holds headings; its first rows show it."""
    first, *others = sheets
    probe = replace(first, rows=first.rows[:PROBED_ROWS], numbers=first.numbers[:PROBED_ROWS])
    try:
        _, matches = _match([probe, *others], first.name, instrument, options)
    except InputError:
        return False
    return _count_items(matches) >= (1 if options.mapping.columns else LEAST_ITEMS)


def _count_items(matches: Sequence[Match]) -> int:
    return len({match.target for match in matches if match.kind == ITEM})


def _later_starts(sheets: Sequence[Sheet]) -> Iterator[list[Sheet]]:
    """Yield the sheets, one of them in front and without what precedes one of its rows."""
    for place, sheet in enumerate(sheets):
        others = [*sheets[:place], *sheets[place + 1 :]]
        for start in range(0 if place else 1, min(len(sheet.rows), SEARCHED_ROWS)):
            yield [replace(sheet, rows=sheet.rows[start:], numbers=sheet.numbers[start:]), *others]


def _nothing_recognised(
    name: str, submissions: Submissions, matches: Sequence[Match], instrument: Instrument
) -> list[Problem]:
    """Return why no item can be read, without a word of the headings: a row of answers may have been taken for them."""
    where = f"{name}, read as {submissions.tool}"
    twice = repeated_targets(matches)
    if twice:
        return [
            Problem(where, f"{target} appears in {len(columns)} columns ({', '.join(columns)})", _BY_LETTER)
            for target, columns in twice.items()
        ]
    count = sum(1 for match in matches if match.heading.strip())
    letters = (match.column for n, match in enumerate(matches) if _are_items(submissions.cells[n], instrument))
    column = next(letters, "")
    what = f"no item is recognised among its {count} headings"
    if column:
        return [Problem(where, f"{what}: the statements are below each other, in column {column}", _TURN)]
    return [Problem(where, what, _ADVICE)]


def _are_items(cells: pd.Series, instrument: Instrument) -> bool:
    """Return whether the cells of a column are codes or wordings of several items."""
    return len({instrument.coded.get(fold(cell)) for cell in cells.unique()} - {None}) >= LEAST_ITEMS
