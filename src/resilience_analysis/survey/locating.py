"""Where the headings of an export stand: in its first row, or below a title, or on a later sheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from resilience_analysis.foundation.errors import InputError, Problem
from resilience_analysis.survey.exports import Export, Remark, read_sheets
from resilience_analysis.survey.headings import ITEM, Match, match_headings
from resilience_analysis.survey.instrument import Instrument
from resilience_analysis.survey.labels import AnswerReader
from resilience_analysis.survey.workbook import Sheet, read_workbook

SEARCHED_ROWS = 20
PROBED_ROWS = 12
LEAST_ITEMS = 2
_ABOVE = "stands above the headings"
_OTHER_SHEET = "this sheet is not read; save it as a file of its own to import it"
_HIDDEN_SHEET = "this sheet is hidden, and not read; save it as a file of its own to import it"
_SHOWN = 4
_ADVICE = "Name the columns in a mapping file, or make the form with `resilience survey questionnaire`"
Found = tuple[Export, list[Match]]


@dataclass(frozen=True)
class Locator:
    """Reads sheets as one tool's and matches their headings.

    Attributes
    ----------
    instrument, columns
        See `match_headings`.
    tool, reader
        See `read_sheets`.
    """

    instrument: Instrument
    columns: Mapping[str, str]
    tool: str
    reader: AnswerReader

    def read_and_match(self, path: Path) -> Found:
        """Read an export and match its headings.

        The headings are the first row of the first sheet. Only where no item is among them, they are the first later
        row with at least `LEAST_ITEMS` items (one, with a mapping); what stands above it is set aside, row by row.

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
        everything = read_workbook(path, with_hidden=True)
        sheets = [sheet for sheet in everything if not sheet.hidden]
        try:
            export, matches = self._match(sheets, path.name)
        except InputError:
            later = next(filter(self._holds_items, _later_starts(sheets)), None)
            if later is None:
                raise
            export, matches = self._match(later, path.name)
            export = replace(export, set_aside=(*_above(sheets, later[0]), *export.set_aside))
        return replace(export, remarks=(*_other_sheets(everything, export), *export.remarks)), matches

    def _match(self, sheets: Sequence[Sheet], name: str) -> Found:
        export = read_sheets(sheets, tool=self.tool, reader=self.reader)
        matches = match_headings(export, self.instrument, self.columns)
        if not _count_items(matches):
            raise _nothing_recognised(name, export)
        return export, matches

    def _holds_items(self, sheets: Sequence[Sheet]) -> bool:
        """Whether the first row of the first sheet holds headings; its first rows show it."""
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
    """Yield the sheets, one of them in front and without what stands before one of its rows."""
    for place, sheet in enumerate(sheets):
        others = [*sheets[:place], *sheets[place + 1 :]]
        for start in range(0 if place else 1, min(len(sheet.rows), SEARCHED_ROWS)):
            yield [replace(sheet, rows=sheet.rows[start:], numbers=sheet.numbers[start:]), *others]


def _above(sheets: Sequence[Sheet], cut: Sheet) -> Iterator[Remark]:
    whole = next(sheet for sheet in sheets if sheet.name == cut.name)
    return (Remark(str(number), _ABOVE) for number in whole.numbers if number < cut.numbers[0])


def _other_sheets(sheets: Sequence[Sheet], export: Export) -> Iterator[Remark]:
    others = (sheet for sheet in sheets if sheet.name not in export.sheets)
    return (Remark("", _HIDDEN_SHEET if sheet.hidden else _OTHER_SHEET, f"sheet {sheet.name}") for sheet in others)


def _nothing_recognised(name: str, export: Export) -> InputError:
    shown = ", ".join(repr(heading.text) for heading in export.headings[:_SHOWN] if heading.text.strip())
    what = f"no item is recognised among the headings, such as {shown}" if shown else "no item is recognised"
    return InputError(name, [Problem(f"{name}, read as {export.tool}", what, _ADVICE)])
