"""Every kind of fault of a framework is refused with its place and remedy, all of them at once."""

from __future__ import annotations

import pytest
import yaml
from tests.small import both, framework_content, indicator, write_framework

from resilience_analysis.foundation.errors import InputError
from resilience_analysis.foundation.settings import read_definition
from resilience_analysis.indicators.framework import load_framework

POST = {"goalposts": [30, 70], "year": 2023, "n": 4}


def refusal(folder) -> list[str]:
    with pytest.raises(InputError) as raised:
        load_framework(folder)
    return [str(problem) for problem in raised.value.problems]


def faults_of(tmp_path, **changes) -> list[str]:
    """Return what is wrong with a framework of which one indicator is changed."""
    content = framework_content(trust=indicator(**changes), fear=indicator(direction=-1))
    return refusal(write_framework(tmp_path, content))


def test_a_framework_without_fault_is_loaded(tmp_path):
    assert list(load_framework(write_framework(tmp_path, framework_content())).indicators) == ["trust", "fear"]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"dimension": "frist"}, "dimension: unknown dimension 'frist'; did you mean 'first'? Known: first, second"),
        ({"dimension": None}, ": dimension is missing"),
        ({"dimension": ["first"]}, "dimension: unknown dimension \"['first']\""),
        ({"strand": "resident"}, "strand: unknown strand 'resident'; did you mean 'residents'?"),
        ({"aspect": "spacial"}, "aspect: unknown aspect 'spacial'; did you mean 'spatial'?"),
        ({"direction": 0}, "direction: 0 is not 1 or -1"),
        ({"direction": "1"}, "direction: '1' is not 1 or -1"),
        ({"direction": True}, "direction: True is not 1 or -1"),
        ({"direction": [1]}, "direction: [1] is not 1 or -1"),
        ({"weight": -1}, "weight: -1 is not a number of 0 or more"),
        ({"weight": "heavy"}, "weight: 'heavy' is not a number of 0 or more"),
        ({"weight": float("inf")}, "weight: inf is not"),
        ({"weight": None}, ": weight is missing"),
        ({"goalposts": [80, 20]}, "goalposts: [80, 20] is not two numbers, the lower first"),
        ({"goalposts": [20, 20]}, "goalposts: [20, 20] is not two numbers"),
        ({"goalposts": [20]}, "goalposts: [20] is not two numbers"),
        ({"goalposts": "20-80"}, "goalposts: '20-80' is not two numbers"),
        ({"goalposts": [0, float("inf")]}, "goalposts: [0, inf] is not two numbers"),
        ({"goalposts": None}, ": has no goalposts. Set them, or freeze them with: resilience freeze"),
        ({"unit": None}, ": unit is missing. Write unit: count for a bare number"),
        ({"unit": 3}, "unit: 3 is not a text"),
        ({"unit": ""}, "unit: '' is not a text"),
        ({"label": {"nl": " ", "en": "only"}}, "label: has no wording in nl"),
        ({"source": None}, ": source is missing"),
        ({"source": ["survey"]}, "source: ['survey'] is not a text"),
        ({"label": None}, ": label is missing"),
        ({"label": {"nl": "alleen"}}, "label: has no wording in en"),
        ({"rationale": None}, ": rationale is missing"),
        ({"caveat": {"nl": "alleen"}}, "caveat: has no wording in en"),
        ({"numerator": "no wording"}, "numerator: has no wording in nl"),
        ({"literature": ["one2021"]}, "literature, entry 1: unknown literature 'one2021'; did you mean 'one2020'?"),
        ({"literature": "one2020"}, "literature: must be a list"),
        ({"decimals": -1}, "decimals: -1 is not a whole number of 0 or more"),
        ({"decimals": [1]}, "decimals: [1] is not a whole number"),
        ({"tells": 2}, "tells: 2 is not a number from 0 to 1"),
        ({"breaks": 2020}, "breaks: must be a list"),
        ({"statement": 3}, "statement: 3 is not a text"),
        ({"actor": "us"}, "actor: unknown actor 'us'"),
        ({"wieght": 1}, ": unknown field 'wieght'; did you mean 'weight'?"),
        ({"derive": None}, ": derive is missing"),
        ({"derive": {"take": "a", "density": "b"}}, "derive: must name exactly one verb with its arguments"),
        ({"derive": {"tkae": "trust"}}, "derive: unknown verb 'tkae'; did you mean 'take'?"),
        ({"derive": {"self_assessment": "third"}}, "derive, self_assessment: unknown dimension 'third'"),
    ],
)
def test_a_fault_of_an_indicator_is_refused_with_its_code(tmp_path, changes, fault):
    found = faults_of(tmp_path, **changes)
    where = "framework.yml, indicators, trust"
    assert any(line.startswith(f"{where}{fault}" if fault[0] == ":" else f"{where}, {fault}") for line in found)
    assert all(line.startswith(where) for line in found)


@pytest.mark.parametrize("entry", [None, "take it", ["a"], 3])
def test_an_indicator_that_is_no_mapping_is_refused(tmp_path, entry):
    found = refusal(write_framework(tmp_path, framework_content(trust=entry, fear=indicator())))
    assert [line.partition(" of fields")[0] for line in found] == [
        "framework.yml, indicators, trust: must be a mapping"
    ]


@pytest.mark.parametrize(
    "name", ["version", "reference_year", "title", "definition", "scoring", "dimensions", "indicators"]
)
def test_a_section_that_is_missing_is_named(tmp_path, name):
    content = framework_content()
    del content[name]
    assert f"framework.yml: {name} is missing" in refusal(write_framework(tmp_path, content))


@pytest.mark.parametrize("name", ["dimensions", "indicators", "context", "candidates", "literature", "scoring"])
@pytest.mark.parametrize("wrong", [["a list"], "a text", 3])
def test_a_section_that_is_no_mapping_is_named(tmp_path, name, wrong):
    found = refusal(write_framework(tmp_path, framework_content() | {name: wrong}))
    assert found[0].startswith(f"framework.yml, {name}: must be a mapping")


@pytest.mark.parametrize(
    ("section", "wrong", "fault"),
    [
        ("reference_year", "soon", "framework.yml, reference_year: 'soon' is not a year"),
        ("title", "no wording", "framework.yml, title: has no wording in nl"),
        ("definition", {"nl": "alleen"}, "framework.yml, definition: has no wording in en"),
        ("mapped", "trust", "framework.yml, mapped: must be a list"),
        (
            "mapped",
            ["trsut"],
            "framework.yml, mapped, entry 1: unknown indicator 'trsut'; did you mean 'trust'? Known: fear, trust",
        ),
        ("mapped", [["trust"]], "framework.yml, mapped, entry 1: unknown indicator \"['trust']\""),
    ],
)
def test_a_fault_of_the_head_is_named(tmp_path, section, wrong, fault):
    found = refusal(write_framework(tmp_path, framework_content() | {section: wrong}))
    assert found[0].startswith(fault)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"min_coverage": 60}, "framework.yml, scoring, min_coverage: 60 is not a share from 0 to 1"),
        ({"min_coverage": "most"}, "framework.yml, scoring, min_coverage: 'most' is not a share from 0 to 1"),
        (
            {"goalpost_percentiles": [95, 5]},
            "framework.yml, scoring, goalpost_percentiles: [95, 5] is not two percentiles, the lower first",
        ),
        (
            {"goalpost_percentiles": [5, 195]},
            "framework.yml, scoring, goalpost_percentiles: [5, 195] is not two percentiles",
        ),
        (
            {"goalpost_percentiles": ["a", "b"]},
            "framework.yml, scoring, goalpost_percentiles: ['a', 'b'] is not two percentiles",
        ),
        ({"normalise": 3}, "framework.yml, scoring, normalise: 3 is not a text"),
        ({"aggregate": None}, "framework.yml, scoring: aggregate is missing"),
        (
            {"index": "no"},
            "framework.yml, scoring, index: 'no' is not false: profiles show strands side by side and no overall index",
        ),
        (
            {"index": True},
            "framework.yml, scoring, index: True is not false: profiles show strands side by side and no overall index",
        ),
        ({"rounding": 2}, "framework.yml, scoring: unknown field 'rounding'"),
    ],
)
def test_a_fault_of_the_scoring_is_named(tmp_path, changes, fault):
    content = framework_content()
    content["scoring"] |= changes
    (found,) = refusal(write_framework(tmp_path, content))
    assert found.startswith(fault)


def test_a_code_that_stands_in_two_sections_is_refused(tmp_path):
    content = framework_content()
    content["context"]["trust"] = content["context"]["people"]
    assert refusal(write_framework(tmp_path, content)) == [
        "framework.yml, context, trust: the code is already listed in indicators"
    ]


def test_a_code_that_stands_twice_in_one_section_is_refused_with_its_line(tmp_path):
    folder = write_framework(tmp_path, framework_content())
    text = (folder / "framework.yml").read_text()
    (folder / "framework.yml").write_text(text.replace("  fear:\n", "  trust:\n"))
    (found,) = refusal(folder)
    line = text.splitlines().index("  fear:") + 1
    assert found.endswith(f"line {line}, column 3: the key 'trust' appears here for the second time")


def test_a_code_that_is_a_number_is_refused(tmp_path):
    content = framework_content()
    content["indicators"][2025] = content["indicators"].pop("trust")
    assert "framework.yml, indicators: 2025 is not text. Write the code between quotes" in refusal(
        write_framework(tmp_path, content)
    )


@pytest.mark.parametrize(
    ("section", "code", "changes", "fault"),
    [
        (
            "dimensions",
            "first",
            {"explanation": both("a text")},
            "dimensions, first, explanation: has no wording in nl",
        ),
        (
            "dimensions",
            "first",
            {"literature": ["x"]},
            "dimensions, first, literature, entry 1: unknown literature 'x'",
        ),
        ("dimensions", "first", {"note": {"nl": "x"}}, "dimensions, first, note: has no wording in en"),
        ("dimensions", "first", {"colour": "red"}, "dimensions, first: unknown field 'colour'"),
        ("context", "people", {"label": None}, "context, people: label is missing"),
        ("context", "people", {"derive": {"take": 3}}, "context, people, derive, take, of: 3 is not one name"),
        ("context", "people", {"weight": 1}, "context, people: unknown field 'weight'"),
        ("candidates", "wanted", {"would_come_from": None}, "candidates, wanted: would_come_from is missing"),
        ("candidates", "wanted", {"dimension": "third"}, "candidates, wanted, dimension: unknown dimension 'third'"),
        ("candidates", "wanted", {"strand": "x"}, "candidates, wanted, strand: unknown strand 'x'"),
    ],
)
def test_a_fault_of_another_entry_is_refused_with_its_code(tmp_path, section, code, changes, fault):
    content = framework_content()
    content[section][code] |= changes
    assert refusal(write_framework(tmp_path, content))[0].startswith(f"framework.yml, {fault}")


@pytest.mark.parametrize("section", ["dimensions", "context", "candidates"])
def test_any_entry_that_is_no_mapping_is_refused(tmp_path, section):
    content = framework_content()
    content[section]["extra"] = "text"
    (found,) = refusal(write_framework(tmp_path, content))
    assert "extra: must be a mapping" in found


@pytest.mark.parametrize(
    ("frozen", "fault"),
    [
        (["trust"], "goalposts.yml: must be a mapping of fields"),
        (
            {"indicators": ["trust"]},
            "goalposts.yml, indicators: must be a mapping",
        ),
        ({"indicators": {"trust": 3}}, "goalposts.yml, indicators, trust: must be a mapping of fields"),
        (
            {"indicators": {"trust": POST | {"goalposts": [70, 30]}}},
            "goalposts.yml, indicators, trust, goalposts: [70, 30] is not two",
        ),
        (
            {"indicators": {"trust": POST | {"year": None}}},
            "goalposts.yml, indicators, trust: year is missing. Write it: resilience",
        ),
        ({"indicators": {"trust": {}}}, "goalposts.yml, indicators, trust: year is missing"),
        (
            {"indicators": {"trust": POST, "tryst": POST}},
            "goalposts.yml: unknown indicator 'tryst'; did you mean 'trust'",
        ),
    ],
)
def test_a_fault_of_frozen_goalposts_is_refused_with_the_command(tmp_path, frozen, fault):
    content = framework_content(trust=indicator(goalposts=None))
    (found,) = refusal(write_framework(tmp_path, content, frozen))
    assert found.startswith(fault)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "framework.yml: must be a mapping of fields: version, "),
        ("# nothing\n", "framework.yml: must be a mapping of fields"),
        ("- a\n- b\n", "framework.yml: must be a mapping of fields"),
        ("just words\n", "framework.yml: must be a mapping of fields"),
        ("indicators: [\n", "line 2, column 1: did not find expected node content"),
        ("a: b: c\n", "line 1, column 5: mapping values are not allowed in this context"),
    ],
)
def test_a_file_that_is_no_framework_is_refused(tmp_path, text, fault):
    (tmp_path / "framework.yml").write_text(text)
    (found,) = refusal(tmp_path)
    assert fault in found


def test_a_framework_that_does_not_exist_is_named(tmp_path):
    assert refusal(tmp_path)[0].endswith("framework.yml: the file does not exist")


def test_a_strand_of_a_dimension_in_which_nothing_has_a_weight_is_refused(tmp_path):
    apart = indicator(weight=0, apart=both("why"))
    content = framework_content(trust=apart, fear=apart)
    assert refusal(write_framework(tmp_path, content)) == [
        "framework.yml, dimension first, strand residents: no indicator has a weight above 0"
    ]
    one_counts = framework_content(trust=apart, fear=indicator(weight=2))
    assert load_framework(write_framework(tmp_path, one_counts)).indicators["trust"].weight == 0


@pytest.mark.parametrize("entry", [indicator(weight=0), indicator(weight=1, apart=both("why"))])
def test_an_indicator_with_weight_0_says_why_and_no_other_does(tmp_path, entry):
    (fault,) = refusal(write_framework(tmp_path, framework_content(trust=entry, fear=indicator())))
    assert fault.endswith("An indicator with weight 0 says in `apart` why")


@pytest.mark.parametrize(
    ("section", "fault"),
    [
        ({"survey": {"value": 0.5, "why": both("x")}}, "framework.yml, error_correlation: default is missing"),
        ({"default": 0.5}, "framework.yml, error_correlation, default: must be a mapping of fields: value, why"),
        (
            {"default": {"value": 1.5, "why": both("x")}},
            "framework.yml, error_correlation, default, value: 1.5 is not a share",
        ),
        ({"default": {"value": 0.5}}, "framework.yml, error_correlation, default: why is missing"),
        (
            {"default": {"value": 0, "why": both("x"), "n": 3}},
            "framework.yml, error_correlation, default: unknown field 'n'",
        ),
    ],
)
def test_a_correlation_of_errors_from_0_to_1_with_its_reason_is_asked_for(tmp_path, section, fault):
    found = refusal(write_framework(tmp_path, framework_content() | {"error_correlation": section}))
    assert any(line.startswith(fault) for line in found)


def test_all_faults_come_back_in_one_message(tmp_path):
    content = framework_content(
        trust=indicator(direction=0, weight=-1, unit=None), fear=indicator(strand="x", literature=["none"])
    )
    content["dimensions"]["first"]["label"] = {"nl": "alleen"}
    content["mapped"] = ["nothing"]
    assert len(refusal(write_framework(tmp_path, content))) == 3 + 2 + 1 + 1


def test_the_framework_of_the_package_survives_a_round_trip(tmp_path, definitions):
    content = read_definition(definitions / "framework.yml")
    frozen = yaml.safe_load((definitions / "goalposts.yml").read_text(encoding="utf-8"))
    assert load_framework(write_framework(tmp_path / "copy", content, frozen)) == load_framework(definitions)
