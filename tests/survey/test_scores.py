import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from resilience_analysis.survey.scores import respondent_positions, to_hundred, turned

DIMENSIONS = {"A": ("A1", "A2", "A3", "A4"), "B": ("B1",)}


def table(*rows):
    return pd.DataFrame(rows, columns=["A1", "A2", "A3", "A4", "B1"], dtype=float)


def test_ends_of_the_scale_are_zero_and_hundred():
    assert to_hundred(pd.Series([1.0, 2.5, 4.0])).tolist() == [0.0, 50.0, 100.0]


def test_reversed_answers_change_places():
    assert turned(pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0]}), {"a"})["a"].tolist() == [4, 3, 2, 1]


def test_turning_twice_gives_the_answers_back():
    values = table([1, 2, 3, 4, 2], [4, np.nan, 1, 2, 3])
    pd.testing.assert_frame_equal(turned(turned(values, {"A1", "B1"}), {"A1", "B1"}), values)


def test_respondent_score_is_the_mean_of_own_answers():
    positions = respondent_positions(table([1, 2, 4, np.nan, 3]), DIMENSIONS)
    assert positions.loc[0, "A"] == (1 + 2 + 4) / 3


def test_reversed_item_is_turned_before_the_mean():
    positions = respondent_positions(table([1, 2, 4, 4, 3]), DIMENSIONS, reverse={"A1"})
    assert positions.loc[0, "A"] == (4 + 2 + 4 + 4) / 4


def test_half_of_the_items_is_enough_and_less_is_not():
    positions = respondent_positions(table([1, 2, np.nan, np.nan, 1], [1, np.nan, np.nan, np.nan, np.nan]), DIMENSIONS)
    assert positions["A"].tolist()[0] == 1.5
    assert np.isnan(positions.loc[1, "A"])
    assert np.isnan(positions.loc[1, "B"])


def test_least_share_can_be_none_at_all_but_an_answer_is_needed():
    values = table([1, *[np.nan] * 4], [np.nan] * 5)
    positions = respondent_positions(values, DIMENSIONS, min_answered=0)
    assert positions.loc[0, "A"] == 1
    assert np.isnan(positions.loc[1, "A"])


def test_item_that_nobody_was_asked_counts_as_unanswered():
    values = table([3, 3, np.nan, np.nan, 1]).drop(columns=["A3", "A4"])
    assert respondent_positions(values, DIMENSIONS).loc[0, "A"] == 3
    assert np.isnan(respondent_positions(values, DIMENSIONS, min_answered=0.75).loc[0, "A"])


@given(st.lists(st.integers(1, 4), min_size=4, max_size=4), st.integers(0, 3))
def test_agreeing_more_never_lowers_a_score(answers, place):
    higher = list(answers)
    higher[place] = min(4, higher[place] + 1)
    both = respondent_positions(table([*answers, 1], [*higher, 1]), DIMENSIONS)
    assert both.loc[1, "A"] >= both.loc[0, "A"]
    assert 1 <= both.loc[0, "A"] <= 4
