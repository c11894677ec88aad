from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from resilience_analysis import composite
from resilience_analysis.foundation.errors import UsageError

N = np.nan


@pytest.fixture
def holed() -> pd.DataFrame:
    return pd.DataFrame(
        {"a": [1.0, N, 3.0, 8.0, N], "b": [4.0, 2.0, N, 6.0, 1.0], "c": [1.0, 2.0, 3.0, 4.0, 5.0], "d": [N] * 5},
        index=pd.Index(["AA", "BB", "CC", "DD", "EE"], name="unit"),
    )


@pytest.fixture
def groups(holed) -> pd.Series:
    return pd.Series(["x", "x", "y", "y", None], index=holed.index)


def filled(holed, metadata, code, **options) -> list[float]:
    return composite.impute(holed, metadata=metadata, **options).data[code].tolist()


def test_mean_and_median_are_those_of_the_indicator(holed, metadata):
    assert filled(holed, metadata, "a") == [1, 12 / 3, 3, 8, 12 / 3]
    assert filled(holed, metadata, "a", method="median") == [1, 3, 3, 8, 3]
    assert filled(holed, metadata, "b", method="median") == [4, 2, (2 + 4) / 2, 6, 1]


def test_group_mean_is_that_of_the_units_of_the_group(holed, metadata, groups):
    assert filled(holed, metadata, "a", method="group-mean", groups=groups)[:4] == [1, 1, 3, 8]
    assert filled(holed, metadata, "b", method="group-median", groups=groups)[2] == 6


def test_a_unit_without_group_stays_missing_and_is_logged(holed, metadata, groups):
    result = composite.impute(holed, metadata=metadata, method="group-mean", groups=groups)
    assert np.isnan(result.data.loc["EE", "a"])
    log = result.log.set_index(["unit", "code"])
    assert log.loc[("EE", "a"), "how"] == "not filled: nothing to fill it from"
    assert log.loc[("BB", "a"), ["value", "how"]].tolist() == [1, "group-mean"]


def test_empty_text_is_no_group(holed, metadata, groups):
    filled = composite.impute(holed, metadata=metadata, method="group-mean", groups=groups.fillna(""))
    expected = composite.impute(holed, metadata=metadata, method="group-mean", groups=groups)
    pd.testing.assert_frame_equal(filled.data, expected.data)


def test_a_group_without_any_value_stays_missing(holed, metadata, groups):
    holed.loc["AA", "a"] = N
    assert np.isnan(filled(holed, metadata, "a", method="group-mean", groups=groups)[:2]).all()


def test_an_indicator_without_any_value_stays_missing(holed, metadata):
    result = composite.impute(holed, metadata=metadata)
    assert result.data["d"].isna().all()
    assert (result.log["how"] == "not filled: nothing to fill it from").sum() == 5


def test_the_log_has_one_row_per_value_that_was_missing(holed, metadata):
    log = composite.impute(holed, metadata=metadata).log
    assert len(log) == holed.isna().sum().sum()
    assert list(log.columns) == ["unit", "code", "value", "how"]


def test_values_that_are_there_never_change(holed, metadata):
    result = composite.impute(holed, metadata=metadata, method="unit-mean").data
    pd.testing.assert_frame_equal(result.where(holed.notna()), holed)


def test_within_the_unit_others_of_the_dimension_stand_in(metadata):
    data = pd.DataFrame(
        {"a": [0.0, 10.0, N], "b": [0.0, 8.0, 2.0], "c": [1.0, 5.0, 2.0], "d": [0.0, N, 4.0]}, index=["AA", "BB", "CC"]
    )
    result = composite.impute(data, metadata=metadata, method="unit-mean").data
    share_of_b = (8 - 2) / 8
    assert result.loc["CC", "a"] == share_of_b * 10
    assert result.loc["BB", "d"] == 1 * 4


def test_within_the_unit_at_a_higher_level_all_indicators_stand_in(metadata):
    data = pd.DataFrame(
        {"a": [0.0, 10.0, N], "b": [0.0, 8.0, 2.0], "c": [1.0, 5.0, 2.0], "d": [0.0, 8.0, 2.0]},
        index=["AA", "BB", "CC"],
    )
    result = composite.impute(data, metadata=metadata, method="unit-mean", level=3).data
    assert result.loc["CC", "a"] == 10 * np.mean([(8 - 2) / 8, 1 / 4, 2 / 8])
    middle = composite.impute(data, metadata=metadata, method="unit-median", level=3).data
    assert middle.loc["CC", "a"] == 10 * 0.25


def test_a_constant_indicator_does_not_stand_in_for_others(metadata):
    data = pd.DataFrame(
        {"a": [1.0, 2.0, N], "b": [5.0] * 3, "c": [1.0, 2.0, 3.0], "d": [1.0, 2.0, 3.0]}, index=list("XYZ")
    )
    assert np.isnan(composite.impute(data, metadata=metadata, method="unit-mean").data.loc["Z", "a"])


def test_a_panel_is_filled_with_the_mean_of_its_year(panel, metadata):
    result = composite.impute(panel, metadata=metadata).data
    assert result.loc[("AA", 2018), "c"] == np.mean([1, 5])
    assert result.loc[("CC", 2020), "a"] == 5


def test_a_panel_is_filled_with_the_mean_of_group_and_year(panel, metadata):
    groups = pd.Series(["x"] * 6 + ["y"] * 3, index=panel.index)
    result = composite.impute(panel, metadata=metadata, method="group-mean", groups=groups).data
    assert result.loc[("AA", 2018), "c"] == 1
    assert np.isnan(result.loc[("CC", 2018), "a"])


def test_lines_run_along_the_years_of_a_unit(panel, metadata):
    result = composite.impute(panel, metadata=metadata, method="linear").data
    assert result.loc[("AA", 2020), "a"] == 1 + 3 * 2 / 3
    assert result.loc[("CC", 2020), "c"] == 5 + (2 - 5) * 2 / 3
    assert result.loc["CC", "a"].isna().all()


def test_a_series_with_one_observation_falls_back_and_says_so(panel, metadata):
    result = composite.impute(panel, metadata=metadata, method="linear")
    assert result.data.loc["BB", "a"].tolist() == [5, 5, 5]
    log = result.log.set_index(["unit", "year", "code"])["how"]
    assert log[("BB", 2018, "a")] == "linear: the one observation of the series"
    assert log[("AA", 2020, "a")] == "linear"
    assert log[("CC", 2018, "a")] == "not filled: nothing to fill it from"


def test_latest_looks_back_only_so_far(panel, metadata):
    holed = panel.copy()
    holed.loc[("BB", 2018), "b"], holed.loc[("BB", 2020), "b"], holed.loc[("BB", 2021), "b"] = 1.0, N, N
    result = composite.impute(holed, metadata=metadata, method="latest", max_gap=1).data
    np.testing.assert_array_equal(result.loc["BB", "b"], [1, 1, N])


def test_the_order_of_rows_of_a_panel_does_not_matter(panel, metadata):
    shuffled = panel.sample(frac=1, random_state=3)
    for method in ("latest", "constant", "linear", "mean", "unit-mean"):
        one = composite.impute(panel, metadata=metadata, method=method).data
        other = composite.impute(shuffled, metadata=metadata, method=method).data
        pd.testing.assert_frame_equal(other.loc[one.index], one)
        assert list(other.index) == list(shuffled.index)


def test_linear_constant_is_another_name_of_linear(panel, metadata):
    one = composite.impute(panel, metadata=metadata, method="linear").data
    pd.testing.assert_frame_equal(one, composite.impute(panel, metadata=metadata, method="linear-constant").data)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"method": "meen"}, "did you mean 'mean'"),
        ({"method": "linear"}, "no unit with several years"),
        ({"method": "group-mean"}, "needs the group of every unit"),
        ({"method": "group-mean", "groups": pd.Series(["x"])}, "needs the group of every unit"),
        ({"max_gap": 0}, "fills nothing"),
    ],
)
def test_wrong_options_of_imputation_are_refused(holed, metadata, options, said):
    with pytest.raises(UsageError) as caught:
        composite.impute(holed, metadata=metadata, **options)
    assert said in str(caught.value)


def test_imputing_changes_nothing_it_is_given(holed, metadata):
    before = holed.copy(deep=True)
    composite.impute(holed, metadata=metadata, method="unit-mean")
    pd.testing.assert_frame_equal(holed, before)
