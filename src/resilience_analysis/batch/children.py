"""Processes forked to run one notebook each: apart from everything else, watched, and ended with all they started.

Only a process with a single thread may fork without risk: a copy of a lock that another thread held is never released.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from resilience_analysis.batch.stopping import STOPPING
from resilience_analysis.batch.tasks import Failure, Limits
from resilience_analysis.batch.watch import Watch, end_tree

Event = dict[str, Any]
Tell = Callable[[Event], None]
_DEATH_SIGNAL, _SUBREAPER = 1, 36  # options of Linux's prctl


FORKS = hasattr(os, "fork") and sys.platform != "darwin"
"""Whether the system forks safely: macOS does not, as its own libraries start threads."""


def can_fork() -> bool:
    """Whether this process can fork safely: the system can, and there is one thread."""
    return FORKS and threading.active_count() == 1


class Child:
    """A process forked from this one, which tells what it does on a pipe; start it `stopping.undisturbed`.

    Parameters
    ----------
    work
        What it does; is given a function with which to tell events (plain data) to this process.
    printed
        Files it prints into, watched for their size.
    limits
        What it may take.

    Attributes
    ----------
    pid
        Its number.
    connection
        Where it can be heard that it has something to tell, as long as it is `open`.
    watch
        Holds it against its limits.
    """

    def __init__(self, work: Callable[[Tell], None], *, printed: tuple[Path, ...], limits: Limits) -> None:
        self.open = True
        self.connection, telling = multiprocessing.Pipe(duplex=False)
        self._process = multiprocessing.get_context("fork").Process(target=_live, args=(work, telling, os.getpid()))
        self._process.start()
        telling.close()
        assert self._process.pid is not None
        self.pid = self._process.pid
        self.watch = Watch(self.pid, limits, printed=printed)

    def events(self) -> Iterator[Event]:
        """Yield what it has told since the last time."""
        while self.open and self.connection.poll():
            try:
                event: Event = json.loads(self.connection.recv_bytes())
            except (EOFError, OSError):
                self.open = False
            else:
                yield event

    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.is_alive()

    def death(self) -> Failure:
        """Say how it died, when it died before its work was done."""
        code = self._process.exitcode or 0
        if code >= 0:
            return Failure("killed", f"its process ended itself (exit code {code})")
        name = signal.Signals(-code).name
        hint = ", as the system does when memory runs out" if -code == signal.SIGKILL else ""
        return Failure("killed", f"its process was killed ({name}{hint})")

    def end(self) -> None:
        """End it and everything it started."""
        end_tree(self.pid)
        self._process.join()
        self._process.close()
        self.connection.close()


def _live(work: Callable[[Tell], None], telling: Connection, parent: int) -> None:
    """Be the child: a process group of its own, gone when the parent is, and no way back into the parent's code."""
    os.setsid()
    for number in STOPPING:
        signal.signal(number, signal.SIG_DFL)
    die_with_parent(parent)
    adopt_orphans()
    _go_first()

    def tell(event: Event) -> None:
        telling.send_bytes(json.dumps(event).encode())

    with contextlib.suppress(BaseException):
        work(tell)
    os._exit(0)  # nothing that the parent wants done at its end may be done here


def die_with_parent(parent: int | None = None) -> None:
    """Let this process be killed when its parent is gone, on Linux; at once when `parent` is gone already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)
        if parent is not None and os.getppid() != parent:
            os._exit(1)


def adopt_orphans() -> None:
    """Become the parent of what descendants leave behind when they end, on Linux: so that it can be found."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SUBREAPER, 1)


def _go_first() -> None:
    """Be the first to be ended by the system when memory runs out, before the process that this was forked from."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")
