"""The command ``resilience``: collects the commands and reports what goes wrong in one voice.

Exit codes: 0 done, 1 something failed (what was finished is kept and named), 2 wrong use.
"""

from __future__ import annotations

import sys
from typing import NoReturn

import typer

from resilience_analysis.cli import data, profiles, score, survey
from resilience_analysis.cli.output import complain
from resilience_analysis.errors import ResilienceError

app = typer.Typer(
    name="resilience",
    help="Survey and open data turned into resilience scores, and a profile for every municipality.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
data.register(app)
profiles.register(app)
score.register(app)
survey.register(app)


def main() -> NoReturn:
    """Run the command line and exit; a traceback is shown with ``--debug`` only."""
    debug = "--debug" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    try:
        app(arguments, prog_name="resilience")
    except ResilienceError as error:
        if debug:
            raise
        complain(str(error))
        sys.exit(error.exit_code)
    except OSError as error:
        if debug:
            raise
        complain(f"{error.filename or 'a file'}: {error.strerror or error}. Check the disk and the permissions")
        sys.exit(1)
    except Exception as error:
        if debug:
            raise
        complain(f"unexpected {type(error).__name__}: {error}. Run it again with --debug and report what it shows")
        sys.exit(1)
    sys.exit(0)
