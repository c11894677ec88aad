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
