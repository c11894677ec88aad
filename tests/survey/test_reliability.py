import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resilience_analysis.survey.reliability import alpha, alpha_se, forgotten_reversals, reliability

from .conftest import random_values

DIMENSIONS = {"A": ("A1", "A2", "A3")}


def together(rows=200, seed=1):
    """Three items that measure one thing."""
    random = np.random.default_rng(seed)
    height = random.normal(2.5, 0.8, rows)
    drawn = np.clip(np.rint(height[:, None] + random.normal(0, 0.5, (rows, 3))), 1, 4)
    return pd.DataFrame(drawn, columns=["A1", "A2", "A3"])


def test_alpha_is_one_for_items_that_say_the_same():
    assert alpha(np.full((3, 3), 2.0)) == pytest.approx(1)


def test_alpha_is_zero_for_items_that_have_nothing_in_common():
    assert alpha(np.diag([1.0, 2.0, 3.0])) == pytest.approx(0)


def test_alpha_is_worked_out_from_variances():
    values = together()
    k = 3
    by_hand = k / (k - 1) * (1 - values.var().sum() / values.sum(axis=1).var())
    assert alpha(values.cov().to_numpy()) == pytest.approx(by_hand)


def test_impossible_covariances_have_no_standard_error():
    pairwise = np.array([[0.2, -1.35, 0.15], [-1.35, 1.5, 0.6], [0.15, 0.6, 0.5]])
    assert np.linalg.eigvalsh(pairwise).min() < 0
    assert np.isnan(alpha_se(pairwise, 5))


@pytest.mark.parametrize("covariance", [np.ones((1, 1)), np.zeros((3, 3)), np.full((2, 2), np.nan)])
def test_alpha_without_items_or_variance_is_unknown(covariance):
    assert np.isnan(alpha(covariance))
    assert np.isnan(alpha_se(covariance, 10))


def test_standard_error_is_what_repeated_samples_show():
    estimates = [alpha(together(seed=seed).cov().to_numpy()) for seed in range(300)]
    assert alpha_se(together().cov().to_numpy(), 200) == pytest.approx(np.std(estimates), rel=0.15)


def test_highest_alpha_without_an_item_is_found():
    values = together().assign(A4=random_values(200, ["A4"], seed=8)["A4"])
    table = reliability(values, {"A": ("A1", "A2", "A3", "A4")})
    without_noise = alpha(values[["A1", "A2", "A3"]].cov().to_numpy())
    assert table.loc[0, "alpha_if_dropped_max"] == pytest.approx(without_noise)
    assert table.loc[0, "alpha"] < without_noise


def test_reversed_items_are_turned_before_alpha():
    values = together()
    turned = values.assign(A2=5 - values["A2"])
    expected = reliability(values, DIMENSIONS).loc[0, "alpha"]
    assert reliability(turned, DIMENSIONS, reverse={"A2"}).loc[0, "alpha"] == pytest.approx(expected)
    assert reliability(turned, DIMENSIONS).loc[0, "alpha"] < 0.3


def test_items_that_are_absent_are_not_counted():
    table = reliability(together()[["A1", "A2"]], DIMENSIONS)
    assert table.loc[0, "n_items"] == 2


def test_forgotten_reversal_is_smelt():
    values = together().assign(A2=lambda table: 5 - table["A2"])
    suspects = forgotten_reversals(values, DIMENSIONS)
    assert suspects["item"].tolist() == ["A2"]
    assert suspects.loc[0, "correlation"] < -0.3
    assert forgotten_reversals(values, DIMENSIONS, reverse={"A2"}).empty


def test_item_that_has_nothing_to_do_with_the_others_is_seldom_suspected():
    named = 0
    for seed in range(200):
        values = pd.DataFrame(np.random.default_rng(seed).integers(1, 5, (40, 3)), columns=["A1", "A2", "A3"])
        named += len(forgotten_reversals(values.astype(float), {"A": ("A1", "A2", "A3")}))
    assert named / 600 < 0.04


def test_few_answers_or_none_that_vary_smell_of_nothing():
    assert forgotten_reversals(together(2), DIMENSIONS).empty
    assert forgotten_reversals(together().assign(A1=2.0), DIMENSIONS).empty


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 500))
def test_order_of_items_does_not_change_alpha(seed):
    values = random_values(40, ["A1", "A2", "A3"], seed=seed)
    one = reliability(values, DIMENSIONS).drop(columns="dimension")
    other = reliability(values, {"A": ("A3", "A1", "A2")}).drop(columns="dimension")
    np.testing.assert_allclose(one.to_numpy(float), other.to_numpy(float), rtol=1e-9, atol=1e-12)
