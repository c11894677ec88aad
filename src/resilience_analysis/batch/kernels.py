"""How a kernel of our own is talked to."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import zmq
from jupyter_client.manager import KernelManager
from traitlets.config import Config


@contextmanager
def kernel_settings() -> Iterator[Config]:
    """Yield the settings of a kernel manager, good until the end of the block.

    A kernel is found through sockets in a folder that only we can open, where the system has them. Ports are chosen
    first and taken later: in between they can go to another program, or to a client that tries to reach the kernel, and
    the kernel dies before it says a word. What is said is encrypted where it can be, as the kernel otherwise warns that
    anybody may listen in.
    """
    with tempfile.TemporaryDirectory(prefix="kernel-") as folder:
        settings: dict[str, str] = {}
        if os.name == "posix":
            settings |= {"transport": "ipc", "ip": str(Path(folder) / "socket")}
        if "transport_encryption" in KernelManager.class_traits() and zmq.has("curve"):
            settings |= {"transport_encryption": "auto"}
        yield Config({"KernelManager": settings})
