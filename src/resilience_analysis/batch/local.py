"""Make reports on this machine: each in a process forked for it from a prepared one, or where there are no forks."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
from collections import deque
from collections.abc import Generator, Hashable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor
from concurrent.futures import wait as wait_for
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, replace
from functools import partial
from multiprocessing.connection import wait
from pathlib import Path

from resilience_analysis.batch.limits import Watch, end_descendants, end_tree
from resilience_analysis.batch.processes import Event, Fork, Server, teller, undisturbed
from resilience_analysis.batch.server import Request
from resilience_analysis.batch.tasks import LAST_LINES, PAPERMILL, Application, Failure, Order, Outcome, Task
from resilience_analysis.foundation.project import Project

_TICK = 0.1  # seconds between looks at processes that say nothing
_TAIL = 20_000  # bytes at the end of a file in which its last lines are looked for


def prepared(application: Application, project: Project) -> Server:
    """Start the process that reports are forked from; it gets ready meanwhile (see `ready.get_ready`)."""
    return Server((), partial(_get_ready, application, project), path=sys.path)


def _get_ready(application: Application, project: Project) -> None:
    from resilience_analysis.batch.ready import get_ready  # noqa: PLC0415 - loads all libraries

    get_ready(application, project)


def look_over(application: Application, project: Project, tasks: Sequence[Task]) -> dict[str, Hashable]:
    """Check what notebooks are given; return what each report has in common with others, by its stem.

    Raises
    ------
    UsageError
        When a notebook does not have a parameter it would be given.
    InputError
        When a notebook cannot be used.
    """
    from resilience_analysis.batch.ready import check_parameters  # noqa: PLC0415 - loads papermill

    names: dict[str, set[str]] = {}
    for task in tasks:
        names.setdefault(task.notebook, set()).update(task.parameters)
    for notebook, given in names.items():
        check_parameters(project.notebooks / notebook, sorted(given))
    return {task.stem: application.family(project, task) for task in tasks}


def run_orders(server: Server, orders: Iterable[Order], *, jobs: int) -> Generator[Outcome]:
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

    def __init__(self, server: Server, orders: Iterable[Order]) -> None:
        firsts: dict[Hashable, Order] = {}
        for order in orders:
            firsts.setdefault(order.family, order)
        self._places = {family: place for place, family in enumerate(firsts)}
        self._done = 0
        self._patience = min(order.limits.seconds for order in firsts.values())
        request = Request(partial(_draw_ahead, list(firsts.values())), environment=dict(os.environ))
        self.fork = server.fork(request)

    def allows(self, order: Order, more: bool) -> bool:
        """Return whether a report can be made now, `more` being whether another could be made beside it."""
        for event in self.fork.events():
            self._done = event["drawn"]
        over = not self.fork.alive() or self.fork.watch.seconds() > self._patience * (self._done + 1)
        return over or (more and self._places[order.family] < self._done)


def _draw_ahead(orders: Sequence[Order], descriptor: int) -> None:
    """Draw what the families of some orders share, and tell after each how many are done."""
    tell = teller(descriptor)
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

    def __init__(self, server: Server, order: Order) -> None:
        self._order = order
        self._cell = 0
        request = Request(
            partial(_make, order),
            before=partial(_prepare, order),
            environment=dict(os.environ),
        )
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


def _make(order: Order, descriptor: int) -> None:
    from resilience_analysis.batch.execute import make_and_end  # noqa: PLC0415 - loaded in the server

    make_and_end(order, descriptor)


def make_one(server: Server, order: Order) -> Outcome:
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


_READY: set[Project] = set()


class Slot:
    """A process that makes one report at a time; one that ends, or passes a limit, is replaced."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        self._executor = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
        self._pid = self._executor.submit(os.getpid).result()

    def look_over(self, orders: Sequence[Order]) -> None:
        """Check what notebooks are given, and load what reports share; raises what is wrong with either."""
        application, project = orders[0].application, orders[0].project
        self._executor.submit(look_over, application, project, [order.task for order in orders]).result()
        self._executor.submit(get_ready_once, application, project).result()

    def begin(self, order: Order) -> Future[Event]:
        """Let it make a report."""
        self._order = order
        self._watch = Watch(self._pid, order.limits, printed=order.printed)
        return self._executor.submit(make_here, order)

    def outcome(self, future: Future[Event]) -> Outcome | None:
        """Return the result of a report that was begun; None as long as that is not known."""
        if future.done():
            try:
                told = future.result()
            except BrokenProcessPool:
                return self._broken(Failure("killed", "its process ended before the notebook did"))
            return outcome_of(self._order, told, self._watch.seconds())
        fault = self._watch.fault()
        return None if fault is None else self._broken(fault)

    def _broken(self, failure: Failure) -> Outcome:
        self.close()
        self._start()
        return outcome_of(self._order, {"failure": asdict(failure)}, self._watch.seconds())

    def close(self) -> None:
        """End the process, with all it started."""
        end_tree(self._pid)
        self._executor.shutdown(wait=True, cancel_futures=True)


def run_with_kernels(orders: Sequence[Order], *, jobs: int) -> Generator[Outcome]:
    """Make reports (at least one), `jobs` at a time; yields the result of each as soon as it is known."""
    waiting = deque(orders)
    idle = [Slot() for _ in range(min(jobs, len(waiting)))]
    busy: dict[Future[Event], Slot] = {}
    try:
        idle[0].look_over(orders)
        while waiting or busy:
            while waiting and idle:
                slot = idle.pop()
                busy[slot.begin(waiting.popleft())] = slot
            wait_for(busy, timeout=_TICK, return_when=FIRST_COMPLETED)
            for future, slot in list(busy.items()):
                outcome = slot.outcome(future)
                if outcome is not None:
                    idle.append(busy.pop(future))
                    yield outcome
    finally:
        for slot in (*idle, *busy.values()):
            slot.close()


def get_ready_once(application: Application, project: Project) -> None:
    """Get this process ready, unless it is."""
    if project not in _READY:
        from resilience_analysis.batch.ready import get_ready  # noqa: PLC0415 - loads all libraries

        get_ready(application, project)
        _READY.add(project)


def make_here(order: Order) -> Event:
    """Make one report in this process, with a kernel that runs the notebook; returns what it tells last."""
    get_ready_once(order.application, order.project)
    from resilience_analysis.batch.execute import lead_output_to, make  # noqa: PLC0415

    told = make(replace(order, engine=PAPERMILL), lambda _: None)
    end_descendants()
    lead_output_to(os.devnull)  # Windows moves no file that is open
    return told
