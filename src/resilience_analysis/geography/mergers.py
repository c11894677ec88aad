"""Mergers of municipalities: which codes of a given year make up a municipality of today.

A merger is a row old code, new code, first day. A municipality that keeps its code while it takes in another has a row
of its own (old code = new code), so that a share measured on its old area is not taken for one of the new area.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd

from resilience_analysis.foundation.errors import Problem, raise_if_any
from resilience_analysis.foundation.settings import ANY_CODE, is_code, not_a_code
from resilience_analysis.foundation.tables import read_rows

COLUMNS = ["old_nis_code", "new_nis_code", "valid_from"]
NAME = "old_name"


def _is_day(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def read_mergers(path: Path, *, codes: str = ANY_CODE) -> pd.DataFrame:
    """Read the table of mergers: one row per code that ended or grew, oldest first.

    The column ``old_name``, by which people still ask for a municipality, may be left out.

    Parameters
    ----------
    path
        The file.
    codes
        Regular expression that a whole code matches.

    Raises
    ------
    InputError
        When the file cannot be read, columns are missing, a code is not one or merges twice on a day, or a date
        is not a date.
    """
    table = read_rows(path, columns=COLUMNS).reindex(columns=[*COLUMNS, NAME], fill_value="")
    problems = []
    for row, old, new, day in table[COLUMNS].itertuples(name=None):
        faults = [not_a_code(code, codes) for code in (old, new) if not is_code(code, codes)]
        if not _is_day(day):
            faults.append(f"{day!r} is not a date such as 2025-01-01")
        problems += [Problem(f"{path.name}, row {row}", fault) for fault in faults]
    for row, (old, _, day) in table.loc[table.duplicated(["old_nis_code", "valid_from"]), COLUMNS].iterrows():
        problems.append(Problem(f"{path.name}, row {row}", f"{old} merges for the second time on {day}"))
    raise_if_any(path.name, problems)
    return table.sort_values(["valid_from", "old_nis_code"], ignore_index=True)


def predecessors(mergers: pd.DataFrame, codes: list[str], *, year: int) -> dict[str, tuple[str, ...]]:
    """Give, for each municipality of today, the codes it consisted of on 1 January of `year`.

    Parameters
    ----------
    mergers
        Table of `read_mergers`.
    codes
        NIS codes of today.
    year
        The year whose boundaries a source uses.

    Returns
    -------
    dict
        Code of today to the codes of then; a municipality that never merged since maps to itself alone.
    """
    later = mergers[mergers["valid_from"] > f"{year}-01-01"]
    made_of: dict[str, tuple[str, ...]] = {code: (code,) for code in codes}
    for day in sorted(later["valid_from"].unique(), reverse=True):
        step = later[later["valid_from"] == day].groupby("new_nis_code")["old_nis_code"].apply(tuple).to_dict()
        made_of = {
            code: tuple(old for part in parts for old in step.get(part, (part,))) for code, parts in made_of.items()
        }
    return made_of


def successor(mergers: pd.DataFrame, code: str) -> tuple[str, str] | None:
    """Return what an ended code became and when, as (new code, date); None when it did not end."""
    found: tuple[str, str] | None = None
    while True:
        ended = mergers[(mergers["old_nis_code"] == code) & (mergers["new_nis_code"] != code)]
        ended = ended[ended["valid_from"] > (found[1] if found else "")]
        if ended.empty:
            return found
        code = str(ended["new_nis_code"].iloc[0])
        found = (code, str(ended["valid_from"].iloc[0]))


def no_mergers() -> pd.DataFrame:
    """Return the table of mergers of a project in which nothing merged."""
    return pd.DataFrame(columns=[*COLUMNS, NAME], dtype=object)


def end_problems(mergers: pd.DataFrame, codes: list[str], *, file: str) -> list[Problem]:
    """Return every new code of `mergers` that is not a municipality of today, nor became one; `file` is their file."""
    ends = {new: (successor(mergers, new) or (new, ""))[0] for new in sorted(set(mergers["new_nis_code"]))}
    return [
        Problem(f"{file}, {new}", "is not a municipality of today and became none", "Add what it merged into")
        for new, end in ends.items()
        if end not in codes
    ]
