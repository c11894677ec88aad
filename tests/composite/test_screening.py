from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from resilience_analysis import composite
from resilience_analysis.foundation.errors import InputError, UsageError


@pytest.fixture
def holed() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "a": [1.0, np.nan, 0.0, np.nan, 1.0],
            "b": [1.0, np.nan, 0.0, np.nan, 0.0],
            "c": [1.0, 2.0, 0.0, np.nan, 1.0],
            "d": [1.0, 2.0, 0.0, np.nan, np.nan],
        },
        index=["AA", "BB", "CC", "DD", "EE"],
    )


def kept(holed, metadata, **options) -> list[str]:
    return list(composite.screen(holed, metadata=metadata, **options).data.index)


def test_units_with_too_few_values_are_left_out(holed, metadata):
    assert kept(holed, metadata, min_available=0.75) == ["AA", "CC", "EE"]
    assert kept(holed, metadata, min_available=0.5) == ["AA", "BB", "CC", "EE"]
    assert kept(holed, metadata) == ["AA", "CC", "EE"]


def test_units_with_too_many_zeros_are_left_out(holed, metadata):
    assert kept(holed, metadata, by="zeros", min_nonzero=0.5) == ["AA", "BB", "DD", "EE"]
    assert kept(holed, metadata, by="zeros", min_nonzero=0.7) == ["AA", "BB", "DD"]
    assert kept(holed, metadata, by="both", min_available=0.5, min_nonzero=0.5) == ["AA", "BB", "EE"]


def test_units_can_be_kept_or_dropped_by_force(holed, metadata):
    assert kept(holed, metadata, min_available=0.75, keep=["BB"], drop=["AA"]) == ["BB", "CC", "EE"]


def test_the_summary_counts_what_each_unit_has(holed, metadata):
    summary = composite.screen(holed, metadata=metadata, min_available=0.75).summary
    assert summary.loc["EE"].tolist() == [1, 1, 3 / 4, 1 - 1 / 3, True]
    assert summary.loc["DD", ["missing", "zeros", "available"]].tolist() == [4, 0, 0]
    assert np.isnan(summary.loc["DD", "nonzero"])


def test_a_share_at_the_limit_is_enough_despite_rounding(metadata):
    codes = [f"x{number}" for number in range(10)]
    wide = pd.DataFrame([[1.0] * 9 + [np.nan]], columns=codes, index=["AA"])
    framework = pd.DataFrame({"parent": ["top"] * 10 + [""], "direction": 1, "weight": 1.0}, index=[*codes, "top"])
    assert kept(wide, framework, min_available=0.9) == ["AA"]
    assert kept(wide, framework, min_available=0.1 * 3 * 3) == ["AA"]


def test_leaving_out_every_unit_is_refused(holed, metadata):
    with pytest.raises(InputError, match="would leave no unit"):
        composite.screen(holed, metadata=metadata, drop=list(holed.index))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"by": "mising"}, "did you mean 'missing'"),
        ({"min_available": 90}, "90 is not between 0 and 1"),
        ({"keep": ["ZZ"]}, "not in the data: ZZ"),
    ],
)
def test_wrong_options_of_screening_are_refused(holed, metadata, options, said):
    with pytest.raises(UsageError) as caught:
        composite.screen(holed, metadata=metadata, **options)
    assert said in str(caught.value)


def test_rows_of_a_panel_are_screened_one_by_one(panel, metadata):
    result = composite.screen(panel, metadata=metadata, min_available=0.75)
    assert list(result.data.index) == [unit for unit in panel.index if panel.loc[unit].notna().sum() >= 3]


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
