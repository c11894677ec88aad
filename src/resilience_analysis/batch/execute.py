"""Run the notebook of a report through papermill, and see that every cell ran."""

from __future__ import annotations

import copy
import datetime as dt
import hashlib
import json
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from json.encoder import encode_basestring
from pathlib import Path
from typing import IO, Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4.rwbase import rejoin_lines, split_lines, strip_transient
from papermill import execute_notebook
from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.execute import prepare_notebook_metadata, raise_for_execution_errors, remove_error_markers
from papermill.iorw import load_notebook_node
from papermill.log import logger
from papermill.parameterize import parameterize_notebook
from papermill.utils import chdir, nb_kernel_name

from resilience_analysis.batch.direct import DirectClient
from resilience_analysis.batch.provisioner import kernel_settings, speaks_for
from resilience_analysis.batch.tasks import LAST_LINES, PAPERMILL, Failure, Order, notebook_name

KERNEL = "resilience-kernel"
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


class CellTimes(NotebookExecutionManager):  # type: ignore[misc]
    """papermill's account of when cells ran, which it reads back from text to find how long each took."""

    def cell_complete(self, cell: NotebookNode, cell_index: int | None = None, **options: Any) -> None:
        """Note when a cell ended."""
        noted = cell.metadata.papermill
        begun = noted.pop("start_time")
        super().cell_complete(cell, cell_index, **options)
        ended = dt.datetime.fromisoformat(noted["end_time"])
        noted |= {"start_time": begun, "duration": (ended - dt.datetime.fromisoformat(begun)).total_seconds()}


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
    with order.log.open("a", encoding="utf-8") as log:
        run = _run_by_kernel if order.engine == PAPERMILL else _run_directly
        try:
            notebook = run(order, target, log, _announce(on_cell, log))
        except PapermillExecutionError as error:
            raise ReportError(_raised(error)) from error
    check_every_cell_ran(notebook)
    return notebook


def _run_directly(order: Order, target: Path, log: IO[str], on_cell_start: Callable[..., None]) -> NotebookNode:
    """Do what papermill does, step by step, with a notebook that was read before, in this very process."""
    source = order.project.notebooks / order.task.notebook
    notebook: NotebookNode = copy.deepcopy(read_notebook(source))
    kernel_name = nb_kernel_name(notebook)
    if not can_run_directly(kernel_name):
        return _run_by_kernel(order, target, log, on_cell_start)
    if order.task.parameters:
        notebook = parameterize_notebook(notebook, dict(order.task.parameters))
    notebook = remove_error_markers(prepare_notebook_metadata(notebook, str(source), str(target)))
    times = CellTimes(notebook, progress_bar=False)
    times.notebook_start()
    notebook.metadata.papermill.update(_names(order))
    client = DirectClient(
        times,
        log=logger,
        folder=order.folder,
        transcript=log,
        output_limit=order.limits.characters,
        on_cell_start=on_cell_start,
    )
    with chdir(str(order.project.notebooks)):
        client.execute()
    times.notebook_complete()
    raise_for_execution_errors(notebook, str(target))
    target.write_text(notebook_text(notebook), encoding="utf-8")
    return notebook


def _run_by_kernel(order: Order, target: Path, log: IO[str], on_cell_start: Callable[..., None]) -> NotebookNode:
    papermill_engines.register(KERNEL, KernelEngine)
    with _kernel_options(order) as options:
        notebook: NotebookNode = execute_notebook(
            _escaped(order.project.notebooks / order.task.notebook),
            _escaped(target),
            engine_name=KERNEL,
            parameters=dict(order.task.parameters),
            cwd=str(order.project.notebooks),
            progress_bar=False,
            request_save_on_cell_execute=False,
            on_cell_start=on_cell_start,
            stdout_file=log,
            stderr_file=log,
            order=order,
            **options,
        )
    return notebook


@contextmanager
def _kernel_options(order: Order) -> Iterator[dict[str, Any]]:
    """Yield what a kernel is told, good until the end of the block; one of another language gets its own defaults."""
    if order.engine != PAPERMILL:
        yield {}
        return
    seeded = [f"--IPKernelApp.exec_lines={_SEED.format(seed_of(order))}"]
    with kernel_settings() as settings:
        yield {"config": settings, "shutdown_kernel": "immediate", "extra_arguments": seeded}


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook as papermill does; one that was read before, and is the same file, is not read again."""
    found = path.stat()
    return _read(path, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=8)
def _read(path: Path, *_: int) -> NotebookNode:
    notebook: NotebookNode = load_notebook_node(str(path))
    return notebook


def notebook_text(notebook: NotebookNode) -> str:
    """Return a notebook as nbformat writes it, which is checked first as nbformat does."""
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        logger.error("Notebook JSON is invalid: %s", error)
    text = _json(strip_transient(split_lines(notebook)), "\n")
    rejoin_lines(notebook)
    return text


def _json(content: Any, margin: str) -> str:
    """Return JSON as the standard library writes it with sorted keys and an indent of one, which takes it longer."""
    inner = f"{margin} "
    if isinstance(content, dict) and content:
        parts = [f"{encode_basestring(name)}: {_json(part, inner)}" for name, part in sorted(content.items())]
        return f"{{{inner}{f',{inner}'.join(parts)}{margin}}}"
    if isinstance(content, (list, tuple)) and content:
        lines = [encode_basestring(part) if isinstance(part, str) else _json(part, inner) for part in content]
        return f"[{inner}{f',{inner}'.join(lines)}{margin}]"
    return encode_basestring(content) if isinstance(content, str) else json.dumps(content)


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
