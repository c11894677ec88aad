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
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShellABC
from jupyter_client.session import Session
from traitlets import Any as AnyTrait
from traitlets.config import Config

from resilience_analysis.batch.streams import Descriptor, Meter, Stream

Message = dict[str, Any]
Receive = Callable[[Message], None]
INLINE = "module://matplotlib_inline.backend_inline"
NO_HISTORY_FILE = {"HistoryManager": {"hist_file": ":memory:"}}


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
        message["buffers"] = options.get("buffers") or []
        self.receive(message)
        return message


class DirectShell(ZMQInteractiveShell):
    """ipykernel's shell without a kernel around it."""

    ended = False
    streams: tuple[Stream, ...] = ()

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
    shell: DirectShell = DirectShell.instance(config=Config(NO_HISTORY_FILE))
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
    """Let widgets say what they show where all messages go; there is nobody to use them."""

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
