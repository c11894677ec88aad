from __future__ import annotations

import math

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from resilience_analysis.composite.arrays import (
    column_deviation,
    column_max,
    column_mean,
    column_min,
    divide,
    rank_columns,
    round_significant,
    skewness,
    skewness_and_kurtosis,
)

numbers = st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 3))
columns = arrays_of.arrays(
    float, st.tuples(st.integers(1, 12), st.integers(1, 3)), elements=st.one_of(numbers, st.just(np.nan))
)


@given(columns)
@settings(max_examples=60, deadline=None)
def test_statistics_of_columns_agree_with_pandas(values):
    table = pd.DataFrame(values)
    np.testing.assert_allclose(column_mean(values), table.mean(), rtol=1e-12, atol=1e-9)
    np.testing.assert_array_equal(column_min(values), table.min())
    np.testing.assert_array_equal(column_max(values), table.max())
    np.testing.assert_allclose(column_deviation(values), table.std(), rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(column_deviation(values, lost=0), table.std(ddof=0), rtol=1e-9, atol=1e-6)


@given(columns, st.sampled_from(["min", "average"]))
@settings(max_examples=80, deadline=None)
def test_a_rank_counts_the_values_below_and_among_equal_ones_half_or_none(values, ties):
    below = (values[None] < values[:, None]).sum(axis=1)
    equal = (values[None] == values[:, None]).sum(axis=1)
    expected = np.where(np.isnan(values), np.nan, below + (1 if ties == "min" else (1 + equal) / 2))
    np.testing.assert_array_equal(rank_columns(values, ties=ties), expected)


def test_mean_survives_a_large_offset():
    values = np.array([[1e9 + 0.1], [1e9 + 0.2], [1e9 + 0.3]])
    assert abs(column_mean(values)[0] - (1e9 + 0.2)) < 1e-6


def test_dividing_by_zero_is_missing():
    np.testing.assert_array_equal(divide(np.array([1.0, 0.0]), np.array([0.0, 0.0])), [np.nan, np.nan])


def test_rounding_keeps_so_many_significant_digits():
    values = np.array([[123456.789], [0.00123456], [-9.8765], [0.0]])
    np.testing.assert_allclose(round_significant(values, 3), [[123000.0], [0.00123], [-9.88], [0.0]])


def test_rounding_noise_beside_large_values_becomes_zero():
    np.testing.assert_array_equal(round_significant(np.array([[1.0], [0.1 + 0.2 - 0.3]])), [[1.0], [0.0]])


def test_ranks_compare_values_as_they_are_unless_digits_are_given():
    values = np.array([[0.1 + 0.2], [0.3], [0.1]])
    np.testing.assert_array_equal(rank_columns(values)[:, 0], [3, 2, 1])
    np.testing.assert_array_equal(rank_columns(values, digits=12)[:, 0], [2, 2, 1])
    np.testing.assert_array_equal(rank_columns(values, ties="average", digits=12)[:, 0], [2.5, 2.5, 1])


@given(
    st.lists(st.floats(-1e3, 1e3).map(lambda x: round(x, 2)), min_size=4, max_size=30).filter(lambda x: np.ptp(x) > 0.1)
)
@settings(max_examples=60, deadline=None)
def test_skewness_and_kurtosis_are_those_of_excel_and_pandas(values):
    assert math.isclose(skewness(np.array(values)), pd.Series(values).skew(), rel_tol=1e-6, abs_tol=1e-8)
    assert math.isclose(
        skewness_and_kurtosis(np.array(values))[1], pd.Series(values).kurt(), rel_tol=1e-6, abs_tol=1e-7
    )


def test_skewness_of_a_worked_example():
    x = np.array([1.0, 2.0, 3.0, 10.0])
    centred = x - 4
    plain = (centred**3).mean() / (centred**2).mean() ** 1.5
    assert math.isclose(skewness(x), plain * math.sqrt(4 * 3) / (4 - 2))


def test_too_few_values_or_no_spread_have_neither():
    assert math.isnan(skewness(np.array([1.0, 2.0])))
    assert math.isnan(skewness_and_kurtosis(np.array([1.0, 2.0, 4.0]))[1])
    assert math.isnan(skewness(np.array([3.0, 3.0, 3.0, 3.0])))
