"""Run the notebook of a report through papermill, and see that every cell ran."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO, Any

from nbformat import NotebookNode
from papermill import execute_notebook
from papermill.engines import Engine, NBClientEngine, NotebookExecutionManager, papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.log import logger

from resilience_analysis.batch.direct import DirectClient
from resilience_analysis.batch.kinds import Order, notebook_name
from resilience_analysis.batch.provisioner import kernel_settings, speaks_for
from resilience_analysis.batch.tasks import LAST_LINES, PAPERMILL, Failure

DIRECT, KERNEL = "resilience-direct", "resilience-kernel"
OnCell = Callable[[int], None]
_KINDS = {"OutputLimitError": "output", "MemoryError": "memory"}
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_SEED = "import random, numpy; random.seed({0}); numpy.random.seed({0}); del random, numpy"


class ReportError(Exception):
    """A report could not be made; carries the `Failure`."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure


@cache
def can_run_directly(kernel_name: str) -> bool:
    """Return whether this interpreter is what a kernel of that name would run in."""
    return speaks_for(kernel_name)


class DirectEngine(Engine):  # type: ignore[misc]
    """Runs the cells in this very process, which they take over."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: NotebookExecutionManager, kernel_name: str, *, order: Order, **options: Any
    ) -> None:
        """Run the cells; those of a notebook for another interpreter or language by a kernel."""
        if not can_run_directly(kernel_name):
            KernelEngine.execute_managed_notebook(nb_man, kernel_name, order=order, **options)
            return
        nb_man.nb.metadata.papermill.update(_names(order))
        client = DirectClient(
            nb_man,
            log=logger,
            folder=order.folder,
            transcript=options["stdout_file"],
            output_limit=order.limits.characters,
            on_cell_start=options.get("on_cell_start"),
        )
        client.execute()


class KernelEngine(NBClientEngine):  # type: ignore[misc]
    """Runs the cells as papermill's own engine does."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: NotebookExecutionManager, kernel_name: str, *, order: Order, **options: Any
    ) -> None:
        """Run the cells."""
        nb_man.nb.metadata.papermill.update(_names(order))
        super().execute_managed_notebook(nb_man, kernel_name, **options)


def seed_of(order: Order) -> int:
    """Return the seed of random numbers that belongs to the parameters of a report."""
    given = str(sorted(order.task.parameters.items()))
    return int(hashlib.sha256(given.encode()).hexdigest()[:8], 16)


def _names(order: Order) -> dict[str, str]:
    """Return what to note in the notebook: papermill notes whole paths, which tell of this machine."""
    return {"input_path": order.task.notebook, "output_path": f"{order.task.stem}.ipynb"}


def run_notebook(order: Order, *, on_cell: OnCell) -> NotebookNode:
    """Run the notebook of an order, write it executed, and return it.

    Raises
    ------
    ReportError
        When a cell raised, or did not run at all.
    """
    target = order.files / notebook_name(order.task)
    target.parent.mkdir(parents=True, exist_ok=True)
    logging.getLogger("papermill").setLevel(logging.ERROR)
    papermill_engines.register(DIRECT, DirectEngine)
    papermill_engines.register(KERNEL, KernelEngine)
    with order.log.open("a", encoding="utf-8") as log, _engine_options(order) as options:
        try:
            notebook: NotebookNode = execute_notebook(
                _escaped(order.project.notebooks / order.task.notebook),
                _escaped(target),
                parameters=dict(order.task.parameters),
                cwd=str(order.project.notebooks),
                progress_bar=False,
                request_save_on_cell_execute=False,
                on_cell_start=_announce(on_cell, log),
                stdout_file=log,
                stderr_file=log,
                order=order,
                **options,
            )
        except PapermillExecutionError as error:
            raise ReportError(_raised(error)) from error
    check_every_cell_ran(notebook)
    return notebook


@contextmanager
def _engine_options(order: Order) -> Iterator[dict[str, Any]]:
    """Yield what papermill is told about the engine, good until the end of the block."""
    if order.engine != PAPERMILL:
        yield {"engine_name": DIRECT}
        return
    seeded = [f"--IPKernelApp.exec_lines={_SEED.format(seed_of(order))}"]
    with kernel_settings() as settings:
        options = {"config": settings, "shutdown_kernel": "immediate", "extra_arguments": seeded}
        yield {"engine_name": KERNEL, **options}


def _announce(on_cell: OnCell, log: IO[str]) -> Callable[..., None]:
    def announce(*, cell_index: int, cell: NotebookNode) -> None:
        if cell.cell_type == "code":
            log.write(f"[cell {cell_index + 1}]\n")
            log.flush()
            on_cell(cell_index + 1)

    return announce


def check_every_cell_ran(notebook: NotebookNode) -> None:
    """Raise `ReportError` for the first cell without an execution count: ``sys.exit()`` ends a run without a word."""
    for place, cell in enumerate(notebook.cells, 1):
        skipped = "skip-execution" in cell.metadata.get("tags", ())
        if cell.cell_type == "code" and cell.source.strip() and cell.execution_count is None and not skipped:
            raise ReportError(Failure("incomplete", "did not run: the notebook ended before it", place))


def _raised(error: PapermillExecutionError) -> Failure:
    # papermill counts cells from 0
    lines = [line for part in error.traceback for line in _COLOURS.sub("", part).splitlines()]
    message = f"{error.ename}: {error.evalue}".strip().splitlines()[0]
    return Failure(_KINDS.get(error.ename, "exception"), message, error.cell_index + 1, "\n".join(lines[-LAST_LINES:]))


def _escaped(path: Path) -> str:
    # papermill fills in braces in a path
    return str(path).replace("{", "{{").replace("}", "}}")
