"""How sure the scores are: one seeded run over sampling error and choices, for all municipalities."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.datasets import FIVE

from resilience_analysis.indicators.scores import CHOICES, robustness


@pytest.fixture(scope="module")
def result(dataset):
    return robustness(dataset.tables.indicators, dataset.framework, n=32, seed=7)


def test_every_published_score_of_neteland_lies_near_its_interval(result, dataset):
    scores = dataset.tables.scores.query("strand == 'residents' and level == 'dimension'")
    scores = scores.assign(key=scores["code"] + ".residents").set_index(["nis_code", "key"])["score"]
    intervals = result.intervals.set_index(["unit", "code"])
    for unit in FIVE:
        for key in intervals.loc[unit].index.intersection(scores.loc[unit].index):
            low, high = intervals.loc[(unit, key), ["low", "high"]]
            assert low < high
            assert low - 10 <= scores[unit, key] <= high + 10


def test_the_draws_vary_the_sample_the_weights_and_the_normalisation(result):
    assert set(result.drivers["factor"]) == set(CHOICES)
    assert result.failures.empty


def test_the_same_seed_gives_the_same_intervals_and_another_does_not(result, dataset):
    again = robustness(dataset.tables.indicators, dataset.framework, n=32, seed=7)
    other = robustness(dataset.tables.indicators, dataset.framework, n=32, seed=8)
    pd.testing.assert_frame_equal(again.intervals, result.intervals)
    assert not other.intervals.equals(result.intervals)


def test_who_lies_above_whom_adds_up_to_one_for_every_pair(result):
    above = result.differs("informatie", list(FIVE)).to_numpy()
    assert list(np.diag(np.isnan(above))) == [True] * len(FIVE)
    pairs = (above + above.T)[~np.eye(len(FIVE), dtype=bool)]
    assert pairs == pytest.approx(1)
