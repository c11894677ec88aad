import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from resilience_analysis.survey.intervals import LABEL, fay_herriot, shrink

DIRECT = np.array([40.0, 55.0, 62.0, 48.0, 70.0])
ERROR = np.array([4.0, 9.0, 25.0, 16.0, 100.0])


def table(**columns):
    base = {"by": list("abcde"), "n_effective": 100 / ERROR, "mean": DIRECT, "se": np.sqrt(ERROR)}
    return pd.DataFrame(base | columns)


def restricted_likelihood(between):
    """The REML log likelihood with its matrices written out."""
    v = np.diag(between + ERROR)
    x = np.ones((len(DIRECT), 1))
    inverse = np.linalg.inv(v)
    information = x.T @ inverse @ x
    p = inverse - inverse @ x @ np.linalg.inv(information) @ x.T @ inverse
    return -0.5 * (np.linalg.slogdet(v)[1] + np.linalg.slogdet(information)[1] + DIRECT @ p @ DIRECT)


def test_shrunk_estimates_maximise_the_restricted_likelihood():
    found = optimize.minimize_scalar(lambda s: -restricted_likelihood(s), bounds=(0, 2000), method="bounded")
    between = found.x
    weights = 1 / (between + ERROR)
    mean = (weights * DIRECT).sum() / weights.sum()
    kept = between / (between + ERROR)
    shrunk, _, parts = fay_herriot(DIRECT, ERROR)
    np.testing.assert_allclose(parts, kept, rtol=1e-4)
    np.testing.assert_allclose(shrunk, kept * DIRECT + (1 - kept) * mean, rtol=1e-4)


def test_variance_between_areas_is_exact_to_the_last_digits():
    _, _, kept = fay_herriot(DIRECT, ERROR)
    between = (ERROR * kept / (1 - kept))[0]
    v = 1 / (between + ERROR)
    p = np.diag(v) - np.outer(v, v) / v.sum()
    # the slope of the restricted likelihood, as a share of its two sides
    assert DIRECT @ p @ p @ DIRECT / np.trace(p) == pytest.approx(1, abs=1e-12)


def test_unsure_areas_are_drawn_to_the_mean_most():
    _, _, kept = fay_herriot(DIRECT, ERROR)
    assert list(np.argsort(-kept)) == list(np.argsort(ERROR))


def test_areas_that_do_not_differ_are_drawn_together_fully():
    shrunk, se, kept = fay_herriot(np.array([50.0, 50.1, 49.9]), np.full(3, 30.0))
    np.testing.assert_allclose(kept, 0)
    np.testing.assert_allclose(shrunk, 50)
    assert (se > 0).all()


def test_shrinking_makes_few_answers_surer():
    result = shrink(table())
    assert result.loc[4, "shrunk_se"] < result.loc[4, "direct_se"]


def test_result_is_labelled_as_a_model_beside_the_direct_estimate():
    result = shrink(table())
    assert set(result["model"]) == {LABEL}
    assert result["direct"].tolist() == DIRECT.tolist()


def test_sampling_variance_is_pooled_over_areas():
    result = shrink(table(se=[0.0, 3.0, 5.0, 4.0, 10.0]))
    n = 100 / ERROR
    pooled = np.average(np.array([0.0, 9.0, 25.0, 16.0, 100.0]) * n, weights=n)
    np.testing.assert_allclose(result["direct_se"], np.sqrt(pooled / n))


def test_area_without_an_estimate_takes_no_part():
    result = shrink(table(mean=[np.nan, *DIRECT[1:]]))
    assert result.loc[0, ["direct", "shrunk", "kept"]].isna().all()
    assert result.loc[0, "model"] == ""
    others = shrink(table().iloc[1:])
    np.testing.assert_allclose(result["shrunk"].iloc[1:], others["shrunk"])


def test_areas_that_all_answered_alike_have_no_model():
    result = shrink(table(se=np.full(5, 1e-15)))
    assert result["shrunk"].isna().all()
    assert set(result["model"]) == {""}


def test_two_areas_are_too_few_for_a_model():
    result = shrink(table().iloc[:2])
    assert result["shrunk"].isna().all()
    assert set(result["model"]) == {""}


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(0, 100), min_size=3, max_size=8), st.integers(0, 100))
def test_shrunk_lies_between_direct_and_mean(direct, seed):
    error = np.random.default_rng(seed).uniform(1, 200, len(direct))
    shrunk, se, kept = fay_herriot(np.array(direct), error)
    assert ((kept >= 0) & (kept <= 1)).all()
    assert shrunk.min() >= min(direct) - 1e-6
    assert shrunk.max() <= max(direct) + 1e-6
    assert np.isfinite(se).all()
