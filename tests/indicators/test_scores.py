"""Scores against a second, slower route, written out municipality by municipality."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from tests.small import (
    framework_content,
    indicator,
    municipalities,
    observations,
    small_framework,
    source,
    write_framework,
)

from resilience_analysis.data.catalogue import Sampling
from resilience_analysis.foundation.vocabulary import STRANDS
from resilience_analysis.indicators.evidence import Evidence
from resilience_analysis.indicators.framework import Framework, load_framework
from resilience_analysis.indicators.scores import metadata, node, score, wide
from resilience_analysis.indicators.values import COLUMNS, derive_indicators

CODES = ["11001", "11002", "11003"]


def table(values: dict[str, list[float | None]], *, reason: str = "unknown", **options) -> pd.DataFrame:
    """Return indicators of one year; `margin` is the half width of every interval, `strand` that of all."""
    margin = options.get("margin", {})
    rows = [
        {
            "nis_code": code,
            "year": 2023,
            "indicator": name,
            "strand": options.get("strand", "residents"),
            "value": np.nan if value is None else float(value),
            "unit": "%",
            "n": np.nan,
            "low": np.nan if value is None or name not in margin else value - margin[name],
            "high": np.nan if value is None or name not in margin else value + margin[name],
            "missing_reason": reason if value is None else None,
        }
        for name, column in values.items()
        for code, value in zip(CODES, column, strict=True)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


@pytest.fixture
def framework(tmp_path) -> Framework:
    entries = {
        "a": indicator(goalposts=[20, 80], weight=1),
        "b": indicator(goalposts=[0, 50], weight=2),
        "c": indicator(goalposts=[10, 60], weight=1, direction=-1),
    }
    return small_framework(tmp_path, **entries)


def slow_score(value: float, low: float, high: float, direction: int) -> float:
    share = (value - low) / (high - low) if direction == 1 else (high - value) / (high - low)
    return 100 * min(max(share, 0), 1)


def slow_dimension(values: dict[str, float | None], framework: Framework) -> float:
    """Take the weighted mean over what is there, or nothing below the least coverage."""
    there = {code: value for code, value in values.items() if value is not None}
    if len(there) / len(values) < framework.scoring.min_coverage:
        return math.nan
    total = weights = 0.0
    for code, value in there.items():
        entry = framework.indicators[code]
        total += entry.weight * slow_score(value, *entry.goalposts, entry.direction)
        weights += entry.weight
    return total / weights


def of(scores: pd.DataFrame, code: str, strand: str = "residents") -> pd.DataFrame:
    return scores[(scores["code"] == code) & (scores["strand"] == strand)].set_index("nis_code")


VALUES = {"a": [20, 50, 95], "b": [25, 10, None], "c": [10, 60, 35]}


def test_an_indicator_scores_between_its_goalposts_and_is_cut_off_there(framework):
    scores = score(table(VALUES), framework)
    assert of(scores, "a")["score"].tolist() == pytest.approx([100 * (20 - 20) / (80 - 20), 100 * (50 - 20) / 60, 100])
    assert of(scores, "b")["score"].tolist() == pytest.approx([50, 20, math.nan], nan_ok=True)
    assert of(scores, "c")["score"].tolist() == pytest.approx([100, 0, 100 * (60 - 35) / (60 - 10)])


def test_a_dimension_is_the_weighted_mean_of_its_indicators(framework):
    found = of(score(table(VALUES), framework), "first")["score"]
    slow = [slow_dimension({name: column[place] for name, column in VALUES.items()}, framework) for place in range(3)]
    assert found.tolist() == pytest.approx(slow)
    assert slow[0] == pytest.approx((1 * 0 + 2 * 50 + 1 * 100) / 4)
    assert slow[2] == pytest.approx((1 * 100 + 1 * 50) / 2)  # weights rescaled over what is there


@pytest.mark.parametrize(("there", "known"), [(1, False), (2, True), (3, True)])
def test_a_dimension_is_missing_below_sixty_percent_coverage(framework, there, known):
    values = {name: [30.0 if place < there else None] * 3 for place, name in enumerate("abc")}
    rows = of(score(table(values), framework), "first")
    assert rows["coverage"].tolist() == pytest.approx([there / 3] * 3)
    assert rows["score"].notna().tolist() == [known] * 3
    assert rows["missing_reason"].isna().tolist() == [known] * 3


@pytest.mark.parametrize(("of_all", "needed"), [(5, 3), (10, 6), (15, 9), (3, 2), (7, 5)])
def test_exactly_sixty_percent_is_enough(tmp_path, of_all, needed):
    names = [f"i{number}" for number in range(of_all)]
    framework = small_framework(tmp_path, **{name: indicator() for name in names})
    for there in (needed - 1, needed):
        values = {name: [50.0 if place < there else None] * 3 for place, name in enumerate(names)}
        found = of(score(table(values), framework), "first")["score"]
        assert found.notna().all() == (there == needed)


def test_a_dimension_without_anything_takes_the_reason_all_its_indicators_share(framework):
    nothing = {"a": [None] * 3, "b": [None] * 3, "c": [None] * 3}
    assert set(of(score(table(nothing, reason="merged_area"), framework), "first")["missing_reason"]) == {"merged_area"}


def test_a_dimension_with_too_little_or_with_mixed_reasons_has_low_coverage(framework):
    rows = table({"a": [30, None, None], "b": [None] * 3, "c": [None] * 3}, reason="hidden")
    rows.loc[(rows["nis_code"] == "11002") & (rows["indicator"] == "a"), "missing_reason"] = "unknown"
    assert of(score(rows, framework), "first")["missing_reason"].tolist() == ["low_coverage", "low_coverage", "hidden"]


def test_an_indicator_keeps_the_reason_of_its_gap(framework):
    rows = of(score(table(VALUES, reason="hidden"), framework), "b")
    assert rows["missing_reason"].fillna("").tolist() == ["", "", "hidden"]
    assert rows["coverage"].tolist() == [1, 1, 0]


def test_a_strand_without_indicators_is_not_collected(framework):
    rows = of(score(table(VALUES), framework), "second", "process")
    assert rows["missing_reason"].tolist() == ["not_collected"] * 3
    assert rows["coverage"].tolist() == [0, 0, 0]


def test_every_municipality_has_every_dimension_and_strand_and_nothing_above(framework):
    scores = score(table(VALUES), framework)
    assert len(scores) == 3 * (3 + len(framework.dimensions) * len(STRANDS))
    assert set(scores["level"]) == {"indicator", "dimension"}


def test_margins_of_indicators_are_those_of_their_limits_low_first(framework):
    scores = score(table(VALUES, margin={"a": 6, "c": 5}), framework)
    a, c = of(scores, "a").loc["11002"], of(scores, "c").loc["11003"]
    assert (a["low"], a["high"]) == pytest.approx((100 * (44 - 20) / 60, 100 * (56 - 20) / 60))
    assert (c["low"], c["high"]) == pytest.approx((100 * (60 - 40) / 50, 100 * (60 - 30) / 50))


def test_margins_of_a_dimension_add_by_weight_with_the_correlation_of_their_source(framework):
    values = {"a": [50.0] * 3, "b": [25.0] * 3, "c": [35.0] * 3}
    row = of(score(table(values, margin={"a": 6, "b": 5, "c": 5}), framework), "first").loc["11001"]
    half = [100 * 6 / 60, 100 * 5 / 50, 100 * 5 / 50]
    parts = [1 / 4 * half[0], 2 / 4 * half[1], 1 / 4 * half[2]]
    # errors of one source correlate 0.5: half of the variance is that of independent parts, half that of their sum
    margin = math.sqrt(0.5 * sum(part**2 for part in parts) + 0.5 * sum(parts) ** 2)
    assert (row["low"], row["high"]) == pytest.approx((row["score"] - margin, row["score"] + margin))


def test_an_indicator_without_sampling_error_adds_none_but_keeps_its_weight(framework):
    values = {"a": [50.0] * 3, "b": [25.0] * 3, "c": [35.0] * 3}
    row = of(score(table(values, margin={"b": 5}), framework), "first").loc["11001"]
    margin = 2 / 4 * (100 * 5 / 50)
    assert row["high"] - row["score"] == pytest.approx(margin)


def test_margins_follow_the_weights_over_what_is_there(framework):
    values = {"a": [50.0] * 3, "b": [None] * 3, "c": [35.0] * 3}
    row = of(score(table(values, margin={"a": 6, "c": 5}), framework), "first").loc["11001"]
    parts = [1 / 2 * 100 * 6 / 60, 1 / 2 * 100 * 5 / 50]
    margin = math.sqrt(0.5 * sum(part**2 for part in parts) + 0.5 * sum(parts) ** 2)
    assert row["high"] - row["score"] == pytest.approx(margin)


def test_a_dimension_without_any_sampling_error_has_no_margin(framework):
    assert of(score(table(VALUES), framework), "first")[["low", "high"]].isna().all(axis=None)


def test_margins_stay_between_0_and_100(framework):
    values = {"a": [79.0] * 3, "b": [49.0] * 3, "c": [11.0] * 3}
    row = of(score(table(values, margin={"a": 20, "b": 20, "c": 20}), framework), "first").loc["11001"]
    assert row["high"] <= 100
    assert row["low"] < row["score"] <= row["high"]


@pytest.mark.parametrize("weights", [[0.3, 0.3, 0.1, 0.7, 0.6], [0.9, 0.4, 0.6], [0.1, 0.2, 0.3, 0.7]])
def test_a_dimension_of_which_all_score_100_scores_no_more_whatever_the_weights(tmp_path, weights):
    entries = {f"i{number}": indicator(goalposts=[0, 50], weight=weight) for number, weight in enumerate(weights)}
    framework = small_framework(tmp_path, **entries)
    values = {key: [60.0, 50.0, 0.0] for key in entries}
    found = of(score(table(values, margin=dict.fromkeys(entries, 5)), framework), "first")
    assert found["score"].tolist() == pytest.approx([100, 100, 0])
    assert found["score"].max() <= 100
    assert found["high"].tolist()[:2] == pytest.approx([100, 100])


def test_strands_stand_side_by_side_and_are_never_averaged(tmp_path):
    entries = {"a": indicator(goalposts=[0, 100]), "r": indicator(goalposts=[0, 100], strand="register")}
    rows = pd.concat([table({"a": [10, 20, 30]}), table({"r": [90, 80, 70]}, strand="register")])
    scores = score(rows, small_framework(tmp_path, **entries))
    assert of(scores, "first", "residents")["score"].tolist() == pytest.approx([10, 20, 30])
    assert of(scores, "first", "register")["score"].tolist() == pytest.approx([90, 80, 70])


def test_context_is_never_scored(tmp_path):
    framework = load_framework(write_framework(tmp_path, framework_content(trust=indicator())))
    rows = pd.concat([table({"trust": [30, 40, 50]}), table({"people": [1, 2, 3]}, strand="context")])
    assert "people" not in set(score(rows, framework)["code"])
    assert list(wide(rows, framework)) == ["trust"]


def test_every_dimension_and_strand_is_an_aggregate_of_its_own(framework):
    found = metadata(framework)
    assert found.loc[["a", "b", "c"], "parent"].tolist() == [node("first", "residents")] * 3
    assert found.loc[node("first", "residents"), "parent"] == ""


def test_the_order_of_rows_changes_no_score(framework):
    rows = table(VALUES, margin={"a": 3})
    pd.testing.assert_frame_equal(score(rows, framework), score(rows.sample(frac=1, random_state=5), framework))


def simulated(share: float, *, between: float, n: int = 300, places: int = 800, items: int = 6) -> np.ndarray:
    """Draw in each place the answers of `n` people to questions that correlate `between` in each of them, as shares."""
    draws = np.random.default_rng(7)
    alike = draws.random((places, n, 1)) < between
    own, common = draws.random((places, n, items)) < share, draws.random((places, n, 1)) < share
    return np.where(alike, common, own).mean(axis=1)


def surveyed(seen: np.ndarray, *, n: int) -> Evidence:
    """Return whole percentages of a survey as what indicators a, b, ... are derived from."""
    codes = [f"{10000 + place}" for place in range(len(seen))]
    columns = {name: {2023: list(np.round(100 * seen[:, place]))} for place, name in enumerate("abcdef")}
    people = {"population": {2025: [1.0] * len(codes)}}
    return Evidence(observations(columns | people, codes=codes, n=n), municipalities(codes))


@pytest.mark.parametrize("between", [0.0, 0.25, 0.5])
@pytest.mark.parametrize("share", [0.35, 0.5, 0.78])
def test_at_most_the_stated_correlation_the_interval_of_a_factor_holds_its_score_in_93_percent(
    tmp_path, between, share
):
    entries = {name: indicator(derive={"take": name}, goalposts=[20, 80]) for name in "abcdef"}
    framework = small_framework(tmp_path, **entries)
    assert framework.correlation("survey").value == 0.5
    catalogue = {"survey": source("survey", sampling=Sampling({}, (), 1.0, {})), "census": source("census")}
    found = derive_indicators(surveyed(simulated(share, between=between), n=300), framework, catalogue)
    scores = score(found, framework).query("level == 'dimension' and strand == 'residents' and code == 'first'")
    true = float(np.clip((100 * share - 20) / 60, 0, 1) * 100)
    assert ((scores["low"] <= true) & (true <= scores["high"])).mean() >= 0.93


def test_a_score_at_the_goalpost_keeps_the_margin_it_has_before_it_is_cut_off(framework):
    values = {"a": [95.0] * 3, "b": [60.0] * 3, "c": [5.0] * 3}  # each is beyond the better goalpost
    beyond = of(score(table(values, margin={"a": 6, "b": 5, "c": 5}), framework), "first").loc["11001"]
    within = {"a": [50.0] * 3, "b": [25.0] * 3, "c": [35.0] * 3}
    inside = of(score(table(within, margin={"a": 6, "b": 5, "c": 5}), framework), "first").loc["11001"]
    assert beyond["margin_below"] == pytest.approx(inside["margin_below"])
    assert (beyond["score"], beyond["high"]) == (100, 100)
    assert beyond["low"] == pytest.approx(100 - inside["margin_below"])
