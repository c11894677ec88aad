"""Reports made on a Dask cluster of two worker processes, one of which is killed in the middle."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.batch.lab import LABORATORY, Heard, Lab, marked, task, write_notebook

from resilience_analysis.batch import cluster
from resilience_analysis.batch.cluster import ClusterError, ReportPlugin, check_workers, pack
from resilience_analysis.batch.folder import read_manifest
from resilience_analysis.batch.tasks import Order, Settings, Task
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


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str, str]]:
    """A scheduler with a worker, both processes of their own; its address, and a mark of all that they start."""
    mark, found = f"scheduler-{os.getpid()}", tmp_path / "scheduler.json"
    commands = [["scheduler", "--port", "0"], ["worker", "--nthreads", "2"]]
    options = ["--no-dashboard", "--scheduler-file", str(found)]
    given: Any = {"env": {**os.environ, "MARK": mark}, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with contextlib.ExitStack() as stack:
        lines = [[sys.executable, "-m", "dask", *command, *options] for command in commands]
        started = [stack.enter_context(subprocess.Popen(line, **given)) for line in lines]
        try:
            while not (found.is_file() and found.read_text(encoding="utf-8")):
                time.sleep(0.05)
            address = json.loads(found.read_text(encoding="utf-8"))["address"]
            with distributed.Client(address, set_as_default=False) as client:
                client.wait_for_workers(1)
            yield started[0], address, mark
        finally:
            for process in started:
                process.kill()


def test_a_scheduler_lost_in_mid_batch_ends_it_once_and_what_was_made_is_kept(
    lab: Lab, scheduler: tuple[subprocess.Popen[bytes], str, str], workshop: Project, tmp_path: Path
) -> None:
    process, address, mark = scheduler
    heard, out = Heard(), tmp_path / "out"

    def kill() -> None:
        while not heard.outcomes:
            time.sleep(0.05)
        process.kill()

    threading.Thread(target=kill).start()
    with pytest.raises(ClusterError, match=f"the scheduler at {address} is lost"):
        lab.listen(heard, workshop, ten(workshop, 0.5), Settings(out, scheduler=address))
    reports = read_manifest(out).reports
    assert 0 < len(heard.outcomes) < 10
    assert sorted(reports) == sorted(heard.states)
    assert all((out / name).is_file() for record in reports.values() for name in record["files"])
    assert not (out / ".making").exists()
    assert marked(mark, patience=60) == []  # a worker finds out by itself that its scheduler is gone
    assert len(lab(workshop, ten(workshop, 0.5), Settings(out, jobs=2)).outcomes) >= 10 - len(reports)
    assert len(list(out.glob("?.nl.html"))) == 9


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


def test_what_is_not_an_address_is_a_wrong_value(monkeypatch):
    def no_client(address, **_):
        raise ValueError(f"missing port number in address {address!r}")

    monkeypatch.setattr(cluster, "Client", no_client)
    with pytest.raises(ValueError, match="'nonsense' is not the address of a scheduler") as refused:
        cluster.connected("nonsense")
    assert refused.value.exit_code == 2


def test_a_cluster_without_workers_is_refused() -> None:
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=":0", silence_logs=50) as empty,
        distributed.Client(empty, set_as_default=False) as client,
        pytest.raises(ClusterError, match="the cluster has no workers"),
    ):
        check_workers(client)
