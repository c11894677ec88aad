from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from resilience_analysis.composite.imputation import fill_constant, fill_latest, fill_linear

N = np.nan
YEARS = np.array([2018.0, 2020.0, 2021.0])
grids = arrays_of.arrays(
    float,
    st.tuples(st.integers(1, 7), st.integers(1, 3)),
    elements=st.one_of(st.integers(-9, 9).map(float), st.just(N)),
)


def one(fill, *values, gap=None) -> list[float]:
    return fill(np.array(values)[:, None], YEARS, gap)[:, 0].tolist()


def test_latest_takes_the_value_before_and_no_later_one():
    np.testing.assert_array_equal(one(fill_latest, N, 1.0, N), [N, 1, 1])


def test_latest_looks_back_no_further_than_told():
    np.testing.assert_array_equal(one(fill_latest, 1.0, N, N, gap=1), [1, 1, N])


def test_constant_also_fills_the_beginning():
    np.testing.assert_array_equal(one(fill_constant, N, 1.0, N), [1, 1, 1])


def test_linear_goes_by_years_not_by_places():
    assert one(fill_linear, 0.0, N, 6.0) == [0, 6 * 2 / 3, 6]


def test_linear_takes_the_nearest_value_outside():
    np.testing.assert_array_equal(one(fill_linear, N, 1.0, 4.0), [1, 1, 4])
    np.testing.assert_array_equal(one(fill_linear, 1.0, 4.0, N), [1, 4, 4])


def test_one_observation_stands_for_the_whole_series():
    np.testing.assert_array_equal(one(fill_linear, N, 3.0, N), [3, 3, 3])


def test_a_series_without_values_stays_empty():
    for fill in (fill_latest, fill_constant, fill_linear):
        assert np.isnan(one(fill, N, N, N)).all()


@given(grids)
@settings(max_examples=60, deadline=None)
def test_fills_agree_with_pandas(grid):
    years = np.arange(len(grid), dtype=float)
    table = pd.DataFrame(grid)
    np.testing.assert_array_equal(fill_latest(grid, years, None), table.ffill())
    np.testing.assert_array_equal(fill_latest(grid, years, 2), table.ffill(limit=2))
    np.testing.assert_array_equal(fill_constant(grid, years, None), table.ffill().bfill())
    np.testing.assert_allclose(fill_linear(grid, years, None), table.interpolate().ffill().bfill(), rtol=1e-12)
