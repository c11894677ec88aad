"""Where the headings of an export are: in its first row, or below a title, or on a later sheet."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from resilience_analysis.foundation.errors import InputError, Problem
from resilience_analysis.survey.exports import read_sheets
from resilience_analysis.survey.headings import ITEM, Match, match_headings, repeated_targets
from resilience_analysis.survey.instrument import Instrument
from resilience_analysis.survey.labels import AnswerReader
from resilience_analysis.survey.submissions import Remark, Submissions
from resilience_analysis.survey.workbook import FileFormat, Sheet, read_workbook

SEARCHED_ROWS = 20
PROBED_ROWS = 12
LEAST_ITEMS = 2
_ABOVE = "is above the headings"
_OTHER_SHEET = "this sheet is not read; save it as a file of its own to import it"
_HIDDEN_SHEET = "this sheet is hidden, and not read; save it as a file of its own to import it"
_ADVICE = (
    "Is there a row of headings? Name the columns in a mapping file, say which tool it comes from with --tool, or make "
    "the questionnaire with `resilience survey questionnaire`"
)
_BY_LETTER = "Say which one counts in a mapping file, by its letter: columns: {INF1: column F}"
Found = tuple[Submissions, list[Match]]


@dataclass(frozen=True)
class Locator:
    """Reads sheets as one tool's and matches their headings."""

    instrument: Instrument  # see `match_headings`
    columns: Mapping[str, str]  # see `match_headings`
    tool: str  # see `read_sheets`
    reader: AnswerReader  # see `read_sheets`
    keep: Collection[str] = ()  # see `read_sheets`
    # how the file is written, where it does not show that itself; see `read_workbook`
    file: FileFormat = field(default_factory=FileFormat)

    def read_and_match(self, path: Path) -> Found:
        """Read an export and match its headings.

        The headings are the first row of the first sheet. Only where no item is among them, they are the first later
        row with at least `LEAST_ITEMS` items (one, with a mapping); what is above it is set aside, row by row.

        Parameters
        ----------
        path
            CSV or XLSX.

        Raises
        ------
        InputError
            When the file is not a table, no item is recognised, or `columns` names a heading that is not there.
        UsageError
            When the tool is not known.
        """
        everything = read_workbook(path, self.file, with_hidden=True)
        sheets = [sheet for sheet in everything if not sheet.hidden]
        try:
            submissions, matches = self._match(sheets, path.name)
        except InputError:
            later = next(filter(self._holds_items, _later_starts(sheets)), None)
            if later is None:
                raise
            submissions, matches = self._match(later, path.name)
            submissions = replace(submissions, set_aside=(*_above(sheets, later[0]), *submissions.set_aside))
        return replace(submissions, remarks=(*_other_sheets(everything, submissions), *submissions.remarks)), matches

    def _match(self, sheets: Sequence[Sheet], name: str) -> Found:
        submissions = read_sheets(sheets, tool=self.tool, reader=self.reader, keep=self.keep)
        matches = match_headings(submissions, self.instrument, self.columns)
        if not _count_items(matches):
            raise InputError(name, _nothing_recognised(name, submissions, matches))
        return submissions, matches

    def _holds_items(self, sheets: Sequence[Sheet]) -> bool:
        """Return whether the first row of the first sheet holds headings; its first rows show it."""
        first, *others = sheets
        probe = replace(first, rows=first.rows[:PROBED_ROWS], numbers=first.numbers[:PROBED_ROWS])
        try:
            _, matches = self._match([probe, *others], first.name)
        except InputError:
            return False
        return _count_items(matches) >= (1 if self.columns else LEAST_ITEMS)


def _count_items(matches: Sequence[Match]) -> int:
    return len({match.target for match in matches if match.kind == ITEM})


def _later_starts(sheets: Sequence[Sheet]) -> Iterator[list[Sheet]]:
    """Yield the sheets, one of them in front and without what precedes one of its rows."""
    for place, sheet in enumerate(sheets):
        others = [*sheets[:place], *sheets[place + 1 :]]
        for start in range(0 if place else 1, min(len(sheet.rows), SEARCHED_ROWS)):
            yield [replace(sheet, rows=sheet.rows[start:], numbers=sheet.numbers[start:]), *others]


def _above(sheets: Sequence[Sheet], cut: Sheet) -> Iterator[Remark]:
    whole = next(sheet for sheet in sheets if sheet.name == cut.name)
    return (Remark(str(number), _ABOVE) for number in whole.numbers if number < cut.numbers[0])


def _other_sheets(sheets: Sequence[Sheet], submissions: Submissions) -> Iterator[Remark]:
    others = (sheet for sheet in sheets if sheet.name not in submissions.sheets)
    return (Remark("", _HIDDEN_SHEET if sheet.hidden else _OTHER_SHEET, f"sheet {sheet.name}") for sheet in others)


def _nothing_recognised(name: str, submissions: Submissions, matches: Sequence[Match]) -> list[Problem]:
    """Return why no item can be read, without a word of the headings: a row of answers may have been taken for them."""
    where = f"{name}, read as {submissions.tool}"
    twice = repeated_targets(matches)
    if twice:
        return [
            Problem(where, f"{target} appears in {len(columns)} columns ({', '.join(columns)})", _BY_LETTER)
            for target, columns in twice.items()
        ]
    count = sum(1 for match in matches if match.heading.strip())
    return [Problem(where, f"no item is recognised among its {count} headings", _ADVICE)]
