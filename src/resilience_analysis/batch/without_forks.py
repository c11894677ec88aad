"""Make reports where there are no forks, as on Windows: in processes that are started once, with a kernel for each."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, replace

from resilience_analysis.batch.kinds import Application, Order
from resilience_analysis.batch.limits import Watch, end_tree
from resilience_analysis.batch.local import look_over, outcome_of
from resilience_analysis.batch.processes import Event
from resilience_analysis.batch.tasks import PAPERMILL, Failure, Outcome
from resilience_analysis.foundation.project import Project

_TICK = 0.1  # seconds
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
            wait(busy, timeout=_TICK, return_when=FIRST_COMPLETED)
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
    from resilience_analysis.batch.limits import end_descendants  # noqa: PLC0415
    from resilience_analysis.batch.report import lead_output_to, make  # noqa: PLC0415

    told = make(replace(order, engine=PAPERMILL), lambda _: None)
    end_descendants()
    lead_output_to(os.devnull)  # Windows moves no file that is open
    return told
