"""What can go wrong, as exceptions that name the file, row, code and the remedy.

The library raises these; only the command line turns them into a message and an exit code.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with an input.

    Attributes
    ----------
    where
        The file, row, column or code concerned, such as ``population.csv, row 12, column value``.
    what
        What is wrong, with the offending value.
    remedy
        What the reader can do about it; may be empty when `what` says it.
    """

    where: str
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        """Return the problem as one line."""
        line = f"{self.where}: {self.what}"
        return f"{line}. {self.remedy}" if self.remedy else line


class ResilienceError(Exception):
    """Base of every error this package raises on purpose; `exit_code` is what the command line returns."""

    exit_code = 1


class UsageError(ResilienceError, ValueError):
    """The command or function was called with something it does not know; also a ``ValueError``."""

    exit_code = 2


class InputError(ResilienceError, ValueError):
    """An input cannot be used; carries every problem found in it, not only the first; also a ``ValueError``.

    Parameters
    ----------
    subject
        What was read, such as a file name or "framework".
    problems
        One entry per fault, in the order they were met.
    """

    def __init__(self, subject: str, problems: Iterable[Problem]) -> None:
        self.subject = subject
        self.problems = tuple(problems)
        count = len(self.problems)
        noun = "problem" if count == 1 else "problems"
        super().__init__("\n".join([f"{subject}: {count} {noun}", *(f"  - {p}" for p in self.problems)]))

    def __reduce__(self) -> tuple[type[InputError], tuple[str, tuple[Problem, ...]]]:
        """Let the error cross a process boundary with its problems."""
        return type(self), (self.subject, self.problems)


def raise_if_any(subject: str, problems: Sequence[Problem]) -> None:
    """Raise one `InputError` with all `problems`, or do nothing when there are none."""
    if problems:
        raise InputError(subject, problems)


def unknown(kind: str, name: object, known: Iterable[object]) -> str:
    """Say that `name` is not a known `kind`, with the nearest known one and the sorted list.

    Parameters
    ----------
    kind
        What was asked for, such as ``method`` or ``region``.
    name
        What was given.
    known
        Everything that would have been understood.

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
    return sentence
