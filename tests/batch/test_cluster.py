"""Reports made on a Dask cluster of two worker processes, one of which is killed in the middle."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.batch.lab import LABORATORY, Heard, Lab, task, write_notebook

from resilience_analysis.batch import cluster
from resilience_analysis.batch.cluster import ClusterError, ReportPlugin, check_workers, pack
from resilience_analysis.batch.kinds import Order
from resilience_analysis.batch.tasks import Settings, Task
from resilience_analysis.foundation.project import Project

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def workers() -> Iterator[distributed.LocalCluster]:
    options = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": ":0"}
    with distributed.LocalCluster(**options, silence_logs=50) as started:
        yield started


def ten(project: Project, seconds: float) -> list[Task]:
    notebook = write_notebook(project, "afar", f"import time\ntime.sleep({seconds})\nassert who != '7'\nprint(who)")
    return [task(notebook, f"{number}.nl", who=str(number)) for number in range(10)]


@pytest.mark.parametrize("shared", [False, True])
def test_reports_come_back_whole_and_failures_with_their_cell(
    lab: Lab, workers: distributed.LocalCluster, workshop: Project, tmp_path: Path, shared: bool
) -> None:
    heard = Heard()
    settings = Settings(tmp_path, scheduler=workers.scheduler_address, shared=shared)
    lab.listen(heard, workshop, ten(workshop, 0), settings)
    assert heard.states == {f"{number}.nl": "failed" if number == 7 else "made" for number in range(10)}
    failure = heard["7.nl"].failure
    assert failure is not None
    assert (failure.kind, failure.cell) == ("exception", 3)
    assert len(list(tmp_path.glob("?.nl.html"))) == 9
    assert len(list((tmp_path / "logs").glob("*.log"))) == 10


@pytest.mark.parametrize("shared", [False, True])
def test_a_worker_that_dies_has_its_reports_made_by_the_other(
    lab: Lab, workers: distributed.LocalCluster, workshop: Project, tmp_path: Path, shared: bool
) -> None:
    victim = next(iter(workers.workers.values())).process.process.pid

    def kill() -> None:
        while not list(tmp_path.glob("?.nl.html")):
            time.sleep(0.05)
        os.kill(victim, signal.SIGKILL)

    threading.Thread(target=kill).start()
    heard = Heard()
    settings = Settings(tmp_path, scheduler=workers.scheduler_address, shared=shared)
    lab.listen(heard, workshop, ten(workshop, 0.3), settings)
    assert heard.states == {f"{number}.nl": "failed" if number == 7 else "made" for number in range(10)}
    with contextlib.suppress(ProcessLookupError):
        os.kill(victim, 0)
        pytest.fail("the worker was not killed")


def test_a_prepared_process_that_is_killed_while_its_worker_is_idle_is_replaced(
    workshop: Project, tmp_path: Path
) -> None:
    name = write_notebook(workshop, "idle", "print(who)")
    plugin = ReportPlugin(pack(workshop, [name]), LABORATORY, None)
    worker = SimpleNamespace(local_directory=str(tmp_path / "worker"))
    orders = [Order(task(name, f"{who}.nl", who=who), LABORATORY, workshop, tmp_path / who, "warm") for who in "ab"]
    plugin.setup(worker)
    try:
        assert plugin.make(orders[0]).outcome.failure is None
        os.kill(plugin._server.pid, signal.SIGKILL)
        delivery = plugin.make(orders[1])
    finally:
        plugin.teardown(worker)
    assert delivery.outcome.failure is None
    assert "b.nl/files/b.nl.html" in delivery.contents


def test_workers_with_other_versions_are_refused_by_name(
    workers: distributed.LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "facts", lambda: {"resilience-analysis": "99", "its code": "other"})
    with distributed.Client(workers, set_as_default=False) as client:
        monkeypatch.setattr(
            client, "run", lambda _: {"tcp://somewhere": {"resilience-analysis": "1", "its code": "other"}}
        )
        with pytest.raises(ClusterError, match="tcp://somewhere: resilience-analysis is 1, here 99"):
            check_workers(client)


def test_an_address_without_a_scheduler_is_refused_in_time(
    lab: Lab, workshop: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "CONNECT", 1)
    with pytest.raises(ClusterError, match=r"no scheduler answers at tcp://127\.0\.0\.1:9"):
        lab(workshop, ten(workshop, 0), Settings(tmp_path, scheduler="tcp://127.0.0.1:9"))


def test_a_cluster_without_workers_is_refused() -> None:
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=":0", silence_logs=50) as empty,
        distributed.Client(empty, set_as_default=False) as client,
        pytest.raises(ClusterError, match="the cluster has no workers"),
    ):
        check_workers(client)
