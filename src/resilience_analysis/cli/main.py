"""The command ``resilience``: collects the commands and reports what goes wrong in one voice.

Exit codes: 0 done, 1 something failed (what was finished is kept and named), 2 wrong use.
"""

from __future__ import annotations

import contextlib
import inspect
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, NoReturn

import typer

from resilience_analysis.cli import reports
from resilience_analysis.foundation.errors import ResilienceError
from resilience_analysis.foundation.terminal import complain, say, trace, write_whatever_the_terminal_knows
from resilience_analysis.reports.kinds import KINDS
from resilience_analysis.reports.plan import ReportKind

_OF_PEOPLE = tuple(Path(__file__).parents[1] / room for room in ("survey", "self_assessment"))
_WITHHELD = "(its words are left out: they may hold what a person answered)"


def app_for(arguments: Sequence[str] = ()) -> typer.Typer:
    """Return the application with the commands that some arguments may mean: those of reports alone, or all.

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
    of_reports = {kind.command for kind in KINDS.values()}
    if not (arguments and arguments[0] in of_reports):
        from resilience_analysis.cli import data, new

        data.register(app)
        new.register(app)
    register_reports(app)
    if not (arguments and arguments[0] in of_reports):
        from resilience_analysis.composite import command as score
        from resilience_analysis.survey import command as survey

        score.register(app)
        survey.register(app)
    return app


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
    files = _files(error.__traceback__)
    return any(Path(name).is_relative_to(room) for name in files for room in _OF_PEOPLE)


def _files(step: TracebackType | None) -> list[str]:
    return [frame.f_code.co_filename for frame, _ in traceback.walk_tb(step)]


def register_reports(app: typer.Typer) -> None:
    """Add a command for every kind of report."""
    for kind in KINDS.values():
        app.command(kind.command, help=kind.help)(command_of(kind))


def make(
    named: list[str] | None = None,
    *,
    kind: ReportKind,
    nis: Annotated[list[str] | None, typer.Option(help="A code, name or group; more can follow.")] = None,
    region: Annotated[
        str,
        typer.Option(help="A group of regions.yml, or codes separated by commas.", show_default="that of project.yml"),
    ] = "",
    everything: Annotated[bool, typer.Option("--all", help="Every municipality.")] = False,
    comparator: Annotated[
        str, typer.Option(help="What each is compared with: a group, or codes.", show_default="the region")
    ] = "",
    languages: reports.Languages = None,
    formats: reports.Formats = None,
    out: reports.Out = None,
    jobs: reports.Jobs = None,
    engine: reports.EngineName = "warm",
    scheduler: reports.Scheduler = "",
    shared: reports.Shared = False,
    timeout: reports.Seconds = 300,
    memory: reports.Megabytes = 2000,
    force: reports.Force = False,
    only_failed: reports.OnlyFailed = False,
    limit: reports.Most = None,
    dry_run: reports.DryRun = False,
) -> None:
    """Make reports of a kind, see `ReportKind.help`."""
    from resilience_analysis.foundation.project import find_project
    from resilience_analysis.reports.kinds import remembered
    from resilience_analysis.reports.plan import Wanted

    project = find_project()
    settings = reports.settings(
        out or project.reports, engine=engine, jobs=jobs, scheduler=scheduler, shared=shared, seconds=timeout,
        megabytes=memory, force=force, only_failed=only_failed, limit=limit,
    )  # fmt: skip
    wanted = Wanted([*(nis or []), *(named or [])], region, comparator, everything)
    kinds = {"languages": reports.chosen_languages(languages, project), "products": reports.chosen_products(formats)}
    if not dry_run:
        with contextlib.suppress(OSError):  # named when reports are made
            settings.out.mkdir(parents=True, exist_ok=True)
    tasks = remembered(
        project, settings.out, {"kind": kind.name, **asdict(wanted), **kinds},
        lambda: kind.tasks(kind.about.choose(project, wanted), **kinds),
    )  # fmt: skip
    reports.make_reports(project, tasks, settings, dry_run=dry_run)


def command_of(kind: ReportKind) -> Callable[..., None]:
    """Return the command of a kind of report: `make` with the options that the kind has."""
    signature = inspect.signature(make, eval_str=True)
    left_out = {"kind", *CHOICES} - set(kind.about.options)
    what, default = kind.about.named
    argument = Annotated[list[str] | None, typer.Argument(help=what, show_default=default)]
    parameters = [
        given.replace(annotation=argument) if name == "named" else given
        for name, given in signature.parameters.items()
        if name not in left_out
    ]
    command: Any = partial(make, kind=kind)
    command.__signature__ = signature.replace(parameters=parameters)
    command.__annotations__ = {given.name: given.annotation for given in parameters}
    command.__name__ = kind.command
    return command  # type: ignore[no-any-return]


CHOICES = ("nis", "region", "everything", "comparator")
"""Options that only some kinds have: what to choose from, and what to compare with."""
