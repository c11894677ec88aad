"""The commands that make reports, one for each kind of report (see `reports.kinds`)."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Annotated, Any

import typer

from resilience_analysis.cli import reports
from resilience_analysis.reports.kinds import KINDS
from resilience_analysis.reports.plan import ReportKind


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
    languages: reports.Languages = None,
    formats: reports.Formats = None,
    out: reports.Out = None,
    jobs: reports.Jobs = None,
    engine: reports.EngineName = "warm",
    scheduler: reports.Scheduler = "",
    shared: reports.Shared = False,
    timeout: reports.Seconds = 300,
    memory: reports.Megabytes = 2000,
    force: reports.Force = False,
    only_failed: reports.OnlyFailed = False,
    limit: reports.Most = None,
    dry_run: reports.DryRun = False,
) -> None:
    """Make reports of a kind, see `ReportKind.help`."""
    from resilience_analysis.foundation.project import find_project
    from resilience_analysis.reports.plan import Wanted
    from resilience_analysis.reports.remembered import remembered

    project = find_project()
    settings = reports.settings(
        out or project.reports, engine=engine, jobs=jobs, scheduler=scheduler, shared=shared, seconds=timeout,
        megabytes=memory, force=force, only_failed=only_failed, limit=limit,
    )  # fmt: skip
    wanted = Wanted([*(nis or []), *(named or [])], region, comparator, everything)
    kinds = {"languages": reports.chosen_languages(languages, project), "products": reports.chosen_products(formats)}
    if not dry_run:
        with contextlib.suppress(OSError):  # named when reports are made
            settings.out.mkdir(parents=True, exist_ok=True)
    tasks = remembered(
        project, settings.out, {"kind": kind.name, **asdict(wanted), **kinds},
        lambda: kind.tasks(kind.about.choose(project, wanted), **kinds),
    )  # fmt: skip
    reports.make_reports(project, tasks, settings, dry_run=dry_run)


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


CHOICES = ("nis", "region", "everything", "comparator")
"""Options that only some kinds have: what to choose from, and what to compare with."""
