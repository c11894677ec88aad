from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from resilience_analysis.composite.choices import NOISE, SAMPLE, Factors
from resilience_analysis.composite.sampling import make_design
from resilience_analysis.foundation.errors import UsageError

FACTORS = Factors({"x": [{}, {}, {}], "y": [{}, {}]}, {1: 0.2}, sample=True)
NOISY = pd.Series({"a": 0.2, "b": 0.2})


def test_each_base_point_has_two_draws_and_one_per_factor():
    design = make_design(FACTORS, NOISY, n=10, seed=0)
    assert design.names == ["x", "y", NOISE, SAMPLE]
    assert design.draws_per_point == 6
    assert len(design.draws(slice(2, 5)).samples) == 3 * 6
    assert make_design(FACTORS, NOISY, n=10, seed=0, with_indices=False).draws_per_point == 1


def test_a_mixed_draw_takes_one_factor_from_the_other_point():
    design = make_design(FACTORS, NOISY, n=8, seed=0)
    draws = design.draws(slice(3, 4))
    a, b = 0, 1
    for factor, row in enumerate(range(2, 6)):
        for choice in range(2):
            expected = draws.picks[b if factor == choice else a, choice]
            assert draws.picks[row, choice] == expected
        np.testing.assert_array_equal(draws.noise[row], draws.noise[b if factor == 2 else a])
        assert draws.samples[row] == draws.samples[b if factor == 3 else a]


def test_points_cover_alternatives_and_noise_evenly():
    design = make_design(FACTORS, NOISY, n=1024, seed=5)
    for point in range(2):
        shares = np.bincount(design.picks[point, :, 0]) / 1024
        np.testing.assert_allclose(shares, [1 / 3] * 3, atol=0.01)
        np.testing.assert_allclose(design.noise[point].mean(axis=0), 0, atol=0.01)
        assert np.abs(design.noise[point]).max() <= 1


def test_every_point_has_a_sample_of_its_own():
    design = make_design(FACTORS, NOISY, n=16, seed=0)
    assert len(set(design.samples.ravel().tolist())) == 32
    quiet = make_design(Factors({"x": [{}, {}]}), NOISY.iloc[:0], n=4, seed=0)
    assert set(quiet.samples.ravel().tolist()) == {-1}


def test_the_seed_decides_the_points():
    one, same, other = (make_design(FACTORS, NOISY, n=50, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.picks, same.picks)
    assert not np.array_equal(one.noise, other.noise)


def test_more_points_begin_with_the_same_points():
    few, many = make_design(FACTORS, NOISY, n=50, seed=1), make_design(FACTORS, NOISY, n=60, seed=1)
    np.testing.assert_array_equal(few.noise, many.noise[:, :50])


def test_too_many_noisy_weights_are_refused():
    with pytest.raises(UsageError, match="11000 noisy weights are too many"):
        make_design(FACTORS, pd.Series(0.1, index=range(11000)), n=4, seed=0)
