from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from resilience_analysis import composite
from resilience_analysis.composite.arrays import listed, name_of, row_of, values_of
from resilience_analysis.foundation.errors import InputError, Problem, first_per_place


def refused(data: pd.DataFrame, metadata: pd.DataFrame) -> str:
    with pytest.raises(InputError) as caught:
        composite.normalise(data, metadata=metadata)
    return str(caught.value)


def test_text_in_an_indicator_is_refused_with_row_unit_and_column(data, metadata):
    data["a"] = data["a"].astype(object)
    data.loc["BB", "a"] = "much"
    assert "row 2 (BB), column a: 'much' is not a finite number" in refused(data, metadata)


def test_a_number_written_as_text_is_refused_too(data, metadata):
    assert "'1.0' is not a finite number" in refused(
        data.assign(a=data["a"].astype(object).where(data["a"] > 10, "1.0")), metadata
    )


def test_numbers_in_an_object_column_are_numbers(data, metadata):
    result = composite.normalise(data.astype(object), metadata=metadata)
    pd.testing.assert_frame_equal(result, composite.normalise(data, metadata=metadata))


def test_a_length_of_time_is_not_a_number(data, metadata):
    times = pd.to_timedelta(range(len(data)), unit="D")
    assert "column a: Timedelta('0 days 00:00:00') is not a finite number" in refused(data.assign(a=times), metadata)


@pytest.mark.parametrize("kind", [float, object])
def test_a_value_whose_square_is_infinite_is_refused(data, metadata, kind):
    data.loc["CC", "b"] = -3e200
    assert "row 3 (CC), column b: -3e+200 is too large: its square" in refused(data.astype(kind), metadata)


def test_an_infinite_value_is_refused(data, metadata):
    data.loc["CC", "b"] = np.inf
    assert "row 3 (CC), column b: inf is not a finite number" in refused(data, metadata)
    assert "row 3 (CC), column b: inf is not a finite number" in refused(data.astype(object), metadata)


def test_many_wrong_cells_are_counted_not_listed(metadata):
    wide = pd.DataFrame("x", index=[f"U{i}" for i in range(30)], columns=list("abcd"))
    assert "column a: 25 more cells like these" in refused(wide, metadata)


def test_a_unit_that_stands_twice_is_refused_with_its_rows(data, metadata):
    assert "unit AA: appears in rows 1, 6" in refused(pd.concat([data, data.loc[["AA"]]]), metadata)


def test_a_unit_without_code_is_refused(data, metadata):
    assert "data, row 3: the unit has no code" in refused(data.rename(index={"CC": None}), metadata)


def test_a_unit_and_year_that_stand_twice_are_refused(panel, metadata):
    assert "unit AA, 2018: appears in rows 1, 10" in refused(pd.concat([panel, panel.iloc[[0]]]), metadata)


def test_a_year_that_is_no_number_is_refused(panel, metadata):
    panel.index = panel.index.set_levels(["2018", "spring", "2021"], level="year")
    assert "data: spring is not a year. Give years as numbers" in refused(panel, metadata)
    with pytest.raises(InputError, match="spring is not a year"):
        composite.trends(panel)


def test_an_index_of_three_levels_is_refused(panel, metadata):
    panel.index = pd.MultiIndex.from_tuples([(unit, year, 1) for unit, year in panel.index])
    assert "data: has an index of 3 levels. Index it by unit, or by unit and year" in refused(panel, metadata)


def test_a_table_without_units_is_refused(data, metadata):
    assert "data: has no units" in refused(data.iloc[:0], metadata)


def test_a_column_that_stands_twice_is_refused(data, metadata):
    assert "column a: appears twice in the data" in refused(pd.concat([data, data[["a"]]], axis=1), metadata)


def test_an_indicator_without_column_is_refused(data, metadata):
    assert "code d: is an indicator without a column" in refused(data.drop(columns="d"), metadata)


def test_a_column_outside_the_metadata_is_refused(data, metadata):
    assert "column zz: is not in the metadata" in refused(data.assign(zz=1.0), metadata)


def test_an_aggregate_in_the_data_is_refused(data, metadata):
    assert "column social: is an aggregate, which is calculated" in refused(data.assign(social=1.0), metadata)


def test_whole_numbers_and_nullable_numbers_are_values():
    table = pd.DataFrame({"a": [1, 2], "b": pd.array([3, None], dtype="Int64"), "c": [True, False]})
    np.testing.assert_array_equal(values_of(table, ["a", "b", "c"]), [[1, 3, 1], [2, np.nan, 0]])


def test_values_are_a_copy_of_the_table(data):
    values_of(data, ["a"])[0, 0] = -1
    assert data.loc["AA", "a"] == 10


def test_long_lists_end_in_a_count():
    assert listed(["x", "y"]) == "x, y"
    assert listed(range(8)) == "0, 1, 2, 3, 4 and 3 more"


def test_a_unit_and_year_are_named_together(panel):
    assert name_of(("AA", 2018)) == "AA, 2018"
    assert row_of(panel, ("BB", 2018))["b"] == 4


def test_the_first_problem_of_a_place_is_kept():
    problems = [Problem("x", "one"), Problem("y", "two"), Problem("x", "three")]
    assert first_per_place(problems) == problems[:2]
