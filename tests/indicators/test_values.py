"""From observations to indicators: all municipalities in every year, margins from samples, gaps with reasons."""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.small import (
    CODES,
    both,
    evidence,
    framework_content,
    indicator,
    small_framework,
    source,
    survey_evidence,
    write_framework,
)

from resilience_analysis.data.catalogue import Sampling
from resilience_analysis.foundation.errors import InputError
from resilience_analysis.indicators.evidence import Evidence
from resilience_analysis.indicators.framework import load_framework
from resilience_analysis.indicators.values import check_built, check_names, derive_indicators, latest

CATALOGUE = {"survey": source("survey"), "census": source("census")}
SAMPLED = {**CATALOGUE, "survey": source("survey", sampling=Sampling({}, (), 1.0, {}))}
Z = NormalDist().inv_cdf(0.975)
PACKAGE = load_framework()
TRUST = replace(PACKAGE.indicators["org_trust_municipality"], id="trust", source="survey", derive={"take": "trust"})
TRUST_ALONE = replace(PACKAGE, indicators={"trust": TRUST}, context={})


@pytest.fixture
def framework(tmp_path):
    return small_framework(tmp_path)


def of(table: pd.DataFrame, code: str, year: int | None = None) -> pd.DataFrame:
    rows = table[(table["indicator"] == code) & (table["year"] == year if year else True)]
    return rows.set_index("nis_code")


def test_every_municipality_has_a_row_for_every_indicator(framework):
    table = derive_indicators(survey_evidence(), framework, CATALOGUE)
    assert table.groupby("indicator")["nis_code"].apply(list).to_dict() == {
        "fear": CODES,
        "people": CODES,
        "trust": CODES,
    }
    assert table[["strand", "unit"]].drop_duplicates().to_numpy().tolist() == [["residents", "%"], ["context", "count"]]


def test_a_gap_keeps_the_reason_of_its_source(framework):
    gaps = of(derive_indicators(survey_evidence(), framework, CATALOGUE), "trust")["missing_reason"]
    assert gaps[gaps.notna()].to_dict() == {"11004": "unknown"}


def slow_wilson(percentage: float, n: int) -> tuple[float, float]:
    p = percentage / 100
    centre = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * math.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
    return 100 * (centre - half), 100 * (centre + half)


@settings(max_examples=10)
@given(st.lists(st.integers(0, 100), min_size=4, max_size=4), st.integers(20, 2000), st.sampled_from([0.0, 1.0, 5.0]))
def test_a_sampled_percentage_has_the_wilson_margin_widened_by_half_a_rounding_step(shares, n, step):
    known = {"survey": source("survey", sampling=Sampling({}, (), step, {}))}
    rows = derive_indicators(evidence({"trust": {2023: shares}}, n=n), TRUST_ALONE, known)
    low = [slow_wilson(max(share - step / 2, 0), n)[0] for share in shares]
    high = [slow_wilson(min(share + step / 2, 100), n)[1] for share in shares]
    assert rows["low"].tolist() == pytest.approx(low, abs=1e-9)
    assert rows["high"].tolist() == pytest.approx(high, abs=1e-9)
    assert ((rows["low"] <= rows["value"]) & (rows["value"] <= rows["high"])).all()


def test_a_register_has_no_margin_and_a_gap_has_none_either(framework):
    table = derive_indicators(survey_evidence(), framework, SAMPLED)
    assert of(table, "people")[["low", "high"]].isna().all(axis=None)
    assert of(table, "trust").loc["11004", ["low", "high"]].isna().all()
    assert of(table, "trust").loc["11001", ["low", "high"]].notna().all()


def given_rows(**columns) -> pd.DataFrame:
    row = {"verb": "self_assessment", "name": "first", "nis_code": "11002", "year": 2025, "value": 2.5, "n": 12.0}
    return pd.DataFrame([row | {"low": 2.1, "high": 2.9, "missing_reason": None} | columns])


def test_the_self_assessment_is_not_collected_until_somebody_was_asked(tmp_path):
    own = indicator(strand="self", source="self_assessment", derive={"self_assessment": "first"}, goalposts=[1, 4])
    rows = derive_indicators(survey_evidence(), small_framework(tmp_path, own=own, trust=indicator()), CATALOGUE)
    assert of(rows, "own")["missing_reason"].tolist() == ["not_collected"] * 4
    assert of(rows, "own")["year"].tolist() == [2025] * 4  # the reference year


def test_the_self_assessment_takes_its_rows_and_the_others_are_not_collected(tmp_path):
    own = indicator(strand="self", source="self_assessment", derive={"self_assessment": "first"}, goalposts=[1, 4])
    known = survey_evidence()
    asked = pd.concat([given_rows(), given_rows(name="second", value=4.0), given_rows(verb="process", value=1.0)])
    known = Evidence(known.observations, known.municipalities, asked)
    rows = of(derive_indicators(known, small_framework(tmp_path, own=own, trust=indicator()), CATALOGUE), "own")
    assert rows.loc["11002", ["value", "n", "low", "high"]].tolist() == [2.5, 12, 2.1, 2.9]
    assert rows["missing_reason"].fillna("known").tolist() == ["not_collected", "known"] + 2 * ["not_collected"]


def test_a_suppressed_self_assessment_keeps_its_reason(tmp_path):
    own = indicator(strand="self", source="self_assessment", derive={"self_assessment": "first"}, goalposts=[1, 4])
    hidden = given_rows(value=np.nan, n=np.nan, low=np.nan, high=np.nan, missing_reason="suppressed")
    known = Evidence(survey_evidence().observations, survey_evidence().municipalities, hidden)
    rows = of(derive_indicators(known, small_framework(tmp_path, own=own, trust=indicator()), CATALOGUE), "own")
    assert rows.loc["11002", "missing_reason"] == "suppressed"


def test_coverage_is_the_share_of_survey_and_register_indicators_with_a_recent_value(tmp_path):
    entries = {
        "recent": indicator(derive={"take": "recent"}),
        "old": indicator(derive={"take": "old"}),
        "register": indicator(strand="register", derive={"take": "register"}, source="census"),
        "own": indicator(strand="self", source="self_assessment", derive={"self_assessment": "first"}),
        "cover": indicator(strand="register", source="derived", derive={"coverage": {"max_age": 3, "year": 2025}}),
    }
    known = evidence(
        {
            "recent": {2022: [1, 1, None, None]},  # three years before the reference year
            "old": {2021: [1, 1, 1, 1]},
            "register": {2020: [1, 1, 1, 1], 2025: [1, None, None, 1]},
            "population": {2025: [1, 1, 1, 1]},
        }
    )
    rows = of(derive_indicators(known, small_framework(tmp_path, **entries), CATALOGUE), "cover")
    assert rows["value"].tolist() == pytest.approx([100 * 2 / 3, 100 * 1 / 3, 0, 100 * 1 / 3])
    assert set(rows["year"]) == {2025}


def test_the_latest_year_is_the_last_in_which_anybody_has_a_value(framework):
    known = evidence(
        {
            "trust": {2020: [1, 2, 3, 4], 2023: [5, None, None, None], 2026: [None] * 4},
            "fear": {2020: [1, 2, 3, 4]},
            "population": {2025: [1] * 4},
        }
    )
    rows = latest(derive_indicators(known, framework, CATALOGUE))
    trust = of(rows, "trust")
    assert set(trust["year"]) == {2023}
    assert trust["value"].isna().tolist() == [False, True, True, True]  # an older figure never stands in for a gap


def test_the_order_of_observations_changes_nothing(framework):
    known = survey_evidence()
    shuffled = Evidence(known.observations.sample(frac=1, random_state=1), known.municipalities)
    pd.testing.assert_frame_equal(
        derive_indicators(known, framework, SAMPLED), derive_indicators(shuffled, framework, SAMPLED)
    )


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"derive": {"take": "trsut"}}, "indicator trust: unknown variable 'trsut'; did you mean 'trust'?"),
        ({"source": "surveys"}, "indicator trust: the source 'surveys' is not in sources.yml"),
        ({"derive": {"process": "feedbak"}}, "indicator trust: unknown measure 'feedbak'; did you mean 'feedback'?"),
        (
            {"derive": {"growth": {"of": "trust", "from": 2023, "to": 2040}}},
            "indicator trust: trust is not known for 2040, only for 2023",
        ),
        (
            {"derive": {"nestedness": {"levels": ["name", "zone"], "year": 2025}}},
            "indicator trust: unknown area level 'zone'",
        ),
        (
            {"derive": {"share": {"part": "trust", "whole": "population"}}},
            "indicator trust: no year has all its figures",
        ),
    ],
)
def test_an_indicator_that_cannot_be_derived_is_refused_with_its_code(tmp_path, changes, fault):
    framework = small_framework(tmp_path, trust=indicator(**changes))
    with pytest.raises(InputError) as refusal:
        derive_indicators(survey_evidence(), framework, CATALOGUE)
    assert [str(problem)[: len(fault)] for problem in refusal.value.problems] == [fault]


def test_all_indicators_that_cannot_be_derived_come_back_at_once(tmp_path):
    content = framework_content(a=indicator(derive={"take": "x"}), b=indicator(source="y", derive={"take": "z"}))
    content["context"]["people"]["derive"] = {"take": "peple"}
    with pytest.raises(InputError) as refusal:
        check_names(survey_evidence(), load_framework(write_framework(tmp_path, content)), CATALOGUE)
    assert len(refusal.value.problems) == 4


def test_tables_of_another_framework_are_refused_with_the_command(tmp_path, framework):
    table = derive_indicators(survey_evidence(), framework, CATALOGUE)
    check_built(table["indicator"], framework)
    other = framework_content(trust=indicator(), hope=indicator(label=both("hope")))
    with pytest.raises(InputError) as refusal:
        check_built(table["indicator"], load_framework(write_framework(tmp_path / "other", other)))
    assert [str(problem) for problem in refusal.value.problems] == [
        "indicators.csv: lacks hope of framework.yml. Make it again with: resilience build",
        "indicators.csv: has fear, which framework.yml has not. Make it again with: resilience build",
    ]
