from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from resilience_analysis import composite
from resilience_analysis.foundation.errors import UsageError

N = np.nan


@pytest.fixture
def table() -> pd.DataFrame:
    index = pd.MultiIndex.from_product([["AA", "BB"], [2018, 2019, 2021]], names=["unit", "year"])
    return pd.DataFrame({"x": [4.0, 6.0, 9.0, N, 2.0, 2.0], "y": [1.0, N, N, 0.0, 1.0, 5.0]}, index=index)


def trend(table, unit, code, **options) -> pd.Series:
    found = composite.trends(table, **options)
    return found.set_index(["unit", "code"]).loc[(unit, code)]


def test_growth_is_compound_from_first_to_last_value(table):
    assert math.isclose(trend(table, "AA", "x")["growth"], (9 / 4) ** (1 / 3) - 1)
    assert trend(table, "BB", "x")["growth"] == 0


def test_growth_from_zero_or_from_one_value_is_missing(table):
    assert math.isnan(trend(table, "BB", "y")["growth"])
    assert math.isnan(trend(table, "AA", "y")["growth"])


def test_change_is_percent_of_the_fitted_first_value(table):
    slope, start = np.polyfit(np.array([2018, 2019, 2021]) - 2018, [4, 6, 9], 1)
    assert math.isclose(trend(table, "AA", "x", measure="change")["change"], 100 * slope / start)


def test_change_of_two_values_is_their_difference(table):
    two = table.copy()
    two.loc[("AA", 2019), "x"] = N
    assert math.isclose(trend(two, "AA", "x", measure="change")["change"], 100 * (9 - 4) / 4 / 3)
    assert trend(table, "BB", "x", measure="change")["change"] == 0


def test_slope_is_that_of_the_fitted_line(table):
    slope, _ = np.polyfit([2018, 2019, 2021], [0, 1, 5], 1)
    assert math.isclose(trend(table, "BB", "y", measure="slope")["slope"], slope)


def test_availability_and_ends_of_each_series_are_told(table):
    assert trend(table, "BB", "x")[["available", "first", "last"]].tolist() == [2 / 3, 2019, 2021]
    assert trend(table, "AA", "y")[["available", "first", "last"]].tolist() == [1 / 3, 2018, 2018]


def test_years_and_latest_narrow_the_series(table):
    assert math.isclose(trend(table, "AA", "x", years=[2018, 2019])["growth"], 6 / 4 - 1)
    assert math.isclose(trend(table, "AA", "x", latest=2)["growth"], (9 / 6) ** (1 / 2) - 1)
    assert math.isnan(trend(table, "AA", "x", latest=4)["growth"])


def test_directions_turn_trends_into_improvements(table):
    metadata = pd.DataFrame(
        {"parent": ["top", "top", ""], "direction": [-1, 1, 1], "weight": 1.0}, index=["x", "y", "top"]
    )
    plain, turned = trend(table, "AA", "x")["growth"], trend(table, "AA", "x", metadata=metadata)["growth"]
    assert turned == -plain


def test_trends_of_one_table_or_unknown_kind_are_refused(table):
    with pytest.raises(UsageError, match="trends need a panel"):
        composite.trends(table.xs(2018, level="year"))
    with pytest.raises(UsageError, match="did you mean 'growth'"):
        composite.trends(table, measure="growht")
