import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from resilience_analysis.survey.disclosure import protect, recoverable, status_of
from resilience_analysis.survey.ties import Limit, Relation, additive

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


PEOPLE, FIRST, SECOND = (0, 1, 2), (3, 4, 5), (6, 7, 8)  # of three groups; two items of one dimension
SUMS = [Relation(PEOPLE), Relation(FIRST), Relation(SECOND)]
AT_MOST = [Limit(((item, 1), (group, -1))) for items in (FIRST, SECOND) for group, item in enumerate(items)]


def test_small_number_that_only_limits_give_away_is_kept_from_them():
    # Of the third group few answered the second item, which hides the first item there; all answered the first one.
    # So it is hidden elsewhere than the people are: 8 people bound the third group from above, 7 answers the second
    # from below, and for the first group 2 is left.
    n = np.array([2.0, 7, 8, 2, 7, 8, 2, 7, 4])
    together = list(zip(FIRST, SECOND, strict=True))
    by_sums = protect(n, SUMS, THRESHOLD, together=together)
    assert np.flatnonzero(by_sums).tolist() == [0, 1, 3, 5, 6, 8]
    limits = [dict(limit.terms) for limit in AT_MOST]
    assert bounds(n, by_sums, SUMS, 3, limits) == (2, 2)
    hidden = protect(n, SUMS, THRESHOLD, together=together, limits=AT_MOST)
    assert by_sums[hidden < by_sums].sum() == 0
    for cell in np.flatnonzero(hidden & (n < THRESHOLD)).tolist():
        low, high = bounds(n, hidden, SUMS, cell, limits)
        assert low < high


def test_limit_that_does_not_hold_changes_nothing():
    n = np.array([30.0, 3.0, 9.0, 20.0])
    assert protect(n, [Relation((0, 1, 2, 3))], THRESHOLD, limits=[Limit(((0, 1), (1, -1)))]).tolist() == [
        False,
        True,
        True,
        False,
    ]


def test_nothing_is_shown_where_the_solver_fails(monkeypatch):
    monkeypatch.setattr("resilience_analysis.survey.audit._solved", lambda *_: None)
    with pytest.raises(RuntimeError, match="the solver stopped"):
        protect(np.array([30.0, 3.0, 9.0, 20.0]), [Relation((0, 1, 2, 3))], THRESHOLD)


def test_small_number_that_nothing_can_hide_leaves_the_rest_shown():
    n = np.array([3.0, 3.0, 30.0])
    hidden = protect(n, [], THRESHOLD, limits=[Limit(((0, 1), (1, -1)))])
    assert hidden.tolist() == [True, True, False]


def test_status_says_how_much_a_row_rests_on():
    n = pd.Series([3.0, 7.0, 12.0, 40.0])
    status = status_of(n, np.array([True, False, True, False]), 10)
    assert status.tolist() == ["suppressed", "indicative", "suppressed", "ok"]
