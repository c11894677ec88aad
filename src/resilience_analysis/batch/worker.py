"""What a worker of a Dask cluster does: unpack the inputs once, make reports in a prepared process beside it."""

from __future__ import annotations

import multiprocessing
import queue
import shutil
import tempfile
import threading
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from distributed import get_worker

from resilience_analysis.batch.bundle import Bundle, unpack
from resilience_analysis.batch.digests import code_digest, library_versions, package_version
from resilience_analysis.batch.kinds import Order
from resilience_analysis.batch.pool import Lane
from resilience_analysis.batch.tasks import Outcome

_LOCK = threading.Lock()


@dataclass(frozen=True)
class Delivery:
    """What came of a report that was made elsewhere.

    Attributes
    ----------
    contents
        Every file of the folder it was made in, by path relative to it; empty when it was made where we see it.
    """

    outcome: Outcome
    contents: dict[str, bytes] = field(default_factory=dict)


def facts() -> dict[str, str]:
    """Say what a report depends on besides its inputs: versions of this package, its code and the libraries."""
    return {
        "resilience-analysis": package_version(),
        "its code": code_digest(),
        **library_versions(),
    }


def make_remotely(order: Order, bundle: Bundle, shared: Path | None) -> Delivery:
    """Make one report on a worker.

    Parameters
    ----------
    order
        What to make; its project and folder are those of the client.
    bundle
        The inputs.
    shared
        Folder to make it in that the client sees too; None to send the files back.
    """
    here, stem = Path(get_worker().local_directory), order.task.stem
    order = replace(order, project=unpack(bundle, here))
    if shared is not None:
        shutil.rmtree(shared / stem, ignore_errors=True)  # what a worker that died has left there
        return Delivery(_make(replace(order, folder=shared / stem)))
    with tempfile.TemporaryDirectory(dir=here) as folder:
        outcome = _make(replace(order, folder=Path(folder) / stem))
        made = [path for path in sorted((Path(folder) / stem).rglob("*")) if path.is_file()]
        return Delivery(outcome, {path.relative_to(folder).as_posix(): path.read_bytes() for path in made})


def _make(order: Order) -> Outcome:
    with _LOCK:
        lanes = _lanes(get_worker().state.nthreads)
    lane = lanes.get()
    try:
        return lane.make(order)
    finally:
        lanes.put(lane)


@cache
def _lanes(count: int) -> queue.SimpleQueue[Lane]:
    """Return the prepared processes of this worker, one per thread; started when the first report comes."""
    # dask starts its workers in a way that forbids children of their own, as it would leave them behind when it kills
    # a worker; ours end when their parent does
    multiprocessing.current_process().daemon = False
    lanes: queue.SimpleQueue[Lane] = queue.SimpleQueue()
    for _ in range(count):
        lanes.put(Lane())
    return lanes
