"""The rows of a profile, against a second route through the plain tables."""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import median

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.datasets import FIVE, MERGED
from tests.small import NETELAND

from resilience_analysis.foundation.vocabulary import STRANDS
from resilience_analysis.profiles.dataset import Dataset
from resilience_analysis.profiles.rows import (
    LEAST_GROUP,
    LEAST_REFERENCE,
    change_rows,
    comparator,
    factor_rows,
    gap_facts,
    indicator_rows,
    least_reference,
    role_facts,
)


@pytest.fixture(scope="module")
def neteland(dataset):
    """The five municipalities as a group."""
    return comparator(dataset, "neteland")


def gap_table(dataset, nis_code) -> pd.DataFrame:
    """The facts about gaps as a table."""
    return pd.DataFrame(gap_facts(dataset, nis_code))


def known(values) -> list[float]:
    return [value for value in values if not math.isnan(value)]


@pytest.mark.parametrize("code", ["org_trust_municipality", "div_dwellings", "div_too_many"])
def test_a_row_holds_the_value_its_group_and_flanders(dataset, neteland, code):
    row = indicator_rows(dataset, "13011", neteland, [code]).loc[code]
    everybody = known(dataset.values[code])
    others = [place for place in NETELAND if place != "13011"]
    assert row["value"] == dataset.values.loc["13011", code]
    assert row["group_median"] == pytest.approx(median(known(dataset.values.loc[others, code])))
    assert row["all_median"] == pytest.approx(median(everybody))
    assert row["all_n"] == len(everybody)
    assert row["share_below"] == pytest.approx(sum(v < row["value"] for v in everybody) / (len(everybody) - 1))
    assert row["share_above"] == pytest.approx(sum(v > row["value"] for v in everybody) / (len(everybody) - 1))
    assert row["year"] == dataset.years[code]


def test_the_lowest_has_nobody_below_and_the_highest_everybody(dataset, neteland):
    values = dataset.values["ctx_population"]
    shares = [
        indicator_rows(dataset, place, neteland, ["ctx_population"])["share_below"].iloc[0]
        for place in (values.idxmin(), values.idxmax())
    ]
    assert shares == [0, 1]


def test_a_municipality_without_a_value_has_its_reason_and_no_place(dataset, neteland):
    row = indicator_rows(dataset, "73028", neteland, ["org_trust_municipality"]).iloc[0]
    assert row["missing_reason"] == "hidden"
    assert row[["value", "low", "high", "share_below"]].isna().all()
    assert row["all_n"] == 284


def test_a_percentage_that_was_put_together_from_former_municipalities_says_so_and_has_a_margin(dataset, neteland):
    row = indicator_rows(dataset, "46030", neteland, ["org_trust_municipality"]).iloc[0]
    assert row["computed"] == "weighted_mean"
    assert row["low"] < row["value"] < row["high"]


def test_a_group_of_too_few_and_a_flanders_of_too_few_have_no_median(dataset):
    values = dataset.tables.indicators
    few = values["nis_code"].isin(list(NETELAND)[:2]) | (values["indicator"] != "org_trust_people")
    gap = values.where(
        few, values.assign(value=float("nan"), low=float("nan"), high=float("nan"), missing_reason="hidden")
    )
    thin = replace(dataset, tables=replace(dataset.tables, indicators=gap), kept={})
    row = indicator_rows(thin, "13010", comparator(thin, "neteland"), ["org_trust_people"]).iloc[0]
    assert (row["group_n"], row["all_n"]) == (1, 2)
    assert row["all_n"] < LEAST_REFERENCE
    assert row[["group_median", "all_median", "share_below"]].isna().all()
    assert not math.isnan(row["value"])


@given(st.integers(1, 400))
def test_all_stand_for_all_with_thirty_values_or_three_quarters_of_a_small_project(count):
    least = least_reference(count)
    assert least == LEAST_REFERENCE if count >= 40 else 0.75 * count <= least < 0.75 * count + 1
    assert least <= count


def test_a_group_of_one_or_two_that_was_asked_for_keeps_its_figures(dataset):
    pair = comparator(dataset, "13010,13011")
    row = indicator_rows(dataset, "13010", pair, ["ctx_population"]).iloc[0]
    assert row["group_median"] == 29_001  # the other of the two


def test_factors_stand_in_the_order_of_the_framework_with_every_strand(dataset, neteland):
    rows = factor_rows(dataset, "13011", neteland)
    expected = [(dimension, strand) for dimension in dataset.framework.dimensions for strand in STRANDS]
    assert list(rows[["dimension", "strand"]].itertuples(index=False, name=None)) == expected
    assert rows["indicators"].tolist() == [len(dataset.framework.of(*key)) for key in expected]


def test_a_factor_holds_its_score_its_group_and_flanders(dataset, neteland):
    rows = factor_rows(dataset, "13011", neteland).set_index(["dimension", "strand"])
    scores = dataset.tables.scores.set_index(["code", "strand", "nis_code"])["score"].sort_index()
    for key in (("leren", "residents"), ("diversiteit", "register")):
        of_all = scores.loc[key]
        assert rows.loc[key, "score"] == of_all["13011"]
        others = [code for code in NETELAND if code != "13011"]
        assert rows.loc[key, "group_median"] == pytest.approx(median(of_all[others]))
        assert rows.loc[key, "all_median"] == pytest.approx(median(known(of_all)))


def test_a_factor_that_nobody_was_asked_about_says_so(dataset, neteland):
    rows = factor_rows(dataset, "13011", neteland).set_index(["dimension", "strand"])
    assert rows.loc[("leren", "self"), "missing_reason"] == "not_collected"
    assert rows.loc[("leren", "self"), ["score", "all_median"]].isna().all()


def test_gaps_are_everything_without_a_value_and_everything_wanted(dataset):
    gaps = gap_table(dataset, "46030")
    missing = dataset.values.loc["46030"]
    own, wanted = gaps[~gaps["wanted"]], gaps[gaps["wanted"]]
    assert set(own["code"]) == set(missing.index[missing.isna()])
    assert set(wanted["code"]) == set(dataset.framework.candidates)
    assert gaps["wanted"].is_monotonic_increasing


def test_a_gap_that_was_never_collected_has_no_year_and_the_others_have(dataset):
    gaps = gap_table(dataset, "46030").set_index("code")
    assert pd.isna(gaps.loc["self_leren", "year"])
    assert gaps.loc["ctx_income_median", ["year", "missing_reason"]].tolist() == [2023, "merged_area"]
    places = [list(dataset.framework.dimensions).index(d) for d in gaps.loc[~gaps["wanted"], "dimension"] if d]
    assert places == sorted(places)


def test_gaps_stand_in_the_order_of_the_framework(dataset):
    gaps = gap_table(dataset, MERGED)
    own = gaps.loc[~gaps["wanted"], "code"].tolist()
    everything = [*dataset.framework.indicators, *dataset.framework.context]
    assert len(own) > 2
    assert own == [code for code in everything if code in own]


def test_who_has_the_same_value_lies_neither_below_nor_above(dataset, neteland):
    row = indicator_rows(dataset, MERGED, neteland, ["ctx_candidate_lists"]).iloc[0]
    values = dataset.values["ctx_candidate_lists"].drop(MERGED).dropna()
    level = int((values == row["value"]).sum())
    assert level > 0
    assert row["share_below"] + row["share_above"] == pytest.approx(1 - level / len(values))


def test_roles_are_compared_in_the_order_of_the_factors_and_on_their_own_answers(example_dataset):
    rows = pd.DataFrame(role_facts(example_dataset, "13011"))
    order = list(example_dataset.framework.dimensions)
    places = [order.index(code) for code in rows["code"]]
    assert places
    assert places == sorted(places)
    table = example_dataset.tables.estimates
    last = table[(table["nis_code"] == "13011") & (table["wave"] == table["wave"].max())]
    own, other = (
        last[last["group"] == f"role:{role}"].set_index("code")["mean_score"]
        for role in example_dataset.framework.compared_roles
    )
    assert rows["gap"].tolist() == pytest.approx([own[code] - other[code] for code in rows["code"]])
    assert (rows["clear"] == ((rows["low"] > 0) | (rows["high"] < 0))).all()


def test_without_a_self_assessment_no_roles_are_compared(dataset):
    assert role_facts(dataset, "13011") == []


def test_a_comparator_leaves_out_the_one_that_is_compared(dataset, neteland):
    row = indicator_rows(dataset, "13011", neteland, ["ctx_population"]).iloc[0]
    others = dataset.values["ctx_population"][[code for code in NETELAND if code != "13011"]]
    assert row["group_n"] == 4
    assert row["group_median"] == pytest.approx(median(others))


def waves(dataset: Dataset, changes: dict[str, float]) -> Dataset:
    """A dataset in which municipalities answered two waves, with the change of one factor by code."""
    facts = {"code": "leren", "level": "dimension", "earlier": "2025", "later": "2026", "method": "unpaired"}
    rows = [{**facts, "nis_code": code, "change": change, "low": -9.0, "high": 9.0} for code, change in changes.items()]
    table = pd.DataFrame(rows).reindex(columns=["why_not", *rows[0]])
    return replace(dataset, tables=replace(dataset.tables, changes=table), kept={})


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=5))
@settings(max_examples=25)
def test_a_change_between_waves_has_the_median_change_of_the_others_beside_it(
    dataset: Dataset, sizes: list[float]
) -> None:
    codes = dict(zip(FIVE, sizes, strict=False))
    about = waves(dataset, codes)
    for code, change in codes.items():
        (row,) = change_rows(about, code, comparator(about, "neteland"))
        others = [size for other, size in codes.items() if other != code]
        assert row["change"] == change
        if len(others) < LEAST_GROUP:
            assert np.isnan(row["group_median"])
        else:
            assert row["group_median"] == pytest.approx(median(others))


def test_a_change_is_not_compared_with_one_between_other_waves(dataset: Dataset) -> None:
    about = waves(dataset, dict.fromkeys(FIVE, 1.0))
    table = about.tables.changes
    table.loc[table["nis_code"].isin(FIVE[1:3]), "earlier"] = "2024"
    (row,) = change_rows(about, FIVE[0], comparator(about, "neteland"))
    assert np.isnan(row["group_median"])
    assert change_rows(about, "11002", comparator(about, "neteland")) == []
