"""A table is checked where it enters: one key, typed columns, a reason for every gap, all faults at once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from resilience_analysis.data.processed import SCHEMAS, check_table
from resilience_analysis.foundation.errors import InputError, UsageError
from resilience_analysis.foundation.vocabulary import MISSING_REASONS, STRANDS
from resilience_analysis.survey.responses import SURVEY_SCHEMAS


def scores(**columns) -> pd.DataFrame:
    table = {
        "nis_code": ["11001", "11002"],
        "code": ["first", "first"],
        "strand": ["register", "register"],
        "level": ["dimension", "dimension"],
        "score": [10.0, 90.0],
        "coverage": [1.0, 0.8],
        "low": [np.nan, np.nan],
        "high": [np.nan, np.nan],
        "margin_below": [np.nan, np.nan],
        "margin_above": [np.nan, np.nan],
        "missing_reason": [None, None],
    }
    return pd.DataFrame(table | columns)


def faults(table: pd.DataFrame, name: str = "scores") -> list[str]:
    with pytest.raises(InputError) as refusal:
        check_table(table, name, subject=f"{name}.csv")
    return [str(problem) for problem in refusal.value.problems]


@pytest.mark.parametrize("schema", [*SCHEMAS.values(), *SURVEY_SCHEMAS.values()])
def test_every_table_has_a_key_among_its_columns(schema):
    assert set(schema.key) <= set(schema.columns)


def test_a_table_without_schema_is_refused_with_the_known_ones():
    with pytest.raises(UsageError, match="unknown table 'score'; did you mean 'scores'"):
        check_table(scores(), "score")


def test_a_good_table_comes_back_with_its_rows_in_their_order():
    table = scores().iloc[::-1]
    checked = check_table(table, "scores")
    assert checked["nis_code"].tolist() == ["11002", "11001"]
    assert checked["score"].dtype == float


def test_numbers_given_as_text_are_brought_to_their_type_without_touching_the_input():
    table = scores(score=["10", "90"])
    assert check_table(table, "scores")["score"].tolist() == [10.0, 90.0]
    assert table["score"].tolist() == ["10", "90"]


def test_a_table_without_rows_is_a_good_table():
    assert check_table(scores().iloc[:0], "scores").empty


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (
            {"score": [150, -3]},
            ["column score, row 3: must be 0 or more, not -3", "row 2: must be 100 or less, not 150"],
        ),
        ({"score": ["many", "90"]}, ["column score, row 2: must be a number, not many"]),
        ({"coverage": [None, 1]}, ["column coverage, row 2: is missing"]),
        ({"nis_code": ["11 01", "11002"]}, ["column nis_code, row 2: must be a code of a place, not 11 01"]),
        ({"nis_code": ["11001", "11001"]}, ["scores.csv, row 2, 3: the key appears more than once"]),
        ({"strand": ["selv", "self"]}, [f"row 2: must be one of {', '.join(STRANDS)}, not selv"]),
        (
            {"score": [np.nan, 90]},
            ["row 2: a row has either a score or a missing_reason, never both and never neither"],
        ),
        ({"missing_reason": [None, "hidden"]}, ["row 3: a row has either a score or a missing_reason"]),
        ({"missing_reason": [None, "gone"]}, ["column missing_reason, row 3: must be one of unknown, hidden", "row 3"]),
        ({"low": [12.0, 80], "high": [15.0, 95]}, ["scores.csv, row 2: low <= score <= high"]),
        ({"extra": [1, 2]}, ["scores.csv: there is a column too many: extra"]),
    ],
)
def test_each_fault_names_file_column_row_and_value(columns, expected):
    found = faults(scores(**columns))
    assert len(found) == len(expected)
    assert all(any(words in line for line in found) for words in expected)


def test_a_missing_column_is_named():
    assert faults(scores().drop(columns=["level", "low"])) == [
        "scores.csv: a column is missing: level, low",
    ]


def test_all_faults_of_a_table_come_back_at_once():
    table = scores(score=[150, 90], strand=["selv", "self"], coverage=[1, 2])
    assert len(faults(table)) == 3


def test_rows_with_an_index_of_codes_are_named_by_it():
    table = scores(score=[150.0, 90.0]).set_axis(["Olen", "Herentals"])
    assert faults(table) == ["scores.csv, column score, row Olen: must be 100 or less, not 150.0"]


def test_a_message_shows_at_most_twenty_rows():
    table = pd.concat([scores(score=[101.0 + n, 50], nis_code=[f"{n:05}", f"1{n:04}"]) for n in range(30)])
    (fault,) = faults(table.reset_index(drop=True))
    assert fault.split(":")[0].count(",") == 2 + 19
    assert "130.0" not in fault


@pytest.mark.parametrize(("year", "fine"), [(1900, True), (2100, True), (1899, False), (20250, False)])
def test_an_observation_has_a_year_that_can_be_one(year, fine):
    row = {"nis_code": ["11001"], "year": [year], "variable": ["x"], "value": [1.0], "missing_reason": [None]}
    table = pd.DataFrame(row | {"source": ["s"], "n": [np.nan], "computed": [None]})
    if fine:
        assert check_table(table, "observations")["year"].tolist() == [year]
    else:
        assert "must be a year from 1900 to 2100" in faults(table, "observations")[0]


@pytest.mark.parametrize("reason", MISSING_REASONS)
def test_every_missing_reason_is_a_good_reason(reason):
    row = {"nis_code": ["11001"], "year": [2025], "variable": ["x"], "value": [np.nan], "missing_reason": [reason]}
    row |= {"source": ["s"], "n": [np.nan], "computed": [None]}
    assert len(check_table(pd.DataFrame(row), "observations")) == 1


def test_an_indicator_in_the_context_strand_is_allowed_but_a_score_is_not():
    row = {"nis_code": ["11001"], "year": [2025], "indicator": ["x"], "strand": ["context"], "value": [1.0]}
    row |= {"unit": ["%"], "n": [np.nan], "low": [np.nan], "high": [np.nan], "missing_reason": [None]}
    row["computed"] = [None]
    assert len(check_table(pd.DataFrame(row), "indicators")) == 1
    assert "must be one of" in faults(scores(strand=["context", "self"]))[0]
