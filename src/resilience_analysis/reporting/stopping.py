"""Stop at a moment of our own choosing when somebody presses Ctrl-C."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator

STOPPING = (signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Put off Ctrl-C until the end of the block.

    Raised while Python forks, in what others want done then, it would be lost; raised before a new process is known to
    those who have to end it, that would live on; raised between a report and its record, the report would not count.
    """
    if not hasattr(signal, "pthread_sigmask"):  # pragma: no cover - a system without forks
        yield
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
