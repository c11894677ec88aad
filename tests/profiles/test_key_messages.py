"""Key sentences: three to five facts, each from one row, and a difference only where the interval says so."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resilience_analysis.indicators.framework import load_framework
from resilience_analysis.profiles.key_messages import Sentence, key_sentences, telling
from resilience_analysis.profiles.rows import Facts

FRAMEWORK = load_framework()
NAN = float("nan")
SPREAD = {"all_p05": 10.0, "all_q1": 40.0, "all_median": 50.0, "all_q3": 60.0, "all_p95": 90.0, "all_n": 285}


def factors(*rows: tuple[str, float, float, float, float]) -> list[Facts]:
    """Return factor rows: dimension, score, low, high, median of Flanders."""
    table = pd.DataFrame(rows, columns=["dimension", "score", "low", "high", "all_median"])
    spread = {"all_p05": 10.0, "all_q1": 40.0, "all_q3": 60.0, "all_p95": 90.0}
    return table.assign(strand="residents", **spread).to_dict("records")


def indicators(*rows: tuple[str, float, float, float]) -> dict[str, Facts]:
    """Return indicator rows: code, value, low, high; the middle half of Flanders lies between 40 and 60."""
    table = pd.DataFrame(rows, columns=["indicator", "value", "low", "high"]).set_index("indicator")
    return table.astype(float).assign(**SPREAD).to_dict("index")


def context(*codes: str) -> dict[str, Facts]:
    """Return context that lies in the middle: nothing to tell but the figure itself."""
    return {code: {"value": 50.0, "low": NAN, "high": NAN, **SPREAD} for code in codes}


NOTHING = indicators()
TWO = context("ctx_population", "ctx_households_growth")


def told(sentences: list[Sentence]) -> list[tuple[str, str]]:
    return [(sentence.kind, sentence.code) for sentence in sentences]


def test_the_most_telling_difference_is_told_first_whichever_its_side():
    rows = factors(
        ("informatie", 70, 65, 75, 50),
        ("leren", 80, 75, 85, 50),
        ("schaal", 30, 25, 35, 50),
        ("experiment", 10, 5, 15, 50),
    )
    found = told(key_sentences(rows, NOTHING, TWO, FRAMEWORK))
    assert set(found[:3]) >= {("factor_below", "experiment"), ("factor_above", "leren")}
    sizes = [sentence.telling for sentence in key_sentences(rows, NOTHING, TWO, FRAMEWORK)]
    assert sizes == sorted(sizes, reverse=True)


@given(value=st.floats(0, 100), below=st.floats(0, 30), above=st.floats(0, 30), wider=st.floats(0.1, 20))
def test_a_difference_tells_less_the_less_sure_it_is_and_nothing_where_there_is_none(value, below, above, wider):
    row = {"value": value, "low": value - below, "high": value + above, **SPREAD}
    unsure = row | {"low": row["low"] - wider, "high": row["high"] + wider}
    assert telling(unsure) <= telling(row)
    assert telling(row | {"value": 50.0}) == 0
    further = 100.0 if value > 50 else 0.0
    assert telling({**row, "value": further, "low": further - below, "high": further + above}) >= telling(row)


def test_how_telling_a_difference_is_is_its_size_over_margin_and_usual_spread():
    row = {"value": 74.0, "low": 64.0, "high": 90.0, **SPREAD}
    assert telling(row) == (74 - 50) / ((74 - 64) + (90 - 50))
    assert telling(row | {"value": 26.0, "high": 34.0}) == (50 - 26) / ((34 - 26) + (50 - 10))
    assert telling(row | {"low": NAN, "high": NAN}) == (74 - 50) / (90 - 50)


def test_of_two_differences_that_are_as_large_the_one_the_municipality_can_act_on_comes_first():
    rows = indicators(("sch_trust_europe", 70, 65, 75), ("inf_decisions", 70, 65, 75))
    assert told(key_sentences([], rows, {}, FRAMEWORK))[0] == ("indicator_above", "inf_decisions")


def test_no_two_sentences_are_about_one_factor():
    rows = indicators(("inf_decisions", 80, 75, 85), ("inf_works", 90, 85, 95))
    found = told(key_sentences(factors(("informatie", 90, 85, 95, 50)), rows, TWO, FRAMEWORK))
    assert [code for _, code in found if not code.startswith("ctx")] == ["inf_works"]


@pytest.mark.parametrize(
    ("score", "low", "high"),
    [(70, 50, 90), (70, 49, 91), (30, 10, 50), (NAN, NAN, NAN), (70, NAN, NAN)],
)
def test_no_difference_is_told_that_the_interval_does_not_bear_out(score, low, high):
    found = key_sentences(factors(("leren", score, low, high, 50)), NOTHING, TWO, FRAMEWORK)
    assert [kind for kind, _ in told(found) if kind.startswith("factor")] == []


def test_an_indicator_is_told_when_its_whole_margin_lies_outside_the_middle_half():
    rows = indicators(("inf_decisions", 70, 61, 79), ("org_trust_people", 75, 59, 91), ("ler_contact", 30, 20, 39))
    found = told(key_sentences(factors(), rows, TWO, FRAMEWORK))
    assert set(found[:2]) == {("indicator_above", "inf_decisions"), ("indicator_below", "ler_contact")}


def test_a_count_that_larger_places_have_more_of_is_never_called_a_difference():
    rows = context("ctx_permits")
    rows["ctx_permits"] |= {"value": 99.0}
    assert told(key_sentences(factors(), NOTHING, rows, FRAMEWORK)) == [("context", "ctx_permits")]


def test_what_the_framework_weighs_nothing_is_never_called_a_difference():
    rows = context("ctx_data_coverage")
    rows["ctx_data_coverage"] |= {"value": 14.0}
    assert told(key_sentences(factors(), NOTHING, rows, FRAMEWORK)) == [("context", "ctx_data_coverage")]


def test_a_missing_value_and_a_missing_reference_are_never_told():
    rows = indicators(("inf_decisions", NAN, NAN, NAN), ("inf_works", 99, 95, 100))
    rows["inf_works"] |= {"all_q1": NAN, "all_median": NAN, "all_q3": NAN}
    found = told(key_sentences(factors(), rows, context(), FRAMEWORK))
    assert found == []


def test_what_is_missing_in_the_context_is_passed_over():
    rows = context("ctx_households_growth", "ctx_age_65_plus", "ctx_jobseekers", "ctx_population")
    rows["ctx_households_growth"]["value"] = NAN
    found = told(key_sentences(factors(), NOTHING, rows, FRAMEWORK))
    codes = ("ctx_age_65_plus", "ctx_jobseekers", "ctx_population")
    assert found == [("context", code) for code in codes]


def test_there_are_five_at_the_most_and_one_about_the_context():
    rows = factors(*((code, 80.0, 75.0, 85.0, 50.0) for code in FRAMEWORK.dimensions))
    found = told(key_sentences(rows, NOTHING, context("ctx_population", "ctx_age_65_plus"), FRAMEWORK))
    assert len(found) == 5
    few = told(key_sentences(rows[:2], NOTHING, context("ctx_population", "ctx_age_65_plus"), FRAMEWORK))
    assert [kind for kind, _ in few].count("context") == 1


def test_a_sentence_knows_its_row_and_where_it_stands():
    rows = factors(("leren", 80, 75, 85, 50))
    (sentence,) = (s for s in key_sentences(rows, NOTHING, TWO, FRAMEWORK) if s.kind == "factor_above")
    assert (sentence.strand, sentence.anchor, sentence.row["score"]) == ("residents", "factor-leren", 80)
    other = key_sentences(factors(), NOTHING, TWO, FRAMEWORK)[0]
    assert (other.strand, other.anchor) == ("context", f"row-{other.code}")


def roles(*rows: tuple[str, float, float, float]) -> list[Facts]:
    """Return rows of officials beside residents: dimension, gap with its margin."""
    table = pd.DataFrame(rows, columns=["code", "gap", "low", "high"])
    clear = (table["low"] > 0) | (table["high"] < 0)
    return table.assign(score=50.0, other_score=50.0 - table["gap"], clear=clear).to_dict("records")


def test_the_largest_clear_gap_between_officials_and_residents_is_told():
    rows = roles(("leren", 30, -5, 65), ("schaal", 12, 4, 20), ("experiment", -15, -25, -5))
    found = told(key_sentences(factors(), NOTHING, TWO, FRAMEWORK, roles=rows))
    assert found[0] == ("gap_lower", "experiment")
    assert [kind for kind, _ in found].count("gap_lower") == 1


def test_a_gap_within_its_margin_is_not_told():
    rows = roles(("leren", 30, -5, 65), ("schaal", 30, NAN, NAN))
    assert {kind for kind, _ in told(key_sentences(factors(), NOTHING, TWO, FRAMEWORK, roles=rows))} == {"context"}
