import numpy as np
import pandas as pd
import pytest

from resilience_analysis.foundation.errors import InputError
from resilience_analysis.survey.weights import rake

PEOPLE = pd.DataFrame({"role": ["a"] * 30 + ["b"] * 10, "age": (["old"] * 2 + ["young"] * 2) * 10})
WIDE = (0.0, 100.0)


def shares(weights, column):
    return (weights.groupby(PEOPLE[column]).sum() / weights.sum()).to_dict()


def test_every_margin_is_met():
    raked = rake(PEOPLE, {"role": {"a": 50, "b": 50}, "age": {"old": 3, "young": 7}}, trim=WIDE)
    assert shares(raked.weights, "role") == pytest.approx({"a": 0.5, "b": 0.5}, abs=1e-9)
    assert shares(raked.weights, "age") == pytest.approx({"old": 0.3, "young": 0.7}, abs=1e-9)
    assert raked.margin_gap < 1e-9
    assert raked.weights.mean() == pytest.approx(1)


def test_one_margin_is_plain_post_stratification():
    raked = rake(PEOPLE, {"role": {"a": 0.5, "b": 0.5}}, trim=WIDE)
    assert raked.weights.to_numpy() == pytest.approx(np.where(PEOPLE["role"] == "a", 0.5 / 0.75, 0.5 / 0.25))


def test_design_effect_is_what_weighting_costs():
    raked = rake(PEOPLE, {"role": {"a": 0.5, "b": 0.5}}, trim=WIDE)
    weights = raked.weights.to_numpy()
    assert raked.n_effective == pytest.approx(weights.sum() ** 2 / (weights**2).sum())
    assert raked.design_effect == pytest.approx(40 / raked.n_effective)
    assert raked.design_effect > 1


def test_sample_that_fits_keeps_equal_weights():
    raked = rake(PEOPLE, {"role": {"a": 0.75, "b": 0.25}})
    assert raked.weights.to_numpy() == pytest.approx(np.ones(40))
    assert raked.design_effect == pytest.approx(1)
    assert raked.trimmed == 0


def test_starting_weights_are_kept_within_a_value():
    start = pd.Series(np.where(PEOPLE.index % 2 == 0, 1.0, 2.0))
    weights = rake(PEOPLE, {"role": {"a": 1, "b": 1}}, start=start, trim=WIDE).weights
    assert weights[1] / weights[0] == pytest.approx(2)
    assert weights[31] / weights[30] == pytest.approx(2)


def test_trimmed_weights_stay_in_bounds_and_say_what_is_missed():
    raked = rake(PEOPLE, {"role": {"a": 1, "b": 99}}, trim=(0.3, 3.0))
    assert raked.weights.between(0.3 - 1e-9, 3.0 + 1e-9).all()
    assert raked.trimmed > 0
    assert raked.weights.mean() == pytest.approx(1)
    assert raked.margin_gap > 0.1


@pytest.mark.parametrize("seed", range(12))
def test_bounds_that_the_weights_keep_to_change_nothing(seed):
    # On the way weights may stand outside: they are cut off only where they end there.
    random = np.random.default_rng(seed)
    people = pd.DataFrame({"role": random.choice(["a", "b"], 150), "age": random.choice(["o", "m", "y"], 150)})
    margins = {"role": {"a": 30, "b": 70}, "age": {"o": 50, "m": 35, "y": 15}}
    wide = rake(people, margins, trim=WIDE)
    bounds = (wide.weights.min() * 0.999, wide.weights.max() * 1.001)
    pd.testing.assert_series_equal(rake(people, margins, trim=bounds).weights, wide.weights)


def test_all_faults_of_the_margins_come_at_once():
    people = PEOPLE.assign(age=PEOPLE["age"].where(PEOPLE.index > 2))
    margins = {"role": {"a": 1, "c": 2}, "age": {"old": -1, "young": 1}, "sex": {"f": 1}}
    with pytest.raises(InputError) as raised:
        rake(people, margins)
    whats = sorted(problem.what for problem in raised.value.problems)
    assert whats == [
        "'b' has no number of people",
        "'old' has no number of people",
        "3 respondents have no value",
        "has a negative number, or adds up to nothing",
        "no respondent has 'c'",
        "the answers have no such column",
    ]


def test_people_are_not_changed():
    before = PEOPLE.copy(deep=True)
    rake(PEOPLE, {"role": {"a": 1, "b": 1}})
    pd.testing.assert_frame_equal(PEOPLE, before)


def test_starting_weight_of_nothing_is_refused():
    start = pd.Series([0.0] + [1.0] * 39)
    with pytest.raises(InputError, match="weights above 0"):
        rake(PEOPLE, {"role": {"a": 1, "b": 1}}, start=start)


def test_weights_are_a_product_of_one_factor_per_value():
    people = PEOPLE.assign(kind=PEOPLE["role"] + PEOPLE["age"])
    raked = rake(people, {"role": {"a": 50, "b": 50}, "age": {"old": 3, "young": 7}}, trim=WIDE)
    weight = raked.weights.groupby(people["kind"]).first()
    assert weight["aold"] * weight["byoung"] == pytest.approx(weight["ayoung"] * weight["bold"])
