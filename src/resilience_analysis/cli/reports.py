"""The commands that make reports: their options, how they run and end, and the progress they show."""

from __future__ import annotations

import contextlib
import inspect
import os
import re
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from resilience_analysis.batch.folder import INDEX, LOGS
from resilience_analysis.cli.data import Languages, Out, chosen_languages, split_list
from resilience_analysis.foundation.errors import ResilienceError, UsageError, unknown
from resilience_analysis.foundation.terminal import complain, note, say, show_rows
from resilience_analysis.reports.kinds import KINDS, ReportKind

if TYPE_CHECKING:
    from resilience_analysis.batch.batches import Work
    from resilience_analysis.batch.tasks import Outcome, Task

UNREADABLE = "The manifest of this folder is of another version: everything is made again."
_COLUMNS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())


class BatchProgress:
    """Hears how a batch goes and shows it on standard error, until it is closed."""

    def __init__(self) -> None:
        self.tasks: list[Task] = []  # what was asked for
        self.outcomes: list[Outcome] = []  # the result of each report so far
        self.total = self.kept = 0  # how many are made, and how many are as they should be
        self.stopped = False  # whether somebody stopped it
        self._begun = time.monotonic()
        self._bar: Progress | None = None
        self._task = TaskID(0)

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._bar is not None:
            self._bar.stop()

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self._begun

    def begin(self, work: Work) -> None:
        """Print how much there is to do."""
        self.tasks = [decision.task for decision in work.decisions]
        self.total = len(work.to_make)
        self.kept = len(work.decisions) - self.total
        if work.manifest.unreadable:
            note(UNREADABLE)
        note(f"{self.total} reports to make, {self.kept} are as they should be")
        console = Console(stderr=True, emoji=False)
        if self.total and console.is_terminal:
            # no thread of its own that draws it: processes are forked from this one
            self._bar = Progress(*_COLUMNS, console=console, auto_refresh=False, transient=True)
            self._bar.start()
            self._task = self._bar.add_task("loading", total=self.total)
            self._bar.refresh()

    def done(self, outcome: Outcome) -> None:
        """Show the result of one report."""
        self.outcomes.append(outcome)
        if self._bar is None:
            self._line(outcome)
            return
        self._bar.update(self._task, advance=1, description=outcome.task.stem)
        if outcome.failure is not None:
            self._bar.console.print(f"{outcome.task.stem} failed: {outcome.failure}", markup=False, style="red")
        self._bar.refresh()

    def _line(self, outcome: Outcome) -> None:
        count, name = f"[{len(self.outcomes)}/{self.total}]", outcome.task.stem
        if outcome.failure is None:
            what = "shows the same" if outcome.same else "made"
            note(f"{count} {name} {what} in {outcome.seconds:.2f} s")
        else:
            complain(f"{count} {name} failed: {outcome.failure}")


if TYPE_CHECKING:
    from resilience_analysis.batch.tasks import Outcome, Settings, Task
    from resilience_analysis.foundation.project import Project


ALWAYS = ("html", "csv")
NAMED = 12
"""At most so many reports are named at the end."""
SLOWEST = 3
CHOICES = ("nis", "region", "everything", "comparator")
"""Options that only some kinds have: what to choose from, and what to compare with."""

Formats = Annotated[
    list[str] | None, typer.Option("--format", help="html or html,pdf (after `make pdf`).", show_default="html")
]
Jobs = Annotated[int | None, typer.Option(min=1, help="Reports made at once.", show_default="the number of processors")]
EngineName = Annotated[
    str, typer.Option("--engine", help="warm: processes forked from a prepared one; papermill: a kernel each.")
]
Scheduler = Annotated[str, typer.Option(help="Address of a Dask scheduler to send the work to.", show_default=False)]
Shared = Annotated[bool, typer.Option("--shared", help="The workers of the cluster see the folder of reports.")]
Seconds = Annotated[float, typer.Option("--timeout", min=0.1, help="Seconds a report may take.")]
Megabytes = Annotated[float, typer.Option("--memory", min=1, help="Megabytes of its own a report may hold.")]
Force = Annotated[bool, typer.Option("--force", help="Make everything, whatever is there.")]
OnlyFailed = Annotated[bool, typer.Option("--only-failed", help="Only what failed before.")]
Most = Annotated[int | None, typer.Option("--limit", min=1, help="Make so many at the most.", show_default=False)]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be made and why, and make nothing.")]


def _check_where(out: Path, scheduler: str, *, shared: bool) -> None:
    """Refuse a folder, or a cluster, that reports cannot be made in (`UsageError`)."""
    if shared and not scheduler:
        raise UsageError("--shared is about the workers of a cluster: give its --scheduler too, or leave out --shared")
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/", str(out)):
        raise UsageError(f"--out {out}: reports are written to a folder of this machine. Copy them from there")
    if scheduler and find_spec("distributed") is None:
        remedy = "Install it with: pip install 'resilience-analysis[cluster]'"
        raise UsageError(f"--scheduler needs the package distributed. {remedy}")
    if scheduler and not re.fullmatch(r"([a-z]+://)?[^/\s]+:\d+", scheduler):
        raise UsageError(f"{scheduler!r} is not an address of a scheduler, such as tcp://10.0.0.1:8786")


def _products(given: Sequence[str] | None) -> list[str]:
    """Return the forms of report to make: always HTML and its figures, and what else is asked for and can be made."""
    from resilience_analysis.reports.kinds import application

    asked = split_list(given, kind="format", known=list(application().products))
    if "pdf" in asked:
        from resilience_analysis.batch.pdf import check_engine

        check_engine()
    return list(dict.fromkeys([*ALWAYS, *asked]))


def _make_reports(project: Project, tasks: Sequence[Task], settings: Settings, *, dry_run: bool) -> None:
    """Make reports, or say what would be made; show the progress and the results; exit with 1 where one failed."""
    if dry_run:
        _say_what_would_be_made(project, tasks, settings)
        return
    from resilience_analysis.batch.batches import ReportMaker
    from resilience_analysis.reports.kinds import application

    broken_off: ResilienceError | None = None
    with contextlib.closing(BatchProgress()) as progress, _stoppable():
        try:
            with ReportMaker(application()) as maker:
                maker.run(project, tasks, settings, listener=progress)
        except KeyboardInterrupt:
            progress.stopped = True
        except ResilienceError as error:
            if not progress.outcomes:
                raise
            broken_off = error
    _tell_results(settings.out, progress)
    if broken_off is not None:
        raise broken_off
    if progress.stopped or any(outcome.failure is not None for outcome in progress.outcomes):
        raise typer.Exit(1)


def _say_what_would_be_made(project: Project, tasks: Sequence[Task], settings: Settings) -> None:
    """Print which reports would be made, and why."""
    from resilience_analysis.batch.batches import ReportMaker
    from resilience_analysis.reports.kinds import application

    work = ReportMaker(application()).find_work(project, tasks, settings)
    if work.manifest.unreadable:
        note(UNREADABLE)
    for decision in work.to_make:
        say(f"{decision.task.stem}: {decision.reason}")
    say(f"{len(work.to_make)} would be made, {len(work.decisions) - len(work.to_make)} are as they should be")


def _tell_results(out: Path, progress: BatchProgress) -> None:
    """Print a summary: counts, the slowest, every failure, and what to open."""
    outcomes = progress.outcomes
    counts = Counter(outcome.state for outcome in outcomes)
    rows = [("made", counts["made"]), ("made again, the same", counts["same"]), ("kept", progress.kept)]
    rows += [("failed", counts["failed"])]
    slowest = sorted(outcomes, key=lambda outcome: -outcome.seconds)[:SLOWEST]
    named = ", ".join(f"{outcome.task.stem} {outcome.seconds:.2f} s" for outcome in slowest)
    summary = [(name, str(count)) for name, count in rows if count] + [("slowest", named)] * bool(named)
    show_rows(["reports", f"in {progress.seconds:.1f} s"], summary)
    full = [outcome for outcome in outcomes if outcome.failure is not None and outcome.failure.no_room]
    for outcome in outcomes:
        if outcome.failure is not None and outcome not in full:  # that was said when it happened
            _tell_failure(out, outcome)
    left = progress.total - sum(outcome.failure is None for outcome in outcomes)
    if full:
        note(f"No room is left there. Make some; the same command makes the {left} others.")
    elif progress.stopped:
        count = progress.total - len(outcomes)  # none when it is stopped while it finds out what there is
        others = f"the {count} others" if count else "the others"
        note(f"Stopped. What is finished is whole; the same command makes {others}.")
    _say_what_to_open(out, progress)


def _tell_failure(out: Path, outcome: Outcome) -> None:
    complain(f"{outcome.task.stem} failed: {outcome.failure}")
    assert outcome.failure is not None
    for line in outcome.failure.output.splitlines():
        note(f"    {line}")
    note(f"    see {_from_here(out / LOGS / outcome.task.stem)}.log")


def _say_what_to_open(out: Path, progress: BatchProgress) -> None:
    from resilience_analysis.reports.kinds import application

    named = application().file_names
    there = [name for task in progress.tasks for name in named(task) if (out / name).is_file()]
    shown = [name for name in there if not name.endswith(".ipynb")]
    if (out / INDEX).is_file():
        say(f"Open {_from_here(out / INDEX)}")
    elif len(shown) > NAMED:
        say(f"Open {_from_here(out / shown[0])} and {len(shown) - 1} others beside it")
    else:
        for name in shown:
            say(f"Open {_from_here(out / name)}")


def _from_here(path: Path) -> str:
    """Write a path relative to the current folder, when it lies below it."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """Let a request to end stop the batch as Ctrl-C does: cleanly."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def register(app: typer.Typer) -> None:
    """Add a command for every kind of report."""
    for kind in KINDS.values():
        app.command(kind.command, help=kind.help)(command_of(kind))


def make(
    named: list[str] | None = None,
    *,
    kind: ReportKind,
    nis: Annotated[list[str] | None, typer.Option(help="A code, name or group; more can follow.")] = None,
    region: Annotated[
        str,
        typer.Option(help="A group of regions.yml, or codes separated by commas.", show_default="that of project.yml"),
    ] = "",
    everything: Annotated[bool, typer.Option("--all", help="Every municipality.")] = False,
    comparator: Annotated[
        str, typer.Option(help="What each is compared with: a group, or codes.", show_default="the region")
    ] = "",
    languages: Languages = None,
    formats: Formats = None,
    out: Out = None,
    jobs: Jobs = None,
    engine: EngineName = "warm",
    scheduler: Scheduler = "",
    shared: Shared = False,
    timeout: Seconds = 300,
    memory: Megabytes = 2000,
    force: Force = False,
    only_failed: OnlyFailed = False,
    limit: Most = None,
    dry_run: DryRun = False,
) -> None:
    """Make reports of a kind, see `ReportKind.help`."""
    from resilience_analysis.batch.tasks import ENGINES, Limits, Settings
    from resilience_analysis.foundation.project import find_project
    from resilience_analysis.reports.kinds import Wanted, remembered

    project = find_project()
    folder = out or project.reports
    if engine not in ENGINES:
        raise UsageError(unknown("engine", engine, ENGINES))
    _check_where(folder, scheduler, shared=shared)
    settings = Settings(
        folder.absolute(), engine=engine, jobs=jobs or _processors(), limits=Limits(timeout, memory), force=force,
        only_failed=only_failed, limit=limit, scheduler=scheduler, shared=shared,
    )  # fmt: skip
    wanted = Wanted([*(nis or []), *(named or [])], region, comparator, everything)
    kinds = {"languages": chosen_languages(languages, project), "products": _products(formats)}
    tasks = remembered(
        project, {"kind": kind.name, **asdict(wanted), **kinds},
        lambda: kind.tasks(kind.about.choose(project, wanted), **kinds),
    )  # fmt: skip
    _make_reports(project, tasks, settings, dry_run=dry_run)


def command_of(kind: ReportKind) -> Callable[..., None]:
    """Return the command of a kind of report: `make` with the options that the kind has."""
    signature = inspect.signature(make, eval_str=True)
    left_out = {"kind", *CHOICES} - set(kind.about.options)
    what, default = kind.about.named
    argument = Annotated[list[str] | None, typer.Argument(help=what, show_default=default)]
    parameters = [
        given.replace(annotation=argument) if name == "named" else given
        for name, given in signature.parameters.items()
        if name not in left_out
    ]
    command: Any = partial(make, kind=kind)
    command.__signature__ = signature.replace(parameters=parameters)
    command.__annotations__ = {given.name: given.annotation for given in parameters}
    command.__name__ = kind.command
    return command  # type: ignore[no-any-return]
