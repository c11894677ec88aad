"""Cells that run in a forked process leave the notebook that a kernel leaves."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError
from tests.batch.lab import Lab, write_notebook

from resilience_analysis.batch.forked import speaks_for
from resilience_analysis.foundation.project import Project

# one cell per thing that a kernel does with what a cell shows
ZOO = (
    "1 + 1",
    "1 + 1;",
    "print('one'); print('two')",
    "import sys\nprint('out'); print('err', file=sys.stderr); print('out again')",
    "from IPython.display import HTML, Markdown, clear_output, display",
    "display(HTML('<b>é 🌍</b>'), metadata={'a': 1})",
    "Markdown('*x*')",
    "print('gone'); clear_output(); print('stays')",
    "print('gone'); clear_output(wait=True); print('stays')",
    "handle = display('first', display_id='place')",
    "handle.update('second')",
    "import pandas as pd\npd.DataFrame({'a': [1, 2]})",
    "%matplotlib inline\nimport matplotlib.pyplot as plt\nfigure, ax = plt.subplots(figsize=(2, 1))\nax.plot([1, 2]);",
    "plt.figure(figsize=(1, 1)); plt.plot([2, 1])\nprint('before the figure')",
    "import asyncio\nawait asyncio.sleep(0)\n'awaited'",
    "%%bash\necho from a shell",
    "!echo from a command",
    "import os\n_ = os.system('echo below python')",
    "who",
    "_",
    "In[1], Out[3], __name__",
    "'quiet'\nNone",
)


def zoo(project: Project) -> Path:
    """Write the notebook with one cell of everything, and some that are not run."""
    path = project.notebooks / write_notebook(project, "zoo", *ZOO)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell("'skipped'", metadata={"tags": ["skip-execution"]}))
    notebook.cells.append(nbformat.v4.new_markdown_cell("words"))
    notebook.cells.append(nbformat.v4.new_code_cell(""))
    nbformat.write(notebook, path)
    return path


def run(path: Path, engine: str | None, **options: Any) -> nbformat.NotebookNode:
    """Run a notebook with papermill; for the lab."""
    os.environ.pop("PYTEST_CURRENT_TEST", None)  # a kernel leaves descriptors alone where it finds it
    return papermill.execute_notebook(
        str(path), None, {"who": "me"}, engine_name=engine, cwd=str(path.parent), progress_bar=False, **options
    )


def comparable(notebook: nbformat.NotebookNode) -> list[dict[str, Any]]:
    """Return what the cells hold, without what differs from run to run: timings, ids, and memory addresses."""
    cells = []
    for cell in notebook.cells:
        kept = {name: cell[name] for name in ("cell_type", "source", "outputs", "execution_count") if name in cell}
        cells.append(kept | {"tags": cell.metadata.get("tags", [])})
    return cells


def test_a_forked_process_leaves_the_notebook_that_a_kernel_leaves(lab: Lab, workshop: Project) -> None:
    path = zoo(workshop)
    forked, kernel = comparable(lab(run, path, "resilience")), comparable(lab(run, path, None))
    for ours, theirs in zip(forked, kernel, strict=True):
        assert ours == theirs


def test_papermill_notes_the_same_about_a_run(lab: Lab, workshop: Project) -> None:
    path = zoo(workshop)
    forked, kernel = lab(run, path, "resilience"), lab(run, path, None)
    assert forked.metadata.language_info == kernel.metadata.language_info
    assert forked.metadata.papermill.keys() == kernel.metadata.papermill.keys()
    for ours, theirs in zip(forked.cells, kernel.cells, strict=True):
        assert ours.metadata.papermill.status == theirs.metadata.papermill.status
        assert ours.metadata.papermill.exception == theirs.metadata.papermill.exception


WIDGET = "import ipywidgets\nslider = ipywidgets.IntSlider(value=3, description='n')\nslider"


def test_the_state_of_widgets_is_kept_in_the_notebook(lab: Lab, workshop: Project) -> None:
    path = workshop.notebooks / write_notebook(workshop, "widget", WIDGET)
    forked, kernel = (lab(run, path, engine) for engine in ("resilience", None))
    mime = "application/vnd.jupyter.widget-state+json"
    states = [
        sorted(
            (entry["model_name"], entry["state"].get("value"))
            for entry in notebook.metadata.widgets[mime]["state"].values()
        )
        for notebook in (forked, kernel)
    ]
    assert states[0] == states[1]
    assert ("IntSliderModel", 3) in states[0]


def failing(path: Path, engine: str | None = "resilience", **options: Any) -> tuple[str, str]:
    """Run a notebook that fails; give the name of what was raised and its text; for the lab."""
    try:
        run(path, engine, **options)
    except (PapermillExecutionError, DeadKernelError, CellTimeoutError) as error:
        return type(error).__name__, str(error)
    return "nothing", ""


def test_a_failing_cell_is_raised_as_papermill_raises_it(lab: Lab, workshop: Project) -> None:
    path = workshop.notebooks / write_notebook(workshop, "failing", "print('before')", "1 / 0")
    name, text = lab(failing, path)
    assert name == "PapermillExecutionError"
    assert "ZeroDivisionError" in text
    assert (name, text) == lab(failing, path, None)


def test_a_cell_that_takes_too_long_is_stopped(lab: Lab, workshop: Project) -> None:
    path = workshop.notebooks / write_notebook(workshop, "slow", "while True: pass")
    assert lab(failing, path, execution_timeout=1)[0] == "CellTimeoutError"


def test_a_process_that_dies_is_a_dead_kernel_to_papermill(lab: Lab, workshop: Project) -> None:
    path = workshop.notebooks / write_notebook(workshop, "dying", "import os\nos.kill(os.getpid(), 9)")
    assert lab(failing, path)[0] == "DeadKernelError"


def test_a_notebook_for_another_kernel_is_left_to_papermill() -> None:
    assert speaks_for("python3")
    assert not speaks_for("no-such-kernel")


def with_threads(path: Path) -> int:
    """Run a notebook while another thread lives; give the process it ran in; for the lab."""
    waiting = threading.Event()
    thread = threading.Thread(target=waiting.wait)
    thread.start()
    try:
        notebook = run(path, "resilience")
    finally:
        waiting.set()
        thread.join()
    return int(notebook.cells[-1].outputs[0].text) - os.getpid()


def test_where_forking_is_not_safe_a_kernel_does_it(lab: Lab, workshop: Project) -> None:
    path = workshop.notebooks / write_notebook(workshop, "parent", "import os, sys\nprint(os.getpid(), end='')")
    assert lab(with_threads, path) != 0


@pytest.mark.slow
def test_papermill_finds_the_engine_by_its_name(workshop: Project, tmp_path: Path) -> None:
    path = workshop.notebooks / write_notebook(workshop, "named", "print(who)")
    command = [
        sys.executable,
        "-m",
        "papermill",
        "--engine",
        "resilience",
        "-p",
        "who",
        "me",
        str(path),
        str(tmp_path / "o.ipynb"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Executing: 100%" in done.stderr
    assert "without encryption" not in done.stderr
    assert nbformat.read(tmp_path / "o.ipynb", as_version=4).cells[-1].outputs[0].text == "me\n"
