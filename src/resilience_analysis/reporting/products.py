"""What is made of an executed notebook: the HTML report, and what goes with it.

To add one, write a function that takes an `Executed` and gives the bytes of a file, and name it in `PRODUCTS`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from resilience_analysis.framework import load_framework
from resilience_analysis.reporting.tasks import Task

if TYPE_CHECKING:
    import nbformat  # takes a second to import, and a run in which nothing is to be made does without

MARK_LENGTH = 12


@dataclass(frozen=True)
class Executed:
    """An executed notebook with what is needed to make a report of it.

    Attributes
    ----------
    notebook
        The notebook with its outputs.
    mark
        Twelve hexadecimal digits that change when anything the report shows does.
    made
        The day.
    """

    task: Task
    notebook: nbformat.NotebookNode
    mark: str
    made: dt.date


@dataclass(frozen=True)
class Product:
    """A file made of an executed notebook: its suffix and how it is made."""

    suffix: str
    make: Callable[[Executed], bytes]


def as_html(executed: Executed) -> bytes:
    """Make the report as one HTML document."""
    from resilience_analysis.reporting.export import ReportFacts, to_html  # noqa: PLC0415 - heavy, only where it is used
    from resilience_analysis.texts import load_texts  # noqa: PLC0415

    task = executed.task
    facts = ReportFacts(
        title=task.title,
        made=executed.made,
        framework=framework_version(),
        mark=executed.mark,
        download=f"{task.stem}{PRODUCTS['csv'].suffix}" if "csv" in task.products else "",
    )
    return to_html(executed.notebook, facts, load_texts(task.language)).encode("utf-8")


@cache
def framework_version() -> str:
    """Give the version of the framework."""
    return load_framework().version


PRODUCTS: Mapping[str, Product] = {"html": Product(".html", as_html)}


def file_names(task: Task, products: Sequence[str] | None = None) -> list[str]:
    """Give the paths of all files a task makes, relative to the folder of reports."""
    wanted = task.products if products is None else products
    return [f"{task.stem}{PRODUCTS[name].suffix}" for name in wanted] + [notebook_name(task)]


def notebook_name(task: Task) -> str:
    """Give the path of the executed notebook, relative to the folder of reports."""
    return f"notebooks/{task.stem}.ipynb"
