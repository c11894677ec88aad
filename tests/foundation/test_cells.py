import re
from itertools import product
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from resilience_analysis.foundation import cells
from resilience_analysis.foundation.cells import (
    FORMULA_STARTS,
    _plain_csv,
    plain_cell,
    plain_table,
    safe_cell,
    safe_html,
    safe_table,
    without_unseen,
    write_table,
    write_workbook,
)
from resilience_analysis.pages import render

ATTACKS = ["=1+1", "+32", "-1+cmd", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1"]  # noqa: RUF001 - read as a formula too
ATTACKS += ["\ufeff=1", "\u200b\x00=1", "\u202e=1", "\u00a0=1"]  # marks that a program may skip


@pytest.mark.parametrize("text", ATTACKS)
def test_cell_never_starts_a_formula(text):
    assert safe_cell(text) == "'" + text


@given(st.text(max_size=20))
def test_safe_cells_stay_safe_and_lose_nothing(text):
    safe = safe_cell(text)
    assert not safe.lstrip(" ").startswith(FORMULA_STARTS)
    assert safe in (text, f"'{text}")


def test_no_two_texts_become_one():
    texts = ["".join(cells) for width in range(7) for cells in product("'=+ a", repeat=width)]
    assert len({safe_cell(text) for text in texts}) == len(texts)


@given(st.text(alphabet="'=+- aé\n", max_size=6))
def test_a_guarded_cell_reads_back_as_it_was(text):
    assert plain_cell(safe_cell(text)) == text
    table = pd.DataFrame({"name": [text, None, "Olen"], "n": [1.5, float("nan"), 2.0]})
    pd.testing.assert_frame_equal(plain_table(safe_table(table)), table)


def test_templates_leave_out_what_turns_or_hides_text_and_nothing_else():
    assert without_unseen("a\u202eb") == "ab"
    assert without_unseen(Markup("<b>\u2066x</b>")) == Markup("<b>x</b>")
    assert isinstance(without_unseen(Markup("x")), Markup)
    assert without_unseen(3) == 3


@pytest.mark.parametrize("escaped", [True, False])
def test_every_template_is_filled_in_without_characters_that_turn_or_hide_text(escaped):
    environment = render.environment(escaped=escaped)
    assert environment.from_string("{{ name }}|{{ name | e }}").render(name="O\u202elen\x1b") == "Olen|Olen"


def test_characters_that_turn_or_hide_text_do_not_reach_html():
    assert safe_html("a\u202eb\x00c\u2066d\te\nf") == "abcd\te\nf"


def test_numbers_and_headings_are_handled_apart():
    table = pd.DataFrame({"=x": ["=a", "b"], "n": [-1.5, 2.0]})
    safe = safe_table(table)
    assert list(safe.columns) == ["'=x", "n"]
    assert safe["n"].tolist() == [-1.5, 2.0]
    assert table.columns[0] == "=x"


def test_html_shows_what_was_written():
    assert safe_html('<script>"x" & y</script>') == "&lt;script&gt;&quot;x&quot; &amp; y&lt;/script&gt;"


def test_csv_and_workbook_hold_no_formula(tmp_path):
    table = pd.DataFrame({"by": ATTACKS[:3], "n": [5.0, float("nan"), 7.0]})
    write_table(tmp_path / "a.csv", table)
    write_table(tmp_path / "a.xlsx", table)
    assert (tmp_path / "a.csv").read_text() == "by,n\n'=1+1,5\n'+32,\n'-1+cmd,7\n"
    written = [cell for row in openpyxl.load_workbook(tmp_path / "a.xlsx").active.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in written)


def test_numbers_in_a_csv_read_back_to_the_same_float(tmp_path):
    table = pd.DataFrame({"x": [0.1 + 0.2, 1 / 3, 1e-300, 12345678901234567.0], "y": ["a", None, "c,d", 'e"f']})
    write_table(tmp_path / "a.csv", table)
    back = pd.read_csv(tmp_path / "a.csv")
    assert back["x"].tolist() == table["x"].tolist()
    assert back["y"].tolist()[2:] == ["c,d", 'e"f']
    assert b"\r" not in (tmp_path / "a.csv").read_bytes()


def test_one_module_writes_csv_and_who_writes_lines_guards_them():
    sources = {path: path.read_text(encoding="utf-8") for path in Path(cells.__file__).parents[1].rglob("*.py")}
    assert [path.name for path, text in sources.items() if ".to_csv(" in text] == ["cells.py"]
    writers = {path.name for path, text in sources.items() if re.search(r"csv\.(writer|DictWriter)\(", text)}
    # The structure that LimeSurvey reads back is no table for a spreadsheet; what a server sent is read at once.
    assert writers - {"questionnaire.py", "servers.py"} == {"cells.py", "responses.py"}


WRITTEN = st.text(st.sampled_from(["a", "é", ",", '"', "\n", "\r", " ", "'"]), max_size=4)


WHOLE = st.integers(-(2**62), 2**62)
ROWS = st.tuples(st.none() | WRITTEN, st.floats(), st.floats(), WHOLE, st.integers(-5, 5), WRITTEN)


@given(st.lists(ROWS, min_size=1, max_size=5), WRITTEN)
def test_a_plain_table_is_written_to_the_byte_as_pandas_does(rows, heading):
    table = pd.DataFrame(rows, columns=[heading, "float", "other", "whole", "gaps", "text"])
    table["gaps"] = table["gaps"].astype("Int64").mask(table["gaps"] == 0)
    for kinds in ({}, {"float": "float64", "whole": "int64"}, {heading: "str", "text": "str"}):
        written = _plain_csv(
            table.astype({name: kind for name, kind in kinds.items() if (table.columns == name).sum() == 1})
        )
        assert written in {None, table.astype(object).to_csv(index=False, lineterminator="\n")}
    assert written is not None


@pytest.mark.parametrize("column", [[True], [1, "a"], [pd.Timestamp("2026-11-27")]])
def test_what_is_not_plain_is_left_to_pandas(column):
    assert _plain_csv(pd.DataFrame({"a": column, "b": "x"})) is None
    assert _plain_csv(pd.DataFrame({"alone": ["", "x"]})) is None


def test_numbers_of_answers_that_are_not_whole_stay_so(tmp_path):
    write_table(tmp_path / "a.csv", pd.DataFrame({"n": [1.5]}))
    assert (tmp_path / "a.csv").read_text() == "n\n1.5\n"


def test_same_workbook_gives_the_same_bytes(tmp_path, monkeypatch):
    table = pd.DataFrame({"a": ["x", "y"]})
    write_workbook(tmp_path / "a.xlsx", {"one": table})
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    write_workbook(tmp_path / "b.xlsx", {"one": table})
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert pd.read_excel(tmp_path / "a.xlsx", engine="openpyxl").equals(table)
