"""The command as a user types it: exit codes, words, files."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd
import pytest

from resilience_analysis.cli.main import main

DATA = """uCode,group,x,y,z
AA,north,1,10,3
BB,north,2,30,1
CC,south,4,20,2
DD,south,8,,5
"""
FRAMEWORK = """
codes:
  - code: index
    children:
      - code: people
        children: [{code: x, direction: 1}, {code: y, direction: -1}]
      - code: place
        children: [{code: z, direction: 1}]
groups: [group]
"""


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    """Run ``resilience score`` on the example; give the exit code, what was said, and the folder."""
    (tmp_path / "data.csv").write_text(DATA)
    (tmp_path / "framework.yml").write_text(FRAMEWORK)

    def run(*options: str, data: str = "data.csv", framework: str = "framework.yml") -> tuple[int, str, Path]:
        arguments = ["score", str(tmp_path / data), str(tmp_path / framework), "--out", str(tmp_path / "out"), *options]
        monkeypatch.setattr(sys, "argv", ["resilience", *arguments])
        with pytest.raises(SystemExit) as stopped:
            main()
        said = capsys.readouterr()
        return int(stopped.value.code or 0), said.out + said.err, tmp_path / "out"

    return run


def read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv").set_index("uCode")


def test_scoring_says_what_it_wrote(call):
    code, said, out = call()
    assert code == 0
    assert "4 rows scored with 3 indicators: 10 files" in said
    assert (out / "manifest.json").is_file()


def test_by_default_nothing_is_done_but_minmax_and_means(call):
    _, _, out = call()
    scores = read(out, "scores")
    assert scores["y"].tolist()[:3] == [100, 0, 50]
    assert scores.loc["DD", "people"] == 100
    assert not (out / "imputed.csv").exists()


@pytest.mark.parametrize(
    ("options", "unit", "column", "value"),
    [
        (["--normalise", "rank"], "DD", "x", 4),
        (["--normalise", "borda"], "DD", "x", 3),
        (["--normalise", "percentile-rank"], "BB", "x", 1 / 3),
        (["--normalise", "distance-to-max"], "BB", "x", 1 / 7),
        (["--normalise", "distance-to-reference", "--reference", "CC"], "BB", "x", 1 / 3),
        (["--normalise", "fraction-of-max"], "BB", "x", 2 / 8),
        (["--normalise", "none"], "AA", "y", -10),
        (["--range", "1,10"], "AA", "x", 1),
        (["--normalise", "zscore", "--range", "50,10"], "AA", "z", 50 + 10 * (3 - 2.75) / (35 / 12) ** 0.5),
        (["--impute", "mean"], "DD", "y", 50),
        (["--impute", "group-mean", "--group", "group"], "DD", "y", 50),
        (["--weights", "equal"], "AA", "index", 50),
        (["--aggregate", "copeland"], "DD", "index", 3),
        (["--range", "1,100", "--aggregate", "arithmetic,geometric"], "CC", "place", 1 + 99 / 4),
        (["--range", "1,2", "--aggregate", "generalised:-1"], "AA", "people", 2 / (1 / 1 + 1 / 2)),
        (["--min-coverage", "1,0.5"], "DD", "index", 100),
    ],
)
def test_each_option_does_what_it_says(call, options, unit, column, value):
    code, said, out = call(*options)
    assert code == 0, said
    assert abs(read(out, "scores").loc[unit, column] - value) < 1e-9


def test_screened_units_are_in_no_table_after(call):
    code, _, out = call("--screen", "0.9")
    assert code == 0
    assert list(read(out, "screened").index) == ["AA", "BB", "CC"]
    assert list(read(out, "ranks").index) == ["AA", "BB", "CC"]


def test_ties_share_the_place_asked_for(call, tmp_path):
    (tmp_path / "data.csv").write_text(DATA.replace("BB,north,2", "BB,north,1"))
    assert read(call("--normalise", "rank")[2], "scores").loc["AA", "x"] == 1
    assert read(call("--normalise", "rank", "--ties", "average")[2], "scores").loc["AA", "x"] == 1.5


def test_uncertainty_has_the_same_result_with_any_number_of_jobs(call):
    options = ("--impute", "mean", "--uncertainty", "16", "--seed", "5")
    _, _, out = call(*options)
    once = [(out / f"{name}.csv").read_bytes() for name in ("uncertainty", "sobol")]
    call(*options, "--jobs", "2")
    assert [(out / f"{name}.csv").read_bytes() for name in ("uncertainty", "sobol")] == once
    call("--impute", "mean", "--uncertainty", "16", "--seed", "6")
    assert (out / "uncertainty.csv").read_bytes() != once[0]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--normalise", "minimax"], "unknown normalisation method 'minimax'; did you mean 'minmax'?"),
        (["--aggregate", "mean"], "unknown aggregation method 'mean'"),
        (["--aggregate", "arithmetic,arithmetic,arithmetic"], "3 values for aggregation method"),
        (["--weights", "none"], "unknown weighting method 'none'"),
        (["--impute", "guess"], "unknown imputation method 'guess'"),
        (["--impute", "group-mean"], "needs groups. Name their column with --group"),
        (["--impute", "group-mean", "--group", "nope"], "unknown column for groups 'nope'"),
        (["--treat", "cut"], "unknown treatment 'cut'"),
        (["--screen", "90"], "the share 90 is not between 0 and 1"),
        (["--range", "low,high"], "--range 'low,high' is not a list of numbers"),
        (["--range", "5"], "are not two numbers"),
        (["--min-coverage", "2"], "2 is not between 0 and 1"),
        (["--reference", "ZZ", "--normalise", "distance-to-reference"], "unknown reference unit 'ZZ'. "),
        (["--ties", "first", "--normalise", "rank"], "unknown way with ties 'first'"),
        (["--uncertainty", "1"], "1 draw cannot show a spread"),
        (["--denominate"], "no indicator names a denominator"),
    ],
)
def test_wrong_use_exits_with_2_and_writes_nothing(call, options, said):
    code, words, out = call(*options)
    assert code == 2
    assert said.split(". ")[0] in words
    assert "Traceback" not in words
    assert not out.exists()


def test_all_options_that_did_nothing_are_named_beside_the_same_result(call):
    options = ["--winmax", "3", "--group", "group", "--ties", "min", "--reference", "AA", "--seed", "1", "--jobs", "2"]
    plain = (call()[2] / "scores.csv").read_bytes()
    code, said, out = call(*options)
    assert code == 0
    assert (out / "scores.csv").read_bytes() == plain
    notes = json.loads((out / "manifest.json").read_text())["notes"]
    for option in options[::2]:
        assert f"{option} did nothing" in said
        assert any(note.startswith(f"{option} did nothing") for note in notes)


def test_a_limit_of_winsorising_does_not_ask_for_the_treatment(call, tmp_path):
    rows = "".join(f"U{number},north,{number},{number**2 % 7},{number % 5}\n" for number in range(20))
    (tmp_path / "data.csv").write_text(f"{DATA.splitlines()[0]}\n{rows}FAR,north,900,1,2\n")
    plain = (call()[2] / "scores.csv").read_bytes()
    code, said, out = call("--winmax", "3")
    assert code == 0
    assert "--winmax did nothing" in said
    assert (out / "scores.csv").read_bytes() == plain
    assert not (out / "treated.csv").exists()
    assert (call("--treat", "winsorise", "--winmax", "3")[2] / "scores.csv").read_bytes() != plain


@pytest.mark.parametrize("option", [("--winmax", "-1"), ("--jobs", "0"), ("--seed", "-1")])
def test_numbers_out_of_range_are_wrong_use_by_the_name_of_their_option(call, option):
    code, said, out = call(*option)
    assert code == 2
    assert f"Invalid value for '{option[0]}'" in said
    assert not out.exists()


@pytest.mark.parametrize("method", ["rank", "borda", "none"])
def test_a_range_for_a_method_without_one_is_named(call, method):
    code, said, _ = call("--normalise", method, "--range", "0,1")
    assert code == 0
    assert f"--range did nothing: the method {method} has no range" in said


@pytest.mark.parametrize(
    ("own", "options"),
    [
        ("normalise: rank", ["--ties", "average"]),
        ("normalise: distance-to-reference", ["--reference", "CC"]),
        ("treat: winsorise", ["--treat", "log", "--winmax", "1"]),
    ],
)
def test_an_option_may_be_for_the_method_of_one_indicator(call, tmp_path, own, options):
    (tmp_path / "framework.yml").write_text(FRAMEWORK.replace("{code: z, ", f"{{code: z, {own}, "))
    code, said, _ = call(*options)
    assert code == 0, said
    assert "did nothing" not in said


def test_a_missing_file_is_wrong_use(call):
    code, said, _ = call(data="none.csv")
    assert code == 2
    assert "none.csv does not exist" in said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("BB,north,2", "BB,north,two", "row 3 (BB), column x: 'two' is not a number"),
        ("BB,north", "AA,north", "unit AA: appears in rows 2, 3"),
        ("uCode,group,x", "uCode,group,w", "indicator x: has no column"),
        (
            "3\nBB,north,2,30,1\nCC,south,4,20,2\nDD,south,8,,5",
            "3\nBB,north,2,30,3\nCC,south,4,20,3",
            "indicator z: has the same value in every unit",
        ),
    ],
)
def test_refused_content_exits_with_1_and_writes_nothing(call, tmp_path, old, new, said):
    assert old in DATA
    (tmp_path / "data.csv").write_text(DATA.replace(old, new))
    code, words, out = call()
    assert code == 1
    assert said in words
    assert "data.csv: " in words
    assert "Traceback" not in words
    assert not out.exists()


def test_a_framework_may_keep_a_constant_indicator_as_missing(call, tmp_path):
    (tmp_path / "data.csv").write_text("uCode,group,x,y,z\nAA,north,1,10,3\nBB,north,2,30,3\n")
    (tmp_path / "framework.yml").write_text(f"{FRAMEWORK}defaults: {{constant: missing}}\n")
    code, said, out = call()
    assert code == 0
    assert "missing in every unit after minmax: z (it has the same value in every unit)" in said
    assert read(out, "scores")[["z", "place"]].isna().all(axis=None)


def test_values_that_break_a_mean_are_refused_by_code(call):
    code, said, out = call("--aggregate", "geometric")
    assert code == 1
    assert "people, child x: the geometric mean takes values above 0, unlike AA" in said
    assert not out.exists()


def test_a_method_without_its_parameters_names_the_framework(call):
    code, said, _ = call("--normalise", "goalposts")
    assert code == 1
    assert "framework.yml: 6 problems" in said
    assert "code x, column goalpost_lower: is missing, and goalposts needs it" in said


def test_notes_on_the_result_are_said_aloud(call):
    code, said, _ = call("--normalise", "distance-to-reference", "--reference", "AA")
    assert code == 0
    assert "missing in every unit after distance-to-reference: x" in said


def test_help_states_steps_and_defaults(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["resilience", "score", "--help"])
    with pytest.raises(SystemExit):
        main()
    said = " ".join(capsys.readouterr().out.split())
    assert "denominate, impute, screen, transform, treat, normalise, weights, aggregate" in said
    for option in (
        "--winmax",
        "--ties",
        "--reference",
        "--min-coverage",
        "--uncertainty",
        "--seed",
        "--jobs",
        "--group",
    ):
        assert option in said
