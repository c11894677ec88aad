"""A table is text with one header, whatever kept it; every fault comes back with its place."""

from __future__ import annotations

import io
import zipfile

import pandas as pd
import pytest
from tests.foundation.test_workbooks import ods

from resilience_analysis.foundation import cells, tables
from resilience_analysis.foundation.errors import InputError
from resilience_analysis.foundation.tables import folded, read_rows


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
        read_rows(path, **{"columns": ["code", "value"], **options})
    return str(raised.value)


def workbook(frame: pd.DataFrame, **sheets: pd.DataFrame) -> bytes:
    stream = io.BytesIO()
    with pd.ExcelWriter(stream, engine="openpyxl") as writer:
        for name, content in {"first": frame, **sheets}.items():
            content.to_excel(writer, sheet_name=name, index=False)
    return stream.getvalue()


def test_every_cell_is_text_and_an_empty_one_is_empty(table):
    rows = read_rows(table("code,value\n01,\n,007\n"), columns=["code"])
    assert rows.to_numpy().tolist() == [["01", ""], ["", "007"]]


def test_the_index_is_the_line_in_the_file(table):
    rows = read_rows(table('code,value\n"a\nb",1\n\nc,2\n'), columns=["code"])
    assert list(rows.index) == [2, 5]  # the first record goes over lines 2 and 3


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system_are_understood(table, end):
    rows = read_rows(table(f"code,value{end}a,1{end}b,2{end}"), columns=["code", "value"])
    assert rows["value"].tolist() == ["1", "2"]


def test_a_table_is_the_same_in_every_file_that_keeps_it(table):
    frame = pd.DataFrame({"code": ["01", "02"], "value": [1.5, 1234.567]})
    text = frame.to_csv(index=False)
    semicolons = frame.to_csv(index=False, sep=";", decimal=",")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("people.csv", text)
    expected = [["01", "1.5"], ["02", "1234.567"]]
    for content in (text, semicolons, b"\xef\xbb\xbf" + text.encode(), archive.getvalue(), workbook(frame)):
        read = read_rows(table(content), columns=["code", "value"])
        assert read.replace(",", ".", regex=True).to_numpy().tolist() == expected


def test_spaces_of_every_kind_around_a_cell_are_left_out(table):
    rows = read_rows(table("\ufeff code\u00a0,\u200bvalue\n\u00a001 ,\t1\u202f\n"), columns=["code", "value"])
    assert rows.to_dict("list") == {"code": ["01"], "value": ["1"]}


def test_rows_and_columns_that_only_have_delimiters_are_left_out(table):
    rows = read_rows(table("code;value;;\na;1;;\n;;;\nb;2;;\n"), columns=["code", "value"])
    assert rows.to_numpy().tolist() == [["a", "1"], ["b", "2"]]
    assert list(rows.index) == [2, 4]


def test_the_row_numbers_that_pandas_writes_are_left_out(table):
    text = pd.DataFrame({"code": ["a", "b"], "value": [1, 2]}).to_csv()
    assert list(read_rows(table(text), columns=["code"]).columns) == ["code", "value"]


def test_a_column_with_cells_and_no_name_is_refused(table):
    assert "people.csv, column B: has cells but no name. Name the column" in refusal(table("code,,value\na,x,1\n"))


def test_the_name_of_a_column_may_be_written_otherwise(table):
    rows = read_rows(table("CODE;Waarde\na;1\n"), columns=["code", "value"], other_names={"value": ["waarde"]})
    assert list(rows.columns) == ["code", "value"]


def test_two_columns_that_could_be_meant_are_neither(table):
    assert "lacks the columns value" in refusal(table("code;VALUE;Value\na;1;2\n"))


def test_a_sheet_is_found_by_name_or_is_the_first_visible_one(table):
    first, second = pd.DataFrame({"code": ["a"]}), pd.DataFrame({"code": ["b"]})
    path = table(workbook(first, iData=second))
    assert read_rows(path)["code"].tolist() == ["a"]
    assert read_rows(path, sheet=["data", "idata"])["code"].tolist() == ["b"]
    assert "unknown sheet 'Blad1'" in refusal(path, sheet="Blad1")


def test_the_sheet_with_the_columns_is_read_and_several_of_them_are_refused(table):
    notes, figures = pd.DataFrame({"note": ["x"]}), pd.DataFrame({"Code": ["a"], "value": [1]})
    read = read_rows(table(workbook(notes, figures=figures)), columns=["code", "value"])
    assert (read["code"].tolist(), read.attrs["unread"]) == (["a"], ["first"])
    both = refusal(table(workbook(figures, y2024=figures)), columns=["code", "value"])
    assert "has several sheets with these columns: first, y2024. Keep one, or hide the others" in both


def test_a_missing_file_is_named(tmp_path):
    assert "people.csv: the file does not exist" in refusal(tmp_path / "people.csv")


@pytest.mark.parametrize("content", ["", "code,value\n", "\n"])
def test_an_empty_file_is_refused(table, content):
    assert "people.csv: is empty: it has no row below a header. Restore it" in refusal(table(content))


def test_a_table_may_have_no_rows_where_that_is_allowed(table):
    assert read_rows(table("code,value\n"), columns=["code"], rows_needed=False).empty
    assert "is empty" in refusal(table(""), rows_needed=False)


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"%PDF-1.7", "is a PDF"), (b"\x89PNG\r\n", "is a picture"), (b"\x1f\x8b", "is packed"), (b"PK\3\4", "damaged")],
)
def test_another_kind_of_file_is_named(table, content, kind):
    assert kind in refusal(table(content))


def test_an_archive_with_several_tables_is_refused(table):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("a.csv", "code\n")
        packed.writestr("b.csv", "code\n")
    assert "is a ZIP with 2 tables. Unpack it" in refusal(table(archive.getvalue()))


def test_missing_columns_are_listed_beside_those_that_are_there(table):
    assert "lacks the columns code, value; it has a, b" in refusal(table("a,b\n1,2\n"))


def test_a_column_that_appears_twice_is_refused(table):
    assert "has the column value more than once" in refusal(table("code,value,value\na,1,2\n"))


def test_every_ragged_row_is_named(table):
    message = refusal(table("code,value\na,1\nb\nc,3,4\n"))
    assert "people.csv: 2 problems" in message
    assert "people.csv, row 3: has 1 cell where the header has 2" in message
    assert "people.csv, row 4: has 3 cells where the header has 2" in message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("code,value\na,1\nBron: Statbel\n", "row 3: has 1 cell where the header has 2. Leave out notes and titles"),
        ("Inhabitants\ncode,value\na,1\n", "has one cell more in every row than in the header"),
        ('"code","value"\n"1","a",1\n"2","b",2\n', "has one cell more in every row than in the header. Name every"),
        ("code,value\na,1,5\nb,2\n", "row 2: has 3 cells where the header has 2. Put a cell that holds the delimiter"),
    ],
)
def test_a_row_of_another_length_is_named_with_what_it_looks_like(table, content, said):
    assert said in refusal(table(content))


def test_a_file_that_breaks_off_within_a_row_is_refused(table):
    assert "people.csv, row 3: has 1 cell where the header has 2" in refusal(table("code,value\n00001,1\n000"))


@pytest.mark.parametrize("text", ["NIS-code", "nis_code", "NIS code", "Nïscode"])
def test_names_are_compared_by_their_letters_and_digits(text):
    assert folded(text) == "niscode"


def test_the_tables_that_excel_saves_are_read(shared):
    for path in sorted((shared / "cases" / "tables").glob("*.csv")):
        assert len(read_rows(path)) > 0


def packed(**contents) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as files:
        for name, content in contents.items():
            files.writestr(name.replace("_", "."), content)
    return archive.getvalue()


def test_what_is_too_large_is_refused_before_it_is_unpacked(table, monkeypatch):
    whole = packed(a_csv=b"code,value\n" + b"1,2\n" * 500)
    monkeypatch.setattr(cells, "MAX_BYTES", 1_000)
    assert "has more than 1,000 bytes. Leave out the rows" in refusal(table(whole))
    assert "has more than 1,000 bytes. Leave out the rows" in refusal(table(b"code,value\n" + b"1,2\n" * 500))
    untrue = whole.replace((2_011).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    assert "is a damaged ZIP (Bad CRC-32" in refusal(table(untrue))


def test_an_archive_of_thousands_of_files_is_refused_before_they_are_listed(table, monkeypatch):
    monkeypatch.setattr(tables, "MAX_MEMBERS", 2)
    assert "is a ZIP with more than 2 files. Unpack it" in refusal(table(packed(a_csv=b"", b_csv=b"", c_csv=b"")))


def test_a_zip_in_a_zip_is_refused_and_a_workbook_of_libreoffice_in_one_is_read(table):
    inner = packed(b_csv=b"code,value\n1,2\n")
    assert "is a ZIP in a ZIP. Unpack it" in refusal(table(packed(a_csv=inner)))
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = "".join(f"<table:table-row>{cell.format(a)}{cell.format(b)}</table:table-row>" for a, b in ("cv", "12"))
    assert read_rows(table(packed(a_ods=ods(rows)))).to_dict("list") == {"c": ["1"], "v": ["2"]}
