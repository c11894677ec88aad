"""Workbooks are read as text within limits; a cell without an outcome is refused, never taken for empty."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resilience_analysis.foundation import workbooks
from resilience_analysis.foundation.errors import InputError
from resilience_analysis.foundation.workbooks import NumberText, PercentText, column_letters, read_workbook_sheets

_SPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)


def xlsx(*rows, **cells) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    for place, value in cells.items():
        book.active[place] = value
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def ods(rows: str) -> bytes:
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>',
        )
        archive.writestr(
            "content.xml",
            f"<office:document-content {_SPACES}><office:body><office:spreadsheet>"
            f'<table:table table:name="S">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return stream.getvalue()


def edited(content: bytes, pattern: bytes, replacement: bytes) -> bytes:
    """Change the XML of the first sheet."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, re.sub(pattern, replacement, part) if name.endswith("sheet1.xml") else part)
    return stream.getvalue()


def refusal(content: bytes) -> str:
    with pytest.raises(InputError) as raised:
        read_workbook_sheets(content, "a.xlsx")
    return str(raised.value)


def test_every_kind_of_cell_is_text():
    row = ["é", 1.5, 12000.0, True, dt.date(2026, 3, 17), dt.datetime(2026, 3, 17, 4, 5), None, "08019"]  # noqa: DTZ001
    (sheet,) = read_workbook_sheets(xlsx(row), "a.xlsx")
    assert sheet.rows == [["é", "1.5", "12000", "TRUE", "2026-03-17", "2026-03-17T04:05:00", "", "08019"]]
    assert isinstance(sheet.rows[0][1], NumberText)
    assert not isinstance(sheet.rows[0][7], NumberText)


@pytest.mark.parametrize("shown", ["0%", "0.0 %", '0.00" %"', "0.00", "General"])
def test_a_percentage_is_known_by_its_format(shown):
    book = openpyxl.Workbook()
    book.create_sheet("Aandeel & co").append(["share", 0.07, 3])
    book["Aandeel & co"]["B1"].number_format = shown
    book.save(stream := io.BytesIO())
    (sheet,) = read_workbook_sheets(stream.getvalue(), "a.xlsx")
    assert isinstance(sheet.rows[0][1], PercentText) == shown.endswith(("%", " %"))
    assert [*map(str, sheet.rows[0])] == ["share", "0.07", "3"]


def test_a_percentage_of_opendocument_is_known_by_its_kind(tmp_path):
    rows = (
        '<table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row><table:table-row>'
        '<table:table-cell table:number-columns-repeated="2" office:value-type="float" office:value="1"/>'
        '<table:table-cell office:value-type="percentage" office:value="0.25"/></table:table-row>'
    )
    (sheet,) = read_workbook_sheets(ods(rows), "a.ods")
    assert [isinstance(cell, PercentText) for cell in sheet.rows[0]] == [False, False, True]


def test_rows_keep_the_numbers_that_a_spreadsheet_program_shows():
    (sheet,) = read_workbook_sheets(xlsx(C3="a", D7="b"), "a.xlsx")
    assert sheet.numbers == [3, 7]
    assert sheet.rows == [["", "", "a", ""], ["", "", "", "b"]]


def test_a_wrong_dimension_loses_no_row():
    content = xlsx(["code", "a"], *([f"U{k}", k] for k in range(6)))
    shrunk = edited(content, rb'<dimension ref="[^"]*"', b'<dimension ref="A1:B2"')
    assert read_workbook_sheets(shrunk, "a.xlsx") == read_workbook_sheets(content, "a.xlsx")


def test_hidden_sheets_are_marked():
    book = openpyxl.Workbook()
    book.active["A1"] = "a"
    book.create_sheet("notes")["A1"] = "b"
    book["notes"].sheet_state = "hidden"
    stream = io.BytesIO()
    book.save(stream)
    assert [sheet.hidden for sheet in read_workbook_sheets(stream.getvalue(), "a.xlsx")] == [False, True]


def test_a_formula_without_outcome_is_refused_with_its_cell():
    assert "a.xlsx, cell B2: has a formula without a stored outcome. Open it in Excel" in refusal(
        xlsx(["code", "a"], ["x", "=1+1"])
    )


def test_an_error_in_a_cell_is_refused_with_its_cell():
    content = edited(xlsx(["code", "a"], ["x", 1]), rb'<c r="B2"[^>]*><v>1</v>', b'<c r="B2" t="e"><v>#N/A</v>')
    assert "a.xlsx, cell B2: holds an error instead of a value" in refusal(content)


def test_a_formula_whose_outcome_is_an_empty_text_is_empty():
    content = edited(xlsx(["code", "a"], ["x", "=A1"]), rb'<c r="B2"[^>]*>', b'<c r="B2" t="str">')
    assert read_workbook_sheets(content, "a.xlsx")[0].rows[1] == ["x", ""]


def test_a_million_rows_that_are_only_formatted_do_not_count():
    rows = b"".join(b'<row r="%d"/>' % number for number in range(3, 200_000))
    content = edited(xlsx(["code"], ["x"]), rb"</sheetData>", rows + b"</sheetData>")
    assert read_workbook_sheets(content, "a.xlsx")[0].rows == [["code"], ["x"]]


def test_cells_spread_beyond_every_limit_are_refused_before_they_are_read():
    assert "spreads over 1,048,576 rows and 16,384 columns" in refusal(xlsx(A1="a", XFD1048576="b"))


def test_a_cell_longer_than_a_csv_may_have_is_refused():
    content = edited(xlsx(["code"], [1]), rb"<v>1</v>", b"<v>" + b"9" * 100_001 + b"</v>")
    content = edited(content, rb't="n"><v>9', b't="str"><v>9')
    assert "a cell has more than 100,000 characters" in refusal(content)


def test_sheets_that_are_too_large_only_together_are_refused(monkeypatch):
    book = openpyxl.Workbook()
    book.active["B5"] = book.create_sheet("more")["B5"] = 1
    stream = io.BytesIO()
    book.save(stream)
    assert len(read_workbook_sheets(stream.getvalue(), "a.xlsx")) == 2
    monkeypatch.setattr(workbooks, "MAX_CELLS", 15)
    assert "5 rows and 2 columns, all sheets together more than 15 cells" in refusal(stream.getvalue())
    monkeypatch.setattr(workbooks, "_extent", lambda _: (1, 1))  # a workbook that names one part as many sheets
    assert "5 rows and 2 columns, all sheets together more than 15 cells" in refusal(stream.getvalue())


def test_a_long_text_that_many_cells_repeat_is_refused(monkeypatch):
    rows = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (row, row) for row in range(2, 102))
    content = edited(xlsx(["a"]), rb"</sheetData>", rows + b"</sheetData>")
    space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    texts = b'<sst xmlns="%s"><si><t>%s</t></si></sst>' % (space, b"x" * 9_000)
    stream = io.BytesIO(content)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("xl/sharedStrings.xml", texts)
    content = stream.getvalue()
    assert [len(cell) for (cell,) in read_workbook_sheets(content, "a.xlsx")[0].rows] == [1, *[9_000] * 100]
    monkeypatch.setattr(workbooks, "MAX_UNPACKED_BYTES", 100_000)
    assert "bytes of text once every cell is written out. Empty the cells that repeat" in refusal(content)


def test_a_row_of_libreoffice_that_repeats_a_long_text_is_refused(monkeypatch):
    cell = f'office:value-type="string" table:number-columns-repeated="10"><text:p>{"x" * 5_000}</text:p>'
    row = f"<table:table-cell {cell}</table:table-cell></table:table-row>"
    content = ods(f'<table:table-row table:number-rows-repeated="20">{row}')
    assert len(read_workbook_sheets(content, "a.ods")[0].rows) == 20
    monkeypatch.setattr(workbooks, "MAX_UNPACKED_BYTES", 100_000)
    assert "bytes of text once every cell is written out. Empty the cells that repeat" in refusal(content)


def test_what_is_small_only_while_it_is_packed_is_refused(monkeypatch):
    monkeypatch.setattr(workbooks, "MAX_UNPACKED_BYTES", 1000)
    assert "bytes unpacked. Split it, or save it as CSV" in refusal(xlsx(["a"]))


def test_a_sheet_of_libreoffice_is_read_without_its_repeated_empty_rows():
    rows = (
        '<table:table-row><table:table-cell office:value-type="string"><text:p>code</text:p></table:table-cell>'
        '<table:table-cell office:value-type="float" office:value="1.5"><text:p>1,5</text:p></table:table-cell>'
        "</table:table-row>"
        '<table:table-row table:number-rows-repeated="1048575"><table:table-cell '
        'table:number-columns-repeated="16384"/></table:table-row>'
    )
    assert read_workbook_sheets(ods(rows), "a.ods")[0].rows == [["code", "1.5"]]


def test_a_sheet_of_libreoffice_that_repeats_without_end_is_refused():
    cell = '<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="16384"/>'
    rows = f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>'
    assert "spreads over 1,048,576 rows" in refusal(ods(rows))


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        ('<table:table-cell table:formula="of:=1+1"/>', "has a formula without a stored outcome"),
        ('<table:table-cell office:value-type="string"><text:p>#DIV/0!</text:p></table:table-cell>', "holds an error"),
    ],
)
def test_a_cell_of_libreoffice_without_outcome_is_refused_with_its_row(cell, fault):
    assert f"in row 1: {fault}" in refusal(ods(f"<table:table-row>{cell}</table:table-row>"))


@given(st.binary(max_size=40), st.integers(0, 4000))
@settings(max_examples=60)
def test_a_damaged_workbook_is_refused_or_read(noise, place):
    content = xlsx(["code", "a"], ["x", 1])
    damaged = content[:place] + noise + content[place + len(noise) :]
    try:
        read = read_workbook_sheets(damaged, "a.xlsx")
    except InputError as error:
        read = error.problems
    assert isinstance(read, list | tuple)


@pytest.mark.parametrize(("number", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (703, "AAA"), (16384, "XFD")])
def test_columns_are_named_as_a_spreadsheet_program_names_them(number, letters):
    assert column_letters(number) == letters
