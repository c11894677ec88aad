"""What the engine is asked to make, and what it says of each afterwards: plain data that any process can be sent."""

from __future__ import annotations

import errno
import os
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WARM, PAPERMILL = "warm", "papermill"
ENGINES = (WARM, PAPERMILL)
LAST_LINES = 12
"""So many of the last lines that a notebook printed are told of a failure."""
FILES, LOG = "files", "log.txt"
"""Where, in the folder a report is made in, its files come, and what its notebook prints."""


@dataclass(frozen=True)
class Task:
    """One report to make: a notebook with parameters, in one language.

    Attributes
    ----------
    stem
        Name of its files without suffix, such as ``13011-herentals.nl``.
    title
        Title of the document.
    notebook
        File name in the project's ``notebooks``.
    parameters
        Values for the notebook's parameters, all text.
    language
        Such as ``nl`` or ``en``.
    kind
        What sort of report it is, such as ``profile``: decides what is drawn once for many, and how its content is
        hashed. Kinds that nothing is known of are made from the tables as a whole.
    products
        What is made of the executed notebook, by name (see `kinds.Application`).
    """

    stem: str
    title: str
    notebook: str
    parameters: Mapping[str, str]
    language: str
    kind: str = "profile"
    products: tuple[str, ...] = ("html",)


@dataclass(frozen=True)
class Limits:
    """What one report may take.

    Attributes
    ----------
    seconds
        Time from start to finished files.
    megabytes
        Memory of its own: what the process, and all it starts, hold in memory beyond what it was forked with. Address
        space is not a measure: libraries reserve far more of it than they use.
    characters
        What its notebook may print.
    """

    seconds: float = 300.0
    megabytes: float = 2000.0
    characters: int = 10_000_000


@dataclass(frozen=True)
class Settings:
    """How a batch is run.

    Attributes
    ----------
    out
        Folder of reports.
    engine
        One of `ENGINES`.
    jobs
        How many reports are made at once.
    limits
        What each may take.
    force
        Make everything.
    only_failed
        Leave out what did not fail before.
    limit
        Make so many at the most; None for all.
    scheduler
        Address of a Dask scheduler to send the work to; empty to do it here.
    shared
        Whether the cluster's workers see the folder of reports, and write there themselves.
    """

    out: Path
    engine: str = WARM
    jobs: int = 1
    limits: Limits = field(default_factory=Limits)
    force: bool = False
    only_failed: bool = False
    limit: int | None = None
    scheduler: str = ""
    shared: bool = False


@dataclass(frozen=True)
class Failure:
    """Why a report was not made.

    Attributes
    ----------
    kind
        ``exception``, ``incomplete``, ``timeout``, ``memory``, ``output``, ``killed`` or ``disk``.
    message
        One line that says what happened.
    cell
        Number of the cell in the notebook, from 1, markdown included; 0 when it happened outside any.
    output
        The last lines the notebook wrote.
    """

    kind: str
    message: str
    cell: int = 0
    output: str = ""

    @property
    def no_room(self) -> bool:
        """Whether no room is left on a disk, so that whatever comes next would fail as well."""
        return self.kind == "disk" and self.message.endswith(os.strerror(errno.ENOSPC))

    def __str__(self) -> str:
        """Return the failure as one line."""
        where = f"cell {self.cell}: " if self.cell else ""
        return f"{where}{self.message}"


@dataclass(frozen=True)
class Outcome:
    """The result of a task.

    Attributes
    ----------
    files
        SHA-256 of every file made, by path relative to the folder of reports; empty after a failure.
    shown
        SHA-256 of all that its notebook shows.
    depends
        Digest of all data that it can show; empty when nothing is known of its kind.
    seconds
        How long it took, from start to finished files.
    memory_mb
        The most memory it held of its own, in megabytes, see `report.most_memory`; 0 when not measured.
    failure
        Why it was not made; None when it was.
    same
        Whether it turned out to show what is there already.
    """

    task: Task
    files: Mapping[str, str] = field(default_factory=dict)
    shown: str = ""
    depends: str = ""
    seconds: float = 0.0
    memory_mb: float = 0.0
    failure: Failure | None = None
    same: bool = False

    @property
    def state(self) -> str:
        """``made``, ``same`` or ``failed``."""
        if self.failure is not None:
            return "failed"
        return "same" if self.same else "made"


def slug(name: str) -> str:
    """Return a name as part of a file name: ASCII letters and digits in lower case, with single hyphens between."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode("ascii").lower()
    words = "".join(letter if letter.isalnum() else " " for letter in plain).split()
    return "-".join(words)


def as_record(task: Task) -> dict[str, Any]:
    """Return a task as it is in the manifest."""
    return {
        "title": task.title,
        "kind": task.kind,
        "language": task.language,
        "notebook": task.notebook,
        "parameters": dict(task.parameters),
    }
