"""Watch a process that makes a report (its time, its memory, what it prints), and end it with all it started."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from resilience_analysis.batch.tasks import Failure, Limits

_EVERY = 0.1  # seconds
_MEGABYTE = 1_000_000
UNLIMITED = Limits(seconds=float("inf"), megabytes=float("inf"))


class Watch:
    """Compares a process with what it may take from now on, and the files it prints into with what it may print."""

    def __init__(self, pid: int, limits: Limits = UNLIMITED, *, printed: Sequence[Path] = ()) -> None:
        self._pid = pid
        self._limits = limits
        self._printed = printed
        self._begun = self._looked = time.monotonic()

    def seconds(self) -> float:
        """Return how long it is watched."""
        return time.monotonic() - self._begun

    def fault(self) -> Failure | None:
        """Return which limit it has passed; None when it has not, or was looked at a moment ago."""
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
        """Count what is resident first, which is quick; only if that is too much what is not shared.

        What it was forked with cannot be subtracted: of the files that its parent has in memory, a fork has only what
        it has touched, so that it could take that much more than its limit.
        """
        most = self._limits.megabytes * _MEGABYTE
        processes = list(_family(self._pid))
        if sum(_bytes(process) for process in processes) <= most:
            return False
        return sum(_bytes(process, own=True) for process in processes) > most


@cache
def library() -> Any:
    """Return psutil, loaded where a process is looked at: not where nothing has to be made."""
    import psutil  # noqa: PLC0415 - see above

    return psutil


def memory_of_this() -> int:
    """Return the bytes that this process shares with no other."""
    return int(library().Process().memory_full_info().uss)


def _family(pid: int) -> Iterator[Any]:
    with contextlib.suppress(library().Error):
        root = library().Process(pid)
        yield root
        if listed_children(pid) != set():
            yield from root.children(recursive=True)


def listed_children(pid: int) -> set[int] | None:
    """Return the children of a process as Linux lists them; None where it does not.

    psutil looks through all processes of the machine instead, which takes ten milliseconds. A look may miss a child
    when another ends meanwhile: so there are two.
    """
    try:  # it may end at any moment
        lists = list(Path(f"/proc/{pid}/task").glob("*/children"))
        found = {int(child) for _ in range(2) for path in lists for child in path.read_bytes().split()}
    except OSError:
        return None
    return found if lists else None


def _bytes(process: Any, *, own: bool = False) -> int:
    with contextlib.suppress(library().Error):
        return int(process.memory_full_info().uss if own else process.memory_info().rss)
    return 0


def end_tree(pid: int) -> None:
    """Kill a process with its descendants and its process group."""
    with contextlib.suppress(library().Error):
        library().Process(pid).suspend()  # or it might start others while its own are counted
    family = list(_family(pid))
    if hasattr(os, "killpg"):
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)
    _kill(family)


def end_descendants() -> None:
    """Kill everything this process has started and left running."""
    _kill(list(_family(os.getpid()))[1:])


def end_strays(known: Collection[int]) -> None:
    """Kill the processes that this one has started or adopted, with all that they started, but for the known ones."""
    listed = listed_children(os.getpid())
    if listed is not None and listed <= set(known):
        return
    for pid in {process.pid for process in library().Process().children()}.difference(known):
        end_tree(pid)
        with contextlib.suppress(OSError):
            os.waitpid(pid, 0)


def _kill(processes: Sequence[Any]) -> None:
    for process in processes:
        with contextlib.suppress(library().Error):
            process.kill()
