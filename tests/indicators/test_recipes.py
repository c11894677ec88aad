"""A recipe has one verb with arguments of the right form; whether its variables exist is another matter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.small import both, evidence, framework_content, source, write_framework

from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.indicators.evidence import Evidence, combine
from resilience_analysis.indicators.framework import load_framework
from resilience_analysis.indicators.values import derive_indicators
from resilience_analysis.indicators.verbs import VERBS, Derivation, derive, recipe_problems, verb


def faults_of(recipe):
    return [str(fault) for fault in Derivation().problems("derive", recipe)]


RATE = {"part": ["a"], "whole": ["b", "c"], "per": 1000}


@pytest.mark.parametrize(
    "recipe",
    [
        {"take": "a"},
        {"density": "a"},
        {"self_assessment": "leren"},
        {"process": "feedback"},
        {"evenness": ["a", "b"]},
        {"share": {"part": "a", "whole": "b"}},
        {"rate": RATE},
        {"rate": RATE | {"mean_of_years": 3, "whole_year": 2025}},
        {"growth": {"of": "a", "from": 2025, "to": 2040}},
        {"nestedness": {"levels": ["a", "b"], "year": 2025}},
        {"coverage": {"max_age": 3, "year": 2026}},
        {"evenness": {"of": ["a", "b"], "least": 500}},
        {"process": {"of": "feedback", "least": 5}},
        {"growth": {"of": "a", "from": 2023, "later": "b", "to": 2040}},
    ],
)
def test_every_verb_has_a_form_that_is_fine(recipe):
    assert faults_of(recipe) == []


@pytest.mark.parametrize(
    ("recipe", "fault"),
    [
        (None, "derive: must name exactly one verb with its arguments"),
        ({}, "derive: must name exactly one verb with its arguments"),
        ("take", "derive: must name exactly one verb with its arguments"),
        ({"shrae": {}}, "derive: unknown verb 'shrae'; did you mean 'share'?"),
        ({"take": ["a"]}, "derive, take, of: ['a'] is not one name"),
        ({"take": ""}, "derive, take, of: '' is not one name"),
        ({"evenness": "a"}, "derive, evenness, of: 'a' is not a list of two or more different names"),
        ({"evenness": ["a"]}, "derive, evenness, of: ['a'] is not a list of two or more different names"),
        ({"evenness": ["a", "a"]}, "derive, evenness, of: ['a', 'a'] is not a list of two or more different names"),
        ({"share": "a"}, "derive, share: must be a mapping of fields: part, whole"),
        ({"share": {"part": "a"}}, "derive, share: whole is missing"),
        ({"share": {"part": "a", "whole": "b", "per": 2}}, "derive, share: unknown field 'per'"),
        ({"rate": RATE | {"per": 0}}, "derive, rate, per: 0 is not a number above 0"),
        ({"rate": RATE | {"part": "a"}}, "derive, rate, part: 'a' is not a list of names"),
        ({"rate": RATE | {"mean_of_years": 0}}, "derive, rate, mean_of_years: 0 is not a whole number of 1 or more"),
        ({"rate": RATE | {"whole_year": "2025"}}, "derive, rate, whole_year: '2025' is not a year"),
        ({"rate": {}}, "derive, rate: part is missing"),
        ({"growth": "a"}, "derive, growth: from is missing"),
        ({"growth": {"of": "a", "from": 2025}}, "derive, growth: to is missing"),
        ({"nestedness": {"levels": ["a"], "year": 2025}}, "derive, nestedness, levels: ['a'] is not a list of two"),
        ({"coverage": {"max_age": "old"}}, "derive, coverage, max_age: 'old' is not a whole number of 1 or more"),
    ],
)
def test_a_recipe_of_the_wrong_form_is_refused_with_its_argument(recipe, fault):
    assert any(line.startswith(fault) for line in faults_of(recipe))


def test_all_faults_of_a_recipe_come_back_at_once():
    assert len(faults_of({"rate": {"part": [], "per": -1, "speed": 3}})) == 4


def test_every_verb_that_derives_has_a_form():
    used = {next(iter(entry.derive)) for entry in load_framework().indicators.values()}
    assert used <= set(VERBS)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 2030) | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["part", "whole", "per", "of"]), inner),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*VERBS, "x"]) | st.none() | st.integers(), values, max_size=2) | values)
def test_whatever_stands_in_the_file_is_fine_or_said_to_be_wrong(recipe):
    faults = faults_of(recipe)
    assert all(isinstance(fault, str) and fault for fault in faults)
    if not faults:
        assert next(iter(recipe)) in VERBS


def test_a_verb_without_form_cannot_be_derived():
    with pytest.raises(UsageError, match="unknown verb 'guess'"):
        derive(Evidence(None, None), {"guess": "a"})  # type: ignore[arg-type]


def test_a_new_verb_is_one_function_and_one_entry(tmp_path, monkeypatch):
    monkeypatch.setitem(VERBS, "difference", None)  # put back what is registered below

    @verb({"of": "variable", "less": "variable"})
    def difference(evidence, arguments):
        parts = [evidence.variable(arguments["of"]), evidence.variable(arguments["less"])]
        return combine(parts, lambda frames: frames[0] - frames[1])

    content = framework_content()
    entry = {"label": both("more"), "unit": "count", "source": "census"}
    content["context"]["more"] = entry | {"derive": {"difference": {"of": "population", "less": "households"}}}
    framework = load_framework(write_framework(tmp_path, content))
    values = {"trust": {2025: [1.0] * 4}, "fear": {2025: [1.0] * 4}, "population": {2025: [9, 8, 7, None]}}
    known = evidence(values | {"households": {2025: [4, 4, 9, 4]}})
    catalogue = {"survey": source("survey"), "census": source("census")}
    rows = derive_indicators(known, framework, catalogue).query("indicator == 'more'")
    assert rows["value"].tolist()[:3] == [9 - 4, 8 - 4, 7 - 9]
    assert rows["missing_reason"].tolist()[3] == "unknown"
    # and half of it is named
    assert faults_of({"difference": {"of": "population"}}) == ["derive, difference: less is missing"]
    (problem,) = recipe_problems(
        "context more", {"difference": {"of": "population", "less": "househods"}},
        variables={"population": {2025}, "households": {2025}}, levels=set(),
    )  # fmt: skip
    assert "unknown variable 'househods'; did you mean 'households'" in str(problem)
