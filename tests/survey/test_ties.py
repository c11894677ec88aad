import numpy as np
import pandas as pd
import pytest

from resilience_analysis.survey.scores import respondent_positions
from resilience_analysis.survey.ties import Limit, Relation, additive, as_rows, blocks, limits


def test_cells_add_up_within_and_not_across():
    cells = pd.DataFrame({"code": ["a", "a", "a", "b", "b"], "by": ["x", "y", "all", "x", "y"]})
    assert additive(cells, ["code"], "by", "all") == [Relation((0, 1), 2), Relation((3, 4), None)]


def test_dimension_goes_with_the_items_that_were_answered():
    cells = pd.DataFrame({"by": ["x"] * 4 + ["y"], "code": ["A1", "A2", "A3", "A", "A1"], "n": [9, 0, 8, 9, 3]})
    assert blocks(cells, ["by"], "code", {"A": ("A1", "A2", "A3"), "B": ("B1",)}) == [(0, 2, 3)]


@pytest.fixture
def answers():
    """Return who answered which of four items, among 30 people in two groups."""
    random = np.random.default_rng(8)
    values = pd.DataFrame(random.integers(1, 5, (30, 4)).astype(float), columns=["A1", "A2", "A3", "B1"])
    return values.mask(random.random(values.shape) < 0.4), pd.Series(["x", "y", "y"] * 10)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.7, 1.0])
def test_limits_hold_of_whatever_people_answer(answers, share):
    values, by = answers
    made_of = {"A": ("A1", "A2", "A3"), "B": ("B1",)}
    scores = respondent_positions(values, made_of, min_answered=share)
    counts = pd.concat([values, scores], axis=1).notna().groupby(by).sum().assign(people=by.value_counts())
    cells = counts.rename_axis("by").reset_index().melt("by", var_name="code", value_name="n")
    found = limits(cells, ["by"], "code", made_of, people="people", min_answered=share)
    assert len(found) == 2 * (6 + 2 * 2)
    for limit in found:
        assert sum(factor * cells["n"][cell] for cell, factor in limit.terms) <= 0


def test_nobody_answers_more_often_than_there_are_people():
    cells = pd.DataFrame({"by": ["x", "x"], "code": ["A1", "people"], "n": [3, 4]})
    assert limits(cells, ["by"], "code", {}, people="people", min_answered=0.5) == [Limit(((0, 1), (1, -1)))]


def test_dimension_of_which_an_item_was_not_asked_is_not_limited_by_its_items():
    cells = pd.DataFrame({"by": ["x"] * 3, "code": ["A1", "A", "people"], "n": [3, 3, 4]})
    found = limits(cells, ["by"], "code", {"A": ("A1", "A2")}, people="people", min_answered=0.5)
    assert [len(limit.terms) for limit in found] == [2, 2]


def test_ties_are_rows_with_a_factor_for_each_cell():
    ties = [Relation((0, 2), 3), Relation((1,)), Limit(((1, 2), (3, -1)))]
    assert as_rows(ties, 4).toarray().tolist() == [[1, 0, 1, -1], [0, 1, 0, 0], [0, 2, 0, -1]]
    assert as_rows([], 4).shape == (0, 4)
