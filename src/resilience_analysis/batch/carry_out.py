"""What a process does that was forked to make one report: make it, and tell how far it is and what came of it."""

from __future__ import annotations

import os
import random
import resource
import sys
import traceback
from dataclasses import asdict

import numpy as np
import psutil
from nbclient.exceptions import DeadKernelError

from resilience_analysis.batch.children import Event, Tell
from resilience_analysis.batch.digests import text_digest
from resilience_analysis.batch.kinds import Order
from resilience_analysis.batch.produce import ReportError, produce
from resilience_analysis.batch.tasks import Failure
from resilience_analysis.batch.watch import end_descendants
from resilience_analysis.foundation.project import EXAMPLE_VARIABLE, ROOT_VARIABLE

_ACCOUNTS = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes, of the system's own account of memory
_MEGABYTE = 1_000_000


def carry_out(order: Order, tell: Tell) -> None:
    """Make a report and tell: every cell as it begins, at last what was made or why it was not.

    Parameters
    ----------
    order
        What to make.
    tell
        Takes an event. The last one has ``files`` and ``shown`` (see `produce`) or ``failure``, and ``megabytes``.
    """
    last = _made_or_failed(order, tell)
    end_descendants()
    tell(last | {"megabytes": round(most_memory() / _MEGABYTE, 1)})


def _made_or_failed(order: Order, tell: Tell) -> Event:
    cell = 0

    def on_cell(number: int) -> None:
        nonlocal cell
        cell = number
        tell({"cell": number})

    try:
        _lead_output_to_log(order)
        os.environ[ROOT_VARIABLE] = str(order.project.root)
        os.environ[EXAMPLE_VARIABLE] = "1" if order.project.example else "0"
        sow(order)
        return produce(order, on_cell=on_cell)
    except ReportError as error:
        return {"failure": asdict(error.failure)}
    except DeadKernelError:
        return {"failure": asdict(Failure("killed", "its session ended before the notebook did", cell))}
    except OSError as error:
        return {"failure": asdict(Failure("disk", f"{error.filename or order.folder}: {error.strerror or error}"))}
    except Exception as error:  # noqa: BLE001 - whatever it is, it concerns this report alone
        traceback.print_exc()
        return {"failure": asdict(Failure("exception", f"{type(error).__name__}: {error}"))}


def _lead_output_to_log(order: Order) -> None:
    """Let nothing that this process or a kernel of it prints reach the terminal."""
    order.files.mkdir(parents=True)
    with order.log.open("a", encoding="utf-8") as log:
        log.write(f"{order.task.title}: {order.task.notebook} with {dict(order.task.parameters)}\n")
        log.flush()
        for number in (1, 2):
            os.dup2(log.fileno(), number)


def sow(order: Order) -> None:
    """Seed the random numbers from the parameters: every fork would otherwise draw the same, and every run others."""
    seed = int(text_digest(str(sorted(order.task.parameters.items())))[:8], 16)
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - the global state is what notebooks use


def most_memory() -> int:
    """Return the most bytes of its own that this process held, or that a process it started and waited for held at all.

    Its own is what it shares with nobody, copies of pages it was forked with and has written to among them. The system
    keeps no account of the most of that: what this process held more at its peak than now counts as its own.
    """
    now = psutil.Process().memory_full_info()
    most, of_others = (resource.getrusage(who).ru_maxrss * _UNIT for who in _ACCOUNTS)
    return int(max(now.uss + max(0, most - now.rss), of_others))
