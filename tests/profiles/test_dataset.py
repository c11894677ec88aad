"""The shared ground of profiles, against a second route through the plain tables."""

from __future__ import annotations

import math
import statistics

import pandas as pd
import pytest
from tests.small import NETELAND

from resilience_analysis.profiles.dataset import QUANTILES, Dataset, describe


def slow_quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def test_values_are_those_of_the_latest_year_of_each_indicator(dataset: Dataset):
    rows = dataset.tables.indicators
    for code in ("ctx_population", "org_trust_municipality", "exp_renewal"):
        mine = rows[rows["indicator"] == code]
        last = max(year for year, value in zip(mine["year"], mine["value"], strict=True) if not math.isnan(value))
        assert dataset.years[code] == last
        slow = mine[mine["year"] == last].set_index("nis_code")["value"]
        pd.testing.assert_series_equal(dataset.values[code], slow.reindex(dataset.values.index), check_names=False)


def test_every_municipality_has_a_row_and_every_indicator_a_column(dataset: Dataset):
    framework = dataset.framework
    assert list(dataset.values.index) == list(dataset.municipalities.index) == dataset.everywhere
    assert set(dataset.values.columns) == {*framework.indicators, *framework.context}


def test_a_gap_has_its_reason_in_the_same_place(dataset: Dataset):
    gaps = dataset.values.isna()
    assert dataset.column("missing_reason").notna().equals(gaps)


def test_scores_are_found_by_dimension_and_strand(dataset: Dataset):
    rows = dataset.tables.scores.set_index(["nis_code", "code", "strand"])["score"]
    for code in NETELAND:
        assert dataset.scores["score"].loc[code, ("organisatie", "residents")] == rows[code, "organisatie", "residents"]


def test_series_are_kept_for_indicators_known_in_three_years_or_more(dataset: Dataset):
    years = dataset.tables.indicators.groupby("indicator")["year"].nunique()
    assert set(dataset.series) == set(years.index[years >= 3])
    assert dataset.series["ctx_population"].loc["13011", 2025] == 29_001


@pytest.mark.parametrize("code", ["org_trust_municipality", "ctx_population", "sch_within_region"])
def test_the_spread_of_a_group_is_that_of_its_values(dataset: Dataset, code):
    values = [value for value in dataset.values[code] if not math.isnan(value)]
    row = dataset.spread(dataset.everywhere).loc[code]
    assert row["n"] == len(values)
    assert (row["min"], row["max"]) == (min(values), max(values))
    for name, share in QUANTILES.items():
        assert row[name] == pytest.approx(slow_quantile(values, share))
    assert row["median"] == pytest.approx(statistics.median(values))


def test_the_spread_of_scores_is_that_of_the_group(dataset: Dataset):
    group = list(NETELAND)
    scores = [dataset.scores["score"].loc[code, ("leren", "residents")] for code in group]
    assert dataset.score_spread(group).loc[("leren", "residents"), "median"] == pytest.approx(statistics.median(scores))


def test_a_description_of_nothing_counts_nothing():
    values = pd.DataFrame({"x": [1.0, None, 3.0], "y": [None, None, None]}, dtype=float)
    described = describe(values.to_numpy(), values.columns)
    assert described["n"].tolist() == [2, 0]
    assert described.loc["x", ["min", "median", "max"]].tolist() == [1, 2, 3]
    assert described.loc["y", ["min", "median", "max"]].isna().all()


def test_what_is_kept_is_made_once():
    made = []

    def make() -> int:
        made.append(1)
        return 7

    dataset = Dataset(None, None, None, None, None, None)  # type: ignore[arg-type]
    assert (dataset.keep("key", make), dataset.keep("key", make), len(made)) == (7, 7, 1)


def test_the_order_of_a_group_does_not_make_its_spread_anew(dataset: Dataset):
    assert dataset.spread(list(NETELAND)) is dataset.spread(list(NETELAND)[::-1])


def test_resemblance_is_the_root_mean_square_of_standardised_differences(dataset: Dataset):
    chosen = list(dataset.geography.resemblance)
    means = {code: statistics.mean(dataset.values[code].dropna()) for code in chosen}
    spreads = {code: statistics.stdev(dataset.values[code].dropna()) for code in chosen}
    for other in ("13012", "11002", "73028"):
        squares = []
        for code in chosen:
            one, two = dataset.values.loc["13011", code], dataset.values.loc[other, code]
            if not (math.isnan(one) or math.isnan(two)):
                squares.append((((one - means[code]) - (two - means[code])) / spreads[code]) ** 2)
        slow = math.sqrt(sum(squares) / len(squares)) if len(squares) >= len(chosen) / 2 else math.nan
        assert dataset.distances("13011")[other] == pytest.approx(slow, nan_ok=True)


def test_a_municipality_resembles_itself_most_and_resemblance_goes_both_ways(dataset: Dataset):
    assert dataset.distances("13011")["13011"] == 0
    assert dataset.distances("13011")["13029"] == pytest.approx(dataset.distances("13029")["13011"])


def test_the_mark_changes_with_any_score_and_with_nothing_else(dataset: Dataset):
    scores = dataset.tables.scores
    same = dataset.with_scores(scores.copy())
    other = dataset.with_scores(scores.assign(score=scores["score"] / 2))
    assert len(dataset.mark) == 12
    assert same.mark == dataset.mark != other.mark


def test_other_scores_start_with_nothing_kept(dataset: Dataset):
    dataset.score_spread(list(NETELAND))
    halved = dataset.with_scores(dataset.tables.scores.assign(score=dataset.tables.scores["score"] / 2))
    assert halved.kept == {}
    key = ("leren", "residents")
    before, after = (a.score_spread(list(NETELAND)).loc[key, "median"] for a in (dataset, halved))
    assert after == pytest.approx(before / 2)
