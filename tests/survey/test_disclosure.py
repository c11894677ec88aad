import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from resilience_analysis.errors import InputError
from resilience_analysis.survey.disclosure import (
    Relation,
    additive,
    blocks,
    protect,
    rare_combinations,
    recoverable,
    require_k_anonymity,
    status_of,
)

from .attack import bounds, solved

THRESHOLD = 5


def two_way(inner):
    """Lay a table out with its row and column totals, as cells and their relations."""
    rows, columns = len(inner), len(inner[0])
    full = np.zeros((rows + 1, columns + 1))
    full[:-1, :-1] = inner
    full[-1, :-1] = full[:-1, :-1].sum(axis=0)
    full[:, -1] = full[:, :-1].sum(axis=1)
    cells = pd.DataFrame(
        [(f"r{i}" if i < rows else "all", f"c{j}" if j < columns else "all", n) for (i, j), n in np.ndenumerate(full)],
        columns=["row", "column", "n"],
    )
    return cells, additive(cells, ["row"], "column", "all") + additive(cells, ["column"], "row", "all")


def test_one_small_group_takes_the_next_smallest_with_it():
    hidden = protect(np.array([30.0, 3.0, 9.0, 20.0]), [Relation((0, 1, 2, 3))], THRESHOLD)
    assert hidden.tolist() == [False, True, True, False]


def test_two_small_groups_hide_each_other_when_they_are_enough_together():
    hidden = protect(np.array([30.0, 3.0, 4.0, 20.0]), [Relation((0, 1, 2, 3))], THRESHOLD)
    assert hidden.tolist() == [False, True, True, False]


def test_small_groups_that_are_too_few_together_take_another():
    hidden = protect(np.array([30.0, 2.0, 2.0, 20.0]), [Relation((0, 1, 2, 3))], THRESHOLD)
    assert hidden.tolist() == [False, True, True, True]


def test_nothing_is_hidden_when_all_are_enough():
    assert not protect(np.array([5.0, 6.0]), [Relation((0, 1))], THRESHOLD).any()


def test_group_without_answers_holds_no_secret():
    hidden = protect(np.array([30.0, 0.0, 20.0]), [Relation((0, 1, 2))], THRESHOLD)
    assert hidden.tolist() == [False, True, False]


def test_single_group_cannot_take_another_with_it():
    assert protect(np.array([3.0]), [Relation((0,))], THRESHOLD).tolist() == [True]


def test_small_total_hides_all_its_parts():
    hidden = protect(np.array([1.0, 2.0, 3.0]), [Relation((0, 1), whole=2)], THRESHOLD)
    assert hidden.all()


def test_item_is_not_worked_back_from_its_dimension():
    n = np.array([9.0, 9.0, 3.0, 9.0, 20.0, 20.0])
    relations = [Relation((2, 3)), Relation((4, 5))]
    hidden = protect(n, relations, THRESHOLD, together=[(0, 1, 3)])
    assert hidden.tolist() == [True, True, True, True, False, False]


def test_hidden_cells_tied_by_several_equations_are_seen():
    relations = [Relation((0, 1)), Relation((1, 2)), Relation((0, 2))]
    assert recoverable(np.array([True, True, True]), relations).tolist() == [True, True, True]
    assert recoverable(np.array([True, True, False]), relations).tolist() == [True, True, False]


def test_hidden_square_in_a_table_is_not_recoverable():
    cells, relations = two_way([[9, 9, 9], [9, 9, 9], [9, 9, 9]])
    square = cells["row"].isin(["r0", "r1"]) & cells["column"].isin(["c0", "c1"])
    assert not recoverable(square.to_numpy(), relations).any()
    triangle = square & ~((cells["row"] == "r1") & (cells["column"] == "c1"))
    assert recoverable(triangle.to_numpy(), relations).sum() == 3


@settings(deadline=None, max_examples=150)
@given(st.integers(2, 6), st.integers(2, 6), st.integers(0, 10_000))
def test_attack_on_a_table_with_totals_finds_nothing(rows, columns, seed):
    inner = np.random.default_rng(seed).choice([0, 1, 2, 3, 4, 5, 7, 9, 14, 30], (rows, columns))
    cells, relations = two_way(inner)
    n = cells["n"].to_numpy()
    hidden = protect(n, relations, THRESHOLD)
    assert hidden[n < THRESHOLD].all()
    secret = hidden & (n > 0)
    if not hidden.all():
        assert not len(solved(secret, relations))


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000))
def test_bounds_on_a_hidden_number_are_never_one_number(seed):
    random = np.random.default_rng(seed)
    cells, relations = two_way(random.choice([1, 2, 3, 6, 9, 14, 30], (random.integers(2, 5), random.integers(2, 5))))
    n = cells["n"].to_numpy()
    hidden = protect(n, relations, THRESHOLD)
    assume(hidden.any() and not hidden.all())
    for cell in np.flatnonzero(hidden & (n < THRESHOLD)):
        low, high = bounds(n, hidden, relations, int(cell))
        assert high - low >= 1


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000))
def test_what_remains_of_a_total_is_never_too_few(seed):
    random = np.random.default_rng(seed)
    cells, relations = two_way(random.choice([0, 1, 2, 3, 6, 9, 30], (random.integers(2, 6), random.integers(2, 6))))
    n = cells["n"].to_numpy()
    hidden = protect(n, relations, THRESHOLD)
    for relation in relations:
        parts = [cell for cell in relation.parts if hidden[cell]]
        if n[parts].sum() > 0 and not hidden[relation.whole]:
            assert n[parts].sum() >= THRESHOLD or hidden[list(relation.parts)].all()


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000))
def test_both_solvers_agree_on_what_follows(seed):
    random = np.random.default_rng(seed)
    cells, relations = two_way(random.integers(1, 9, (4, 4)))
    hidden = random.random(len(cells)) < 0.4
    assert np.flatnonzero(recoverable(hidden, relations)).tolist() == solved(hidden, relations).tolist()


def test_cells_add_up_within_and_not_across():
    cells = pd.DataFrame({"code": ["a", "a", "a", "b", "b"], "by": ["x", "y", "all", "x", "y"]})
    assert additive(cells, ["code"], "by", "all") == [Relation((0, 1), 2), Relation((3, 4), None)]


def test_dimension_goes_with_the_items_that_were_answered():
    cells = pd.DataFrame({"by": ["x"] * 4 + ["y"], "code": ["A1", "A2", "A3", "A", "A1"], "n": [9, 0, 8, 9, 3]})
    assert blocks(cells, ["by"], "code", {"A": ("A1", "A2", "A3"), "B": ("B1",)}) == [(0, 2, 3)]


def test_status_says_how_much_a_row_rests_on():
    n = pd.Series([3.0, 7.0, 12.0, 40.0])
    status = status_of(n, np.array([True, False, True, False]), 10)
    assert status.tolist() == ["suppressed", "indicative", "suppressed", "ok"]


PEOPLE = pd.DataFrame({"role": ["a"] * 6 + ["b"] * 2 + [None], "place": ["x"] * 9})


def test_rare_combinations_are_counted_with_missing_as_a_value():
    rare = rare_combinations(PEOPLE, ["role", "place"], 5)
    assert sorted(rare["n"]) == [1, 2]
    assert rare_combinations(PEOPLE, ["place"], 5).empty


def test_few_people_are_rare_whatever_is_left_out():
    assert rare_combinations(PEOPLE.head(3), [], 5)["n"].tolist() == [3]
    assert rare_combinations(PEOPLE, [], 5).empty


def test_rare_people_are_not_passed_on_and_not_named():
    with pytest.raises(InputError) as raised:
        require_k_anonymity(PEOPLE, ["role"], 5, subject="answers.csv")
    message = str(raised.value)
    assert "3 respondents stand in 2 combinations of fewer than 5" in message
    assert "'b'" not in message
    require_k_anonymity(PEOPLE.head(6), ["role"], 5, subject="answers.csv")
