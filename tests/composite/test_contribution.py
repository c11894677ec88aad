from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resilience_analysis import composite
from resilience_analysis.foundation.errors import UsageError

from .conftest import make_metadata, make_random

METHODS = ["arithmetic", "geometric", "harmonic", "generalised", "copeland"]


@given(st.integers(0, 10_000), st.sampled_from(METHODS), st.floats(0, 0.5))
@settings(max_examples=40, deadline=None)
def test_contributions_add_up_to_the_score(seed, method, missing):
    data, metadata = make_random(9, missing=missing, seed=seed), make_metadata()
    scores = composite.aggregate(data, metadata=metadata, method=method)
    for code, below in {"index": list("abcd"), "social": ["a", "b"]}.items():
        parts = composite.contributions(data, metadata=metadata, code=code, method=method)
        assert list(parts.columns) == below
        present = scores[code].notna()
        np.testing.assert_allclose(parts[present].sum(axis=1), scores.loc[present, code], atol=1e-9, rtol=1e-9)


def test_an_arithmetic_contribution_is_value_times_effective_weight(scaled, metadata):
    parts = composite.contributions(scaled, metadata=metadata)
    np.testing.assert_allclose(parts.loc["AA", ["a", "d"]], [10 * (1 / 4) * (1 / 3), 40 * (1 / 2) * (2 / 3)])


def test_what_is_missing_contributes_nothing_and_others_more(scaled, metadata):
    parts = composite.contributions(scaled, metadata=metadata)
    assert parts.loc["BB", ["c", "d"]].isna().all()
    assert parts.loc["BB", "a"] == 40 * 1 / 4


def test_a_missing_score_has_no_contributions(scaled, metadata):
    parts = composite.contributions(scaled, metadata=metadata, min_coverage=[0, 1])
    assert parts.loc["BB"].isna().all()
    assert parts.loc["AA"].notna().all()


def test_every_top_of_a_forest_is_split(scaled, metadata):
    forest = metadata.drop(index="index").assign(parent=lambda t: t["parent"].where(t["parent"] != "index", None))
    parts = composite.contributions(scaled, metadata=forest)
    assert parts.loc["AA"].tolist() == [10 / 4, 20 * 3 / 4, 15, 20]


def test_a_different_method_per_level_still_adds_up(scaled, metadata):
    options = {"method": ["geometric", "mpi"], "weights": {"a": 2.0}}
    parts = composite.contributions(scaled, metadata=metadata, **options)
    scores = composite.aggregate(scaled, metadata=metadata, **options)
    np.testing.assert_allclose(parts.sum(axis=1), scores["index"], atol=1e-9)


def test_copeland_contributions_add_up_in_each_year(panel, metadata):
    parts = composite.contributions(panel, metadata=metadata, method="copeland")
    scores = composite.aggregate(panel, metadata=metadata, method="copeland")
    np.testing.assert_allclose(parts.sum(axis=1), scores["index"], atol=1e-9)


def test_a_trace_leads_from_the_raw_value_to_the_score(data, metadata):
    normalised = composite.normalise(data, metadata=metadata, bounds=(1, 100))
    tables = {"raw": data, "normalised": normalised}
    found = composite.trace(tables, metadata=metadata, unit="DD", code="index")
    scores = composite.aggregate(normalised, metadata=metadata)
    assert found["path"].tolist() == ["social < index"] * 2 + ["spatial < index"] * 2
    assert found["raw"].tolist() == data.loc["DD"].tolist()
    np.testing.assert_allclose(found["contribution"], found["share"] * found["normalised"])
    assert abs(found["contribution"].sum() - scores.loc["DD", "index"]) < 1e-9


def test_shares_of_a_trace_are_over_what_the_unit_has(data, metadata):
    normalised = composite.normalise(data, metadata=metadata)
    found = composite.trace({"normalised": normalised}, metadata=metadata, unit="EE", code="social", method="copeland")
    assert found["share"].isna().tolist() == [True, False]
    assert found.loc["b", "share"] == 1


def test_a_unit_that_a_stage_screened_out_has_no_value_there(data, metadata):
    normalised = composite.normalise(data, metadata=metadata)
    tables = {"raw": data.drop(index="AA"), "normalised": normalised}
    assert composite.trace(tables, metadata=metadata, unit="AA", code="index")["raw"].isna().all()


def test_unknown_units_and_codes_are_refused(data, metadata):
    normalised = composite.normalise(data, metadata=metadata)
    with pytest.raises(UsageError, match="unknown unit 'ZZ'"):
        composite.trace({"normalised": normalised}, metadata=metadata, unit="ZZ", code="index")
    with pytest.raises(UsageError, match="unknown aggregate 'a'"):
        composite.contributions(normalised, metadata=metadata, code="a")


def test_contributions_take_the_index_of_the_data(panel, metadata):
    pd.testing.assert_index_equal(composite.contributions(panel, metadata=metadata).index, panel.index)


def test_parts_of_a_level_add_up_the_indicators_below():
    data, metadata = make_random(20, missing=0.1, seed=2), make_metadata()
    scores = composite.aggregate(data, metadata=metadata)
    by_indicator = composite.contributions(data, metadata=metadata)
    found = composite.contributions(data, metadata=metadata, level=2)
    assert set(found.columns) < set(metadata.index)
    np.testing.assert_allclose(found.sum(axis=1), by_indicator.sum(axis=1))
    np.testing.assert_allclose(found.sum(axis=1), scores["index"])
