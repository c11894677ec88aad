"""A folder of reports: one batch at a time works in it, and a file is in its place only when it is whole."""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from resilience_analysis.batch.limits import exists
from resilience_analysis.foundation.errors import ResilienceError

locks: Any
try:
    locks = importlib.import_module("fcntl")
except ImportError:
    locks = importlib.import_module("msvcrt") if sys.platform == "win32" else None

LOCK, SCRATCH, LOGS, INDEX = ".lock", ".making", "logs", "index.html"
KERNELS = "resilience-kernel-"
"""What temporary folders begin with, before the number of the process that uses them."""


class FolderInUseError(ResilienceError):
    """Another batch is at work in the same folder."""


@contextlib.contextmanager
def working_in(folder: Path) -> Iterator[Path]:
    """Hold a folder of reports for oneself, and give an empty folder inside it to make files in.

    The lock is the system's own and goes with the process that holds it, however that ends. What a killed batch has
    left in the making is removed.

    Raises
    ------
    FolderInUseError
        When another batch holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # unbuffered: what a full disk refuses would be refused again, without a name, when the file is closed
    with (folder / LOCK).open("a+b", buffering=0) as lock:
        if not _take(lock.fileno()):
            lock.seek(0)
            owner = lock.read().decode("utf-8", "replace").strip() or "another process"
            raise FolderInUseError(f"{folder} is in use by {owner}. Wait until it is done, or give another --out")
        _say_whose(lock)
        scratch = folder / SCRATCH
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        sweep(Path(tempfile.gettempdir()))
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
            lock.truncate(0)


def _say_whose(lock: IO[bytes]) -> None:
    """Write into the lock who holds it; an `OSError` names the file, which that of an open file does not."""
    try:
        lock.truncate(0)
        lock.write(f"process {os.getpid()}".encode())
    except OSError as error:
        raise OSError(error.errno, error.strerror, lock.name) from error


def sweep(temporary: Path) -> None:
    """Remove the temporary folders that killed runs have left behind."""
    for folder in temporary.glob(f"{KERNELS}*-*"):
        number = folder.name.removeprefix(KERNELS).partition("-")[0]
        if number.isdigit() and not exists(int(number)):
            shutil.rmtree(folder, ignore_errors=True)


def _take(descriptor: int) -> bool:
    try:
        if hasattr(locks, "flock"):
            locks.flock(descriptor, locks.LOCK_EX | locks.LOCK_NB)
        elif locks is not None:  # Windows
            locks.locking(descriptor, locks.LK_NBLCK, 1)
    except OSError:
        return False
    return True


def place(made: Path, folder: Path, names: Iterable[str]) -> None:
    """Move finished files to where they are read."""
    for name in names:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (made / name).replace(target)


def remove(folder: Path, names: Iterable[str]) -> None:
    """Take away files of an earlier report that its new version does not have, so that nothing stale is left."""
    for name in names:
        (folder / name).unlink(missing_ok=True)


def describe(folder: Path, digests: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return what the manifest notes of files: digest, size and time, by path relative to the folder."""
    found = {}
    for name, digest in digests.items():
        stat = (folder / name).stat()
        found[name] = {"sha256": digest, "bytes": stat.st_size, "modified_ns": stat.st_mtime_ns}
    return found
