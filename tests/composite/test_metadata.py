from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from resilience_analysis import composite
from resilience_analysis.composite.structure import aggregate_codes, indicator_codes
from resilience_analysis.foundation.errors import InputError

from .conftest import make_metadata


def refused(metadata: pd.DataFrame, data: pd.DataFrame | None = None) -> str:
    with pytest.raises(InputError) as caught:
        composite.check_metadata(metadata, data)
    return str(caught.value)


def test_tidy_metadata_have_levels_and_types_of_their_tree(metadata):
    tidy = composite.check_metadata(metadata.drop(columns="level"))
    assert tidy["level"].to_dict() == {"a": 1, "b": 1, "c": 1, "d": 1, "social": 2, "spatial": 2, "index": 3}
    assert indicator_codes(tidy) == ["a", "b", "c", "d"]
    assert aggregate_codes(tidy) == ["social", "spatial", "index"]
    assert tidy.loc["index", "parent"] == ""


def test_the_code_may_be_a_column_or_the_index(metadata):
    by_column = composite.check_metadata(metadata.reset_index())
    pd.testing.assert_frame_equal(by_column, composite.check_metadata(metadata))


def test_checking_does_not_change_the_table_it_is_given(metadata):
    before = metadata.copy(deep=True)
    composite.check_metadata(metadata)
    pd.testing.assert_frame_equal(metadata, before)


def test_several_tops_without_common_parent_are_allowed(metadata):
    forest = metadata.drop(index="index").assign(parent=lambda t: t["parent"].where(t["parent"] != "index", None))
    tidy = composite.check_metadata(forest)
    assert list(tidy.index[tidy["parent"] == ""]) == ["social", "spatial"]


def test_top_aggregate_needs_no_weight_and_no_direction(metadata):
    metadata.loc["index", ["weight", "direction"]] = np.nan
    assert np.isnan(composite.check_metadata(metadata).loc["index", "weight"])


def test_an_indicator_may_weigh_nothing_beside_its_siblings(metadata):
    metadata.loc["a", "weight"] = 0
    assert composite.check_metadata(metadata).loc["a", "weight"] == 0


@pytest.mark.parametrize(
    ("code", "column", "value", "said"),
    [
        ("a", "direction", 2, "code a, column direction: is 2, not 1 or -1"),
        ("a", "direction", np.nan, "code a, column direction: is missing"),
        ("social", "direction", -1, "code social, column direction: is -1, but an aggregate has no direction"),
        ("a", "weight", np.nan, "code a, column weight: is missing"),
        ("a", "weight", -1.0, "code a, column weight: is -1"),
        ("a", "parent", "nowhere", "code a, column parent: 'nowhere' is not a code of an aggregate"),
        ("a", "parent", "b", "code b, column level: is 1, but the code is an aggregate"),
        ("a", "parent", None, "code a, column parent: is missing"),
        ("a", "level", 1.5, "code a, column level: is 1.5"),
        ("a", "level", np.nan, "code a, column level: is missing"),
        ("social", "level", 1, "code social, column level: is 1, but the code is an aggregate"),
    ],
)
def test_each_wrong_cell_is_refused_by_code_and_column(metadata, code, column, value, said):
    metadata = metadata.astype({"direction": float, "level": float})
    metadata.loc[code, column] = value
    assert said in refused(metadata)


@pytest.mark.parametrize("column", ["direction", "weight"])
def test_a_truth_value_is_not_a_number(metadata, column):
    wrong = metadata.astype({column: object})
    wrong.loc["a", column] = True
    assert f"code a, column {column}: True is not a number" in refused(wrong)


def test_a_parent_that_is_an_indicator_is_refused(metadata):
    metadata["type"] = ["indicator"] * 4 + ["aggregate"] * 3
    metadata.loc["a", "parent"] = "b"
    assert "code a, column parent: 'b' is an indicator" in refused(metadata)


def test_an_indicator_above_level_one_is_refused(metadata):
    metadata["type"] = ["indicator"] * 4 + ["aggregate"] * 3
    metadata.loc["a", "level"] = 2
    assert "code a, column level: is 2. An indicator has level 1" in refused(metadata)


def test_all_problems_stand_in_one_message(metadata, data):
    metadata.loc["a", "direction"] = 0
    metadata.loc["b", "parent"] = "x"
    message = refused(metadata, data.assign(c="text", zz=1.0).drop(columns="d"))
    assert message.startswith("metadata: ")
    for part in (
        "code a, column direction",
        "'x' is not a code",
        "'text' is not a finite number",
        "column zz",
        "code d",
    ):
        assert part in message


def test_a_code_that_stands_twice_is_refused_with_its_rows(metadata):
    assert "code a: appears in rows 1, 8" in refused(pd.concat([metadata, metadata.loc[["a"]]]))


def test_an_empty_code_is_refused_with_its_row(metadata):
    assert "metadata, row 2: the code is empty" in refused(metadata.rename(index={"b": " "}))


def test_an_empty_code_does_not_hide_the_other_problems(metadata):
    table = metadata.rename(index={"a": ""})
    table.loc["b", "direction"] = 3
    message = refused(table)
    assert "metadata, row 1: the code is empty" in message
    assert "code b, column direction: is 3, not 1 or -1" in message


def test_a_limit_that_is_no_count_is_refused_by_code(metadata):
    limits = [-2, 1.5, 0, 5, np.nan, np.nan, np.nan]
    message = refused(metadata.assign(winmax=limits))
    assert "code a, column winmax: is -2. Give a whole number of 0 or more" in message
    assert "code b, column winmax: is 1.5" in message
    assert message.startswith("metadata: 2 problems")


@pytest.mark.parametrize(("column", "said"), [("normalise", "normalisation method"), ("treat", "treatment")])
def test_an_unknown_method_of_one_indicator_is_refused_by_code(metadata, column, said):
    message = refused(metadata.assign(**{column: ["", "logg", *[""] * (len(metadata) - 2)]}))
    assert f"code {metadata.index[1]}, column {column}: unknown {said} 'logg'" in message


def test_a_missing_column_is_refused_by_name(metadata):
    assert "metadata, column weight: is missing" in refused(metadata.drop(columns="weight"))


def test_a_weight_that_is_text_is_one_problem_not_two(metadata):
    metadata["weight"] = metadata["weight"].astype(object)
    metadata.loc["a", "weight"] = "heavy"
    message = refused(metadata)
    assert "'heavy' is not a number" in message
    assert "1 problem\n" in message


def test_siblings_that_all_weigh_nothing_are_refused_by_parent(metadata):
    metadata.loc[["a", "b"], "weight"] = 0
    assert "code social: all its children have weight 0" in refused(metadata)


def test_a_level_without_any_code_is_refused(metadata):
    metadata.loc["index", "level"] = 4
    assert "metadata, level 3: no code has it" in refused(metadata)


def test_an_aggregate_without_children_is_refused(metadata):
    metadata.loc["lonely"] = [2, "index", 1, 1.0]
    assert "code lonely: is an aggregate without children" in refused(metadata)


def test_parents_that_lead_back_to_themselves_are_refused(metadata):
    circle = metadata.drop(columns="level")
    circle.loc["index", "parent"] = "social"
    assert "leads back to" in refused(circle)


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(5.0, 5.0, "both are 5"), (9.0, 1.0, "9 is above 1"), (np.nan, 1.0, "only one of them is given")],
)
def test_goalposts_that_leave_no_field_are_refused(low, high, said):
    posts = {"goalpost_lower": {"a": low, "b": 0.0}, "goalpost_upper": {"a": high, "b": 1.0}}
    assert said in refused(make_metadata(**posts))


def test_one_goalpost_column_without_the_other_is_refused():
    assert "goalpost_lower and goalpost_upper: only one of them is there" in refused(make_metadata(goalpost_lower=1.0))


def test_unknown_type_is_refused_with_the_known_ones(metadata):
    metadata["type"] = ["indicator"] * 4 + ["aggregat", "aggregate", "aggregate"]
    assert "did you mean 'aggregate'?" in refused(metadata)


def test_flags_are_read_from_words(metadata):
    tidy = composite.check_metadata(make_metadata(target_cap={"a": "TRUE", "b": "no", "c": True}))
    assert tidy["target_cap"].iloc[:3].tolist() == [1.0, 0.0, 1.0]
    assert "'maybe' is not true or false" in refused(make_metadata(target_cap={"a": "maybe"}))


def test_columns_that_are_not_scored_may_stand_in_the_data(metadata, data):
    metadata["type"] = ""
    metadata.loc["people"] = [np.nan, None, np.nan, np.nan, "denominator"]
    composite.check_metadata(metadata, data.assign(people="many"))
