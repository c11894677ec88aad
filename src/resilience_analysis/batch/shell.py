"""Run code as a kernel would, in this very process: ipykernel's own shell, whose messages are handed over directly.

A shell is made once, in a process of its own, and takes that process over: standard output, the display hook, the
module ``__main__``. None of that is ever undone.
"""

from __future__ import annotations

import builtins
import getpass
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import comm
from comm.base_comm import BaseComm, CommManager
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.async_helpers import get_asyncio_loop
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import ExecutionResult, InteractiveShellABC
from jupyter_client.session import Session
from traitlets import Any as AnyTrait
from traitlets.config import Config

from resilience_analysis.batch.streams import Descriptor, Meter, Stream

Message = dict[str, Any]
Receive = Callable[[Message], None]
INLINE = "module://matplotlib_inline.backend_inline"
# libraries look for the name of the application, and of the class of the shell, to know that they are in a notebook
SETTINGS = {"HistoryManager": {"hist_file": ":memory:"}, "IPKernelApp": {"connection_file": ""}}


class DirectSession(Session):
    """A session that hands every message to one function instead of putting it on a socket."""

    receive = AnyTrait()

    def send(  # type: ignore[override]
        self, _: Any, msg_or_type: Any, content: Any = None, parent: Any = None, **options: Any
    ) -> Message:
        """Hand a message over; the first argument, a socket, is not used."""
        if isinstance(msg_or_type, dict):
            message: Message = msg_or_type
        else:
            message = self.msg(msg_or_type, content, parent, metadata=options.get("metadata"))
        # as on a socket: numbers and times that JSON does not know are written as a kernel writes them
        sent = message | {part: self.unpack(self.pack(message[part])) for part in ("content", "metadata")}
        self.receive(sent | {"buffers": options.get("buffers") or []})
        return message


class DirectShell(ZMQInteractiveShell):
    """ipykernel's shell without a kernel around it."""

    ended = False
    streams: tuple[Stream, ...] = ()

    def run_in_loop(self, source: str) -> ExecutionResult:
        """Run a cell inside a running event loop, as a kernel does, so that it can start tasks."""
        result: ExecutionResult = get_asyncio_loop().run_until_complete(self._run_inside(source))
        return result

    async def _run_inside(self, source: str) -> ExecutionResult:
        transformed, failure = source, None
        try:
            transformed = self.transform_cell(source)  # type: ignore[no-untyped-call]
        except Exception:  # noqa: BLE001 - shown as the error of the cell
            failure = sys.exc_info()
        given: dict[str, Any] = {"transformed_cell": transformed, "preprocessing_exc_tuple": failure}
        if not self.should_run_async(source, **given):
            return self.run_cell(source, store_history=True)  # type: ignore[no-untyped-call,no-any-return]
        result: ExecutionResult = await self.run_cell_async(source, store_history=True, **given)
        self.events.trigger("post_execute")
        self.events.trigger("post_run_cell", result)
        return result

    def send_printed(self) -> None:
        """Send what was printed and is not sent yet."""
        for stream in self.streams:
            stream.flush()

    def enable_gui(self, gui: Any = None) -> None:
        """Take note only: there is no event loop to run."""
        self.active_eventloop = gui

    def ask_exit(self) -> None:
        """Take note that the notebook called ``exit()``."""
        self.ended = True


DirectShell.__name__ = ZMQInteractiveShell.__name__
InteractiveShellABC.register(DirectShell)


def start_shell(receive: Receive, *, folder: Path, log: IO[str], limit: int | None = None) -> DirectShell:
    """Make the shell of this process, as a kernel has it when it is started.

    Parameters
    ----------
    receive
        Is given every message the shell would publish.
    folder
        For the files that standard output and error below Python are led into.
    log
        Where both are written as well.
    limit
        The most characters that may be written; None for no limit.
    """
    session = DirectSession(receive=receive)
    sys.argv = ["ipykernel_launcher"]
    sys.path[:] = ["", *(entry for entry in sys.path if entry)]  # a kernel finds modules beside its notebook first
    shell: DirectShell = DirectShell.instance(config=Config(SETTINGS))
    for publisher in (shell.displayhook, shell.display_pub):
        publisher.session = session  # type: ignore[union-attr]
    shell.streams = sys.stdout, sys.stderr = _streams(session, folder, log, Meter(limit))
    _lead_widgets(session)
    _draw_inline()
    builtins.input = getpass.getpass = _nobody_answers  # type: ignore[assignment]
    return shell


def _streams(session: DirectSession, folder: Path, log: IO[str], meter: Meter) -> tuple[Stream, Stream]:
    def send(name: str, text: str) -> None:
        session.send(None, "stream", {"name": name, "text": text})

    def stream(number: int, name: str) -> Stream:
        return Stream(name, send, meter=meter, below=Descriptor(number, folder / name), log=log)

    return stream(1, "stdout"), stream(2, "stderr")


def _lead_widgets(session: DirectSession) -> None:
    """Let widgets say what they show where all messages go; no one can use them."""

    class DirectComm(BaseComm):
        def publish_msg(
            self, msg_type: str, data: Any = None, metadata: Any = None, buffers: Any = None, **keys: Any
        ) -> None:
            content = {"data": data or {}, "comm_id": self.comm_id, **keys}
            session.send(None, msg_type, content, metadata=metadata or {}, buffers=buffers)

    manager = CommManager()
    comm.create_comm = DirectComm
    comm.get_comm_manager = lambda: manager


def _draw_inline() -> None:
    """Let pyplot show its figures in the notebook, as a kernel does."""
    os.environ["MPLBACKEND"] = INLINE
    if "matplotlib" in sys.modules:
        sys.modules["matplotlib"].use(INLINE)


def _nobody_answers(prompt: str = "", *_: Any, **__: Any) -> str:
    raise StdinNotImplementedError(f"{prompt!r} asked, but nobody answers a notebook that is run by itself")
