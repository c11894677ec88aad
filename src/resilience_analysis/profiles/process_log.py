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
    regions = dataset.keep("standing groups", lambda: standing_groups(dataset.geography, dataset.municipalities))
    return _log(dataset, concerning(dataset.tables.process, nis_code, regions))


def region_log(dataset: Dataset, region: Comparator) -> Log:
    """Return what the process log holds about a region and its municipalities."""
    rows = dataset.tables.process
    return _log(dataset, rows[rows["area"].isin({region.id, *region.codes})])


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
