"""Operations on values: each formula by a second route, and what a framework may ask with them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, rankdata, zscore
from tests.composite.conftest import make_metadata

from resilience_analysis import composite
from resilience_analysis.composite.operations import OPERATIONS, apply_steps, read_steps, write_steps
from resilience_analysis.foundation.errors import InputError, UsageError

VALUES = np.array([3.0, 1.0, 8.0, np.nan, 5.0, 1.0])
PRESENT = VALUES[~np.isnan(VALUES)]
ALL = [np.arange(len(VALUES))]
PARAMETERS = {
    "power": "2", "cap": "2,6", "add": "1", "subtract": "1", "multiply": "3", "divide": "4", "above-min": "1",
    "of-max": "100", "quantiles": "3", "bands": "2,6",
}  # fmt: skip


def done(text: str, values: np.ndarray = VALUES) -> np.ndarray:
    return apply_steps(values, read_steps(text), [np.arange(len(values))])


def exponential(share: float) -> float:
    return -23 * math.log(1 - share * (1 - math.exp(-100 / 23)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("log", [math.log(x) for x in PRESENT]),
        ("log:10", [math.log10(x) for x in PRESENT]),
        ("power:0.5", [math.sqrt(x) for x in PRESENT]),
        ("reciprocal", [1 / x for x in PRESENT]),
        ("divide:10; logit", [math.log(x / 10 / (1 - x / 10)) for x in PRESENT]),
        ("exp", [math.exp(x) for x in PRESENT]),
        ("subtract:3; normal", norm.cdf(PRESENT - 3)),
        ("cap:2,6", [min(max(x, 2), 6) for x in PRESENT]),
        ("multiply:0.25; round:1", [0.8, 0.3, 2.0, 1.3, 0.3]),
        ("divide:8; exponential-share", [exponential(x / 8) for x in PRESENT]),
        ("rank", rankdata(PRESENT, method="min")),
        ("rank-down", rankdata(-PRESENT, method="min")),
        ("rank-share", rankdata(PRESENT) / 5),
        ("percentile-rank", (rankdata(PRESENT, method="min") - 1) / 4),
        ("probit", norm.ppf(rankdata(PRESENT) / 6)),
        ("probit:0.375", norm.ppf((rankdata(PRESENT) - 0.375) / 5.25)),
        ("exponential", [exponential(rank / 5) for rank in rankdata(PRESENT)]),
        ("minmax:1,10", 1 + (PRESENT - 1) / 7 * 9),
        ("zscore", zscore(PRESENT, ddof=1)),
        ("above-min:1", PRESENT - 1 + 1),
        ("of-max:100", PRESENT / 8 * 100),
        ("log-gii", [math.log((8 - 1) * (x - 1) / (8 - 1) + 1) for x in PRESENT]),
        ("quantiles:3", [math.ceil(3 * rank / 5) for rank in rankdata(PRESENT, method="min")]),
        ("bands:3,8", [2, 1, 3, 2, 1]),
    ],
)
def test_each_operation_is_its_formula_and_keeps_gaps(text, expected):
    found = done(text)
    assert np.isnan(found[3])
    np.testing.assert_allclose(found[~np.isnan(VALUES)], expected, rtol=1e-12)


def test_every_operation_is_described_and_can_be_read():
    text = (Path(__file__).resolve().parents[2] / "docs" / "composite.md").read_text(encoding="utf-8")
    for name in OPERATIONS:
        assert f"`{name}`" in text or f"`{name}:" in text
        assert read_steps(f"{name}:{PARAMETERS[name]}" if name in PARAMETERS else name)[0].name == name


def test_the_most_deprived_of_an_exponential_has_100_and_the_least_near_0():
    found = done("exponential", np.arange(1.0, 1001.0))
    assert found[-1] == pytest.approx(100)
    assert 0 < found[0] < 0.05
    assert found[899] == pytest.approx(50, abs=1), "a tenth of the units has half of the scale"


def test_bands_of_equal_size_hold_the_same_number_of_units():
    found = done("quantiles:5", np.random.default_rng(1).permutation(np.arange(100.0)))
    assert np.unique(found, return_counts=True)[1].tolist() == [20] * 5


@given(
    st.lists(st.floats(0.01, 1e6), min_size=2, max_size=20), st.sampled_from([n for n in OPERATIONS if n != "normal"])
)
def test_an_operation_keeps_or_turns_the_order_as_it_says(values, name):
    step = read_steps(f"{name}:{PARAMETERS[name]}" if name in PARAMETERS else name)[0]
    x = np.array(sorted(values))
    made = apply_steps(x, [step], [np.arange(len(x))])
    made = made[~np.isnan(made)]
    steps = np.diff(made) * (-1 if step.operation.falls(step.parameters) else 1)
    assert (steps >= -1e-9 * np.abs(made[1:])).all()


def test_operations_of_yaml_become_text_that_reads_back():
    given = [{"cap": [0, 10]}, "log", {"power": -1}]
    assert [step.name for step in read_steps(write_steps(given))] == ["cap", "log", "power"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lgo", "unknown operation 'lgo'"),
        ("power", "has 0 parameters. Give 1"),
        ("cap:1", "has 1 parameters. Give 2"),
        ("cap:5,1", "are not rising"),
        ("power:a", "is not a list of numbers"),
        ("log:1,2", "Give 0 to 1"),
    ],
)
def test_a_wrong_operation_is_refused_with_what_it_takes(text, said):
    with pytest.raises(UsageError, match=said):
        read_steps(text)


def test_what_yaml_cannot_mean_is_refused():
    with pytest.raises(UsageError, match="is not an operation"):
        write_steps({"cap": 1, "log": 2})


def test_years_of_a_panel_are_ranked_on_their_own():
    values = np.array([1.0, 2.0, 30.0, 20.0])
    assert apply_steps(values, read_steps("rank"), [np.array([0, 1]), np.array([2, 3])]).tolist() == [1, 2, 2, 1]


def test_references_move_with_the_values_and_the_order_turns_with_the_direction(data):
    metadata = make_metadata(
        transform={"b": "reciprocal"}, goalpost_lower={"b": 1.0}, goalpost_upper={"b": 5.0}, target={"b": 2.0}
    )
    moved = composite.transform(data, metadata=metadata)
    row = moved.metadata.loc["b"]
    assert (row["direction"], row["goalpost_lower"], row["goalpost_upper"], row["target"]) == (1, 0.2, 1, 0.5)
    assert moved.data["b"].tolist() == [1 / 5, 1 / 4, 1 / 3, 1 / 2, 1]
    pd.testing.assert_frame_equal(moved.data.drop(columns="b"), data.drop(columns="b"))


def test_operations_on_all_units_rank_the_better_unit_higher(data):
    moved = composite.transform(data, metadata=make_metadata(transform={"b": "rank"}))
    assert moved.data["b"].tolist() == [1, 2, 3, 4, 5]
    assert moved.metadata.at["b", "direction"] == 1


def test_values_that_a_transformation_cannot_take_are_refused_by_code_and_unit(data):
    with pytest.raises(InputError, match="code d: the transformation log takes values above 0, unlike AA"):
        composite.transform(data, metadata=make_metadata(transform={"d": "log"}))


def test_a_reference_beside_ranks_of_all_units_is_refused(data):
    metadata = make_metadata(transform={"a": "probit"}, target={"a": 2.0})
    with pytest.raises(InputError, match="code a, column target: is on the scale of the data, and probit leaves no"):
        composite.transform(data, metadata=metadata)


def test_steps_of_an_aggregate_change_what_goes_up(scaled):
    metadata = make_metadata(steps={"social": "minmax:0,1"})
    plain = composite.aggregate(scaled, metadata=make_metadata())
    found = composite.aggregate(scaled, metadata=metadata)
    low, high = plain["social"].min(), plain["social"].max()
    np.testing.assert_allclose(found["social"], (plain["social"] - low) / (high - low))
    expected = (found["social"] + 2 * found["spatial"]) / 3
    np.testing.assert_allclose(found["index"].iloc[[0, 2]], expected.iloc[[0, 2]])


def test_a_step_that_cannot_take_scores_is_refused_by_code_and_unit(scaled):
    with pytest.raises(InputError, match="code social: the step log takes values above 0, unlike AA"):
        composite.aggregate(scaled - 1000, metadata=make_metadata(steps={"social": "log"}))


def test_contributions_add_up_to_a_score_after_its_steps(scaled):
    metadata = make_metadata(steps={"social": "minmax:20,80", "index": "multiply:2; add:3"})
    scores = composite.aggregate(scaled, metadata=metadata)
    parts = composite.contributions(scaled, metadata=metadata)
    np.testing.assert_allclose(parts.sum(axis=1), scores["index"], rtol=1e-9)


def test_an_aggregate_has_a_method_and_a_least_coverage_of_its_own(scaled):
    metadata = make_metadata(aggregate={"social": "sum", "spatial": "product"}, min_coverage={"index": 1.0})
    found = composite.aggregate(scaled, metadata=metadata)
    assert found.loc["AA", "social"] == 10 * 1 + 20 * 3
    assert found.loc["AA", "spatial"] == 30 * 40
    assert np.isnan(found.loc["BB", "index"])


def test_an_indicator_may_stand_beside_an_aggregate():
    metadata = pd.DataFrame(
        {"parent": ["index", "pair", "pair", "index", ""], "direction": 1, "weight": [1, 1, 1, 1, 1]},
        index=pd.Index(["a", "b", "c", "pair", "index"], name="code"),
    )
    table = pd.DataFrame({"a": [10.0, np.nan], "b": [20.0, 2.0], "c": [40.0, 4.0]}, index=["X", "Y"])
    assert composite.aggregate(table, metadata=metadata)["index"].tolist() == [20.0, 3.0]
    assert composite.leave_one_out(table, metadata=metadata, level=1).scores.loc["X", "a"] == 30
    filled = composite.impute(pd.concat([table, table.rename(str.lower) * 2]), metadata=metadata, method="unit-mean")
    assert filled.log["how"].tolist() == ["not filled: nothing to fill it from"] * 2, "alone in its family"


def test_draws_go_through_transformation_and_steps(data):
    metadata = make_metadata(transform={"a": "log"}, steps={"social": "zscore", "a": "round:0"})
    settings = {"impute.method": "mean", "normalise.bounds": (1, 100)}
    found = composite.uncertainty(
        data,
        metadata=metadata,
        choices={"weights.noise": 0.0, "impute.method": ["mean", "mean"]},
        settings=settings,
        n=4,
    )
    spread = found.intervals.set_index(["unit", "code"])
    np.testing.assert_allclose(spread["low"], spread["score"])
    assert found.failures.empty


def test_draws_outside_a_transformation_fail_with_their_code(data):
    errors = pd.DataFrame({"a": [50.0] * 5}, index=data.index)
    found = composite.uncertainty(
        data, metadata=make_metadata(transform={"a": "log"}), choices={}, se=errors, n=16, indices=False
    )
    assert found.failures["reason"].tolist() == ["a: its transformation cannot take all values"]


def test_bands_have_names_from_the_lowest_and_go_up_no_further():
    scores = pd.DataFrame({"index": [0.3, 0.55, 0.9, np.nan]}, index=list("ABCD"))
    metadata = pd.DataFrame(
        {
            "parent": ["", "index", "index"],
            "type": ["indicator", "derived", "derived"],
            "direction": 1,
            "weight": 1,
            "steps": ["", "bands:0.55,0.8", "rank-down"],
            "bands": ["", "low; middle; high", ""],
        },
        index=pd.Index(["index", "group", "place"], name="code"),
    )
    found = composite.derived_scores(scores, metadata=metadata)
    assert found["group"].tolist()[:3] == ["low", "middle", "high"]
    assert found["group"].isna().tolist() == [False, False, False, True]
    assert found["place"].tolist()[:3] == [3, 2, 1]


def test_a_constant_indicator_has_the_score_its_rule_says(data):
    table = data.assign(c=7.0)
    metadata = make_metadata(constant={"c": "0"})
    found = composite.normalise(table, metadata=metadata)
    assert found["c"].tolist() == [0.0] * 5
    assert composite.normalise(table, metadata=make_metadata(), constant=50)["c"].tolist() == [50.0] * 5
    with pytest.raises(InputError, match="code c, column constant: unknown way with a constant indicator 'drop'"):
        composite.check_metadata(make_metadata(constant={"c": "drop"}))


def test_every_year_can_be_normalised_on_its_own(panel, metadata):
    together = composite.normalise(panel, metadata=metadata)
    alone = composite.normalise(panel, metadata=metadata, per_year=True, constant="missing")
    assert not together["b"].equals(alone["b"])
    for year, part in panel.groupby(level=1):
        expected = composite.normalise(part.droplevel(1), metadata=metadata, constant="missing")
        pd.testing.assert_frame_equal(alone.xs(year, level=1), expected)
