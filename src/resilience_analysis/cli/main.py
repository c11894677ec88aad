"""The command ``resilience``: collects the commands and reports what goes wrong in one voice.

Exit codes: 0 done, 1 something failed (what was finished is kept and named), 2 wrong use.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from resilience_analysis.foundation.errors import ResilienceError
from resilience_analysis.foundation.terminal import complain, say, trace, write_whatever_the_terminal_knows

_OF_PEOPLE = tuple(Path(__file__).parents[1] / room for room in ("survey", "self_assessment"))
_WITHHELD = "(its words are left out: they may hold what a person answered)"


def app_for(arguments: Sequence[str] = ()) -> typer.Typer:
    """Return the application with the commands that some arguments may mean: up to the room that has it, or all.

    What the others would import takes longer than finding out that nothing is to be made.
    """
    app = typer.Typer(
        name="resilience",
        help="Survey and open data turned into resilience scores, and a profile for every municipality.",
        epilog="With --debug anywhere, an error shows its traceback. Exit codes: 0 done, 1 something failed, "
        "2 wrong use.",
        invoke_without_command=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(start)
    rooms = ("cli.data", "cli.reports", "composite.command", "survey.command")
    for room in rooms:
        import_module(f"resilience_analysis.{room}").register(app)
        if arguments and arguments[0] in _commands(app):
            break
    return app


def _commands(app: typer.Typer) -> set[str]:
    """Return the names of the commands that an application has so far."""
    groups = {group.name for group in app.registered_groups}
    named = (command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands)
    return {name for name in (*named, *groups) if isinstance(name, str)}


def start(
    context: typer.Context,
    *,
    version: Annotated[bool, typer.Option("--version", help="Say which version this is.")] = False,
) -> None:
    """Print the version, or the help where no command is named."""
    if version:
        from importlib.metadata import version as installed

        say(f"resilience-analysis {installed('resilience-analysis')}")
    elif context.invoked_subcommand is None:
        say(context.get_help())


def main() -> NoReturn:
    """Run the command line and exit; a traceback is shown with ``--debug`` only."""
    write_whatever_the_terminal_knows()
    debug = "--debug" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    try:
        app_for(arguments)(arguments, prog_name="resilience")
    except ResilienceError as error:
        _fail(str(error), error.exit_code, debug=debug)
    except OSError as error:
        what = f"{error.filename or 'a file'}: {error.strerror or error}"
        _fail(f"{what}. Check the disk and the permissions", debug=debug)
    except Exception as error:  # noqa: BLE001 - the last to hear of it: a user sees no traceback unless asked for
        what = f"unexpected {type(error).__name__}: {in_words(error)}"
        _fail(f"{what}. Run it again with --debug and report what it shows", debug=debug)
    sys.exit(0)


def _fail(message: str, code: int = 1, *, debug: bool) -> NoReturn:
    """Print what went wrong, below its traceback when asked for, and exit."""
    error = sys.exception() if debug else None
    if error:
        trace(traced(error))
    complain(message)
    sys.exit(code)


def in_words(error: BaseException) -> str:
    """Return the words of an error, or none where code that handles answers of people raised it.

    An error that is raised on purpose says no such thing; of one that was not foreseen, such as pandas' "could not
    convert string to float: ...", that is not known.
    """
    return str(error) if isinstance(error, ResilienceError) or not _of_people(error) else _WITHHELD


def traced(error: BaseException) -> str:
    """Return the traceback of an error and of those it comes from, in the words that `in_words` leaves."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    before = f"{traced(cause)}\nand from that:\n\n" if cause else ""
    frames = "".join(traceback.format_tb(error.__traceback__))
    return f"{before}Traceback (most recent call last):\n{frames}{type(error).__name__}: {in_words(error)}\n"


def _of_people(error: BaseException) -> bool:
    files = [frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)]
    return any(Path(name).is_relative_to(room) for name in files for room in _OF_PEOPLE)
