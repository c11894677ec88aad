"""What an application hands the engine, what the engine is asked to make, and what it says of each afterwards.

Everything here is passed on to other processes and machines: plain data, and functions of modules (no closures) that
import what they need when they are called, so that nothing heavy is loaded where nothing is to be made.
"""

from __future__ import annotations

import datetime as dt
import errno
import os
import unicodedata
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resilience_analysis.foundation.project import Project

Record = dict[str, Any]
WARM, PAPERMILL = "warm", "papermill"
ENGINES = (WARM, PAPERMILL)
LAST_LINES = 12  # so many of the last lines that a notebook printed are told of a failure
FILES, LOG = "files", "log.txt"
"""Where, in the folder a report is made in, its files come, and what its notebook prints."""


@dataclass(frozen=True)
class Task:
    """One report to make: a notebook with parameters, in one language."""

    stem: str  # name of its files without suffix, such as ``13011-herentals.nl``
    title: str  # title of the document
    notebook: str  # file name in the project's ``notebooks``
    parameters: Mapping[str, str]  # values for the notebook's parameters, all text
    language: str  # such as ``nl`` or ``en``
    kind: str = "profile"
    """What sort of report it is: decides what is drawn once for many, and how its content is hashed. Kinds that nothing
    is known of are made from the tables as a whole.
    """
    products: tuple[str, ...] = ("html",)  # what is made of the executed notebook, by name (see `kinds.Application`)


@dataclass(frozen=True)
class Limits:
    """What one report may take."""

    seconds: float = 300.0  # time from start to finished files
    megabytes: float = 2000.0
    """Memory of its own: what the process, and all it starts, hold beyond what it was forked with. Address space is not
    a measure: libraries reserve far more of it than they use.
    """
    characters: int = 10_000_000  # what its notebook may print


@dataclass(frozen=True)
class Settings:
    """How a batch is run."""

    out: Path  # folder of reports
    engine: str = WARM  # one of `ENGINES`
    jobs: int = 1  # how many reports are made at once
    limits: Limits = field(default_factory=Limits)  # what each may take
    force: bool = False  # make everything
    only_failed: bool = False  # leave out what did not fail before
    limit: int | None = None  # make so many at the most; None for all
    scheduler: str = ""  # address of a Dask scheduler to send the work to; empty to do it here
    shared: bool = False  # whether the cluster's workers see the folder of reports, and write there themselves


@dataclass(frozen=True)
class Failure:
    """Why a report was not made."""

    kind: str  # ``exception``, ``incomplete``, ``timeout``, ``memory``, ``output``, ``killed`` or ``disk``
    message: str  # one line that says what happened
    cell: int = 0  # number of the cell in the notebook, from 1, markdown included; 0 when it happened outside any
    output: str = ""  # the last lines the notebook wrote

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
    """The result of a task."""

    task: Task
    files: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of every file made, by path relative to the folder of reports; empty after a failure."""
    shown: str = ""  # SHA-256 of all that its notebook shows
    depends: str = ""  # digest of all data that it can show; empty when nothing is known of its kind
    seconds: float = 0.0  # how long it took, from start to finished files
    memory_mb: float = 0.0
    """The most memory it held of its own, in megabytes, see `execute.most_memory`; 0 when not measured."""
    failure: Failure | None = None  # why it was not made; None when it was
    same: bool = False  # whether it turned out to show what is there already

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
        "title": task.title, "kind": task.kind, "language": task.language, "notebook": task.notebook,
        "parameters": dict(task.parameters),
    }  # fmt: skip


if TYPE_CHECKING:
    import nbformat  # takes a second to import, and a run in which nothing is to be made does without


@dataclass(frozen=True)
class Executed:
    """An executed notebook with what is needed to make a report of it."""

    task: Task
    project: Project  # where the data are
    notebook: nbformat.NotebookNode  # the notebook with its outputs
    mark: str  # twelve hexadecimal digits that change when anything the report shows does
    made: dt.date  # the day


@dataclass(frozen=True)
class Product:
    """Files made of an executed notebook."""

    suffixes: tuple[str, ...]  # of the files
    make: Callable[[Executed], tuple[bytes, ...]]  # returns their content, in the same order
    exact: bool = False
    """Whether they hold digits that the notebook rounds away: then they count in whether a report shows the same."""


def kind_of(_: Project, task: Task) -> str:
    """Return the kind of a report."""
    return task.kind


def _nothing(_: Project) -> None:
    """Load nothing."""


def _no_preparation(_: Project, __: Task, ___: Hashable) -> bool:
    """Prepare nothing."""
    return False


def _unknown(_: Project, __: Task) -> str:
    """Say nothing of what a report depends on."""
    return ""


def _no_index(_: Project, __: Path, ___: Mapping[str, Record]) -> None:
    """Write no index."""


@dataclass(frozen=True)
class Application:
    """What the engine is used for."""

    products: Mapping[str, Product]  # what can be made of a notebook, by name
    family: Callable[[Project, Task], Hashable] = kind_of
    """Returns a key that is the same for reports that are best made one after the other."""
    prepare: Callable[[Project, Task, Hashable], bool] = _no_preparation
    """Makes ready, in the process that is forked for each report, what reports of a family share; returns whether there
    was anything to do. It is given the family where that was asked for before.
    """
    dependence: Callable[[Project, Task], str] = _unknown
    """Returns a digest of all data that a report can show; empty where it depends on all."""
    preload: tuple[str, ...] = ()  # modules that every report uses: imported once
    load: Callable[[Project], None] = _nothing
    """Reads what every report uses, once in each process that others are forked from."""
    index: Callable[[Project, Path, Mapping[str, Record]], None] = _no_index
    """Writes the index of a folder from the records of its manifest."""

    def file_names(self, task: Task) -> list[str]:
        """Return the paths of all files a task makes, relative to the folder of reports."""
        return [*self.product_files(task, task.products), notebook_name(task)]

    def product_files(self, task: Task, products: Iterable[str]) -> list[str]:
        """Return the paths of the files of some products of a task, relative to the folder of reports."""
        return [f"{task.stem}{suffix}" for name in products for suffix in self.products[name].suffixes]

    def exact_files(self, task: Task) -> list[str]:
        """Return the paths of the files of a task that hold digits which its notebook rounds away."""
        return self.product_files(task, (name for name in task.products if self.products[name].exact))


@dataclass(frozen=True)
class Order:
    """A task with where and how to do it."""

    task: Task
    application: Application  # what makes its products
    project: Project  # where notebooks and data are
    folder: Path  # where to write; what is made comes in `FILES` below it, what the notebook prints in `LOG`
    engine: str  # one of `ENGINES`
    limits: Limits = field(default_factory=Limits)  # what it may take
    family: Hashable = None  # what it has in common with others, where that is known

    @property
    def files(self) -> Path:
        """Where what is made comes."""
        return self.folder / FILES

    @property
    def log(self) -> Path:
        """What the notebook prints, and when its cells began."""
        return self.folder / LOG

    @property
    def printed(self) -> tuple[Path, ...]:
        """Where what the notebook prints ends up: all of it in the log, and what code below Python writes by stream."""
        return (self.log, *(self.folder / name for name in ("stdout", "stderr")))


def notebook_name(task: Task) -> str:
    """Return the path of the executed notebook, relative to the folder of reports."""
    return f"notebooks/{task.stem}.ipynb"
