"""Housing: what is there, permitted, sold and planned, against the growth of households to 2040."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from resilience_analysis.profiles.dataset import Dataset

PERMIT_YEARS = 3
OBSERVED, END = 2023, 2040
STOCK_YEAR = 2025
COMPLETED = "opgeleverd"
VARIABLES = frozenset({"dwellings", "households", "households_projected", "dwellings_new", "house_sales"})
"""What the figures on housing are worked out from."""
COLUMNS = ["stock", "households", "growth", "permitted", "sold", "planned", "planned_social", "projects"]


def housing_balance(dataset: Dataset, codes: list[str]) -> pd.DataFrame:
    """Put the figures on housing of some municipalities side by side.

    Parameters
    ----------
    dataset
        The shared ground.
    codes
        NIS codes.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``nis_code``: ``stock`` (dwellings, 2025), ``households`` (observed, 2023), ``growth`` (households
        more in the projection for 2040), ``permitted`` (new dwellings a year, mean of the last three years), ``sold``
        (houses, last year), ``planned``
        and ``planned_social`` (dwellings in projects not completed yet; missing when the register is empty) and
        ``projects``.
    """
    sold_year = _last_year(dataset, "house_sales")
    permit_year = _last_year(dataset, "dwellings_new")
    years = list(range(permit_year - PERMIT_YEARS + 1, permit_year + 1))
    table = pd.DataFrame(index=pd.Index(codes, name="nis_code"))
    table["stock"] = _figures(dataset, "dwellings", codes)[STOCK_YEAR]
    table["households"] = _figures(dataset, "households", codes)[OBSERVED]
    table["growth"] = _figures(dataset, "households_projected", codes)[END] - table["households"]
    table["permitted"] = _figures(dataset, "dwellings_new", codes)[years].mean(axis=1, skipna=False)
    table["sold"] = _figures(dataset, "house_sales", codes)[sold_year]
    return table.join(_planned(dataset, codes))[COLUMNS]


def _planned(dataset: Dataset, codes: list[str]) -> pd.DataFrame:
    columns = ["planned", "planned_social", "projects"]
    register = dataset.tables.housing
    if register.empty:
        return pd.DataFrame(float("nan"), index=codes, columns=columns)
    open_ones = register[register["phase"] != COMPLETED]
    by_place = open_ones.groupby("nis_code")
    # a project without a number of dwellings is not one of 0 dwellings
    sums = by_place[["units", "social_units"]].sum(min_count=1).set_axis(["planned", "planned_social"], axis=1)
    return sums.assign(projects=by_place.size()).reindex(codes, fill_value=0).astype(float)


def _figures(dataset: Dataset, variable: str, codes: list[str]) -> pd.DataFrame:
    return dataset.keep(("figures", variable), lambda: _grid(dataset, variable)).reindex(codes)


def _grid(dataset: Dataset, variable: str) -> pd.DataFrame:
    rows = dataset.tables.observations
    rows = rows[rows["variable"] == variable]
    return rows.pivot(index="nis_code", columns="year", values="value")


def _last_year(dataset: Dataset, variable: str) -> int:
    grid = dataset.keep(("figures", variable), lambda: _grid(dataset, variable))
    return int(max(grid.columns))


def projects_of(dataset: Dataset, codes: list[str]) -> pd.DataFrame:
    """Return the housing projects of some municipalities, one row each, with the point where each is drawn.

    Returns
    -------
    pandas.DataFrame
        The rows of the register with ``x`` and ``y`` in EPSG:31370: its own place, or the middle of its village or
        municipality.
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
