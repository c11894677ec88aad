"""The command line: the only place that prints, and that turns errors into exit codes."""

from resilience_analysis.cli.main import app, main

__all__ = ["app", "main"]
