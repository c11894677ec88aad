"""A raw table is read strictly: each fault with its row and column, nothing repaired in silence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.small import both, source

from resilience_analysis.data.catalogue import Column, Gap
from resilience_analysis.data.catalogue import PublishedFigures as Printed
from resilience_analysis.data.read_table import REMEDY, Correction, published_problems, read_table
from resilience_analysis.foundation.errors import InputError
from resilience_analysis.geography.municipalities import by_name

PEOPLE = source("people", columns={"people": Column("count"), "young_pct": Column("share_pct")})
SHORT_ROW = "Put a cell that holds the delimiter between quotes, or complete the row"
HEAD = "nis_code,year,people,young_pct\n"


@pytest.fixture
def table(tmp_path):
    """Write a text as a raw file and give its path."""

    def write(text):
        (tmp_path / "people.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path / "people.csv"

    return write


PLAIN = "Write 1200, or decimals with more or fewer than three digits"
CODE = "Write the whole code, or the name; leave out notes and totals below the table"
YEAR = "Write one year, such as 2024"
ALONE = "Write the number alone, or leave the cell empty when it is missing"


def faults(path, known=PEOPLE) -> list[str]:
    with pytest.raises(InputError) as refusal:
        read_table(path, known, codes="[0-9]{5}")
    return [str(problem) for problem in refusal.value.problems]


def test_a_good_table_has_codes_as_text_years_as_numbers_and_values_as_floats(table):
    read = read_table(table(HEAD + "01001,2025,10,5.5\n01002,2025,,\n"), PEOPLE)
    assert read["nis_code"].tolist() == ["01001", "01002"]
    assert read["year"].tolist() == [2025, 2025]
    assert read["people"].tolist() == pytest.approx([10, np.nan], nan_ok=True)
    assert [str(kind) for kind in read.dtypes] == ["str", "int64", "float64", "float64"]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("11001,2025,many,5", f"row 2, column people: 'many' is not a number. {ALONE}"),
        ("11001,2025,nan,5", f"row 2, column people: 'nan' is not a number. {ALONE}"),
        ("11001,2025,inf,5", f"row 2, column people: 'inf' is not a number. {ALONE}"),
        ("11001,2025,1.200,5", f"row 2, column people: '1.200' may be 1200 or 1.2. {PLAIN}"),
        ("11001,2025,-3,5", f"row 2, column people: -3 lies outside 0 to inf for a count. {REMEDY}"),
        ("11001,2025,3.5,5", f"row 2, column people: 3.5 is not a whole number, as a count must be. {REMEDY}"),
        ("11001,2025,3,100.5", f"row 2, column young_pct: 100.5 lies outside 0 to 100 for a share_pct. {REMEDY}"),
        ("11001,2025,3,-0.1", f"row 2, column young_pct: -0.1 lies outside 0 to 100 for a share_pct. {REMEDY}"),
        ("1101,2025,3,5", "row 2: '1101' is not a code of a place ([0-9]{5}). " + CODE),
        ("Olen,2025,3,5", "row 2: 'Olen' is not a code of a place ([0-9]{5}). " + CODE),
        ("11001.0,2025,3,5", "row 2: '11001.0' is not a code of a place ([0-9]{5}). " + CODE),
        ("11001,25,3,5", "row 2: '25' is not a year. " + YEAR),
        ("11001,2025.0,3,5", "row 2: '2025.0' is not a year. " + YEAR),
        ("11001,,3,5", "row 2: '' is not a year. " + YEAR),
        ("11001,2025,3", f"row 2: has 3 cells where the header has 4. {SHORT_ROW}"),
    ],
)
def test_a_fault_is_named_with_file_row_and_column(table, row, fault):
    assert faults(table(f"{HEAD}{row}\n11002,2025,1,1\n")) == [f"people.csv, {fault}"]


@pytest.mark.parametrize("value", ["0", "100", "0.0", " 7 ", "1e2", "-0"])
def test_values_at_the_bounds_and_in_other_spellings_are_fine(table, value):
    assert read_table(table(f"{HEAD}11001,2025,1,{value}\n"), PEOPLE)["young_pct"].tolist() == [float(value)]


def test_a_table_as_excel_saves_it_in_flanders_says_the_same(table):
    ours = read_table(table(HEAD + "11001,2025,1200,5.5\n11002,2025,,0.125\n"), PEOPLE)
    theirs = "NIS-code;YEAR;people;young_pct\r\n11001;2025;1 200;5,5\r\n11002;2025;;0,125\r\n;;;\r\n"
    assert read_table(table(theirs.encode("cp1252")), PEOPLE).equals(ours)


def test_a_municipality_that_stands_twice_in_a_year_is_named(table):
    path = table(HEAD + "11001,2024,1,1\n11001,2025,1,1\n11002,2025,1,1\n11001,2025,2,2\n")
    assert faults(path) == ["people.csv, row 5: 11001 appears again in 2025. Keep one row per municipality and year"]


def test_columns_that_are_not_declared_or_ignored_may_stay_and_are_not_read(table):
    path = table("nis_code,Gemeente,year,people,young_pct,dogs,note\n11001,Aartselaar,2025,1,1,1,many\n")
    known = source("people", columns={**PEOPLE.columns, "dogs": Column("ignore")})
    assert list(read_table(path, known).columns) == ["nis_code", "year", "people", "young_pct"]


@pytest.mark.parametrize("head", ["nis_code", "Gemeente"])
def test_municipalities_may_be_written_by_name(table, head):
    path = table(f"{head};Jaar;people;young_pct\nAARTSELAAR;2025;1;1\nSint-Niklaas;2025;2;2\n")
    places = by_name(["11001", "46021"], {"11001": "Aartselaar", "46021": "Sint-Niklaas"})
    assert read_table(path, PEOPLE, places=places)["nis_code"].tolist() == ["11001", "46021"]


def test_a_name_of_two_municipalities_is_not_a_code(table):
    path = table("nis_code,year,people,young_pct\nHove,2025,1,1\n")
    places = by_name(["11021", "99999"], {"11021": "Hove", "99999": "Hove"})
    with pytest.raises(InputError, match="'Hove' is not a code of a place"):
        read_table(path, PEOPLE, codes="[0-9]{5}", places=places)


@pytest.mark.parametrize(
    ("kind", "low", "high"), [("balance", -7, 1000), ("number", -7, 1000), ("rate", 0, 1000), ("share_pct", 0, 100)]
)
def test_a_kind_has_the_figures_it_can_have(table, kind, low, high):
    known = source("people", columns={"a": Column(kind)})
    path = table(f"nis_code,year,a\n11001,2025,{low}\n11002,2025,{high}\n")
    assert read_table(path, known)["a"].tolist() == [low, high]


def test_a_rate_is_never_below_zero(table):
    known = source("people", columns={"a": Column("rate")})
    assert "-1 lies outside 0 to inf for a rate" in faults(table("nis_code,year,a\n11001,2025,-1\n"), known)[0]


def test_a_declared_column_that_is_missing_is_refused(table):
    assert faults(table("nis_code,year,people\n11001,2025,1\n")) == [
        "people.csv: lacks the columns young_pct; it has nis_code, year, people"
    ]


def test_a_median_of_more_than_ten_million_is_a_slip(table):
    path = table("nis_code,year,price\n11001,2025,10000000\n11002,2025,10000001\n")
    known = source("people", columns={"price": Column("median_eur")})
    assert faults(path, known) == [
        f"people.csv, row 3, column price: 10000001 lies outside 0 to 1e+07 for a median_eur. {REMEDY}"
    ]


def correction(**changes) -> Correction:
    entry = {"source": "people", "nis_code": "11001", "year": 2025, "variable": "young_pct", "expect": 130.0}
    return Correction(**entry | {"value": 13.0, "why": "a digit too many"} | changes)


def test_a_figure_that_its_column_cannot_have_can_be_corrected(table):
    path = table(HEAD + "11001,2025,1,130\n11002,2025,2,5\n")
    assert read_table(path, PEOPLE, [correction()])["young_pct"].tolist() == [13, 5]


def test_a_correction_to_a_figure_that_its_column_cannot_have_is_refused(table):
    path = table(HEAD + "11001,2025,1,130\n")
    with pytest.raises(InputError, match="row 2, column young_pct: 113 lies outside 0 to 100 for a share_pct"):
        read_table(path, PEOPLE, [correction(value=113.0)])


def test_a_star_takes_every_column_as_its_kind(table):
    path = table("nis_code,year,a,b\n11001,2025,5,101\n")
    known = source("people", columns={"*": Column("share_pct")})
    assert faults(path, known) == [f"people.csv, row 2, column b: 101 lies outside 0 to 100 for a share_pct. {REMEDY}"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", "is empty: it has no row below a header. Restore it"),
        (HEAD, "is empty: it has no row below a header. Restore it"),
        ((HEAD + "11001,2025,1,1\n").encode("latin-1") + b"\x81", "is neither UTF-8 nor the cp1252 of Windows"),
        (HEAD + "11001,2025,1", "row 2: has 3 cells where the header has 4"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused(table, content, fault):
    (found,) = faults(table(content))
    assert found.startswith("people.csv")
    assert fault in found


def test_a_file_that_is_missing_is_named(tmp_path):
    assert faults(tmp_path / "people.csv") == ["people.csv: the file does not exist"]


def test_all_faults_of_a_table_come_back_at_once(table):
    path = table(HEAD + "x,25,many,101\n11002,2025,-1,5\n11002,2025,1,1\n")
    assert len(faults(path)) == 4 + 1 + 1


def test_reading_a_table_does_not_change_it(table):
    path = table(HEAD + "11001,2025,1,1\n")
    before = path.read_bytes()
    read_table(path, PEOPLE)
    assert path.read_bytes() == before


@settings(max_examples=60)
@given(st.binary(max_size=80) | st.text(alphabet='01259,;\n"\r .-eé\x00', max_size=60).map(str.encode))
def test_any_bytes_are_a_table_or_refused(tmp_path_factory, tail):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(HEAD.encode() + tail)
    read, problems = None, ()
    try:
        read = read_table(path, PEOPLE)
    except InputError as error:
        problems = error.problems
    assert (read is None) == bool(problems)
    assert all(problem.where.startswith("any.csv") for problem in problems)


FIGURES = pd.DataFrame({"nis_code": ["11001", "11002"], "year": 2025, "people": [5.0, 8.0]})


@pytest.mark.parametrize(
    ("check", "faults_found"),
    [
        (Printed("people", 2025, {"11001": 5}), []),
        (Printed("people", 2025, {"11001": 5, "11002": 8}, mean_of_all=6.5), []),
        (
            Printed("people", 2025, {"11001": 6}),
            ["people, 11001, 2025: the publisher printed 6, the table says 5.0"],
        ),
        (
            Printed("people", 2025, {"11003": 6}),
            ["people, 11003, 2025: the publisher printed 6, the table says None"],
        ),
        (
            Printed("people", 2024, {"11001": 5}),
            ["people, 11001, 2024: the publisher printed 5, the table says None"],
        ),
        (
            Printed("people", 2025, {}, mean_of_all=6.4),
            ["people, mean over municipalities, 2025: the publisher printed 6.4, the table says 6.5"],
        ),
    ],
)
def test_figures_are_held_against_those_printed_elsewhere(check, faults_found):
    found = published_problems(FIGURES, source("people", checks=(check,)))
    assert [str(problem) for problem in found] == [f"people.csv, {fault}" for fault in faults_found]


def test_a_check_of_a_column_that_is_not_there_is_a_problem():
    found = published_problems(FIGURES, source("people", checks=(Printed("poeple", 2025, {"11001": 5}),)))
    assert [str(problem) for problem in found] == ["people.csv, poeple, 2025: the table has no such column to check"]


def test_a_figure_that_the_publisher_does_not_have_is_set_aside_while_the_file_still_says_it(tmp_path):
    path = tmp_path / "census.csv"
    path.write_text("nis_code,year,people\n11001,2025,5\n11002,2025,8\n", encoding="utf-8")
    gap = Gap("11002", "merged_area", both("an average"), {"people": 8})
    known = source("census", columns={"people": Column("count")}, gaps=(gap,))
    assert read_table(path, known)["people"].fillna(-1).tolist() == [5, -1]
    path.write_text("nis_code,year,people\n11001,2025,5\n11002,2025,9\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"census\.csv, people, 11002: is not 8\. See whether the publisher"):
        read_table(path, known, codes="[0-9]{5}")
