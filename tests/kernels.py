"""Kernels that tests start: found through sockets of their own."""

from __future__ import annotations

import atexit
from contextlib import ExitStack
from typing import Any

from jupyter_client.manager import KernelManager

from resilience_analysis.reporting.kernels import kernel_settings


def keep_kernels_off_ports() -> None:
    """Let every kernel that this process starts be found as our own are: on a busy machine a port may be taken."""
    with ExitStack() as stack:
        settings = dict(stack.enter_context(kernel_settings())["KernelManager"])
        atexit.register(stack.pop_all().close)
    begin = KernelManager.__init__

    def begin_off_ports(self: KernelManager, *given: Any, **options: Any) -> None:
        begin(self, *given, **(settings | options))

    KernelManager.__init__ = begin_off_ports
