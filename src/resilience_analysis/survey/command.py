"""The commands ``resilience survey ...``: ask, import, check, estimate, compare, and make example data."""

from __future__ import annotations

import typer

from resilience_analysis.survey import command_estimate, command_import

survey = typer.Typer(
    help="The self-assessment: ask, import, check, estimate.", no_args_is_help=True, pretty_exceptions_enable=False
)
survey.add_typer(command_import.APP)
survey.add_typer(command_estimate.APP)


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(survey, name="survey")
