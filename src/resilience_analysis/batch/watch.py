"""Watch a process that makes a report (its time, its memory, what it prints), and end it with all it started."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import psutil

from resilience_analysis.batch.tasks import Failure, Limits

_EVERY = 0.1  # seconds
_MEGABYTE = 1_000_000


class Watch:
    """Holds a process against its limits.

    Parameters
    ----------
    pid
        The process.
    limits
        What it may take from now on.
    printed
        Files it prints into.
    """

    def __init__(self, pid: int, limits: Limits, *, printed: Sequence[Path] = ()) -> None:
        self._pid = pid
        self._limits = limits
        self._printed = printed
        self._begun = self._looked = time.monotonic()

    def seconds(self) -> float:
        """Say how long it is watched."""
        return time.monotonic() - self._begun

    def fault(self) -> Failure | None:
        """Say which limit it has passed; None when it has not, or was looked at a moment ago."""
        if self.seconds() > self._limits.seconds:
            return Failure("timeout", f"took longer than {self._limits.seconds:g} seconds")
        if time.monotonic() - self._looked < _EVERY:
            return None
        self._looked = time.monotonic()
        if sum(path.stat().st_size for path in self._printed if path.exists()) > self._limits.characters:
            return Failure("output", f"printed more than {self._limits.characters:,} characters")
        if self._holds_too_much():
            return Failure("memory", f"held more than {self._limits.megabytes:g} MB of memory")
        return None

    def _holds_too_much(self) -> bool:
        """Count what is resident first, which is quick; only if that is too much what is shared with nobody.

        What it was forked with cannot be subtracted: of the files that its parent has in memory, a fork has only what
        it has touched, so that it could take that much more than its limit.
        """
        most = self._limits.megabytes * _MEGABYTE
        processes = list(_family(self._pid))
        if sum(_bytes(process) for process in processes) <= most:
            return False
        return sum(_own_bytes(process) for process in processes) > most


def _family(pid: int) -> Iterator[psutil.Process]:
    with contextlib.suppress(psutil.Error):
        root = psutil.Process(pid)
        yield root
        yield from root.children(recursive=True)


def _bytes(process: psutil.Process) -> int:
    with contextlib.suppress(psutil.Error):
        return int(process.memory_info().rss)
    return 0


def _own_bytes(process: psutil.Process) -> int:
    with contextlib.suppress(psutil.Error):
        return int(process.memory_full_info().uss)
    return 0


def end_tree(pid: int) -> None:
    """Kill a process with its descendants and its process group."""
    with contextlib.suppress(psutil.Error):
        psutil.Process(pid).suspend()  # or it might start others while its own are counted
    family = list(_family(pid))
    if hasattr(os, "killpg"):
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)
    _kill(family)


def end_descendants() -> None:
    """Kill everything this process has started and left running."""
    _kill(psutil.Process().children(recursive=True))


def own_children() -> set[int]:
    """Return the processes that this one has started or adopted."""
    return {process.pid for process in psutil.Process().children()}


def end_strays(known: Collection[int]) -> None:
    """Kill the processes that this one has started or adopted, with all that they started, but for the known ones."""
    for pid in own_children().difference(known):
        end_tree(pid)
        with contextlib.suppress(OSError):
            os.waitpid(pid, 0)


def _kill(processes: Sequence[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()
