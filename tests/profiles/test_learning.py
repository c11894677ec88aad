"""Who can learn from whom: only where the interval of the difference leaves out zero, nearest first."""

from __future__ import annotations

import math
from html import unescape
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from tests.small import NETELAND

from resilience_analysis.pages.sections.learning import learning
from resilience_analysis.pages.sections.next_steps import ask, contact_lines
from resilience_analysis.pages.subject import subject
from resilience_analysis.profiles.learning import (
    MOST_INDICATORS,
    comparable,
    comparisons,
    differences,
    learn_from,
    where_they_differ,
)
from resilience_analysis.profiles.region import learning_matrix
from resilience_analysis.profiles.rows import Comparator, comparator

KEY = ("leren", "residents")


def with_scores(dataset, values: dict[str, tuple[float, float]]):
    """Return a dataset in which only these municipalities have a margin, with this score, on one factor alone."""
    scores = dataset.tables.scores.copy()
    scores[["low", "high", "margin_below", "margin_above"]] = float("nan")
    for code, (score, margin) in values.items():
        mine = (scores["nis_code"] == code) & (scores["code"] == KEY[0]) & (scores["strand"] == KEY[1])
        scores.loc[mine, ["score", "low", "high"]] = [score, score - margin, score + margin]
        scores.loc[mine, ["margin_below", "margin_above"]] = margin
    return dataset.with_scores(scores)


@pytest.fixture(scope="module")
def hand_made(dataset):
    """Three municipalities with scores that can be checked by hand."""
    return with_scores(dataset, {"13010": (40, 3), "13011": (50, 4), "13012": (46, 4)})


def pair(table: pd.DataFrame, one: str, other: str) -> pd.Series:
    return table[(table["nis_code"] == one) & (table["other"] == other)].iloc[0]


def test_the_margin_of_a_difference_is_the_root_of_the_squared_margins(hand_made):
    row = pair(differences(hand_made, list(NETELAND)), "13010", "13011")
    margin = math.sqrt(3**2 + 4**2)
    assert row["difference"] == 50 - 40
    assert (row["low"], row["high"]) == pytest.approx((10 - margin, 10 + margin))
    assert row["clear"]


def test_a_difference_whose_interval_takes_in_zero_is_not_clear(hand_made):
    row = pair(differences(hand_made, list(NETELAND)), "13012", "13011")
    assert row["low"] == pytest.approx(4 - math.sqrt(32))
    assert not row["clear"]


def test_every_pair_stands_there_both_ways_with_opposite_signs(hand_made):
    table = differences(hand_made, ["13010", "13011", "13012"])
    assert len(table) == 3 * 2
    there, back = pair(table, "13010", "13012"), pair(table, "13012", "13010")
    assert (there["difference"], there["low"], there["high"]) == (-back["difference"], -back["high"], -back["low"])


def test_factors_without_sampling_error_are_left_out(dataset):
    table = differences(dataset, list(NETELAND))
    assert set(table["strand"]) == {"residents"}


def test_all_real_differences_are_what_the_scores_say(dataset):
    scores = dataset.tables.scores.set_index(["nis_code", "code", "strand"])
    for row in differences(dataset, list(NETELAND)).itertuples():
        own, other = (scores.loc[(code, row.dimension, row.strand)] for code in (row.nis_code, row.other))
        assert row.difference == pytest.approx(other["score"] - own["score"])
        assert row.low == pytest.approx(row.difference - math.hypot(other["margin_below"], own["margin_above"]))
        assert row.high == pytest.approx(row.difference + math.hypot(other["margin_above"], own["margin_below"]))
        assert not row.clear or row.low > 0 or row.high < 0


def group(codes) -> Comparator:
    return Comparator("own", {"nl": "own", "en": "own"}, tuple(codes))


def test_whom_to_visit_lies_clearly_higher_and_the_nearest_comes_first(dataset):
    values = {
        "13010": (20.0, 2.0),
        "13011": (60.0, 2.0),
        "13012": (70.0, 2.0),
        "13029": (65.0, 2.0),
        "13044": (21.0, 2.0),
    }
    found = learn_from(with_scores(dataset, values), "13010", comparator(dataset, "neteland"), most=2)
    higher = ["13011", "13012", "13029"]  # 13044 is not clearly higher
    distances = dataset.distances("13010")[higher].sort_values()
    assert found["nis_code"].tolist() == list(distances.index[:2])
    assert found["distance"].tolist() == pytest.approx(list(distances[:2]))
    assert (found["low"] > 0).all()
    assert set(found["dimension"]) == {KEY[0]}


def benjamini_hochberg(p: list[float], rate: float) -> set[int]:
    """Return the places of what is called clear, step by step as in the paper."""
    ordered = sorted(range(len(p)), key=lambda place: p[place])
    passing = [rank for rank, place in enumerate(ordered, start=1) if p[place] <= rank / len(p) * rate]
    return set(ordered[: max(passing, default=0)])


@pytest.mark.parametrize("codes", [list(NETELAND), ["13011", "13040", "13025", "11001", "12025", "23088"]])
def test_clear_differences_are_those_of_benjamini_and_hochberg_over_all_pairs_and_factors(dataset, codes):
    table = differences(dataset, codes)
    once = table[table["nis_code"] < table["other"]].reset_index(drop=True)
    towards_zero = (once["difference"] - once["low"]).where(once["difference"] > 0, once["high"] - once["difference"])
    p = [
        2 * NormalDist().cdf(-1.959963984540054 * abs(d) / m)
        for d, m in zip(once["difference"], towards_zero, strict=False)
    ]
    found = comparisons(dataset, codes)
    assert set(once.index[once["clear"]]) == benjamini_hochberg(p, found.rate)
    assert (found.made, found.clear) == (len(once), once["clear"].sum())
    assert found.expected_false == pytest.approx(0.05 * once["clear"].sum())


def test_comparisons_are_the_same_however_many_are_made_at_once(dataset, monkeypatch):
    codes = list(comparator(dataset, "kempen").codes)
    expected = comparisons(dataset, codes)
    monkeypatch.setattr("resilience_analysis.profiles.learning._AT_ONCE", 70)
    assert comparisons(dataset.with_scores(dataset.tables.scores), codes) == expected
    assert expected.clear


def test_five_municipalities_that_are_the_same_differ_clearly_in_at_most_one_of_twenty_reports(dataset):
    """With no true difference every clear one is false: it may occur in 5 % of reports, not 2.8 times in each."""
    rows = dataset.tables.scores
    five = rows[(rows["code"] == KEY[0]) & (rows["strand"] == KEY[1]) & rows["nis_code"].isin(NETELAND)]
    five = five.assign(margin_below=5.0, margin_above=5.0)
    draws, reports = np.random.default_rng(3), 400
    found = [
        comparisons(dataset.with_scores(five.assign(score=draws.normal(50, 5 / 1.96, 5))), list(NETELAND)).clear
        for _ in range(reports)
    ]
    assert np.mean(np.array(found) > 0) <= 0.05 + 1.96 * math.sqrt(0.05 * 0.95 / reports)


def test_the_page_of_a_municipality_and_the_report_of_its_region_say_the_same(dataset):
    region = comparator(dataset, "neteland")
    pairs = learning_matrix(dataset, region)
    for code in NETELAND:
        mine = learn_from(dataset, code, region)[["nis_code", "dimension"]]
        theirs = pairs.loc[pairs["nis_code"] == code, ["other", "dimension"]]
        assert set(mine.itertuples(index=False, name=None)) == set(theirs.itertuples(index=False, name=None))


def test_the_self_assessment_takes_no_part(example_dataset):
    scores = example_dataset.tables.scores
    assert scores.loc[scores["strand"] == "self", "margin_below"].notna().any()
    assert set(differences(example_dataset, list(NETELAND))["strand"]) == {"residents"}


def test_a_municipality_without_scores_cannot_be_compared(dataset):
    codes = ["73028", *NETELAND]
    assert comparable(dataset, codes) == set(NETELAND)
    assert learn_from(dataset, "73028", group(NETELAND)).empty


def test_a_municipality_may_look_at_a_group_that_it_does_not_belong_to(dataset):
    values = {"13010": (10.0, 1.0), "13011": (50.0, 1.0), "13012": (60.0, 1.0)}
    found = learn_from(with_scores(dataset, values), "13010", group(["13011", "13012"]))
    assert set(found["nis_code"]) == {"13011", "13012"}


def test_at_most_so_many_examples_are_named_per_factor(dataset):
    found = learn_from(dataset, "13012", comparator(dataset, "flanders"), most=3)
    assert found.groupby(["dimension", "strand"]).size().max() <= 3
    places = [list(dataset.framework.dimensions).index(d) for d in found["dimension"]]
    assert places == sorted(places)


def test_the_indicators_that_make_a_difference_are_those_where_the_other_lies_ahead_the_largest_first(dataset):
    seen = 0
    for other in NETELAND[1:]:
        parts = {}
        for entry in dataset.framework.of(*KEY):
            low, high = entry.goalposts
            here, there = (
                min(max((float(dataset.values.at[code, entry.id]) - low) / (high - low), 0), 1)
                for code in (NETELAND[0], other)
            )
            parts[entry.id] = entry.weight * (there - here) * (1 if entry.direction > 0 else -1)
        said = where_they_differ(dataset, NETELAND[0], other, *KEY)
        assert said == sorted((code for code in parts if parts[code] > 0), key=parts.get, reverse=True)[: len(said)]
        assert len(said) == min(MOST_INDICATORS, sum(part > 0 for part in parts.values()))
        seen += len(said)
    assert seen


@pytest.mark.parametrize("language", ["nl", "en"])
def test_whom_to_learn_from_is_told_with_the_indicator_both_values_a_question_and_an_organisation(hand_made, language):
    about = subject(hand_made, "13010", language=language)
    page, (code, *_) = learning(about).standalone(), where_they_differ(hand_made, "13010", "13011", *KEY)
    assert about.label(code) in unescape(page)
    assert about.write(code, hand_made.values.at["13010", code]) in page
    assert about.write(code, hand_made.values.at["13011", code]) in page
    assert ask(about, KEY[0])
    assert ask(about, KEY[0]) in unescape(page)
    contacts = [contact["name"] for contact in contact_lines(about, of="13011")]
    assert contacts
    assert all(name in unescape(page) for name in contacts)
