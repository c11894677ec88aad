"""One process at a time in a folder, by a lock of the system, which goes with the process that holds it."""

from __future__ import annotations

import importlib
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from resilience_analysis.foundation.errors import refusal

_system: Any
try:
    _system = importlib.import_module("fcntl")
except ImportError:
    _system = importlib.import_module("msvcrt") if sys.platform == "win32" else None
LOCK = ".lock"
_AGAIN, _PATIENCE = 0.05, 60.0  # seconds between two tries of a lock that another process holds, and of all of them


def take_lock(descriptor: int) -> bool:
    """Take the lock of an open file, and return whether no other process holds it."""
    try:
        if hasattr(_system, "flock"):
            _system.flock(descriptor, _system.LOCK_EX | _system.LOCK_NB)
        elif _system is not None:  # Windows
            _system.locking(descriptor, _system.LK_NBLCK, 1)
    except OSError:
        return False
    return True


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes that lock a private folder waiting until the end of the block; it is made if need be.

    Where the folder cannot be written, nothing is locked.

    Raises
    ------
    InputError
        When another process keeps it locked for a minute.
    """
    try:
        descriptor = _wait_for(folder)
    except OSError:  # it is told where the folder is written to
        yield
        return
    try:
        yield
    finally:
        with suppress(OSError):  # Windows keeps a file that is open
            (folder / LOCK).unlink()
        os.close(descriptor)


def _wait_for(folder: Path) -> int:
    until = time.monotonic() + _PATIENCE
    while (descriptor := _opened(folder)) is None:
        if time.monotonic() > until:
            raise refusal(folder.name, "is in use by another process", "Wait until that is done")
        time.sleep(_AGAIN)
    return descriptor


def _opened(folder: Path) -> int | None:
    """Return the open lock of a folder, taken; None where another process holds it, or has just removed it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except FileNotFoundError:  # the folder went meanwhile
        return None
    with suppress(FileNotFoundError):
        if take_lock(descriptor) and os.path.samestat(os.fstat(descriptor), (folder / LOCK).stat()):
            return descriptor
    os.close(descriptor)
    return None
