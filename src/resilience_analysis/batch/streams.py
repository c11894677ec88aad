"""Standard output and error of a notebook that runs in this process, written by Python or by code below it."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

Send = Callable[[str, str], None]


class OutputLimitError(RuntimeError):
    """A notebook wrote more than it may."""


class Meter:
    """Counts what a notebook writes.

    Parameters
    ----------
    limit
        The most characters; None for no limit.
    """

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self.count = 0

    def add(self, count: int) -> None:
        """Count more; raise `OutputLimitError` above the limit."""
        self.count += count
        if self.limit is not None and self.count > self.limit:
            raise OutputLimitError(f"the notebook wrote more than {self.limit:,} characters")


class Descriptor:
    """A descriptor of this process that is led into a file, and read from there.

    Parameters
    ----------
    number
        1 for standard output, 2 for standard error.
    path
        The file.
    """

    def __init__(self, number: int, path: Path) -> None:
        self.number = number
        self._file = path.open("w+b", buffering=0)
        self._read = 0
        os.dup2(self._file.fileno(), number)

    def read(self) -> bytes:
        """Return what was written since the last time."""
        size = os.fstat(self._file.fileno()).st_size
        content = os.pread(self._file.fileno(), size - self._read, self._read) if size > self._read else b""
        self._read += len(content)
        return content


class Stream(io.TextIOBase):
    """Standard output or error: kept until it is flushed, as ipykernel does, then sent as one message.

    Parameters
    ----------
    name
        ``stdout`` or ``stderr``.
    send
        Takes the name and what was written.
    meter
        Counts it.
    below
        What code below Python writes to; it is sent along whenever this is flushed.
    log
        Where everything is written as well, at once: it is there when the process is not any more.
    """

    encoding = "UTF-8"
    errors = "strict"

    def __init__(self, name: str, send: Send, *, meter: Meter, below: Descriptor, log: IO[str]) -> None:
        super().__init__()
        self.name = name
        self._send = send
        self._meter = meter
        self._below = below
        self._log = log
        self._parts: list[str] = []
        self._own = os.getpid()
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode  # half a character waits for the other

    def writable(self) -> bool:
        """Say that this can be written to."""
        return True

    def fileno(self) -> int:
        """Return the process's own descriptor."""
        return self._below.number

    def write(self, text: Any) -> int:
        """Keep a text; raise `OutputLimitError` when the notebook has written too much."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        self._meter.add(len(text))
        if os.getpid() == self._own:
            self._parts.append(text)
        else:  # in a child that the notebook forked
            os.write(self._below.number, text.encode("utf-8", "replace"))
        self._note(text)
        return len(text)

    def flush(self) -> None:
        """Send what was kept, and what code below Python has written since the last time."""
        if os.getpid() != self._own:
            return
        written = self._decode(self._below.read())
        if written:
            self._meter.add(len(written))
            self._note(written)
        text = "".join(self._parts) + written
        self._parts.clear()
        if text:
            self._send(self.name, text)

    def _note(self, text: str) -> None:
        # a full disk is not a fault of the cell that prints, nor is a log that is done
        with contextlib.suppress(OSError, ValueError):
            self._log.write(text)
            self._log.flush()
