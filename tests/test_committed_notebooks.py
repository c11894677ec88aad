"""The cells of a committed notebook stay together; that it shows something to compare is checked with its rules."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def test_cells_of_a_notebook_are_not_shared_out(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "--nbval", "-n", "2", "--collect-only", "-q", "notebooks"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "add --dist loadfile" in done.stderr
