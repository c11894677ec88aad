"""A region side by side: in alphabetical order, never ranked, and no more said than holds for all."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from tests.small import NETELAND

from resilience_analysis.profiles.region import (
    alphabetical,
    leaning,
    learning_matrix,
    nearest_to_learn_from,
    shared_gaps,
    shared_sides,
    side_by_side,
)
from resilience_analysis.profiles.rows import comparator


@pytest.fixture(scope="module")
def neteland(dataset):
    """The region of the five."""
    return comparator(dataset, "neteland")


def test_municipalities_stand_in_the_order_of_their_names(dataset):
    assert alphabetical(dataset, list(NETELAND)[::-1]) == ["13010", "13011", "13012", "13029", "13044"]


def test_every_factor_with_a_score_has_all_municipalities_in_alphabetical_order(dataset, neteland):
    table = side_by_side(dataset, neteland)
    scores = dataset.tables.scores.set_index(["code", "strand", "nis_code"])["score"].sort_index()
    for (dimension, strand), rows in table.groupby(["dimension", "strand"], sort=False):
        assert rows["nis_code"].tolist() == alphabetical(dataset, list(NETELAND))
        expected = scores.loc[dimension, strand].reindex(rows["nis_code"])
        assert rows["score"].tolist() == pytest.approx(expected.tolist(), nan_ok=True)
    shown = set(zip(table["dimension"], table["strand"], strict=True))
    known = {(d, s) for d, s, code in scores.dropna().index if code in NETELAND and d in dataset.framework.dimensions}
    assert shown == known


def test_the_matrix_names_only_clear_differences(dataset, neteland):
    matrix = learning_matrix(dataset, neteland)
    assert (matrix["low"] > 0).all()
    assert (matrix["difference"] > 0).all()
    assert not matrix.duplicated(["nis_code", "other", "dimension", "strand"]).any()


def test_in_a_region_of_few_the_nearest_to_learn_from_are_all_of_the_matrix(dataset, neteland):
    key = ["nis_code", "other", "dimension", "strand"]
    matrix = learning_matrix(dataset, neteland).sort_values(key, ignore_index=True)
    found = nearest_to_learn_from(dataset, neteland, list(NETELAND)).sort_values(key, ignore_index=True)
    assert len(matrix)
    pd.testing.assert_frame_equal(found, matrix)


def test_what_a_region_shares_is_its_inhabitants_together_beside_all_others(dataset, neteland):
    table = shared_sides(dataset, neteland)
    assert len(table) >= 10
    assert set(table["side"]) == {"strength", "challenge", "apart"}
    uncounted = {code for code, entry in dataset.framework.indicators.items() if entry.apart is not None}
    assert set(table.loc[table["side"] == "apart", "indicator"]) == set(table["indicator"]) & uncounted
    people = dataset.tables.observations.query("variable == 'population' and year == 2023").set_index("nis_code")
    weights, inside = people["value"], list(NETELAND)
    for row in table.itertuples():
        entry = dataset.framework.indicators[row.indicator]
        assert row.side == "apart" or (row.side == "strength") == ((row.value > row.rest) == (entry.direction == 1))
        if entry.strand != "residents":
            continue
        values = dataset.values[row.indicator].dropna()
        others = [code for code in values.index if code not in inside]
        for codes, found in ((inside, row.value), (others, row.rest)):
            shares = weights[codes] / weights[codes].sum()
            assert found == pytest.approx((values[codes] * shares).sum())
        below = values[inside] - dataset.column("low").loc[inside, row.indicator]
        shares = weights[inside] / weights[inside].sum()
        assert row.value - row.low == pytest.approx(math.sqrt(((shares * below) ** 2).sum()))
        assert row.rest < row.low or row.rest > row.high


def test_all_municipalities_together_have_nothing_to_be_compared_with(dataset):
    assert shared_sides(dataset, comparator(dataset, "flanders")).empty


def test_shared_gaps_are_the_indicators_that_nobody_has(dataset, neteland):
    gaps = shared_gaps(dataset, neteland)
    assert set(gaps) == {
        code for code in dataset.framework.indicators if dataset.values.loc[list(NETELAND), code].isna().all()
    }
    assert any(code.startswith("self_") for code in gaps)


def test_what_leans_to_one_side_does_so_in_every_municipality_and_is_not_called_shared(dataset, neteland):
    found = dict(leaning(dataset, neteland).itertuples(index=False))
    shared = set(shared_sides(dataset, neteland)["indicator"])
    medians = dataset.spread(dataset.everywhere)["median"]
    assert found
    for code, indicator in dataset.framework.indicators.items():
        ahead = [(value - medians[code]) * indicator.direction for value in dataset.values.loc[list(NETELAND), code]]
        sides = {"strength" if step > 0 else "challenge" if step < 0 else "" for step in ahead}
        expected = sides.pop() if len(sides) == 1 and not any(map(math.isnan, ahead)) else ""
        assert found.get(code, "") == ("" if code in shared else expected)
