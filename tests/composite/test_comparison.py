from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from resilience_analysis import composite
from resilience_analysis.foundation.errors import UsageError

from .conftest import make_metadata, make_random


def test_strengths_are_the_best_ranks_and_weaknesses_the_worst(data):
    metadata = make_metadata(name={"a": "Apples", "b": "Bees", "c": "Cows", "d": "Dogs"})
    found = composite.strengths_and_weaknesses(data, metadata=metadata, unit="DD", count=1)
    assert found[["kind", "code", "name", "rank", "of", "value"]].to_numpy().tolist() == [
        ["strength", "a", "Apples", 2, 4, 30],
        ["weakness", "d", "Dogs", 3, 5, 4],
    ]


def test_an_indicator_with_direction_minus_one_is_ranked_turned(data, metadata):
    found = composite.strengths_and_weaknesses(data, metadata=metadata, unit="EE", count=4).set_index("code")
    assert found.loc["b", ["kind", "rank"]].tolist() == ["strength", 1]
    assert "a" not in found.index


def test_shared_worst_places_are_left_out_unless_asked(data, metadata):
    found = composite.strengths_and_weaknesses(data, metadata=metadata, unit="AA", count=4)
    assert set(found["code"]) == set("abd")
    kept = composite.strengths_and_weaknesses(data, metadata=metadata, unit="AA", count=4, skip_worst_ties=False)
    assert set(kept["code"]) == set("abcd")


def test_the_worst_place_of_all_is_a_weakness_and_never_a_strength(data, metadata):
    found = composite.strengths_and_weaknesses(data, metadata=metadata, unit="AA", count=4)
    assert found[["kind", "code", "rank", "of"]].to_numpy().tolist() == [
        ["weakness", "a", 4, 4],
        ["weakness", "b", 5, 5],
        ["weakness", "d", 5, 5],
    ]


def test_strengths_in_a_panel_are_among_the_units_of_the_year(panel, metadata):
    found = composite.strengths_and_weaknesses(panel, metadata=metadata, unit=("CC", 2021), count=1)
    of_year = panel.xs(2021, level="year")
    expected = composite.strengths_and_weaknesses(of_year, metadata=metadata, unit="CC", count=1)
    pd.testing.assert_frame_equal(found, expected)
    assert set(found["of"]) == {3}


def test_comparison_shows_who_climbed_between_versions():
    first = pd.DataFrame({"x": [10.0, 20.0, 30.0]}, index=["AA", "BB", "CC"])
    second = pd.DataFrame({"x": [40.0, 20.0, 5.0]}, index=["AA", "BB", "DD"])
    found = composite.compare(first, second, code="x")
    assert found.loc["AA", ["first", "second", "difference", "size"]].tolist() == [3, 1, 2, 2]
    assert found.loc["CC", ["second", "difference"]].isna().all()
    assert list(found.index) == ["AA", "BB", "CC", "DD"]
    scores = composite.compare(first, second, code="x", by="scores")
    assert scores.loc["AA", "difference"] == -30


def test_leaving_out_scores_as_if_the_element_were_not_there(metadata):
    data = composite.normalise(make_random(15), metadata=metadata)
    found = composite.leave_one_out(data, metadata=metadata)
    without = metadata.drop(index="a")
    expected = composite.aggregate(data.drop(columns="a"), metadata=without)["index"]
    pd.testing.assert_series_equal(found.scores["a"], expected, check_names=False)
    nominal = composite.aggregate(data, metadata=metadata)["index"]
    pd.testing.assert_series_equal(found.scores["nominal"], nominal, check_names=False)
    shift = (found.ranks["a"] - found.ranks["nominal"]).abs()
    assert found.effect.loc["a", ["rank_shift", "largest_shift"]].tolist() == [shift.mean(), shift.max()]
    assert list(found.effect.index) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("method", ["arithmetic", "geometric", "copeland"])
@pytest.mark.parametrize("least", [0.0, 0.6, 0.7])
def test_what_is_left_out_does_not_count_for_the_coverage(metadata, method, least):
    data = composite.normalise(make_random(30, missing=0.3), metadata=metadata, bounds=(1, 100))
    found = composite.leave_one_out(data, metadata=metadata, method=method, min_coverage=least)
    for code in "abcd":
        without = composite.aggregate(
            data.drop(columns=code), metadata=metadata.drop(index=code), method=method, min_coverage=least
        )
        np.testing.assert_allclose(found.scores[code], without["index"])


def test_an_aggregate_that_loses_its_only_child_is_left_out_with_it():
    metadata = make_metadata().drop(index="d")
    data = composite.normalise(make_random(30, missing=0.3), metadata=make_metadata()).drop(columns="d")
    found = composite.leave_one_out(data, metadata=metadata, min_coverage=0.6)
    social = composite.aggregate(data, metadata=metadata, min_coverage=0.6)["social"]
    np.testing.assert_allclose(found.scores["c"], social)


def test_leaving_out_a_dimension_leaves_the_other(metadata):
    data = composite.normalise(make_random(15), metadata=metadata)
    found = composite.leave_one_out(data, metadata=metadata, level=2)
    spatial = composite.aggregate(data, metadata=metadata)["spatial"]
    np.testing.assert_allclose(found.scores["social"], spatial)


def test_leaving_out_watches_the_aggregate_asked_for(metadata):
    data = composite.normalise(make_random(15), metadata=metadata)
    found = composite.leave_one_out(data, metadata=metadata, code="social", weights={"a": 2.0})
    assert list(found.effect.index) == ["a", "b"]
    np.testing.assert_allclose(found.scores["b"], data["a"])


def test_wrong_names_of_comparisons_are_refused(data, metadata):
    with pytest.raises(UsageError, match="unknown unit"):
        composite.strengths_and_weaknesses(data, metadata=metadata, unit="ZZ")
    with pytest.raises(UsageError, match="unknown code 'y'"):
        composite.compare(data, data, code="y")
    with pytest.raises(UsageError, match="unknown comparison"):
        composite.compare(data, data, code="a", by="rank")
    with pytest.raises(UsageError, match="nothing of level 3 lies below index"):
        composite.leave_one_out(data.dropna(), metadata=metadata, level=3)
    with pytest.raises(UsageError, match="unknown aggregate"):
        composite.leave_one_out(data.dropna(), metadata=metadata, code="nope")
