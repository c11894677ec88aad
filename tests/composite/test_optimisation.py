from __future__ import annotations

import numpy as np
import pytest

from resilience_analysis import composite
from resilience_analysis.composite.arrays import is_panel
from resilience_analysis.foundation.errors import InputError, UsageError

from .conftest import make_metadata, make_random


@pytest.fixture
def normalised():
    return composite.normalise(make_random(80, seed=2), metadata=make_metadata(direction=1))


@pytest.fixture
def metadata():
    return make_metadata(direction=1)


def correlations_with_index(normalised, metadata, weights, codes) -> np.ndarray:
    scores = composite.aggregate(normalised, metadata=metadata, weights=weights)
    return scores[codes].corrwith(scores["index"]).to_numpy()


def test_optimised_weights_give_equal_importance(normalised, metadata):
    found = composite.optimised_weights(normalised, metadata=metadata, level=2)
    importance = correlations_with_index(normalised, metadata, found["weight"], ["social", "spatial"])
    np.testing.assert_allclose(importance[0], importance[1], atol=1e-4)
    np.testing.assert_allclose(found.loc[["social", "spatial"], "obtained"], 0.5, atol=1e-4)


def test_importance_can_be_asked_for(normalised, metadata):
    asked = {"social": 1.05, "spatial": 1.0}
    found = composite.optimised_weights(normalised, metadata=metadata, level=2, importance=asked)
    importance = correlations_with_index(normalised, metadata, found["weight"], ["social", "spatial"])
    np.testing.assert_allclose(importance[0] / importance[1], 1.05, atol=1e-3)


def test_optimised_weights_are_never_negative_and_add_up(normalised, metadata):
    opposed = normalised.assign(b=100 - normalised["a"] + 0.1 * normalised["b"])
    found = composite.optimised_weights(opposed, metadata=metadata)["weight"]
    assert (found >= 0).all()
    np.testing.assert_allclose([found[["a", "b"]].sum(), found[["c", "d"]].sum()], [1, 1], atol=1e-6)


def test_bounds_of_weights_are_kept(normalised, metadata):
    found = composite.optimised_weights(normalised, metadata=metadata, bounds=(0.4, 0.6))["weight"]
    assert found[list("abcd")].between(0.4 - 1e-9, 0.6 + 1e-9).all()


def test_other_levels_keep_their_weights(normalised, metadata):
    found = composite.optimised_weights(normalised, metadata=metadata)["weight"]
    assert found[["social", "spatial", "index"]].tolist() == [1, 2, 1]


def test_optimised_weights_can_be_chosen_by_name(normalised, metadata):
    expected = composite.optimised_weights(normalised, metadata=metadata)["weight"]
    by_name = composite.weights(normalised, metadata=metadata, method="optimised")
    np.testing.assert_allclose(by_name, expected)


def test_a_code_without_values_cannot_be_optimised(normalised, metadata):
    with pytest.raises(InputError, match="code c: has no spread, so it correlates with nothing"):
        composite.optimised_weights(normalised.assign(c=np.nan), metadata=metadata)


def test_impossible_tasks_are_refused(normalised, metadata):
    assert not is_panel(normalised.index)
    with pytest.raises(UsageError, match="no code of level 3 has a parent"):
        composite.optimised_weights(normalised, metadata=metadata, level=3)
    with pytest.raises(UsageError, match="leave no weights that add up to 1"):
        composite.optimised_weights(normalised, metadata=metadata, bounds=(0.6, 0.9))
    with pytest.raises(InputError, match="code c: has no spread"):
        composite.optimised_weights(normalised.assign(c=5.0), metadata=metadata)
