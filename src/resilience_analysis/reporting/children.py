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
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psutil

from resilience_analysis.reporting.tasks import Failure, Limits

Event = dict[str, Any]
Tell = Callable[[Event], None]
_DEATH_SIGNAL, _SUBREAPER = 1, 36  # options of Linux's prctl
_CHECK_EVERY = 0.1  # seconds
_MEGABYTE = 1_000_000


def can_fork() -> bool:
    """Whether this process can fork safely: the system knows how, and there is one thread."""
    return hasattr(os, "fork") and sys.platform != "darwin" and threading.active_count() == 1


class Child:
    """A process forked from this one, which tells what it does on a pipe.

    Parameters
    ----------
    work
        What it does; is given a function with which to tell events (plain data) to this process.
    printed
        Files it prints into, watched for their size.
    limits
        What it may take.
    """

    def __init__(self, work: Callable[[Tell], None], *, printed: tuple[Path, ...], limits: Limits) -> None:
        self._limits = limits
        self._printed = printed
        self._shared = psutil.Process().memory_info().rss
        self._open = True
        self._checked = self.started = time.monotonic()
        self.connection, telling = multiprocessing.Pipe(duplex=False)
        self._process = multiprocessing.get_context("fork").Process(target=_live, args=(work, telling, os.getpid()))
        self._process.start()
        telling.close()

    def events(self) -> Iterator[Event]:
        """Give what it has told since the last time."""
        while self._open and self.connection.poll():
            try:
                event: Event = json.loads(self.connection.recv_bytes())
            except (EOFError, OSError):
                self._open = False
            else:
                yield event

    def seconds(self) -> float:
        """Say how long ago it was started."""
        return time.monotonic() - self.started

    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.is_alive()

    def fault(self) -> Failure | None:
        """Say which limit it has passed; None when it has not, or was looked at a moment ago."""
        now = time.monotonic()
        if self.seconds() > self._limits.seconds:
            return Failure("timeout", f"took longer than {self._limits.seconds:g} seconds")
        if now - self._checked < _CHECK_EVERY:
            return None
        self._checked = now
        if sum(path.stat().st_size for path in self._printed if path.exists()) > self._limits.characters:
            return Failure("output", f"printed more than {self._limits.characters:,} characters")
        if self._megabytes() > self._limits.megabytes:
            return Failure("memory", f"held more than {self._limits.megabytes:g} MB of memory")
        return None

    def _megabytes(self) -> float:
        held: int = -self._shared
        with contextlib.suppress(psutil.Error):
            root = psutil.Process(self._process.pid)
            for process in (root, *root.children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    held += process.memory_info().rss
        return held / _MEGABYTE

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
        if self._process.pid is not None:
            end_tree(self._process.pid)
        self._process.join()
        self._process.close()
        self.connection.close()


def end_tree(pid: int) -> None:
    """Kill a process with its descendants and its process group."""
    family = []
    with contextlib.suppress(psutil.Error):
        root = psutil.Process(pid)
        root.suspend()  # or it might start others while its own are counted
        family = [root, *root.children(recursive=True)]
    with contextlib.suppress(OSError):
        os.killpg(pid, signal.SIGKILL)
    for process in family:
        with contextlib.suppress(psutil.Error):
            process.kill()


def end_descendants() -> None:
    """Kill everything this process has started and left running."""
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            process.kill()


def _live(work: Callable[[Tell], None], telling: Connection, parent: int) -> None:
    """Be the child: a process group of its own, gone when the parent is, and no way back into the parent's code."""
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    _tie_to(parent)

    def tell(event: Event) -> None:
        telling.send_bytes(json.dumps(event).encode())

    with contextlib.suppress(BaseException):
        work(tell)
    # nothing that the parent wants done at its end may be done here
    os._exit(0)


def _tie_to(parent: int) -> None:
    """Die with the parent, adopt what descendants leave behind, and be the first to go when memory runs out."""
    if sys.platform == "linux":
        system = ctypes.CDLL(None)
        system.prctl(_DEATH_SIGNAL, signal.SIGKILL)
        system.prctl(_SUBREAPER, 1)
        if os.getppid() != parent:
            os._exit(1)
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")
