"""The command that writes the page of all places."""

from __future__ import annotations

import typer

from resilience_analysis.cli.reports import Languages, Out, chosen_languages
from resilience_analysis.foundation.terminal import say


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(site)


def site(*, languages: Languages = None, out: Out = None) -> None:
    """Write a page of all places that opens from a file: a map of any figure, places side by side, and a table."""
    from resilience_analysis.foundation.project import find_project
    from resilience_analysis.reports.site import write_site

    project = find_project()
    pages = write_site(project, (out or project.reports).absolute(), chosen_languages(languages, project))
    for page in pages:
        say(f"Open {page}")
