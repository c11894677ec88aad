from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from resilience_analysis import composite
from resilience_analysis.composite.inputs import read_inputs
from resilience_analysis.composite.outputs import OUTPUTS
from resilience_analysis.composite.scoring import choices_of, merge_settings, run
from resilience_analysis.foundation.errors import InputError, UsageError

from .conftest import DATA, FRAMEWORK, write

EVERYTHING = {
    "denominate": True,
    "impute.method": "group-mean",
    "screen.min_available": 0.5,
    "treat.method": "winsorise",
    "treat.winmax": 5,
}


def table(folder, name) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", dtype={"nis_code": str})


def test_a_plain_run_writes_what_applies_and_nothing_else(data, framework, tmp_path):
    report = run(data, framework, tmp_path / "out", asked={})
    names = {path.stem for path in (tmp_path / "out").glob("*.csv")}
    assert names == {
        "denominated",
        "normalised",
        "scores",
        "ranks",
        "coverage",
        "weights",
        "statistics",
        "reliability",
        "correlations",
        "contributions",
    }
    assert [path.name for path in report.paths][-1] == "manifest.json"
    assert (report.units, report.indicators) == (5, 4)


def test_a_full_run_writes_every_table(data, framework, tmp_path):
    run(data, framework, tmp_path, asked=EVERYTHING, group="province", draws=8)
    assert {path.stem for path in tmp_path.glob("*.csv")} - {"data"} == set(OUTPUTS) - {"transformed", "derived"}


def test_tables_have_the_unit_first_in_the_order_of_the_data(data, framework, tmp_path):
    run(data, framework, tmp_path, asked=EVERYTHING, group="province", draws=8)
    for name in (
        "denominated",
        "imputed",
        "screened",
        "treated",
        "normalised",
        "scores",
        "ranks",
        "coverage",
        "contributions",
    ):
        found = table(tmp_path, name)
        assert found.columns[0] == "nis_code"
        assert found["nis_code"].tolist() == ["01001", "02002", "13011", "13012", "13013"]
    for name in ("uncertainty", "sobol"):
        assert table(tmp_path, name).columns[0] == "nis_code"
    for name in ("treatment", "weights", "statistics", "reliability"):
        assert table(tmp_path, name).columns[0] == "code"


def test_files_hold_the_numbers_of_the_verbs_at_full_precision(data, framework, tmp_path):
    run(data, framework, tmp_path, asked=EVERYTHING, group="province")
    inputs = read_inputs(data, framework)
    expected = composite.score(
        inputs.data,
        metadata=inputs.framework.metadata,
        settings={**inputs.framework.settings, **EVERYTHING},
        groups=inputs.labels["province"],
        denominators=inputs.denominators,
    )
    for name in ("denominated", "imputed", "treated", "normalised", "scores"):
        found = table(tmp_path, name).set_index("nis_code")
        pd.testing.assert_frame_equal(found, expected.tables[name].astype(float), check_exact=True, check_dtype=False)


def test_contributions_in_the_file_add_up_to_the_index(data, framework, tmp_path):
    run(data, framework, tmp_path, asked={"aggregate.method": ["arithmetic", "geometric"]})
    parts = table(tmp_path, "contributions").drop(columns="nis_code").sum(axis=1)
    np.testing.assert_allclose(parts, table(tmp_path, "scores")["index"], atol=1e-9)


def test_the_manifest_says_how_it_came_about(data, framework, tmp_path):
    out = tmp_path / "out"
    run(data, framework, out, asked=EVERYTHING, group="province", draws=8, seed=4)
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["inputs"]["data"]["file"] == "data.csv"
    assert len(manifest["inputs_sha256"]) == 64
    assert manifest["settings"]["treat.winmax"] == 5
    assert manifest["settings"]["normalise.bounds"] == [1, 100]
    assert manifest["settings"]["impute.groups"] == "province"
    assert manifest["imputed"] == {"group-mean": 2}
    assert manifest["uncertainty"]["seed"] == 4
    assert manifest["uncertainty"]["evaluations"] > 8
    assert set(manifest["versions"]) == {"python", "resilience-analysis", "numpy", "pandas", "scipy"}
    assert set(manifest["outputs"]) == {path.name for path in out.glob("*.csv")}
    assert str(tmp_path) not in (out / "manifest.json").read_text()


def test_the_same_inputs_give_the_same_bytes(data, framework, tmp_path):
    for name in ("one", "two"):
        run(data, framework, tmp_path / name, asked=EVERYTHING, group="province", draws=8)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_tables_of_an_earlier_run_do_not_stay_behind(data, framework, tmp_path):
    out = tmp_path / "out"
    run(data, framework, out, asked=EVERYTHING, group="province")
    (out / "notes.csv").write_text("mine")
    run(data, framework, out, asked={})
    assert not (out / "treated.csv").exists()
    assert (out / "notes.csv").read_text() == "mine"


@pytest.mark.parametrize(
    ("text", "asked", "named"),
    [
        (DATA.replace("1.5,9", "x,9"), {}, "d.csv: 1 problem"),
        (DATA, {"normalise.method": "goalposts"}, "framework.yml: 8 problems"),
        (DATA.replace("10,\n", "10,5\n"), {"aggregate.method": "geometric", "normalise.bounds": [0, 1]}, "d.csv: "),
        (DATA.replace(",100,", ",0,"), {"denominate": True}, "d.csv: 1 problem"),
    ],
)
def test_on_bad_input_nothing_is_written_and_the_file_is_named(tmp_path, framework, text, asked, named):
    with pytest.raises(InputError) as caught:
        run(write(tmp_path / "d.csv", text), framework, tmp_path / "out", asked=asked)
    assert str(caught.value).startswith(named)
    assert not (tmp_path / "out").exists()


def test_writing_over_a_file_is_wrong_use(data, framework):
    with pytest.raises(UsageError, match="is a file"):
        run(data, framework, data, asked={})


def test_what_was_asked_goes_before_the_framework():
    framework = {"normalise.method": "minmax", "normalise.bounds": [1, 100], "aggregate.min_coverage": 0.6}
    assert merge_settings(framework, {"normalise.method": "rank"}) == {
        "normalise.method": "rank",
        "aggregate.min_coverage": 0.6,
    }
    assert merge_settings(framework, {"normalise.bounds": [0, 1]})["normalise.bounds"] == [0, 1]


def test_usual_choices_follow_what_the_run_does(data, framework):
    inputs = read_inputs(data, framework)
    assert choices_of(inputs, {"normalise.method": "rank"}) == {"weights.noise": 0.25}
    choices = choices_of(inputs, {"treat.method": "winsorise", "treat.winmax": 4, "impute.method": "group-mean"})
    assert choices["treat.winmax"] == [2, 4, 8]
    assert choices["impute.method"] == ["group-mean", "group-median"]
    assert choices["normalise"][1] == {"method": "percentile-rank", "bounds": [0.0, 100.0]}


def test_choices_of_the_framework_go_before_the_usual(tmp_path, data):
    text = FRAMEWORK + "uncertainty: {aggregate.method: [arithmetic, harmonic]}\n"
    run(data, write(tmp_path / "f.yml", text), tmp_path / "out", asked={}, draws=8)
    assert set(table(tmp_path / "out", "sobol")["factor"]) == {"aggregate.method"}


def test_sampling_errors_in_the_data_are_varied(tmp_path, framework):
    lines = DATA.splitlines()
    text = "\n".join([f"{lines[0]},trust_low,trust_high,crime_se", *(f"{line},1,4,1" for line in lines[1:])])
    with pytest.raises(InputError, match="are both there"):
        run(write(tmp_path / "d.csv", text), framework, tmp_path / "out", asked={}, draws=8)
    text = "\n".join([f"{lines[0]},crime_se", *(f"{line},10" for line in lines[1:])])
    asked = {"denominate": True, "impute.method": "mean"}
    run(write(tmp_path / "d.csv", text), framework, tmp_path / "out", asked=asked, draws=16)
    assert "sample" in set(table(tmp_path / "out", "sobol")["factor"])


@pytest.mark.parametrize(
    ("columns", "cells", "said"),
    [
        ("crime_se", "-1", "indicator crime: is negative for 01001"),
        ("crime_low,crime_high", "99,100", "indicator crime: lies outside its interval for 01001"),
    ],
)
def test_wrong_sampling_errors_are_told_of_the_data_file(tmp_path, framework, columns, cells, said):
    lines = DATA.splitlines()
    text = "\n".join([f"{lines[0]},{columns}", *(f"{line},{cells}" for line in lines[1:])])
    with pytest.raises(InputError) as caught:
        run(write(tmp_path / "d.csv", text), framework, tmp_path / "out", asked={"impute.method": "mean"}, draws=8)
    assert caught.value.subject == "d.csv"
    assert said in str(caught.value)


def test_failed_draws_are_told_in_notes_and_manifest(tmp_path, data):
    text = FRAMEWORK.replace("[1, 100]", "[0, 100]") + "uncertainty: {aggregate.method: [arithmetic, geometric]}\n"
    report = run(data, write(tmp_path / "f.yml", text), tmp_path / "out", asked={}, draws=16)
    assert any("draws failed: social: the geometric mean takes values above 0" in note for note in report.notes)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert list(manifest["uncertainty"]["failures"]) == ["social: the geometric mean takes values above 0"]


def test_what_could_not_be_imputed_is_noted(tmp_path, framework):
    text = DATA.replace("01001,Aa,north", "01001,Aa,")
    data = write(tmp_path / "d.csv", text)
    report = run(data, framework, tmp_path / "out", asked={"impute.method": "group-mean"}, group="province")
    assert "1 missing value not filled: nothing to fill it from" in report.notes


def test_a_panel_has_its_year_beside_the_unit(tmp_path, framework):
    lines = DATA.splitlines()
    rows = [f"{line},{year}" for year in (2020, 2021) for line in lines[1:]]
    data = write(tmp_path / "d.csv", "\n".join([f"{lines[0]},Time", *rows]))
    run(data, framework, tmp_path / "out", asked={"impute.method": "linear", "treat.method": "winsorise"}, draws=8)
    for name in ("imputed", "scores", "ranks", "contributions", "uncertainty"):
        assert list(table(tmp_path / "out", name).columns[:2]) == ["nis_code", "Time"]
    assert table(tmp_path / "out", "treatment").columns[0] == "Time"
    assert table(tmp_path / "out", "ranks")["index"].max() == 5


def test_pca_weights_stand_beside_their_loadings(data, framework, tmp_path):
    run(data, framework, tmp_path, asked={"weights.method": "pca", "impute.method": "mean"})
    weights = table(tmp_path, "weights")
    assert list(weights.columns) == ["code", "level", "parent", "weight", "effective", "loading"]
    np.testing.assert_allclose(weights["weight"][1:4], weights["loading"].abs()[1:4])


def test_correlations_are_of_raw_indicators_and_scored_aggregates(data, framework, tmp_path):
    run(data, framework, tmp_path, asked={})
    found = table(tmp_path, "correlations").set_index(["first", "second"])
    raw = read_inputs(data, framework).data
    np.testing.assert_allclose(found.loc[("trust", "crime"), "correlation"], raw["trust"].corr(raw["crime"]))
    scores = table(tmp_path, "scores")
    np.testing.assert_allclose(found.loc[("trust", "index"), "correlation"], scores["trust"].corr(scores["index"]))
    assert len(found) == 7 * 7
    assert found.loc[("trust", "crime"), "of"] == "data"


def test_pairs_that_are_too_close_or_at_odds_are_flagged(tmp_path, framework):
    rows = [f"{number:05d},n,x,{100 + number},{number},{number},{number},{number * 2}" for number in range(1, 9)]
    data = write(tmp_path / "d.csv", "\n".join([DATA.splitlines()[0], *rows]))
    run(data, framework, tmp_path / "out", asked={})
    found = table(tmp_path / "out", "correlations").set_index(["first", "second"])["flag"]
    assert found[("trust", "crime")] == "at odds"
    assert found[("green", "jobs")] == "high"
    assert pd.isna(found[("trust", "green")])


def test_reliability_stands_for_raw_and_normalised_data(data, framework, tmp_path):
    run(data, framework, tmp_path, asked={"impute.method": "mean"})
    found = table(tmp_path, "reliability").set_index("code")
    raw = read_inputs(data, framework)
    expected = composite.reliability(raw.data, metadata=raw.framework.metadata)
    np.testing.assert_allclose(found.loc["index", "alpha"], expected.loc["index", "alpha"])
    assert found.loc["index", "alpha_normalised"] != found.loc["index", "alpha"]
