from __future__ import annotations

import math

import numpy as np
import pytest

from resilience_analysis.composite.means import (
    ARITHMETIC,
    GEOMETRIC,
    HARMONIC,
    arithmetic_mean,
    penalised_mean,
    power_mean,
    weight_shares,
)

MEANS = [ARITHMETIC, GEOMETRIC, HARMONIC, power_mean(2), power_mean(-2), power_mean(0.5), penalised_mean(-1)]


@pytest.fixture
def x() -> np.ndarray:
    values = np.random.default_rng(1).uniform(1, 100, (7, 3))
    values[2, 0] = values[5] = np.nan
    return values


W = np.array([1.0, 2.0, 0.5])


def test_shares_of_the_weights_add_up_over_what_is_there(x):
    shares = weight_shares(x, W)
    assert shares[0].tolist() == [1 / 3.5, 2 / 3.5, 0.5 / 3.5]
    assert math.isnan(shares[2, 0])
    assert shares[2, 1:].tolist() == [2 / 2.5, 0.5 / 2.5]
    assert np.isnan(shares[5]).all()


@pytest.mark.parametrize("mean", MEANS)
def test_parts_of_every_mean_add_up_to_it(mean, x):
    parts = mean.parts(x, W)
    np.testing.assert_allclose(
        np.nansum(parts, axis=1)[~np.isnan(x).all(axis=1)], mean.of(x, W)[~np.isnan(x).all(axis=1)]
    )
    assert (np.isnan(parts) == np.isnan(x)).all()


@pytest.mark.parametrize("mean", MEANS)
def test_equal_children_share_a_mean_by_their_weights(mean):
    parts = mean.parts(np.full((1, 3), 40.0), W)
    np.testing.assert_allclose(parts[0], 40 * W / W.sum())


@pytest.mark.parametrize("mean", MEANS)
def test_draws_in_front_give_what_each_draw_gives(mean, x):
    weights = np.random.default_rng(2).random((4, 3))
    np.testing.assert_allclose(mean.of(x, weights), [mean.of(x, each) for each in weights], rtol=1e-12)
    many = np.stack([x, x + 1, x * 2, x + 5])
    np.testing.assert_allclose(
        mean.of(many, weights), [mean.of(one, each) for one, each in zip(many, weights, strict=True)], rtol=1e-12
    )
    np.testing.assert_allclose(mean.of(many, W), [mean.of(one, W) for one in many], rtol=1e-12)


def test_a_weight_of_nothing_takes_no_part():
    assert arithmetic_mean(np.array([[1.0, 9.0]]), np.array([1.0, 0.0])).tolist() == [1.0]
    assert np.isnan(arithmetic_mean(np.array([[np.nan, 9.0]]), np.array([1.0, 0.0]))).all()


def test_a_power_of_one_is_the_arithmetic_mean():
    assert power_mean(1) is ARITHMETIC
    assert ARITHMETIC.limit == ""
    assert power_mean(2).limit == "values of at least 0"
    assert HARMONIC.limit == "values above 0"


def test_the_penalty_falls_on_what_lies_far_from_the_mean():
    parts = penalised_mean(-1).parts(np.array([[90.0, 110.0, 100.0, 100.0]]), np.ones(4))[0]
    assert parts.tolist() == [(90 - 100 / 100) / 4, (110 - 100 / 100) / 4, 25, 25]
    assert penalised_mean(1).of(np.array([[90.0, 110.0]]), np.ones(2)).tolist() == [100 + 100 / 100]
