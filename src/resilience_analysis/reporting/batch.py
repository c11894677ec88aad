"""Make many reports: each in a folder of its own, moved in place when whole, and noted in the manifest."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from resilience_analysis.project import Project
from resilience_analysis.reporting.digests import data_mark, input_digests
from resilience_analysis.reporting.manifest import Manifest, package_facts, read_manifest, write_manifest
from resilience_analysis.reporting.parameters import check_parameters
from resilience_analysis.reporting.produce import Order, ReportError, produce
from resilience_analysis.reporting.tasks import Failure, Outcome, Task, as_record

SCRATCH = ".making"


@dataclass(frozen=True)
class Settings:
    """How a batch is run.

    Attributes
    ----------
    out
        Folder of reports.
    engine
        One of `produce.ENGINES`.
    """

    out: Path
    engine: str


def run_batch(
    project: Project, tasks: list[Task], settings: Settings, *, report: Callable[[Outcome], None]
) -> list[Outcome]:
    """Make reports, and give what came of each in the order they were finished.

    Parameters
    ----------
    project
        Where notebooks and data are.
    tasks
        What to make.
    settings
        How.
    report
        Called with every outcome when it is known.

    Raises
    ------
    UsageError
        When a notebook does not have a parameter it would be given.
    """
    for notebook in dict.fromkeys(task.notebook for task in tasks):
        names = {name for task in tasks if task.notebook == notebook for name in task.parameters}
        check_parameters(project.notebooks / notebook, sorted(names))
    manifest = read_manifest(settings.out)
    manifest.run = _run_facts(project, tasks, settings)
    mark = data_mark(manifest.run["inputs"])
    outcomes = []
    try:
        for task in tasks:
            outcome = make_report(project, task, settings, mark=mark)
            manifest.reports[task.stem] = _record(outcome)
            outcomes.append(outcome)
            report(outcome)
    finally:
        shutil.rmtree(settings.out / SCRATCH, ignore_errors=True)
        _finish(manifest, outcomes, settings)
    return outcomes


def make_report(project: Project, task: Task, settings: Settings, *, mark: str) -> Outcome:
    """Make one report; what goes wrong is in the outcome."""
    folder = settings.out / SCRATCH / task.stem
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    started = time.monotonic()
    outcome = Outcome(task)
    try:
        files = produce(Order(task, mark, project.notebooks, folder, settings.engine))
        place(folder, settings.out, files)
        outcome = replace(outcome, files=files)
    except ReportError as error:
        outcome = replace(outcome, failure=error.failure)
    except OSError as error:
        outcome = replace(outcome, failure=Failure("disk", f"{error.filename or folder}: {error.strerror or error}"))
    return replace(outcome, seconds=time.monotonic() - started)


def place(folder: Path, out: Path, names: Iterable[str]) -> None:
    """Move finished files to where they are read."""
    for name in names:
        target = out / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (folder / name).replace(target)


def _record(outcome: Outcome) -> dict[str, Any]:
    failure = outcome.failure
    return {
        **as_record(outcome.task),
        "files": dict(outcome.files),
        "made": _now(),
        "seconds": round(outcome.seconds, 3),
        "failure": None if failure is None else vars(failure),
    }


def _run_facts(project: Project, tasks: list[Task], settings: Settings) -> dict[str, Any]:
    notebooks = sorted({task.notebook for task in tasks})
    return {
        **package_facts(project),
        "started": _now(),
        "engine": settings.engine,
        "inputs": input_digests(project, notebooks),
    }


def _finish(manifest: Manifest, outcomes: list[Outcome], settings: Settings) -> None:
    failed = sum(outcome.failure is not None for outcome in outcomes)
    manifest.run |= {"finished": _now(), "made": len(outcomes) - failed, "failed": failed}
    write_manifest(settings.out, manifest)


def _now() -> str:
    return dt.datetime.now(tz=dt.UTC).isoformat(timespec="seconds")
