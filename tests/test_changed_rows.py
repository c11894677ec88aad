"""A failing comparison of a notebook says which row of which table moved."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
from tests.changed_rows import changed_rows

ROOT = Path(__file__).resolve().parents[1]
KEPT = "nis_code  score  low\n   13010   46.4 31.0\n   13011   38.5 20.0"


def test_a_row_of_text_is_named_with_the_column_that_moved() -> None:
    assert changed_rows(KEPT, KEPT.replace("38.5", "38.6")) == ["row 13011: score was 38.5, is 38.6"]


def test_a_row_below_an_index_without_a_name_is_named_too() -> None:
    kept = "       score  low\n13010   46.4 31.0\n13011   38.5 20.0"
    assert changed_rows(kept, kept.replace("20.0", "21.0")) == ["row 13011: low was 20.0, is 21.0"]


def test_rows_that_came_or_went_are_named() -> None:
    assert changed_rows(KEPT, f"{KEPT}\n   13012   75.4 60.0") == ["row 13012 | 75.4 | 60.0: was not there"]
    assert changed_rows(KEPT, KEPT.rpartition("\n")[0]) == ["row 13011 | 38.5 | 20.0: not there any more"]


def test_a_row_of_a_table_in_html_is_named_by_what_a_reader_sees() -> None:
    head = '<tr><th scope="col">Place</th><th scope="col">Score</th></tr>'
    kept = f'<table>{head}<tr><th scope="row">Herentals</th><td><strong>46</strong> <i>28 to 64</i></td></tr></table>'
    assert changed_rows(kept, kept.replace("46<", "47<")) == ["row Herentals: Score was 46 28 to 64, is 47 28 to 64"]


def test_what_is_the_same_names_nothing() -> None:
    assert changed_rows(KEPT, KEPT) == changed_rows("", "") == []


def test_nbval_names_the_row(tmp_path: Path) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(f"print({KEPT!r})", execution_count=1)])
    notebook.cells[0].outputs = [nbformat.v4.new_output("stream", name="stdout", text=KEPT.replace("38.5", "38.4"))]
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, tmp_path / "kept.ipynb")
    (tmp_path / "conftest.py").write_text((ROOT / "conftest.py").read_text(encoding="utf-8"), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    environment = {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert "row 13011: score was 38.4, is 38.5" in done.stdout, done.stdout
