import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resilience_analysis.survey.bygroup import Design, estimate_dimensions, estimate_items
from resilience_analysis.survey.intervals import wilson

from .conftest import random_values

VALUES = pd.DataFrame({"A1": [1, 2, 3, 4, 4, np.nan], "A2": [4, 4, 3, np.nan, 1, 2]}, dtype=float)
BY = pd.Series(["x", "x", "x", "x", "y", "y"])


def row(table, by, code):
    return table[(table["by"] == by) & (table["code"] == code)].iloc[0]


def test_rows_are_sorted_by_group_with_items_as_given():
    table = estimate_items(VALUES[["A2", "A1"]], BY)
    assert list(zip(table["by"], table["code"], strict=True)) == [("x", "A2"), ("x", "A1"), ("y", "A2"), ("y", "A1")]


_ENDS = ["share_agree_low", "share_agree_high"]


def test_share_that_agrees_is_of_threes_and_fours():
    found = row(estimate_items(VALUES, BY), "x", "A1")
    assert found["n"] == 4
    assert found["share_agree"] == 100 * 2 / 4
    np.testing.assert_allclose(found[_ENDS].to_list(), 100 * np.array(wilson(2 / 4, 4)))


def test_net_agreement_is_agree_minus_disagree():
    found = row(estimate_items(VALUES, BY), "x", "A2")
    agree, disagree = 3 / 3, 0 / 3
    assert found["net_agreement"] == pytest.approx(100 * (agree - disagree))
    assert row(estimate_items(VALUES, BY), "x", "A1")["net_agreement"] == pytest.approx(0)


def test_distribution_is_the_share_of_every_position():
    found = row(estimate_items(VALUES, BY), "x", "A1")
    assert found[["share_1", "share_2", "share_3", "share_4"]].tolist() == [25, 25, 25, 25]


def test_weighted_share_has_the_effective_number_in_its_interval():
    weights = pd.Series([3.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    found = row(estimate_items(VALUES, BY, Design(weights=weights)), "x", "A1")
    effective = (3 + 1 + 1 + 1) ** 2 / (9 + 1 + 1 + 1)
    assert found["n_effective"] == pytest.approx(effective)
    assert found["share_agree"] == pytest.approx(100 * 2 / 6)
    np.testing.assert_allclose(found[_ENDS].to_list(), 100 * np.array(wilson(2 / 6, effective)))


def test_finite_population_narrows_means_and_shares():
    plain = row(estimate_items(VALUES, BY), "x", "A1")
    known = row(estimate_items(VALUES, BY, Design(population={"x": 8.0})), "x", "A1")
    assert known["mean_se"] == pytest.approx(plain["mean_se"] * np.sqrt(1 - 4 / 8))
    assert known["share_agree_low"] == pytest.approx(100 * float(wilson(0.5, 4 / (1 - 4 / 8))[0]))
    assert known["mean"] == plain["mean"]


def test_group_without_a_population_is_not_corrected():
    table = estimate_items(VALUES, BY, Design(population={"x": 8.0}))
    assert row(table, "y", "A2")["mean_se"] == row(estimate_items(VALUES, BY), "y", "A2")["mean_se"]


def test_whole_population_has_no_margin():
    found = row(estimate_items(VALUES, BY, Design(population={"x": 4.0})), "x", "A1")
    assert found["mean_se"] == 0
    assert found["share_agree_low"] == pytest.approx(found["share_agree"])


def test_items_are_reported_as_they_are_worded():
    items = row(estimate_items(VALUES, BY), "x", "A1")
    dimensions = estimate_dimensions(VALUES, BY, {"A": ("A1",)}, reverse={"A1"})
    assert items["mean"] == 2.5
    assert row(dimensions, "x", "A")["mean_score"] == pytest.approx((5 - 2.5 - 1) / 3 * 100)


def test_dimension_is_scored_respondent_first():
    table = estimate_dimensions(VALUES, BY, {"A": ("A1", "A2")})
    scores = [(1 + 4) / 2, (2 + 4) / 2, (3 + 3) / 2, 4]
    assert row(table, "x", "A")["mean_score"] == pytest.approx((np.mean(scores) - 1) / 3 * 100)
    assert row(table, "x", "A")["n"] == 4


def test_dimension_interval_is_the_position_interval_stretched():
    found = row(estimate_dimensions(VALUES, BY, {"A": ("A1", "A2")}), "x", "A")
    assert found["mean_score_se"] == pytest.approx(found["mean_se"] / 3 * 100)
    assert found["mean_score_high"] - found["mean_score"] == pytest.approx(1.959963984540054 * found["mean_score_se"])


def test_group_without_answers_has_a_row_without_numbers():
    values = VALUES.assign(A1=VALUES["A1"].where(BY == "y"))
    found = row(estimate_items(values, BY), "x", "A1")
    assert found["n"] == 0
    assert found.drop(["by", "code", "level", "n", "n_effective"]).isna().all()


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 1000))
def test_every_number_stays_in_its_range(seed):
    values = random_values(30, ["A1", "A2", "B1"], missing=0.3, seed=seed)
    by = pd.Series(np.random.default_rng(seed).choice(list("xyz"), 30))
    items = estimate_items(values, by)
    answered = items[items["n"] > 0]
    shares = answered[["share_1", "share_2", "share_3", "share_4"]]
    np.testing.assert_allclose(shares.sum(axis=1), 100)
    assert answered["mean"].between(1, 4).all()
    assert (answered["share_agree_low"] <= answered["share_agree"]).all()
    assert (answered["share_agree"] <= answered["share_agree_high"]).all()
    assert answered["net_agreement"].between(-100, 100).all()
    np.testing.assert_allclose(answered["share_agree"], answered["share_3"] + answered["share_4"])
    np.testing.assert_allclose(answered["mean"], sum(k * answered[f"share_{k}"] for k in range(1, 5)) / 100)
    scores = estimate_dimensions(values, by, {"A": ("A1", "A2"), "B": ("B1",)})["mean_score"].dropna()
    assert scores.between(0, 100).all()
