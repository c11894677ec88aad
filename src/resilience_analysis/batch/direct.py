"""Run cells in this very process: ipykernel's own kernel without sockets, whose messages nbclient is handed.

A kernel is made once, in a process of its own, and takes that process over: standard output, the display hook, the
module ``__main__``. None of that is ever undone.
"""

from __future__ import annotations

import codecs
import contextlib
import importlib.util
import io
import json
import logging
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

import nbclient.client
from ipykernel.ipkernel import IPythonKernel
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.async_helpers import get_asyncio_loop
from IPython.core.interactiveshell import InteractiveShellABC
from jupyter_client.jsonutil import json_default
from jupyter_client.session import Session
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode, from_dict
from nbformat.v4 import output_from_msg
from papermill.clientwrap import PapermillNotebookClient
from traitlets import Any as AnyTrait
from traitlets import Bool, Instance, Int, Type
from traitlets.config import Config

Message = dict[str, Any]
Receive = Callable[[Message], None]
INLINE = "module://matplotlib_inline.backend_inline"
# libraries look for the name of the application, and of the class of the shell, to know that they are in a notebook
SETTINGS = {
    "HistoryManager": {"hist_file": ":memory:"},
    "IPKernelApp": {"connection_file": ""},
    "Kernel": {"_execute_sleep": 0.0},  # for messages on sockets to arrive
}
Send = Callable[[str, str], None]


class OutputLimitError(RuntimeError):
    """A notebook wrote more than it may."""


class Meter:
    """Counts the characters that a notebook writes, up to a limit; None for no limit."""

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self.count = 0

    def add(self, count: int) -> None:
        """Count more; raise `OutputLimitError` above the limit."""
        self.count += count
        if self.limit is not None and self.count > self.limit:
            raise OutputLimitError(f"the notebook wrote more than {self.limit:,} characters")


class Descriptor:
    """A descriptor of this process (1 for output, 2 for errors) that is led into a file, and read from there."""

    def __init__(self, number: int, path: Path) -> None:
        self.number = number
        with path.open("wb", buffering=0) as file:
            os.dup2(file.fileno(), number)
        self._written = path.open("rb", buffering=0)

    def read(self) -> bytes:
        """Return what was written since the last time."""
        return self._written.readall()


class Stream(io.TextIOBase):
    """Standard output or error: kept until it is flushed, as ipykernel does, then sent as one message.

    What code below Python writes (`below`) is sent along. Everything is written to a log as well, at once: it is there
    when the process is not any more.
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


class DirectSession(Session):
    """A session that hands every message to one function instead of putting it on a socket."""

    receive = AnyTrait()

    def send(  # type: ignore[override]
        self, _: Any, msg_or_type: Any, content: Any = None, parent: Any = None, *__: Any, **options: Any
    ) -> Message:
        """Hand a message over; the first argument, a socket, is not used."""
        if isinstance(msg_or_type, dict):
            message: Message = msg_or_type
        else:
            message = self.msg(msg_or_type, content, parent, metadata=options.get("metadata"))
        # as on a socket: numbers and times that JSON does not know are written as a kernel writes them
        sent = message | {part: self.as_sent(message[part]) for part in ("content", "metadata")}
        self.receive(sent | {"buffers": options.get("buffers") or []})
        return message

    def as_sent(self, part: Message) -> Message:
        """Return a part of a message as it arrives through a socket; half a character, which cannot be sent, as "?"."""
        try:
            content = self.pack(part)
        except UnicodeEncodeError:
            content = json.dumps(part, default=json_default, ensure_ascii=False).encode("utf-8", "replace")
        arrived: Message = self.unpack(content)
        return arrived


class DirectShell(ZMQInteractiveShell):
    """ipykernel's shell, which ends nothing but takes note that it was asked to."""

    ended = False

    def enable_gui(self, gui: Any = None) -> None:
        """Take note only: there is no event loop to run."""
        self.active_eventloop = gui

    def ask_exit(self) -> None:
        """Take note that the notebook called ``exit()``."""
        self.ended = True


DirectShell.__name__ = ZMQInteractiveShell.__name__
InteractiveShellABC.register(DirectShell)


class DirectKernel(IPythonKernel):
    """ipykernel's kernel without sockets: it carries out requests that it is handed."""

    shell_class = Type(DirectShell)
    shell: DirectShell
    session: DirectSession
    shell_channel_thread = AnyTrait(SimpleNamespace(parent_thread=threading.main_thread()))

    def run(self, source: str, request: Message) -> None:
        """Run a cell as the kernel's loop would; a request is what its messages name as their parent."""
        request["content"] = {"code": source, "stop_on_error": False}
        self.set_parent([], request)  # type: ignore[no-untyped-call]
        get_asyncio_loop().run_until_complete(self.execute_request(None, [], request))  # type: ignore[no-untyped-call]

    def hear(self, message: Message) -> None:
        """Take in what a front end says of a widget."""
        self.set_parent([], message)  # type: ignore[no-untyped-call]
        manager: Any = self.comm_manager
        manager.comm_msg(None, [], message)


def make_kernel() -> DirectKernel:
    """Make the kernel of this process, or of those that are forked from it; it runs nothing before `start_kernel`."""
    log = logging.getLogger(__name__)
    log.setLevel(logging.WARNING)
    log.propagate = False  # a notebook that logs everything does not log this
    kernel: DirectKernel = DirectKernel.instance(
        config=Config(SETTINGS), session=DirectSession(), log=log, user_ns=None
    )
    return kernel


def start_kernel(receive: Receive, *, folder: Path, log: IO[str], limit: int | None = None) -> DirectKernel:
    """Let the kernel that was made take this process over.

    Every message that it would publish goes to `receive`. Standard output and error, below Python too, are led into
    files of `folder` and written to `log`; `limit` is the most characters that may be written, None for no limit.
    """
    launcher = importlib.util.find_spec("ipykernel_launcher")
    history = "--HistoryManager.hist_file=:memory:"
    sys.argv = [str(launcher.origin if launcher else ""), "-f", str(folder / "kernel.json"), history]
    sys.path[:] = ["", *(entry for entry in sys.path if entry)]  # a kernel finds modules beside its notebook first
    kernel = DirectKernel.instance() if DirectKernel.initialized() else make_kernel()
    kernel.session.receive = receive
    shell: Any = kernel.shell
    for begin in (shell.init_environment, shell.init_history, shell.init_user_ns):
        begin()  # what is this process's own: its environment, folder and database of what was run
    sys.stdout, sys.stderr = _streams(kernel, folder, log, Meter(limit))
    _draw_inline()
    return kernel


def _streams(kernel: DirectKernel, folder: Path, log: IO[str], meter: Meter) -> tuple[Stream, Stream]:
    def send(name: str, text: str) -> None:
        kernel.session.send(None, "stream", {"name": name, "text": text}, kernel.get_parent())  # type: ignore[no-untyped-call]

    def stream(number: int, name: str) -> Stream:
        return Stream(name, send, meter=meter, below=Descriptor(number, folder / name), log=log)

    return stream(1, "stdout"), stream(2, "stderr")


def _draw_inline() -> None:
    """Let pyplot show its figures in the notebook, as a kernel does."""
    os.environ["MPLBACKEND"] = INLINE
    if "matplotlib" in sys.modules:
        sys.modules["matplotlib"].use(INLINE)


class Replies(list[Message]):
    """What nbclient says to the kernel of widgets, as its channel: heard when the cell is done, as by any kernel."""

    def __init__(self, session: DirectSession) -> None:
        super().__init__()
        self.session, self.shell_channel = session, self

    def send(self, message: Message) -> None:
        """Keep a message as it is read from a socket."""
        self.append(message | {"content": self.session.as_sent(message["content"]), "buffers": []})


def output_of(message: Message) -> NotebookNode:
    """Return the output that a message tells, as nbformat does, without its schema where all is text."""
    content, kind = message["content"], message["msg_type"]
    if kind not in {"display_data", "execute_result"} or not all(isinstance(x, str) for x in content["data"].values()):
        checked: NotebookNode = output_from_msg(message)
        return checked
    output = NotebookNode(output_type=kind, metadata=from_dict(content["metadata"]), data=from_dict(content["data"]))
    if kind == "execute_result":
        output.execution_count = content["execution_count"]
    return output


class DirectClient(PapermillNotebookClient):  # type: ignore[misc]
    """papermill's client with a kernel in this very process.

    nbclient turns the kernel's messages into outputs, so that streams, updated and cleared displays and the state of
    widgets end up in the notebook as they always do.
    """

    folder = Instance(Path)  # for files of its own
    transcript = AnyTrait()  # where what the notebook prints is written, at once
    output_limit = Int(None, allow_none=True)  # the most characters it may print; None for no limit
    record_timing = Bool(default_value=False)  # papermill notes when cells began and ended
    kernel: DirectKernel
    _place = _own = 0

    def execute(self, **_: Any) -> NotebookNode:
        """Run every cell until one fails; return the notebook."""
        self._own = os.getpid()
        self.reset_execution_trackers()
        self.kernel = start_kernel(self._receive, folder=self.folder, log=self.transcript, limit=self.output_limit)
        self.kc = Replies(self.kernel.session)
        vars(nbclient.client)["output_from_msg"] = output_of  # it leaves no other way
        self.papermill_execute_cells()
        self.nb.metadata["language_info"] = self.kernel.language_info
        self.set_widgets_metadata()
        notebook: NotebookNode = self.nb
        return notebook

    def _receive(self, message: Message) -> None:
        if message["msg_type"] == "execute_reply":
            self._reply: Message = message["content"]
        elif message["parent_header"].get("msg_id") == self._request["msg_id"]:  # others are of no cell
            self.process_message(message, self.nb.cells[self._place], self._place)

    def execute_cell(self, cell: NotebookNode, cell_index: int, **_: Any) -> NotebookNode:
        """Run one cell.

        Raises
        ------
        CellExecutionError
            When it fails and is not tagged ``raises-exception``.
        DeadKernelError
            When it asked to end the session, as ``exit`` does.
        """
        if self.on_cell_start is not None:
            self.on_cell_start(cell=cell, cell_index=cell_index)
        tags = cell.metadata.get("tags", [])
        if cell.cell_type != "code" or not cell.source.strip() or self.skip_cells_with_tag in tags:
            return cell
        self._place = cell_index
        self.clear_before_next_output = False
        cell.outputs = []
        self._request = self.kernel.session.msg("execute_request")
        self.kernel.run(cell.source, self._request)
        if os.getpid() != self._own:
            os._exit(0)  # the notebook forked: the copy of this process ends where its cell does
        while self.kc:
            self.kernel.hear(self.kc.pop(0))
        if self.kernel.shell.ended:
            raise DeadKernelError("the notebook ended its session")
        if self._reply["status"] == "error" and "raises-exception" not in tags:
            raise CellExecutionError.from_cell_and_msg(cell, self._reply)
        return cell
