"""A prepared process that forks itself on request: it has imported and loaded what others would do anew.

It is started afresh, so that a fork inherits nothing of the process that asked for it, and has one thread, so that it
may fork. It ends with the process that started it, and so do its forks, with all that they started.

multiprocessing's own server of forks is not used: each of its processes first imports the main module of the caller
again, which a script that is not guarded against it does not survive, and a notebook must not see.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import os
import pickle
import select
import signal
import socket
import struct
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

LENGTH = struct.Struct("!Q")
PID = CODE = struct.Struct("!q")
_DEATH_SIGNAL, _SUBREAPER = 1, 36  # options of Linux's prctl


@dataclass(frozen=True)
class Request:
    """What a fork is to do."""

    work: Callable[[Connection], None]  # called in the fork with what it can tell events on
    before: Callable[[], bool] | None = None
    """Called in the server first; returns whether it made anything that later forks can use."""
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))  # of the fork
    folder: str = ""


def receive(control: socket.socket) -> tuple[bytes, list[int]]:
    """Receive one message with its descriptors; an empty one when the other side is gone."""
    header, descriptors, _, _ = socket.recv_fds(control, LENGTH.size, 8)
    content = b""
    if header:
        header += control.recv(LENGTH.size - len(header), socket.MSG_WAITALL) if len(header) < LENGTH.size else b""
        left = LENGTH.unpack(header)[0]
        while left > 0:
            part = control.recv(min(left, 1 << 20))
            if not part:
                return b"", descriptors
            content, left = content + part, left - len(part)
    return content, descriptors


def transmit(control: socket.socket, content: bytes, descriptors: Sequence[int] = ()) -> None:
    """Send one message with descriptors."""
    socket.send_fds(control, [LENGTH.pack(len(content))], list(descriptors))
    control.sendall(content)


class ForkServer:
    """The server: forks when it is asked to, tells how each fork ended, and ends with who started it."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._ended: dict[int, int] = {}  # pid: where to tell how it ended
        self._retired = False
        self._wake, woken = os.pipe()
        for end in (self._wake, woken):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
        self._woken = woken
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> Callable[[], None]:
        """Serve until the other side is gone, or needs no more forks; returns, in a fork, what it has to do."""
        while self._ended or not self._retired:
            ready, _, _ = select.select([self._control.fileno(), self._wake], [], [])
            if self._wake in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._wake, 4096)
                self._reap()
            if self._control.fileno() in ready:
                content, descriptors = receive(self._control)
                if not content:
                    break
                request = pickle.loads(content)  # noqa: S301 - of the process that started us
                self._retired = request is None
                forked = None if request is None else self._fork(request, descriptors)
                if forked is not None:
                    return forked
        return self._leave

    def _fork(self, request: Request, descriptors: Sequence[int]) -> Callable[[], None] | None:
        with contextlib.suppress(Exception):  # the fork will meet what is wrong, and has somebody to tell
            if request.before is not None and request.before():
                keep_out_of_sight()
        status, events, *streams = descriptors
        pid = os.fork()
        if pid == 0:
            os.close(status)
            self._forget()
            be_a_fork(request, streams)
            return lambda: request.work(Connection(events, readable=False))
        os.write(status, PID.pack(pid))
        self._ended[pid] = status
        for descriptor in (events, *streams):
            os.close(descriptor)
        return None

    def _forget(self) -> None:
        """Let go, in a fork, of what is the server's own."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._control.close()
        for descriptor in (self._wake, self._woken, *self._ended.values()):
            os.close(descriptor)

    def _reap(self) -> None:
        """Tell how forks ended, and end what they have left behind."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid in self._ended:
                from resilience_analysis.batch.limits import end_strays  # noqa: PLC0415 - only then

                end_strays(self._ended.keys() - {pid})
                told = self._ended.pop(pid)
                with contextlib.suppress(OSError):
                    os.write(told, CODE.pack(os.waitstatus_to_exitcode(status)))
                os.close(told)

    def _leave(self) -> None:
        from resilience_analysis.batch.limits import end_descendants  # noqa: PLC0415 - only then

        end_descendants()
        os._exit(0)


def be_a_fork(request: Request, streams: Sequence[int]) -> None:
    """Be a process of its own: a group, signals, folder, environment, streams and random numbers as at a start."""
    parent = os.getppid()
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    die_with_parent(parent)
    adopt_orphans()
    with contextlib.suppress(OSError):  # the first to be ended by the system when memory runs out
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")
    os.environ.clear()
    os.environ.update(request.environment)
    if request.folder:
        os.chdir(request.folder)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    for stream in streams:
        os.close(stream)
    if "numpy" in sys.modules:  # Python seeds its own
        sys.modules["numpy"].random.seed()


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


def import_all(names: Sequence[str]) -> bool:
    """Import modules, as far as they are there; returns whether any was new."""
    new = [name for name in names if name not in sys.modules]
    for name in new:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    return bool(new)


def keep_out_of_sight() -> None:
    """Keep what is here out of sight of the collector: looking at it in a fork would only copy its memory."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def main(descriptor: int) -> None:
    """Be a server: load what the first message asks for, say so, and serve."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started us ends us
    control = socket.socket(fileno=descriptor)
    adopt_orphans()
    content, _ = receive(control)
    if not content:
        return
    path, load = pickle.loads(content)  # noqa: S301 - of the process that started us
    sys.path.extend(entry for entry in path if entry not in sys.path)
    answer: Exception | None = None
    try:
        pickle.loads(load)()  # noqa: S301
    except Exception as error:  # noqa: BLE001 - it is raised by who started us
        answer = error
    keep_out_of_sight()
    transmit(control, pickle.dumps(answer))
    ForkServer(control).serve()()
