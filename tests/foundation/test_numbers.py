"""A number is read where there is no doubt what is meant, and refused where there is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resilience_analysis.foundation.numbers import read_day, read_numbers
from resilience_analysis.foundation.workbooks import NumberText, PercentText


def read(*cells, **options):
    rows = pd.DataFrame({"a": list(cells)}, index=range(2, 2 + len(cells)), dtype=object)
    values, problems = read_numbers(rows, ["a"], file="f.csv", **options)
    return values["a"].tolist(), [str(problem) for problem in problems]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("0", 0), ("-7.3", -7.3), ("+5", 5), ("3,5", 3.5), ("0,199", 0.199), ("0.199", 0.199), (".5", 0.5), (",5", 0.5),
        ("1e3", 1000), ("1E-05", 1e-5), ("1,5E+05", 150_000), ("1 200", 1200), ("1\u00a0200,5", 1200.5),
        ("1\u202f234\u202f567", 1_234_567), ("1.234.567", 1_234_567), ("1,234,567", 1_234_567), ("1.234,5", 1234.5),
        ("1,234.5", 1234.5), ("1234.567", 1234.567), ("\u22125", -5), ("007", 7), ("1'200'000", 1_200_000),
        ("1\u2019200.5", 1200.5),
    ],
)  # fmt: skip
def test_a_number_without_doubt_is_read(cell, value):
    assert read(cell) == ([value], [])


@pytest.mark.parametrize(
    "cell",
    [
        "inf",
        "nan",
        "NA",
        "-",
        "12,5%",
        "€ 3",
        "1'20",
        "12'34'567",
        "12 34",
        "1.23.4",
        "1,2,3",
        "1 2",
        "0x1f",
        "1_000",
        "१२",
    ],
)
def test_what_is_not_a_number_is_refused_with_its_place(cell):
    values, (problem,) = read("1", cell)
    assert np.isnan(values[1])
    assert problem.startswith(f"f.csv, row 3, column a: {cell!r} is not a number. ")


@pytest.mark.parametrize("cell", ["9" * 400, "1e400"])
def test_a_number_too_large_to_be_one_is_refused(cell):
    assert "is not a finite number" in read(cell)[1][0]


@pytest.mark.parametrize("cell", ["1.200", "1,200", "-12.345"])
def test_a_mark_that_may_be_of_thousands_or_decimals_is_refused_where_nothing_tells(cell):
    assert "may be" in read(cell)[1][0]


def test_the_other_cells_of_the_column_tell_which_mark_is_meant():
    assert read("1.200", "3.4")[0] == [1.2, 3.4]
    assert read("1.200", "3,4")[0] == [1200, 3.4]
    assert read("1.200", "1.200.000")[0] == [1200, 1_200_000]


def test_the_other_columns_tell_where_the_column_does_not():
    rows = pd.DataFrame({"a": ["1.200"], "b": ["3,5"]})
    values, problems = read_numbers(rows, ["a", "b"], file="f.csv", whole=["a"])
    assert (values.loc[0].tolist(), problems) == ([1200, 3.5], [])


def test_what_a_column_can_hold_tells_too():
    assert read("12.345", limits={"a": (0, 100)})[0] == [12.345]
    assert read("1.200", limits={"a": (100, 9000)})[0] == [1200]
    assert "may be" in read("1.200", limits={"a": (0, 9000)})[1][0]


def test_whole_numbers_are_never_read_with_decimals_in_doubt():
    assert "may be 1200 or 1.2" in read("1.200", "3.5", whole=["a"])[1][0]


def test_a_column_with_both_marks_is_refused():
    assert "column a: has decimals with a comma (row 2) and a point (row 3). Write all" in read("3,5", "3.5")[1][0]


def test_a_cell_that_a_workbook_holds_as_a_number_is_in_no_doubt():
    assert read(NumberText("1.234"), NumberText("1200")) == ([1.234, 1200], [])


def test_the_mark_may_be_known():
    assert read("1.200", decimal=".")[0] == [1.2]
    assert read("1.200", decimal=",")[0] == [1200]


def test_percentages_are_read_where_every_number_has_its_sign():
    assert read("12,5%", "", "7 %", percents=["a"])[0][::2] == [12.5, 7]
    assert read(PercentText("0.07"), PercentText("0.125"), NumberText("0"), percents=["a"]) == ([7, 12.5, 0], [])
    mixed = read(PercentText("0.25"), NumberText("25"), percents=["a"])[1][0]
    assert "row 2, column a: '25%' is not a number. Write the number alone, or in a column of percentages" in mixed


def test_words_for_missing_are_missing():
    assert read("NA", "", "1", empty=("", "NA"))[1] == []


def test_many_faults_are_counted_not_listed():
    problems = read(*["x"] * 30)[1]
    assert len(problems) == 6
    assert problems[-1] == "f.csv, column a: 25 more cells like these"


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=6), st.booleans())
def test_what_a_program_writes_is_read_exactly_or_refused(numbers, comma):
    cells = [repr(number).replace(".", ",") if comma else repr(number) for number in numbers]
    values, problems = read(*cells)
    for number, value in zip(numbers, values, strict=True):
        assert value == number or (np.isnan(value) and problems)


@given(st.lists(st.integers(0, 10**9), min_size=1), st.sampled_from([" ", "\u00a0", "\u202f"]))
def test_whole_numbers_with_spaced_thousands_are_read_exactly(numbers, space):
    assert read(*(f"{number:,}".replace(",", space) for number in numbers), whole=["a"]) == (numbers, [])


@given(st.lists(st.text(max_size=6), min_size=1, max_size=4))
def test_any_text_is_a_number_or_a_problem(cells):
    values, problems = read(*cells)
    unread = [cell for cell, value in zip(cells, values, strict=True) if cell.strip() and np.isnan(value)]
    assert bool(unread) == bool(problems) or any("has decimals" in problem for problem in problems)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-17", "2026-03-17"), ("17/03/2026", "2026-03-17"), ("7-3-2026", "2026-03-07"),
        ("17.03.2026", "2026-03-17"), ("2026-03-17T00:00:00", "2026-03-17"), ("2026-03-17 00:00:00", "2026-03-17"),
        ("03/17/2026", None), ("31/02/2026", None), ("17/03/26", None), ("", None), ("later", None),
    ],
)  # fmt: skip
def test_a_day_is_written_as_in_europe_or_as_iso(text, day):
    assert read_day(text) == day
