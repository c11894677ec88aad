from __future__ import annotations

import pandas as pd
import pytest

from resilience_analysis.composite.inputs import read_framework, read_inputs
from resilience_analysis.composite.tables import read_text_table
from resilience_analysis.foundation.errors import InputError, UsageError

from .conftest import write


def read(path) -> pd.DataFrame:
    return read_text_table(path, kind="data")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_every_cell_is_read_as_text(tmp_path, separator):
    table = read(write(tmp_path / "t.csv", f"code{separator}x\n00123{separator}1.50\n"))
    assert table.to_numpy().tolist() == [["00123", "1.50"]]


def test_rows_are_numbered_as_in_the_file(tmp_path):
    table = read(write(tmp_path / "t.csv", "code,x\nA,1\n\nB,2\n,\nC,3\n"))
    assert table.index.tolist() == [2, 4, 6]


def test_a_byte_order_mark_and_quotes_are_no_part_of_the_names(tmp_path):
    table = read(write(tmp_path / "t.csv", '\ufeff"code","x"\n"A, B","1"\n'))
    assert list(table.columns) == ["code", "x"]
    assert table.iloc[0].tolist() == ["A, B", "1"]


def test_a_workbook_is_read_from_the_sheet_of_its_kind(tmp_path):
    path = tmp_path / "t.xlsx"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame({"other": [1]}).to_excel(book, sheet_name="notes", index=False)
        pd.DataFrame({"uCode": ["A"], "x": [0.1], "y": [None]}).to_excel(book, sheet_name="iData", index=False)
    table = read(path)
    assert table.iloc[0].tolist() == ["A", "0.1", ""]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty: it has no row below a header"),
        ("code,x\n", "is empty: it has no row below a header"),
        ("code,code\nA,1\n", "has the column code more than once"),
        ("code,\nA,7\n", "column B: has cells but no name"),
        ("code,x\nA,1,2\n", "row 2: has 3 cells where the header has 2"),
        ('code,x\n"A,1\n', "the record of row 2 has a quote that is not closed"),
    ],
)
def test_a_table_of_no_shape_is_refused(tmp_path, text, said):
    with pytest.raises(InputError) as caught:
        read(write(tmp_path / "t.csv", text))
    assert said in str(caught.value)


FLEMISH = "NIS-code;Vertrouwen in buren;Misdrijven\n11001;3,5;1.200,25\n11002;4,25;900\n"


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("line", ["\n", "\r\n"])
def test_a_file_as_excel_saves_it_in_flanders_gives_the_same_data(tmp_path, encoding, line):
    (tmp_path / "d.csv").write_bytes(FLEMISH.replace("\n", line).replace("buren", "caf\xe9s").encode(encoding))
    (tmp_path / "f.csv").write_text(
        "code,parent,direction,weight\nVERTROUWEN IN CAF\xc9S,top,1,1\nmisdrijven,top,-1,1\ntop,,1,1\n",
        encoding="utf-8",
    )
    found = read_inputs(tmp_path / "d.csv", tmp_path / "f.csv").data
    assert found.index.tolist() == ["11001", "11002"]
    assert found.to_dict("list") == {"VERTROUWEN IN CAF\xc9S": [3.5, 4.25], "misdrijven": [1200.25, 900.0]}


def test_a_framework_as_excel_saves_it_in_flanders_has_the_same_weights(tmp_path):
    plain = "code,parent,direction,weight,name\nx,top,1,0.5,Air\ny,top,-1,12.125,Sea\ntop,,1,1,All\n"
    there = plain.replace(",", ";").replace(".", ",").replace("Air", '"Air, water"')
    found = [read_framework(write(tmp_path / f"{n}.csv", text)).metadata for n, text in enumerate((plain, there))]
    assert found[0]["weight"].tolist() == found[1]["weight"].tolist() == [0.5, 12.125, 1.0]
    assert found[1].loc["x", "name"] == "Air, water"


def test_a_number_that_a_workbook_holds_keeps_its_point_beside_decimal_commas_that_were_typed(tmp_path):
    pd.DataFrame({"code": ["A", "B"], "x": [1.125, "2,5"]}).to_excel(tmp_path / "d.xlsx", index=False)
    write(tmp_path / "f.csv", "code,parent,direction,weight\nx,top,1,1\ntop,,1,1\n")
    assert read_inputs(tmp_path / "d.xlsx", tmp_path / "f.csv").data["x"].tolist() == [1.125, 2.5]


def test_a_workbook_that_hides_half_its_rows_is_read_whole_and_a_formula_without_outcome_is_refused(shared):
    place = shared / "cases" / "security" / "score_xlsx"
    whole, narrow = (read_inputs(place / name, place / "fw.yml").data for name in ("ok.xlsx", "dim.xlsx"))
    pd.testing.assert_frame_equal(whole, narrow)
    with pytest.raises(InputError, match="B3"):
        read_inputs(place / "formula.xlsx", place / "fw.yml")


def test_bytes_that_are_no_table_are_refused(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"code,x\n\x81,1\n")
    with pytest.raises(InputError, match="is neither UTF-8 nor the cp1252"):
        read(tmp_path / "t.csv")
    (tmp_path / "t.xlsx").write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(InputError, match="is a damaged workbook"):
        read(tmp_path / "t.xlsx")


def test_a_file_that_is_not_there_or_of_another_kind_is_wrong_use(tmp_path):
    with pytest.raises(UsageError, match="does not exist"):
        read(tmp_path / "none.csv")
    with pytest.raises(UsageError, match="not a file that can be read"):
        read(write(tmp_path / "t.json", "{}"))
