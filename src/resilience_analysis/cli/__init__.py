"""The command line: the only place that prints, and that turns errors into exit codes."""

from __future__ import annotations

import os
from typing import NoReturn

STOPPED = 130
"""Exit code of a program that Ctrl-C has ended."""


def main() -> NoReturn:
    """Run the command line and exit; Ctrl-C ends it quietly, while it is still being imported too."""
    try:
        from resilience_analysis.cli.main import main as run

        run()
    except KeyboardInterrupt:
        os._exit(STOPPED)
