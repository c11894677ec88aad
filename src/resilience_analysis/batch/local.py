"""Make reports on this machine: check what notebooks are given, and make each in a process of its own.

papermill itself runs on with the default when the name of a parameter is misspelt.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import sys
from collections import deque
from collections.abc import Generator, Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from multiprocessing.connection import Connection, wait
from pathlib import Path

from resilience_analysis.batch.limits import Watch, library
from resilience_analysis.batch.processes import FORKS, Event, Fork, Server, Spawner, Starter, teller, undisturbed
from resilience_analysis.batch.server import Request
from resilience_analysis.batch.tasks import LAST_LINES, Application, Failure, Order, Outcome, Task
from resilience_analysis.foundation.errors import InputError, Problem, UsageError, raise_if_any, unknown
from resilience_analysis.foundation.project import Project

_TICK = 0.1  # seconds between looks at processes that say nothing
_TAIL = 20_000  # bytes at the end of a file in which its last lines are looked for
TAG = "parameters"
KERNEL = "python3"  # the kernel that our notebooks name
# what a notebook's shell would import in every process anew
_LATER = (
    "IPython.core.application", "IPython.core.completerlib", "IPython.core.logger", "IPython.core.oinspect",
    "IPython.core.pylabtools", "bdb", "ipykernel.debugger",
    "sqlite3", "stack_data", "resilience_analysis.batch.execute",
)  # fmt: skip
_LEFT_OUT = ("rfc3986_validator", "rfc3987_syntax", "debugpy")


def prepared(application: Application, project: Project) -> Starter:
    """Return what starts processes that are ready (see `get_ready`): forks of a prepared one where that is safe."""
    load = partial(get_ready, application, project)
    return Server(load, path=sys.path) if FORKS else Spawner(load)


def get_ready(application: Application, project: Project) -> None:
    """Import and load what reports share; raises `InputError` when the data cannot be used."""
    with lean_imports():
        for name in _LATER:
            importlib.import_module(name)
        from resilience_analysis.batch.direct import make_kernel  # noqa: PLC0415 - loads papermill
        from resilience_analysis.batch.execute import can_run_directly  # noqa: PLC0415
    for name in application.preload:
        importlib.import_module(name)
    application.load(project)
    if can_run_directly(KERNEL):
        make_kernel()
    library()
    import nbformat  # noqa: PLC0415 - see above

    nbformat.validate(nbformat.v4.new_notebook())  # compiles what every notebook is checked with


@contextlib.contextmanager
def lean_imports() -> Iterator[None]:
    """Leave out, while papermill is imported, a debugger and a grammar that takes longer to build than papermill.

    jsonschema, with which nbformat checks notebooks, compiles one to check the form of international web addresses when
    the package for it happens to be installed (JupyterLab brings it); it does without where it is not. No notebook
    has a field that would be checked with it. The debugger is one that a front end would use.
    """
    left_out = [name for name in _LEFT_OUT if name not in sys.modules]
    for name in left_out:  # Python's own way to say that a module is not there
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        for name in left_out:
            del sys.modules[name]


def check_parameters(notebook: Path, names: Iterable[str]) -> None:
    """Refuse names of parameters that a notebook, which has one cell tagged ``parameters``, does not have.

    Raises
    ------
    UsageError
        When a name is none of the notebook's parameters, with the nearest one.
    InputError
        When the file is not a notebook, or has no cell with parameters, or more than one.
    """
    _check_cell(notebook)
    known = parameters_of(notebook)
    strangers = [name for name in names if name not in known]
    if strangers:
        raise UsageError("\n".join(f"{notebook.name}: {unknown('parameter', name, known)}" for name in strangers))


def parameters_of(notebook: Path) -> list[str]:
    """Return the names of a notebook's parameters, as papermill finds them."""
    from papermill.inspection import inspect_notebook  # noqa: PLC0415 - importing papermill takes a second

    logging.getLogger("papermill").setLevel(logging.ERROR)
    # papermill fills in braces in a path, so that a folder with one in its name has to be escaped
    return list(inspect_notebook(str(notebook).replace("{", "{{").replace("}", "}}")))


def _check_cell(notebook: Path) -> None:
    if not notebook.is_file():
        raise InputError(notebook.name, [Problem(str(notebook), "the file does not exist")])
    try:
        import nbformat  # noqa: PLC0415

        content = nbformat.read(notebook, as_version=4)
    except Exception as error:  # nbformat raises whatever it stumbles over
        raise InputError(notebook.name, [Problem(notebook.name, f"is not a notebook ({error})")]) from error
    tagged = [place for place, cell in enumerate(content.cells, 1) if TAG in cell.metadata.get("tags", ())]
    problems = []
    if not tagged:
        problems.append(Problem(notebook.name, f"has no cell tagged {TAG!r}", "Tag the cell with the defaults"))
    if len(tagged) > 1:
        cells = ", ".join(str(place) for place in tagged)
        problems.append(Problem(notebook.name, f"cells {cells} are all tagged {TAG!r}", "Leave the tag on one"))
    raise_if_any(notebook.name, problems)


def look_over(application: Application, project: Project, tasks: Sequence[Task]) -> dict[str, Hashable]:
    """Check what notebooks are given; return what each report has in common with others, by its stem.

    Raises
    ------
    UsageError
        When a notebook does not have a parameter it would be given.
    InputError
        When a notebook cannot be used.
    """
    names: dict[str, set[str]] = {}
    for task in tasks:
        names.setdefault(task.notebook, set()).update(task.parameters)
    for notebook, given in names.items():
        check_parameters(project.notebooks / notebook, sorted(given))
    return {task.stem: application.family(project, task) for task in tasks}


def run_orders(server: Starter, orders: Iterable[Order], *, jobs: int) -> Generator[Outcome]:
    """Make reports, `jobs` at a time; yields the result of each as soon as it is known.

    All processes are ended when the caller stops asking, for whatever reason.
    """
    waiting, running = deque(orders), list[Run]()
    ahead: Ahead | None = None
    try:
        server.wait_ready()
        if jobs > 1 and len({order.family for order in waiting}) > 1:
            ahead = Ahead(server, waiting)
        while waiting or running:
            while waiting and _has_room(running, jobs, ahead, waiting[0]):
                with undisturbed():
                    running.append(Run(server, waiting.popleft()))
            _wait_for_news(running, ahead if waiting else None)
            yield from _ended(running)
    finally:
        for fork in _forks(running, ahead):
            fork.end()


def _has_room(running: Sequence[Run], jobs: int, ahead: Ahead | None, order: Order) -> bool:
    """Return whether a report can be made now, beside those that are."""
    free = jobs - len(running)
    return free > 0 and (ahead is None or ahead.allows(order, free > 1))


def _wait_for_news(running: Sequence[Run], ahead: Ahead | None) -> None:
    """Wait until a process tells something, or for the time between two looks at what they use."""
    wait([fork.connection for fork in _forks(running, ahead) if fork.open], timeout=_TICK)


def _forks(running: Sequence[Run], ahead: Ahead | None) -> list[Fork]:
    return [run.fork for run in running] + ([] if ahead is None else [ahead.fork])


def _ended(running: list[Run]) -> Iterator[Outcome]:
    """Take those that have ended from the list and yield their results."""
    for run in list(running):
        outcome = run.outcome()
        if outcome is not None:
            running.remove(run)
            yield outcome


class Ahead:
    """A process that draws what each family shares, before the family's turn, and keeps it on disk for the server.

    The server, which has to fork meanwhile, then only reads it, and never loads what it is drawn with. It takes the
    place of one report until it is done; what it could not keep the server draws itself.

    Attributes
    ----------
    fork
        The process.
    """

    def __init__(self, server: Starter, orders: Iterable[Order]) -> None:
        firsts: dict[Hashable, Order] = {}
        for order in orders:
            firsts.setdefault(order.family, order)
        self._places = {family: place for place, family in enumerate(firsts)}
        self._done = 0
        self._patience = min(order.limits.seconds for order in firsts.values())
        self.fork = server.fork(Request(partial(_draw_ahead, list(firsts.values()))))

    def allows(self, order: Order, more: bool) -> bool:
        """Return whether a report can be made now, `more` being whether another could be made beside it."""
        for event in self.fork.events():
            self._done = event["drawn"]
        over = not self.fork.alive() or self.fork.watch.seconds() > self._patience * (self._done + 1)
        return over or (more and self._places[order.family] < self._done)


def _draw_ahead(orders: Sequence[Order], connection: Connection) -> None:
    """Draw what the families of some orders share, and tell after each how many are done."""
    tell = teller(connection)
    for place, order in enumerate(orders, 1):
        with contextlib.suppress(Exception):  # the report will meet what is wrong, and has somebody to tell
            order.application.prepare(order.project, order.task, order.family)
        tell({"drawn": place})
    os._exit(0)


class Run:
    """An order that is being carried out.

    Attributes
    ----------
    fork
        The process that does it.
    """

    def __init__(self, server: Starter, order: Order) -> None:
        self._order = order
        self._cell = 0
        request = Request(partial(_make, order), before=partial(_prepare, order))
        self.fork = server.fork(request, watch=lambda pid: Watch(pid, order.limits, printed=order.printed))

    def outcome(self) -> Outcome | None:
        """Return its result, with its process ended; None as long as that is not known."""
        alive = self.fork.alive()  # asked before its events are read: what it told last is not missed
        told = next((event for event in self.fork.events() if self._is_last(event)), None)
        if told is not None:
            return self._end(told)
        failure = self.fork.watch.fault() if alive else self.fork.death()
        return None if failure is None else self._end({"failure": vars(failure) | {"cell": self._cell}})

    def _is_last(self, event: Event) -> bool:
        self._cell = event.get("cell", self._cell)
        return "cell" not in event

    def _end(self, told: Event) -> Outcome:
        seconds = self.fork.watch.seconds()
        self.fork.end()
        return outcome_of(self._order, told, seconds)


def _prepare(order: Order) -> bool:
    """Make ready what reports share, in the process that they are forked from; returns whether any of it was new."""
    from resilience_analysis.batch.execute import read_notebook  # noqa: PLC0415 - loaded in the server

    read_notebook(order.project.notebooks / order.task.notebook)
    return order.application.prepare(order.project, order.task, order.family)


def _make(order: Order, connection: Connection) -> None:
    from resilience_analysis.batch.execute import make_and_end  # noqa: PLC0415 - loaded in the server

    make_and_end(order, connection)


def make_one(server: Starter, order: Order) -> Outcome:
    """Make one report and wait for it; a server that has ended is replaced."""
    with contextlib.closing(run_orders(server, [order], jobs=1)) as made:
        return next(made)


def outcome_of(order: Order, told: Event, seconds: float) -> Outcome:
    """Return the result of an order from its last event (see `execute.make`); a failure gets the last lines printed."""
    memory = told.get("megabytes", 0.0)
    if "failure" not in told:
        return Outcome(order.task, told["files"], told["shown"], told["depends"], seconds, memory)
    failure = Failure(**told["failure"])
    if not failure.output:
        failure = replace(failure, output=last_lines(*order.printed))
    return Outcome(order.task, seconds=seconds, memory_mb=memory, failure=failure)


def last_lines(*files: Path, count: int = LAST_LINES) -> str:
    """Return the last lines of the first of some files that has any."""
    for path in files:
        if path.is_file():
            with path.open("rb") as stream:
                stream.seek(max(0, path.stat().st_size - _TAIL))
                lines = stream.read().decode("utf-8", "replace").splitlines()
            if any(lines):
                return "\n".join(lines[-count:])
    return ""
