from __future__ import annotations

import math

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from resilience_analysis.composite.arrays import skewness, skewness_and_kurtosis


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
