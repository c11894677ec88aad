import contextlib
import csv
import datetime as dt
import io
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resilience_analysis.foundation.errors import InputError
from resilience_analysis.survey import workbook
from resilience_analysis.survey.workbook import read_workbook


def xlsx(path, **sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_recognised(write, delimiter):
    text = "\n".join(delimiter.join(row) for row in (["code", "a, b; c"], ["1", "x"], ["2", "y"])).replace(
        "a, b; c", '"a, b; c"'
    )
    assert read_workbook(write(text))[0].rows == [["code", "a, b; c"], ["1", "x"], ["2", "y"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_encodings_of_spreadsheet_programs_are_read(write, encoding):
    assert read_workbook(write("naam,één\nx,ü\n", encoding=encoding))[0].rows == [["naam", "één"], ["x", "ü"]]


def test_rows_keep_their_number_in_the_file(write):
    sheet = read_workbook(write("a,b\n1,2\n\n3,4\n,,\n"))[0]
    assert sheet.numbers == [1, 2, 4, 5]


def test_cell_with_line_ends_is_one_row(write):
    sheet = read_workbook(write('a,b\n1,"two\nlines"\n3,4\n'))[0]
    assert sheet.rows[1] == ["1", "two\nlines"]
    assert sheet.numbers == [1, 2, 3]


def test_short_rows_are_filled_and_long_ones_kept(write):
    assert read_workbook(write("a,b\n1\n1,2,3\n"))[0].rows == [["a", "b", ""], ["1", "", ""], ["1", "2", "3"]]


def test_workbook_cells_become_plain_text(tmp_path):
    moment = dt.datetime(2026, 3, 1, 9, 30)  # noqa: DTZ001 - a workbook knows no time zones
    rows = [["n", "x", "when", "ok"], [3.0, 2.5, moment, True], [None, "t", None, None]]
    sheet = read_workbook(xlsx(tmp_path / "a.xlsx", Blad=rows))[0]
    assert sheet.rows == [["n", "x", "when", "ok"], ["3", "2.5", "2026-03-01T09:30:00", "TRUE"], ["", "t", "", ""]]


def test_hidden_and_empty_sheets_are_left_out(tmp_path):
    path = xlsx(tmp_path / "a.xlsx", Een=[["a"]], Twee=[], Drie=[["c"]])
    book = openpyxl.load_workbook(path)
    book["Drie"].sheet_state = "hidden"
    book.save(path)
    assert [sheet.name for sheet in read_workbook(path)] == ["Een"]


def test_content_counts_and_not_the_name(tmp_path):
    path = xlsx(tmp_path / "a.csv", Een=[["a", "b"]])
    assert read_workbook(path)[0].rows == [["a", "b"]]


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"\xd0\xcf\x11\xe0old", b"%PDF-1.4", b"a,b\x00\x01", b"\xff\xfe\x00"]
)
def test_what_is_no_table_is_refused(tmp_path, content):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.csv"):
        read_workbook(path)


def test_damaged_workbook_is_refused_with_advice(tmp_path):
    path = xlsx(tmp_path / "a.xlsx", Een=[["a"]])
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(InputError, match=r"damaged workbook.*Export it again"):
        read_workbook(path)


def test_archive_that_unpacks_too_large_is_refused(tmp_path, monkeypatch):
    path = xlsx(tmp_path / "a.xlsx", Een=[["a"]])
    monkeypatch.setattr(workbook, "MAX_UNPACKED_BYTES", 100)
    with pytest.raises(InputError, match="bytes unpacked"):
        read_workbook(path)


def test_workbook_with_too_many_cells_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "MAX_CELLS", 3)
    with pytest.raises(InputError, match="more than 3 cells"):
        read_workbook(xlsx(tmp_path / "a.xlsx", Een=[["a", "b"], ["c", "d"]]))


def test_table_that_grows_too_wide_is_refused(write, monkeypatch):
    monkeypatch.setattr(workbook, "MAX_CELLS", 10)
    with pytest.raises(InputError, match="has 4 rows of up to 3 cells"):
        read_workbook(write("a\nb\nc\n1,2,3\n"))


def test_another_zip_archive_is_refused(tmp_path):
    path = tmp_path / "a.xlsx"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("readme.txt", "no workbook")
    path.write_bytes(stream.getvalue())
    with pytest.raises(InputError, match="damaged workbook"):
        read_workbook(path)


@pytest.mark.parametrize("limit", [1_000, 10_000_000])
def test_endless_cell_is_refused_whatever_limit_other_libraries_set(write, limit):
    path = write("a,b\n" + "x" * 200_000 + ",1\n")
    usual = csv.field_size_limit(limit)
    try:
        with pytest.raises(InputError, match="not a readable CSV"):
            read_workbook(path)
    finally:
        csv.field_size_limit(usual)


@settings(deadline=None, max_examples=150)
@given(st.one_of(st.binary(max_size=400), st.text(max_size=200).map(str.encode)))
def test_any_bytes_give_rows_or_a_refusal(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "a.csv"
    path.write_bytes(content)
    try:
        sheets = read_workbook(path)
    except InputError:
        return
    assert all(len(row) == len(sheet.rows[0]) for sheet in sheets for row in sheet.rows)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=5))
def test_any_damage_to_a_workbook_is_survived(tmp_path_factory, damage):
    path = xlsx(tmp_path_factory.mktemp("any") / "a.xlsx", Een=[["INF1", "gemeente"], [1, "Olen"]])
    content = bytearray(path.read_bytes())
    for place, value in damage:
        content[4 + place % (len(content) - 4)] = value
    path.write_bytes(bytes(content))
    with contextlib.suppress(InputError):
        assert read_workbook(path)


def test_formula_without_an_outcome_is_shown_and_not_taken_for_empty(tmp_path):
    path = xlsx(tmp_path / "a.xlsx", answers=[["INF1", "INF2"], [3, 4], [2, "=1+1"], ["=A2", None]])
    assert read_workbook(path)[0].rows == [["INF1", "INF2"], ["3", "4"], ["2", "=1+1"], ["=A2", ""]]


def test_formula_over_several_cells_is_shown_by_its_text(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["INF1"])
    book.active["A2"] = openpyxl.worksheet.formula.ArrayFormula("A2:A3", "=B2:B3")
    book.save(tmp_path / "a.xlsx")
    assert read_workbook(tmp_path / "a.xlsx")[0].rows == [["INF1"], ["=B2:B3"]]


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n"])
def test_quote_that_is_never_closed_is_refused_with_its_row(write, end):
    path = write(f'a,b\n1,2\n3,"open\n4,5\n6,7{end}')
    with pytest.raises(InputError, match="a quote opens in row 3 and is never closed"):
        read_workbook(path)


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\r"])
def test_last_row_is_read_whatever_ends_it(write, end):
    assert read_workbook(write(f'a,b\n1,"2"{end}'))[0].rows == [["a", "b"], ["1", "2"]]
