"""A pool of prepared processes, for when this process cannot fork: it has threads, or the system does not know how.

Every process of the pool is started afresh, gets ready once and makes one report after the other: in forks of its own
where there are forks, and otherwise in itself, putting back what the notebook changed.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING

from resilience_analysis.batch.children import FORKS, Event, can_fork, die_with_parent
from resilience_analysis.batch.kinds import Application, Order
from resilience_analysis.batch.lean import lean_imports
from resilience_analysis.batch.tasks import Failure, Outcome
from resilience_analysis.batch.watch import Watch, end_tree
from resilience_analysis.foundation.project import Project

if TYPE_CHECKING:
    from resilience_analysis.batch.warm import Warmth

_TICK = 0.1  # seconds


class Lane:
    """One prepared process, which makes one report at a time."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._executor = ProcessPoolExecutor(1, mp_context=context, initializer=die_with_parent)
        self._pid = self._executor.submit(os.getpid).result()

    def begin(self, order: Order) -> Future[Outcome]:
        """Let it make a report."""
        self._order = order
        self._watch = Watch(self._pid, order.limits, printed=order.printed)
        return self._executor.submit(make_one, order)

    def make(self, order: Order) -> Outcome:
        """Make a report and wait for what comes of it."""
        future = self.begin(order)
        while True:
            wait([future], timeout=_TICK)
            outcome = self.outcome(future)
            if outcome is not None:
                return outcome

    def outcome(self, future: Future[Outcome]) -> Outcome | None:
        """Return what came of a report that was begun; None as long as that is not known."""
        if future.done():
            try:
                return future.result()
            except BrokenProcessPool:
                return self._broken(Failure("killed", "its process ended before the notebook did"))
        fault = None if FORKS else self._watch.fault()
        return None if fault is None else self._broken(fault)

    def _broken(self, failure: Failure) -> Outcome:
        self.close()
        self._start()
        return failed(self._order, failure, self._watch.seconds())

    def close(self) -> None:
        """End the process, with all it started."""
        end_tree(self._pid)
        self._executor.shutdown(wait=True, cancel_futures=True)


def run_in_pool(orders: Iterable[Order], *, jobs: int) -> Generator[Outcome]:
    """Make reports in `jobs` prepared processes, and give each outcome as soon as it is known.

    Parameters
    ----------
    orders
        What to make.
    jobs
        How many processes there are.
    """
    waiting = deque(orders)
    idle = [Lane() for _ in range(min(jobs, len(waiting)))]
    busy: dict[Future[Outcome], Lane] = {}
    try:
        while waiting or busy:
            while waiting and idle:
                lane = idle.pop()
                busy[lane.begin(waiting.popleft())] = lane
            wait(busy, timeout=_TICK, return_when=FIRST_COMPLETED)
            for future, lane in list(busy.items()):
                outcome = lane.outcome(future)
                if outcome is not None:
                    idle.append(busy.pop(future))
                    yield outcome
    finally:
        for lane in (*idle, *busy.values()):
            lane.close()


def make_one(order: Order) -> Outcome:
    """Make one report in this process, one of a pool."""
    with lean_imports():
        from resilience_analysis.batch.crew import outcome_of, run_orders  # noqa: PLC0415 - loads all libraries

    warmth = _warmth(order.application, order.project)
    if can_fork():
        [outcome] = run_orders([order], jobs=1, before=lambda begun: warmth.prepare(begun.task))
        return outcome
    begun = time.monotonic()
    told = make_in_place(order)
    return outcome_of(order, told, time.monotonic() - begun)


_READY: dict[Project, Warmth] = {}


def _warmth(application: Application, project: Project) -> Warmth:
    from resilience_analysis.batch.warm import Warmth  # noqa: PLC0415

    if project not in _READY:
        _READY[project] = Warmth(application, project)
    return _READY[project]


def make_in_place(order: Order) -> Event:
    """Make one report in this very process and put back what its notebook changed; give what it told last."""
    from resilience_analysis.batch.carry_out import carry_out  # noqa: PLC0415
    from resilience_analysis.batch.restored import restored  # noqa: PLC0415

    events: list[Event] = []
    with restored(order.project.notebooks):
        carry_out(order, events.append)
    return events[-1]


def failed(order: Order, failure: Failure, seconds: float) -> Outcome:
    """Return the outcome of an order whose process is gone, with the last lines that its notebook printed."""
    from resilience_analysis.batch.crew import last_lines  # noqa: PLC0415

    output = last_lines(*order.printed)
    return Outcome(order.task, seconds=seconds, failure=Failure(failure.kind, failure.message, output=output))
