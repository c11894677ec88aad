"""The command ``profiles``: a report for each of many municipalities."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from resilience_analysis.cli.output import complain, note, say

if TYPE_CHECKING:
    from resilience_analysis.reporting.tasks import Outcome

INDEX = "index.html"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(profiles)


def profiles(
    municipalities: Annotated[
        list[str] | None, typer.Argument(help="NIS codes or names; the members of the region when none is given")
    ] = None,
    *,
    nis: Annotated[list[str] | None, typer.Option(help="A NIS code or name; can be repeated")] = None,
    region: Annotated[
        str, typer.Option(help="A group of regions.yml, or codes separated by commas  [default: neteland]")
    ] = "",
    everything: Annotated[bool, typer.Option("--all", help="Every municipality of Flanders")] = False,
    lang: Annotated[list[str] | None, typer.Option(help="nl, en, or both: nl,en  [default: nl]")] = None,
    comparator: Annotated[
        str, typer.Option(help="What to hold each against: a group or codes  [default: the region]")
    ] = "",
    formats: Annotated[list[str] | None, typer.Option("--format", help="html  [default: html]")] = None,
    out: Annotated[Path, typer.Option(help="Folder of the reports")] = Path("reports"),
    engine: Annotated[str, typer.Option(help="papermill")] = "papermill",
) -> None:
    """Make the profiles of a region, of single municipalities, or of all."""
    from resilience_analysis.errors import UsageError, unknown
    from resilience_analysis.project import find_project
    from resilience_analysis.reporting.plan import choose, profile_tasks, read_places, split_list
    from resilience_analysis.texts import LOCALES

    languages = split_list(lang, kind="language", known=list(LOCALES)) or ["nl"]
    products = split_list(formats, kind="format", known=["html"]) or ["html"]
    if engine != "papermill":
        raise UsageError(unknown("engine", engine, ["papermill"]))
    project = find_project()
    places = read_places(project)
    codes = choose(places, wanted=[*(nis or []), *(municipalities or [])], region=region, everything=everything)
    group = region or ("" if everything or nis or municipalities else "neteland")
    tasks = profile_tasks(places, codes, region=group, comparator=comparator, languages=languages, products=products)

    from resilience_analysis.reporting.batch import Settings, run_batch

    note(f"{len(tasks)} reports to make")
    finished = 0

    def tell(outcome: Outcome) -> None:
        nonlocal finished
        finished += 1
        count = f"[{finished}/{len(tasks)}]"
        if outcome.failure is None:
            note(f"{count} {outcome.task.stem} made in {outcome.seconds:.1f} s")
        else:
            complain(f"{count} {outcome.task.stem} failed: {outcome.failure}")

    outcomes = run_batch(project, tasks, Settings(out.absolute(), engine), report=tell)
    failed = [outcome for outcome in outcomes if outcome.failure is not None]
    made = [outcome for outcome in outcomes if outcome.failure is None]
    say(f"{len(made)} made, {len(failed)} failed")
    if (out / INDEX).is_file():
        say(f"Open {out / INDEX}")
    elif made:
        for outcome in made:
            say(f"Open {out / outcome.task.stem}.html")
    if failed:
        raise typer.Exit(1)
