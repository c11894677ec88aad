"""Weighted means, shares and intervals per municipality, held against R's survey and binom packages."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from resilience_analysis.survey.bygroup import Design
from resilience_analysis.survey.intervals import wilson
from resilience_analysis.survey.scores import Units, grouped_means
from resilience_analysis.survey.tables import estimate_file
from resilience_analysis.survey.weights import EstimateOptions

REFERENCE = Path(__file__).parents[3] / "shared" / "conformance" / "survey"
TOLERANCE = 1e-9
pytestmark = pytest.mark.skipif(not REFERENCE.is_dir(), reason="R's results lie outside the repository")


def reference(name):
    return pd.read_csv(REFERENCE / name)


@pytest.fixture(scope="module")
def tables():
    from resilience_analysis.survey.items import load_instrument

    options = EstimateOptions(
        by="municipality",
        items=REFERENCE / "likert_items.csv",
        weight="weight",
        missing=["9"],
        internal=True,
    )
    return estimate_file(REFERENCE / "likert.csv", options, load_instrument()).tables


@pytest.mark.parametrize(
    ("column", "theirs"),
    [("mean", "estimate"), ("mean_se", "se"), ("mean_low", "lcl"), ("mean_high", "ucl"), ("n", "n")],
)
def test_weighted_mean_per_municipality_is_what_svyby_gives(tables, column, theirs):
    mine = tables["items.csv"].query("item == 'SOC1'").set_index("by")[column]
    expected = reference("by_municipality_SOC1.csv").set_index("municipality")[theirs]
    np.testing.assert_allclose(mine[expected.index], expected, rtol=TOLERANCE, atol=TOLERANCE)


def test_coefficient_of_variation_follows_from_mean_and_error(tables):
    mine = tables["items.csv"].query("item == 'SOC1'").set_index("by")
    expected = reference("by_municipality_SOC1.csv").set_index("municipality")["cv"]
    np.testing.assert_allclose((mine["mean_se"] / mine["mean"])[expected.index], expected, rtol=TOLERANCE)


def test_share_that_agrees_is_what_svyby_gives(tables):
    mine = tables["items.csv"].query("item == 'SOC1'").set_index("by")["share_agree"] / 100
    expected = reference("by_municipality_SOC1_top2.csv").set_index("municipality")["estimate"]
    np.testing.assert_allclose(mine[expected.index], expected, rtol=TOLERANCE, atol=TOLERANCE)


def test_standard_error_of_a_share_is_what_svyby_gives():
    answers = reference("likert.csv")
    valid = answers[["SOC1"]].where(answers[["SOC1"]].le(4))
    agree = (valid >= 3).astype(float).where(valid.notna())
    design = Design(weights=answers["weight"])
    means = grouped_means(agree, answers["municipality"], design.weights)
    expected = reference("by_municipality_SOC1_top2.csv").set_index("municipality")
    np.testing.assert_allclose(means.se["SOC1"][expected.index], expected["se"], rtol=TOLERANCE, atol=TOLERANCE)


def test_weighted_mean_over_strata_is_what_svydesign_gives():
    answers, items = reference("likert.csv"), reference("likert_items.csv")
    expected = reference("item_weighted_stratified.csv").set_index("item")
    values = answers[items["item"].tolist()].replace(9, np.nan).astype(float)
    turned_round = items.loc[items["reverse"].astype(str).str.casefold() == "true", "item"].tolist()
    values[turned_round] = 5 - values[turned_round]
    net = ((values >= 3).astype(float) - (values <= 2).astype(float)).where(values.notna())
    everybody, units = pd.Series("all", index=values.index), Units(strata=answers["municipality"])
    for numbers, name in ((values, "mean"), (net, "net"), ((net + 1) / 2, "top2")):
        means = grouped_means(numbers, everybody, answers["weight"], units=units)
        np.testing.assert_allclose(means.mean.loc["all", expected.index], expected[name], rtol=TOLERANCE)
        np.testing.assert_allclose(means.se.loc["all", expected.index], expected[f"{name}_se"], rtol=TOLERANCE)


def test_wilson_interval_is_what_binom_gives():
    grid = reference("proportion_grid.csv")
    for confidence, rows in grid.groupby("conf"):
        low, high = wilson(rows["p"], rows["n"], confidence=confidence)
        np.testing.assert_allclose(low, rows["wilson_l"], rtol=TOLERANCE, atol=1e-12)
        np.testing.assert_allclose(high, rows["wilson_u"], rtol=TOLERANCE, atol=1e-12)


def test_published_tables_hide_the_municipality_of_three(tables):
    status = tables["items.csv"].groupby("by")["status"].agg(set)
    assert status["M14"] == {"suppressed"}
    assert status["M13"] == {"suppressed"}
    assert status["M01"] == {"ok"}
