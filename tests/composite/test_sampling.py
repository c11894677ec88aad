from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from resilience_analysis import composite
from resilience_analysis.composite.choices import NOISE, SAMPLE, Factors
from resilience_analysis.composite.sampling import Z95, add_up, indices, jackknife, make_design, read_spread, together
from resilience_analysis.foundation.errors import InputError, UsageError


@pytest.fixture
def values() -> pd.DataFrame:
    return pd.DataFrame({"a": np.full(4000, 10.0), "b": 5.0})


def test_standard_errors_spread_values_normally(values):
    spread = read_spread(values, ["a", "b"], se=pd.DataFrame({"a": np.full(4000, 2.0)}))
    drawn = spread.draw(values.to_numpy(), seed=1, stream=0)
    assert abs(drawn[:, 0].mean() - 10) < 0.15
    assert abs(drawn[:, 0].std() - 2) < 0.1
    assert (drawn[:, 1] == 5).all()


def test_an_interval_with_a_longer_side_has_two_halves(values):
    low, high = values[["a"]] - 1, values[["a"]] + 4
    drawn = read_spread(values, ["a", "b"], low=low, high=high).draw(values.to_numpy(), seed=1, stream=0)[:, 0]
    assert abs((drawn < 10).mean() - 0.5) < 0.03
    assert abs(np.quantile(drawn, 0.025) - 9) < 0.15
    assert abs(np.quantile(drawn, 0.975) - 14) < 0.4


def test_a_symmetric_interval_is_a_standard_error(values):
    spread = read_spread(values, ["a"], low=values[["a"]] - Z95, high=values[["a"]] + Z95)
    np.testing.assert_allclose(spread.below, 1)
    np.testing.assert_allclose(spread.above, 1)


def test_the_same_stream_gives_the_same_draw_and_another_does_not(values):
    spread = read_spread(values, ["a"], se=values[["a"]])
    table = values[["a"]].to_numpy()
    one, same, other = (spread.draw(table, seed=3, stream=stream) for stream in (7, 7, 8))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
    assert not np.array_equal(one, spread.draw(table, seed=4, stream=7))


def test_rows_are_matched_by_unit(values):
    se = pd.DataFrame({"a": np.arange(4000.0)})
    spread = read_spread(values, ["a"], se=se.iloc[::-1])
    np.testing.assert_array_equal(spread.below[:, 0], np.arange(4000.0))


def test_nothing_given_is_no_spread(values):
    assert read_spread(values, ["a"]) is None


def test_wrong_errors_are_refused_with_code_and_unit(values):
    with pytest.raises(InputError, match="indicator a: is negative for 0, 1, 2, 3, 4 and 3995 more"):
        read_spread(values, ["a"], se=-values[["a"]])
    with pytest.raises(InputError, match="indicator a: lies outside its interval"):
        read_spread(values, ["a"], low=values[["a"]] + 1, high=values[["a"]] + 2)
    with pytest.raises(InputError, match="not indicators: zz"):
        read_spread(values, ["a"], se=values.rename(columns={"a": "zz"})[["zz"]])
    with pytest.raises(InputError, match="has no row for 0, 1"):
        read_spread(values, ["a"], se=values[["a"]].iloc[2:])


def test_half_an_interval_or_two_kinds_of_error_are_refused(values):
    with pytest.raises(UsageError, match="either se, or low and high"):
        read_spread(values, ["a"], low=values[["a"]])
    with pytest.raises(UsageError, match="either se, or low and high"):
        read_spread(values, ["a"], se=values[["a"]], low=values[["a"]], high=values[["a"]])


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


COUNT = 3


def ishigami(points: np.ndarray) -> np.ndarray:
    x = np.pi * (2 * points - 1)
    return np.sin(x[..., 0]) + 7 * np.sin(x[..., 1]) ** 2 + 0.1 * x[..., 2] ** 4 * np.sin(x[..., 0])


def saltelli(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return points (n, 2 + factors, factors) of the design, and the outcomes of a known function."""
    from scipy.stats import qmc

    both = qmc.Sobol(2 * COUNT, rng=np.random.default_rng(seed)).random(n)
    a, b = both[:, :COUNT], both[:, COUNT:]
    mixed = [np.where(np.arange(COUNT) == factor, b, a) for factor in range(COUNT)]
    points = np.stack([a, b, *mixed], axis=1)
    return points, ishigami(points)[:, :, None, None]


def test_indices_are_those_of_salib():
    from SALib.analyze import sobol

    _, outcomes = saltelli(256)
    order = [0, *range(2, 2 + COUNT), 1]
    problem = {"num_vars": COUNT, "names": list("abc"), "bounds": [[0, 1]] * COUNT}
    expected = sobol.analyze(problem, outcomes[:, order, 0, 0].ravel(), calc_second_order=False, seed=1)
    first, total = indices(add_up(outcomes, np.zeros((1, 1))))
    np.testing.assert_allclose(first[:, 0, 0], expected["S1"], rtol=1e-9)
    np.testing.assert_allclose(total[:, 0, 0], expected["ST"], rtol=1e-9)


def test_indices_approach_their_true_values():
    _, outcomes = saltelli(4096)
    first, total = indices(add_up(outcomes, np.zeros((1, 1))))
    np.testing.assert_allclose(first[:, 0, 0], [0.3139, 0.4424, 0], atol=0.01)
    np.testing.assert_allclose(total[:, 0, 0], [0.5576, 0.4424, 0.2437], atol=0.01)


def test_indices_do_not_depend_on_what_is_taken_off_first():
    _, outcomes = saltelli(128)
    near, far = add_up(outcomes, np.full((1, 1), 3.5)), add_up(outcomes, np.zeros((1, 1)))
    for one, other in zip(indices(near), indices(far), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10)


def test_errors_of_indices_are_like_those_of_the_bootstrap():
    from SALib.analyze import sobol

    points, _ = saltelli(1024)
    rng = np.random.default_rng(3)
    shuffled = ishigami(rng.random((1024, 2, COUNT)))
    assert shuffled.shape == (1024, 2)
    a, b = rng.random((2, 1024, COUNT))
    mixed = [np.where(np.arange(COUNT) == factor, b, a) for factor in range(COUNT)]
    outcomes = ishigami(np.stack([a, b, *mixed], axis=1))[:, :, None, None]
    groups = [add_up(part, np.zeros((1, 1))) for part in np.split(outcomes, 32)]
    _, first_error, _, total_error = jackknife(groups)
    problem = {"num_vars": COUNT, "names": list("abc"), "bounds": [[0, 1]] * COUNT}
    expected = sobol.analyze(
        problem, outcomes[:, [0, 2, 3, 4, 1], 0, 0].ravel(), calc_second_order=False, seed=1, conf_level=0.95
    )
    np.testing.assert_allclose(1.96 * first_error[:, 0, 0], expected["S1_conf"], rtol=0.5)
    np.testing.assert_allclose(1.96 * total_error[:, 0, 0], expected["ST_conf"], rtol=0.5)
    assert points.shape == (1024, 5, 3)


def test_all_units_together_weigh_by_their_variance():
    _, outcomes = saltelli(128)
    two = np.concatenate([outcomes, 3 * outcomes[:, :, :, ::-1] + 1], axis=2)
    first, _ = indices(add_up(two, np.zeros((2, 1))))
    np.testing.assert_allclose(first[:, 2, 0], (first[:, 0, 0] * 1 + first[:, 1, 0] * 9) / 10)


def test_groups_add_up_to_the_whole():
    _, outcomes = saltelli(64)
    whole = add_up(outcomes, np.zeros((1, 1)))
    parts = [add_up(part, np.zeros((1, 1))) for part in np.split(outcomes, 4)]
    for one, other in zip(together(parts), whole, strict=True):
        np.testing.assert_allclose(one, other)


def test_base_points_with_a_failed_draw_count_for_nothing():
    _, outcomes = saltelli(64)
    holed = outcomes.copy()
    holed[5, 2] = holed[9, 0] = np.nan
    kept = np.delete(outcomes, [5, 9], axis=0)
    for one, other in zip(
        indices(add_up(holed, np.zeros((1, 1)))), indices(add_up(kept, np.zeros((1, 1)))), strict=True
    ):
        np.testing.assert_allclose(one, other)


def test_what_never_varies_has_no_indices():
    same = np.full((16, 5, 1, 1), 4.0)
    first, total = indices(add_up(same, np.full((1, 1), 4.0)))
    assert np.isnan(first).all()
    assert np.isnan(total).all()


@pytest.mark.parametrize(("n", "known"), [(2, False), (19, False), (20, True)])
def test_indices_of_few_draws_have_no_interval(n, known):
    data, metadata = composite.example_index()
    found = composite.uncertainty(data, metadata=metadata, choices={"weights.noise": 0.25}, n=n, seed=1)
    assert found.sobol["total"].notna().any()
    assert found.sobol[["first_order_low", "total_high"]].notna().any(axis=None) == known


@pytest.mark.parametrize("groups", [1])
def test_one_group_shows_no_error(groups):
    _, outcomes = saltelli(16)
    _, error, _, _ = jackknife([add_up(outcomes, np.zeros((1, 1)))] * groups)
    assert np.isnan(error).all()
