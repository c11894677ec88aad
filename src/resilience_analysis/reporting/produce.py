"""Make one report: run its notebook through papermill, see that every cell ran, write what is made of it.

Everything is written into a folder of its own; whoever asked moves it in place when it is whole.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import zmq
from jupyter_client.manager import KernelManager
from papermill import execute_notebook
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from resilience_analysis.reporting.products import PRODUCTS, Executed, notebook_name
from resilience_analysis.reporting.tasks import Failure, Task
from resilience_analysis.storage import sha256, write_bytes, write_text

PAPERMILL = "papermill"
ENGINES = (PAPERMILL,)
LAST_LINES = 12
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class ReportError(Exception):
    """A report could not be made; carries the `Failure`."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure


@dataclass(frozen=True)
class Order:
    """A task with where and how to do it.

    Attributes
    ----------
    mark
        What the report says of its data, see `Executed`.
    notebooks
        The project's folder of notebooks; they run in it.
    folder
        Where to write, empty.
    engine
        One of `ENGINES`.
    """

    task: Task
    mark: str
    notebooks: Path
    folder: Path
    engine: str


def produce(order: Order) -> dict[str, str]:
    """Make one report.

    Returns
    -------
    dict
        SHA-256 of every file, by path relative to the order's folder.

    Raises
    ------
    ReportError
        When a cell raised or did not run.
    """
    notebook = run_notebook(order)
    executed = Executed(order.task, notebook, order.mark, dt.datetime.now(tz=dt.UTC).date())
    for name in order.task.products:
        product = PRODUCTS[name]
        write_bytes(order.folder / f"{order.task.stem}{product.suffix}", product.make(executed))
    return {
        str(path.relative_to(order.folder).as_posix()): sha256(path)
        for path in sorted(order.folder.rglob("*"))
        if path.is_file()
    }


def run_notebook(order: Order) -> nbformat.NotebookNode:
    """Run the notebook of an order, write it executed, and give it.

    Raises
    ------
    ReportError
        When a cell raised, or did not run at all.
    """
    logging.getLogger("papermill").setLevel(logging.ERROR)
    target = order.folder / notebook_name(order.task)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        notebook: nbformat.NotebookNode = execute_notebook(
            _escaped(order.notebooks / order.task.notebook),
            _escaped(target),
            parameters=dict(order.task.parameters),
            cwd=str(order.notebooks),
            progress_bar=False,
            request_save_on_cell_execute=False,
            **engine_options(order.engine),
        )
    except PapermillExecutionError as error:
        raise ReportError(_raised(error)) from error
    # papermill notes whole paths, which say nothing elsewhere and tell of this machine
    notebook.metadata.papermill.update(input_path=order.task.notebook, output_path=target.name)
    write_text(target, nbformat.writes(notebook))
    check_every_cell_ran(notebook)
    return notebook


def engine_options(engine: str) -> dict[str, Any]:
    """Give what papermill is told for one of `ENGINES`.

    A kernel of its own talks to us encrypted where it can, as it otherwise warns that anybody may listen in.
    """
    config: dict[str, Any] = {}
    if engine == PAPERMILL and KernelManager.class_traits().get("transport_encryption") and zmq.has("curve"):
        config = {"KernelManager": {"transport_encryption": "auto"}}
    return {"engine_name": None, "config": Config(config), "shutdown_kernel": "immediate"}


def check_every_cell_ran(notebook: nbformat.NotebookNode) -> None:
    """Raise `ReportError` for the first cell without an execution count: ``sys.exit()`` ends a run without a word."""
    for place, cell in enumerate(notebook.cells, 1):
        skipped = "skip-execution" in cell.metadata.get("tags", ())
        if cell.cell_type == "code" and cell.source.strip() and cell.execution_count is None and not skipped:
            raise ReportError(Failure("incomplete", "did not run: the notebook ended before it", place))


def _raised(error: PapermillExecutionError) -> Failure:
    # papermill counts cells from 0
    lines = [line for part in error.traceback for line in _COLOURS.sub("", part).splitlines()]
    output = "\n".join(lines[-LAST_LINES:])
    return Failure("exception", f"{error.ename}: {error.evalue}".strip().splitlines()[0], error.cell_index + 1, output)


def _escaped(path: Path) -> str:
    # papermill fills in braces in a path
    return str(path).replace("{", "{{").replace("}", "}}")
