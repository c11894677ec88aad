"""Make one report: run its notebook through papermill, see that every cell ran, write what is made of it.

Everything is written into a folder of its own; whoever asked moves it in place when it is whole.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import nbformat
from papermill import execute_notebook
from papermill.engines import papermill_engines
from papermill.exceptions import PapermillExecutionError

from resilience_analysis.batch.engine import NAME, ForkEngine
from resilience_analysis.batch.forked import Here
from resilience_analysis.batch.kernels import kernel_settings
from resilience_analysis.batch.kinds import Executed, Order, notebook_name
from resilience_analysis.batch.tasks import PAPERMILL, Failure
from resilience_analysis.foundation.files import sha256, write_bytes

LAST_LINES = 12
MARK_LENGTH = 12
OnCell = Callable[[int], None]
_KINDS = {"OutputLimitError": "output", "MemoryError": "memory"}
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class ReportError(Exception):
    """A report could not be made; carries the `Failure`."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure


def produce(order: Order, *, on_cell: OnCell) -> dict[str, Any]:
    """Make one report.

    Parameters
    ----------
    order
        What to make; its folder exists.
    on_cell
        Called with the number of every cell before it runs, from 1.

    Returns
    -------
    dict
        ``files``: SHA-256 of every file, by path relative to ``order.files``; ``shown``: SHA-256 of all that the
        notebook shows and of the figures beside it.

    Raises
    ------
    ReportError
        When a cell raised or did not run.
    """
    notebook = run_notebook(order, on_cell=on_cell)
    shown = digest_of_outputs(notebook)
    executed = Executed(order.task, order.project, notebook, shown[:MARK_LENGTH], dt.datetime.now(tz=dt.UTC).date())
    for name in order.task.products:
        product = order.application.products[name]
        for suffix, content in zip(product.suffixes, product.make(executed), strict=True):
            write_bytes(order.files / f"{order.task.stem}{suffix}", content)
    made = (path for path in sorted(order.files.rglob("*")) if path.is_file())
    files = {path.relative_to(order.files).as_posix(): sha256(path) for path in made}
    return {"files": files, "shown": _with_figures(shown, order.application.exact_files(order.task), files)}


def _with_figures(shown: str, exact: Sequence[str], files: Mapping[str, str]) -> str:
    """Take the figures beside a report into its digest: they hold digits that it rounds away."""
    parts = [shown, *(files[name] for name in exact)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def run_notebook(order: Order, *, on_cell: OnCell) -> nbformat.NotebookNode:
    """Run the notebook of an order, write it executed, and give it.

    Raises
    ------
    ReportError
        When a cell raised, or did not run at all.
    """
    target = order.files / notebook_name(order.task)
    target.parent.mkdir(parents=True, exist_ok=True)
    logging.getLogger("papermill").setLevel(logging.ERROR)
    papermill_engines.register(NAME, ForkEngine)  # also where the package's entry points are not installed
    with order.log.open("a", encoding="utf-8") as log, _engine_options(order) as options:
        try:
            notebook: nbformat.NotebookNode = execute_notebook(
                _escaped(order.project.notebooks / order.task.notebook),
                _escaped(target),
                parameters=dict(order.task.parameters),
                cwd=str(order.project.notebooks),
                progress_bar=False,
                request_save_on_cell_execute=False,
                on_cell_start=_announce(on_cell, log),
                stdout_file=log,
                stderr_file=log,
                **options,
            )
        except PapermillExecutionError as error:
            raise ReportError(_raised(error)) from error
    check_every_cell_ran(notebook)
    return notebook


@contextmanager
def _engine_options(order: Order) -> Iterator[dict[str, Any]]:
    """Yield what papermill is told about the engine, good until the end of the block."""
    names = {"input_path": order.task.notebook, "output_path": f"{order.task.stem}.ipynb"}
    here = Here(order.folder, order.limits.characters, names, kernel=order.engine == PAPERMILL)
    if not here.kernel:
        yield {"engine_name": NAME, "here": here}
        return
    with kernel_settings() as settings:
        yield {"engine_name": NAME, "here": here, "config": settings, "shutdown_kernel": "immediate"}


def _announce(on_cell: OnCell, log: IO[str]) -> Callable[..., None]:
    def announce(*, cell_index: int, cell: nbformat.NotebookNode) -> None:
        if cell.cell_type == "code":
            log.write(f"[cell {cell_index + 1}]\n")
            log.flush()
            on_cell(cell_index + 1)

    return announce


def check_every_cell_ran(notebook: nbformat.NotebookNode) -> None:
    """Raise `ReportError` for the first cell without an execution count: ``sys.exit()`` ends a run without a word."""
    for place, cell in enumerate(notebook.cells, 1):
        skipped = "skip-execution" in cell.metadata.get("tags", ())
        if cell.cell_type == "code" and cell.source.strip() and cell.execution_count is None and not skipped:
            raise ReportError(Failure("incomplete", "did not run: the notebook ended before it", place))


def digest_of_outputs(notebook: nbformat.NotebookNode) -> str:
    """Return the SHA-256 of all that the outputs of a notebook hold; execution counts and timings do not count."""
    outputs = [
        {name: value for name, value in output.items() if name != "execution_count"}
        for cell in notebook.cells
        for output in cell.get("outputs", ())
    ]
    return hashlib.sha256(json.dumps(outputs, sort_keys=True).encode()).hexdigest()


def _raised(error: PapermillExecutionError) -> Failure:
    # papermill counts cells from 0
    lines = [line for part in error.traceback for line in _COLOURS.sub("", part).splitlines()]
    message = f"{error.ename}: {error.evalue}".strip().splitlines()[0]
    return Failure(_KINDS.get(error.ename, "exception"), message, error.cell_index + 1, "\n".join(lines[-LAST_LINES:]))


def _escaped(path: Path) -> str:
    # papermill fills in braces in a path
    return str(path).replace("{", "{{").replace("}", "}}")
