"""Housing figures side by side, and projects where they stand."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point
from tests.small import NETELAND

from resilience_analysis.data.registers import HOUSING_COLUMNS
from resilience_analysis.profiles.local_registers import COLUMNS, housing_balance, projects_of

PROJECT = {
    "project": "P1",
    "name": "Molenhof",
    "nis_code": "13011",
    "village": "Noorderwijk",
    "units": 24.0,
    "type": "gemengd",
    "social_units": 6.0,
    "phase": "vergund",
}


def with_projects(dataset, *changes: dict[str, object]):
    """Return a dataset with these housing projects."""
    register = pd.DataFrame([PROJECT | change for change in changes], columns=list(HOUSING_COLUMNS.values()))
    numbers = ["units", "social_units", "longitude", "latitude"]
    return replace(
        dataset, tables=replace(dataset.tables, housing=register.astype(dict.fromkeys(numbers, float))), kept={}
    )


def test_the_balance_is_what_the_observations_say(dataset):
    table = housing_balance(dataset, list(NETELAND))
    seen = dataset.tables.observations.set_index(["variable", "year", "nis_code"])["value"].sort_index()
    assert list(table) == COLUMNS
    for code in NETELAND:
        row = table.loc[code]
        assert row["stock"] == seen["dwellings", 2025, code]
        assert row["growth"] == seen["households_projected", 2040, code] - seen["households", 2023, code]
        last = max(year for year, _ in seen["dwellings_new"].index)
        assert row["permitted"] == pytest.approx(sum(seen["dwellings_new", last - back, code] for back in range(3)) / 3)


def test_a_register_that_nobody_filled_in_plans_nothing_known(dataset):
    assert housing_balance(dataset, ["13011"])[["planned", "planned_social", "projects"]].isna().all(axis=None)


def test_dwellings_in_projects_that_are_not_completed_are_added_up(dataset):
    known = with_projects(dataset, {}, {"project": "P2", "units": 10.0}, {"project": "P3", "phase": "opgeleverd"})
    table = housing_balance(known, ["13011", "13029"])
    assert table.loc["13011", ["planned", "planned_social", "projects"]].tolist() == [34, 12, 2]
    assert table.loc["13029", ["planned", "planned_social", "projects"]].tolist() == [0, 0, 0]


def test_a_project_without_a_number_of_dwellings_is_not_one_of_none(dataset):
    unknown = with_projects(dataset, {"units": float("nan"), "social_units": float("nan")})
    row = housing_balance(unknown, ["13011"]).loc["13011"]
    assert row["projects"] == 1
    assert row[["planned", "planned_social"]].isna().all()


def test_a_project_stands_in_its_village_or_else_in_its_municipality(dataset):
    known = with_projects(dataset, {}, {"project": "P2", "village": None}, {"project": "P3", "nis_code": "13029"})
    rows = projects_of(known, ["13011"]).set_index("project")
    village = dataset.villages.set_index("name").geometry["Noorderwijk"]
    place = dataset.boundaries.set_index("nis_code").geometry["13011"]
    assert list(rows.index) == ["P1", "P2"]
    assert village.contains(Point(rows.loc["P1", ["x", "y"]]))
    assert place.contains(Point(rows.loc["P2", ["x", "y"]]))


def test_a_project_with_a_place_of_its_own_stands_there(dataset):
    known = with_projects(dataset, {"longitude": 4.83, "latitude": 51.17})
    row = projects_of(known, ["13011"]).iloc[0]
    own = gpd.GeoSeries([Point(4.83, 51.17)], crs="EPSG:4326").to_crs("EPSG:31370").iloc[0]
    assert (row["x"], row["y"]) == pytest.approx((own.x, own.y))


def test_no_projects_are_no_rows(dataset):
    assert projects_of(dataset, list(NETELAND)).empty
