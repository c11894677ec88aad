"""Margins of scores against a simulation, and against the slope taken numerically."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from resilience_analysis import composite
from resilience_analysis.foundation.errors import InputError, UsageError

from .conftest import CODES, make_metadata


@pytest.fixture
def half(scaled) -> pd.DataFrame:
    return pd.DataFrame({"a": 2.0, "b": 3.0, "c": 1.0, "d": 4.0}, index=scaled.index)


def test_the_margin_of_a_weighted_mean_is_the_root_of_the_summed_squares(scaled, half, metadata):
    margins = composite.margins(scaled, half, metadata=metadata)
    social = np.hypot(1 / 4 * 2, 3 / 4 * 3)
    spatial = np.hypot(1 / 2 * 1, 1 / 2 * 4)
    assert margins.loc["AA", "social"] == pytest.approx(social)
    assert margins.loc["AA", "index"] == pytest.approx(np.hypot(1 / 3 * social, 2 / 3 * spatial))


@pytest.mark.parametrize("method", ["arithmetic", "geometric", "harmonic", "generalised:2", "generalised:-0.5"])
def test_margins_agree_with_a_simulation_of_small_errors(scaled, half, metadata, method):
    small = half / 100
    draws = np.random.default_rng(1).normal(size=(4000, 4))
    values = scaled.loc["AA", CODES].to_numpy() + draws * small.loc["AA", CODES].to_numpy() / 1.96
    scores = composite.aggregate(pd.DataFrame(values, columns=CODES), metadata=metadata, method=method)
    margins = composite.margins(scaled, small, metadata=metadata, method=method)
    for code in margins.columns:
        assert margins.loc["AA", code] == pytest.approx(1.96 * scores[code].std(), rel=0.04)


def test_a_missing_value_leaves_the_margin_with_its_weight(scaled, half, metadata):
    holed = scaled.assign(b=[np.nan, 20.0, 10.0])
    margins = composite.margins(holed, half, metadata=metadata)
    assert margins.loc["AA", "social"] == pytest.approx(2.0)


def test_a_value_without_error_adds_nothing_and_none_at_all_leaves_no_margin(scaled, half, metadata):
    margins = composite.margins(scaled, half.assign(b=np.nan, c=np.nan, d=np.nan), metadata=metadata)
    assert margins.loc["AA", "social"] == pytest.approx(1 / 4 * 2)
    assert np.isnan(margins.loc["AA", "spatial"])


def test_a_missing_score_has_no_margin(scaled, half, metadata):
    holed = scaled.assign(b=[np.nan, 20.0, 10.0])
    margins = composite.margins(holed, half, metadata=metadata, min_coverage=0.8)
    scores = composite.aggregate(holed, metadata=metadata, min_coverage=0.8)
    assert np.isnan(margins.loc["AA", "social"])
    pd.testing.assert_frame_equal(margins.isna(), scores[margins.columns].isna())


def test_weights_given_beside_the_metadata_count(scaled, half):
    other = composite.margins(scaled, half, metadata=make_metadata(), weights={"b": 1.0})
    assert other.loc["AA", "social"] == pytest.approx(np.hypot(1, 1.5))


@pytest.mark.parametrize("method", ["copeland", "mpi"])
def test_a_method_without_slope_is_refused(scaled, half, metadata, method):
    with pytest.raises(UsageError, match=r"no slope to carry margins with; use uncertainty\(\)"):
        composite.margins(scaled, half, metadata=metadata, method=method)


def together(value: float) -> pd.DataFrame:
    return pd.DataFrame(np.where(np.eye(4) == 1, 1.0, value), index=CODES, columns=CODES)


def test_errors_that_go_fully_together_add_up_through_every_level(scaled, half, metadata):
    margins = composite.margins(scaled, half, metadata=metadata, correlation=together(1.0))
    social, spatial = 1 / 4 * 2 + 3 / 4 * 3, 1 / 2 * 1 + 1 / 2 * 4
    assert margins.loc["AA"].to_dict() == pytest.approx(
        {"social": social, "spatial": spatial, "index": 1 / 3 * social + 2 / 3 * spatial}
    )


@pytest.mark.parametrize("method", ["arithmetic", "geometric"])
def test_margins_of_errors_that_go_together_agree_with_a_simulation(scaled, half, metadata, method):
    small = half / 100
    between = together(0.5)
    draws = np.random.default_rng(1).multivariate_normal(np.zeros(4), between, size=4000)
    values = scaled.loc["AA", CODES].to_numpy() + draws * small.loc["AA", CODES].to_numpy() / 1.96
    scores = composite.aggregate(pd.DataFrame(values, columns=CODES), metadata=metadata, method=method)
    margins = composite.margins(scaled, small, metadata=metadata, method=method, correlation=between)
    for code in margins.columns:
        assert margins.loc["AA", code] == pytest.approx(1.96 * scores[code].std(), rel=0.04)


@pytest.mark.parametrize(
    ("matrix", "fault"),
    [
        (together(0.5).drop(index="a"), "has no row and column for a"),
        (together(-0.9), "is not a matrix of correlations"),
        (together(0.5) * 2, "is not a matrix of correlations"),
    ],
)
def test_a_table_that_is_no_matrix_of_correlations_is_refused(scaled, half, metadata, matrix, fault):
    with pytest.raises(InputError, match=fault):
        composite.margins(scaled, half, metadata=metadata, correlation=matrix)
