"""Key sentences: three to five facts, each from one row, and a difference only where the interval says so."""

from __future__ import annotations

import pandas as pd
import pytest

from resilience_analysis.indicators.framework import load_framework
from resilience_analysis.profiles.key_messages import Sentence, key_sentences
from resilience_analysis.profiles.rows import Facts

FRAMEWORK = load_framework()
NAN = float("nan")


def factors(*rows: tuple[str, float, float, float, float]) -> list[Facts]:
    """Return factor rows: dimension, score, low, high, median of Flanders."""
    table = pd.DataFrame(rows, columns=["dimension", "score", "low", "high", "all_median"])
    return table.assign(strand="residents").to_dict("records")


def indicators(*rows: tuple[str, float, float, float]) -> dict[str, Facts]:
    """Return indicator rows: code, value, low, high; the middle half of Flanders lies between 40 and 60."""
    table = pd.DataFrame(rows, columns=["indicator", "value", "low", "high"]).set_index("indicator")
    return table.astype(float).assign(all_q1=40.0, all_median=50.0, all_q3=60.0, all_n=285).to_dict("index")


def context(*codes: str) -> dict[str, Facts]:
    return {code: {"value": 1.0} for code in codes}


NOTHING = indicators()
TWO = context("ctx_population", "ctx_households_growth")


def told(sentences: list[Sentence]) -> list[tuple[str, str]]:
    return [(sentence.kind, sentence.code) for sentence in sentences]


def test_the_factor_that_differs_most_is_told_once_on_either_side():
    rows = factors(
        ("informatie", 70, 65, 75, 50),
        ("leren", 80, 75, 85, 50),
        ("schaal", 30, 25, 35, 50),
        ("experiment", 20, 15, 25, 50),
    )
    found = told(key_sentences(rows, NOTHING, TWO, FRAMEWORK))
    assert found[:2] == [("factor_above", "leren"), ("factor_below", "experiment")]


@pytest.mark.parametrize(
    ("score", "low", "high"),
    [(70, 50, 90), (70, 49, 91), (30, 10, 50), (NAN, NAN, NAN), (70, NAN, NAN)],
)
def test_no_difference_is_told_that_the_interval_does_not_bear_out(score, low, high):
    found = key_sentences(factors(("leren", score, low, high, 50)), NOTHING, TWO, FRAMEWORK)
    assert [kind for kind, _ in told(found) if kind.startswith("factor")] == []


def test_an_indicator_is_told_when_its_whole_margin_lies_outside_the_middle_half():
    rows = indicators(("inf_decisions", 70, 61, 79), ("inf_works", 75, 59, 91), ("ler_contact", 30, 20, 39))
    found = told(key_sentences(factors(), rows, TWO, FRAMEWORK))
    assert found[:2] == [("indicator_above", "inf_decisions"), ("indicator_below", "ler_contact")]


def test_a_figure_with_a_margin_comes_before_one_without():
    rows = indicators(("inf_decisions", 62, 61, 63), ("div_dwellings", 99, NAN, NAN))
    assert ("indicator_above", "inf_decisions") in told(key_sentences(factors(), rows, TWO, FRAMEWORK))
    alone = indicators(("div_dwellings", 99, NAN, NAN))
    assert ("indicator_above", "div_dwellings") in told(key_sentences(factors(), alone, TWO, FRAMEWORK))


def test_distance_is_measured_in_widths_of_the_goalposts():
    posts = {code: FRAMEWORK.indicators[code].goalposts for code in ("inf_decisions", "org_trust_municipality")}
    wide = max(posts, key=lambda code: posts[code][1] - posts[code][0])
    narrow = min(posts, key=lambda code: posts[code][1] - posts[code][0])
    rows = indicators((wide, 70, 65, 75), (narrow, 70, 65, 75))
    assert ("indicator_above", narrow) in told(key_sentences(factors(), rows, TWO, FRAMEWORK))


def test_a_missing_value_and_a_missing_reference_are_never_told():
    rows = indicators(("inf_decisions", NAN, NAN, NAN), ("inf_works", 99, 95, 100))
    rows["inf_works"] |= {"all_q1": NAN, "all_median": NAN, "all_q3": NAN}
    found = told(key_sentences(factors(), rows, context(), FRAMEWORK))
    assert found == []


def test_what_is_missing_in_the_context_is_passed_over():
    rows = context("ctx_households_growth", "ctx_age_65_plus", "ctx_jobseekers", "ctx_population")
    rows["ctx_households_growth"]["value"] = NAN
    found = told(key_sentences(factors(), NOTHING, rows, FRAMEWORK))
    assert found == [("context", "ctx_age_65_plus"), ("context", "ctx_jobseekers"), ("context", "ctx_population")]


def test_there_are_five_at_the_most_and_the_last_is_about_the_context():
    rows = factors(("leren", 80, 75, 85, 50), ("schaal", 20, 15, 25, 50))
    more = indicators(("inf_decisions", 70, 65, 75), ("ler_contact", 30, 20, 39))
    found = told(key_sentences(rows, more, context("ctx_population", "ctx_age_65_plus"), FRAMEWORK))
    assert len(found) == 5
    assert found[-1] == ("context", "ctx_age_65_plus")


def test_a_sentence_knows_its_row_and_where_it_stands():
    rows = factors(("leren", 80, 75, 85, 50))
    (sentence,) = (s for s in key_sentences(rows, NOTHING, TWO, FRAMEWORK) if s.kind == "factor_above")
    assert (sentence.strand, sentence.anchor, sentence.row["score"]) == ("residents", "factor-leren", 80)
    other = key_sentences(factors(), NOTHING, TWO, FRAMEWORK)[0]
    assert (other.strand, other.anchor) == ("context", "row-ctx_households_growth")


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
