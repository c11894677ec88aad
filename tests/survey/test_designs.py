"""Strata, clusters and reliability compared with what R gave for a small table (`r/make.R` made the results)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.survey.bygroup import Design, estimate_items
from resilience_analysis.survey.intervals import finite_population
from resilience_analysis.survey.reliability import item_reliability, reliability
from resilience_analysis.survey.scores import Units, grouped_means
from resilience_analysis.survey.tables import estimate_file
from resilience_analysis.survey.weights import EstimateOptions

FROM_R = Path(__file__).parent / "r"
ANSWERS = pd.read_csv(FROM_R / "answers.csv", dtype={"street": str})
DESIGNS = pd.read_csv(FROM_R / "designs.csv", dtype={"share": bool})
POPULATION = pd.read_csv(FROM_R / "population.csv", dtype={"weighted": bool, "share": bool})
UNITS = {
    "strata": Units(strata=ANSWERS["district"]),
    "cluster": Units(clusters=ANSWERS["street"]),
    "both": Units(strata=ANSWERS["district"], clusters=ANSWERS["street"]),
}
KEYS = ["town", "item"]
SCALE = {"A": ["A1", "A2", "A3"]}


def values_of(*, share=False):
    values = ANSWERS[["A1", "A2", "A3", "B1"]].astype(float)
    return (values >= 3).astype(float).where(values.notna()) if share else values


def expected(design, column, *, share=False):
    rows = DESIGNS[(DESIGNS["design"] == design) & (DESIGNS["share"] == share)]
    return rows.pivot_table(index="town", columns="item", values=column, sort=True)


@pytest.mark.parametrize("share", [False, True])
@pytest.mark.parametrize("design", list(UNITS))
def test_mean_error_and_freedom_of_a_town_by_itself_are_those_of_svymean(design, share):
    means = grouped_means(
        values_of(share=share), ANSWERS["town"], ANSWERS["weight"], units=UNITS[design], whole_table=False
    )
    for mine, theirs in ((means.mean, "mean"), (means.se, "se_of_town"), (means.freedom, "degf"), (means.n, "n")):
        np.testing.assert_allclose(mine, expected(design, theirs, share=share), rtol=1e-9, err_msg=theirs)


@pytest.mark.parametrize("share", [False, True])
@pytest.mark.parametrize("design", list(UNITS))
def test_error_of_a_town_in_the_whole_table_is_that_of_svyby(design, share):
    means = grouped_means(
        values_of(share=share), ANSWERS["town"], ANSWERS["weight"], units=UNITS[design], whole_table=True
    )
    np.testing.assert_allclose(means.se, expected(design, "se_whole_table", share=share), rtol=1e-9)


@pytest.mark.parametrize("design", list(UNITS))
def test_student_interval_of_a_design_is_confint_with_its_degrees_of_freedom(design):
    table = estimate_items(values_of(), ANSWERS["town"], Design(ANSWERS["weight"], interval="t", units=UNITS[design]))
    table = table.rename(columns={"by": "town"})
    for mine, theirs in (("mean_low", "t_low"), ("mean_high", "t_high")):
        found = table.pivot_table(index="town", columns="code", values=mine)
        np.testing.assert_allclose(found, expected(design, theirs), rtol=1e-9)


@pytest.mark.parametrize("weighted", [False, True])
def test_error_with_a_known_number_of_people_is_that_of_svydesign_with_fpc(weighted):
    theirs = POPULATION[POPULATION["weighted"] == weighted].sort_values(["town", "item"])
    people = dict(theirs[["town", "N"]].itertuples(index=False))
    design = Design(ANSWERS["weight"] if weighted else None, population=people)
    table = estimate_items(values_of(), ANSWERS["town"], design).sort_values(["by", "code"])
    means, shares = theirs[~theirs["share"]], theirs[theirs["share"]]
    for mine, column in (("n", "n"), ("mean", "mean"), ("mean_se", "se"), ("mean_low", "low"), ("mean_high", "high")):
        np.testing.assert_allclose(table[mine], means[column], rtol=1e-9, err_msg=mine)
    np.testing.assert_allclose(table["share_agree"], 100 * shares["mean"], rtol=1e-9)
    agree = grouped_means(values_of(share=True), ANSWERS["town"], design.weights, whole_table=False)
    factor = finite_population(agree.n.sort_index(), np.array([[people[town]] * 4 for town in sorted(people)]))
    np.testing.assert_allclose(
        agree.se * factor, shares.pivot_table(index="town", columns="item", values="se"), rtol=1e-9
    )


def test_share_of_people_drawn_together_has_the_wider_interval_of_fewer():
    answers = pd.DataFrame({"A1": [1.0] * 20 + [4.0] * 20})
    by, street = pd.Series("x", index=answers.index), pd.Series(np.arange(40) // 5)
    alone, together = (
        estimate_items(answers, by, Design(units=units)).loc[0] for units in (None, Units(clusters=street))
    )
    assert together["share_agree"] == alone["share_agree"] == 50
    assert together["share_agree_high"] - together["share_agree_low"] > 1.5 * (
        alone["share_agree_high"] - alone["share_agree_low"]
    )


@pytest.mark.parametrize(("file", "complete"), [("alpha.csv", False), ("alpha_complete.csv", True)])
def test_each_item_with_the_rest_is_what_psych_gives(file, complete):
    values = values_of()[SCALE["A"]]
    values = values.dropna() if complete else values
    theirs = pd.read_csv(FROM_R / file).set_index("item")
    mine = item_reliability(values, SCALE, reverse=["A3"]).set_index("item")
    for column, name in (("item_rest_correlation", "r_drop"), ("alpha_if_dropped", "alpha_drop"), ("n", "n")):
        np.testing.assert_allclose(mine[column], theirs[name], rtol=1e-9)
    whole = reliability(values, SCALE, reverse=["A3"]).loc[0]
    np.testing.assert_allclose(whole[["alpha", "alpha_se"]].astype(float), theirs.iloc[0][["alpha", "ase"]], rtol=1e-9)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"cluster": "street", "gap": "district:kern:rand"}, "--gap with a design"),
        ({"cluster": "street", "population": Path("people.csv")}, "--population counts people, and --cluster"),
        ({"strata": "district", "population": Path("people.csv")}, "Take --strata town"),
    ],
)
def test_what_is_not_estimated_for_a_design_is_refused_and_not_left_out(options, said, instrument):
    with pytest.raises(UsageError, match=said):
        estimate_file(FROM_R / "answers.csv", EstimateOptions("town", **options), instrument)
