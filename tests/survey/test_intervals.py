import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.survey.intervals import (
    effective_n,
    finite_population,
    mean_interval,
    newcombe,
    normal_quantile,
    wilson,
)


@pytest.mark.parametrize("agree", range(11))
def test_wilson_is_the_interval_of_the_score_test(agree):
    share, n = agree / 10, 10
    low, high = wilson(share, n)

    def score(p):
        return (share - p) ** 2 * n - stats.norm.ppf(0.975) ** 2 * p * (1 - p)

    assert float(low) == pytest.approx(optimize.brentq(score, 0, share - 1e-6) if agree else 0, abs=1e-9)
    assert float(high) == pytest.approx(optimize.brentq(score, share + 1e-6, 1) if agree < 10 else 1, abs=1e-9)


@given(st.integers(1, 500), st.floats(0, 1), st.floats(0.5, 0.99))
def test_wilson_agrees_with_statsmodels(n, share, confidence):
    agree = round(share * n)
    low, high = wilson(agree / n, n, confidence=confidence)
    expected = proportion_confint(agree, n, alpha=1 - confidence, method="wilson")
    np.testing.assert_allclose([low, high], expected, atol=1e-12)
    assert 0 <= low <= agree / n <= high <= 1


def test_nobody_and_everybody_stand_exactly_at_the_ends():
    low, high = wilson([0.0, 1.0], [7, 7])
    assert low[0] == 0
    assert high[1] == 1


def test_missing_share_has_no_interval():
    low, high = wilson([np.nan], [np.nan])
    assert np.isnan([low[0], high[0]]).all()


def test_normal_interval_is_mean_and_two_standard_errors():
    low, high = mean_interval(2.0, 0.1, 30)
    assert float(high) == pytest.approx(2.0 + 1.959963984540054 * 0.1, abs=1e-15)
    assert float(low) == pytest.approx(2.0 - 1.959963984540054 * 0.1, abs=1e-15)


def test_student_interval_is_wider_for_few_answers():
    low, high = mean_interval([2.0, 2.0], [0.1, 0.1], [4, 499], kind="t")
    margin = (high - low) / 2
    assert margin[0] == pytest.approx(stats.t.ppf(0.975, 4) * 0.1)
    assert margin[1] < margin[0]


def test_rounding_of_a_weighted_mean_of_equal_answers_is_no_spread():
    low, high = mean_interval([3.0000000000000004], [1.5e-16], [9], kind="t")
    assert np.isnan([low, high]).all()


def test_student_interval_is_unknown_where_all_answered_alike():
    low, high = mean_interval([2.0, 2.0], [0.0, 0.2], [8, 0], kind="t")
    assert np.isnan([*low, *high]).all()


def test_unknown_interval_is_wrong_use():
    with pytest.raises(UsageError, match="unknown interval 'bootstrap'"):
        mean_interval(1, 1, 1, kind="bootstrap")


def test_difference_of_shares_agrees_with_statsmodels():
    low, high = newcombe(30 / 50, 50, 12 / 40, 40)
    expected = confint_proportions_2indep(30, 50, 12, 40, method="newcomb")
    np.testing.assert_allclose([low, high], expected, rtol=1e-12)


def test_effective_number_is_the_number_when_weights_are_equal():
    assert effective_n(np.full(8, 3.5)) == pytest.approx(8)
    assert effective_n(np.array([1.0, 3.0])) == pytest.approx((1 + 3) ** 2 / (1 + 9))
    assert effective_n(np.array([])) == 0


def test_finite_population_narrows_the_margin_as_the_provinces_print_it():
    share, n, population = 4602.75 / 11626.85 * 100, 408, 11626.85
    margin = 1.96 * np.sqrt(share * (100 - share) / n) * finite_population(n, population)
    assert float(margin) == pytest.approx(4.6613, abs=5e-5)


def test_everybody_asked_leaves_no_sampling_error():
    assert float(finite_population(10, 10)) == 0


def test_more_answers_than_people_is_wrong_use():
    with pytest.raises(UsageError, match="more people answered than the population has"):
        finite_population([3, 11], [10, 10])


def test_quantile_at_ninety_five_percent():
    assert normal_quantile(0.95) == pytest.approx(1.959963984540054, abs=1e-15)
