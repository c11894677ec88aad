"""The commands that make reports: ``profiles``, ``region`` and ``villages``."""

from __future__ import annotations

from typing import Annotated

import typer

from resilience_analysis.cli import reports

HELP = """Make the profiles of a region, of single municipalities, or of all.

Only what is missing or has changed is made: the notebook, its parameters, the figures a profile can show, the \
definitions, this package. Reports are HTML files in the folder of reports, with the executed notebooks below it in \
notebooks/, what each printed in logs/, and everything about the run in manifest.json.
"""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(help=HELP)(profiles)
    app.command()(region)
    app.command()(villages)


def profiles(
    municipalities: Annotated[
        list[str] | None, typer.Argument(help="NIS codes or names.", show_default="those of the region")
    ] = None,
    *,
    nis: Annotated[list[str] | None, typer.Option(help="A NIS code or name; more can follow.")] = None,
    region: Annotated[
        str, typer.Option(help="A group of regions.yml, or codes separated by commas.", show_default="neteland")
    ] = "",
    everything: Annotated[bool, typer.Option("--all", help="Every municipality.")] = False,
    comparator: Annotated[
        str, typer.Option(help="What each is held against: a group, or codes.", show_default="the region")
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
    """Make profiles, see `HELP`."""
    from resilience_analysis.foundation.project import find_project
    from resilience_analysis.reports.plan import choose, profile_tasks, read_places

    project = find_project()
    settings = reports.settings(
        out or project.reports, engine=engine, jobs=jobs, scheduler=scheduler, shared=shared, seconds=timeout,
        megabytes=memory, force=force, only_failed=only_failed, limit=limit,
    )  # fmt: skip
    places = read_places(project)
    wanted = [*(nis or []), *(municipalities or [])]
    codes = choose(places, wanted=wanted, region=region, everything=everything)
    tasks = profile_tasks(
        places, codes, region=region, comparator=comparator,
        languages=reports.chosen_languages(languages), products=reports.chosen_products(formats),
    )  # fmt: skip
    reports.make_reports(project, tasks, settings, dry_run=dry_run)


def region(
    names: Annotated[
        list[str] | None, typer.Argument(help="Groups of regions.yml, or codes with commas.", show_default="neteland")
    ] = None,
    *,
    languages: reports.Languages = None,
    formats: reports.Formats = None,
    out: reports.Out = None,
    engine: reports.EngineName = "warm",
    timeout: reports.Seconds = 300,
    memory: reports.Megabytes = 2000,
    force: reports.Force = False,
    dry_run: reports.DryRun = False,
) -> None:
    """Make the report of a region: its municipalities side by side, on the map, and who can learn from whom."""
    from resilience_analysis.foundation.project import find_project
    from resilience_analysis.reports.plan import DEFAULT_REGION, read_places, region_tasks

    project = find_project()
    settings = reports.settings(out or project.reports, engine=engine, seconds=timeout, megabytes=memory, force=force)
    tasks = region_tasks(
        read_places(project), names or [DEFAULT_REGION],
        languages=reports.chosen_languages(languages), products=reports.chosen_products(formats),
    )  # fmt: skip
    reports.make_reports(project, tasks, settings, dry_run=dry_run)


def villages(
    wanted: Annotated[
        list[str] | None, typer.Argument(help="Codes or names.", show_default="those of the region")
    ] = None,
    *,
    region: Annotated[str, typer.Option(help="A group of regions.yml, or codes separated by commas.")] = "neteland",
    languages: reports.Languages = None,
    formats: reports.Formats = None,
    out: reports.Out = None,
    engine: reports.EngineName = "warm",
    timeout: reports.Seconds = 300,
    memory: reports.Megabytes = 2000,
    force: reports.Force = False,
    dry_run: reports.DryRun = False,
) -> None:
    """Make a page for every village that is known: where it lies, and questions to start with."""
    from resilience_analysis.foundation.project import find_project
    from resilience_analysis.reports.plan import choose_villages, read_places, read_villages, village_tasks

    project = find_project()
    settings = reports.settings(out or project.reports, engine=engine, seconds=timeout, megabytes=memory, force=force)
    members = read_places(project).members(region)
    tasks = village_tasks(
        choose_villages(read_villages(project), wanted or [], members),
        languages=reports.chosen_languages(languages), products=reports.chosen_products(formats),
    )  # fmt: skip
    reports.make_reports(project, tasks, settings, dry_run=dry_run)
