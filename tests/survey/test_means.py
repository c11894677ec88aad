import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resilience_analysis.foundation.errors import InputError
from resilience_analysis.survey.scores import grouped_means

from .conftest import random_values


def slow_means(values, by, weights):
    """The same estimator, one group and column at a time, as its formula is written."""
    rows = len(values)
    found = {}
    for group in sorted(by.dropna().unique()):
        for column in values:
            inside = (by == group) & values[column].notna() & (weights > 0)
            y, w = values[column][inside].to_numpy(), weights[inside].to_numpy()
            if not len(y):
                found[group, column] = (0, 0.0, np.nan, np.nan)
                continue
            mean = (w * y).sum() / w.sum()
            influence = w * (y - mean) / w.sum()
            variance = rows / (rows - 1) * (influence**2).sum()
            found[group, column] = (len(y), w.sum() ** 2 / (w**2).sum(), mean, np.sqrt(variance))
    return found


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.booleans())
def test_fast_means_are_the_slow_ones(seed, weighted):
    random = np.random.default_rng(seed)
    values = random_values(30, ["A1", "A2"], missing=0.3, seed=seed)
    by = pd.Series(random.choice(["x", "y", "z", None], 30, p=[0.5, 0.3, 0.1, 0.1]), dtype=object)
    weights = pd.Series(random.choice([0.0, 0.5, 1.0, 4.0], 30) if weighted else np.ones(30))
    means = grouped_means(values, by, weights if weighted else None)
    for (group, column), expected in slow_means(values, by, weights).items():
        found = [frame.loc[group, column] for frame in (means.n, means.n_effective, means.mean, means.se)]
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)


def test_standard_error_without_weights_is_worked_out_by_hand():
    values = pd.DataFrame({"A1": [1.0, 3.0, np.nan, 4.0]})
    means = grouped_means(values, pd.Series(["x", "x", "x", "y"]))
    assert means.mean.loc["x", "A1"] == 2
    assert means.se.loc["x", "A1"] == pytest.approx(np.sqrt(4 / 3 * (1 + 1)) / 2)
    assert means.n.loc["x", "A1"] == 2


def test_equal_weights_change_nothing():
    values = random_values(25, ["A1"], seed=3)
    by = pd.Series(["x", "y"] * 12 + ["x"])
    plain, weighted = grouped_means(values, by), grouped_means(values, by, pd.Series(np.full(25, 7.0)))
    np.testing.assert_allclose(plain.se, weighted.se, rtol=1e-12)
    np.testing.assert_allclose(plain.n_effective, weighted.n_effective, rtol=1e-12)


def test_order_of_respondents_is_irrelevant():
    values = random_values(40, ["A1", "A2"], seed=5)
    by = pd.Series(list("abcd") * 10)
    order = np.random.default_rng(0).permutation(40)
    again = grouped_means(values.iloc[order], by.iloc[order])
    pd.testing.assert_frame_equal(grouped_means(values, by).mean, again.mean)


def test_another_group_does_not_change_a_mean():
    values = random_values(40, ["A1"], seed=6)
    by = pd.Series(["x"] * 20 + ["y"] * 20)
    altered = values.copy()
    altered.iloc[20:] = 1.0
    assert grouped_means(values, by).mean.loc["x", "A1"] == grouped_means(altered, by).mean.loc["x", "A1"]


def test_group_without_answers_is_empty_and_not_zero():
    means = grouped_means(pd.DataFrame({"A1": [np.nan, 2.0]}), pd.Series(["x", "y"]))
    assert means.n.loc["x", "A1"] == 0
    assert np.isnan(means.mean.loc["x", "A1"])
    assert np.isnan(means.se.loc["x", "A1"])


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf, "heavy"])
def test_unusable_weight_is_refused_with_its_row(bad):
    weights = pd.Series([1.0, bad, 2.0], dtype=object)
    with pytest.raises(InputError, match="1 weights are missing, negative or no number, in answer 2"):
        grouped_means(pd.DataFrame({"A1": [1.0, 2.0, 3.0]}), pd.Series(["x"] * 3), weights)
