"""Housing: what is there, permitted, sold and planned, against the growth of households to 2040."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from resilience_analysis.profiles.dataset import Atlas

PERMIT_YEARS = 3
OBSERVED, END = 2023, 2040
STOCK_YEAR = 2025
COMPLETED = "opgeleverd"
VARIABLES = frozenset({"dwellings", "households", "households_projected", "dwellings_new", "house_sales"})
"""What the figures on housing are worked out from."""
COLUMNS = ["stock", "households", "growth", "permitted", "sold", "planned", "planned_social", "projects"]


def housing_balance(atlas: Atlas, codes: list[str]) -> pd.DataFrame:
    """Put the figures on housing of some municipalities side by side.

    Parameters
    ----------
    atlas
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
    sold_year = _last_year(atlas, "house_sales")
    permit_year = _last_year(atlas, "dwellings_new")
    years = list(range(permit_year - PERMIT_YEARS + 1, permit_year + 1))
    table = pd.DataFrame(index=pd.Index(codes, name="nis_code"))
    table["stock"] = _figures(atlas, "dwellings", codes)[STOCK_YEAR]
    table["households"] = _figures(atlas, "households", codes)[OBSERVED]
    table["growth"] = _figures(atlas, "households_projected", codes)[END] - table["households"]
    table["permitted"] = _figures(atlas, "dwellings_new", codes)[years].mean(axis=1, skipna=False)
    table["sold"] = _figures(atlas, "house_sales", codes)[sold_year]
    return table.join(_planned(atlas, codes))[COLUMNS]


def _planned(atlas: Atlas, codes: list[str]) -> pd.DataFrame:
    columns = ["planned", "planned_social", "projects"]
    register = atlas.tables.housing
    if register.empty:
        return pd.DataFrame(float("nan"), index=codes, columns=columns)
    open_ones = register[register["phase"] != COMPLETED]
    by_place = open_ones.groupby("nis_code")
    # a project without a number of dwellings is not one of 0 dwellings
    sums = by_place[["units", "social_units"]].sum(min_count=1).set_axis(["planned", "planned_social"], axis=1)
    return sums.assign(projects=by_place.size()).reindex(codes, fill_value=0).astype(float)


def _figures(atlas: Atlas, variable: str, codes: list[str]) -> pd.DataFrame:
    return atlas.keep(("figures", variable), lambda: _grid(atlas, variable)).reindex(codes)


def _grid(atlas: Atlas, variable: str) -> pd.DataFrame:
    rows = atlas.tables.observations
    rows = rows[rows["variable"] == variable]
    return rows.pivot(index="nis_code", columns="year", values="value")


def _last_year(atlas: Atlas, variable: str) -> int:
    grid = atlas.keep(("figures", variable), lambda: _grid(atlas, variable))
    return int(max(grid.columns))


def projects_of(atlas: Atlas, codes: list[str]) -> pd.DataFrame:
    """Return the housing projects of some municipalities, one row each, with the point where each is drawn.

    Returns
    -------
    pandas.DataFrame
        The rows of the register with ``x`` and ``y`` in EPSG:31370: its own place, or the middle of its village or
        municipality.
    """
    register = atlas.tables.housing
    rows = register[register["nis_code"].isin(codes)].copy()
    villages, places = atlas.keep("middles", lambda: _middles(atlas))
    own = gpd.points_from_xy(rows["longitude"], rows["latitude"], crs="EPSG:4326").to_crs(atlas.boundaries.crs)
    middles = [
        villages.get((code, village), places[code])
        for code, village in zip(rows["nis_code"], rows["village"], strict=True)
    ]
    placed = rows[["longitude", "latitude"]].notna().all(axis=1)
    points = [point if known else middle for point, known, middle in zip(own, placed, middles, strict=True)]
    rows["x"], rows["y"] = [point.x for point in points], [point.y for point in points]
    return rows


def _middles(atlas: Atlas) -> tuple[gpd.GeoSeries, gpd.GeoSeries]:
    """Return a point inside every village, by municipality and name, and inside every municipality."""
    villages = atlas.villages.set_index(["nis_code", "name"]).geometry.representative_point()
    return villages, atlas.boundaries.set_index("nis_code").geometry.representative_point()
