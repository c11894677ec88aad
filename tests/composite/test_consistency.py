from __future__ import annotations

import math

import numpy as np
import pandas as pd

from resilience_analysis import composite
from resilience_analysis.composite.correlation import cronbach_alpha

from .conftest import make_random


def slow_alpha(items: pd.DataFrame) -> float:
    """Alpha from the variance of the sum, for complete data."""
    k = items.shape[1]
    return k / (k - 1) * (1 - items.var().sum() / items.sum(axis=1).var())


def test_alpha_is_that_of_the_sum_of_all_indicators_below(metadata):
    data = make_random(30)
    found = composite.reliability(data, metadata=metadata)
    for code, items in {"social": ["a", "b"], "spatial": ["c", "d"], "index": ["a", "b", "c", "d"]}.items():
        assert math.isclose(found.loc[code, "alpha"], slow_alpha(data[items]))
    assert found["indicators"].tolist() == [2, 2, 4, 1, 1, 1, 1]


def test_alpha_if_dropped_leaves_one_indicator_of_its_parent_out():
    data = make_random(30, columns=4)
    metadata = pd.DataFrame({"parent": ["top"] * 4 + [""], "direction": 1, "weight": 1.0}, index=[*"abcd", "top"])
    found = composite.reliability(data, metadata=metadata)["alpha_if_dropped"]
    assert math.isclose(found["a"], slow_alpha(data[["b", "c", "d"]]))
    assert math.isnan(found["top"])


def test_dropping_one_of_two_leaves_no_alpha(metadata):
    assert composite.reliability(make_random(20), metadata=metadata)["alpha_if_dropped"].isna().all()


def test_identical_indicators_have_alpha_one():
    assert math.isclose(cronbach_alpha(np.full((3, 3), 2.0)), 1)
    assert math.isnan(cronbach_alpha(np.array([[1.0]])))


def test_one_unit_has_no_alpha(metadata):
    assert composite.reliability(make_random(1), metadata=metadata)["alpha"].isna().all()
