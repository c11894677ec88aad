from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resilience_analysis.composite.arrays import skewness_and_kurtosis
from resilience_analysis.composite.formulas import Rule, check_shape, treat_values

ORDINARY = np.arange(1.0, 13.0)


def with_outliers(*values: float) -> np.ndarray:
    return np.concatenate([ORDINARY, values])


def slow_winsorise(x: list[float], winmax: int | None) -> tuple[list[float], int]:
    """Winsorise with plain lists, as the rule is told."""
    x, high, low = list(x), set(), set()
    while True:
        skew, kurt = skewness_and_kurtosis(np.array(x))
        if abs(skew) < 2 or kurt < 3.5 or (winmax is not None and len(high) + len(low) >= winmax):
            return x, len(high) + len(low)
        extreme = max(x) if skew >= 0 else min(x)
        places = {place for place, value in enumerate(x) if value == extreme}
        rest = [value for value in x if value != extreme]
        if len(set(rest)) == 1:
            return x, len(high) + len(low)
        for place in places:
            x[place] = max(rest) if skew >= 0 else min(rest)
        high, low = (places, low) if skew >= 0 else (high, places)


def test_values_that_pass_stay_as_they_are():
    outcome = treat_values(ORDINARY, Rule())
    assert outcome.values is ORDINARY
    assert list(outcome.checks) == ["raw"]
    assert outcome.checks["raw"].passes is True


def test_one_high_outlier_becomes_the_next_value():
    outcome = treat_values(with_outliers(500.0), Rule())
    assert outcome.values.tolist() == [*ORDINARY, 12.0]
    assert outcome.winsorised == 1
    assert np.flatnonzero(outcome.high).tolist() == [12]
    assert outcome.checks["winsorised"].passes is True


def test_one_low_outlier_becomes_the_next_value():
    outcome = treat_values(with_outliers(-500.0), Rule())
    assert outcome.values[-1] == 1.0
    assert outcome.low.sum() == 1
    assert not outcome.high.any()


def test_outliers_are_pulled_in_together_until_it_passes():
    outcome = treat_values(with_outliers(900.0, 3000.0), Rule())
    assert outcome.values[-2:].tolist() == [12.0, 12.0]
    assert outcome.winsorised == 2


def test_what_winsorising_does_not_mend_is_logged_from_its_raw_values():
    x = with_outliers(900.0, 3000.0)
    outcome = treat_values(x, Rule(winmax=1))
    np.testing.assert_allclose(outcome.values, np.log(x - 1 + 0.01 * 2999))
    assert outcome.transform == "log"
    assert outcome.winsorised == 1
    assert not outcome.high.any()
    assert list(outcome.checks) == ["raw", "winsorised", "transformed"]


def test_without_transformation_it_stays_winsorised():
    outcome = treat_values(with_outliers(900.0, 3000.0), Rule(winmax=1, fallback="none"))
    assert outcome.values[-2:].tolist() == [900.0, 900.0]
    assert outcome.checks["winsorised"].passes is False


def test_without_winsorising_it_is_transformed_at_once():
    outcome = treat_values(with_outliers(500.0), Rule(winmax=0))
    assert list(outcome.checks) == ["raw", "transformed"]
    assert outcome.transform == "log"


def test_box_cox_of_a_power_and_of_zero():
    x = with_outliers(500.0)
    powered = treat_values(x, Rule(winmax=0, fallback="box-cox", power=0.5))
    np.testing.assert_allclose(powered.values, (np.sqrt(x - 1 + 1) - 1) / 0.5)
    logged = treat_values(x, Rule(winmax=0, fallback="box-cox"))
    np.testing.assert_allclose(logged.values, np.log(x - 1 + 1))


def test_log_by_skew_mirrors_when_the_tail_is_low():
    x = with_outliers(-500.0)
    mirrored = treat_values(x, Rule(winmax=0, fallback="log-by-skew"))
    np.testing.assert_allclose(mirrored.values, -np.log(12 - x + 0.01 * 512))
    straight = treat_values(-x, Rule(winmax=0, fallback="log-by-skew"))
    np.testing.assert_allclose(straight.values, -mirrored.values)


@pytest.mark.parametrize("transform", ["log", "log-by-skew", "box-cox"])
@pytest.mark.parametrize("tail", [500.0, -500.0])
def test_transformations_keep_the_order_of_values(transform, tail):
    x = with_outliers(tail)
    treated = treat_values(x, Rule(winmax=0, fallback=transform)).values
    assert np.argsort(treated).tolist() == np.argsort(x).tolist()


@pytest.mark.parametrize("x", [np.array([1.0, 2.0, 900.0]), np.full(9, 3.0), np.array([])])
def test_what_has_no_kurtosis_is_left_alone(x):
    outcome = treat_values(x, Rule())
    assert outcome.checks["raw"].passes is None
    assert outcome.values is x


def test_passing_needs_either_skewness_or_kurtosis_below():
    x = with_outliers(40.0)
    skew, kurt = skewness_and_kurtosis(x)
    assert check_shape(x, Rule(max_skewness=skew + 0.1, max_kurtosis=-10)).passes is True
    assert check_shape(x, Rule(max_skewness=0, max_kurtosis=kurt + 0.1)).passes is True
    assert check_shape(x, Rule(max_skewness=skew - 0.1, max_kurtosis=kurt - 0.1)).passes is False


@given(
    st.lists(st.integers(0, 30).map(float), min_size=6, max_size=25),
    st.lists(st.sampled_from([-900.0, 300.0, 301.0, 2000.0]), max_size=4),
    st.sampled_from([1, 3, 5, None]),
)
@settings(max_examples=80, deadline=None)
def test_winsorising_agrees_with_the_slow_way(ordinary, outliers, winmax):
    x = np.array(ordinary + outliers)
    outcome = treat_values(x, Rule(winmax=winmax, fallback="none"))
    if outcome.checks["raw"].passes is None:
        return
    values, count = slow_winsorise(x.tolist(), winmax)
    assert outcome.values.tolist() == values
    assert outcome.winsorised == count


def test_winsorising_never_leaves_one_value_alone():
    x = np.array([0.0] + [1.0] * 9)
    outcome = treat_values(x, Rule(fallback="none"))
    assert outcome.values.tolist() == x.tolist()
    assert outcome.winsorised == 0
    logged = treat_values(x, Rule())
    assert logged.transform == "log"
    assert len(set(logged.values.tolist())) == 2


def test_no_limit_goes_on_until_it_passes():
    x = np.concatenate([ORDINARY, np.geomspace(1e3, 1e9, 8)])
    outcome = treat_values(x, Rule(winmax=None, fallback="none"))
    assert outcome.checks["winsorised"].passes is True
    assert not math.isnan(outcome.checks["winsorised"].skewness)
