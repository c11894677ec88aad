"""Delimited text is read whatever wrote it; what is torn, doubled or encoded in doubt does not get in."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resilience_analysis.foundation import cells
from resilience_analysis.foundation.cells import DELIMITERS, decode, read_delimited
from resilience_analysis.foundation.errors import InputError

CELLS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=8)
ROWS = st.integers(2, 4).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=5)
)


def rows(content: bytes | str, **options):
    return read_delimited(content if isinstance(content, bytes) else content.encode(), "a.csv", **options).rows


def refusal(content) -> str:
    with pytest.raises(InputError) as raised:
        rows(content)
    return str(raised.value)


@given(ROWS, st.sampled_from(list(DELIMITERS)))
def test_any_cells_come_back_as_they_were_written(table, delimiter):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(table)
    kept = [row for row in table if any(cell and not cell.isspace() for cell in row)]
    assert rows(text.getvalue().removeprefix("\ufeff"), delimiter=delimiter) == kept


@pytest.mark.parametrize("delimiter", list(DELIMITERS))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_delimiter_and_the_encoding_follow_from_the_file(delimiter, encoding):
    text = delimiter.join(["naam", "één"]) + "\r\n" + delimiter.join(["Liège", "1"]) + "\r\n"
    assert rows(text.encode(encoding)) == [["naam", "één"], ["Liège", "1"]]


def test_decimal_commas_and_notes_of_several_lines_do_not_hide_the_semicolons():
    assert rows('a, b;c\n"x,\ny";1,5\n,;2,5\n') == [["a, b", "c"], ["x,\ny", "1,5"], [",", "2,5"]]


def test_the_delimiter_that_excel_writes_on_the_first_line_is_followed():
    assert rows("sep=;\r\na;b,c\r\n1;2,3\r\n") == [["a", "b,c"], ["1", "2,3"]]


def test_a_delimiter_in_doubt_is_refused():
    assert "could be delimited by commas or semicolons" in refusal("a,b;c\n1,2;3\n")


def test_columns_that_are_asked_for_settle_the_delimiter():
    assert rows("a,b;c\n1,2;3\n", columns=["c"]) == [["a,b", "c"], ["1,2", "3"]]


def test_one_column_needs_no_delimiter():
    assert rows("a\n1\n") == [["a"], ["1"]]


def test_utf_8_with_a_broken_byte_is_not_read_as_another_encoding():
    assert "is neither UTF-8 nor the cp1252 of Windows (byte 9)" in refusal("Liège\nçé".encode()[:-1])


def test_a_damaged_file_is_refused_with_the_line():
    assert "a.csv: is damaged: line 3 has a NUL character. Restore it" in refusal("code,value\na,1\nb\0,2\n")


@pytest.mark.parametrize("torn", ['a,b\nc,d\nx,"1\n', 'a,b\nc,d\nx,"1"2\n'])
def test_a_torn_quote_is_refused_with_its_row(torn):
    assert "the record of row 3 has a quote that is not closed" in refusal(torn)


def test_a_cell_as_long_as_a_file_is_refused():
    assert "row 1: a cell has more than 100,000 characters" in refusal("a," + "x" * 100_001)


def attempt(read, *arguments):
    """Return what reading gives, or the problems with which it is refused."""
    try:
        return read(*arguments)
    except InputError as error:
        return error.problems


@given(st.binary(max_size=60))
def test_any_bytes_give_rows_or_a_refusal(content):
    assert isinstance(attempt(rows, content), list | tuple)


@given(st.text(st.characters(codec="cp1252", exclude_categories=("Cc",)), min_size=1, max_size=9))
def test_text_of_windows_is_read_as_such_or_as_the_utf_8_that_it_also_is(text):
    read, content = attempt(decode, text.encode("cp1252"), "a.csv"), text.encode("cp1252")
    assert isinstance(read, tuple) or read in (text, content.decode("utf-8-sig", errors="ignore"))


def test_empty_lines_below_a_table_do_not_matter_and_too_many_lines_are_refused(monkeypatch):
    monkeypatch.setattr(cells, "MAX_LINES", 5)
    for end in ("\n", "\r\n", "\r"):
        assert read_delimited(f"a,b{end}1,2{end * 50}".encode(), "t.csv").rows == [["a", "b"], ["1", "2"]]
        with pytest.raises(InputError, match=r"has 52 lines, more than 5\. Remove the empty rows below the table"):
            read_delimited(f"a,b{end}1,2{end}{f',{end}' * 50}".encode(), "t.csv")


@pytest.mark.parametrize(
    ("limit", "content", "what"),
    [
        ("MAX_BYTES", b"a,b\n1,2\n", "has more than 5 bytes"),
        ("MAX_COLUMNS", b"a,b,c,d,e,f\n", "has 6 columns, more than 5"),
        ("MAX_CELLS", b"a,b\n1,2\n1,2\n", "has more than 5 cells"),
    ],
)
def test_a_table_that_is_too_large_is_refused_with_what_to_do(monkeypatch, limit, content, what):
    monkeypatch.setattr(cells, limit, 5)
    assert f"{what}. Leave out the rows and columns that are not needed, or split the file" in refusal(content)


@given(st.text(alphabet='ab,"\r\n\u2028\x0b', max_size=40), st.integers(1, 9))
def test_lines_are_the_same_whatever_the_pieces_in_which_they_are_read(text, piece):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cells, "_PIECE", piece)
        assert list(cells._lines(text)) == list(io.StringIO(text, newline=""))


def test_delimiters_that_part_only_far_below_are_told_apart_by_all_records():
    assert rows("a,b;c\n" + "1,2;3\n" * 1_500 + '"1,2;",3\n')[0] == ["a", "b;c"]
