from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from resilience_analysis import composite
from resilience_analysis.foundation.errors import InputError, UsageError

from .conftest import make_metadata, make_random

CHOICES = {"treat.winmax": [1, 5], "aggregate.method": ["arithmetic", "geometric"], "weights.noise": 0.25}
SETTINGS = {"treat.winmax": 5, "normalise.bounds": (1, 100)}


@pytest.fixture(scope="module")
def values() -> pd.DataFrame:
    return make_random(20, seed=6)


@pytest.fixture(scope="module")
def result(values) -> composite.Uncertainty:
    return composite.uncertainty(
        values, metadata=make_metadata(), choices=CHOICES, settings=SETTINGS, se=values * 0.03, n=128, seed=9, keep=True
    )


def test_intervals_are_quantiles_of_the_kept_draws(result):
    draws = result.draws["index"].unstack(level="unit")
    row = result.intervals.set_index(["unit", "code"]).loc[("U004", "index")]
    np.testing.assert_allclose(
        row[["low", "median", "high"]].astype(float), np.quantile(draws["U004"], [0.025, 0.5, 0.975])
    )
    np.testing.assert_allclose(row[["mean", "sd"]].astype(float), [draws["U004"].mean(), draws["U004"].std()])
    assert row["draws"] == 128


def test_ranks_are_those_of_each_draw(result):
    draws = result.draws["index"].unstack(level="unit")
    ranks = draws.rank(axis=1, ascending=False)
    row = result.intervals.set_index(["unit", "code"]).loc[("U004", "index")]
    assert row["rank_low"] == np.quantile(ranks["U004"], 0.025, method="inverted_cdf")
    assert row["rank_high"] == np.quantile(ranks["U004"], 0.975, method="inverted_cdf")


def test_the_nominal_score_and_rank_stand_beside_the_interval(result, values):
    nominal = composite.score(values, metadata=make_metadata(), settings=SETTINGS).tables["scores"]
    pd.testing.assert_frame_equal(result.nominal.tables["scores"], nominal)
    table = result.intervals.pivot(index="unit", columns="code", values="score")
    np.testing.assert_allclose(table["social"], nominal["social"])
    places = result.intervals.pivot(index="unit", columns="code", values="rank")
    np.testing.assert_array_equal(places["index"], composite.ranks(nominal)["index"])


def test_indices_stand_for_all_units_and_each(result):
    assert set(result.sobol["factor"]) == {"treat.winmax", "aggregate.method", "weights.noise", "sample"}
    assert set(result.sobol["of"]) == {"score", "rank"}
    assert result.sobol["unit"].isna().sum() == 3 * 4 * 2
    assert len(result.sobol) == (1 + 20) * 3 * 4 * 2
    together = result.sobol[result.sobol["unit"].isna() & (result.sobol["code"] == "index")]
    assert (together["first_order_low"] <= together["first_order_high"]).all()
    assert (together["total"] >= -1e-9).all()


def test_the_only_factor_makes_all_of_the_variance(values):
    found = composite.uncertainty(
        values, metadata=make_metadata(), choices={}, se=values * 0.05, n=256, seed=1, codes=["index"]
    ).sobol
    together = found[found["unit"].isna()].set_index("of")
    np.testing.assert_allclose(together.loc["score", ["first_order", "total"]].astype(float), 1, atol=0.1)


def test_the_sample_makes_the_variance_that_theory_says():
    metadata = pd.DataFrame({"parent": ["top"] * 2 + [""], "direction": 1, "weight": 1.0}, index=["a", "b", "top"])
    data = pd.DataFrame({"a": [40.0, 60.0], "b": [50.0, 50.0]}, index=["AA", "BB"])
    se = pd.DataFrame({"a": [3.0, 3.0], "b": [4.0, 4.0]}, index=data.index)
    found = composite.uncertainty(
        data, metadata=metadata, choices={}, settings={"normalise.method": "none"}, se=se, n=4096, seed=2
    )
    np.testing.assert_allclose(found.intervals["sd"], np.sqrt(3**2 + 4**2) / 2, rtol=0.05)
    np.testing.assert_allclose(found.intervals["mean"], [45, 55], atol=0.15)
    half = 1.96 * 2.5
    np.testing.assert_allclose(found.intervals["high"] - found.intervals["mean"], half, rtol=0.08)


def test_sample_and_choice_share_the_variance_of_a_known_case():
    metadata = pd.DataFrame({"parent": ["top", ""], "direction": 1, "weight": 1.0}, index=["a", "top"])
    data = pd.DataFrame({"a": [10.0, 20.0]}, index=["AA", "BB"])
    posts = metadata.assign(goalpost_lower=0.0, goalpost_upper=100.0, goalpost_truncate=False)
    found = composite.uncertainty(
        data,
        metadata=posts,
        settings={"normalise.method": "goalposts", "normalise.bounds": (0.0, 100.0)},
        choices={"normalise.bounds": [(0.0, 100.0), (6.0, 106.0)]},
        se=data * 0 + 4.0,
        n=4096,
        seed=0,
    ).sobol
    row = found[(found["unit"] == "AA") & (found["of"] == "score")].set_index("factor")["first_order"]
    np.testing.assert_allclose(row[["normalise.bounds", "sample"]], [9 / 25, 16 / 25], atol=0.04)


def test_the_same_seed_gives_the_same_result_whatever_the_jobs(values):
    options = {"metadata": make_metadata(), "choices": CHOICES, "settings": SETTINGS, "se": values * 0.03, "n": 40}
    one = composite.uncertainty(values, **options, seed=3)
    two = composite.uncertainty(values, **options, seed=3, jobs=2)
    pd.testing.assert_frame_equal(one.intervals, two.intervals, check_exact=True)
    pd.testing.assert_frame_equal(one.sobol, two.sobol, check_exact=True)
    other = composite.uncertainty(values, **options, seed=4)
    assert not one.intervals.equals(other.intervals)


def test_failed_draws_are_counted_with_their_reason(values):
    found = composite.uncertainty(
        values,
        metadata=make_metadata(),
        choices={"aggregate.method": ["arithmetic", "geometric"], "weights.noise": 0.1},
        n=64,
    )
    assert found.failures["reason"].tolist() == ["social: the geometric mean takes values above 0"]
    assert 0 < found.failures["draws"].iloc[0] < found.evaluations
    assert (found.intervals["draws"] < 64).all()
    assert found.intervals["low"].notna().all()


def test_a_constant_indicator_fails_the_draws_whose_method_needs_spread(values):
    metadata = make_metadata(goalpost_lower=0.0, goalpost_upper=50.0)
    options = {
        "metadata": metadata,
        "settings": {"normalise.method": "goalposts"},
        "choices": {"normalise.method": ["goalposts", "minmax"], "weights.noise": 0.1},
        "n": 32,
    }
    found = composite.uncertainty(values.assign(c=3.0), **options)
    assert found.failures["reason"].tolist() == ["c: has the same value in every unit, so minmax cannot normalise it"]
    kept = {**options["settings"], "normalise.constant": "missing"}
    assert composite.uncertainty(values.assign(c=3.0), **{**options, "settings": kept}).failures.empty


def test_weights_that_cannot_be_found_fail_their_draws(values):
    metadata = make_metadata(goalpost_lower=0.0, goalpost_upper=50.0)
    found = composite.uncertainty(
        values.assign(c=3.0),
        metadata=metadata,
        settings={"normalise.method": "goalposts"},
        choices={"weights.method": ["framework", "pca", pd.Series({"a": 2.0})]},
        n=32,
    )
    assert found.failures["reason"].tolist() == ["code c: has no spread, so it has no principal component. Take it out"]
    assert found.intervals["low"].notna().all()


def test_when_every_draw_fails_there_is_no_interval(values):
    found = composite.uncertainty(
        values, metadata=make_metadata(), choices={"aggregate.method": ["geometric", "harmonic"]}, n=8
    )
    assert found.intervals["draws"].eq(0).all()
    assert found.intervals[["low", "mean", "rank_high"]].isna().all(axis=None)
    assert found.failures["draws"].sum() == found.evaluations


def test_only_the_codes_asked_for_are_looked_at(values):
    found = composite.uncertainty(
        values, metadata=make_metadata(), choices={"weights.noise": 0.2}, codes=["social"], n=16, indices=False
    )
    assert set(found.intervals["code"]) == {"social"}
    assert found.sobol.empty
    assert found.evaluations == 16
    assert found.draws is None


def test_draws_without_indices_are_the_same_draws(values):
    options = {"metadata": make_metadata(), "choices": {"weights.noise": 0.2}, "n": 32, "seed": 5}
    with_indices = composite.uncertainty(values, **options)
    without = composite.uncertainty(values, **options, indices=False)
    pd.testing.assert_frame_equal(with_indices.intervals, without.intervals)


def test_missing_units_stay_missing_in_every_draw(values):
    holed = values.copy()
    holed.loc["U003"] = np.nan
    found = composite.uncertainty(holed, metadata=make_metadata(), choices={"weights.noise": 0.2}, n=16).intervals
    mine = found[found["unit"] == "U003"]
    assert mine["draws"].eq(0).all()
    assert mine[["score", "low", "rank_high"]].isna().all(axis=None)
    assert found[found["unit"] == "U004"]["draws"].eq(16).all()


def test_units_that_are_screened_out_are_not_drawn(values):
    holed = values.copy()
    holed.iloc[2, :3] = np.nan
    found = composite.uncertainty(
        holed,
        metadata=make_metadata(),
        settings={"impute.method": "mean", "screen.drop": ["U005"]},
        choices={"impute.method": ["mean", "median"]},
        n=8,
    )
    assert "U005" not in set(found.intervals["unit"])
    assert "U002" in set(found.intervals["unit"])


def test_a_panel_is_ranked_within_its_years(panel):
    filled = panel.fillna(4.0) + np.arange(9)[:, None] % 2
    found = composite.uncertainty(filled, metadata=make_metadata(), choices={"weights.noise": 0.2}, n=16, keep=True)
    assert list(found.intervals.columns[:3]) == ["unit", "year", "code"]
    assert found.intervals["rank_high"].max() <= 3
    assert list(found.draws.index.names) == ["draw", "unit", "year"]
    assert found.sobol["year"].isna().any()
    assert pd.api.types.is_integer_dtype(found.sobol["year"])


def test_outranking_is_the_share_of_draws_in_which_a_unit_is_above(result):
    shares = composite.outranking(result.draws, code="index")
    draws = result.draws["index"].unstack(level="unit")
    assert shares.loc["U001", "U002"] == (draws["U001"] > draws["U002"]).mean()
    assert np.isnan(shares.loc["U001", "U001"])
    assert list(shares.index) == [f"U{number:03d}" for number in range(20)]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"n": 1}, "1 draw cannot show a spread"),
        ({"level": 1.5}, "the level 1.5 is not between 0 and 1"),
        ({"jobs": 0}, "0 jobs do no work"),
        ({"seed": -1}, "the seed -1 is below 0"),
        ({"codes": ["socail"]}, "did you mean 'social'"),
        ({"settings": {"denominate": True}}, "draws start from denominated data"),
        ({"choices": {}}, "there is nothing to vary"),
        ({"choices": {"normalise.bounds": [(0, 100), (100, 0)]}}, "the lower bound 100 is not below"),
        ({"choices": {"normalise.ties": ["min", "max"]}}, "unknown way with ties 'max'"),
    ],
)
def test_wrong_options_of_uncertainty_are_refused(values, options, said):
    with pytest.raises(UsageError) as caught:
        composite.uncertainty(values, metadata=make_metadata(), **{"choices": {"weights.noise": 0.1}, **options})
    assert said in str(caught.value)


def test_indicators_without_an_aggregate_have_no_score_to_vary(values):
    metadata = make_metadata().loc[list("abcd")].assign(parent="")
    with pytest.raises(UsageError, match="no aggregate whose score could vary"):
        composite.uncertainty(values, metadata=metadata, choices={"normalise.bounds": [(0, 1), (0, 2)]})


def test_what_the_nominal_run_refuses_is_refused(values):
    with pytest.raises(InputError, match="indicator c: has the same value"):
        composite.uncertainty(values.assign(c=1.0), metadata=make_metadata(), choices={"weights.noise": 0.1})
