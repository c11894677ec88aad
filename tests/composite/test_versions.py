from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from resilience_analysis import composite
from resilience_analysis.foundation.errors import InputError, UsageError

from .conftest import make_metadata, make_random


def test_changes_side_by_side_are_the_runs_one_by_one():
    data, metadata = make_random(), make_metadata()
    changes = {
        "geometric": {"settings": {"aggregate.method": "geometric", "normalise.bounds": (1, 100)}},
        "heavy a": {"weights": {"a": 10}},
        "no b": {"drop": ["b"]},
        "turned c": {"metadata": {"c": {"direction": -1}}},
    }
    found = composite.what_if(data, metadata=metadata, changes=changes)
    assert list(found.scores.columns) == ["nominal", *changes]
    heavy = metadata.assign(weight=metadata["weight"].where(metadata.index != "a", 10))
    expected = composite.score(data, metadata=heavy).tables["scores"]["index"]
    np.testing.assert_allclose(found.scores["heavy a"], expected)
    without = composite.leave_one_out(composite.normalise(data, metadata=metadata), metadata=metadata, level=1)
    np.testing.assert_allclose(found.scores["no b"], without.scores["b"])
    pd.testing.assert_frame_equal(found.ranks, composite.ranks(found.scores))
    moved = (found.ranks["no b"] != found.ranks["nominal"]).sum()
    assert found.effect.loc["no b", "moved"] == moved


def test_an_aggregate_left_out_takes_its_indicators_and_empty_parents_with_it():
    found = composite.what_if(make_random(), metadata=make_metadata(), changes={"no social": {"drop": ["social"]}})
    run = found.runs["no social"]
    assert list(run.tables["scores"].columns) == ["c", "d", "spatial", "index"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"drop": ["zz"]}, "unknown code 'zz'"),
        ({"weight": {"a": 1}}, "unknown change 'weight'; did you mean 'weights'"),
    ],
)
def test_an_unknown_change_is_refused_with_the_known_ones(change, said):
    with pytest.raises(UsageError, match=said):
        composite.what_if(make_random(), metadata=make_metadata(), changes={"x": change})


def test_versions_are_compared_by_scores_ranks_and_their_difference():
    one = pd.DataFrame({"index": [1.0, 2.0, 3.0]}, index=list("ABC"))
    other = pd.DataFrame({"index": [3.0, 2.0, 1.0]}, index=list("ABC"))
    both = {"one": one, "other": other}
    assert composite.compare_versions(both, code="index")["other"].tolist() == [1, 2, 3]
    assert composite.compare_versions(both, code="index", by="difference")["other"].tolist() == [2, 0, -2]
    assert composite.compare_versions(both, code="index", by="size")["other"].tolist() == [2, 0, 2]


def test_functions_of_the_caller_do_every_step(data):
    metadata = make_metadata()
    settings = {
        "impute.method": lambda x: np.nan_to_num(x, nan=np.nanmax(x)),
        "treat.method": np.sqrt,
        "normalise.method": lambda x: x - np.nanmin(x),
        "weights.method": lambda _, tidy: tidy["weight"].fillna(1.0) * 2,
        "aggregate.method": lambda x, w: np.nanmax(x, axis=1) + 0 * w.sum(),
    }
    found = composite.score(data, metadata=metadata, settings=settings)
    assert found.tables["imputed"].loc["EE", "a"] == 40
    assert found.tables["normalised"]["b"].tolist() == [0, 1, 2, 3, 4]
    assert found.weights["spatial"] == 4
    expected = found.tables["normalised"][["a", "b"]].max(axis=1)
    np.testing.assert_allclose(found.tables["scores"]["social"], expected)
    draws = composite.uncertainty(data, metadata=metadata, choices={"weights.noise": 0.1}, settings=settings, n=4)
    np.testing.assert_allclose(draws.intervals["low"], draws.intervals["score"])


@pytest.mark.parametrize(
    "settings",
    [
        {"normalise.method": lambda x: x[:1]},
        {"impute.method": lambda x: x[:1]},
        {"treat.method": lambda x: x[:1], "treat.max_skewness": 0.0, "treat.max_kurtosis": -9.0},
        {"aggregate.method": lambda _, w: w},
    ],
)
def test_a_function_that_returns_too_few_is_refused(data, settings):
    with pytest.raises(UsageError, match=r"the function for \w+ gives"):
        composite.score(data, metadata=make_metadata(), settings=settings)


def test_results_begin_with_the_best_unit_and_the_top(scaled):
    metadata = make_metadata(name={"index": "The index"})
    scores = composite.aggregate(scaled, metadata=metadata)
    also = pd.DataFrame({"group": ["x", "y", "x"]}, index=scores.index)
    found = composite.results(scores, metadata=metadata, also=also)
    assert list(found.columns) == ["group", "rank", "index", "social", "spatial"]
    assert found["rank"].tolist() == [1, 2, 3]
    assert found.index[0] == scores["index"].idxmax()
    within = composite.results(scores, metadata=metadata, by="ranks", within=also["group"], columns="top")
    assert within.loc["BB", "index"] == 1
    summary = composite.unit_summary(scores, metadata=metadata, unit="BB")
    assert summary.index.tolist() == ["index", "social", "spatial", "a", "b", "c", "d"]
    assert summary.loc["index", ["name", "level", "of"]].tolist() == ["The index", 3, 3]
    assert summary.loc["index", "rank"] == composite.ranks(scores).loc["BB", "index"]
    assert pd.isna(summary.loc["c", "rank"])


def test_principal_components_rebuild_the_correlation_matrix():
    metadata = make_metadata()
    scores = composite.aggregate(composite.normalise(make_random(), metadata=metadata), metadata=metadata)
    found = composite.principal_components(scores, metadata=metadata)
    family = found.loadings[found.loadings["aggregate"] == "social"].pivot(
        index="code", columns="component", values="correlation"
    )
    np.testing.assert_allclose(family @ family.T, scores[["a", "b"]].corr(), atol=1e-12)
    first = composite.pca_weights(scores, metadata=metadata)
    own = found.loadings.query("component == 1").set_index("code")["loading"]
    np.testing.assert_allclose(first.loc[own.index, "loading"], own)
    variances = found.variances[found.variances["aggregate"] == "social"]
    assert variances["eigenvalue"].sum() == pytest.approx(2)
    assert variances["cumulative"].iloc[-1] == pytest.approx(1)
    np.testing.assert_allclose(found.scores["social 1"].var(), variances["eigenvalue"].iloc[0])


def test_correlations_of_levels_keep_families_or_ancestors():
    metadata = make_metadata()
    scores = composite.aggregate(composite.normalise(make_random(), metadata=metadata), metadata=metadata)
    parents = composite.level_correlations(scores, metadata=metadata, levels=(1, 2), with_parent=True)
    assert list(zip(parents["first"], parents["second"], strict=True)) == [
        ("a", "social"), ("b", "social"), ("c", "spatial"), ("d", "spatial"),
    ]  # fmt: skip
    assert parents["correlation"].iloc[0] == pytest.approx(scores["a"].corr(scores["social"]))
    grouped = composite.level_correlations(scores, metadata=metadata, grouped=True)
    assert set(grouped["family"]) == {"social", "spatial"}
    assert len(grouped) == 8
    with pytest.raises(UsageError, match="no code has level 5"):
        composite.level_correlations(scores, metadata=metadata, levels=(1, 5))


def test_denominators_that_go_with_an_indicator_are_named(data):
    sizes = pd.DataFrame({"people": data["b"] * 3, "area": [1.0, 9.0, 2.0, 8.0, 3.0]}, index=data.index)
    found = composite.denominator_correlations(data, sizes, threshold=0.999)
    assert found[["first", "second"]].to_numpy().tolist() == [["b", "people"]]


def test_outranking_counts_weights_in_which_one_is_better(scaled):
    found = composite.outranking_matrix(scaled, metadata=make_metadata())
    effective = composite.effective_weights(make_metadata())["effective"]
    both = [code for code in "abcd" if scaled.loc[["AA", "CC"], code].notna().all()]
    better = sum(effective[code] for code in both if scaled.loc["AA", code] > scaled.loc["CC", code])
    assert found.loc["AA", "CC"] == pytest.approx(better / effective[both].sum())
    np.testing.assert_allclose(found + found.T, 1)


def test_imputation_along_years_says_which_years_a_value_is_of(panel, metadata):
    latest = composite.impute(panel, metadata=metadata, method="latest").log.set_index(["unit", "year", "code"])
    assert latest.loc[("AA", 2020, "a"), ["from_year", "to_year"]].tolist() == [2018, 2018]
    assert pd.isna(latest.loc[("AA", 2018, "c"), "from_year"])
    line = composite.impute(panel, metadata=metadata, method="linear").log.set_index(["unit", "year", "code"])
    assert line.loc[("AA", 2020, "a"), ["from_year", "to_year"]].tolist() == [2018, 2021]
    assert line.loc[("AA", 2018, "c"), ["from_year", "to_year"]].tolist() == [2020, 2020]
    constant = composite.impute(panel, metadata=metadata, method="constant").log.set_index(["unit", "year", "code"])
    assert constant.loc[("BB", 2018, "a"), "from_year"] == 2020


def test_a_group_ranks_on_its_own_and_a_unit_without_one_has_no_rank():
    scores = pd.DataFrame({"index": [5.0, 9.0, 7.0, 1.0]}, index=list("ABCD"))
    found = composite.ranks(scores, within=pd.Series(["x", "y", "x", None], index=scores.index))
    assert found["index"].tolist()[:3] == [2, 1, 1]
    assert pd.isna(found.loc["D", "index"])


def test_a_workbook_has_every_table_of_a_run(tmp_path, data):
    metadata = make_metadata()
    scored = composite.score(data, metadata=metadata, settings={"impute.method": "mean", "treat.winmax": 1})
    path = composite.export_workbook(tmp_path / "run.xlsx", scored, metadata=metadata)
    sheets = pd.read_excel(path, sheet_name=None, engine="openpyxl")
    assert list(sheets)[:3] == ["metadata", "weights", "data"]
    assert {*scored.tables, *scored.records, "notes"} <= set(sheets)
    found = sheets["scores"].set_index("unit")
    np.testing.assert_allclose(found, scored.tables["scores"])


@pytest.mark.parametrize("units", [list("ABCDE"), range(5)])
@pytest.mark.parametrize("name", [None, "unit", "index"])
def test_every_row_of_a_workbook_says_which_unit_or_code_it_is_of(tmp_path, name, units):
    data, metadata = composite.example_index()
    data.index = pd.Index(units)
    settings = {"impute.method": "mean", "screen.min_available": 0.5, "weights.method": "optimised"}
    scored = composite.score(data.rename_axis(name), metadata=metadata, settings=settings)
    path = composite.export_workbook(tmp_path / "run.xlsx", scored, metadata=metadata)
    sheets = pd.read_excel(path, sheet_name=None, engine="openpyxl")
    assert sheets["optimisation"]["code"].tolist() == list(scored.records["optimisation"].index)
    for sheet in ("screening", "data", "scores"):
        assert sheets[sheet]["unit"].tolist() == list(data.index)


def coin_tool(path) -> None:
    """Write a small workbook laid out as the COIN Tool."""
    from openpyxl import Workbook

    book = Workbook()
    base, frame = book.active, book.create_sheet("Framework")
    base.title = "Database"
    above = [[1, 2, 1], [1, -1, 1], [0, 0, 10], [10, 50, 90], ["Index"] * 3, ["si.01"] * 3, ["p.01", "p.01", "p.02"]]
    above += [["sp.01"] * 3, ["Trust in people", "Crimes a year", "Green space"], ["Ind.01", "Ind.02", "Ind.03"]]
    for row, cells in enumerate(above, 7):
        for column, cell in enumerate(cells, 5):
            base.cell(row, column, cell)
    for row, (name, code, *values) in enumerate(
        [("Aa", "A", 1, 5, 10), ("Bb", "B", 5, 20, "n/a"), ("Cc", "C", 9, 9, 90)], 17
    ):
        for column, cell in zip([2, 3, 5, 6, 7], [name, code, *values], strict=True):
            base.cell(row, column, cell)
    frame.cell(4, 3, "Dimension/indicator")
    for row, (name, weight, code) in enumerate(
        [("The index", 1, "Index"), ("People", 3, "p.01"), ("Place", 1, "p.02")], 5
    ):
        for column, cell in zip([3, 5, 8], [name, weight, code], strict=True):
            frame.cell(row, column, cell)
    book.save(path)


def test_a_workbook_of_the_coin_tool_is_read_and_scored_by_one_command(tmp_path):
    from resilience_analysis.composite.scoring import run

    coin_tool(tmp_path / "tool.xlsx")
    found = composite.import_coin_tool(tmp_path / "tool.xlsx")
    assert found.metadata["parent"].to_dict() == {
        "Ind.01": "p.01", "Ind.02": "p.01", "Ind.03": "p.02", "p.01": "Index", "p.02": "Index", "Index": "",
    }  # fmt: skip
    assert found.metadata.loc["p.01", ["name", "weight"]].tolist() == ["People", 3]
    assert found.metadata.loc["Ind.02", ["weight", "direction", "goalpost_upper"]].tolist() == [2, -1, 50]
    assert found.data["Ind.03"].isna().tolist() == [False, True, False]
    named = composite.import_coin_tool(tmp_path / "tool.xlsx", make_codes=True)
    assert list(named.data.columns) == ["TrusPeop", "CrimYear", "GreeSpac"]
    run(tmp_path / "tool.xlsx", tmp_path / "tool.xlsx", tmp_path / "out", asked={})
    scores = pd.read_csv(tmp_path / "out" / "scores.csv").set_index("unit")
    expected = composite.score(found.data, metadata=found.metadata).tables["scores"]
    np.testing.assert_allclose(scores, expected)


@pytest.mark.parametrize(
    ("cell", "value", "said"),
    [
        ("E17", "much", "cell E17: 'much' is not a number"),
        ("E17", "=1/0", "cell E17: has a formula without an outcome, or an error"),
        ("E7", "heavy", "cell E7: 'heavy' is not a number"),
        ("F13", None, "cell F13: has no pillar, and others do"),
        ("C18", None, "cell C18: has no code of a unit"),
        ("G16", None, "cell G16: has no code of an indicator"),
    ],
)
def test_a_cell_of_the_coin_tool_that_cannot_be_used_is_named_and_never_left_out(tmp_path, cell, value, said):
    from openpyxl import load_workbook

    coin_tool(tmp_path / "tool.xlsx")
    book = load_workbook(tmp_path / "tool.xlsx")
    book["Database"][cell].value = value
    book.save(tmp_path / "tool.xlsm")
    assert composite.is_coin_tool(tmp_path / "tool.xlsm")
    with pytest.raises(InputError, match=re.escape(said)):
        composite.import_coin_tool(tmp_path / "tool.xlsm")


def test_an_indicator_of_the_coin_tool_that_has_a_name_but_no_value_stays(tmp_path):
    from openpyxl import load_workbook

    coin_tool(tmp_path / "tool.xlsx")
    book = load_workbook(tmp_path / "tool.xlsx")
    for row in (17, 18, 19):
        book["Database"].cell(row, 7).value = None
    book.save(tmp_path / "tool.xlsx")
    found = composite.import_coin_tool(tmp_path / "tool.xlsx")
    assert found.data["Ind.03"].isna().all()


def test_versions_correlate_by_their_ranks_as_spearman_says():
    random = np.random.default_rng(4)
    units = pd.Index([f"u{n}" for n in range(12)], name="unit")
    versions = {name: pd.DataFrame({"index": random.normal(size=12)}, index=units) for name in ("ours", "theirs")}
    pairs = composite.correlations(composite.compare_versions(versions, code="index", by="ranks")).set_index(
        ["first", "second"]
    )
    by_scipy = stats.spearmanr(*(table["index"] for table in versions.values())).statistic
    assert pairs.loc[("ours", "theirs"), "correlation"] == pytest.approx(by_scipy, abs=1e-12)
