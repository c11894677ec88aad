from __future__ import annotations

import numpy as np
import pytest

from resilience_analysis import composite
from resilience_analysis.composite.sampling import add_up, indices, jackknife, together

FACTORS = 3


def ishigami(points: np.ndarray) -> np.ndarray:
    x = np.pi * (2 * points - 1)
    return np.sin(x[..., 0]) + 7 * np.sin(x[..., 1]) ** 2 + 0.1 * x[..., 2] ** 4 * np.sin(x[..., 0])


def saltelli(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return points (n, 2 + factors, factors) of the design, and the outcomes of a known function."""
    from scipy.stats import qmc

    both = qmc.Sobol(2 * FACTORS, rng=np.random.default_rng(seed)).random(n)
    a, b = both[:, :FACTORS], both[:, FACTORS:]
    mixed = [np.where(np.arange(FACTORS) == factor, b, a) for factor in range(FACTORS)]
    points = np.stack([a, b, *mixed], axis=1)
    return points, ishigami(points)[:, :, None, None]


def test_indices_are_those_of_salib():
    from SALib.analyze import sobol

    _, outcomes = saltelli(256)
    order = [0, *range(2, 2 + FACTORS), 1]
    problem = {"num_vars": FACTORS, "names": list("abc"), "bounds": [[0, 1]] * FACTORS}
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
    shuffled = ishigami(rng.random((1024, 2, FACTORS)))
    assert shuffled.shape == (1024, 2)
    a, b = rng.random((2, 1024, FACTORS))
    mixed = [np.where(np.arange(FACTORS) == factor, b, a) for factor in range(FACTORS)]
    outcomes = ishigami(np.stack([a, b, *mixed], axis=1))[:, :, None, None]
    groups = [add_up(part, np.zeros((1, 1))) for part in np.split(outcomes, 32)]
    _, first_error, _, total_error = jackknife(groups)
    problem = {"num_vars": FACTORS, "names": list("abc"), "bounds": [[0, 1]] * FACTORS}
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
