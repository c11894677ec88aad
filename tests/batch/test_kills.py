"""A batch that is killed at a random moment leaves no half file, no process and no lock, and the next completes it."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from tests.batch.lab import PATIENCE, Lab, marked, task, write_notebook

from resilience_analysis.batch.tasks import Settings
from resilience_analysis.foundation.files import sha256
from resilience_analysis.foundation.project import Project

ROUNDS = 12
BATCH = """\
import signal, sys
from pathlib import Path
from resilience_analysis.batch.batches import ReportMaker
from resilience_analysis.batch.tasks import Settings
from resilience_analysis.foundation.project import Project
from tests.batch.lab import LABORATORY, Heard, task

signal.signal(signal.SIGINT, signal.default_int_handler)
tasks = [task("killed.ipynb", f"{who}.nl", who=who) for who in "abcdef"]
with ReportMaker(LABORATORY) as maker:
    maker.run(Project(Path(sys.argv[1])), tasks, Settings(Path(sys.argv[2]), jobs=2), listener=Heard())
"""


@pytest.mark.trial
@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_batch_killed_at_any_moment_is_completed_by_the_next(
    lab: Lab, workshop: Project, tmp_path: Path, root: Path, number: int
) -> None:
    write_notebook(workshop, "killed", "import subprocess, time\nsubprocess.Popen(['sleep', '300'])\ntime.sleep(0.1)")
    moment = random.Random(number).uniform(0.2, 8)
    mark = f"kill-{os.getpid()}-{number}"
    environment = {**os.environ, "MARK": mark, "PYTHONPATH": os.pathsep.join([str(root / "src"), str(root)])}
    command = [sys.executable, "-c", BATCH, str(workshop.root), str(tmp_path)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(moment)
    process.send_signal(random.Random(number).choice([signal.SIGKILL, signal.SIGINT, signal.SIGTERM]))
    process.wait(timeout=PATIENCE)
    assert marked(mark) == []
    tasks = [task("killed.ipynb", f"{who}.nl", who=who) for who in "abcdef"]
    lab(workshop, tasks, Settings(tmp_path, jobs=2))
    reports = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))["reports"]
    assert sorted(reports) == [f"{who}.nl" for who in "abcdef"]
    for record in reports.values():
        assert record["failure"] is None
        for name, noted in record["files"].items():
            assert sha256(tmp_path / name) == noted["sha256"]
    assert not (tmp_path / ".making").exists()
    assert not list(Path(tempfile.gettempdir()).glob(f"resilience-kernel-{process.pid}-*"))
