from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from resilience_analysis.composite.sampling import Z95, read_spread
from resilience_analysis.foundation.errors import InputError, UsageError


@pytest.fixture
def values() -> pd.DataFrame:
    return pd.DataFrame({"a": np.full(4000, 10.0), "b": 5.0})


def test_standard_errors_spread_values_normally(values):
    spread = read_spread(values, ["a", "b"], se=pd.DataFrame({"a": np.full(4000, 2.0)}))
    drawn = spread.draw(values.to_numpy(), seed=1, stream=0)
    assert abs(drawn[:, 0].mean() - 10) < 0.15
    assert abs(drawn[:, 0].std() - 2) < 0.1
    assert (drawn[:, 1] == 5).all()


def test_an_interval_with_a_longer_side_has_two_halves(values):
    low, high = values[["a"]] - 1, values[["a"]] + 4
    drawn = read_spread(values, ["a", "b"], low=low, high=high).draw(values.to_numpy(), seed=1, stream=0)[:, 0]
    assert abs((drawn < 10).mean() - 0.5) < 0.03
    assert abs(np.quantile(drawn, 0.025) - 9) < 0.15
    assert abs(np.quantile(drawn, 0.975) - 14) < 0.4


def test_a_symmetric_interval_is_a_standard_error(values):
    spread = read_spread(values, ["a"], low=values[["a"]] - Z95, high=values[["a"]] + Z95)
    np.testing.assert_allclose(spread.below, 1)
    np.testing.assert_allclose(spread.above, 1)


def test_the_same_stream_gives_the_same_draw_and_another_does_not(values):
    spread = read_spread(values, ["a"], se=values[["a"]])
    table = values[["a"]].to_numpy()
    one, same, other = (spread.draw(table, seed=3, stream=stream) for stream in (7, 7, 8))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
    assert not np.array_equal(one, spread.draw(table, seed=4, stream=7))


def test_rows_are_matched_by_unit(values):
    se = pd.DataFrame({"a": np.arange(4000.0)})
    spread = read_spread(values, ["a"], se=se.iloc[::-1])
    np.testing.assert_array_equal(spread.below[:, 0], np.arange(4000.0))


def test_nothing_given_is_no_spread(values):
    assert read_spread(values, ["a"]) is None


def test_wrong_errors_are_refused_with_code_and_unit(values):
    with pytest.raises(InputError, match="indicator a: is negative for 0, 1, 2, 3, 4 and 3995 more"):
        read_spread(values, ["a"], se=-values[["a"]])
    with pytest.raises(InputError, match="indicator a: lies outside its interval"):
        read_spread(values, ["a"], low=values[["a"]] + 1, high=values[["a"]] + 2)
    with pytest.raises(InputError, match="not indicators: zz"):
        read_spread(values, ["a"], se=values.rename(columns={"a": "zz"})[["zz"]])
    with pytest.raises(InputError, match="has no row for 0, 1"):
        read_spread(values, ["a"], se=values[["a"]].iloc[2:])


def test_half_an_interval_or_two_kinds_of_error_are_refused(values):
    with pytest.raises(UsageError, match="either se, or low and high"):
        read_spread(values, ["a"], low=values[["a"]])
    with pytest.raises(UsageError, match="either se, or low and high"):
        read_spread(values, ["a"], se=values[["a"]], low=values[["a"]], high=values[["a"]])
