"""What an application hands the engine: kinds of reports, products made of executed notebooks, what to have ready.

Everything here is passed on to other processes and machines, so that its functions are those of modules (no closures),
and import what they need when they are called: nothing heavy is loaded where nothing is to be made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from resilience_analysis.batch.folder import Record
from resilience_analysis.batch.tasks import FILES, LOG, Limits, Task
from resilience_analysis.foundation.project import Project

if TYPE_CHECKING:
    import nbformat  # takes a second to import, and a run in which nothing is to be made does without


@dataclass(frozen=True)
class Executed:
    """An executed notebook with what is needed to make a report of it.

    Attributes
    ----------
    project
        Where the data are.
    notebook
        The notebook with its outputs.
    mark
        Twelve hexadecimal digits that change when anything the report shows does.
    made
        The day.
    """

    task: Task
    project: Project
    notebook: nbformat.NotebookNode
    mark: str
    made: dt.date


@dataclass(frozen=True)
class Product:
    """Files made of an executed notebook.

    Attributes
    ----------
    suffixes
        Of the files.
    make
        Returns their content, in the same order.
    exact
        Whether they hold digits that the notebook rounds away: then they count in whether a report shows the same.
    """

    suffixes: tuple[str, ...]
    make: Callable[[Executed], tuple[bytes, ...]]
    exact: bool = False


@dataclass(frozen=True)
class Kind:
    """What the engine may know of a kind of report beyond its notebook; all of it is optional.

    Attributes
    ----------
    family
        Returns a key that is the same for reports that are best made one after the other.
    prepare
        Makes ready, in the process that is forked for each report, what reports of a family share; returns whether
        there was anything to do. It is given the family where that was asked for before.
    dependence
        Returns a digest of all data that a report can show.
    """

    family: Callable[[Project, Task], Hashable]
    prepare: Callable[[Project, Task, Hashable], bool]
    dependence: Callable[[Project, Task], str]


def _nothing(_: Project) -> None:
    """Load nothing."""


def _no_index(_: Project, __: Path, ___: Mapping[str, Record]) -> None:
    """Write no index."""


@dataclass(frozen=True)
class Application:
    """What the engine is used for.

    Attributes
    ----------
    products
        What can be made of a notebook, by name.
    kinds
        Kinds of reports by name; one that is not listed is made from all tables, and depends on all.
    preload
        Modules that every report uses: imported once.
    load
        Reads what every report uses, once in each process that others are forked from.
    index
        Writes the index of a folder from the records of its manifest.
    """

    products: Mapping[str, Product]
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    preload: tuple[str, ...] = ()
    load: Callable[[Project], None] = _nothing
    index: Callable[[Project, Path, Mapping[str, Record]], None] = _no_index

    def file_names(self, task: Task) -> list[str]:
        """Return the paths of all files a task makes, relative to the folder of reports."""
        return [*self.product_files(task, task.products), notebook_name(task)]

    def product_files(self, task: Task, products: Iterable[str]) -> list[str]:
        """Return the paths of the files of some products of a task, relative to the folder of reports."""
        return [f"{task.stem}{suffix}" for name in products for suffix in self.products[name].suffixes]

    def exact_files(self, task: Task) -> list[str]:
        """Return the paths of the files of a task that hold digits which its notebook rounds away."""
        return self.product_files(task, (name for name in task.products if self.products[name].exact))

    def family(self, project: Project, task: Task) -> Hashable:
        """Return what a report has in common with those that are best made after it."""
        kind = self.kinds.get(task.kind)
        return task.kind if kind is None else kind.family(project, task)

    def dependence(self, project: Project, task: Task) -> str:
        """Return a digest of all data that a report can show; empty when nothing is known of its kind."""
        kind = self.kinds.get(task.kind)
        return "" if kind is None else kind.dependence(project, task)

    def prepare(self, project: Project, task: Task, family: Hashable = None) -> bool:
        """Make ready what a report shares with others; returns whether there was anything to do."""
        kind = self.kinds.get(task.kind)
        return kind is not None and kind.prepare(project, task, family)


@dataclass(frozen=True)
class Order:
    """A task with where and how to do it.

    Attributes
    ----------
    application
        What makes its products.
    project
        Where notebooks and data are.
    folder
        Where to write; what is made comes in `FILES` below it, what the notebook prints in `LOG`.
    engine
        One of `ENGINES`.
    limits
        What it may take.
    family
        What it has in common with others, where that is known.
    """

    task: Task
    application: Application
    project: Project
    folder: Path
    engine: str
    limits: Limits = field(default_factory=Limits)
    family: Hashable = None

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
