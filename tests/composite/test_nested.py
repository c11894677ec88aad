from __future__ import annotations

import pytest
import yaml

from resilience_analysis import composite
from resilience_analysis.composite import check_metadata
from resilience_analysis.composite.nested import choice_problems, default_problems
from resilience_analysis.foundation.errors import InputError

from .conftest import make_metadata

GOOD = """
title: An example
codes:
  - code: index
    label: The index
    children:
      - code: social
        weight: 2
        children:
          - {code: a, label: Trust, direction: 1, unit: "%", goalposts: [0, 10], target: 8, target_cap: true}
          - {code: b, direction: -1, weight: 3, denominator: people, denominator_scale: 1000, treat: none}
      - code: spatial
        children:
          - {code: c, direction: 1, range: [1, 10], zscore: [100, 15], scaled: [0, 5], winmax: 2}
groups: [province]
other: [remark]
defaults: {normalise: goalposts, range: [0, 100], aggregate: [arithmetic, geometric], min_coverage: 0.6, ties: average}
uncertainty: {weights.noise: 0.25, treat.winmax: [1, 5]}
"""


def refused(text: str) -> str:
    with pytest.raises(InputError) as caught:
        composite.from_nested(yaml.safe_load(text), name="frame.yml")
    return str(caught.value)


def test_a_tree_becomes_metadata_of_its_levels():
    metadata = composite.from_nested(yaml.safe_load(GOOD)).metadata
    assert metadata["level"].dropna().to_dict() == {"index": 3, "social": 2, "a": 1, "b": 1, "spatial": 2, "c": 1}
    assert metadata.loc[["a", "social", "index"], "parent"].tolist() == ["social", "index", ""]
    assert metadata.loc["b", ["direction", "weight", "denominator", "denominator_scale", "treat"]].tolist() == [
        -1,
        3,
        "people",
        1000,
        "none",
    ]
    assert metadata.loc["a", ["goalpost_lower", "goalpost_upper", "target", "target_cap"]].tolist() == [0, 10, 8, 1]
    assert metadata.loc["c", ["minmax_lower", "zscore_sd", "scaled_upper", "winmax"]].tolist() == [1, 15, 5, 2]
    assert metadata.loc[["social", "spatial"], "weight"].tolist() == [2, 1]


def test_columns_that_are_not_scored_have_their_type():
    kinds = composite.from_nested(yaml.safe_load(GOOD)).metadata["type"]
    assert kinds[["province", "remark", "people"]].tolist() == ["group", "other", "denominator"]


def test_defaults_become_settings_named_by_argument():
    framework = composite.from_nested(yaml.safe_load(GOOD))
    assert framework.settings == {
        "denominate": True,
        "treat.method": "none",
        "normalise.method": "goalposts",
        "normalise.bounds": [0, 100],
        "aggregate.method": ["arithmetic", "geometric"],
        "aggregate.min_coverage": 0.6,
        "normalise.ties": "average",
    }
    assert framework.choices == {"weights.noise": 0.25, "treat.winmax": [1, 5]}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("label: The index", "lable: The index", "code index, key lable: unknown key 'lable'; did you mean 'label'?"),
        ("goalposts: [0, 10]", "goalposts: 10", "code a, key goalposts: 10 is not [lower, upper]"),
        ("goalposts: [0, 10]", "goalposts: [10, 0]", "10 is above 0"),
        ("direction: -1", "direction: down", "'down' is not a number"),
        ("{code: a, ", "{kode: a, ", "has no code"),
        ("code: spatial", "code: social", "code social: appears in rows"),
        (
            "defaults: {normalise",
            "defaults: {normalize",
            "defaults: unknown field 'normalize'; did you mean 'normalise'",
        ),
        ("title: An", "titel: An", "titel: unknown key 'titel'; did you mean 'title'?"),
        ("groups: [province]", "groups: [a]", "code a: appears in rows"),
        ("groups: [province]", "groups: province", "groups: 'province' is not a list"),
    ],
)
def test_each_fault_of_a_tree_is_refused_by_code_and_key(old, new, said):
    assert old in GOOD
    assert said in refused(GOOD.replace(old, new))


@pytest.mark.parametrize("text", ["", "codes: 3", "[1, 2]", "defaults: {}"])
def test_a_document_without_codes_is_refused(text):
    assert "codes: is not a list of codes" in refused(text)


def test_children_that_are_no_list_are_refused():
    assert "children of index: is not a list" in refused("codes: [{code: index, children: {code: a}}]")


def test_an_aggregate_with_empty_children_is_refused():
    message = refused("codes: [{code: index, children: [{code: a, direction: 1}, {code: b, children: []}]}]")
    assert "code b: is an aggregate without children" in message


def said_of(problems) -> str:
    return "\n".join(str(problem) for problem in problems)


@pytest.mark.parametrize(
    ("defaults", "said"),
    [
        ([1], "defaults: must be a mapping of fields"),
        ({"normalize": "rank"}, "defaults: unknown field 'normalize'; did you mean 'normalise'"),
        ({"normalise": 3}, "defaults, normalise: unknown normalisation method '3'"),
        ({"max_gap": True}, "defaults, max_gap: True is not a whole number of 1 or more"),
        ({"winmax": -1}, "defaults, winmax: -1 is not a whole number of 0 or more"),
        ({"screen": 5}, "defaults, screen: 5 is not a share from 0 to 1"),
        ({"fallback": "lg"}, "defaults, fallback: unknown transformation 'lg'; did you mean 'log'"),
        ({"normalise": "rnk"}, "unknown normalisation method 'rnk'; did you mean 'rank'"),
        ({"normalise": "rank", "range": [0, 1]}, "the method rank takes no bounds"),
        ({"range": 5}, "defaults, range: 5 is not [low, high]"),
        ({"range": [0, "a"]}, "defaults, range: [0, 'a'] is not [low, high]"),
        ({"range": [5, 1]}, "the lower bound 5 is not below the upper bound 1"),
        ({"ties": "max"}, "unknown way with ties 'max'"),
        ({"constant": "drop"}, "unknown way with a constant indicator 'drop'. Known: a number, missing, refuse"),
        ({"aggregate": "geometrc"}, "did you mean 'geometric'"),
        ({"aggregate": ["arithmetic"] * 3}, "3 values for aggregation method, but the framework has 2 levels"),
        ({"aggregate": []}, "defaults, aggregate: [] is not the name of a method"),
        ({"power": "x"}, "defaults, power: 'x' is not a number"),
        ({"min_coverage": "much"}, "defaults, min_coverage: 'much' is not a share"),
        ({"min_coverage": [0.5, 3]}, "defaults, min_coverage: [0.5, 3] is not a share from 0 to 1, or a list"),
        ({"weights": "even"}, "unknown weighting method 'even'"),
    ],
)
def test_each_wrong_default_is_refused_with_its_key(defaults, said):
    assert said in said_of(default_problems(defaults, check_metadata(make_metadata())))


def test_all_wrong_defaults_are_named_in_one_message():
    wrong = {"normalise": "rnk", "aggregate": "mean", "weights": "even"}
    assert len(default_problems(wrong, check_metadata(make_metadata()))) == 3


def test_defaults_are_tried_only_on_metadata_without_problems():
    assert default_problems({"aggregate": "mean"}, None) == []


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        (["treat.winmax"], "uncertainty: ['treat.winmax'] is not a list of choices"),
        ({"weights.noise": "much"}, "uncertainty, weights.noise: 'much' is not a number of 0 to 1"),
        ({"weights.noise": {1: 2}}, "uncertainty, weights.noise: {1: 2} is not a number of 0 to 1"),
        ({"sample": 1}, "uncertainty, sample: 1 is not true or false"),
        ({"treat.winmx": [1, 2]}, "uncertainty, treat.winmx: unknown choice"),
        ({3: [1, 2]}, "uncertainty, 3: unknown choice '3'"),
        ({"normalise.method": "rank"}, "needs a list of at least 2 values"),
    ],
)
def test_each_wrong_choice_is_refused_with_its_name(choices, said):
    assert said in said_of(choice_problems(choices))


def test_sound_choices_of_every_kind_have_no_problems():
    sound = {
        "weights.noise": {1: 0.1, 2: 0.25},
        "sample": False,
        "treat.winmax": [1, 5],
        "normalise": [{}, {"ties": 1}],
    }
    assert choice_problems(sound) == []
