"""The committed notebooks are compared with what they show: they show something, and their cells stay together."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_committed_notebook_has_outputs_to_compare(path: Path) -> None:
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code" and cell.source]
    shown = [cell for cell in cells if cell.outputs]
    assert shown, "nbval compares nothing where outputs are stripped: run `make notebooks`"
    assert all(cell.execution_count for cell in cells)


def test_cells_of_a_notebook_are_not_shared_out(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "--nbval", "-n", "2", "--collect-only", "-q", "notebooks"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "add --dist loadfile" in done.stderr
