"""Make reports side by side, each in a process forked for it, and say of each what came of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from dataclasses import replace
from functools import partial
from multiprocessing.connection import wait
from pathlib import Path

from resilience_analysis.batch.carry_out import carry_out
from resilience_analysis.batch.children import Child, Event, Tell, adopt_orphans
from resilience_analysis.batch.folder import let_go
from resilience_analysis.batch.kinds import Order
from resilience_analysis.batch.produce import LAST_LINES
from resilience_analysis.batch.stopping import undisturbed
from resilience_analysis.batch.tasks import Failure, Outcome
from resilience_analysis.batch.watch import end_strays, own_children

_TICK = 0.1  # seconds between looks at processes that say nothing
_TAIL = 20_000  # bytes at the end of a file in which its last lines are looked for


def run_orders(orders: Iterable[Order], *, jobs: int, before: Callable[[Order], None]) -> Generator[Outcome]:
    """Make reports, `jobs` at a time, and give each outcome as soon as it is known.

    All processes are ended when the caller stops asking, for whatever reason.

    Parameters
    ----------
    orders
        What to make.
    jobs
        How many processes there may be at once.
    before
        Called in this process before one is forked for an order.
    """
    waiting = deque(orders)
    running: list[Run] = []
    adopt_orphans()
    ours = own_children()
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                order = waiting.popleft()
                before(order)
                with undisturbed():
                    running.append(Run(order))
            wait([run.child.connection for run in running if run.child.open], timeout=_TICK)
            for run in list(running):
                outcome = run.outcome()
                if outcome is not None:
                    running.remove(run)
                    # what a process had started and left behind is ours now that it is gone
                    end_strays({*ours, *(other.child.pid for other in running)})
                    yield outcome
    finally:
        for run in running:
            run.child.end()


class Run:
    """An order that is being carried out.

    Attributes
    ----------
    child
        The process that does it.
    """

    def __init__(self, order: Order) -> None:
        self._order = order
        self._cell = 0
        self.child = Child(partial(_alone, order), printed=order.printed, limits=order.limits)

    def outcome(self) -> Outcome | None:
        """Return what came of it, with its process ended; None as long as that is not known."""
        alive = self.child.alive()  # asked before its events are read: what it told last is not missed
        told = next((event for event in self.child.events() if self._is_last(event)), None)
        if told is not None:
            return self._end(told)
        failure = self.child.watch.fault() if alive else self.child.death()
        return None if failure is None else self._end({"failure": vars(failure) | {"cell": self._cell}})

    def _is_last(self, event: Event) -> bool:
        self._cell = event.get("cell", self._cell)
        return "cell" not in event

    def _end(self, told: Event) -> Outcome:
        seconds = self.child.watch.seconds()
        self.child.end()
        return outcome_of(self._order, told, seconds)


def _alone(order: Order, tell: Tell) -> None:
    """Carry out an order in a process forked for it."""
    let_go()
    carry_out(order, tell)


def outcome_of(order: Order, told: Event, seconds: float) -> Outcome:
    """Turn the last event of an order (see `carry_out`) into its outcome; a failure gets the last lines printed."""
    memory = told.get("megabytes", 0.0)
    if "failure" not in told:
        return Outcome(order.task, told["files"], told["shown"], seconds, memory)
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
