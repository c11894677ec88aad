"""Processes apart from everything else, watched, and ended with all they started: forked, or where unsafe spawned.

Ctrl-C stops them at a moment of our own choosing, see `undisturbed`.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from resilience_analysis.batch.limits import Watch, end_tree
from resilience_analysis.batch.server import CODE, PID, Request, receive, transmit
from resilience_analysis.batch.tasks import Failure
from resilience_analysis.foundation.errors import ResilienceError

Event = dict[str, Any]
Tell = Callable[[Event], None]
FORKS = hasattr(os, "fork") and sys.platform not in {"darwin", "win32"}
"""Whether the system forks safely: macOS does not, as its own libraries start threads."""
STOPPING = (signal.SIGINT, signal.SIGTERM)
_PATIENCE = 5.0  # seconds for a killed process to be gone
_CODE = "import sys; sys.path[0] = {!r}; from resilience_analysis.batch.server import main; del sys.path[0]; main({})"
_SOURCE = str(Path(__file__).parents[2])


class ServerError(ResilienceError, RuntimeError):
    """The process that others are forked from has ended."""


class Starter:
    """Starts a process for each piece of work."""

    def wait_ready(self) -> None:
        """Wait until processes can be started that have loaded everything; raises what loading raised."""

    def fork(self, request: Request, *, watch: Callable[[int], Watch] | None = None) -> Fork:
        """Start a process."""
        raise NotImplementedError

    def call(self, work: Callable[[], Any]) -> Any:
        """Call a function in a process of its own and return its result; raises what it raises."""
        fork = self.fork(Request(partial(_answer, work)))
        try:
            fine, result = pickle.loads(fork.connection.recv_bytes())  # noqa: S301 - of a process that we started
        except EOFError as error:
            fork.alive(patience=_PATIENCE)
            raise ServerError(fork.death().message) from error
        finally:
            fork.end()
        if not fine:
            raise result
        return result

    def close(self) -> None:
        """End it, with all its processes."""


class Spawner(Starter):
    """Starts processes afresh, where the system has no safe forks: each calls `load` (of a module, or a partial)."""

    def __init__(self, load: Callable[[], object]) -> None:
        self._load = load
        self._ready = False

    def wait_ready(self) -> None:
        """Load everything in a process, once; raises what loading raises."""
        if not self._ready:
            self.call(dict)

    def call(self, work: Callable[[], Any]) -> Any:
        """Call a function in a process of its own; the first time that raises what loading raises."""
        result = super().call(work if self._ready else partial(_after, self._load, work))
        self._ready = True
        return result

    def fork(self, request: Request, *, watch: Callable[[int], Watch] | None = None) -> Fork:
        """Start a process."""
        spawning = multiprocessing.get_context("spawn")
        events, telling = spawning.Pipe(duplex=False)
        process = spawning.Process(target=_begin, args=(self._load, request, telling))
        process.start()
        telling.close()
        return Spawned(process, events, watch)


class Server(Starter):
    """The prepared process, as seen from the one that started it; may be used by several threads.

    It calls `load` (of a module found in `path` too, or a partial of one).
    """

    def __init__(
        self, load: Callable[[], object] = dict, *, path: Sequence[str] = (), options: Sequence[str] = ()
    ) -> None:
        self._options = options
        self._given = (tuple(path), pickle.dumps(load))
        self._lock = threading.Lock()
        self._start()

    def _start(self) -> None:
        self._control, theirs = socket.socketpair()
        self.environment = dict(os.environ)
        with theirs:
            number = theirs.fileno()
            self._process = subprocess.Popen(  # noqa: S603 - our own code
                [sys.executable, *self._options, "-c", _CODE.format(_SOURCE, number)],
                stdin=subprocess.DEVNULL, pass_fds=[number], start_new_session=True,
            )  # fmt: skip
        self._ready = False
        self._failure: Exception | None = None
        transmit(self._control, pickle.dumps(self._given))

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def wait_ready(self) -> None:
        """Wait until it has loaded everything; raises what loading raised."""
        with self._lock:
            self._wait_ready()

    def _wait_ready(self) -> None:
        if self._ready:
            return
        if self._failure is None:
            content, _ = receive(self._control)
            if not content:
                raise ServerError("the process that reports are forked from ended while it was being prepared")
            self._failure = pickle.loads(content)  # noqa: S301 - of a process that we started
        if self._failure is not None:
            raise self._failure
        self._ready = True

    def fork(self, request: Request, *, watch: Callable[[int], Watch] | None = None) -> Fork:
        """Fork a process; a server that has ended is started again, once."""
        with self._lock:
            try:
                return self._fork(request, watch)
            except (OSError, ServerError):
                self._end()
                self._start()
                return self._fork(request, watch)

    def _fork(self, request: Request, watch: Callable[[int], Watch] | None) -> Fork:
        self._wait_ready()
        events, telling = Pipe(duplex=False)
        status, ended = os.pipe()
        try:
            streams = [os.open(os.devnull, os.O_RDONLY), os.dup(1), os.dup(2)]
            transmit(self._control, pickle.dumps(request), [ended, telling.fileno(), *streams])
        finally:
            telling.close()
            for descriptor in (ended, *streams):
                os.close(descriptor)
        told = os.read(status, PID.size)
        if not told:
            os.close(status)
            events.close()
            raise ServerError("the process that others are forked from has ended")
        return Fork(PID.unpack(told)[0], status, events, watch)

    def close(self) -> None:
        """End it, with all its forks."""
        with self._lock:
            self._end()

    def retire(self) -> None:
        """Let it end with the last of its forks."""
        with self._lock, contextlib.suppress(OSError):  # it has ended already
            transmit(self._control, pickle.dumps(None))

    def leave(self) -> None:
        """Let go of it, in a process forked from the one that it belongs to: it ends when that one does."""
        self._control.close()
        self._process.returncode = 0  # or Python would wait for it, and warn

    def _end(self) -> None:
        self._control.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_PATIENCE if self._ready else 0)
        end_tree(self._process.pid)
        self._process.wait()


class Fork:
    """A process that a server has forked, which tells what it does on a pipe.

    Attributes
    ----------
    pid
        Its number.
    connection
        Where it can be heard that it has something to tell, as long as it is `open`.
    code
        How it ended, as `subprocess` says it; None while it runs.
    watch
        Compares it with its limits, where it has any.
    """

    def __init__(
        self, pid: int, status: int | None, connection: Connection, watch: Callable[[int], Watch] | None
    ) -> None:
        self.pid = pid
        self.code: int | None = None
        self.open = True
        self.connection = connection
        self._status = status
        self.watch = Watch(pid) if watch is None else watch(pid)

    def events(self) -> Iterator[Event]:
        """Yield what it has told since the last time."""
        while self.open and self.connection.poll():
            try:
                event: Event = json.loads(self.connection.recv_bytes())
            except (EOFError, OSError):
                self.open = False
            else:
                yield event

    def alive(self, *, patience: float = 0.0) -> bool:
        """Return whether it still runs, after waiting for its end for some seconds."""
        if self._status is not None and wait([self._status], timeout=patience):
            told = os.read(self._status, CODE.size)
            os.close(self._status)
            self._status = None
            self.code = CODE.unpack(told)[0] if told else -signal.SIGKILL  # with the server
        return self._status is not None

    def death(self) -> Failure:
        """Return how it died, when it died before its work was done."""
        code = self.code or 0
        if code >= 0:
            return Failure("killed", f"its process ended itself (exit code {code})")
        name = signal.Signals(-code).name
        hint = ", as the system does when memory runs out" if -code == signal.SIGKILL else ""
        return Failure("killed", f"its process was killed ({name}{hint})")

    def end(self) -> None:
        """End it and everything it started."""
        if self.alive():
            end_tree(self.pid)
            self.alive(patience=_PATIENCE)
        if self._status is not None:
            os.close(self._status)
            self._status = None
        self.connection.close()


class Spawned(Fork):
    """A process that was started afresh, seen as a fork is."""

    def __init__(self, process: SpawnProcess, connection: Connection, watch: Callable[[int], Watch] | None) -> None:
        super().__init__(process.pid or 0, None, connection, watch)
        self._process = process

    def alive(self, *, patience: float = 0.0) -> bool:
        """Return whether it still runs, after waiting for its end for some seconds."""
        self._process.join(patience)
        self.code = self._process.exitcode
        return self.code is None


def _after(first: Callable[[], object], work: Callable[[], Any]) -> Any:
    first()
    return work()


def _begin(load: Callable[[], object], request: Request, connection: Connection) -> None:
    """Do what a process was started for; what cannot be loaded its work will meet, and has somebody to tell."""
    for first in (load, request.before):
        with contextlib.suppress(Exception):
            if first is not None:
                first()
    request.work(connection)


def _answer(work: Callable[[], Any], connection: Connection) -> None:
    """Send the result of a function, or what it raises."""
    answer: tuple[bool, Any]
    try:
        answer = True, work()
    except Exception as error:  # noqa: BLE001 - raised again where it was called
        answer = False, error
    connection.send_bytes(pickle.dumps(answer))
    os._exit(0)


def teller(connection: Connection) -> Tell:
    """Return what tells events of this process to the one that asked for it."""

    def tell(event: Event) -> None:
        connection.send_bytes(json.dumps(event).encode())

    return tell


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
