from __future__ import annotations

import pandas as pd
import pytest

from resilience_analysis.composite.scoring.files import read_text_table
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
        ("", "has no rows"),
        ("code,x\n", "has no rows"),
        ("code,code\nA,1\n", "column code: appears twice"),
        ("code,\nA,1\n", "column 2: has no name"),
        ("code,x\nA,1,2\n", "row 2: has 3 cells, the header 2"),
        ('code,x\n"A,1\n', "is not a CSV"),
    ],
)
def test_a_table_of_no_shape_is_refused(tmp_path, text, said):
    with pytest.raises(InputError) as caught:
        read(write(tmp_path / "t.csv", text))
    assert said in str(caught.value)


def test_a_file_that_is_no_utf8_or_no_workbook_is_refused(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"code,x\n\xe9,1\n")
    with pytest.raises(InputError, match="is not UTF-8"):
        read(tmp_path / "t.csv")
    (tmp_path / "t.xlsx").write_bytes(b"nothing")
    with pytest.raises(InputError, match="is not a workbook"):
        read(tmp_path / "t.xlsx")


def test_a_file_that_is_not_there_or_of_another_kind_is_wrong_use(tmp_path):
    with pytest.raises(UsageError, match="does not exist"):
        read(tmp_path / "none.csv")
    with pytest.raises(UsageError, match="not a file that can be read"):
        read(write(tmp_path / "t.json", "{}"))
