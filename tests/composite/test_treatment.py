from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from resilience_analysis import composite
from resilience_analysis.foundation.errors import InputError, UsageError

from .conftest import make_metadata


@pytest.fixture
def skewed() -> pd.DataFrame:
    ordinary = np.arange(1.0, 13.0)
    return pd.DataFrame(
        {
            "a": [*ordinary, 500.0, np.nan],
            "b": [*ordinary, -500.0, 7.0],
            "c": [*ordinary, 5.0, 6.0],
            "d": [*ordinary, 900.0, 3000.0],
        },
        index=pd.Index([f"U{number}" for number in range(14)], name="unit"),
    )


def test_each_indicator_is_treated_as_it_needs(skewed, metadata):
    treated = composite.treat(skewed, metadata=metadata, winmax=1).data
    assert treated["a"].iloc[12] == 12
    assert treated["b"].iloc[12] == 1
    assert treated["c"].tolist() == skewed["c"].tolist()
    np.testing.assert_allclose(treated["d"], np.log(skewed["d"] - 1 + 0.01 * 2999))


def test_details_say_what_was_done_to_each_indicator(skewed, metadata):
    details = composite.treat(skewed, metadata=metadata, winmax=1).details.set_index("code")
    assert details["winsorised"].tolist() == [1, 1, 0, 1]
    assert details["transform"].tolist() == ["", "", "", "log"]
    assert details.loc["a", ["high_units", "high_value"]].tolist() == ["U12", 12]
    assert details.loc["b", ["low_units", "low_value"]].tolist() == ["U12", 1]
    assert details["passes_raw"].tolist() == [False, False, True, False]
    assert details.loc["a", "passes_winsorised"] is True
    assert np.isnan(details.loc["c", "skewness_winsorised"])


def test_every_changed_value_is_listed(skewed, metadata):
    values = composite.treat(skewed, metadata=metadata).values
    rows = {(row.unit, row.code): (row.raw, row.treated, row.action) for row in values.itertuples()}
    assert rows == {
        ("U12", "a"): (500, 12, "winsorised high"),
        ("U12", "b"): (-500, 1, "winsorised low"),
        ("U12", "d"): (900, 12, "winsorised high"),
        ("U13", "d"): (3000, 12, "winsorised high"),
    }


def test_missing_values_stay_missing(skewed, metadata):
    treated = composite.treat(skewed, metadata=metadata).data
    assert (treated.isna() == skewed.isna()).all(axis=None)


def test_indicators_may_have_their_own_treatment_and_limit(skewed):
    metadata = make_metadata(treat={"a": "none", "b": "box-cox"}, winmax={"d": 1})
    result = composite.treat(skewed, metadata=metadata)
    details = result.details.set_index("code")
    assert details["method"].tolist() == ["none", "box-cox", "winsorise", "winsorise"]
    assert result.data["a"].iloc[12] == 500
    assert details.loc["b", "transform"] == "box-cox"
    assert details.loc["d", "transform"] == "log"


def test_a_transformation_can_be_the_method_itself(skewed, metadata):
    details = composite.treat(skewed, metadata=metadata, method="log-by-skew").details
    assert details["transform"].tolist() == ["log-by-skew", "log-by-skew", "", "log-by-skew"]
    assert details["winsorised"].tolist() == [0, 0, 0, 0]


def test_thresholds_decide_what_passes(skewed, metadata):
    lax = composite.treat(skewed, metadata=metadata, max_skewness=10).data
    pd.testing.assert_frame_equal(lax, skewed)


def test_each_year_of_a_panel_is_treated_on_its_own(skewed, metadata):
    calm = skewed.assign(a=range(14), b=range(14), d=range(14)).astype(float)
    panel = pd.concat({2020: skewed, 2021: calm}, names=["year"]).swaplevel()
    result = composite.treat(panel, metadata=metadata)
    alone = composite.treat(skewed, metadata=metadata)
    pd.testing.assert_frame_equal(result.data.xs(2020, level="year"), alone.data, check_names=False)
    pd.testing.assert_frame_equal(result.data.xs(2021, level="year"), calm, check_names=False)
    assert list(result.details["year"]) == [2020] * 4 + [2021] * 4
    assert set(result.values["year"]) == {2020}


def test_too_few_values_are_noted_not_treated(metadata):
    few = pd.DataFrame({code: [1.0, 2.0, 900.0] for code in "abcd"}, index=["AA", "BB", "CC"])
    result = composite.treat(few, metadata=metadata)
    assert set(result.details["note"]) == {"too few values, or no spread, to check"}
    pd.testing.assert_frame_equal(result.data, few)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"method": "winsorize"}, "did you mean 'winsorise'"),
        ({"fallback": "logg"}, "unknown transformation 'logg'"),
        ({"winmax": -1}, "-1 is below 0"),
    ],
)
def test_wrong_options_of_treatment_are_refused(skewed, metadata, options, said):
    with pytest.raises(UsageError) as caught:
        composite.treat(skewed, metadata=metadata, **options)
    assert said in str(caught.value)


def test_an_unknown_treatment_of_one_indicator_is_refused_by_code(skewed):
    with pytest.raises(InputError, match="code b, column treat: unknown treatment 'bx'"):
        composite.treat(skewed, metadata=make_metadata(treat={"b": "bx"}))


def test_treating_changes_nothing_it_is_given(skewed, metadata):
    before = skewed.copy(deep=True)
    composite.treat(skewed, metadata=metadata)
    pd.testing.assert_frame_equal(skewed, before)
