"""Stop at a moment of our own choosing when somebody presses Ctrl-C."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator

STOPPING = (signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Put off Ctrl-C until the end of the block.

    Raised while Python forks, in what others want done then, it would be lost; raised before a new process is known to
    those who have to end it, that would live on; raised between a report and its record, the report would not count.

    The signals are taken by handlers of ours and not masked: where there are other threads, such as those of a library
    for algebra, one of them would receive what this one masks, and Python would raise it here all the same.
    """
    if threading.current_thread() is not threading.main_thread():  # Python raises nothing in other threads
        yield
        return
    received: list[int] = []
    before = {number: signal.getsignal(number) for number in STOPPING}
    for number in STOPPING:
        signal.signal(number, lambda number, _: received.append(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        if received:
            signal.raise_signal(received[0])
