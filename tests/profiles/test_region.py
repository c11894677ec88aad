"""A region side by side: in alphabetical order, never ranked, and no more said than holds for all."""

from __future__ import annotations

import math

import pytest
from tests.small import NETELAND

from resilience_analysis.profiles.comparator import comparator
from resilience_analysis.profiles.region import (
    alphabetical,
    leaning,
    learning_matrix,
    shared_gaps,
    shared_sides,
    side_by_side,
)


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


def test_a_shared_side_holds_for_every_municipality_with_its_whole_margin(dataset, neteland):
    table = shared_sides(dataset, neteland).set_index("indicator")
    codes = list(NETELAND)
    spread = dataset.spread(dataset.everywhere)
    for code, entry in dataset.framework.indicators.items():
        ends = []
        for place in codes:
            value, low, high = (dataset.column(c).loc[place, code] for c in ("value", "low", "high"))
            median = spread.loc[code, "median"]
            low = value - (spread.loc[code, "q3"] - median) if math.isnan(low) else low
            high = value + (median - spread.loc[code, "q1"]) if math.isnan(high) else high
            ends.append((low > median, high < median, math.isnan(value)))
        above, below = all(up for up, _, _ in ends), all(down for _, down, _ in ends)
        if any(gap for _, _, gap in ends) or not (above or below):
            assert code not in table.index
        else:
            assert table.loc[code, "side"] == ("strength" if above == (entry.direction == 1) else "challenge")


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
