"""A kernel that is there at once: forked from a prepared process instead of started, and an ordinary one from then on.

The process has imported what every kernel imports, and the libraries that notebooks before it have imported; nothing
else of the notebook's environment differs from that of a fresh kernel. A kernel specification that is not simply the
one of this interpreter is started as it says.
"""

from __future__ import annotations

import ast
import asyncio
import atexit
import contextlib
import importlib.util
import math
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from queue import Empty
from typing import TYPE_CHECKING, Any

import zmq
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from jupyter_client.manager import AsyncKernelManager, KernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import List, Type, Unicode
from traitlets.config import Config

from resilience_analysis.batch.folder import KERNELS
from resilience_analysis.batch.processes import FORKS, Fork, Server
from resilience_analysis.batch.server import Request, import_all

if TYPE_CHECKING:
    from nbformat import NotebookNode

_UNFROZEN = "-Xfrozen_modules=off"  # as jupyter_client starts kernels, so that they can be debugged
LAUNCH = ["-m", "ipykernel_launcher", "-f"]
KERNEL = (
    "ipykernel.debugger", "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell",
    "IPython.core.completerlib", "IPython.core.logger", "IPython.core.oinspect", "IPython.core.magics",
    "sqlite3", "bdb",
)  # fmt: skip
"""What a kernel imports before its first cell."""
LIBRARIES = ("numpy", "pandas", "scipy", "matplotlib", "matplotlib.pyplot", "shapely", "pyogrio", "pyproj", "geopandas")
"""Libraries that behave the same however early they are imported; imported for a notebook that imports them itself."""
_POLL, _LOOK = 0.01, 0.2  # seconds


@dataclass
class Servers:
    """The prepared process of this one: started when it is needed, and another one when the environment has changed."""

    server: Server | None = None
    retired: list[Server] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fork(self, request: Request) -> Fork:
        """Fork a kernel."""
        with self.lock:
            if self.server is not None and self.server.environment != dict(os.environ):
                self.server.retire()  # its kernels may be at work
                self.retired, self.server = [*self.retired, self.server], None
            if self.server is None:
                self.server = Server(partial(import_all, KERNEL), options=[_UNFROZEN])
            return self.server.fork(request)

    def close(self) -> None:
        """End it, and those before it."""
        for server in self._all():
            server.close()

    def leave(self) -> None:
        """Leave it to the process that this one was forked from."""
        for server in self._all():
            server.leave()
        self.lock = threading.Lock()

    def _all(self) -> list[Server]:
        servers = [*self.retired, *([self.server] if self.server is not None else [])]
        self.retired, self.server = [], None
        return servers


_SERVERS = Servers()
atexit.register(_SERVERS.close)
if FORKS:
    os.register_at_fork(after_in_child=_SERVERS.leave)


def is_plain(spec: KernelSpec) -> bool:
    """Return whether a kernel specification is simply the one of this interpreter, without settings of its own."""
    major, minor, *_ = sys.version_info
    own = {"python", f"python{major}", f"python{major}.{minor}", sys.executable}
    [first, *others] = spec.argv or [""]
    others = [part for part in others if part != _UNFROZEN]
    plain = first in own and others == [*LAUNCH, "{connection_file}"] and not spec.env
    return plain and spec.language == "python" and "kernel_provisioner" not in (spec.metadata or {})


def is_own(kernel_name: str) -> bool:
    """Return whether a kernel of that name is simply the one of this interpreter."""
    try:
        return is_plain(KernelSpecManager().get_kernel_spec(kernel_name))
    except NoSuchKernel:
        return False


def libraries_of(notebook: NotebookNode) -> list[str]:
    """Return the libraries of `LIBRARIES` that a notebook imports."""
    named: set[str] = set()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            lines = (line for line in cell.source.splitlines() if line.lstrip().startswith(("import ", "from ")))
            for line in lines:
                with contextlib.suppress(SyntaxError):
                    named.update(_imports(ast.parse(line.strip())))
    return [name for name in LIBRARIES if name in named]


def _imports(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found | {name.split(".")[0] for name in found}


class ForkedProvisioner(LocalProvisioner):
    """Forks a kernel instead of starting it.

    Attributes
    ----------
    preload
        Modules that the prepared process imports first, and kernels find imported.
    """

    preload = List(Unicode()).tag(config=True)
    process: Any = None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Fork a kernel where its command is simply that of this interpreter; start it otherwise."""
        arguments = [part for part in cmd[1:] if part != _UNFROZEN]
        if not (FORKS and cmd[0] == sys.executable and arguments[: len(LAUNCH)] == LAUNCH):
            return await super().launch_kernel(cmd, **kwargs)
        environment = {name: str(value) for name, value in kwargs["env"].items()}
        request = Request(
            partial(run_kernel, arguments[2:]),
            before=partial(import_all, tuple(self.preload)),
            environment=environment,
            folder=str(kwargs.get("cwd") or os.getcwd()),  # noqa: PTH109 - what it is called, links and all
        )
        # not in a thread of the event loop's: a process that the caller forks would wait for it for ever
        with ThreadPoolExecutor(1) as thread:
            fork = await asyncio.get_running_loop().run_in_executor(thread, _SERVERS.fork, request)
        self.process = KernelProcess(fork)
        self.pid = self.pgid = self.process.pid
        return self.connection_info

    async def wait(self) -> int | None:
        """Wait for the end of the kernel."""
        if isinstance(self.process, KernelProcess):
            while self.process.poll() is None:  # noqa: ASYNC110 - nothing tells of it but the system
                await asyncio.sleep(_POLL)  # as jupyter_client does, ten times as often
            self.process.fork.end()
            code = self.process.poll()
            self.process = None
            return code
        result: int | None = await super().wait()
        return result


class KernelProcess:
    """A forked kernel, as jupyter_client asks a process of its own."""

    stdin = stdout = stderr = None

    def __init__(self, fork: Fork) -> None:
        self.fork = fork
        self.pid = fork.pid

    def poll(self) -> int | None:
        """Return how it ended; None while it runs."""
        self.fork.alive()
        return self.fork.code

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def wait(self) -> int | None:
        """Return how it ended, once it has."""
        self.fork.alive(patience=float("inf"))
        return self.fork.code


class PatientChannel(AsyncZMQSocketChannel):
    """A channel that looks for an answer now and then: while something is sent on it, pyzmq may miss that one arrived.

    A cell that captures output with a widget was therefore now and then not seen to have ended.
    """

    async def get_msg(  # type: ignore[override]  # as AsyncZMQSocketChannel
        self,
        timeout: float | None = None,  # noqa: ASYNC109 - its name there
    ) -> dict[str, Any]:
        """Return the next message; raise `queue.Empty` when none came within so many seconds."""
        until = time.monotonic() + (math.inf if timeout is None else timeout)
        while True:
            left = until - time.monotonic()
            try:
                return await super().get_msg(max(0.0, min(left, _LOOK)))
            except Empty:
                if left <= _LOOK:
                    raise


class PatientClient(AsyncKernelClient):
    """A client with a `PatientChannel`."""

    shell_channel_class = Type(PatientChannel)


class PatientKernelManager(AsyncKernelManager):
    """Starts kernels as always, and speaks to them through a `PatientClient`."""

    client_factory = Type(PatientClient, klass=AsyncKernelClient)


class ForkedKernelManager(PatientKernelManager):
    """Starts kernels through `ForkedProvisioner`."""

    preload: Sequence[str] = ()

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.provisioner = ForkedProvisioner(kernel_spec=self.kernel_spec, parent=self, preload=list(self.preload))


def manager_for(notebook: NotebookNode) -> type[ForkedKernelManager]:
    """Return the class of managers whose kernels find the libraries imported that a notebook imports."""
    return type("ForkedKernelManager", (ForkedKernelManager,), {"preload": libraries_of(notebook)})


@contextmanager
def kernel_settings() -> Iterator[Config]:
    """Yield the settings of a kernel manager, good until the end of the block.

    A kernel is found through sockets in a folder that only we can open, where the system has them. Ports are chosen
    first and taken later: in between they can go to another program, or to a client that tries to reach the kernel, and
    the kernel dies before it says a word. What is said is encrypted where it can be, as the kernel otherwise warns that
    anybody may listen in.
    """
    with tempfile.TemporaryDirectory(prefix=f"{KERNELS}{os.getpid()}-") as folder:
        settings: dict[str, str] = {}
        if os.name == "posix":
            settings |= {"transport": "ipc", "ip": str(Path(folder) / "socket")}
        if "transport_encryption" in KernelManager.class_traits() and zmq.has("curve"):
            settings |= {"transport_encryption": "auto"}
        yield Config({"KernelManager": settings})


def run_kernel(arguments: list[str], _: object) -> None:
    """Be an ordinary kernel, in a process forked for it."""
    launcher = importlib.util.find_spec("ipykernel_launcher")
    sys.argv = [str(launcher.origin if launcher else "ipykernel_launcher"), *arguments]
    from ipykernel.kernelapp import IPKernelApp  # noqa: PLC0415 - imported in the prepared process

    app: Any = IPKernelApp.instance(parent_handle=os.getppid())
    app.initialize(arguments)
    if "matplotlib" in sys.modules:  # imported before the kernel said where to draw
        sys.modules["matplotlib"].rcParams["backend"] = os.environ["MPLBACKEND"]
    app.start()
