"""The process log of a municipality or region, as a profile shows it: meetings per month, teams, pilots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from resilience_analysis.data.register_words import LOCAL_FILE, read_words
from resilience_analysis.data.registers import parts
from resilience_analysis.geography.groups import standing_groups
from resilience_analysis.indicators.process import concerning
from resilience_analysis.profiles.comparator import Comparator
from resilience_analysis.profiles.dataset import Dataset


@dataclass(frozen=True)
class Log:
    """What the log holds about one municipality in its last calendar year.

    Attributes
    ----------
    year
        The last year with a row; None when the log says nothing.
    entries
        The rows of that year, oldest first.
    meetings
        One row per meeting or working group: ``date``, ``month``, ``held``.
    municipalities, backgrounds
        Those who were around the table, sorted.
    """

    year: int | None
    entries: pd.DataFrame
    meetings: pd.DataFrame
    municipalities: tuple[str, ...]
    backgrounds: tuple[str, ...]


def local_words(dataset: Dataset) -> Mapping[str, Any]:
    """Return the vocabulary of the region's own registers."""
    return dataset.keep("local words", lambda: read_words(dataset.project.definition(LOCAL_FILE)))


def log_of(dataset: Dataset, nis_code: str) -> Log:
    """Return what the process log holds about a municipality and the regions it belongs to."""
    return _log(dataset, log_rows(dataset, nis_code))


def log_rows(dataset: Dataset, nis_code: str) -> pd.DataFrame:
    """Return all rows of the process log about a municipality and the regions it belongs to."""
    regions = dataset.keep("standing groups", lambda: standing_groups(dataset.geography, dataset.municipalities))
    return concerning(dataset.tables.process, nis_code, regions)


def region_log(dataset: Dataset, region: Comparator) -> Log:
    """Return what the process log holds about a region and its municipalities."""
    return _log(dataset, region_rows(dataset, region))


def region_rows(dataset: Dataset, region: Comparator) -> pd.DataFrame:
    """Return all rows of the process log about a region and its municipalities."""
    rows = dataset.tables.process
    return rows[rows["area"].isin({region.id, *region.codes})]


def _log(dataset: Dataset, rows: pd.DataFrame) -> Log:
    if rows.empty:
        return Log(None, rows, pd.DataFrame(columns=["date", "month", "held"]), (), ())
    year = int(rows["date"].str[:4].max())
    entries = rows[rows["date"].str.startswith(str(year))].sort_values("date", ignore_index=True)
    words = local_words(dataset)["process"]
    meetings = entries[entries["type"].isin(words["meetings"])]
    timeline = pd.DataFrame(
        {
            "date": meetings["date"],
            "month": meetings["date"].str[5:7].astype(int),
            "held": meetings["status"].isin(words["held"]),
        }
    )
    return Log(year, entries, timeline, _distinct(meetings, "municipalities"), _distinct(meetings, "backgrounds"))


def _distinct(rows: pd.DataFrame, column: str) -> tuple[str, ...]:
    return tuple(sorted({part for cell in rows[column].dropna() for part in parts(str(cell))}))


def decisions_of(dataset: Dataset, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the decisions and actions among rows of the log, of all years, the newest first."""
    words = local_words(dataset)["process"]
    kinds = [*(words.get("decisions") or ()), *(words.get("actions") or ())]
    return rows[rows["type"].isin(kinds)].sort_values("date", ascending=False, ignore_index=True)


def lessons_of(dataset: Dataset, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows about pilots that say what was learnt, of all years, the newest first."""
    pilots = rows[rows["type"].isin(local_words(dataset)["process"]["pilots"])]
    return pilots[pilots["lesson"].fillna("") != ""].sort_values("date", ascending=False, ignore_index=True)


def trajectory_of(dataset: Dataset, rows: pd.DataFrame) -> list[tuple[Mapping[str, str], int, str]]:
    """Return the phases of the trajectory: label, how many rows of the log show it, and the day of the last."""
    steps = local_words(dataset)["process"].get("trajectory") or ()
    found = [(step["label"], rows.loc[rows["type"].isin(step.get("types") or ()), "date"]) for step in steps]
    return [(label, len(days), str(days.max()) if len(days) else "") for label, days in found]


def team_intervals(dataset: Dataset, rows: pd.DataFrame) -> list[tuple[str, int, float]]:
    """Return how often village teams met: village, number of meetings held, and the median of the days between two.

    Only teams with at least two meetings; in the order of their names.
    """
    words = local_words(dataset)["process"]
    held = rows[rows["type"].isin(words["teams"]) & rows["status"].isin(words["held"])]
    found = []
    for village, days in held.groupby("village")["date"]:
        dates = pd.to_datetime(pd.Series(sorted(set(days))))
        if len(dates) > 1:
            found.append((str(village), len(dates), float(dates.diff().dt.days.median())))
    return found
