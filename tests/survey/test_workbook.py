"""Files of survey tools as sheets of text; how delimited text and workbooks are read is tested with the foundation."""

import contextlib
import io
import sys
import zipfile

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resilience_analysis.foundation.errors import InputError, UsageError
from resilience_analysis.survey.importing import ImportOptions, import_answers
from resilience_analysis.survey.workbook import FileFormat, read_workbook


def xlsx(path, **sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_short_rows_are_filled_and_long_ones_kept(write):
    assert read_workbook(write("a,b\n1\n1,2,3\n"))[0].rows == [["a", "b", ""], ["1", "", ""], ["1", "2", "3"]]


def test_delimiter_and_encoding_can_be_said(write):
    path = write("a;b|c\n1;é|3\n", encoding="cp437")
    assert read_workbook(path, FileFormat("|", "cp437"))[0].rows == [["a;b", "c"], ["1;é", "3"]]
    for wrong in ("klingon", "ascii"):
        with pytest.raises(UsageError, match=f"--encoding {wrong}"):
            read_workbook(path, FileFormat(encoding=wrong))


def test_answers_of_several_lines_do_not_hide_the_delimiter(write):
    note = '"Beste deelnemer, hartelijk dank,\nwe vragen je, vrijwillig, dit in te vullen,\nen dat duurt, kort"'
    path = write(";".join([note] * 8 + ["INF1"]) + "\n" + ";".join(["x, y"] * 8 + ["3"]) + "\n")
    assert [len(row) for row in read_workbook(path)[0].rows] == [9, 9]


def test_quote_that_is_not_closed_is_refused_with_its_row(write):
    path = write('a,b\n1,"Ik zeg ""ja"" dus"\n2,"onvolledig\n3,ok\n4,"ok"\n')
    with pytest.raises(InputError, match="row 3 has a quote that is not closed"):
        read_workbook(path)


def test_sheet_can_be_named_even_a_hidden_one(tmp_path):
    path = xlsx(tmp_path / "a.xlsx", Een=[["a"]], Twee=[["b"]], Drie=[["c"]])
    book = openpyxl.load_workbook(path)
    book["Drie"].sheet_state = "hidden"
    book.save(path)
    assert [sheet.name for sheet in read_workbook(path)] == ["Een", "Twee"]
    assert [sheet.hidden for sheet in read_workbook(path, with_hidden=True)] == [False, False, True]
    assert read_workbook(path, FileFormat(sheet="drie"))[0].rows == [["c"]]
    with pytest.raises(UsageError, match="did you mean 'Twee'"):
        read_workbook(path, FileFormat(sheet="Twe"))


def test_zip_with_one_table_is_read_and_one_with_more_refused(tmp_path):
    def packed(*names):
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            for name in names:
                archive.writestr(name, "a,b\n1,2\n")
        return tmp_path / "a.zip"

    for names in (("Zelfbevraging.csv",), ("Zelfbevraging.csv", "__MACOSX/._Zelfbevraging.csv", "map/._a.csv")):
        assert read_workbook(packed(*names))[0].rows == [["a", "b"], ["1", "2"]]
    with pytest.raises(InputError, match=r"ZIP with 2 tables\. Unpack it"):
        read_workbook(packed("a.csv", "b.csv"))
    assert read_workbook(packed("a.csv", "map/B.csv"), FileFormat(sheet="b.csv"))[0].rows == [["a", "b"], ["1", "2"]]
    with pytest.raises(InputError, match="ZIP with 2 tables"):
        read_workbook(packed("a.csv", "b.csv"), FileFormat(sheet="c.csv"))


def test_formula_without_an_outcome_is_refused_by_its_cell(tmp_path):
    path = xlsx(tmp_path / "a.xlsx", answers=[["INF1", "INF2"], [3, 4], [2, "=1+1"]])
    with pytest.raises(InputError, match="cell B3: has a formula without a stored outcome"):
        read_workbook(path)


def test_wrong_dimension_loses_no_row(tmp_path):
    path = xlsx(tmp_path / "a.xlsx", answers=[["INF1", "INF2"], *[[3, 4]] * 5])
    stream = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(stream, "w") as new:
        for entry in old.namelist():
            new.writestr(entry, old.read(entry).replace(b'<dimension ref="A1:B6"', b'<dimension ref="A1:A2"'))
    path.write_bytes(stream.getvalue())
    assert read_workbook(path)[0].rows == [["INF1", "INF2"], *[["3", "4"]] * 5]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"%PDF-1.4", b"a,b\x00\x01", b"\xff\xfe\x00", b"$FL2 and no more"])
def test_what_is_not_a_table_is_refused(tmp_path, content):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.csv"):
        read_workbook(path)


def test_opendocument_is_read(tmp_path):
    space = "urn:oasis:names:tc:opendocument:xmlns"
    rows = "".join(
        f'<table:table-row><table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
        f'<table:table-cell office:value-type="float" office:value="{n}"/></table:table-row>'
        for n, text in enumerate(("INF1", "eerder akkoord"))
    )
    spaces = "".join(f' xmlns:{name}="{space}:{name}:1.0"' for name in ("office", "table", "text"))
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr(
            "META-INF/manifest.xml",
            f'<m:manifest xmlns:m="{space}:manifest:1.0">'
            f'<m:file-entry m:full-path="/" m:media-type="{kind}"/></m:manifest>',
        )
        archive.writestr(
            "content.xml",
            f'<office:document-content{spaces}><office:body><office:spreadsheet><table:table table:name="S">{rows}'
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    assert read_workbook(tmp_path / "a.ods")[0].rows == [["INF1", "0"], ["eerder akkoord", "1"]]


def test_spss_gives_labels_of_variables_and_values(tmp_path):
    pyreadstat = pytest.importorskip("pyreadstat")
    table = pd.DataFrame({"INF1": [1.0, 4.0, None], "plaats": ["Olen", "Olen", ""]})
    labels = {"INF1": {1: "helemaal niet akkoord", 4: "helemaal akkoord"}}
    pyreadstat.write_sav(
        table, str(tmp_path / "a.sav"), column_labels=["Meten is weten", ""], variable_value_labels=labels
    )
    rows = [
        ["INF1. Meten is weten", "plaats"],
        ["helemaal niet akkoord", "Olen"],
        ["helemaal akkoord", "Olen"],
        ["", ""],
    ]
    assert read_workbook(tmp_path / "a.sav")[0].rows == rows


def test_spss_in_an_archive_is_read_and_its_names_are_codes(tmp_path, instrument):
    pyreadstat = pytest.importorskip("pyreadstat")
    table = pd.DataFrame({"INF1": [1.0, 4.0], "gemeente": ["Olen", "Olen"]})
    pyreadstat.write_sav(table, str(tmp_path / "a.sav"), column_labels=["Eerste", "Waar woon je"])
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(tmp_path / "a.sav", "antwoorden.SAV")
    found = import_answers(tmp_path / "a.zip", instrument, ImportOptions("2026"))
    assert (found.rows_used, found.known["nis_code"]) == (2, 2)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32"])
def test_wide_text_without_a_mark_is_refused_with_the_way_to_read_it(write, encoding):
    path = write("gemeente;INF1\nOlen;3\n" * 30, encoding=encoding)
    with pytest.raises(InputError, match=f"Say --encoding {encoding}"):
        read_workbook(path)
    assert read_workbook(path, FileFormat(encoding=encoding))[0].rows[1] == ["Olen", "3"]


def test_spss_without_its_reader_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyreadstat", None)
    (tmp_path / "a.sav").write_bytes(b"$FL2")
    with pytest.raises(UsageError, match="extra `spss`"):
        read_workbook(tmp_path / "a.sav")


@settings(deadline=None, max_examples=60)
@given(st.one_of(st.binary(max_size=400), st.text(max_size=200).map(str.encode)))
def test_any_bytes_give_rows_of_one_length_or_a_refusal(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "a.csv"
    path.write_bytes(content)
    with contextlib.suppress(InputError):
        assert all(len(row) == len(sheet.rows[0]) for sheet in read_workbook(path) for row in sheet.rows)
