"""Make one report in a process of its own: run its notebook, write what is made of it, and tell the result.

Everything is written into a folder of its own; the batch moves it in place when it is whole.
"""

from __future__ import annotations

import atexit
import contextlib
import datetime as dt
import gc
import hashlib
import io
import json
import os
import random
import sys
import traceback
from collections.abc import Callable
from dataclasses import asdict

import numpy as np
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode

from resilience_analysis.batch.execute import ReportError, run_notebook, seed_of
from resilience_analysis.batch.limits import end_descendants, memory_of_this
from resilience_analysis.batch.processes import Event, Tell, teller
from resilience_analysis.batch.tasks import Executed, Failure, Order
from resilience_analysis.foundation.files import sha256, write_bytes
from resilience_analysis.foundation.project import EXAMPLE_VARIABLE, ROOT_VARIABLE

_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes, of the system's own account of memory
_MEGABYTE = 1_000_000
MARK_LENGTH = 12
_FILE: type = io.IOBase.__mro__[1]  # without the abstract class around it: asking that of every object takes longer


def make_and_end(order: Order, descriptor: int) -> None:
    """Make a report in this process, which was forked for it, tell the result on a descriptor, and end."""
    tell = teller(descriptor)
    last = make(order, tell)
    run_exit_handlers()
    end_descendants()
    tell(last | {"megabytes": round(most_memory() / _MEGABYTE, 1)})
    os._exit(0)  # what is left of a normal end frees memory that goes with the process


def make(order: Order, tell: Tell) -> Event:
    """Make a report.

    Parameters
    ----------
    order
        What to make.
    tell
        Takes an event when a cell begins: ``cell``, its number from 1.

    Returns
    -------
    dict
        ``files``, ``shown`` and ``depends`` (see `produce`), or ``failure``.
    """
    cell = 0

    def on_cell(number: int) -> None:
        nonlocal cell
        cell = number
        tell({"cell": number})

    def failed(kind: str, message: str, place: int) -> Event:
        return {"failure": asdict(Failure(kind, message, place))}

    try:
        order.files.mkdir(parents=True)
        with order.log.open("a", encoding="utf-8") as log:
            log.write(f"{order.task.title}: {order.task.notebook} with {dict(order.task.parameters)}\n")
        lead_output_to(str(order.log))
        os.environ[ROOT_VARIABLE] = str(order.project.root)
        os.environ[EXAMPLE_VARIABLE] = "1" if order.project.example else "0"
        seed(order)
        return produce(order, on_cell=on_cell)
    except ReportError as error:
        return {"failure": asdict(error.failure)}
    except DeadKernelError:
        return failed("killed", "its session ended before the notebook did", cell)
    except OSError as error:
        return failed("disk", f"{error.filename or order.folder}: {error.strerror or error}", 0)
    except BaseException as error:  # noqa: BLE001 - whatever it is, it concerns this report alone, which names it
        with contextlib.suppress(OSError):
            traceback.print_exc()
        return failed("exception", f"{type(error).__name__}: {error}", cell)


def produce(order: Order, *, on_cell: Callable[[int], None]) -> Event:
    """Run the notebook of an order and write its products.

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
        notebook shows and of the figures beside it; ``depends``: digest of all data that it can show.

    Raises
    ------
    ReportError
        When a cell raised or did not run.
    """
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


def seed(order: Order) -> None:
    """Seed the random numbers from the parameters, so that every run draws the same."""
    random.seed(seed_of(order))
    np.random.seed(seed_of(order))  # noqa: NPY002 - the global state is what notebooks use


def run_exit_handlers() -> None:
    """Do what a notebook wants done at the end of its process, and write out the files it left open."""
    with contextlib.suppress(Exception):  # as at the end of any process, what fails there is not the notebook's fault
        atexit._run_exitfuncs()  # noqa: SLF001 - there is no other way short of ending the interpreter
    for thing in [thing for thing in gc.get_objects() if issubclass(type(thing), _FILE)]:
        with contextlib.suppress(Exception):
            if not thing.closed:
                thing.flush()


def most_memory() -> int:
    """Return the most bytes of its own that this process held, or that a process it started and waited for held at all.

    Its own is what it shares with no other process, copies of pages that it has written to among them. To count that
    takes a look at every page; each page of its own was brought in once, so that it is told from the number of these:
    what was given back and taken again counts twice, up to all that the process ever held.
    """
    try:
        import resource  # noqa: PLC0415 - Windows has none
    except ImportError:
        return memory_of_this()
    accounts = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    this, others = (resource.getrusage(account) for account in accounts)
    return max(min(this.ru_minflt * resource.getpagesize(), this.ru_maxrss * _UNIT), others.ru_maxrss * _UNIT)
