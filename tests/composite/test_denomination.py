from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from resilience_analysis import composite
from resilience_analysis.foundation.errors import InputError, UsageError

from .conftest import make_metadata


@pytest.fixture
def sizes(data) -> pd.DataFrame:
    return pd.DataFrame({"people": [2.0, 4.0, 5.0, 10.0, 8.0], "area": [1.0, np.nan, 2.0, 4.0, 5.0]}, index=data.index)


def test_an_indicator_is_divided_by_its_denominator(data, sizes):
    divided = composite.denominate(data, metadata=make_metadata(denominator={"d": "people"}), denominators=sizes)
    assert divided["d"].tolist() == [0 / 2, 8 / 4, 2 / 5, 4 / 10, 6 / 8]
    pd.testing.assert_frame_equal(divided[["a", "b", "c"]], data[["a", "b", "c"]])


def test_the_scale_multiplies_the_result(data, sizes):
    metadata = make_metadata(denominator={"d": "people"}, denominator_scale={"d": 1000.0})
    divided = composite.denominate(data, metadata=metadata, denominators=sizes)
    np.testing.assert_allclose(divided["d"], [0, 2000, 400, 400, 750])


def test_a_missing_size_gives_a_missing_value(data, sizes):
    divided = composite.denominate(data, metadata=make_metadata(denominator={"b": "area"}), denominators=sizes)
    assert divided["b"].isna().tolist() == [False, True, False, False, False]


def test_sizes_are_matched_by_unit_not_by_place(data, sizes):
    metadata = make_metadata(denominator={"d": "people"})
    one = composite.denominate(data, metadata=metadata, denominators=sizes)
    other = composite.denominate(data, metadata=metadata, denominators=sizes.iloc[::-1])
    pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize("size", [0.0, -3.0])
def test_a_size_of_zero_or_below_is_refused_with_its_unit(data, sizes, size):
    sizes.loc["CC", "people"] = size
    with pytest.raises(InputError, match="column people: is zero or negative for CC, and divides d"):
        composite.denominate(data, metadata=make_metadata(denominator={"d": "people"}), denominators=sizes)


def test_a_size_of_zero_without_a_value_does_no_harm(data, sizes):
    sizes.loc["EE", "people"] = 0
    divided = composite.denominate(data, metadata=make_metadata(denominator={"a": "people"}), denominators=sizes)
    assert np.isnan(divided.loc["EE", "a"])


def test_an_absent_denominator_and_absent_units_are_refused_together(data, sizes):
    metadata = make_metadata(denominator={"d": "people", "c": "cows"})
    with pytest.raises(InputError) as caught:
        composite.denominate(data, metadata=metadata, denominators=sizes.drop(index="BB"))
    assert "code c, column denominator: 'cows' is not a column" in str(caught.value)
    assert "have no row for BB" in str(caught.value)


def test_text_in_a_denominator_is_refused(data, sizes):
    with pytest.raises(InputError, match="'many' is not a finite number"):
        composite.denominate(
            data, metadata=make_metadata(denominator={"d": "people"}), denominators=sizes.assign(people="many")
        )


def test_denominating_nothing_is_refused(data, sizes, metadata):
    with pytest.raises(UsageError, match="no indicator names a denominator"):
        composite.denominate(data, metadata=metadata, denominators=sizes)
