"""What the region's own registers say: the process log, and housing beside the households that are projected."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from resilience_analysis.data.register_words import BALANCE, LOCAL_FILE, read_words
from resilience_analysis.data.registers import parts
from resilience_analysis.foundation.errors import Problem, unknown
from resilience_analysis.geography.groups import standing_groups
from resilience_analysis.indicators.evidence import concerning
from resilience_analysis.profiles.dataset import Dataset
from resilience_analysis.profiles.rows import Comparator


@dataclass(frozen=True)
class Log:
    """What the log holds about one municipality in its last calendar year."""

    year: int | None  # the last year with a row; None when the log says nothing
    entries: pd.DataFrame  # the rows of that year, oldest first
    meetings: pd.DataFrame  # one row per meeting or working group: ``date``, ``month``, ``held``
    municipalities: tuple[str, ...]  # those who were around the table, sorted
    backgrounds: tuple[str, ...]


def local_words(dataset: Dataset) -> Mapping[str, Any]:
    """Return the vocabulary of the region's own registers."""
    return dataset.keep("local words", lambda: read_words(dataset.project.definition(LOCAL_FILE)))


def log_rows(dataset: Dataset, about: str | Comparator) -> pd.DataFrame:
    """Return the rows of the log about a municipality and the regions it is in, or about a region and its places."""
    rows = dataset.tables.process
    if isinstance(about, Comparator):
        return rows[rows["area"].isin({about.id, *about.codes})]
    regions = dataset.keep("standing groups", lambda: standing_groups(dataset.geography, dataset.municipalities))
    return concerning(rows, about, regions)


def log_of(dataset: Dataset, about: str | Comparator) -> Log:
    """Return what the rows of `log_rows` hold of their last year."""
    rows = log_rows(dataset, about)
    if rows.empty:
        return Log(None, rows, pd.DataFrame(columns=["date", "month", "held"]), (), ())
    year = int(rows["date"].str[:4].max())
    entries = rows[rows["date"].str.startswith(str(year))].sort_values("date", ignore_index=True)
    words = local_words(dataset)["process"]
    meetings = entries[entries["type"].isin(words["meetings"])]
    held, month = meetings["status"].isin(words["held"]), meetings["date"].str[5:7].astype(int)
    timeline = pd.DataFrame({"date": meetings["date"], "month": month, "held": held})
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


COLUMNS = ["stock", "households", "growth", "permitted", "sold", "planned", "planned_social", "projects"]


def housing_balance(dataset: Dataset, codes: list[str]) -> pd.DataFrame:
    """Put the figures on housing of some municipalities side by side.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``nis_code``, of the variables and years that ``balance`` in ``local.yml`` names: ``stock``
        (dwellings), ``households`` (observed), ``growth`` (households more in the projection), ``permitted`` (new
        dwellings a year), ``sold`` (houses a year), ``planned`` and ``planned_social`` (dwellings in projects not
        completed yet; missing when the register is empty) and ``projects``.
    """
    balance = local_words(dataset)["housing"]["balance"]
    table = pd.DataFrame({name: _figure(dataset, balance[name], codes) for name in BALANCE})
    table["growth"] = table["projected"] - table["households"]
    return table.rename_axis("nis_code").join(_planned(dataset, codes))[COLUMNS]


def balance_problems(balance: Mapping[str, Any], variables: Collection[str], context: Collection[str]) -> list[Problem]:
    """Return what ``balance`` of ``local.yml`` would miss: variables that no source has, or its context indicator."""
    where = f"{LOCAL_FILE}, housing, balance"
    named = [str(balance[name]["variable"]) for name in BALANCE]
    problems = [Problem(where, unknown("variable", name, variables)) for name in named if name not in variables]
    if balance["mapped"] not in context:
        problems.append(Problem(f"{where}, mapped", unknown("context indicator", balance["mapped"], context)))
    return problems


def _figure(dataset: Dataset, asked: Mapping[str, Any], codes: list[str]) -> pd.Series:
    """Return a figure of the balance: of the year it names, or the mean of the last years."""
    figures = _figures(dataset, str(asked["variable"]), codes)
    last = int(asked.get("year") or max(figures.columns))
    years = list(range(last - int(asked.get("mean_of", 1)) + 1, last + 1))
    return figures[years].mean(axis=1, skipna=False)


def _planned(dataset: Dataset, codes: list[str]) -> pd.DataFrame:
    columns = ["planned", "planned_social", "projects"]
    register = dataset.tables.housing
    if register.empty:
        return pd.DataFrame(float("nan"), index=codes, columns=columns)
    open_ones = register[~register["phase"].isin(local_words(dataset)["housing"].get("completed", []))]
    by_place = open_ones.groupby("nis_code")
    # a project without a number of dwellings is not one of 0 dwellings
    sums = by_place[["units", "social_units"]].sum(min_count=1).set_axis(["planned", "planned_social"], axis=1)
    return sums.assign(projects=by_place.size()).reindex(codes, fill_value=0).astype(float)


def _figures(dataset: Dataset, variable: str, codes: list[str]) -> pd.DataFrame:
    return dataset.over_years(variable).reindex(codes)


def projects_of(dataset: Dataset, codes: list[str]) -> pd.DataFrame:
    """Return the housing projects of some municipalities, one row each, with the point where each is drawn.

    Returns
    -------
    pandas.DataFrame
        The rows of the register with ``x`` and ``y`` in the reference system of the project: its own place, or the
        middle of its village or municipality.
    """
    register = dataset.tables.housing
    rows = register[register["nis_code"].isin(codes)].copy()
    villages, places = dataset.keep("middles", lambda: _middles(dataset))
    own = gpd.points_from_xy(rows["longitude"], rows["latitude"], crs="EPSG:4326").to_crs(dataset.boundaries.crs)
    middles = [
        villages.get((code, village), places[code])
        for code, village in zip(rows["nis_code"], rows["village"], strict=True)
    ]
    placed = rows[["longitude", "latitude"]].notna().all(axis=1)
    points = [point if known else middle for point, known, middle in zip(own, placed, middles, strict=True)]
    rows["x"], rows["y"] = [point.x for point in points], [point.y for point in points]
    return rows


def _middles(dataset: Dataset) -> tuple[gpd.GeoSeries, gpd.GeoSeries]:
    """Return a point inside every village, by municipality and name, and inside every municipality."""
    villages = dataset.villages.set_index(["nis_code", "name"]).geometry.representative_point()
    return villages, dataset.boundaries.set_index("nis_code").geometry.representative_point()
