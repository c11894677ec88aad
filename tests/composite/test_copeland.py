from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resilience_analysis import composite
from resilience_analysis.composite import means
from resilience_analysis.composite.means import MEANS

from .conftest import make_metadata, make_random


def slow_copeland(x: np.ndarray, w: np.ndarray) -> list[float]:
    """Compare every pair one indicator at a time."""
    scores = [0.0] * len(x)
    for i, j in itertools.permutations(range(len(x)), 2):
        wins = sum(w[k] for k in range(x.shape[1]) if x[i, k] > x[j, k])
        losses = sum(w[k] for k in range(x.shape[1]) if x[i, k] < x[j, k])
        if not math.isclose(wins, losses, abs_tol=1e-12):
            scores[i] += 1 if wins > losses else -1
    return [math.nan if np.isnan(row).all() else score for row, score in zip(x, scores, strict=True)]


def test_copeland_counts_wins_less_defeats():
    x = np.array([[1.0, 3.0, 2.0], [2.0, 2.0, 3.0], [3.0, 1.0, 1.0], [4.0, 5.0, 4.0]])
    assert MEANS["copeland"].of(x, np.ones(3)).tolist() == [-1, 1, -3, 3]


def test_units_that_share_half_of_the_weight_draw():
    x = np.array([[1.0, 2.0], [2.0, 1.0]])
    assert MEANS["copeland"].of(x, np.ones(2)).tolist() == [0, 0]
    assert MEANS["copeland"].of(x, np.array([1.0, 2.0])).tolist() == [1, -1]


def test_weights_that_add_up_to_half_by_rounding_draw():
    x = np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    assert MEANS["copeland"].of(x, np.array([0.1, 0.2, 0.3])).tolist() == [0, 0]


def test_a_unit_without_data_has_no_score_and_changes_no_other():
    x = np.array([[1.0, 2.0], [np.nan, np.nan], [3.0, 1.0]])
    scores = MEANS["copeland"].of(x, np.array([2.0, 1.0]))
    assert scores[[0, 2]].tolist() == MEANS["copeland"].of(x[[0, 2]], np.array([2.0, 1.0])).tolist() == [-1, 1]
    assert math.isnan(scores[1])


def test_units_are_compared_on_what_both_have():
    x = np.array([[5.0, np.nan, 1.0], [4.0, 9.0, np.nan], [np.nan, 1.0, 2.0]])
    assert MEANS["copeland"].of(x, np.ones(3)).tolist() == [1 - 1, -1 + 1, -1 + 1]


@given(st.integers(0, 10_000), st.floats(0, 0.6))
@settings(max_examples=30, deadline=None)
def test_copeland_agrees_with_the_slow_way_in_any_row_order(seed, missing):
    data = make_random(9, missing=missing, seed=seed).round(0)
    weights = np.random.default_rng(seed).integers(1, 4, 4).astype(float)
    scores = MEANS["copeland"].of(data.to_numpy(), weights)
    np.testing.assert_array_equal(scores, slow_copeland(data.to_numpy(), weights))
    order = np.random.default_rng(seed + 1).permutation(len(data))
    np.testing.assert_array_equal(MEANS["copeland"].of(data.to_numpy()[order], weights), scores[order])


def test_blocks_of_units_give_the_same_scores(monkeypatch):
    x = make_random(30, missing=0.2).to_numpy()
    whole = MEANS["copeland"].of(x, np.ones(4))
    monkeypatch.setattr(means, "CELLS", 100)
    np.testing.assert_array_equal(MEANS["copeland"].of(x, np.ones(4)), whole)


def test_many_sets_of_weights_are_scored_at_once():
    x = make_random(12, missing=0.1).to_numpy()
    weights = np.random.default_rng(0).random((5, 4))
    together = MEANS["copeland"].of(x, weights)
    np.testing.assert_array_equal(together, [MEANS["copeland"].of(x, each) for each in weights])
    many = np.stack([x, x[::-1], x * 2, -x, x])
    np.testing.assert_array_equal(
        MEANS["copeland"].of(many, weights),
        [MEANS["copeland"].of(one, each) for one, each in zip(many, weights, strict=True)],
    )


def test_in_a_panel_the_units_of_one_year_are_compared(panel, metadata):
    scores = composite.aggregate(panel, metadata=metadata, method="copeland")
    for year, part in panel.groupby(level=1):
        alone = composite.aggregate(part.droplevel(1), metadata=metadata, method="copeland")
        pd.testing.assert_frame_equal(scores.xs(year, level=1), alone)


@pytest.mark.parametrize("seed", range(3))
def test_shares_of_the_margin_add_up_to_the_score(seed):
    x, w = make_random(10, missing=0.2, seed=seed).to_numpy(), np.array([1.0, 2.0, 0.5, 1.0])
    np.testing.assert_allclose(np.nansum(MEANS["copeland"].parts(x, w), axis=1), MEANS["copeland"].of(x, w), atol=1e-9)


def test_dominance_is_the_best_possible_score():
    data = make_random(6)
    data.loc["U003"] = data.max() + 1
    scores = composite.aggregate(data, metadata=make_metadata(), method="copeland")
    assert scores.loc["U003", ["social", "spatial", "index"]].tolist() == [5, 5, 5]


def test_a_unit_whose_only_child_weighs_nothing_has_no_score_as_with_other_means(scaled, metadata):
    weights = {"c": 1.0, "d": 0.0}
    data = scaled.assign(c=[30.0, np.nan, 70.0], d=[40.0, 50.0, 60.0])
    compared = composite.aggregate(data, metadata=metadata, method="copeland", weights=weights)
    averaged = composite.aggregate(data, metadata=metadata, weights=weights)
    assert compared["spatial"].isna().tolist() == averaged["spatial"].isna().tolist() == [False, True, False]
    draws = np.array([[1.0, 0.0], [1.0, 1.0]])
    missing = np.isnan(MEANS["copeland"].of(data[["c", "d"]].to_numpy(), draws))
    assert missing.tolist() == [[False, True, False], [False, False, False]]
