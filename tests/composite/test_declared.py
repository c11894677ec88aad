from __future__ import annotations

import pytest

from resilience_analysis.composite import check_metadata
from resilience_analysis.composite.nested import choice_problems, default_problems

from .conftest import make_metadata


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


def test_all_wrong_defaults_stand_in_one_message():
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
