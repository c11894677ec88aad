"""The commands that make a project of one's own, and the page of all its places."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from resilience_analysis.cli.reports import Languages, Out, chosen_languages
from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.foundation.terminal import note, say


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(new)
    app.command()(site)


def new(
    folder: Annotated[Path, typer.Argument(help="The folder to make.")],
    *,
    data: Annotated[Path | None, typer.Option(help="CSV or XLSX: a row per place, or per place and year.")] = None,
    boundaries: Annotated[Path | None, typer.Option(help="GeoJSON, GeoPackage or shapefile of the places.")] = None,
    code: Annotated[str, typer.Option(help="Column with the codes of the places.", show_default="found")] = "",
    label: Annotated[str, typer.Option(help="Column with their names.", show_default="found")] = "",
    year: Annotated[int | None, typer.Option(help="Year of a table without a column year.")] = None,
    crs: Annotated[str, typer.Option(help="Reference system of boundaries that do not say theirs.")] = "",
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
            folder, data, boundaries, code=code, label=label, year=year, crs=crs, metadata=metadata, wanted=wanted,
            name=name,
        )  # fmt: skip
        for sentence in assumed:
            note(f"assumed: {sentence}")
    say(f"Made {folder}. Next: cd {folder}, then resilience build, then resilience profiles")


def site(*, languages: Languages = None, out: Out = None) -> None:
    """Write a page of all places that opens from a file: a map of any figure, places side by side, and a table."""
    from resilience_analysis.foundation.project import find_project
    from resilience_analysis.reports.site import write_site

    project = find_project()
    pages = write_site(project, (out or project.reports).absolute(), chosen_languages(languages, project))
    for page in pages:
        say(f"Open {page}")
