from __future__ import annotations

import pytest

from resilience_analysis import composite
from resilience_analysis.composite.choices import noisy_codes, read_choices, with_alternatives
from resilience_analysis.foundation.errors import UsageError

BASE = {"impute.method": "mean", "treat.winmax": 5, "normalise.bounds": (1, 100)}


def read(choices, base=BASE, has_error=False):
    return read_choices(choices, base=base, levels=3, has_error=has_error)


def test_a_choice_of_an_argument_sets_that_argument():
    factors = read({"treat.winmax": [1, 5]})
    assert factors.alternatives == {"treat.winmax": [{"treat.winmax": 1}, {"treat.winmax": 5}]}
    assert factors.names == ["treat.winmax"]


def test_a_choice_of_a_step_sets_arguments_together():
    factors = read({"normalise": [{"method": "rank"}, {"method": "zscore", "bounds": (50, 15)}]})
    assert factors.alternatives["normalise"] == [
        {"normalise.method": "rank"},
        {"normalise.method": "zscore", "normalise.bounds": (50, 15)},
    ]


def test_noise_is_for_all_levels_below_the_top_or_some():
    assert read({"weights.noise": 0.2}).noise == {1: 0.2, 2: 0.2}
    assert read({"weights.noise": {2: 0.5}}).noise == {2: 0.5}
    assert read({"weights.noise": 0.2}).names == ["weights.noise"]


def test_sampling_error_is_varied_when_there_is_any():
    assert read({}, has_error=True).names == ["sample"]
    assert read({"sample": False, "weights.noise": 0.1}, has_error=True).names == ["weights.noise"]


def test_noise_falls_on_codes_with_a_parent(metadata):
    found = noisy_codes(composite.check_metadata(metadata), {1: 0.1, 2: 0.3})
    assert found.to_dict() == {"a": 0.1, "b": 0.1, "c": 0.1, "d": 0.1, "social": 0.3, "spatial": 0.3}


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        ({"normalise.method": "goalposts"}, {"normalise.method": "goalposts", "normalise.bounds": (1, 100)}),
        ({"normalise.method": "zscore"}, {"normalise.method": "zscore"}),
        ({"normalise.method": "rank"}, {"normalise.method": "rank"}),
        (
            {"normalise.method": "zscore", "normalise.bounds": (50, 10)},
            {"normalise.method": "zscore", "normalise.bounds": (50, 10)},
        ),
        ({"normalise.bounds": (0, 1)}, {"normalise.bounds": (0, 1)}),
    ],
)
def test_bounds_go_only_with_methods_that_take_their_kind(update, expected):
    found = with_alternatives({"normalise.bounds": (1, 100)}, [update])
    assert found == expected


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"treat.winmx": [1, 2]}, "did you mean 'treat.winmax'"),
        ({"screen.min_available": [0.5, 0.9]}, "unknown choice"),
        ({"treat.winmax": [1]}, "needs a list of at least 2 values"),
        ({"normalise.method": "rank"}, "needs a list of at least 2 values"),
        ({"normalise": [{"metod": "rank"}, {}]}, "unknown setting 'normalise.metod'"),
        ({"normalise": ["rank", "zscore"]}, "needs groups of arguments"),
        ({"weights.noise": 2}, "2 is not between 0 and 1"),
        ({"weights.noise": {3: 0.1}}, "names level 3; weights count on levels 1 to 2"),
        ({"sample": True}, "needs the error of the values"),
        ({}, "there is nothing to vary"),
    ],
)
def test_wrong_choices_are_refused_in_words(choices, said):
    with pytest.raises(UsageError) as caught:
        read(choices)
    assert said in str(caught.value)


def test_varying_a_step_that_is_not_done_is_refused():
    with pytest.raises(UsageError, match="varies a step that the run does not do"):
        read({"treat.winmax": [1, 5]}, base={})
