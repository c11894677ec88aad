"""The region's own registers: housing projects and the process log, empty until somebody fills them in."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from resilience_analysis.foundation.cells import timeless
from resilience_analysis.foundation.errors import Problem, UsageError, raise_if_any, unknown
from resilience_analysis.foundation.files import write_bytes
from resilience_analysis.foundation.numbers import read_day, read_numbers
from resilience_analysis.foundation.tables import folded, read_rows
from resilience_analysis.geography.boundaries import Extent
from resilience_analysis.geography.municipalities import by_name

HOUSING_COLUMNS = {
    "project_id": "project",
    "naam": "name",
    "gemeente_nis": "nis_code",
    "deelgemeente": "village",
    "wooneenheden": "units",
    "woningtype": "type",
    "sociaal": "social_units",
    "fase": "phase",
    "startjaar": "start_year",
    "opleverjaar": "completion_year",
    "lengtegraad": "longitude",
    "breedtegraad": "latitude",
    "bron": "source",
    "bronjaar": "source_year",
}
PROCESS_COLUMNS = {
    "datum": "date",
    "type": "type",
    "naam": "name",
    "gebied": "area",
    "dorp": "village",
    "status": "status",
    "fase": "phase",
    "rollen": "roles",
    "gemeenten": "municipalities",
    "achtergronden": "backgrounds",
    "deelnemers": "participants",
    "geevalueerd": "evaluated",
    "teruggekoppeld_op": "feedback_on",
    "bron": "source",
}
DECISION_COLUMNS = {
    "verantwoordelijk": "responsible",
    "met_wie": "with_whom",
    "herbekijken_op": "review_on",
    "les": "lesson",
}
"""Columns that a process log may lack: of decisions and actions, and what a pilot taught."""
_HOUSING_WHOLE = ("wooneenheden", "sociaal", "startjaar", "opleverjaar", "bronjaar")
_PLACE = {"lengtegraad": (-180.0, 180.0), "breedtegraad": (-90.0, 90.0)}


@dataclass(frozen=True)
class Registers:
    """The region's own registers."""

    housing: pd.DataFrame
    """One row per housing project: project, name, nis_code, village, units, type, social_units, phase, start_year,
    completion_year, longitude, latitude, source, source_year; numbers are NaN where not filled in.
    """
    process: pd.DataFrame
    """One row per meeting, team, event or pilot: date (ISO text), type, name, area (NIS code or region), village,
    status, phase, roles, municipalities and backgrounds (texts with semicolons), participants, evaluated (``ja``,
    ``nee`` or empty), feedback_on, source; of a decision or action responsible (a role), with_whom and review_on (when
    it is looked at again), of a pilot lesson.
    """
    synthetic: bool  # whether these are the invented examples


def read_registers(
    folder: Path,
    words: Mapping[str, Any],
    *,
    codes: Iterable[str],
    regions: Iterable[str],
    names: Mapping[str, str] | None = None,
    extent: Extent = (-180.0, -90.0, 180.0, 90.0),
    example: bool = False,
) -> Registers:
    """Read both registers: CSV, XLSX or ODS, as people keep them.

    Words may be written with capitals, a municipality by its name, a day as 17/03/2026, decimals with a comma.

    Parameters
    ----------
    words
        From `register_words.read_words`.
    codes, regions
        The municipalities of today, and the groups that a row of the process log may be of.
    names
        Names of the municipalities by their code.
    extent
        West, south, east and north in degrees, between which all projects lie.
    example
        Whether the invented examples are read.

    Returns
    -------
    Registers
        A row per housing project, and one per entry of the process log.

    Raises
    ------
    InputError
        With every fault of both files: unknown codes and words, text where a number or a date belongs.
    """
    key = "example" if example else "file"
    places = by_name(codes, names or {})
    housing = _Register(folder, words["housing"][key], HOUSING_COLUMNS)
    process = _Register(folder, words["process"][key], PROCESS_COLUMNS, DECISION_COLUMNS)
    _read_housing(housing, words["housing"], places, extent)
    _read_process(process, words["process"], places, places | {region: region for region in regions})
    raise_if_any("data/raw/local", housing.problems + process.problems)
    return Registers(housing.sorted("project"), process.sorted("date", "type", "name"), example)


def _read_housing(register: _Register, words: Mapping[str, Any], places: Mapping[str, str], extent: Extent) -> None:
    register.once("project_id", "project")
    register.words("gemeente_nis", places, "code", required=True)
    register.words("woningtype", words["types"], "dwelling type")
    register.words("fase", words["phases"], "phase")
    register.numbers(_HOUSING_WHOLE, _PLACE)
    register.problems += _places(register.file, register.rows, register.texts, extent)


def _read_process(
    register: _Register, words: Mapping[str, Any], places: Mapping[str, str], areas: Mapping[str, str]
) -> None:
    for column in _DAYS:
        register.days(column, required=column == "datum")
    register.words("type", words["types"], "type", required=True)
    register.words("gebied", areas, "code or region", required=True)
    register.words("status", words["statuses"], "status", required=True)
    register.words("fase", words["phases"], "phase")
    register.words("rollen", words["roles"], "role", several=True)
    register.words("gemeenten", places, "code", several=True)
    register.words("geevalueerd", words["answers"], "answer")
    register.numbers(("deelnemers",))


class _Register:
    """One register: its rows, brought column by column to what the package uses, and what is wrong with them."""

    def __init__(
        self, folder: Path, file: str, columns: Mapping[str, str], optional: Mapping[str, str] | None = None
    ) -> None:
        self.file, self.names = file, {**columns, **(optional or {})}
        empty = pd.DataFrame(columns=list(columns), dtype=str)
        rows = read_rows(folder / file, columns=list(columns), rows_needed=False) if file else empty
        self.texts = rows.reindex(columns=list(self.names), fill_value="")
        self.rows = self.texts.copy()
        self.problems: list[Problem] = []

    def sorted(self, *columns: str) -> pd.DataFrame:
        """Return the rows under the names that the package uses, in order."""
        return self.rows.rename(columns=self.names).sort_values(list(columns), ignore_index=True)

    def once(self, column: str, kind: str) -> None:
        """Check that no value of a column appears twice."""
        for row, name in self.rows[column][self.rows[column].duplicated()].items():
            self.problems.append(Problem(f"{self.file}, row {row}", f"the {kind} {name!r} appears here again"))

    def words(
        self, column: str, known: Iterable[str], kind: str, *, required: bool = False, several: bool = False
    ) -> None:
        """Read words of a vocabulary, or what they stand for; capitals and spaces make no difference."""
        meaning = _meanings(known) if len(self.rows) else {}  # of a register without rows, not of 100,000 places
        for row, cell in self.rows[column].items():
            where = f"{self.file}, row {row}, column {column}"
            found = parts(cell) if several else [cell] if cell else []
            if required and not found:
                self.problems.append(Problem(where, "is empty"))
            strange = [word for word in found if folded(word) not in meaning]
            self.problems += [Problem(where, unknown(kind, word, set(meaning.values()))) for word in strange]
            self.rows.loc[row, column] = ";".join(meaning.get(folded(word), word) for word in found)

    def days(self, column: str, *, required: bool = False) -> None:
        """Read days as ISO text."""
        for row, cell in self.rows[column].items():
            day = read_day(cell)
            if day is None and (cell or required):
                what = f"{cell!r} is not a day such as 2026-03-17 or 17/03/2026"
                self.problems.append(Problem(f"{self.file}, row {row}, column {column}", what))
            self.rows.loc[row, column] = day or ""

    def numbers(self, whole: Sequence[str], places: Mapping[str, tuple[float, float]] | None = None) -> None:
        """Read whole numbers of 0 or more, and degrees."""
        columns = [*whole, *(places or {})]
        values, problems = read_numbers(self.texts, columns, file=self.file, whole=whole, limits=places)
        self.problems += problems
        for column in whole:
            wrong = values[column].notna() & ((values[column] < 0) | (values[column] % 1 != 0))
            self.problems += [
                Problem(
                    f"{self.file}, row {row}, column {column}",
                    f"{self.texts.at[row, column]!r} is not a whole number of 0 or more",
                )
                for row in self.rows.index[wrong]
            ]
        self.rows[columns] = values


def _meanings(known: Iterable[str]) -> dict[str, str]:
    """Return, by folded word, the word that is meant: of a vocabulary the word itself, of a translation its target."""
    targets = known if isinstance(known, Mapping) else {}
    return {folded(word): target if isinstance(target := targets.get(word), str) else word for word in known}


def _places(file: str, rows: pd.DataFrame, texts: pd.DataFrame, extent: Extent) -> list[Problem]:
    """Return every place that is half a place or outside the extent: mostly one with both numbers swapped."""
    west_end, south_end, east_end, north_end = extent
    east, north = rows["lengtegraad"], rows["breedtegraad"]
    inside = east.between(west_end, east_end) & north.between(south_end, north_end)
    said = (texts[list(_PLACE)] != "").any(axis=1)
    unread = ((texts[list(_PLACE)] != "") & rows[list(_PLACE)].isna()).any(axis=1)  # named already
    return [
        Problem(
            f"{file}, row {row}, columns lengtegraad and breedtegraad",
            f"{texts.at[row, 'lengtegraad']!r} and {texts.at[row, 'breedtegraad']!r} are not a place in this region",
            "Write degrees such as 4.83 and 51.18",
        )
        for row in rows.index[said & ~inside & ~unread]
    ]


def parts(cell: str) -> list[str]:
    """Split a cell that holds several values, separated by semicolons."""
    return [part.strip() for part in cell.split(";") if part.strip()]


ROWS = 500
LISTS = "lijsten"
_TEMPLATES = {"woonprojecten": ("housing", HOUSING_COLUMNS), "proces": ("process", PROCESS_COLUMNS | DECISION_COLUMNS)}
_DAYS = ("datum", "teruggekoppeld_op", "herbekijken_op")
# which words a column takes from local.yml; a column that may hold several words has no list
_WORDS = {
    "housing": {"woningtype": "types", "fase": "phases"},
    "process": {"type": "types", "status": "statuses", "fase": "phases", "geevalueerd": "answers"},
}


def write_template(path: Path, register: str, words: Mapping[str, Any], places: Sequence[str]) -> None:
    """Write an empty register as XLSX, to be filled in and saved in the place of its CSV.

    Parameters
    ----------
    register
        ``woonprojecten`` or ``proces``.
    places
        What a municipality can be called, for its drop-down list.

    Raises
    ------
    UsageError
        When the register is not known.
    """
    if register not in _TEMPLATES:
        raise UsageError(unknown("register", register, _TEMPLATES))
    section, columns = _TEMPLATES[register]
    lists = {column: list(words[section][name]) for column, name in _WORDS[section].items()}
    lists["gemeente_nis" if section == "housing" else "gebied"] = list(places)
    write_bytes(path, timeless(_workbook(list(columns), lists)))


def _workbook(columns: list[str], lists: Mapping[str, list[str]]) -> bytes:
    from openpyxl import Workbook  # noqa: PLC0415 - only a template needs it
    from openpyxl.styles import Font  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415
    from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415

    book = Workbook()
    sheet, words = book.active, book.create_sheet(LISTS)
    sheet.title = "register"
    sheet.append(columns)
    sheet.freeze_panes = "A2"
    for place, column in enumerate(columns, start=1):
        sheet.cell(1, place).font = Font(bold=True)
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = max(12, len(column) + 4)
        cells = f"{letter}2:{letter}{ROWS + 1}"
        if column in lists:
            _put(words, place, column, lists[column])
            source = f"={LISTS}!${letter}$2:${letter}${len(lists[column]) + 1}"
            choice = DataValidation("list", formula1=source, allow_blank=True, showErrorMessage=True)
            choice.add(cells)
            sheet.add_data_validation(choice)
        elif column in _DAYS:
            day = DataValidation("date", operator="greaterThan", formula1="36526", allow_blank=True)
            day.add(cells)
            sheet.add_data_validation(day)
            for row in range(2, ROWS + 2):
                sheet.cell(row, place).number_format = "dd/mm/yyyy"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _put(sheet: Any, place: int, column: str, words: Sequence[str]) -> None:
    """Put the words of a list below the name of their column."""
    for row, word in enumerate((column, *words), start=1):
        sheet.cell(row, place).value = word
