"""The framework is loaded whole or refused; goalposts come from theory or are frozen with their year."""

from __future__ import annotations

from dataclasses import fields
from math import isnan

import pytest
from tests.small import framework_content, indicator, write_framework

from resilience_analysis.foundation.errors import InputError, UsageError
from resilience_analysis.foundation.vocabulary import STRANDS
from resilience_analysis.indicators.framework import (
    Candidate,
    Context,
    Dimension,
    Indicator,
    Scoring,
    load_framework,
    load_unfrozen,
    select_indicator,
)
from resilience_analysis.indicators.framework_checks import framework_form

FROZEN = {
    "frozen": "2026-01-01",
    "framework": "1.0",
    "indicators": {"trust": {"goalposts": [30, 70], "year": 2023, "n": 4}},
}


@pytest.fixture(scope="module")
def framework():
    return load_framework()


def test_the_six_factors_stand_in_the_order_of_the_deck(framework):
    factors = ["informatie", "leren", "diversiteit", "organisatie", "schaal", "experiment"]
    assert list(framework.dimensions) == factors


def test_every_factor_has_survey_items_and_a_self_assessment(framework):
    for factor in framework.dimensions:
        assert 4 <= len(framework.of(factor, "residents")) <= 8
        assert len(framework.of(factor, "self")) == 1


def test_every_indicator_belongs_to_a_factor_and_none_to_the_context(framework):
    counted = [ind.id for factor in framework.dimensions for ind in framework.of(factor)]
    assert sorted(counted) == sorted(framework.indicators)
    assert not set(framework.indicators) & set(framework.context)


def test_indicators_that_are_wanted_but_unknown_show_up_as_gaps(framework):
    gaps = [gap.id for factor in framework.dimensions for gap in framework.gaps(factor)]
    assert sorted(gaps) == sorted(framework.candidates)
    assert len(gaps) > 10


def test_goalposts_from_the_data_carry_the_year_they_were_frozen_on(framework):
    for entry in framework.indicators.values():
        low, high = entry.goalposts
        assert low < high
        assert (entry.goalposts_year is None) == (entry.strand in {"self", "process"})


def test_a_more_or_less_resilient_direction_is_never_anything_else(framework):
    assert {entry.direction for entry in framework.indicators.values()} == {1, -1}


def test_nothing_asks_for_an_overall_index(framework):
    assert framework.scoring.index is False
    assert (framework.scoring.min_coverage, framework.scoring.goalpost_percentiles) == (0.6, (5, 95))


@pytest.mark.parametrize(
    ("section", "built"),
    [("dimensions", Dimension), ("indicators", Indicator), ("context", Context), ("candidates", Candidate)],
)
def test_the_known_fields_are_those_that_are_built(section, built):
    made_here = {"id", "goalposts_year"}
    form = framework_form().fields[section].form.form
    assert set(form.fields) == {field.name for field in fields(built)} - made_here


def test_goalposts_of_theory_need_no_freezing(tmp_path):
    loaded = load_framework(write_framework(tmp_path, framework_content(trust=indicator(goalposts=[1, 4]))))
    assert (loaded.indicators["trust"].goalposts, loaded.indicators["trust"].goalposts_year) == ((1.0, 4.0), None)


def test_frozen_goalposts_come_with_their_year(tmp_path):
    content = framework_content(trust=indicator(goalposts=None))
    loaded = load_framework(write_framework(tmp_path, content, FROZEN))
    assert (loaded.indicators["trust"].goalposts, loaded.indicators["trust"].goalposts_year) == ((30.0, 70.0), 2023)
    assert loaded.goalposts_frozen == "2026-01-01"


def test_theory_goes_before_what_was_frozen_once(tmp_path):
    content = framework_content(trust=indicator(goalposts=[0, 100]))
    loaded = load_framework(write_framework(tmp_path, content, FROZEN))
    assert (loaded.indicators["trust"].goalposts, loaded.indicators["trust"].goalposts_year) == ((0.0, 100.0), None)


def test_an_indicator_without_goalposts_is_refused_with_the_command(tmp_path):
    folder = write_framework(tmp_path, framework_content(trust=indicator(goalposts=None)))
    with pytest.raises(
        InputError, match=r"indicators, trust: has no goalposts\. .* freeze them with: resilience freeze"
    ):
        load_framework(folder)


@pytest.mark.parametrize("frozen", [None, FROZEN, ["broken"], {"indicators": {"trust": 3}}])
def test_freezing_starts_without_goalposts_whatever_was_frozen(tmp_path, frozen):
    folder = write_framework(tmp_path, framework_content(trust=indicator(goalposts=None)), frozen)
    low, high = load_unfrozen(folder).indicators["trust"].goalposts
    assert isnan(low)
    assert isnan(high)


def test_optional_sections_may_be_left_out(tmp_path):
    content = framework_content()
    for section in ("context", "candidates", "mapped"):
        del content[section]
    loaded = load_framework(write_framework(tmp_path, content))
    assert (loaded.context, loaded.candidates, loaded.mapped) == ({}, {}, ())


def test_indicators_of_a_factor_keep_the_order_of_the_file(tmp_path):
    entries = {name: indicator(strand=strand) for name, strand in zip("zyxw", STRANDS, strict=True)}
    loaded = load_framework(write_framework(tmp_path, framework_content(**entries)))
    assert [entry.id for entry in loaded.of("first")] == ["z", "y", "x", "w"]
    assert [entry.id for entry in loaded.of("first", "residents")] == ["y"]
    assert loaded.of("second") == []


def test_an_indicator_is_selected_by_its_code(framework):
    assert select_indicator(framework, "org_trust_municipality").derive == {"take": "LO_S_13"}


def test_an_unknown_indicator_is_refused_with_the_nearest(framework):
    with pytest.raises(
        UsageError, match="unknown indicator 'org_trust_municipalty'; did you mean 'org_trust_municipality'"
    ):
        select_indicator(framework, "org_trust_municipalty")


def test_scoring_has_the_fields_of_the_file(framework):
    assert {field.name for field in fields(Scoring)} == set(framework_content()["scoring"])
