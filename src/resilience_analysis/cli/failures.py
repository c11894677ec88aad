"""What is said of an error that was not foreseen: nothing that a person answered."""

from __future__ import annotations

import traceback
from pathlib import Path
from types import TracebackType

from resilience_analysis.foundation.errors import ResilienceError

_OF_PEOPLE = tuple(Path(__file__).parents[1] / room for room in ("survey", "self_assessment"))
_WITHHELD = "(its words are left out: they may hold what a person answered)"


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
