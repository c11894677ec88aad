from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from resilience_analysis import composite
from resilience_analysis.foundation.errors import InputError, UsageError

from .conftest import make_metadata, make_random


@pytest.fixture
def normalised() -> pd.DataFrame:
    return composite.normalise(make_random(60, seed=4), metadata=make_metadata())


def test_effective_weights_multiply_down_the_tree(metadata):
    table = composite.effective_weights(metadata)
    assert table["effective"].to_dict() == {
        "a": 1 / 4 * 1 / 3,
        "b": 3 / 4 * 1 / 3,
        "c": 1 / 2 * 2 / 3,
        "d": 1 / 2 * 2 / 3,
        "social": 1 / 3,
        "spatial": 2 / 3,
        "index": 1.0,
    }


def test_effective_weights_of_indicators_rebuild_the_index(normalised, metadata):
    scores = composite.aggregate(normalised, metadata=metadata)
    effective = composite.effective_weights(metadata).loc[list("abcd"), "effective"]
    np.testing.assert_allclose(normalised @ effective, scores["index"])


def test_each_top_of_a_forest_has_the_whole_weight(metadata):
    forest = metadata.drop(index="index").assign(parent=lambda t: t["parent"].where(t["parent"] != "index", None))
    effective = composite.effective_weights(forest)["effective"]
    assert effective[["social", "spatial"]].tolist() == [1, 1]
    assert effective[["a", "b"]].sum() == 1


def test_effective_weights_take_another_set(metadata):
    table = composite.effective_weights(metadata, weights={"a": 3.0})
    assert table.loc["a", ["weight", "effective"]].tolist() == [3, 1 / 2 * 1 / 3]


def test_framework_and_equal_weights_by_name(normalised, metadata):
    framework = composite.weights(normalised, metadata=metadata)
    assert framework.to_dict() == metadata["weight"].to_dict()
    assert set(composite.weights(normalised, metadata=metadata, method="equal")) == {1.0}


def test_a_top_without_weight_has_the_weight_one(metadata):
    metadata.loc["index", "weight"] = np.nan
    assert composite.framework_weights(metadata)["index"] == 1


def test_loadings_are_those_of_the_correlation_matrix(normalised, metadata):
    scores = composite.aggregate(normalised, metadata=metadata)
    table = composite.pca_weights(scores, metadata=metadata)
    for children in (["a", "b"], ["c", "d"], ["social", "spatial"]):
        values, vectors = np.linalg.eigh(scores[children].corr())
        np.testing.assert_allclose(np.abs(vectors[:, -1]), table.loc[children, "loading"].abs())
        np.testing.assert_allclose(values[-1] / 2, table.loc[children, "explained"])
        assert table.loc[children, "loading"].sum() >= 0
    assert math.isnan(table.loc["index", "loading"])


def test_a_negative_loading_becomes_a_weight_of_its_size(metadata):
    data = make_random(30)
    data["b"] = -data["a"] + np.random.default_rng(1).normal(size=30)
    table = composite.pca_weights(composite.aggregate(data, metadata=metadata), metadata=metadata)
    assert table.loc[["a", "b"], "loading"].min() < 0
    assert (table["weight"] >= 0).all()
    np.testing.assert_allclose(table.loc["b", "weight"], abs(table.loc["b", "loading"]))


def test_only_the_level_asked_for_is_loaded(normalised, metadata):
    scores = composite.aggregate(normalised, metadata=metadata)
    table = composite.pca_weights(scores, metadata=metadata, level=2)
    assert table["loading"].notna().tolist() == [False] * 4 + [True, True, False]
    assert table.loc["b", "weight"] == 3


def test_units_with_gaps_are_left_out_of_the_component(normalised, metadata):
    scores = composite.aggregate(normalised, metadata=metadata)
    holed = scores.copy()
    holed.iloc[0, 0] = np.nan
    table = composite.pca_weights(holed, metadata=metadata)
    without = composite.pca_weights(scores.iloc[1:], metadata=metadata)
    np.testing.assert_allclose(table.loc[["a", "b"], "loading"], without.loc[["a", "b"], "loading"])


def test_pca_weights_by_name_are_those_of_the_framework_scores(normalised, metadata):
    scores = composite.aggregate(normalised, metadata=metadata)
    expected = composite.pca_weights(scores, metadata=metadata)["weight"]
    pd.testing.assert_series_equal(composite.weights(normalised, metadata=metadata, method="pca"), expected)


def test_a_family_without_spread_or_units_is_refused(normalised, metadata):
    scores = composite.aggregate(normalised, metadata=metadata)
    with pytest.raises(InputError, match="code c: has no spread"):
        composite.pca_weights(scores.assign(c=1.0), metadata=metadata)
    with pytest.raises(InputError, match="code social: all its children are there in 2 units"):
        composite.pca_weights(scores.iloc[:2], metadata=metadata)


def test_an_unknown_weighting_is_refused_with_the_known(normalised, metadata):
    with pytest.raises(UsageError, match="did you mean 'equal'"):
        composite.weights(normalised, metadata=metadata, method="equals")
