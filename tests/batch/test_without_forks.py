"""Without forks, as on Windows, every report is made in a process that was started for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.batch.lab import LABORATORY, PATIENCE, task, write_notebook

from resilience_analysis.batch import local
from resilience_analysis.batch.local import prepared, run_orders
from resilience_analysis.batch.tasks import Limits, Order
from resilience_analysis.foundation.project import Project


def order(project: Project, folder: Path, notebook: str, who: str, seconds: float = 60) -> Order:
    given = task(notebook, f"{who}.nl", who=who)
    return Order(given, LABORATORY, project, folder / who, "warm", Limits(seconds))


@pytest.mark.slow
def test_a_report_that_breaks_its_limits_is_ended_and_the_next_is_begun(
    workshop: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "FORKS", False)
    notebook = write_notebook(
        workshop, "unforked", "import time\nprint(who)\nif who == 'slow': time.sleep(60)\nassert who == 'slow'"
    )
    patience = {"slow": 12, "wrong": 60}
    starter = prepared(LABORATORY, workshop)
    orders = [order(workshop, tmp_path, notebook, *one) for one in patience.items()]
    made = list(run_orders(starter, orders, jobs=1))
    slow, wrong = (outcome.failure for outcome in made)
    assert slow is not None
    assert (slow.kind, slow.output.splitlines()[-1]) == ("timeout", "slow")
    assert wrong is not None
    assert (wrong.kind, wrong.cell) == ("exception", 3)


WITHOUT = """\
import os, sys
import psutil  # which knows Windows
sys.modules["resource"] = sys.modules["fcntl"] = None
for name in ("fork", "forkpty", "setsid", "killpg"):
    if hasattr(os, name):
        delattr(os, name)
"""
BATCH = """\
import sys
from pathlib import Path
from resilience_analysis.batch.batches import ReportMaker
from resilience_analysis.batch.tasks import Settings
from resilience_analysis.foundation.project import Project
from tests.batch.lab import LABORATORY, Heard, task

if __name__ == "__main__":
    heard = Heard()
    with ReportMaker(LABORATORY) as maker:
        project, settings = Project(Path(sys.argv[1])), Settings(Path(sys.argv[2]))
        maker.run(project, [task("apart.ipynb", "a.nl")], settings, listener=heard)
    print(heard.states)
"""


@pytest.mark.slow
def test_a_system_that_lacks_what_windows_lacks_makes_reports(workshop: Project, tmp_path: Path, root: Path) -> None:
    write_notebook(workshop, "apart", "print(who)")
    (tmp_path / "sitecustomize.py").write_text(WITHOUT, encoding="utf-8")
    (tmp_path / "batch.py").write_text(BATCH, encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), str(root / "src"), str(root)])
    command = [sys.executable, str(tmp_path / "batch.py"), str(workshop.root), str(tmp_path / "out")]
    environment = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.stdout == "{'a.nl': 'made'}\n", done.stderr
