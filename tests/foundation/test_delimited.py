"""Comma-separated text is read strictly: nothing that is torn, doubled or encoded otherwise gets in."""

from __future__ import annotations

import pytest

from resilience_analysis.foundation.delimited import read_rows
from resilience_analysis.foundation.errors import InputError


@pytest.fixture
def table(tmp_path):
    """Write bytes or a text as a file and give its path."""

    def write(content):
        path = tmp_path / "people.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def refusal(path, **options):
    with pytest.raises(InputError) as raised:
        read_rows(path, columns=["code", "value"], **options)
    return str(raised.value)


def test_every_cell_is_text_and_an_empty_one_is_empty(table):
    rows = read_rows(table("code,value\n01,\n,007\n"), columns=["code"])
    assert rows.to_numpy().tolist() == [["01", ""], ["", "007"]]


def test_the_index_is_the_line_in_the_file(table):
    rows = read_rows(table('code,value\n"a\nb",1\nc,2\n'), columns=["code"])
    assert list(rows.index) == [2, 4]  # the first record goes over lines 2 and 3


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system_are_understood(table, end):
    rows = read_rows(table(f"code,value{end}a,1{end}b,2{end}"), columns=["code", "value"])
    assert rows["value"].tolist() == ["1", "2"]


def test_a_byte_order_mark_is_no_part_of_the_first_column(table):
    assert list(read_rows(table(b"\xef\xbb\xbfcode,value\na,1\n"), columns=["code"]).columns) == ["code", "value"]


def test_a_missing_file_is_named(tmp_path):
    assert "people.csv: the file does not exist" in refusal(tmp_path / "people.csv")


@pytest.mark.parametrize("content", ["", "code,value\n", "\n"])
def test_an_empty_file_is_refused(table, content):
    assert "people.csv: is empty: it has no row below a header. Restore it" in refusal(table(content))


def test_a_table_may_have_no_rows_where_that_is_allowed(table):
    assert read_rows(table("code,value\n"), columns=["code"], rows_needed=False).empty
    assert "is empty" in refusal(table(""), rows_needed=False)


@pytest.mark.parametrize(("delimiter", "spoken"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
def test_another_delimiter_is_named(table, delimiter, spoken):
    content = f"code{delimiter}value\na{delimiter}1\n"
    assert f"is delimited by {spoken}. Save it delimited by commas" in refusal(table(content))


def test_another_encoding_is_refused_with_the_byte(table):
    assert "is not UTF-8 (byte 11). Save it as UTF-8" in refusal(table(b"code,value\n\xeb,1\n"))


def test_utf_16_is_refused(table):
    assert "is not UTF-8" in refusal(table("code,value\na,1\n".encode("utf-16")))


def test_missing_columns_are_listed_beside_those_that_are_there(table):
    assert "lacks the columns code, value; it has a, b" in refusal(table("a,b\n1,2\n"))


def test_a_column_that_stands_twice_is_refused(table):
    assert "has the column value more than once" in refusal(table("code,value,value\na,1,2\n"))


def test_every_ragged_row_is_named(table):
    message = refusal(table("code,value\na,1\nb\nc,3,4\n\n"))
    assert "people.csv: 3 problems" in message
    assert "people.csv, row 3: has 1 cells where the header has 2" in message
    assert "people.csv, row 4: has 3 cells where the header has 2" in message
    assert "people.csv, row 5: has 0 cells where the header has 2" in message


@pytest.mark.parametrize("torn", ['code,value\na,"1\n', 'code,value\na,"1"2\n'])
def test_a_quote_that_is_torn_is_refused(table, torn):
    assert "is not comma-separated text" in refusal(table(torn))


def test_a_file_that_breaks_off_within_a_row_is_refused(table):
    assert "people.csv, row 3: has 1 cells where the header has 2" in refusal(table("code,value\n00001,1\n000"))


def test_a_damaged_file_is_refused_with_the_line(table):
    assert "people.csv: is damaged: line 3 has a NUL character. Restore it" in refusal(
        table("code,value\na,1\nb\0,2\n")
    )
