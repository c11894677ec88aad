"""What is made of an executed notebook: the HTML report, its figures beside it, and the same report as PDF.

To add one, write a function that takes an `Executed` and gives the bytes of its files, and name it in `PRODUCTS`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from resilience_analysis.batch.tasks import Task
from resilience_analysis.foundation.project import Project
from resilience_analysis.indicators.framework import load_framework

if TYPE_CHECKING:
    import nbformat  # takes a second to import, and a run in which nothing is to be made does without

MARK_LENGTH = 12


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
    """Files made of an executed notebook: their suffixes, and how they are made, in the same order."""

    suffixes: tuple[str, ...]
    make: Callable[[Executed], tuple[bytes, ...]]


def as_html(executed: Executed) -> tuple[bytes]:
    """Make the report as one HTML document."""
    return (_html(executed).encode("utf-8"),)


def as_pdf(executed: Executed) -> tuple[bytes]:
    """Print the HTML document as PDF."""
    from resilience_analysis.batch.pdf import to_pdf  # noqa: PLC0415 - an extra

    return (to_pdf(_html(executed)),)


def as_csv(executed: Executed) -> tuple[bytes, bytes, bytes]:
    """Return the figures of the report as CSV, as CSV for a Dutch spreadsheet, and a descriptor of both."""
    from resilience_analysis.reports.downloads import download_files  # noqa: PLC0415

    return download_files(executed.project, executed.task)


def _html(executed: Executed) -> str:
    from resilience_analysis.batch.export import ReportFacts, to_html  # noqa: PLC0415 - heavy, only where it is used
    from resilience_analysis.foundation.texts import load_texts  # noqa: PLC0415

    task = executed.task
    facts = ReportFacts(
        title=task.title,
        made=executed.made,
        framework=framework_version(),
        mark=executed.mark,
        download=f"{task.stem}{PRODUCTS['csv'].suffixes[0]}" if "csv" in task.products else "",
    )
    return to_html(executed.notebook, facts, load_texts(task.language))


@cache
def framework_version() -> str:
    """Return the version of the framework."""
    return load_framework().version


PRODUCTS: Mapping[str, Product] = {
    "html": Product((".html",), as_html),
    "csv": Product((".csv", ".excel.csv", ".datapackage.json"), as_csv),
    "pdf": Product((".pdf",), as_pdf),
}


def file_names(task: Task, products: Sequence[str] | None = None) -> list[str]:
    """Return the paths of all files a task makes, relative to the folder of reports."""
    wanted = task.products if products is None else products
    return [f"{task.stem}{suffix}" for name in wanted for suffix in PRODUCTS[name].suffixes] + [notebook_name(task)]


def notebook_name(task: Task) -> str:
    """Return the path of the executed notebook, relative to the folder of reports."""
    return f"notebooks/{task.stem}.ipynb"
