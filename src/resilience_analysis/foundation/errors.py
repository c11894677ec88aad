"""What can go wrong, as exceptions that name the file, row, code and the remedy.

The library raises these; only the command line turns them into a message and an exit code.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

Made = TypeVar("Made")
_TOLD_IN_FULL, _FIRST = 5, 3
_VARYING = re.compile(r"'[^']*'|\"[^\"]*\"|-?\d+(?:[.,]\d+)*")
_ROW = re.compile(r"\brow (\d+)")


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with an input."""

    where: str  # the file, row, column or code concerned, such as ``population.csv, row 12, column value``
    what: str  # what is wrong, with the offending value
    remedy: str = ""  # what the reader can do about it; may be empty when `what` says it

    def __str__(self) -> str:
        """Return the problem as one line."""
        line = f"{self.where}: {self.what}"
        stop = "" if line.endswith("?") else "."
        return f"{line}{stop} {self.remedy}" if self.remedy else line


class ResilienceError(Exception):
    """Base of every error this package raises on purpose; `exit_code` is what the command line returns."""

    exit_code = 1


class UsageError(ResilienceError, ValueError):
    """The command or function was called with something it does not know; also a ``ValueError``."""

    exit_code = 2


class InputError(ResilienceError, ValueError):
    """An input cannot be used; carries every problem found in it, not only the first; also a ``ValueError``."""

    def __init__(self, subject: str, problems: Iterable[Problem]) -> None:
        self.subject = subject
        self.problems = tuple(problems)
        count = len(self.problems)
        noun = "problem" if count == 1 else "problems"
        super().__init__("\n".join([f"{subject}: {count} {noun}", *(f"  - {line}" for line in told(self.problems))]))

    def __reduce__(self) -> tuple[type[InputError], tuple[str, tuple[Problem, ...]]]:
        """Let the error cross a process boundary with its problems."""
        return type(self), (self.subject, self.problems)


def refusal(subject: str, what: str, remedy: str = "") -> InputError:
    """Return the error of an input as a whole, with its one fault.

    Examples
    --------
    >>> str(refusal("a.csv", "is empty", "Restore it").problems[0])
    'a.csv: is empty. Restore it'
    """
    return InputError(subject, [Problem(subject, what, remedy)])


def told(problems: Sequence[Problem]) -> list[str]:
    """Return problems as lines, in order; of many of one kind the first few, with a count of the others.

    Problems are of one kind when they are the same but for rows, numbers and what is quoted.

    Examples
    --------
    >>> for line in told([Problem(f"a.csv, row {row}", "'x' is not a number") for row in range(2, 283)]):
    ...     print(line)
    a.csv, row 2: 'x' is not a number
    a.csv, row 3: 'x' is not a number
    a.csv, row 4: 'x' is not a number
    a.csv, rows 5 to 282: 278 more of this kind
    """
    kinds: dict[tuple[str, str, str], list[Problem]] = {}
    for problem in problems:
        kind = (_VARYING.sub("#", problem.where), _VARYING.sub("#", problem.what), _VARYING.sub("#", problem.remedy))
        kinds.setdefault(kind, []).append(problem)
    return [line for alike in kinds.values() for line in _lines(alike)]


def _lines(alike: Sequence[Problem]) -> list[str]:
    if len(alike) <= _TOLD_IN_FULL:
        return [str(problem) for problem in alike]
    more = alike[_FIRST:]
    rows = [found for problem in (more[0], more[-1]) if (found := _ROW.search(problem.where))]
    where = _ROW.split(alike[0].where)[0].removesuffix(", ") if rows else alike[0].where.partition(", ")[0]
    if len(rows) == 2:  # noqa: PLR2004 - the first and the last
        where += f"{', ' if where else ''}rows {rows[0][1]} to {rows[1][1]}"
    return [*(str(problem) for problem in alike[:_FIRST]), f"{where}: {len(more)} more of this kind"]


def raise_if_any(subject: str, problems: Sequence[Problem]) -> None:
    """Raise one `InputError` with all `problems`, or do nothing when there are none."""
    if problems:
        raise InputError(subject, problems)


def refusals(where: str, check: Callable[[], object]) -> list[Problem]:
    """Return what a check refuses: its own problems, or one of a place where it names none.

    Examples
    --------
    >>> def check():
    ...     raise UsageError("no such group")
    >>> [str(problem) for problem in refusals("regions.yml", check)]
    ['regions.yml: no such group']
    """
    try:
        check()
    except ResilienceError as error:
        return [*getattr(error, "problems", [Problem(where, str(error))])]
    return []


def first_per_place(problems: Iterable[Problem]) -> list[Problem]:
    """Keep the first problem of every place, so that a wrong cell is not also reported as a missing one."""
    kept: dict[str, Problem] = {}
    for problem in problems:
        kept.setdefault(problem.where, problem)
    return list(kept.values())


class Faults:
    """Collects the problems of several readings, so that those of all files come back in one message."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def during(self, read: Callable[[], Made]) -> Made:
        """Return what `read` gives; after a fault nothing, which is never used since the problems are raised first."""
        try:
            return read()
        except InputError as error:
            self.problems += error.problems
            return cast("Made", None)


def unknown(kind: str, name: object, known: Iterable[object], *, listed: str = "") -> str:
    """Return the message that `name` is not a known `kind`, with the nearest known one and the sorted list.

    Parameters
    ----------
    listed
        Where all are listed, for a reader whom neither the nearest nor the list helps.

    Returns
    -------
    str
        A sentence for a message; the list is left out where it is longer than 20 names.
    """
    names = sorted(str(k) for k in known)
    near = difflib.get_close_matches(str(name), names, n=1)
    sentence = f"unknown {kind} {str(name)!r}"
    if near:
        sentence += f"; did you mean {near[0]!r}?"
    if len(names) <= 20:  # noqa: PLR2004 - more than this is not a help to a reader
        sentence += f"{'' if near else '.'} Known: {', '.join(names)}"
    elif listed and not near:
        sentence += f". All are listed {listed}"
    return sentence
