from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resilience_analysis import composite
from resilience_analysis.foundation.errors import InputError, UsageError

from .conftest import make_metadata, make_random


def test_arithmetic_mean_is_weighted_level_by_level(scaled, metadata):
    scores = composite.aggregate(scaled, metadata=metadata)
    assert scores.loc["AA", "social"] == (1 * 10 + 3 * 20) / 4
    assert scores.loc["AA", "spatial"] == (30 + 40) / 2
    assert scores.loc["AA", "index"] == (1 * 17.5 + 2 * 35) / 3


def test_indicators_come_first_and_units_keep_their_order(scaled, metadata):
    scores = composite.aggregate(scaled.iloc[::-1], metadata=metadata)
    assert list(scores.columns) == ["a", "b", "c", "d", "social", "spatial", "index"]
    assert list(scores.index) == ["CC", "BB", "AA"]


def test_the_weight_of_a_missing_child_goes_to_the_others(scaled, metadata):
    scores = composite.aggregate(scaled, metadata=metadata)
    assert math.isnan(scores.loc["BB", "spatial"])
    assert scores.loc["BB", "index"] == scores.loc["BB", "social"]


def test_geometric_and_harmonic_means_of_a_worked_example(scaled, metadata):
    geometric = composite.aggregate(scaled, metadata=metadata, method="geometric")
    harmonic = composite.aggregate(scaled, metadata=metadata, method="harmonic")
    assert math.isclose(geometric.loc["AA", "social"], (10**1 * 20**3) ** (1 / 4))
    assert math.isclose(harmonic.loc["AA", "social"], 4 / (1 / 10 + 3 / 20))


@pytest.mark.parametrize("power", [-1.0, 0.5, 2.0, 3.0])
def test_generalised_mean_is_the_root_of_the_mean_power(scaled, metadata, power):
    scores = composite.aggregate(scaled, metadata=metadata, method="generalised", power=power)
    assert math.isclose(scores.loc["AA", "social"], ((10**power + 3 * 20**power) / 4) ** (1 / power))
    named = composite.aggregate(scaled, metadata=metadata, method=f"generalised:{power}")
    pd.testing.assert_frame_equal(scores, named)


def test_generalised_means_meet_the_others_at_their_powers(scaled, metadata):
    for power, method in ((1, "arithmetic"), (-1, "harmonic"), (1e-9, "geometric")):
        general = composite.aggregate(scaled, metadata=metadata, method="generalised", power=power)
        pd.testing.assert_frame_equal(general, composite.aggregate(scaled, metadata=metadata, method=method), rtol=1e-6)


def test_generalised_mean_leaves_missing_children_out(scaled, metadata):
    holed = scaled.assign(b=[20.0, np.nan, 10.0])
    scores = composite.aggregate(holed, metadata=metadata, method="generalised")
    assert math.isclose(scores.loc["BB", "social"], 40.0)


def test_each_level_may_have_its_own_method(scaled, metadata):
    scores = composite.aggregate(scaled, metadata=metadata, method=["arithmetic", "geometric"])
    assert scores.loc["AA", "social"] == 17.5
    assert math.isclose(scores.loc["AA", "index"], (17.5 * 35**2) ** (1 / 3))


def test_other_weights_replace_those_of_the_framework(scaled, metadata):
    scores = composite.aggregate(scaled, metadata=metadata, weights={"a": 3.0, "b": 1.0})
    assert scores.loc["AA", "social"] == (3 * 10 + 20) / 4
    assert scores.loc["AA", "index"] == (12.5 + 2 * 35) / 3


def test_an_indicator_of_weight_nothing_does_not_count(scaled):
    metadata = make_metadata(
        weight={"a": 0.0, "b": 1.0, "c": 1.0, "d": 1.0, "social": 1.0, "spatial": 1.0, "index": 1.0}
    )
    assert composite.aggregate(scaled, metadata=metadata)["social"].tolist() == [20, 50, 10]


def test_a_unit_with_only_weightless_children_has_no_score(scaled):
    metadata = make_metadata(
        weight={"a": 0.0, "b": 1.0, "c": 1.0, "d": 1.0, "social": 1.0, "spatial": 1.0, "index": 1.0}
    )
    holed = scaled.assign(b=[20.0, np.nan, 10.0])
    assert math.isnan(composite.aggregate(holed, metadata=metadata).loc["BB", "social"])
    assert composite.coverage(holed, metadata=metadata).loc["BB", "index"] == 0


def test_dimension_is_missing_below_minimum_coverage(scaled, metadata):
    holed = scaled.assign(d=[np.nan, np.nan, 60.0])
    assert composite.aggregate(holed, metadata=metadata, min_coverage=0.5).loc["AA", "spatial"] == 30
    assert math.isnan(composite.aggregate(holed, metadata=metadata, min_coverage=0.6).loc["AA", "spatial"])
    strict = composite.aggregate(holed, metadata=metadata, min_coverage=0.6)
    assert math.isnan(strict.loc["AA", "index"])
    lenient = composite.aggregate(holed, metadata=metadata, min_coverage=[0.6, 0.5])
    assert lenient.loc["AA", "index"] == lenient.loc["AA", "social"]


def test_coverage_is_the_share_of_direct_children_with_a_value(scaled, metadata):
    holed = scaled.assign(d=[np.nan, np.nan, 60.0])
    cover = composite.coverage(holed, metadata=metadata)
    assert cover["social"].tolist() == [1, 1, 1]
    assert cover["spatial"].tolist() == [0.5, 0, 1]
    assert cover["index"].tolist() == [1, 0.5, 1]
    assert composite.coverage(holed, metadata=metadata, min_coverage=0.6)["index"].tolist() == [0.5, 0.5, 1]


def test_a_share_that_rounding_brings_below_the_limit_is_enough():
    codes = [f"x{number}" for number in range(10)]
    metadata = pd.DataFrame({"parent": ["top"] * 10 + [""], "direction": 1, "weight": 1.0}, index=[*codes, "top"])
    data = pd.DataFrame([[1.0] * 7 + [np.nan] * 3], columns=codes, index=["AA"])
    assert composite.aggregate(data, metadata=metadata, min_coverage=0.1 * 7).loc["AA", "top"] == 1


@pytest.mark.parametrize(
    ("method", "value"),
    [("geometric", 0.0), ("geometric", -1.0), ("harmonic", 0.0), ("generalised:-2", 0.0), ("generalised:2", -1.0)],
)
def test_values_that_break_a_formula_are_refused_by_child_and_unit(scaled, metadata, method, value):
    with pytest.raises(InputError) as caught:
        composite.aggregate(scaled.assign(b=[20.0, value, 10.0]), metadata=metadata, method=method)
    assert "social, child b: " in str(caught.value)
    assert "unlike BB" in str(caught.value)


def test_all_children_that_break_a_formula_are_named_at_once(scaled, metadata):
    with pytest.raises(InputError, match="2 problems"):
        composite.aggregate(scaled.assign(a=0.0, c=0.0), metadata=metadata, method="geometric")


def test_mpi_takes_off_the_variance_over_the_mean(metadata):
    data = pd.DataFrame({"a": [90.0], "b": [110.0], "c": [100.0], "d": [100.0]}, index=["AA"])
    metadata["weight"] = 1.0
    scores = composite.aggregate(data, metadata=metadata, method="mpi")
    assert scores.loc["AA", "social"] == 100 - 10**2 / 100
    assert scores.loc["AA", "spatial"] == 100
    assert math.isclose(scores.loc["AA", "index"], 99.5 - 0.5**2 / 99.5)


@pytest.mark.parametrize("method", ["mpi", "ampi"])
def test_mpi_plus_adds_what_mpi_takes_off(metadata, scaled, method):
    lowered = composite.aggregate(scaled, metadata=metadata, method=[method, "arithmetic"])
    raised = composite.aggregate(scaled, metadata=metadata, method=[f"{method}+", "arithmetic"])
    mean = composite.aggregate(scaled, metadata=metadata)
    np.testing.assert_allclose((lowered + raised) / 2, mean)
    assert (raised["social"] > mean["social"]).all()
    parts = composite.contributions(scaled, metadata=metadata, method=f"{method}+", code="social")
    np.testing.assert_allclose(parts.sum(axis=1), raised["social"])


def test_mpi_of_a_mean_below_zero_is_refused(scaled, metadata):
    with pytest.raises(InputError, match="children whose mean is above 0"):
        composite.aggregate(-scaled, metadata=metadata, method="ampi")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"method": "aritmetic"}, "did you mean 'arithmetic'"),
        ({"method": ["arithmetic"] * 3}, "3 values for aggregation method, but the framework has 2 levels"),
        ({"min_coverage": [0.5, 0.5, 0.5]}, "3 values for least coverage"),
        ({"min_coverage": 1.5}, "1.5 is not between 0 and 1"),
        ({"method": "generalised", "power": 0}, "for a power of 0 choose geometric"),
        ({"method": "generalised:x"}, "'x' of 'generalised:x' is not a number"),
        ({"weights": {"zz": 1.0}}, "weights for codes that are not in the metadata: zz"),
    ],
)
def test_wrong_options_are_refused_in_words(scaled, metadata, options, said):
    with pytest.raises(UsageError) as caught:
        composite.aggregate(scaled, metadata=metadata, **options)
    assert said in str(caught.value)


def test_negative_weights_are_refused_by_code(scaled, metadata):
    with pytest.raises(InputError, match="code a, column weight: is -1"):
        composite.aggregate(scaled, metadata=metadata, weights={"a": -1.0})


def test_a_forest_has_a_score_for_every_top(scaled, metadata):
    forest = metadata.drop(index="index").assign(parent=lambda t: t["parent"].where(t["parent"] != "index", None))
    scores = composite.aggregate(scaled, metadata=forest)
    assert list(scores.columns) == ["a", "b", "c", "d", "social", "spatial"]
    assert list(composite.coverage(scaled, metadata=forest).columns) == ["social", "spatial"]


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_geometric_lies_between_harmonic_and_arithmetic(seed):
    data, metadata = make_random(8, missing=0.2, seed=seed), make_metadata()
    low, middle, high = (
        composite.aggregate(data, metadata=metadata, method=method)
        for method in ("harmonic", "geometric", "arithmetic")
    )
    for column in ("social", "spatial", "index"):
        present = high[column].notna()
        assert (low[column] <= middle[column] + 1e-9)[present].all()
        assert (middle[column] <= high[column] + 1e-9)[present].all()


@given(
    st.integers(0, 10_000), st.sampled_from(["arithmetic", "geometric", "harmonic", "generalised"]), st.floats(0, 0.5)
)
@settings(max_examples=25, deadline=None)
def test_scores_stay_within_the_range_of_their_indicators(seed, method, missing):
    data, metadata = make_random(9, missing=missing, seed=seed), make_metadata()
    normalised = composite.normalise(data, metadata=metadata, bounds=(1, 100), constant="missing")
    scores = composite.aggregate(normalised, metadata=metadata, method=method)
    assert scores.min().min() >= 1 - 1e-9
    assert scores.max().max() <= 100 + 1e-9


def test_indicators_without_aggregates_are_left_as_they_are(scaled, metadata):
    flat = metadata.loc[list("abcd")].assign(parent="")
    pd.testing.assert_frame_equal(composite.aggregate(scaled, metadata=flat), scaled)
    assert composite.coverage(scaled, metadata=flat).empty


@given(st.integers(0, 10_000), st.sampled_from(["arithmetic", "geometric", "harmonic", "generalised"]))
@settings(max_examples=25, deadline=None)
def test_raising_an_indicator_never_lowers_a_score(seed, method):
    data, metadata = make_random(6, missing=0.1, seed=seed), make_metadata()
    before = composite.aggregate(data, metadata=metadata, method=method)
    after = composite.aggregate(data.assign(a=data["a"] + 5), metadata=metadata, method=method)
    for column in ("social", "index"):
        present = before[column].notna()
        assert (after[column] >= before[column] - 1e-12)[present].all()


@given(st.integers(0, 10_000), st.sampled_from(["arithmetic", "geometric", "harmonic"]))
@settings(max_examples=20, deadline=None)
def test_a_slower_loop_gives_the_same_means(seed, method):
    data, metadata = make_random(6, missing=0.3, seed=seed), make_metadata()
    scores = composite.aggregate(data, metadata=metadata, method=method)
    for unit in data.index:
        found = {code: data.loc[unit, code] for code in data.columns}
        for code in ("social", "spatial", "index"):
            children = [
                (found[child], metadata.at[child, "weight"]) for child in metadata.index[metadata["parent"] == code]
            ]
            found[code] = slow_mean([pair for pair in children if not math.isnan(pair[0])], method)
            assert math.isclose(found[code], scores.loc[unit, code], rel_tol=1e-12) or (
                math.isnan(found[code]) and math.isnan(scores.loc[unit, code])
            )


def slow_mean(pairs: list[tuple[float, float]], method: str) -> float:
    total = sum(weight for _, weight in pairs)
    if not total:
        return math.nan
    if method == "arithmetic":
        return sum(weight * value for value, weight in pairs) / total
    if method == "geometric":
        return math.prod(value ** (weight / total) for value, weight in pairs)
    return total / sum(weight / value for value, weight in pairs)


def test_aggregating_changes_nothing_it_is_given(scaled, metadata):
    before = scaled.copy(deep=True)
    composite.aggregate(scaled, metadata=metadata)
    pd.testing.assert_frame_equal(scaled, before)
