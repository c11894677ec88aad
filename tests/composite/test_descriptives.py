from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from resilience_analysis import composite

N = np.nan


@pytest.fixture
def table() -> pd.DataFrame:
    return pd.DataFrame(
        {"x": [1.0, 2.0, 2.0, 3.0, 100.0, N], "z": [0.0, 0.0, 0.0, 0.0, 5.0, 1.0], "e": [N] * 6, "f": [4.0] * 6}
    )


def test_statistics_describe_every_column(table):
    row = composite.statistics(table).loc["x"]
    assert row[["min", "max", "mean", "median"]].tolist() == [1, 100, 108 / 5, 2]
    np.testing.assert_allclose(row["sd"], table["x"].std())
    np.testing.assert_allclose([row["skewness"], row["kurtosis"]], [table["x"].skew(), table["x"].kurt()])
    assert row[["available", "nonzero", "unique", "same"]].tolist() == [5, 5, 4, 2]
    assert row[["share_available", "share_nonzero", "share_unique", "share_same"]].tolist() == [5 / 6, 1, 4 / 5, 2 / 5]


def test_statistics_flag_what_to_look_at(table):
    flags = composite.statistics(table)[["flag_available", "flag_nonzero", "flag_unique", "flag_outliers"]]
    assert flags.loc["x"].tolist() == ["ok", "ok", "ok", "OUT"]
    assert flags.loc["z"].tolist() == ["ok", "LOW", "ok", "OUT"]
    assert flags.loc["e"].tolist() == ["LOW", "LOW", "LOW", "ok"]
    assert flags.loc["f"].tolist() == ["ok", "ok", "LOW", "ok"]


def test_statistics_of_an_empty_column_are_missing(table):
    row = composite.statistics(table).loc["e"]
    assert row[["available", "unique"]].tolist() == [0, 0]
    assert row[["min", "mean", "sd", "skewness", "share_nonzero"]].isna().all()


def test_thresholds_of_flags_can_be_set(table):
    strict = composite.statistics(table, min_available=0.9)
    assert strict.loc["x", "flag_available"] == "LOW"
    assert composite.statistics(table, max_skewness=9)["flag_outliers"].tolist() == ["ok"] * 4


def test_availability_counts_per_unit(table):
    found = composite.availability(table)
    assert found["missing"].tolist() == [1, 1, 1, 1, 1, 2]
    assert found["zeros"].tolist() == [1, 1, 1, 1, 0, 0]
    assert found.loc[0, ["available", "nonzero"]].tolist() == [3 / 4, 1 - 1 / 3]


def test_availability_below_aggregates_counts_indicators(data, metadata):
    holed = data.assign(c=[N, N, 2.0, 3.0, 4.0])
    found = composite.availability_by_aggregate(holed, metadata=metadata)
    assert found["social"].tolist() == [1, 1, 1, 1, 0.5]
    assert found["spatial"].tolist() == [0.5, 0.5, 1, 1, 1]
    assert found["index"].tolist() == [0.75, 0.75, 1, 1, 0.75]
