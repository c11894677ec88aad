"""Commands that make a project and its tables: new, build, lock, freeze, fetch, list, check, explore, and site."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from resilience_analysis.foundation.terminal import complain, note, say, show_table

if TYPE_CHECKING:
    import pandas as pd

    from resilience_analysis.foundation.project import Project

Languages = Annotated[
    list[str] | None,
    typer.Option("--lang", help="Languages of the project, as nl,en or repeated.", show_default="its first"),
]
Out = Annotated[Path | None, typer.Option("--out", help="Folder of the reports.", show_default="reports")]
SHOWN_MOVES = 20
MANY = 2000
"""Of so many places `build` keeps what profiles share: reading and pooling them takes longer than a first page."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(name="list")(list_municipalities)
    for command in (build, check, lock, freeze, fetch, template, schemas, explore, new, site):
        app.command()(command)


def _project() -> Project:
    from resilience_analysis.foundation.project import find_project

    return find_project()


def build() -> None:
    """Make data/processed from data/raw: check the locks, read, derive, score; say what changed."""
    from resilience_analysis.build import build as build_tables

    project = _project()
    built = build_tables(project)
    report = built.tables.join_report
    coverage = report.groupby("source")["with_value"].agg(["min", "max"]).reset_index()
    total = int(report["municipalities"].iloc[0])
    coverage.columns = [f"source (of {total} municipalities)", "fewest with a value", "most"]
    show_table(coverage)
    for standing in built.notes:
        note(standing)
    say(f"Written: {', '.join(built.files)}." if built.files else "Nothing changed.")
    if built.moved is not None and len(built.moved):
        _show_scores(built.moved, "changed")
    elif built.moved is not None and built.files:
        say("No score changed.")
    if total >= MANY:
        from resilience_analysis.reports.content import keep_ahead

        keep_ahead(project, built.tables)


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


def check(
    *, todo: Annotated[bool, typer.Option("--todo", help="Say what could be filled in next instead.")] = False
) -> None:
    """Print everything that is wrong with definitions, raw data, tables and notebooks, in one list."""
    if todo:
        _say_todo()
        return
    from resilience_analysis.checks import all_problems
    from resilience_analysis.foundation.errors import told

    problems = all_problems(_project())
    for line in told(problems):
        complain(line)
    if problems:
        note(f"{len(problems)} problem{'s' * (len(problems) > 1)}")
        raise typer.Exit(1)
    say("Nothing is wrong.")


def _say_todo() -> None:
    from resilience_analysis.data.processed import read_table
    from resilience_analysis.indicators.framework import load_framework
    from resilience_analysis.profiles.next_steps import to_do

    project = _project()
    empty = {name: read_table(project.processed, name).empty for name in ("housing", "process")}
    answered = not read_table(project.processed, "estimates").empty
    for line in to_do(project, load_framework(project.definitions), answered=answered, empty=empty):
        say(line)


def lock(
    sources: Annotated[list[str] | None, typer.Argument(help="Names in data/raw/sources.yml; all when none")] = None,
) -> None:
    """Accept raw files as they are now; say how large they were and are, and which scores move."""
    from resilience_analysis.data.catalogue import accept, read_catalogue, select

    project = _project()
    catalogue = read_catalogue(project.raw)
    names = [select(catalogue, name).name for name in sources or catalogue]
    changed = accept(project.raw, catalogue, names)
    for file, sizes in changed.items():
        say(f"Accepted: {file} ({sizes})")
    if changed:
        _say_preview(project)
    else:
        say("Nothing changed.")


def _say_preview(project: Project) -> None:
    """Print which scores move with the raw files as they are, or why that cannot be said."""
    from resilience_analysis.build import preview
    from resilience_analysis.foundation.errors import InputError

    try:
        moved = preview(project)
    except InputError as error:
        note(f"Which scores move cannot be said yet: {error}")
        return
    if moved is None:
        note("There are no scores yet: make them with resilience build.")
    elif len(moved):
        _show_scores(moved, "move")
    else:
        say("No score moves.")


def freeze(
    indicators: Annotated[
        list[str] | None, typer.Argument(help="Codes in definitions/framework.yml; all when none")
    ] = None,
) -> None:
    """Freeze the goalposts on today's data, of all indicators or of some; their scores move with them."""
    from resilience_analysis.build import freeze_goalposts

    moved = freeze_goalposts(_project(), today=dt.datetime.now(tz=dt.UTC).date(), only=indicators)
    if not len(moved):
        say("The goalposts are as they were.")
        return
    show_table(moved)
    say(f"{len(moved)} goalposts moved. Rebuild with: resilience build")


def fetch(
    source: Annotated[
        str | None, typer.Argument(help="Name in data/raw/sources.yml; without it, what can be fetched from an address")
    ] = None,
    file: Annotated[str | None, typer.Argument(help="The publisher's file, or another address of it")] = None,
    year: Annotated[int | None, typer.Option(help="The year of all rows, of a file that does not say it")] = None,
) -> None:
    """Refresh a raw file from its publisher's file; say what is new and which scores would move."""
    from resilience_analysis.data.catalogue import read_catalogue, select
    from resilience_analysis.data.fetch import fetch_source
    from resilience_analysis.geography.boundaries import place_of

    project = _project()
    catalogue = read_catalogue(project.raw)
    if source is None:
        known = [name for name, entry in catalogue.items() if entry.recipe and entry.recipe.address]
        say(f"Can be fetched from its publisher: {', '.join(known) or 'nothing'}.")
        say(f"From a file that you downloaded: {', '.join(name for name in catalogue if name not in known)}.")
        return
    fetched = fetch_source(
        project.raw, catalogue, select(catalogue, source), file=file, year=year, place=place_of(project.settings)
    )
    say(fetched.said)
    if fetched.changed:
        _say_preview(project)


def _show_scores(moved: pd.DataFrame, what: str) -> None:
    """Show scores that changed; of a long list the first, with how many there are."""
    cut = f"; the first {SHOWN_MOVES}" if len(moved) > SHOWN_MOVES else ""
    say(f"Scores that {what}: {len(moved)}{cut}")
    show_table(moved.head(SHOWN_MOVES).round(2))


def template(
    register: Annotated[str, typer.Argument(help="woonprojecten or proces")],
    out: Annotated[Path | None, typer.Option(help="The workbook; named after the register if not given")] = None,
) -> None:
    """Write an empty register as a workbook with drop-down lists, to be filled in by hand."""
    from resilience_analysis.data.catalogue import read_catalogue, source_of_format
    from resilience_analysis.data.register_words import LOCAL_FILE, read_words
    from resilience_analysis.data.registers import write_template
    from resilience_analysis.foundation.tables import read_rows

    project = _project()
    words = read_words(project.definition(LOCAL_FILE))
    listed = source_of_format(read_catalogue(project.raw), "municipalities")
    names = sorted(read_rows(project.raw / listed.file, columns=["name"])["name"]) if listed else []
    path = out or Path(f"{register}.xlsx")
    write_template(path, register, words, names)
    say(f"{path} written. Fill it in, save it below data/raw/local, and name it in definitions/{LOCAL_FILE}.")


def schemas() -> None:
    """Write the JSON Schemas by which an editor completes the definitions."""
    from resilience_analysis.checks import write_editor_files

    changed = write_editor_files(_project())
    say(f"Written: {', '.join(changed)}." if changed else "Nothing changed.")


def explore(
    *, page: Annotated[bool, typer.Option("--page", help="Open the explorer as a page of its own, in Voila.")] = False
) -> None:
    """Open JupyterLab on the notebooks, or the explorer as a page."""
    import os
    import subprocess
    import sys

    from resilience_analysis.explorer import page_command

    folder = _project().notebooks
    command = [sys.executable, "-m", "jupyter", "lab", f"--ServerApp.root_dir={folder}"]
    added: dict[str, str] = {}
    if page:
        command, added = page_command(folder)
    done = subprocess.run(command, check=False, env={**os.environ, **added})  # noqa: S603 - our own interpreter
    raise typer.Exit(done.returncode)


def new(
    folder: Annotated[Path, typer.Argument(help="The folder to make.")],
    *,
    data: Annotated[Path | None, typer.Option(help="CSV or XLSX: a row per place, or per place and year.")] = None,
    boundaries: Annotated[Path | None, typer.Option(help="GeoJSON, GeoPackage or shapefile of the places.")] = None,
    code: Annotated[str, typer.Option(help="Column with the codes of the places.", show_default="found")] = "",
    label: Annotated[str, typer.Option(help="Column with their names.", show_default="found")] = "",
    year: Annotated[int | None, typer.Option(help="Year of a table without a column year.")] = None,
    crs: Annotated[str, typer.Option(help="Reference system of boundaries that do not say theirs.")] = "",
    sheet: Annotated[str, typer.Option(help="Sheet of a workbook.", show_default="the first")] = "",
    metadata: Annotated[
        Path | None,
        typer.Option(help="Table of indicators: indicator, label, dimension, direction, unit, weight, source."),
    ] = None,
    languages: Annotated[str, typer.Option("--lang", help="Languages of the reports, as nl,en.")] = "nl",
    name: Annotated[
        str, typer.Option(help="What all places together are called.", show_default="that of the folder")
    ] = "",
    example: Annotated[str, typer.Option(help="Copy an example instead: neteland.", show_default=False)] = "",
) -> None:
    """Make a project of your own from a table of indicators and boundaries, or from an example."""
    from resilience_analysis.foundation.errors import UsageError
    from resilience_analysis.starter.making import new_example, new_project

    if example:
        if data is not None or boundaries is not None:
            raise UsageError("--example copies an example: leave out --data and --boundaries")
        new_example(folder, example)
    elif data is None or boundaries is None:
        raise UsageError("--data and --boundaries are needed: a table of indicators, and where its places lie")
    else:
        wanted = tuple(dict.fromkeys(part.strip() for part in languages.split(",") if part.strip()))
        assumed = new_project(
            folder, data, boundaries, code=code, label=label, year=year, crs=crs, sheet=sheet, metadata=metadata,
            wanted=wanted, name=name,
        )  # fmt: skip
        for sentence in assumed:
            note(f"assumed: {sentence}")
    say(f"Made {folder}. Next: cd {folder}, then resilience build, then resilience profiles")


def site(*, languages: Languages = None, out: Out = None) -> None:
    """Write a page of all places that opens from a file: a map of any figure, places side by side, and a table."""
    from resilience_analysis.reports.site import write_site

    project = _project()
    for page in write_site(project, (out or project.reports).absolute(), chosen_languages(languages, project)):
        say(f"Open {page}")


def chosen_languages(given: Sequence[str] | None, project: Project) -> list[str]:
    """Return the languages asked for, the project's first when none is; raise `UsageError` for one it has not."""
    from resilience_analysis.foundation.texts import languages

    known = [language for language in project.settings.languages if language in languages()]
    return split_list(given, kind="language", known=known) or known[:1]


def split_list(values: Sequence[str] | None, *, kind: str = "", known: Sequence[str] = ()) -> list[str]:
    """Take options that may be repeated or hold commas apart; raise `UsageError` for one that is not known."""
    from resilience_analysis.foundation.errors import UsageError, unknown

    parts = (part.strip() for value in values or () for part in value.split(","))
    found = list(dict.fromkeys(part for part in parts if part))
    for part in found:
        if known and part not in known:
            raise UsageError(unknown(kind, part, known))
    return found
