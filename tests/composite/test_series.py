from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from resilience_analysis.composite.preparation import fill_series

N = np.nan
YEARS = np.array([2018.0, 2020.0, 2021.0])
grids = arrays_of.arrays(
    float,
    st.tuples(st.integers(1, 7), st.integers(1, 3)),
    elements=st.one_of(st.integers(-9, 9).map(float), st.just(N)),
)


def one(method, *values, gap=None) -> list[float]:
    return fill_series(pd.DataFrame({"x": values}, index=YEARS), method, gap)["x"].tolist()


def test_latest_takes_the_value_before_and_no_later_one():
    np.testing.assert_array_equal(one("latest", N, 1.0, N), [N, 1, 1])


def test_latest_looks_back_no_further_than_told():
    np.testing.assert_array_equal(one("latest", 1.0, N, N, gap=1), [1, 1, N])


def test_constant_also_fills_the_beginning():
    np.testing.assert_array_equal(one("constant", N, 1.0, N), [1, 1, 1])


def test_linear_goes_by_years_not_by_places():
    assert one("linear", 0.0, N, 6.0) == [0, 6 * 2 / 3, 6]


def test_linear_takes_the_nearest_value_outside():
    np.testing.assert_array_equal(one("linear", N, 1.0, 4.0), [1, 1, 4])
    np.testing.assert_array_equal(one("linear", 1.0, 4.0, N), [1, 4, 4])


def test_one_observation_stands_for_the_whole_series():
    np.testing.assert_array_equal(one("linear", N, 3.0, N), [3, 3, 3])


def test_a_series_without_values_stays_empty():
    for fill in ("latest", "constant", "linear"):
        assert np.isnan(one(fill, N, N, N)).all()


@given(grids)
@settings(max_examples=60, deadline=None)
def test_fills_agree_with_a_walk_from_year_to_year(grid):
    table = pd.DataFrame(grid)
    for column in table:
        known = [(year, value) for year, value in table[column].items() if not np.isnan(value)]
        for year in table.index:
            before = [pair for pair in known if pair[0] <= year][-1:]
            after = [pair for pair in known if pair[0] >= year][:1]
            near = before or after
            latest = before[0][1] if before else N
            line = np.interp(year, *zip(*known, strict=True)) if known else N
            found = {name: fill_series(table, name).at[year, column] for name in ("latest", "constant", "linear")}
            np.testing.assert_array_equal(found["latest"], latest)
            np.testing.assert_array_equal(found["constant"], near[0][1] if near else N)
            np.testing.assert_allclose(found["linear"], line, rtol=1e-12, atol=1e-12)
            limited = latest if before and year - before[0][0] <= 2 else N
            np.testing.assert_array_equal(fill_series(table, "latest", 2).at[year, column], limited)
