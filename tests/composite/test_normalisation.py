from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resilience_analysis import composite
from resilience_analysis.foundation.errors import InputError, UsageError

from .conftest import make_metadata, make_random

SPREADING = ["minmax", "zscore", "distance-to-max", "mpi", "ampi"]


def column(data, metadata, code, **options) -> list[float]:
    return composite.normalise(data, metadata=metadata, **options)[code].tolist()


def test_minmax_runs_from_worst_to_best(data, metadata):
    assert column(data, metadata, "d") == [0.0, 100.0, 25.0, 50.0, 75.0]
    assert column(data, metadata, "b") == [0.0, 25.0, 50.0, 75.0, 100.0]


def test_minmax_takes_the_range_asked_for(data, metadata):
    assert column(data, metadata, "c", bounds=(1, 10)) == [1.0, 1.0, 1 + 1 / 3 * 9, 1 + 2 / 3 * 9, 10.0]


def test_minmax_takes_the_range_of_the_framework_unless_asked(data):
    metadata = make_metadata(minmax_lower={"d": 1.0}, minmax_upper={"d": 9.0})
    assert column(data, metadata, "d") == [1.0, 9.0, 1 + 2 / 8 * 8, 5.0, 7.0]
    assert column(data, metadata, "c")[-1] == 100.0
    assert column(data, metadata, "d", bounds=(0, 1)) == [0.0, 1.0, 0.25, 0.5, 0.75]


def test_zscore_has_the_mean_and_sample_deviation_asked_for(data, metadata):
    scores = composite.normalise(data, metadata=metadata, method="zscore", bounds=(50, 10))
    np.testing.assert_allclose(scores.mean(), 50)
    np.testing.assert_allclose(scores.std(), 10)


def test_zscore_of_a_worked_example(data, metadata):
    d = np.array([0.0, 8.0, 2.0, 4.0, 6.0])
    expected = (d - 4) / np.sqrt(((d - 4) ** 2).sum() / (5 - 1))
    np.testing.assert_allclose(column(data, metadata, "d", method="zscore"), expected)


def test_zscore_takes_mean_and_deviation_of_the_framework(data):
    metadata = make_metadata(zscore_mean={"a": 100.0}, zscore_sd={"a": 15.0})
    scores = composite.normalise(data, metadata=metadata, method="zscore")
    np.testing.assert_allclose([scores["a"].mean(), scores["a"].std()], [100, 15])
    np.testing.assert_allclose([scores["d"].mean(), scores["d"].std()], [0, 1], atol=1e-12)


def test_rank_counts_from_the_worst_and_places_ties(data, metadata):
    assert column(data, metadata, "c", method="rank") == [1, 1, 3, 4, 5]
    assert column(data, metadata, "c", method="rank", ties="average") == [1.5, 1.5, 3, 4, 5]
    assert column(data, metadata, "b", method="rank") == [1, 2, 3, 4, 5]


def test_borda_is_rank_less_one_and_percentile_rank_its_share(data, metadata):
    assert column(data, metadata, "c", method="borda") == [0, 0, 2, 3, 4]
    assert column(data, metadata, "c", method="percentile-rank") == [0, 0, 2 / 4, 3 / 4, 1]
    assert column(data, metadata, "a", method="percentile-rank")[:4] == [0, 1 / 3, 1, 2 / 3]


def test_ranks_may_compare_rounded_values(metadata):
    data = pd.DataFrame({"a": [0.1 + 0.2, 0.3], "b": [1.0, 2.0], "c": [1.0, 2.0], "d": [1.0, 2.0]}, index=["AA", "BB"])
    assert column(data, metadata, "a", method="rank") == [2, 1]
    assert column(data, metadata, "a", method="rank", digits=12) == [1, 1]


def test_distance_to_max_is_one_for_the_best(data, metadata):
    assert column(data, metadata, "d", method="distance-to-max") == [0, 1, 1 - 6 / 8, 1 - 4 / 8, 1 - 2 / 8]
    assert column(data, metadata, "b", method="distance-to-max") == [0, 0.25, 0.5, 0.75, 1]


def test_distance_to_reference_is_one_for_the_reference(data, metadata):
    scores = composite.normalise(data, metadata=metadata, method="distance-to-reference", reference="DD")
    assert scores.loc["DD"].tolist() == [1, 1, 1, 1]
    assert scores["d"].tolist() == [0, 1 - (4 - 8) / 4, 1 - 2 / 4, 1, 1 - (4 - 6) / 4]


def test_distance_to_reference_is_missing_where_the_reference_has_no_value(data, metadata):
    scores = composite.normalise(data, metadata=metadata, method="distance-to-reference", reference="EE")
    assert scores["a"].isna().all()
    notes = composite.normalisation_notes(data, scores, metadata=metadata, method="distance-to-reference")
    reason = "the reference unit has no value, or the worst one of all"
    assert notes == [f"missing in every unit after distance-to-reference: a ({reason})"]


def test_distance_to_target_measures_from_the_worst_and_caps_when_told(data):
    metadata = make_metadata(target={"a": 30.0, "b": 2.0, "c": 4.0, "d": 4.0}, target_cap={"d": True})
    scores = composite.normalise(data, metadata=metadata, method="distance-to-target")
    assert scores["a"].tolist()[:4] == [0, 10 / 20, 30 / 20, 1]
    assert scores["b"].tolist() == [0, 1 / 3, 2 / 3, 1, 4 / 3]
    assert scores["d"].tolist() == [0, 1, 0.5, 1, 1]


def test_fraction_of_max_is_the_share_of_the_largest(data, metadata):
    assert column(data, metadata, "d", method="fraction-of-max") == [0, 1, 2 / 8, 4 / 8, 6 / 8]


def test_distance_to_target_says_where_a_target_below_all_turns_the_order(data):
    metadata = make_metadata(target={"a": 50.0, "b": 8.0, "c": 0.5, "d": 0.0})
    scores = composite.normalise(data, metadata=metadata, method="distance-to-target")
    assert scores["b"].tolist() == [0, -1 / 3, -2 / 3, -1, -4 / 3]
    notes = composite.normalisation_notes(data, scores, metadata=metadata, method="distance-to-target")
    reason = "the target is worse than every value, so the best unit has the smallest score"
    assert notes == [
        "missing in every unit after distance-to-target: d (the target is the worst value of all)",
        f"distance-to-target turns the order of b, c: {reason}",
    ]


def test_fraction_of_max_says_where_it_turns_the_order(data, metadata):
    scores = composite.normalise(data, metadata=metadata, method="fraction-of-max")
    assert scores["b"].tolist() == [5, 4, 3, 2, 1]
    notes = composite.normalisation_notes(data, scores, metadata=metadata, method="fraction-of-max")
    assert len(notes) == 1
    assert "turns the order of b" in notes[0]


def test_goalposts_flip_with_the_direction_and_cut_off_outside():
    data = pd.DataFrame({code: [-1.0, 0.0, 4.0, 10.0, 12.0] for code in "abcd"}, index=list("VWXYZ"))
    metadata = make_metadata(
        goalpost_lower=0.0, goalpost_upper=10.0, goalpost_truncate={"c": False}, goalpost_scale={"d": 1.0}
    )
    scores = composite.normalise(data, metadata=metadata, method="goalposts")
    assert scores["a"].tolist() == [0, 0, 40, 100, 100]
    assert scores["b"].tolist() == [100, 100, 60, 0, 0]
    assert scores["c"].tolist() == [-10, 0, 40, 100, 120]
    assert scores["d"].tolist() == [0, 0, 0.4, 1, 1]


def test_goalposts_take_the_range_asked_for(data):
    metadata = make_metadata(goalpost_lower=0.0, goalpost_upper=10.0)
    assert column(data, metadata, "d", method="goalposts", bounds=(-1, 1)) == [
        -1,
        0.6000000000000001,
        -0.6,
        -0.19999999999999996,
        0.19999999999999996,
    ]


def test_scaled_uses_its_bounds_on_the_turned_values(data):
    metadata = make_metadata(scaled_lower=-10.0, scaled_upper=10.0, scaled_factor={"d": 1.0})
    scores = composite.normalise(data, metadata=metadata, method="scaled")
    assert scores["d"].tolist() == [(x + 10) / 20 for x in (0, 8, 2, 4, 6)]
    assert scores["b"].tolist() == [(-x + 10) / 20 * 100 for x in (5, 4, 3, 2, 1)]


def test_mpi_scale_has_mean_100_and_population_deviation_10(data, metadata):
    scores = composite.normalise(data, metadata=metadata, method="mpi")
    np.testing.assert_allclose(scores.mean(), 100)
    np.testing.assert_allclose(scores.std(ddof=0), 10)


def test_ampi_scale_puts_the_reference_at_100(data):
    metadata = make_metadata(reference={"b": 2.0, "d": 4.0})
    scores = composite.normalise(data, metadata=metadata, method="ampi")
    assert scores["d"].tolist() == [70 + 60 * x / 8 for x in (0, 8, 2, 4, 6)]
    assert scores.loc["DD", "b"] == 100
    assert scores["b"].tolist() == [70 + 60 * ((2 + 2) - x) / 4 for x in (5, 4, 3, 2, 1)]


def test_no_normalisation_still_turns_the_direction(data, metadata):
    assert column(data, metadata, "b", method="none") == [-5, -4, -3, -2, -1]
    assert column(data, metadata, "d", method="none") == data["d"].tolist()


def test_an_indicator_may_have_its_own_method(data):
    scores = composite.normalise(data, metadata=make_metadata(normalise={"c": "rank"}), bounds=(0, 1))
    assert scores["c"].tolist() == [1, 1, 3, 4, 5]
    assert scores["d"].tolist() == [0, 1, 0.25, 0.5, 0.75]


@pytest.mark.parametrize("method", SPREADING)
def test_a_constant_indicator_is_refused_by_code(data, metadata, method):
    with pytest.raises(InputError, match="indicator c: has the same value in every unit"):
        composite.normalise(data.assign(c=7.0), metadata=metadata, method=method)


@pytest.mark.parametrize("method", SPREADING)
def test_a_constant_indicator_is_kept_as_missing_when_asked(data, metadata, method):
    scores = composite.normalise(data.assign(c=0.1), metadata=metadata, method=method, constant="missing")
    assert scores["c"].isna().all()
    assert list(scores.columns) == list(data.columns)
    notes = composite.normalisation_notes(data.assign(c=0.1), scores, metadata=metadata, method=method)
    assert notes == [f"missing in every unit after {method}: c (it has the same value in every unit)"]


def test_a_constant_that_rounding_hides_is_found_by_zscore(data, metadata):
    with pytest.raises(InputError, match="indicator c"):
        composite.normalise(data.assign(c=0.1 + 0.2), metadata=metadata, method="zscore")


def test_ranks_and_goalposts_can_take_a_constant(data):
    metadata = make_metadata(goalpost_lower=0.0, goalpost_upper=10.0)
    assert column(data.assign(c=5.0), metadata, "c", method="rank") == [1, 1, 1, 1, 1]
    assert column(data.assign(c=5.0), metadata, "c", method="goalposts") == [50] * 5


def test_an_indicator_without_any_value_stays_missing(data, metadata):
    scores = composite.normalise(data.assign(c=np.nan), metadata=metadata)
    assert scores["c"].isna().all()
    assert composite.normalisation_notes(data.assign(c=np.nan), scores, metadata=metadata) == []


def test_a_single_unit_is_a_constant_but_has_goalposts(data, metadata):
    one = data.iloc[[0]]
    with pytest.raises(InputError, match="4 problems"):
        composite.normalise(one, metadata=metadata)
    posts = make_metadata(goalpost_lower=0.0, goalpost_upper=20.0)
    assert composite.normalise(one, metadata=posts, method="goalposts").iloc[0].tolist() == [50, 75, 5, 0]


@pytest.mark.parametrize(
    ("method", "column"),
    [("goalposts", "goalpost_lower"), ("scaled", "scaled_upper"), ("distance-to-target", "target")],
)
def test_a_missing_parameter_is_refused_by_code(data, metadata, method, column):
    with pytest.raises(InputError, match=f"code a, column {column}: is missing, and {method} needs it"):
        composite.normalise(data, metadata=metadata, method=method)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"method": "minimax"}, "did you mean 'minmax'"),
        ({"ties": "first"}, "unknown way with ties"),
        ({"constant": "drop"}, "unknown way with a constant"),
        ({"bounds": (1,)}, "are not two numbers"),
        ({"bounds": (5, 5)}, "lower bound 5 is not below"),
        ({"method": "zscore", "bounds": (0, 0)}, "deviation 0 is not above 0"),
        ({"method": "rank", "bounds": (0, 1)}, "rank takes no bounds"),
        ({"method": "distance-to-reference"}, "needs a reference unit"),
        ({"method": "distance-to-reference", "reference": "XX"}, "unknown reference unit 'XX'"),
    ],
)
def test_wrong_options_are_refused_with_what_is_known(data, metadata, options, said):
    with pytest.raises(UsageError) as caught:
        composite.normalise(data, metadata=metadata, **options)
    assert said in str(caught.value)


def test_an_unknown_method_of_one_indicator_is_refused_by_code(data):
    with pytest.raises(InputError, match="code c, column normalise: unknown normalisation method 'rnk'"):
        composite.normalise(data, metadata=make_metadata(normalise={"c": "rnk"}))


@given(st.integers(0, 10_000), st.sampled_from(["minmax", "rank", "percentile-rank", "zscore", "distance-to-max"]))
@settings(max_examples=30, deadline=None)
def test_normalising_keeps_the_order_of_units_in_their_direction(seed, method):
    data, metadata = make_random(12, missing=0.2, seed=seed), make_metadata()
    scores = composite.normalise(data, metadata=metadata, method=method)
    turned = data * metadata.loc[list("abcd"), "direction"]
    pd.testing.assert_frame_equal(scores.rank(), turned.rank())
    assert (scores.isna() == data.isna()).all(axis=None)


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_rows_in_another_order_have_the_same_scores(seed):
    data, metadata = make_random(15, missing=0.1, seed=seed), make_metadata()
    shuffled = data.sample(frac=1, random_state=seed)
    for method in ("minmax", "rank"):
        one = composite.normalise(data, metadata=metadata, method=method)
        other = composite.normalise(shuffled, metadata=metadata, method=method)
        pd.testing.assert_frame_equal(one, other.loc[one.index])


def test_goalpost_scores_do_not_change_when_a_unit_leaves():
    data = make_random(10)
    metadata = make_metadata(goalpost_lower=0.0, goalpost_upper=50.0)
    everyone = composite.normalise(data, metadata=metadata, method="goalposts")
    fewer = composite.normalise(data.iloc[3:], metadata=metadata, method="goalposts")
    pd.testing.assert_frame_equal(everyone.iloc[3:], fewer)


def test_a_panel_is_normalised_over_all_its_years(panel, metadata):
    scores = composite.normalise(panel, metadata=metadata)
    assert scores["d"].tolist() == [(x - 1) / 8 * 100 for x in panel["d"]]


def test_normalising_changes_nothing_it_is_given(data, metadata):
    before = data.copy(deep=True), metadata.copy(deep=True)
    composite.normalise(data, metadata=metadata)
    pd.testing.assert_frame_equal(data, before[0])
    pd.testing.assert_frame_equal(metadata, before[1])


def test_columns_keep_the_order_of_the_data(data, metadata):
    assert list(composite.normalise(data[["d", "a", "c", "b"]], metadata=metadata)) == ["d", "a", "c", "b"]


def test_the_reference_of_a_panel_is_a_unit_and_year(panel, metadata):
    options = {"metadata": metadata, "method": "distance-to-reference"}
    scores = composite.normalise(panel, **options, reference=("CC", 2021))
    assert scores.loc[("CC", 2021), "d"] == 1
    pd.testing.assert_frame_equal(scores, composite.normalise(panel, **options, reference="CC, 2021"))
    with pytest.raises(UsageError, match="in a panel name unit and year, such as 'AA, 2018'"):
        composite.normalise(panel, **options, reference="CC")
