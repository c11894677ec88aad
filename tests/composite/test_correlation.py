from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from resilience_analysis import composite
from resilience_analysis.composite.correlation import covariances, cronbach_alpha
from resilience_analysis.foundation.errors import UsageError

from .conftest import make_metadata, make_random


@pytest.mark.parametrize(
    ("method", "test"), [("pearson", stats.pearsonr), ("spearman", stats.spearmanr), ("kendall", stats.kendalltau)]
)
def test_correlations_and_p_values_agree_with_scipy(method, test):
    data = make_random(25, missing=0.15, seed=3)
    found = composite.correlations(data, method=method).set_index(["first", "second"])
    for pair in (("a", "b"), ("c", "a")):
        both = data[list(pair)].dropna()
        expected = test(both.iloc[:, 0], both.iloc[:, 1])
        np.testing.assert_allclose(found.loc[pair, "correlation"], expected.statistic)
        np.testing.assert_allclose(found.loc[pair, "p_value"], expected.pvalue)
        assert found.loc[pair, "n"] == len(both)


def test_every_pair_stands_both_ways_and_with_itself():
    found = composite.correlations(make_random(10))
    assert len(found) == 16
    same = found[found["first"] == found["second"]]
    np.testing.assert_allclose(same["correlation"], 1)


def test_columns_can_be_correlated_with_others(scaled, metadata):
    scores = composite.aggregate(make_random(20), metadata=metadata)
    found = composite.correlations(scores, first=["a", "b"], second=["index"])
    assert found[["first", "second"]].to_numpy().tolist() == [["a", "index"], ["b", "index"]]
    np.testing.assert_allclose(found.loc[0, "correlation"], scores["a"].corr(scores["index"]))


def test_flags_name_pairs_within_one_dimension_once():
    data = make_random(30)
    data["b"], data["c"] = data["a"] * 2, data["a"] + 1
    found = composite.correlation_flags(data, metadata=make_metadata())
    assert found[["aggregate", "first", "second"]].to_numpy().tolist() == [["social", "a", "b"]]
    wider = composite.correlation_flags(data, metadata=make_metadata(), level=3)
    assert wider[["first", "second"]].to_numpy().tolist() == [["a", "b"], ["a", "c"], ["b", "c"]]


def test_flags_can_look_for_indicators_at_odds():
    data = make_random(30)
    data["b"] = -data["a"]
    found = composite.correlation_flags(data, metadata=make_metadata(), threshold=-0.5, below=True)
    assert found[["first", "second"]].to_numpy().tolist() == [["a", "b"]]


def test_too_few_units_have_no_p_value():
    found = composite.correlations(pd.DataFrame({"x": [1.0, 2.0], "y": [2.0, 1.0]}))
    assert found["p_value"].isna().all()


@pytest.mark.parametrize("method", ["pearson", "spearman", "kendall"])
def test_pairs_without_a_unit_in_common_have_no_correlation(method):
    data = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [np.nan] * 3, "c": [np.nan, np.nan, 4.0]})
    found = composite.correlations(data, first=["a"], second=["b", "c"], method=method)
    assert found["n"].tolist() == [0, 1]
    assert found[["correlation", "p_value"]].isna().all(axis=None)


def test_an_unknown_correlation_is_refused():
    with pytest.raises(UsageError, match="did you mean 'pearson'"):
        composite.correlations(make_random(5), method="pearsn")


def test_covariances_are_taken_over_the_units_that_have_both():
    rng = np.random.default_rng(1)
    table = pd.DataFrame(1e6 + rng.normal(size=(30, 5)))
    table = table.mask(rng.random(table.shape) < 0.3)
    table[4] = table[4].where(table.index == table[3].first_valid_index())
    np.testing.assert_allclose(covariances(table.to_numpy()), table.cov(), rtol=1e-9)
    np.testing.assert_allclose(covariances(table[[0]].dropna().to_numpy()), table[[0]].cov())


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
