"""The command line: the only place that prints, and that turns errors into exit codes."""

from __future__ import annotations

import os

TYPE_CHECKING = False  # see the package: nothing is imported here that takes time
if TYPE_CHECKING:
    from typing import NoReturn

STOPPED = 130
"""Exit code of a program that Ctrl-C has ended."""


def main() -> NoReturn:
    """Run the command line and exit; Ctrl-C ends it quietly, while it is still being imported too."""
    try:
        import signal

        raised = signal.getsignal(signal.SIGINT) is signal.default_int_handler
        if raised:  # while Python imports, what is raised can get lost
            signal.signal(signal.SIGINT, lambda *_: os._exit(STOPPED))
        from resilience_analysis.cli.main import main as run

        if raised:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        run()
    except KeyboardInterrupt:
        os._exit(STOPPED)
