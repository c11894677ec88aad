"""Make many reports: decide what has to be made, make it, move it in place when whole, note it in the manifest."""

from __future__ import annotations

import contextlib
import datetime as dt
import math
import shutil
import time
from collections import Counter
from collections.abc import Generator, Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Protocol, Self

from resilience_analysis.batch.folder import (
    INDEX,
    LOGS,
    Manifest,
    commit,
    describe,
    note,
    place,
    read_manifest,
    remove,
    working_in,
    write_manifest,
)
from resilience_analysis.batch.local import look_over, prepared, run_orders
from resilience_analysis.batch.processes import Starter, undisturbed
from resilience_analysis.batch.stale import (
    DATA_PART,
    Decision,
    Depends,
    bases,
    decide,
    in_order,
    input_digests,
    package_version,
)  # fmt: skip
from resilience_analysis.batch.tasks import (
    FILES,
    Application,
    Failure,
    Order,
    Outcome,
    Record,
    Settings,
    Task,
    as_record,
)
from resilience_analysis.foundation.project import Project


@dataclass(frozen=True)
class Work:
    """What there is to do in a folder."""

    decisions: Sequence[Decision]  # one per task
    manifest: Manifest  # what is known of the folder
    inputs: Mapping[str, str]  # SHA-256 of everything that reports are made of
    bases: Mapping[str, Mapping[str, str]]  # per notebook what its reports rest on
    depends: Depends  # gives the digest of all data that a report can show

    @property
    def to_make(self) -> list[Decision]:
        """What has to be made."""
        return [decision for decision in self.decisions if decision.make]


class Listener(Protocol):
    """Hears how a batch goes."""

    def begin(self, work: Work) -> None:
        """Hear what there is to do."""

    def done(self, outcome: Outcome) -> None:
        """Take in the result of one report."""


class ReportMaker:
    """Makes reports of notebooks for one application: the door of the engine.

    What it has prepared to make reports is kept for the next batch until it is closed; use it with ``with``.

    Parameters
    ----------
    application
        What is made of notebooks, which kinds of reports there are, and what to import and load beforehand.

    Examples
    --------
    >>> from resilience_analysis.batch.tasks import Application, Product
    >>> words = Product((".txt",), lambda executed: (executed.task.title.encode(),))
    >>> with ReportMaker(Application({"words": words})) as maker:
    ...     sorted(maker.application.products)
    ['words']
    """

    def __init__(self, application: Application) -> None:
        self.application = application
        self._kept: tuple[Any, Starter] | None = None

    def __enter__(self) -> Self:
        """Use it until the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """End the process that reports are forked from."""
        if self._kept is not None:
            self._kept[1].close()
            self._kept = None

    def find_work(self, project: Project, tasks: Sequence[Task], settings: Settings) -> Work:
        """Find out what has to be made; nothing is loaded for it unless data changed.

        Parameters
        ----------
        project
            Where notebooks and data are.
        tasks
            The reports that are wanted.
        settings
            Where they come, and which of them to make.

        Returns
        -------
        Work
            A decision per task, with its reason; those beyond `settings.limit` are left out.
        """
        notebooks = sorted({task.notebook for task in tasks})
        inputs = input_digests(project, notebooks)
        rest_on = bases(project, inputs, notebooks)

        def depends(task: Task) -> str:
            return self.application.dependence(project, task) or rest_on[task.notebook][DATA_PART]

        manifest = read_manifest(settings.out)
        if settings.only_failed:
            tasks = [task for task in tasks if manifest.reports.get(task.stem, {}).get("failure")]
        names, force = self.application.file_names, settings.force
        decisions = decide(tasks, manifest, settings.out, bases=rest_on, depends=depends, file_names=names, force=force)
        place = count()  # of what is made: beyond a limit it is left out
        most = math.inf if settings.limit is None else settings.limit
        chosen = [decision for decision in decisions if not decision.make or next(place) < most]
        return Work(chosen, manifest, inputs, rest_on, depends)

    def run(self, project: Project, tasks: Sequence[Task], settings: Settings, *, listener: Listener) -> list[Outcome]:
        """Make the reports that have to be made.

        Parameters
        ----------
        project
            Where notebooks and data are.
        tasks
            The reports that are wanted.
        settings
            Where they come, how they are made, and what each may take.
        listener
            Hears what there is to do, and of each report that is done.

        Returns
        -------
        list of Outcome
            One per report that was made or failed, in the order in which they were finished.

        Raises
        ------
        FolderInUseError
            When another batch works in the folder.
        UsageError
            When a notebook does not have a parameter it would be given.
        InputError
            When a notebook or the data cannot be used.
        """
        project = replace(project, root=project.root.resolve())
        settings = replace(settings, out=settings.out.absolute())  # notebooks run in their own folder
        with working_in(settings.out) as scratch:
            work = self.find_work(project, tasks, settings)
            listener.begin(work)
            results = ResultFolder(project, settings, work)
            server = self._server(project, work)
            try:
                with contextlib.closing(self._outcomes(project, work, settings, scratch, server)) as found:
                    for outcome in found:
                        with undisturbed():
                            listener.done(results.add(outcome, scratch))
                        if results.disk_full:  # the others would fail as well
                            break
            finally:
                with contextlib.suppress(*[OSError] * results.disk_full):  # it is said once
                    results.finish()
                    if results.outcomes or not (settings.out / INDEX).is_file():
                        index = partial(self.application.index, project, settings.out, work.manifest.reports)
                        index() if server is None else server.call(index)
        return results.outcomes

    def _server(self, project: Project, work: Work) -> Starter | None:
        """Return what starts processes for reports, if any is to be made."""
        if not work.to_make:
            return None
        parts = {name: part for basis in work.bases.values() for name, part in basis.items() if name != "notebook"}
        if self._kept is None or self._kept[0] != (project, parts):
            self.close()
            self._kept = (project, parts), prepared(self.application, project)
        return self._kept[1]

    def _outcomes(
        self, project: Project, work: Work, settings: Settings, scratch: Path, server: Starter | None
    ) -> Generator[Outcome]:
        if server is None:
            return
        tasks = [decision.task for decision in work.to_make]
        families: dict[str, Hashable] = server.call(partial(look_over, self.application, project, tasks))
        made = {stem: record for stem, record in work.manifest.reports.items() if not record["failure"]}
        tasks = in_order(tasks, families, {stem: record["seconds"] for stem, record in made.items()})
        if settings.scheduler:
            from resilience_analysis.batch.cluster import make_on_cluster  # noqa: PLC0415 - an extra

            yield from make_on_cluster(self.application, project, tasks, settings, scratch)
            return
        how = (settings.engine, settings.limits)
        orders = [
            Order(task, self.application, project, scratch / task.stem, *how, families.get(task.stem)) for task in tasks
        ]
        yield from run_orders(server, orders, jobs=settings.jobs)


class ResultFolder:
    """Puts finished reports in their place and keeps the manifest."""

    def __init__(self, project: Project, settings: Settings, work: Work) -> None:
        self._out = settings.out
        self._work = work
        self._reasons = {decision.task.stem: decision for decision in work.decisions}
        self._begun = time.monotonic()
        self.outcomes: list[Outcome] = []
        work.manifest.run = {
            "package": package_version(), "commit": commit(project.root), "started": _now(),
            "settings": _plain(settings), "inputs": dict(work.inputs),
        }  # fmt: skip

    @property
    def disk_full(self) -> bool:
        """Whether a report was not made because no room is left on the disk."""
        return any(outcome.failure is not None and outcome.failure.no_room for outcome in self.outcomes[-1:])

    def add(self, outcome: Outcome, scratch: Path) -> Outcome:
        """Put one report in its place and note it; gives the outcome, which is another one when that fails."""
        made = scratch / outcome.task.stem
        before = self._work.manifest.reports.get(outcome.task.stem, {})
        if outcome.failure is None and self._reasons[outcome.task.stem].replaceable:
            outcome = replace(outcome, same=before.get("shown") == outcome.shown)
        files = before.get("files", {})
        if outcome.failure is None and not outcome.same:
            try:
                place(made / FILES, self._out, outcome.files)
                remove(self._out, set(files) - set(outcome.files))
                files = describe(self._out, outcome.files)
            except OSError as error:
                failure = Failure("disk", f"{error.filename}: {error.strerror}")
                outcome = replace(outcome, failure=failure)
        _keep_log(made, self._out / LOGS, outcome)
        shutil.rmtree(made, ignore_errors=True)  # what is left of a failed report takes room that others need
        self._note(outcome, before, files)
        return outcome

    def _note(self, outcome: Outcome, before: Record, files: Mapping[str, Any]) -> None:
        task, failure = outcome.task, outcome.failure
        record: Record = {
            **as_record(task), "made": before["made"] if outcome.same else _now(), "seconds": round(outcome.seconds, 3),
            "memory_mb": outcome.memory_mb, "basis": dict(self._work.bases[task.notebook]),
            "depends": "" if failure is not None else outcome.depends or self._work.bases[task.notebook][DATA_PART],
            "shown": outcome.shown, "files": dict(files), "failure": None if failure is None else asdict(failure),
        }  # fmt: skip
        self._work.manifest.reports[task.stem] = record
        self.outcomes.append(outcome)
        with contextlib.suppress(OSError):  # the manifest at the end says it as well
            note(self._out, task.stem, record)

    def finish(self) -> None:
        """Write the manifest."""
        for decision in self._work.decisions:
            if not decision.make:
                record = self._work.manifest.reports[decision.task.stem]
                record["basis"] = dict(self._work.bases[decision.task.notebook])
        counts = Counter(outcome.state for outcome in self.outcomes)
        self._work.manifest.run |= {
            "finished": _now(), "seconds": round(time.monotonic() - self._begun, 3), "made": counts["made"],
            "same": counts["same"], "failed": counts["failed"],
            "kept": sum(not decision.make for decision in self._work.decisions),
        }  # fmt: skip
        write_manifest(self._out, self._work.manifest)


def _keep_log(made: Path, logs: Path, outcome: Outcome) -> None:
    """Keep what the notebook printed, and the notebook itself when it failed."""
    with contextlib.suppress(OSError):
        logs.mkdir(exist_ok=True)
        log = made / "log.txt"
        with log.open("a", encoding="utf-8") as stream:
            stream.write(f"[{outcome.state}] after {outcome.seconds:.2f} s: {outcome.failure or 'whole'}\n")
        log.replace(logs / f"{outcome.task.stem}.log")
        notebook = logs / f"{outcome.task.stem}.ipynb"
        if outcome.failure is None:
            notebook.unlink(missing_ok=True)  # of an earlier failure
        elif outcome.failure.kind != "disk":  # it would be torn off
            (made / FILES / "notebooks" / notebook.name).replace(notebook)


def _plain(settings: Settings) -> dict[str, Any]:
    return {name: value for name, value in asdict(settings).items() if name != "out"}


def _now() -> str:
    return dt.datetime.now(tz=dt.UTC).isoformat(timespec="seconds")
