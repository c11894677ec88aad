from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from resilience_analysis import composite
from resilience_analysis.composite.chain import arguments, step_settings
from resilience_analysis.foundation.errors import UsageError

from .conftest import make_metadata, make_random


@pytest.fixture
def holed() -> pd.DataFrame:
    return make_random(30, missing=0.1, seed=5)


def test_only_normalisation_and_aggregation_are_done_unasked(holed, metadata):
    result = composite.score(holed, metadata=metadata)
    assert list(result.tables) == ["data", "normalised", "scores", "coverage"]
    expected = composite.aggregate(composite.normalise(holed, metadata=metadata), metadata=metadata)
    pd.testing.assert_frame_equal(result.tables["scores"], expected)


def test_steps_follow_each_other_in_one_order(holed):
    metadata = make_metadata(denominator={"c": "size"})
    sizes = pd.DataFrame({"size": np.arange(1.0, 31.0)}, index=holed.index)
    groups = pd.Series(["x", "y"] * 15, index=holed.index)
    settings = {
        "denominate": True,
        "impute.method": "group-mean",
        "screen.min_available": 0.5,
        "treat.winmax": 2,
        "normalise.bounds": (1, 100),
        "weights.method": "equal",
        "aggregate.method": "geometric",
    }
    result = composite.score(holed, metadata=metadata, settings=settings, groups=groups, denominators=sizes)
    assert list(result.tables) == [
        "data",
        "denominated",
        "imputed",
        "screened",
        "treated",
        "normalised",
        "scores",
        "coverage",
    ]
    assert list(result.records) == ["imputation", "screening", "treatment", "changes"]
    table = composite.denominate(holed, metadata=metadata, denominators=sizes)
    table = composite.impute(table, metadata=metadata, method="group-mean", groups=groups).data
    table = composite.screen(table, metadata=metadata, min_available=0.5).data
    table = composite.treat(table, metadata=metadata, winmax=2).data
    table = composite.normalise(table, metadata=metadata, bounds=(1, 100))
    equal = composite.equal_weights(metadata)
    expected = composite.aggregate(table, metadata=metadata, method="geometric", weights=equal)
    pd.testing.assert_frame_equal(result.tables["scores"], expected)


def test_coverage_follows_the_least_coverage_of_the_run(holed, metadata):
    result = composite.score(holed, metadata=metadata, settings={"aggregate.min_coverage": 1.0})
    expected = composite.coverage(result.tables["normalised"], metadata=metadata, min_coverage=1.0)
    pd.testing.assert_frame_equal(result.tables["coverage"], expected)


def test_weights_can_be_given_by_code(holed, metadata):
    result = composite.score(holed, metadata=metadata, settings={"weights.method": {"a": 9.0}})
    assert result.weights.to_dict() == {**metadata["weight"].to_dict(), "a": 9.0}
    with pytest.raises(UsageError, match="unknown code 'zz'"):
        composite.score(holed, metadata=metadata, settings={"weights.method": {"zz": 9.0}})


def test_notes_tell_of_columns_without_values(holed, metadata):
    result = composite.score(holed.assign(c=np.nan), metadata=metadata)
    assert result.notes == ["no unit has a value: c"]


def test_settings_are_named_by_the_arguments_of_the_verbs():
    assert arguments()["treat"] == ["method", "fallback", "winmax", "max_skewness", "max_kurtosis", "power"]
    sorted_settings = step_settings({"treat.winmax": 3, "normalise.method": "rank", "denominate": False})
    assert sorted_settings == {"treat": {"winmax": 3}, "normalise": {"method": "rank"}}


def test_an_unknown_setting_is_refused_with_the_nearest():
    with pytest.raises(UsageError, match=r"did you mean 'treat\.winmax'"):
        step_settings({"treat.winmx": 3})


def test_denominating_without_denominators_is_refused(holed, metadata):
    with pytest.raises(UsageError, match="denominate needs the denominators"):
        composite.score(holed, metadata=metadata, settings={"denominate": True})
