"""Kernels that tests start: found through sockets of their own."""

from __future__ import annotations

import atexit
from contextlib import ExitStack
from typing import Any

from jupyter_client.manager import KernelManager
from traitlets.config import Config

from resilience_analysis.batch.provisioner import kernel_settings

# held here too: a process forked from this one forgets what is to be done at the end, which would take the folder away
_held = ExitStack()


def keep_kernels_off_ports() -> None:
    """Let every kernel that this process starts be found as our own are: on a busy machine a port may be taken."""
    settings = _held.enter_context(kernel_settings())
    atexit.register(_held.close)
    begin = KernelManager.__init__

    def begin_off_ports(self: KernelManager, *given: Any, config: Config | None = None, **options: Any) -> None:
        everything = Config(settings)
        everything.merge(config or {})
        begin(self, *given, config=everything, **options)

    KernelManager.__init__ = begin_off_ports
