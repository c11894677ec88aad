"""Commands on the data: build, lock, freeze, fetch, list, check, and explore."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from resilience_analysis.foundation.terminal import complain, note, say, show_table

SHOWN_MOVES = 20


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(build)
    app.command(name="list")(list_municipalities)
    app.command()(check)
    app.command()(lock)
    app.command()(freeze)
    app.command()(fetch)
    app.command()(explore)


def build() -> None:
    """Make data/processed from data/raw: check the locks, read, derive, score; say what changed."""
    from resilience_analysis.build import build as build_tables
    from resilience_analysis.foundation.project import find_project

    project = find_project()
    built = build_tables(project)
    report = built.tables.join_report
    coverage = report.groupby("source")["with_value"].agg(["min", "max"]).reset_index()
    total = int(report["municipalities"].iloc[0])
    coverage.columns = [f"source (of {total} municipalities)", "fewest with a value", "most"]
    show_table(coverage)
    say(f"Written: {', '.join(built.files)}." if built.files else "Nothing changed.")
    if built.moved is not None and len(built.moved):
        say(f"{len(built.moved)} scores changed:")
        show_table(built.moved.head(SHOWN_MOVES).round(2))
    elif built.moved is not None and built.files:
        say("No score changed.")


def list_municipalities(
    region: Annotated[
        str, typer.Option(help="A group of regions.yml, or codes separated by commas", show_default="all")
    ] = "",
) -> None:
    """List the municipalities in scope with their data coverage."""
    from resilience_analysis.notebook import coverage_table

    table = coverage_table(region)
    show_table(table.round(0))
    say(f"{len(table)} municipalities")


def check() -> None:
    """Say everything that is wrong with definitions, raw data, tables and notebooks, in one list."""
    from resilience_analysis.checks import all_problems
    from resilience_analysis.foundation.project import find_project

    problems = all_problems(find_project())
    for problem in problems:
        complain(str(problem))
    if problems:
        note(f"{len(problems)} problems")
        raise typer.Exit(1)
    say("Nothing is wrong.")


def lock(
    sources: Annotated[list[str] | None, typer.Argument(help="Names in data/raw/sources.yml; all when none")] = None,
) -> None:
    """Accept raw files as they are now."""
    from resilience_analysis.data.catalogue import read_catalogue, select
    from resilience_analysis.data.lock import accept
    from resilience_analysis.foundation.project import find_project

    folder = find_project().raw
    catalogue = read_catalogue(folder)
    names = [select(catalogue, name).name for name in sources or catalogue]
    changed = accept(folder, catalogue, names)
    for file, sizes in changed.items():
        say(f"Accepted: {file} ({sizes})")
    if not changed:
        say("Nothing changed.")


def freeze() -> None:
    """Freeze the goalposts on today's data; every score moves with them."""
    from resilience_analysis.build import freeze_goalposts
    from resilience_analysis.foundation.project import find_project

    moved = freeze_goalposts(find_project(), today=dt.datetime.now(tz=dt.UTC).date())
    if not len(moved):
        say("The goalposts are as they were.")
        return
    show_table(moved)
    say(f"{len(moved)} goalposts moved. Rebuild with: resilience build")


def fetch(
    source: Annotated[
        str | None, typer.Argument(help="Name in data/raw/sources.yml; without it, what can be fetched")
    ] = None,
    address: Annotated[str | None, typer.Option(help="Take the file from here instead of the publisher's page")] = None,
) -> None:
    """Refresh a raw file from its publisher; never needed for the default run."""
    from resilience_analysis.data.catalogue import read_catalogue, select
    from resilience_analysis.data.fetch import fetch_source, fetchable
    from resilience_analysis.foundation.project import find_project

    folder = find_project().raw
    catalogue = read_catalogue(folder)
    if source is None:
        say("Can be fetched: " + ", ".join(fetchable(catalogue)))
        return
    change = fetch_source(folder, select(catalogue, source), address=address)
    say(change)


def explore() -> None:
    """Open JupyterLab on the notebooks."""
    import subprocess
    import sys

    from resilience_analysis.foundation.project import find_project

    folder = find_project().notebooks
    command = [sys.executable, "-m", "jupyter", "lab", f"--ServerApp.root_dir={folder}"]
    raise typer.Exit(subprocess.run(command, check=False).returncode)  # noqa: S603 - our own interpreter
