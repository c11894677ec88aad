"""Make one report in a process of its own: run its notebook through papermill, write what is made of it, tell how.

Everything is written into a folder of its own; the batch moves it in place when it is whole.
"""

from __future__ import annotations

import atexit
import contextlib
import copy
import datetime as dt
import gc
import hashlib
import io
import json
import logging
import os
import random
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import cache, lru_cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO, Any

import nbformat
import numpy as np
from nbclient.exceptions import DeadKernelError
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
from resilience_analysis.batch.limits import end_descendants, memory_of_this
from resilience_analysis.batch.processes import Event, Tell, teller
from resilience_analysis.batch.provisioner import is_own, kernel_settings
from resilience_analysis.batch.tasks import LAST_LINES, PAPERMILL, Executed, Failure, Order, notebook_name
from resilience_analysis.foundation.files import json_text, sha256, write_bytes
from resilience_analysis.foundation.project import EXAMPLE_VARIABLE, ROOT_VARIABLE

KERNEL = "resilience-kernel"
OnCell = Callable[[int], None]
_KINDS = {"OutputLimitError": "output", "MemoryError": "memory"}
can_run_directly = cache(is_own)  # whether this interpreter is what a kernel of a name would run in
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_SEED = "import random, numpy; random.seed({0}); numpy.random.seed({0}); del random, numpy"


class ReportError(Exception):
    """A report could not be made; carries the `Failure`."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure


class _CellTimes(NotebookExecutionManager):  # type: ignore[misc]
    """papermill's account of when cells ran, which it reads back from text to find how long each took."""

    def cell_complete(self, cell: NotebookNode, cell_index: int | None = None, **options: Any) -> None:
        """Note when a cell ended."""
        noted = cell.metadata.papermill
        begun = noted.pop("start_time")
        super().cell_complete(cell, cell_index, **options)
        ended = dt.datetime.fromisoformat(noted["end_time"])
        noted |= {"start_time": begun, "duration": (ended - dt.datetime.fromisoformat(begun)).total_seconds()}


class _KernelEngine(NBClientEngine):  # type: ignore[misc]
    """Runs the cells as papermill's own engine does, and notes the names of the report."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: NotebookExecutionManager, kernel_name: str, *, order: Order, **options: Any
    ) -> None:
        """Run the cells."""
        nb_man.nb.metadata.papermill.update(_names(order))
        super().execute_managed_notebook(nb_man, kernel_name, **options)


def _seed_of(order: Order) -> int:
    """Return the seed of random numbers that belongs to the parameters of a report."""
    return int(hashlib.sha256(str(sorted(order.task.parameters.items())).encode()).hexdigest()[:8], 16)


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
    run = _run_by_kernel if order.engine == PAPERMILL else _run_directly
    with order.log.open("a", encoding="utf-8") as log:
        try:
            notebook = run(order, target, log, _announce(on_cell, log))
        except PapermillExecutionError as error:
            raise ReportError(_raised(error)) from error
    _check_every_cell_ran(notebook)
    return notebook


def _run_directly(order: Order, target: Path, log: IO[str], on_cell_start: Callable[..., None]) -> NotebookNode:
    """Do what papermill does, step by step, with a notebook that was read before, in this very process."""
    source = order.project.notebooks / order.task.notebook
    original = read_notebook(source)
    if not can_run_directly(nb_kernel_name(original)):
        return _run_by_kernel(order, target, log, on_cell_start)
    given = dict(order.task.parameters)
    notebook: NotebookNode = parameterize_notebook(original, given) if given else copy.deepcopy(original)
    notebook = remove_error_markers(prepare_notebook_metadata(notebook, str(source), str(target)))
    times = _CellTimes(notebook, progress_bar=False)
    times.notebook_start()
    notebook.metadata.papermill.update(_names(order))
    own = {"folder": order.folder, "transcript": log, "output_limit": order.limits.characters}
    client = DirectClient(times, log=logger, on_cell_start=on_cell_start, **own)
    with chdir(str(order.project.notebooks)):
        client.execute()
    times.notebook_complete()
    raise_for_execution_errors(notebook, str(target))
    target.write_text(notebook_text(notebook), encoding="utf-8")
    return notebook


def _run_by_kernel(order: Order, target: Path, log: IO[str], on_cell_start: Callable[..., None]) -> NotebookNode:
    papermill_engines.register(KERNEL, _KernelEngine)
    with _kernel_options(order) as options:
        notebook: NotebookNode = execute_notebook(
            _escaped(order.project.notebooks / order.task.notebook), _escaped(target), engine_name=KERNEL, order=order,
            parameters=dict(order.task.parameters), cwd=str(order.project.notebooks), progress_bar=False,
            request_save_on_cell_execute=False, on_cell_start=on_cell_start, stdout_file=log, stderr_file=log,
            **options,
        )  # fmt: skip
    return notebook


@contextlib.contextmanager
def _kernel_options(order: Order) -> Iterator[dict[str, Any]]:
    """Yield what a kernel is told, good until the end of the block; one of another language gets its own defaults."""
    if order.engine != PAPERMILL:
        yield {}
        return
    seeded = [f"--IPKernelApp.exec_lines={_SEED.format(_seed_of(order))}"]
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
    text = json_text(strip_transient(split_lines(notebook)), indent=1, ordered=True)
    rejoin_lines(notebook)
    return text


def _announce(on_cell: OnCell, log: IO[str]) -> Callable[..., None]:
    def announce(*, cell_index: int, cell: NotebookNode) -> None:
        if cell.cell_type == "code":
            log.write(f"[cell {cell_index + 1}]\n")
            log.flush()
            on_cell(cell_index + 1)

    return announce


def _check_every_cell_ran(notebook: NotebookNode) -> None:
    """Raise `ReportError` for the first cell without an execution count: ``sys.exit()`` ends a run without a word."""
    for place, cell in enumerate(notebook.cells, 1):
        skipped = "skip-execution" in cell.metadata.get("tags", ())
        if cell.cell_type == "code" and cell.source.strip() and cell.execution_count is None and not skipped:
            raise ReportError(Failure("incomplete", "did not run: the notebook ended before it", place))


def _raised(error: PapermillExecutionError) -> Failure:
    # papermill counts cells from 0
    lines = _COLOURS.sub("", "\n".join(error.traceback)).splitlines()
    message = f"{error.ename}: {error.evalue}".strip().splitlines()[0]
    return Failure(_KINDS.get(error.ename, "exception"), message, error.cell_index + 1, "\n".join(lines[-LAST_LINES:]))


def _escaped(path: Path) -> str:
    return str(path).replace("{", "{{").replace("}", "}}")  # papermill fills in braces in a path


_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes, of the system's own account of memory
_MEGABYTE = 1_000_000
MARK_LENGTH = 12
_FILE: type = io.IOBase.__mro__[1]  # without the abstract class around it: asking that of every object takes longer


def make_and_end(order: Order, connection: Connection) -> None:
    """Make a report in this process, which was started for it, tell the result, and end."""
    tell = teller(connection)
    last = make(order, tell)
    _run_exit_handlers()
    end_descendants()
    tell(last | {"megabytes": round(most_memory() / _MEGABYTE, 1)})
    os._exit(0)  # what is left of a normal end frees memory that goes with the process


def make(order: Order, tell: Tell) -> Event:
    """Make a report, telling the number (from 1) of every ``cell`` that begins.

    Returns
    -------
    dict
        ``files``: SHA-256 of every file, by path relative to ``order.files``; ``shown``: SHA-256 of all that the
        notebook shows and of the figures beside it; ``depends``: digest of all data that it can show. Or ``failure``.
    """
    cell = 0

    def on_cell(number: int) -> None:
        nonlocal cell
        cell = number
        tell({"cell": number})

    try:
        order.files.mkdir(parents=True)
        with order.log.open("a", encoding="utf-8") as log:
            log.write(f"{order.task.title}: {order.task.notebook} with {dict(order.task.parameters)}\n")
        lead_output_to(str(order.log))
        os.environ[ROOT_VARIABLE] = str(order.project.root)
        os.environ[EXAMPLE_VARIABLE] = "1" if order.project.example else "0"
        _seed(order)
        return _produce(order, on_cell=on_cell)
    except ReportError as error:
        failure = error.failure
    except DeadKernelError:
        failure = Failure("killed", "its session ended before the notebook did", cell)
    except OSError as error:
        failure = Failure("disk", f"{error.filename or order.folder}: {error.strerror or error}")
    except BaseException as error:  # noqa: BLE001 - whatever it is, it concerns this report alone, which names it
        with contextlib.suppress(OSError):
            traceback.print_exc()
        failure = Failure("exception", f"{type(error).__name__}: {error}", cell)
    return {"failure": asdict(failure)}


def _produce(order: Order, *, on_cell: Callable[[int], None]) -> Event:
    """Run the notebook of an order, whose folder exists, and write its products; returns what `make` does."""
    task, application = order.task, order.application
    notebook = run_notebook(order, on_cell=on_cell)
    shown = digest_of_outputs(notebook)
    executed = Executed(task, order.project, notebook, shown[:MARK_LENGTH], dt.datetime.now(tz=dt.UTC).date())
    for name in task.products:
        product = application.products[name]
        for suffix, content in zip(product.suffixes, product.make(executed), strict=True):
            write_bytes(order.files / f"{task.stem}{suffix}", content)
    made = (path for path in sorted(order.files.rglob("*")) if path.is_file())
    files = {path.relative_to(order.files).as_posix(): sha256(path) for path in made}
    # figures beside a report hold digits that it rounds away
    parts = [shown, *(files[name] for name in application.exact_files(task))]
    everything = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return {"files": files, "shown": everything, "depends": application.dependence(order.project, task)}


def digest_of_outputs(notebook: NotebookNode) -> str:
    """Return the SHA-256 of all that the outputs of a notebook hold; execution counts and timings do not count."""
    outputs = [
        {name: value for name, value in output.items() if name != "execution_count"}
        for cell in notebook.cells
        for output in cell.get("outputs", ())
    ]
    return hashlib.sha256(json.dumps(outputs, sort_keys=True).encode()).hexdigest()


def lead_output_to(path: str) -> None:
    """Let nothing that this process or a kernel of it prints reach the terminal."""
    with open(path, "a", encoding="utf-8") as log:  # noqa: PTH123 - the null device too
        for number in (1, 2):
            os.dup2(log.fileno(), number)


def _seed(order: Order) -> None:
    """Seed the random numbers from the parameters, so that every run draws the same."""
    random.seed(_seed_of(order))
    np.random.seed(_seed_of(order))  # noqa: NPY002 - the global state is what notebooks use


def _run_exit_handlers() -> None:
    """Do what a notebook wants done at the end of its process, and write out the files it left open."""
    with contextlib.suppress(Exception):  # as at the end of any process, what fails there is not the notebook's fault
        atexit._run_exitfuncs()  # noqa: SLF001 - there is no other way short of ending the interpreter
    for thing in [thing for thing in gc.get_objects() if issubclass(type(thing), _FILE)]:
        with contextlib.suppress(Exception):
            if not thing.closed:
                thing.flush()


def most_memory() -> int:
    """Return the most bytes of its own that this process held, or that a process it started and waited for held at all.

    Its own is what it shares with no other process. To count that takes a look at every page; each page of its own was
    brought in once, so that it is told from the number of these: what was given back and taken again counts twice, up
    to all that the process ever held.
    """
    try:
        import resource  # noqa: PLC0415 - Windows has none
    except ImportError:
        return memory_of_this()
    accounts = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    this, others = (resource.getrusage(account) for account in accounts)
    return max(min(this.ru_minflt * resource.getpagesize(), this.ru_maxrss * _UNIT), others.ru_maxrss * _UNIT)
