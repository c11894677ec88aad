"""What is made of an executed notebook: the HTML report, its figures beside it, and the same report as PDF.

To add one, write a function that takes an `Executed` and returns the bytes of its files, and name it in `PRODUCTS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from resilience_analysis.batch.kinds import Executed, Product
from resilience_analysis.foundation.project import Project


def as_html(executed: Executed) -> tuple[bytes]:
    """Make the report as one HTML document."""
    return (_html(executed).encode("utf-8"),)


def as_pdf(executed: Executed) -> tuple[bytes]:
    """Print the HTML document as PDF."""
    from resilience_analysis.batch.pdf import to_pdf  # noqa: PLC0415 - an extra
    from resilience_analysis.pages.views import plain_pictures  # noqa: PLC0415

    return (to_pdf(plain_pictures(_html(executed))),)


def as_csv(executed: Executed) -> tuple[bytes, bytes, bytes]:
    """Return the figures of the report as CSV, as CSV for a Dutch spreadsheet, and a descriptor of both."""
    from resilience_analysis.reports.downloads import download_files  # noqa: PLC0415

    return download_files(executed.project, executed.task)


def _html(executed: Executed) -> str:
    from resilience_analysis.foundation.texts import load_texts  # noqa: PLC0415 - heavy, only where it is used
    from resilience_analysis.pages.document import ReportFacts, to_html  # noqa: PLC0415

    task = executed.task
    facts = ReportFacts(
        title=task.title,
        made=executed.made,
        framework=framework_version(executed.project),
        mark=executed.mark,
        download=f"{task.stem}{PRODUCTS['csv'].suffixes[0]}" if "csv" in task.products else "",
    )
    return to_html(executed.notebook, facts, load_texts(task.language, project=executed.project))


@cache
def framework_version(project: Project) -> str:
    """Return the version of the framework."""
    from resilience_analysis.indicators.framework import load_framework  # noqa: PLC0415

    return load_framework(project.definitions).version


PRODUCTS: Mapping[str, Product] = {
    "html": Product((".html",), as_html),
    "csv": Product((".csv", ".excel.csv", ".datapackage.json"), as_csv, exact=True),
    "pdf": Product((".pdf",), as_pdf),
}
