"""Our scoring against results of COINr 1.1.14; skipped where they are not beside the repository."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from resilience_analysis import composite
from resilience_analysis.composite.scoring import run

CONFORMANCE = Path(__file__).resolve().parents[3] / "shared" / "conformance"
pytestmark = pytest.mark.skipif(not CONFORMANCE.is_dir(), reason="the results of COINr are not here")

DETERMINISTIC = 1e-12


def read(name: str, *, index: str | list[str] = "uCode") -> pd.DataFrame:
    return pd.read_csv(CONFORMANCE / name).set_index(index)


def assert_same(found: pd.DataFrame, expected: pd.DataFrame, *, tolerance: float = DETERMINISTIC) -> None:
    found = found.loc[expected.index, expected.columns].astype(float)
    assert (found.isna() == expected.isna()).all(axis=None)
    np.testing.assert_allclose(found, expected.astype(float), rtol=tolerance, atol=1e-13)


@pytest.fixture(scope="module")
def metadata() -> pd.DataFrame:
    return composite.from_coinr(pd.read_csv(CONFORMANCE / "inputs/asem_iMeta.csv"))


@pytest.fixture(scope="module")
def parameters() -> pd.DataFrame:
    return composite.from_coinr(pd.read_csv(CONFORMANCE / "inputs/asem_iMeta_normparams.csv"))


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return read("inputs/asem_iData.csv")


@pytest.fixture(scope="module")
def raw(table, metadata) -> pd.DataFrame:
    return table[list(metadata.index[metadata["type"] == "indicator"])]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("minmax_0_100", {"method": "minmax", "bounds": (0, 100)}),
        ("zscore_0_1", {"method": "zscore", "bounds": (0, 1)}),
        ("rank_average", {"method": "rank", "ties": "average"}),
        ("prank_average", {"method": "percentile-rank", "ties": "average"}),
        ("goalposts_trunc", {"method": "goalposts"}),
        ("dist2targ_capped", {"method": "distance-to-target"}),
    ],
)
def test_normalisation_agrees_with_coinr(raw, parameters, name, options):
    assert_same(composite.normalise(raw, metadata=parameters, **options), read(f"expected/normalise/{name}.csv"))


@pytest.mark.parametrize(
    ("name", "source", "options"),
    [
        ("amean", "input_minmax_1_100", {}),
        ("gmean_w", "input_minmax_1_100", {"method": "geometric", "weights": True}),
        ("hmean", "input_minmax_1_100", {"method": "harmonic"}),
        ("na_amean_thresh_0.8", "na_input_minmax_1_100", {"min_coverage": 0.8}),
    ],
)
def test_aggregation_agrees_with_coinr(metadata, name, source, options):
    if options.get("weights"):
        options = {**options, "weights": read("expected/aggregate/custom_weights.csv", index="iCode")["Weight"]}
    scores = composite.aggregate(read(f"expected/aggregate/{source}.csv"), metadata=metadata, **options)
    assert_same(scores, read(f"expected/aggregate/{name}.csv"))


def test_imputation_by_mean_agrees_with_coinr(raw, metadata):
    assert_same(composite.impute(raw, metadata=metadata).data, read("expected/impute/i_mean.csv"))


def test_imputation_along_years_agrees_with_coinr(metadata):
    panel = read("expected/impute/panel_linear_input.csv", index=["uCode", "Time"])
    found = composite.impute(panel, metadata=metadata, method="linear").data
    assert_same(found, read("expected/impute/panel_linear.csv", index=["uCode", "Time"]))


def test_treatment_agrees_with_coinr(raw, metadata):
    result = composite.treat(raw, metadata=metadata)
    assert_same(result.data, read("expected/treat/default.csv"))
    details = read("expected/treat/default_details.csv", index="iCode")
    mine = result.details.set_index("code").loc[details.index]
    names = {
        "skewness_raw": "check_SkewKurt0.Skew",
        "kurtosis_raw": "check_SkewKurt0.Kurt",
        "skewness_winsorised": "check_SkewKurt1.Skew",
        "kurtosis_winsorised": "check_SkewKurt1.Kurt",
    }
    assert_same(mine[list(names)].rename(columns=names), details[list(names.values())])
    assert mine["winsorised"].tolist() == details["winsorise.nwin"].fillna(0).tolist()
    assert mine["passes_raw"].tolist() == details["check_SkewKurt0.Pass"].tolist()


def test_effective_weights_agree_with_coinr(metadata):
    expected = read("expected/weights/eff_weights.csv", index="iCode")
    found = composite.effective_weights(metadata).rename(columns={"effective": "EffWeight", "weight": "Weight"})
    assert_same(found, expected[["Weight", "EffWeight"]])


def test_principal_component_agrees_with_coinr_up_to_sign(metadata):
    scores = read("expected/pipeline/07_aggregated.csv")
    found = composite.pca_weights(scores, metadata=metadata, level=2)
    expected = read("expected/weights/pca_level2_by_subindex.csv", index="iCode")["Weight"]
    for _, family in found.loc[expected.index].groupby("parent"):
        sign = np.sign((family["loading"] * expected[family.index]).sum())
        np.testing.assert_allclose(sign * family["loading"], expected[family.index], rtol=1e-6)


def test_descriptive_table_agrees_with_coinr(raw):
    expected = read("expected/analysis/stats_raw.csv", index="iCode")
    found = composite.statistics(raw)
    numbers = ["min", "max", "mean", "median", "sd", "skewness", "kurtosis", "available", "nonzero", "unique", "same"]
    numbers += ["share_available", "share_nonzero", "share_unique", "share_same"]
    flags = ["flag_available", "flag_nonzero", "flag_unique", "flag_outliers"]
    assert_same(found[numbers].set_axis(expected.columns[:15], axis=1), expected[expected.columns[:15]])
    assert (found.loc[expected.index, flags].to_numpy() == expected[expected.columns[15:]].to_numpy()).all()


def test_reliability_agrees_with_coinr(raw, metadata):
    expected = read("expected/analysis/cronbach_raw.csv", index="group")
    found = composite.reliability(raw, metadata=metadata)
    assert_same(found[["alpha"]], expected[["alpha"]])
    assert found.loc[expected.index, "indicators"].tolist() == expected["n_ind"].tolist()


def test_correlations_agree_with_coinr(raw):
    expected = read("expected/analysis/corr_level1_pearson.csv", index=["Var1", "Var2"])
    found = composite.correlations(raw).set_index(["first", "second"])[["correlation"]]
    assert_same(found.set_axis(["Correlation"], axis=1).rename_axis(["Var1", "Var2"]), expected)


def test_whole_pipeline_from_the_command_agrees_with_coinr(tmp_path):
    asked = {
        "denominate": True,
        "impute.method": "group-mean",
        "screen.min_available": 0.9,
        "treat.method": "winsorise",
        "treat.winmax": 5,
        "normalise.bounds": [0.0, 100.0],
        "weights.method": "pca",
    }
    files = (CONFORMANCE / "inputs/asem_iData.csv", CONFORMANCE / "inputs/asem_iMeta.csv")
    run(*files, tmp_path / "pca", asked=asked, group="EurAsia_group")
    loadings = pd.read_csv(tmp_path / "pca" / "weights.csv").set_index("code")["loading"]
    expected = read("expected/weights/pca_level2_by_subindex.csv", index="iCode")["Weight"]
    np.testing.assert_allclose(loadings[expected.index].abs(), expected.abs(), rtol=1e-6)
    asked.pop("weights.method")
    run(*files, tmp_path / "plain", asked=asked, group="EurAsia_group")
    scores = pd.read_csv(tmp_path / "plain" / "scores.csv").set_index("uCode")
    assert_same(scores, read("expected/pipeline/07_aggregated.csv"))
    assert list(scores.index) == list(read("inputs/asem_iData.csv").index)


def test_copeland_of_the_example_is_that_of_exact_arithmetic(metadata):
    """COINr compares sums of rounded weights with a half; on its example no rounding decides a pair."""
    table = read("expected/aggregate/input_minmax_1_100.csv")
    found = composite.aggregate(table, metadata=metadata, method="copeland")
    children = list(metadata.index[metadata["parent"] == "Physical"])
    values = table[children].to_numpy()
    wins = (values[:, None, :] > values[None, :, :]).sum(axis=2)
    losses = wins.T
    np.testing.assert_array_equal(found["Physical"], np.sign(wins - losses).sum(axis=1))
