"""What a framework declares is done or noted, by the command; each case once small, and once as in the shared cases."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from resilience_analysis import composite
from resilience_analysis.composite.scoring import Report, run
from resilience_analysis.foundation.errors import InputError

from .conftest import FRAMEWORK, write

SKEWED = "unit,income,trust,pop\n" + "".join(f"u{row:02d},{1.7**row},{row % 4 + 1},{row + 10}\n" for row in range(20))
TWO = (
    "codes:\n  - code: T\n    children:\n      - {code: income, direction: 1%s}\n      - {code: trust, direction: 1}\n"
)


def scored(tmp_path: Path, data: Path, framework: Path, **options: object) -> tuple[Report, pd.DataFrame]:
    report = run(data, framework, tmp_path / "out", **{"asked": {}, **options})
    return report, pd.read_csv(tmp_path / "out" / "scores.csv", keep_default_na=False, na_values=[""], index_col=0)


def test_a_denominator_that_the_framework_names_divides(data, framework, tmp_path):
    _, found = scored(tmp_path, data, framework)
    crime = pd.Series([90, 40, 10, 4, 1000 * 5 / 300], index=found.index)
    expected = 1 + 99 * (crime.max() - crime) / (crime.max() - crime.min())
    pd.testing.assert_series_equal(found["crime"], expected, check_names=False)


def test_a_denominator_can_be_left_out_and_that_is_noted(data, framework, tmp_path):
    report, found = scored(tmp_path, data, framework, asked={"denominate": False})
    assert found["crime"].iloc[3] == 100
    assert "not denominated, though the framework names denominators: crime (denominate)" in report.notes


def test_of_metadata_of_coinr_only_what_is_asked_is_done_and_the_rest_noted(data, imeta, tmp_path):
    report, _ = scored(tmp_path, data, imeta)
    assert report.notes == ["not denominated, though the framework names denominators: crime (denominate)"]


@pytest.mark.parametrize("declared", [", treat: log", ", winmax: 5", ", treat: winsorise"])
def test_a_treatment_of_one_code_is_done_for_that_code_alone(tmp_path, declared):
    framework = write(tmp_path / "f.yml", TWO % declared + "other: [pop]\n")
    data = write(tmp_path / "d.csv", SKEWED)
    scored(tmp_path, data, framework)
    treatment = pd.read_csv(tmp_path / "out" / "treatment.csv", index_col="code")
    assert not treatment.at["income", "passes_raw"]
    assert treatment.at["trust", "method"] == "none"
    report, _ = scored(tmp_path, data, framework, asked={"treat.method": "none"})
    assert not (tmp_path / "out" / "treatment.csv").is_file()
    assert any(note.startswith("not treated, though the framework has") for note in report.notes)


def test_defaults_ask_for_every_step_and_an_option_takes_precedence(data, tmp_path):
    wishes = FRAMEWORK.replace(
        "defaults: {", "defaults: {denominate: false, impute: group-mean, group: province, screen: 0.6, winmax: 2, "
    )
    framework = write(tmp_path / "w.yml", wishes)
    _, found = scored(tmp_path, data, framework)
    written = {path.stem for path in (tmp_path / "out").glob("*.csv")}
    assert {"imputed", "screened", "treatment"} < written
    assert "denominated" not in written
    scored(tmp_path, data, framework, asked={"impute.method": "none", "treat.method": "none"})
    written = {path.stem for path in (tmp_path / "out").glob("*.csv")}
    assert not written & {"imputed", "treatment"}
    assert found.notna().all(axis=None)


def test_what_no_method_uses_is_noted(data, tmp_path):
    framework = write(tmp_path / "f.yml", FRAMEWORK.replace("label: Trust", "label: Trust, goalposts: [1, 4]"))
    report, _ = scored(tmp_path, data, framework)
    assert "goalpost_lower is for goalposts, and other methods leave it unused: trust" in report.notes


@pytest.mark.parametrize("asked", [{}, {"treat.method": "log"}])
def test_a_logarithm_is_never_measured_against_raw_goalposts(tmp_path, asked):
    own = "" if asked else ", treat: log"
    framework = (TWO % f", goalposts: [1, 50000]{own}").replace("code: trust,", "code: trust, goalposts: [1, 4],")
    path = write(tmp_path / "f.yml", framework + "other: [pop]\ndefaults: {normalise: goalposts}\n")
    with pytest.raises(InputError, match="code income: its treatment is a transformation, and goalposts measures it"):
        scored(tmp_path, write(tmp_path / "d.csv", SKEWED), path, asked=asked)


def test_winsorising_is_refused_only_where_it_ends_in_a_logarithm_beside_goalposts(tmp_path):
    framework = (TWO % ", goalposts: [1, 50000]").replace("code: trust,", "code: trust, goalposts: [1, 4],")
    path = write(tmp_path / "f.yml", framework + "other: [pop]\ndefaults: {normalise: goalposts}\n")
    far = [*range(1, 18), 10**3, 10**4, 10**5]
    rows = "".join(f"u{row},{value},{row % 4 + 1},1\n" for row, value in enumerate(far))
    data = write(tmp_path / "d.csv", "unit,income,trust,pop\n" + rows)
    with pytest.raises(InputError, match="code income"):
        scored(tmp_path, data, path, asked={"treat.method": "winsorise", "treat.winmax": 1})
    scored(tmp_path, data, path, asked={"treat.method": "winsorise", "treat.winmax": 6})


@pytest.mark.parametrize(("code", "said"), [("NO", "a truth value"), ("2024", "a number or date")])
def test_a_code_that_yaml_turns_into_something_else_is_refused_with_quotes_as_remedy(tmp_path, code, said):
    framework = write(tmp_path / "f.yml", (TWO % "").replace("code: income", f"code: {code}"))
    with pytest.raises(InputError, match=f"YAML reads it as {said}. Put it between quotes"):
        scored(tmp_path, write(tmp_path / "d.csv", SKEWED), framework)


def test_a_number_that_often_means_missing_is_noted_where_it_was_scored(data, tmp_path, framework):
    text = data.read_text(encoding="utf-8").replace(",20,5", ",-99,5")
    report, _ = scored(tmp_path, write(tmp_path / "d.csv", text), framework)
    assert any(note.startswith("green: -99 was scored as a value in 1 unit.") for note in report.notes)


def test_optimised_weights_write_wanted_and_obtained_and_say_who_gets_nothing(tmp_path):
    rows = "".join(f"u{n},{n},{n * n % 7},{n % 3},{(n * 5) % 11}\n" for n in range(1, 12))
    data = write(tmp_path / "d.csv", "unit,a,b,c,d\n" + rows)
    children = "".join(
        f"      - {{code: {code}, direction: {sign}}}\n" for code, sign in zip("abcd", (1, 1, 1, -1), strict=True)
    )
    framework = write(tmp_path / "f.yml", f"codes:\n  - code: T\n    children:\n{children}")
    report, _ = scored(tmp_path, data, framework, asked={"weights.method": "optimised"})
    weights = pd.read_csv(tmp_path / "out" / "weights.csv", index_col="code")
    assert weights.loc[list("abcd"), "wanted"].tolist() == [0.25] * 4
    assert weights.loc[list("abcd"), "obtained"].sum() == pytest.approx(1)
    idle = int((weights.loc[list("abcd"), "weight"] < 1e-6).sum())
    assert any(f"give nothing to {idle} of 4" in note for note in report.notes) == (idle > 0)


@pytest.mark.parametrize(
    ("of_top", "of_indicator", "said"),
    [
        ({"goalposts": [0, 10]}, {}, "goalpost_lower is for indicator codes, and left unused: T"),
        ({"treat": "log"}, {}, "treat is for indicator codes, and left unused: T"),
        ({"normalise": "zscore"}, {}, "normalise is for indicator codes, and left unused: T"),
        ({}, {"min_coverage": 0.5}, "min_coverage is for aggregate codes, and left unused: a"),
        ({}, {"bands": ["low", "high"]}, "bands is for derived codes, and left unused: a"),
        ({}, {"goalpost_scale": 1}, "goalpost_scale is for codes with goalpost_lower, and left unused: a"),
        ({}, {"denominator_scale": 10}, "denominator_scale is for codes with denominator, and left unused: a"),
    ],
)
def test_what_a_code_declares_and_has_no_use_for_is_noted(of_top, of_indicator, said):
    indicators = [{"code": "a", "direction": 1, **of_indicator}, {"code": "b", "direction": 1}]
    framework = composite.from_nested({"codes": [{"code": "T", "children": indicators, **of_top}]})
    data = pd.DataFrame({"a": [1.0, 2.0], "b": [5.0, 3.0]}, index=["X", "Y"])
    assert composite.score(data, metadata=framework.metadata).notes == [said]


@pytest.mark.parametrize(
    "defaults",
    ["power: 3", "ties: average", "reference: u00", "max_gap: 2", "fallback: box-cox", "per_year: true", "group: pop"],
)
def test_defaults_that_do_nothing_without_another_one_are_noted(tmp_path, defaults):
    framework = f"{TWO % ''}other: [pop]\ndefaults: {{{defaults}}}\n"
    report, _ = scored(tmp_path, write(tmp_path / "d.csv", SKEWED), write(tmp_path / "f.yml", framework))
    key = defaults.partition(":")[0]
    assert [note for note in report.notes if note.startswith(f"defaults, {key} did nothing: ")]


class TestSharedCases:
    """The inputs that failed, with the right result."""

    @pytest.fixture
    def cases(self, shared) -> Path:
        return shared / "cases" / "composite"

    def test_scaled_bounds_turn_with_the_direction(self, cases, tmp_path):
        files = (cases / "scaled_data.csv", cases / "scaled_iMeta.csv")
        _, found = scored(tmp_path, *files, asked={"normalise.method": "scaled"})
        assert found["burden"].tolist() == [80, 60, 20]
        assert found["asset"].tolist() == [20, 40, 80]

    def test_the_income_of_the_poorest_is_never_measured_raw(self, cases, tmp_path):
        with pytest.raises(InputError, match="transform: log"):
            scored(tmp_path, cases / "hdi_naive.csv", cases / "hdi_naive.yml")
        text = (cases / "hdi_naive.yml").read_text(encoding="utf-8").replace("treat: log", "transform: log")
        _, found = scored(tmp_path, cases / "hdi_naive.csv", write(tmp_path / "f.yml", text))
        assert found["gnipc"].round(2).to_dict() == {"rich": 0.97, "mid": 0.72, "poor": 0.39, "low": 0.33}

    def test_codes_and_missing_values_are_what_the_file_says(self, cases, tmp_path):
        _, found = scored(tmp_path, cases / "na_unit.csv", cases / "na_unit.yml")
        assert found.index.tolist() == ["NA", "NO", "BE"]
        _, found = scored(tmp_path, cases / "m999.csv", cases / "na_unit.yml", missing=["-999"])
        assert found["b"].isna().tolist() == [True, False, False, False]
        with pytest.raises(InputError, match="between quotes"):
            scored(tmp_path, cases / "yaml_no.csv", cases / "yaml_no.yml")
        quoted = (cases / "yaml_no.yml").read_text(encoding="utf-8").replace("code: NO", 'code: "NO"')
        _, found = scored(tmp_path, cases / "yaml_no.csv", write(tmp_path / "f.yml", quoted))
        assert found["T"].tolist() == [0, pytest.approx((50 + 200 / 7) / 2), 100]

    def test_an_indicator_stands_beside_an_aggregate(self, cases, tmp_path):
        _, found = scored(tmp_path, cases / "m999.csv", cases / "jump.yml", missing=["-999"])
        assert found["HDI"].tolist() == [0, 25, 100, 32.5]

    def test_declared_denominators_and_treatments_are_done(self, cases, tmp_path):
        scored(tmp_path, cases / "den.csv", cases / "den_ignored.yml")
        assert (tmp_path / "out" / "denominated.csv").is_file()
        text = (cases / "treat_ignored.yml").read_text(encoding="utf-8")
        scored(tmp_path, cases / "den.csv", write(tmp_path / "f.yml", f"{text}other: [pop]\n"))
        assert pd.read_csv(tmp_path / "out" / "treatment.csv")["transform"].tolist()[0] == "log"
