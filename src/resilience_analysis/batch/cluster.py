"""Send reports to an existing Dask cluster: its scheduler, its queue, its retries; nothing of our own in between.

Inputs travel once, as an archive in a plugin that Dask installs on every worker there is or will be. Every worker makes
its reports in processes forked from a prepared one beside it, as the worker itself has threads and may not fork.
"""

from __future__ import annotations

import hashlib
import io
import logging
import shutil
import tempfile
import uuid
import zipfile
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from distributed import Client, Future, WorkerPlugin, as_completed, get_worker

from resilience_analysis.batch.local import make_one, prepared
from resilience_analysis.batch.stale import code_digest, library_versions, package_version
from resilience_analysis.batch.tasks import Application, Failure, Order, Outcome, Settings, Task
from resilience_analysis.foundation.errors import ResilienceError, UsageError
from resilience_analysis.foundation.project import MARKER, Project

AHEAD = 3
"""So many reports are under way per thread of the cluster: enough that none waits, few enough to hold the results."""
CONNECT = 10  # seconds
RETRIES = 2
_TIMELESS = (1980, 1, 1, 0, 0, 0)
_LOST = (
    "the scheduler at {} is lost, or has dropped the work. What is finished is whole; the same command makes the rest"
)


class ClusterError(ResilienceError, RuntimeError):
    """A cluster cannot be used."""


@dataclass(frozen=True)
class Delivery:
    """The result of a report that was made elsewhere."""

    outcome: Outcome
    contents: dict[str, bytes] = field(default_factory=dict)
    """Every file of the folder it was made in, by path relative to it; empty when it was made where we see it."""


class ReportPlugin(WorkerPlugin):
    """What a worker needs to make the reports of a batch: the inputs, and the process they are forked from.

    They are made in a `shared` folder that the client sees too, or where there is none, their files are sent back.
    """

    def __init__(self, archive: Archive, application: Application, shared: Path | None) -> None:
        self.name = f"resilience-{uuid.uuid4()}"
        self._archive = archive
        self._application = application
        self._shared = shared

    def setup(self, worker: Any) -> None:
        """Lay out the inputs on a worker and start its process."""
        self._folder = Path(worker.local_directory)
        self._project = unpack(self._archive, self._folder)
        self._server = prepared(self._application, self._project)

    def teardown(self, worker: Any) -> None:  # noqa: ARG002 - as Dask calls it
        """End the process."""
        self._server.close()

    def make(self, order: Order) -> Delivery:
        """Make one report on this worker; the project and folder of its order are those of the client."""
        stem, order = order.task.stem, replace(order, project=self._project)
        if self._shared is not None:
            shutil.rmtree(self._shared / stem, ignore_errors=True)  # what a worker that died has left there
            return Delivery(make_one(self._server, replace(order, folder=self._shared / stem)))
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            outcome = make_one(self._server, replace(order, folder=Path(folder) / stem))
            made = [path for path in sorted((Path(folder) / stem).rglob("*")) if path.is_file()]
            return Delivery(outcome, {path.relative_to(folder).as_posix(): path.read_bytes() for path in made})


def make_remotely(order: Order, plugin: str) -> Delivery:
    """Make one report on the worker that this is called on."""
    installed = get_worker().plugins[plugin]
    assert isinstance(installed, ReportPlugin)
    return installed.make(order)


def facts() -> dict[str, str]:
    """Return what a report depends on besides its inputs: versions of this package, its code and the libraries."""
    return {
        "resilience-analysis": package_version(),
        "its code": code_digest(),
        **library_versions(),
    }


def make_on_cluster(
    application: Application, project: Project, tasks: Sequence[Task], settings: Settings, scratch: Path
) -> Generator[Outcome]:
    """Make reports on a cluster; yields the result of each as soon as it is known.

    Raises
    ------
    ClusterError
        When there is no scheduler at the address, it has no workers, these have other versions, or it is lost.
    """
    archive = pack(project, sorted({task.notebook for task in tasks}))
    plugin = ReportPlugin(archive, application, scratch if settings.shared else None)
    with _silent(), connected(settings.scheduler) as client:
        check_workers(client)
        client.register_plugin(plugin)
        try:
            orders = [Order(task, application, project, Path(), settings.engine, settings.limits) for task in tasks]
            for order, future in _finished(client, orders, plugin.name):
                yield _received(order.task, future, scratch)
                future.release()
        except CancelledError as error:
            raise ClusterError(_LOST.format(settings.scheduler)) from error
        finally:
            if client.status == "running":
                client.unregister_worker_plugin(plugin.name)


@contextmanager
def _silent() -> Iterator[None]:
    """Keep Dask's client from printing what is raised as well."""
    log = logging.getLogger("distributed.client")
    before = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(before)


def _finished(client: Client, orders: Sequence[Order], plugin: str) -> Generator[tuple[Order, Future[Delivery]]]:
    """Submit orders, never more than so many ahead, and yield each with its future when that is done."""
    waiting = iter(orders)
    under_way: dict[Any, Order] = {}

    def begin(count: int) -> list[Future[Delivery]]:
        begun = []
        for order in islice(waiting, count):
            key = f"{order.task.stem}-{uuid.uuid4()}"
            begun.append(client.submit(make_remotely, order, plugin, key=key, retries=RETRIES, pure=False))
            under_way[key] = order
        return begun

    done = as_completed(begin(AHEAD * max(1, sum(client.nthreads().values()))), loop=client.loop)
    for future in done:
        done.update(begin(1))
        yield under_way.pop(future.key), future


def _received(task: Task, future: Future[Delivery], scratch: Path) -> Outcome:
    """Take in the result of a report; one whose workers died time and again has failed.

    Raises
    ------
    CancelledError
        When the scheduler is lost, or has dropped the work.
    """
    try:
        delivery: Delivery = future.result()
    except CancelledError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a cluster comes up with, it concerns this report alone
        return Outcome(task, failure=Failure("killed", f"not made by the cluster: {type(error).__name__}: {error}"))
    for name, content in delivery.contents.items():
        path = scratch / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return delivery.outcome


def connected(address: str) -> Client:
    """Return a client of the scheduler at an address.

    Raises
    ------
    ClusterError
        When none answers.
    UsageError
        When it is not an address.
    """
    try:
        return Client(address, timeout=CONNECT, set_as_default=False)
    except ValueError as error:
        raise UsageError(
            f"{address!r} is not the address of a scheduler ({error}). Give one, such as tcp://host:8786"
        ) from error
    except OSError as error:
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


@dataclass(frozen=True)
class Archive:
    """The inputs of a project."""

    content: bytes  # a ZIP archive of the files, by their paths in the project
    example: bool  # whether it is the project with invented examples
    digest: str  # SHA-256 of the archive: the same inputs give the same


def pack(project: Project, notebooks: Iterable[str]) -> Archive:
    """Put what reports are made of into an archive: definitions, tables, the list of sources and the notebooks."""
    files = [path for path in project.processed.iterdir() if path.is_file()]
    files += sorted(project.definitions.glob("*.yml"))
    files += [project.root / MARKER, *(project.notebooks / name for name in notebooks)]
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(files):
            packed.writestr(zipfile.ZipInfo(path.relative_to(project.root).as_posix(), _TIMELESS), path.read_bytes())
    content = stream.getvalue()
    return Archive(content, project.example, hashlib.sha256(content).hexdigest())


def unpack(archive: Archive, folder: Path) -> Project:
    """Lay out an archive as a project below a folder, in a place of its own content; once, however often asked."""
    root = folder / f"resilience-{archive.digest[:16]}"
    if not root.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(dir=folder))
        with zipfile.ZipFile(io.BytesIO(archive.content)) as packed:
            packed.extractall(making)
        try:
            making.rename(root)
        except OSError:  # another process was faster
            shutil.rmtree(making)
    return Project(root.resolve(), archive.example)
