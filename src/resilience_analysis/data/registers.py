"""The region's own registers: housing projects and the process log, empty until somebody fills them in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from resilience_analysis.data.register_words import read_words
from resilience_analysis.foundation.delimited import read_rows
from resilience_analysis.foundation.errors import Problem, raise_if_any, unknown
from resilience_analysis.geography.boundaries import BELGIUM

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
_HOUSING_NUMBERS = ("wooneenheden", "sociaal", "startjaar", "opleverjaar", "lengtegraad", "breedtegraad", "bronjaar")


@dataclass(frozen=True)
class Registers:
    """The region's own registers.

    Attributes
    ----------
    housing
        One row per housing project: project, name, nis_code, village, units, type, social_units, phase, start_year,
        completion_year, longitude, latitude, source, source_year; numbers are NaN where not filled in.
    process
        One row per meeting, team, event or pilot: date (ISO text), type, name, area (NIS code or region), village,
        status, phase, roles, municipalities and backgrounds (texts with semicolons), participants, evaluated
        (``ja``, ``nee`` or empty), feedback_on, source.
    synthetic
        Whether these are the invented examples.
    """

    housing: pd.DataFrame
    process: pd.DataFrame
    synthetic: bool


def read_registers(
    folder: Path, definitions: Path, *, codes: Iterable[str], regions: Iterable[str], example: bool | None = None
) -> Registers:
    """Read both registers.

    Parameters
    ----------
    folder
        ``data/raw``.
    definitions
        Folder with ``local.yml``.
    codes
        NIS codes that exist.
    regions
        Ids of regions that the process log may name.
    example
        Whether to read the invented examples; what ``local.yml`` says when not given.

    Raises
    ------
    InputError
        With every fault of both files: unknown codes and words, text where a number or a date belongs.
    """
    words = read_words(definitions)
    example = bool(words["example"]) if example is None else example
    key = "example" if example else "file"
    known = set(codes)
    housing = read_rows(folder / words["housing"][key], columns=list(HOUSING_COLUMNS), rows_needed=False)
    process = read_rows(folder / words["process"][key], columns=list(PROCESS_COLUMNS), rows_needed=False)
    problems = _housing_problems(words["housing"][key], housing, words["housing"], known)
    problems += _process_problems(words["process"][key], process, words["process"], known | set(regions))
    raise_if_any("data/raw/local", problems)
    return Registers(_tidy_housing(housing), _tidy_process(process), example)


def _tidy_housing(rows: pd.DataFrame) -> pd.DataFrame:
    table = rows[list(HOUSING_COLUMNS)].copy()
    for column in _HOUSING_NUMBERS:
        table[column] = pd.to_numeric(table[column].replace("", None)).astype(float)
    return table.rename(columns=HOUSING_COLUMNS).sort_values("project", ignore_index=True)


def _tidy_process(rows: pd.DataFrame) -> pd.DataFrame:
    table = rows[list(PROCESS_COLUMNS)].copy()
    table["deelnemers"] = pd.to_numeric(table["deelnemers"].replace("", None)).astype(float)
    return table.rename(columns=PROCESS_COLUMNS).sort_values(["date", "type", "name"], ignore_index=True)


def _housing_problems(file: str, rows: pd.DataFrame, words: Mapping[str, Any], codes: set[str]) -> list[Problem]:
    problems = [
        Problem(f"{file}, row {row}", f"the project {name!r} stands here for the second time")
        for row, name in rows["project_id"][rows["project_id"].duplicated()].items()
    ]
    problems += _vocabulary(file, rows, "gemeente_nis", codes, "NIS code", required=True)
    problems += _vocabulary(file, rows, "woningtype", words["types"], "dwelling type")
    problems += _vocabulary(file, rows, "fase", words["phases"], "phase", required=True)
    for column in _HOUSING_NUMBERS:
        problems += _numbers(file, rows, column)
    return problems + _places(file, rows)


def _places(file: str, rows: pd.DataFrame) -> list[Problem]:
    """Return every place that is half a place, or lies outside Belgium: mostly one with both numbers swapped."""
    problems = []
    for row, cells in rows[["lengtegraad", "breedtegraad"]].iterrows():
        east, north = (pd.to_numeric(cell, errors="coerce") for cell in cells)
        west_end, south_end, east_end, north_end = BELGIUM
        if any(cell.strip() for cell in cells) and not (
            west_end <= east <= east_end and south_end <= north <= north_end
        ):
            where = f"{file}, row {row}, columns lengtegraad and breedtegraad"
            what = f"{cells.iloc[0]!r} and {cells.iloc[1]!r} are not a place in Belgium"
            problems.append(Problem(where, what, "Write degrees such as 4.83 and 51.18"))
    return problems


def _process_problems(file: str, rows: pd.DataFrame, words: Mapping[str, Any], areas: set[str]) -> list[Problem]:
    problems = _dates(file, rows, "datum", required=True) + _dates(file, rows, "teruggekoppeld_op")
    problems += _vocabulary(file, rows, "type", words["types"], "type", required=True)
    problems += _vocabulary(file, rows, "gebied", areas, "NIS code or region", required=True)
    problems += _vocabulary(file, rows, "status", words["statuses"], "status", required=True)
    problems += _vocabulary(file, rows, "fase", words["phases"], "phase")
    problems += _vocabulary(file, rows, "rollen", words["roles"], "role", several=True)
    problems += _vocabulary(file, rows, "gemeenten", areas, "NIS code", several=True)
    problems += _vocabulary(file, rows, "geevalueerd", words["answers"], "answer")
    return problems + _numbers(file, rows, "deelnemers")


def parts(cell: str) -> list[str]:
    """Split a cell that holds several values, separated by semicolons."""
    return [part.strip() for part in cell.split(";") if part.strip()]


def _vocabulary(
    file: str,
    rows: pd.DataFrame,
    column: str,
    known: Iterable[str],
    kind: str,
    *,
    required: bool = False,
    several: bool = False,
) -> list[Problem]:
    words = set(known)
    problems = []
    for row, cell in rows[column].items():
        where = f"{file}, row {row}, column {column}"
        found = parts(cell) if several else [cell.strip()]
        if required and not cell.strip():
            problems.append(Problem(where, "is empty"))
        problems += [Problem(where, unknown(kind, word, words)) for word in found if word and word not in words]
    return problems


def _numbers(file: str, rows: pd.DataFrame, column: str) -> list[Problem]:
    values = pd.to_numeric(rows[column].replace("", None), errors="coerce")
    faulty = (rows[column].str.strip() != "") & ~(values >= 0)
    return [
        Problem(f"{file}, row {row}, column {column}", f"{rows[column][row]!r} is not a number of 0 or more")
        for row in rows.index[faulty]
    ]


def _dates(file: str, rows: pd.DataFrame, column: str, *, required: bool = False) -> list[Problem]:
    problems = []
    for row, cell in rows[column].items():
        if not cell and not required:
            continue
        try:
            dt.date.fromisoformat(cell)
        except ValueError:
            what = f"{cell!r} is not a day such as 2026-03-17"
            problems.append(Problem(f"{file}, row {row}, column {column}", what))
    return problems
