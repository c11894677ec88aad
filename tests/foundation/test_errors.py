"""Errors carry every problem, say what was meant, and know how a command ends."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resilience_analysis.foundation.errors import (
    InputError,
    Problem,
    ResilienceError,
    UsageError,
    raise_if_any,
    told,
    unknown,
)


def test_a_problem_reads_as_place_fault_and_remedy():
    assert str(Problem("a.csv, row 3", "is torn", "Mend it")) == "a.csv, row 3: is torn. Mend it"


def test_a_problem_without_remedy_ends_with_its_fault():
    assert str(Problem("a.csv", "is torn")) == "a.csv: is torn"


def test_rows_of_one_kind_are_counted_wherever_the_row_is_named():
    lines = told([Problem(f"row {row} (U1, 2021-2022), column Time", "'x' is not a year") for row in range(3, 12)])
    assert lines[-1] == "rows 6 to 11: 6 more of this kind"


def test_problems_are_ordered_by_place_and_equal_by_content():
    assert min(Problem("b", "x"), Problem("a", "y"), Problem("a", "z")) == Problem("a", "y")


@pytest.mark.parametrize(("count", "noun"), [(1, "1 problem"), (2, "2 problems")])
def test_an_input_error_lists_every_problem_below_its_count(count, noun):
    problems = [Problem(f"row {number}", "is torn") for number in range(count)]
    first, *rest = str(InputError("a.csv", problems)).splitlines()
    assert first == f"a.csv: {noun}"
    assert rest == [f"  - {problem}" for problem in problems]


def test_an_input_error_takes_problems_from_a_generator_once():
    error = InputError("a.csv", (Problem(str(number), "x") for number in range(3)))
    assert len(error.problems) == 3


def test_an_input_error_crosses_a_process_boundary_with_its_problems():
    error = InputError("a.csv", [Problem("row 1", "is torn", "Mend it")])
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.subject, copy.problems, str(copy)) == (error.subject, error.problems, str(error))


def test_refused_content_ends_with_1_and_wrong_use_with_2():
    assert (InputError.exit_code, UsageError.exit_code, ResilienceError.exit_code) == (1, 2, 1)


def test_nothing_is_raised_when_there_are_no_problems():
    raise_if_any("a.csv", [])


def test_all_problems_are_raised_together_under_their_subject():
    with pytest.raises(InputError, match=r"(?s)a\.csv: 2 problems.*one: x.*two: y"):
        raise_if_any("a.csv", [Problem("one", "x"), Problem("two", "y")])


def test_an_unknown_name_comes_with_the_nearest_and_the_sorted_list():
    assert unknown("region", "netland", ["neteland", "kempen"]) == (
        "unknown region 'netland'; did you mean 'neteland'? Known: kempen, neteland"
    )


def test_an_unknown_name_far_from_all_comes_with_the_list_alone():
    assert unknown("strand", "x", ["self", "register"]) == "unknown strand 'x'. Known: register, self"


def test_a_list_of_more_than_twenty_names_is_left_out():
    names = [f"name_{number:02}" for number in range(21)]
    assert unknown("variable", "name_07x", names) == "unknown variable 'name_07x'; did you mean 'name_07'?"
    assert "Known: name_00" in unknown("variable", "name_07x", names[:20])


def test_names_that_are_no_text_are_named_all_the_same():
    assert unknown("year", 2024, [2023, 2025]).startswith("unknown year '2024'; did you mean '202")


def test_a_column_of_281_equal_faults_is_told_in_a_few_lines_with_its_count():
    faults = [Problem(f"a.csv, row {row}, column x", f"'{row}?' is not a number", "Write it") for row in range(2, 283)]
    other = Problem("a.csv, row 9, column y", "is empty")
    error = InputError("a.csv", [*faults, other])
    assert str(error).splitlines() == [
        "a.csv: 282 problems",
        *(f"  - a.csv, row {row}, column x: '{row}?' is not a number. Write it" for row in (2, 3, 4)),
        "  - a.csv, rows 5 to 282: 278 more of this kind",
        "  - a.csv, row 9, column y: is empty",
    ]
    assert len(error.problems) == 282


@given(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=40))
def test_every_problem_is_told_or_counted(kinds):
    lines = told([Problem(f"f.csv, row {row}", f"fault {kind}") for row, kind in enumerate(kinds)])
    counted = [int(line.split(": ")[1].split()[0]) for line in lines if line.endswith("more of this kind")]
    assert len(lines) - len(counted) + sum(counted) == len(kinds)
