"""What holds for tests and notebooks alike."""

from __future__ import annotations

import os
import socket
from itertools import cycle
from typing import Any

import pytest
from jupyter_client.connect import LocalPortCache
from tests.changed_rows import changed_rows

WHOLE = ("loadfile", "no")
"""Ways to share out tests that keep the cells of a notebook together."""
BELOW = range(10_000, 32_000)
"""Ports that no system hands to a connection by itself."""


def port_for_a_kernel(_: LocalPortCache, ip: str) -> int:
    """Return a free port below those that connections get.

    A kernel binds its ports some time after they were found free. Of the usual ones another connection of the tests may
    get one in between, and then the kernel dies and the other connection waits for ever.
    """
    return next(port for port in PORTS if _is_free(ip, port))


def _is_free(ip: str, port: int) -> bool:
    with socket.socket() as tried:
        try:
            tried.bind((ip, port))
        except OSError:
            return False
    return True


PORTS = cycle([*BELOW[os.getpid() * 97 % len(BELOW) :], *BELOW[: os.getpid() * 97 % len(BELOW)]])


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to run the cells of one notebook in several processes: they would not know each other's names."""
    LocalPortCache.find_available_port = port_for_a_kernel  # type: ignore[method-assign]
    notebooks = config.getoption("nbval", default=False)
    if notebooks and config.getoption("numprocesses", default=None) and config.getoption("dist") not in WHOLE:
        raise pytest.UsageError("the cells of a notebook belong together: add --dist loadfile, or leave out -n")


def pytest_itemcollected(item: Any) -> None:
    """Let nbval name the rows in which a cell shows something else than is kept."""
    tell = getattr(item, "format_output_compare", None)
    if tell is None:
        return

    def tell_with_rows(key: str, before: Any, now: Any) -> None:
        tell(key, before, now)
        item.comparison_traceback += [f"  {line}" for line in changed_rows(str(before), str(now))]

    item.format_output_compare = tell_with_rows
