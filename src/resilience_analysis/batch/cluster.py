"""Send reports to an existing Dask cluster: its scheduler, its queue, its retries; nothing of our own in between.

Inputs travel by content, as one archive that every worker unpacks once. Every worker makes its reports in a prepared
process beside it, as the worker itself has threads and may not fork.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Generator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from distributed import Client, Future, as_completed

from resilience_analysis.batch.bundle import pack
from resilience_analysis.batch.kinds import Application, Order
from resilience_analysis.batch.tasks import Failure, Outcome, Settings, Task
from resilience_analysis.batch.worker import Delivery, facts, make_remotely
from resilience_analysis.foundation.errors import ResilienceError
from resilience_analysis.foundation.project import Project

AHEAD = 3
"""So many reports are under way per thread of the cluster: enough that none waits, few enough to hold the results."""
CONNECT = 10  # seconds
RETRIES = 2


class ClusterError(ResilienceError):
    """A cluster cannot be used."""


def make_on_cluster(
    application: Application, project: Project, tasks: Sequence[Task], settings: Settings, scratch: Path
) -> Generator[Outcome]:
    """Make reports on a cluster; yields the result of each as soon as it is known.

    Raises
    ------
    ClusterError
        When there is no scheduler at the address, it has no workers, or these have other versions.
    """
    bundle = pack(project, sorted({task.notebook for task in tasks}))
    with _connected(settings.scheduler) as client:
        check_workers(client)
        inputs = client.scatter(bundle, broadcast=True)
        shared = scratch if settings.shared else None

        def submit(task: Task) -> Future[Delivery]:
            order = Order(task, application, project, Path(), settings.engine, settings.limits)
            future: Future[Delivery] = client.submit(
                make_remotely, order, inputs, shared, key=f"{task.stem}-{uuid.uuid4()}", retries=RETRIES, pure=False
            )
            return future

        ahead = AHEAD * max(1, sum(client.nthreads().values()))
        for task, future in _finished(client, tasks, submit, ahead=ahead):
            yield _received(task, future, scratch)
            future.release()


def _finished(
    client: Client, tasks: Sequence[Task], submit: Callable[[Task], Future[Delivery]], *, ahead: int
) -> Generator[tuple[Task, Future[Delivery]]]:
    """Submit tasks, never more than so many ahead, and give each with its future when that is done."""
    waiting = iter(tasks)
    under_way: dict[Any, Task] = {}

    def begin(count: int) -> list[Future[Delivery]]:
        begun = [(submit(task), task) for task in islice(waiting, count)]
        under_way.update({future.key: task for future, task in begun})
        return [future for future, _ in begun]

    done = as_completed(begin(ahead), loop=client.loop)
    for future in done:
        done.update(begin(1))
        yield under_way.pop(future.key), future


def _received(task: Task, future: Future[Delivery], scratch: Path) -> Outcome:
    """Take in what came of a report; one whose workers died time and again has failed."""
    try:
        delivery: Delivery = future.result()
    except Exception as error:  # noqa: BLE001 - whatever a cluster comes up with, it concerns this report alone
        return Outcome(task, failure=Failure("killed", f"not made by the cluster: {type(error).__name__}: {error}"))
    for name, content in delivery.contents.items():
        path = scratch / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return delivery.outcome


def _connected(address: str) -> Client:
    try:
        return Client(address, timeout=CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterError(f"no scheduler answers at {address} ({error}). Start one with: dask scheduler") from error


def check_workers(client: Client) -> None:
    """Refuse workers that would make other reports than we do (`ClusterError`)."""
    if not client.nthreads():
        raise ClusterError("the cluster has no workers. Start some with: dask worker ADDRESS")
    try:
        found = client.run(facts)
    except Exception as error:
        raise ClusterError(f"a worker lacks this package or has another version of it ({error})") from error
    own = facts()
    lines = [
        f"{address}: {name} is {theirs.get(name) or 'missing'}, here {version or 'missing'}"
        for address, theirs in sorted(found.items())
        for name, version in own.items()
        if theirs.get(name) != version
    ]
    if lines:
        raise ClusterError("\n".join(["workers have other versions; install the same on all:", *lines]))
