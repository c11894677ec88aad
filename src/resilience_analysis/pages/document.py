"""Turn what a notebook shows into a report: our own template, nothing from the network, code hidden."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from resilience_analysis.foundation.cells import without_unseen
from resilience_analysis.foundation.texts import Texts
from resilience_analysis.pages.render import DOCUMENT, compile_templates
from resilience_analysis.pages.views import share_outlines

if TYPE_CHECKING:
    import nbformat  # only what a notebook holds is read here

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class ReportFacts:
    """What a report says about itself, around the outputs of its notebook.

    Attributes
    ----------
    title
        Title of the document.
    made
        The day it was made.
    framework, mark
        Version of the framework and mark of the data.
    download
        File with the figures, relative to the report; empty when there is none.
    """

    title: str
    made: dt.date
    framework: str
    mark: str
    download: str = ""


@cache
def _template() -> Template:
    # the template escapes what is not HTML itself
    loader = FileSystemLoader(TEMPLATES)
    whole = {"trim_blocks": True, "lstrip_blocks": True, "undefined": StrictUndefined, "finalize": without_unseen}
    environment = Environment(loader=loader, autoescape=False, **whole)  # type: ignore[arg-type] # noqa: S701
    return environment.get_template(DOCUMENT)


def load_templates() -> None:
    """Read and compile the templates of pages and documents, which is done once in a process."""
    _template()
    compile_templates()
    _css()


_SPARE = re.compile(r" ?([{};]) ?|(?<=[:,]) ")  # of a style sheet, on lines without text
_UNSAID = re.compile(
    r"/\*.*?\*/|(?<=[{},;])\n|;(?=\n?\})"
)  # of a style sheet: comments, and what means nothing at an end
# white space between cells, rows and entries of a list shows nothing
_BETWEEN = re.compile(r"(</(?:td|th|tr|dd|dt|li|thead|tbody)>)\s+(?=<(?:td|th|tr|dd|dt|li|tbody|/))")


_SCROLLS = re.compile(
    r'(<div class="scroll" role="region" tabindex="0" aria-label)="([^"]*)">\s*(<table[^>]*>\s*<caption)>(?=\2)'
)


def _tight(html: str) -> str:
    """Return a document without what is said twice: white space around cells, and captions in the names of tables."""
    numbers = count(1)

    def named(match: re.Match[str]) -> str:
        name = f"table-{next(numbers)}"
        return f'{match[1]}ledby="{name}">{match[3]} id="{name}">'

    return _BETWEEN.sub(r"\1", _SCROLLS.sub(named, html))


@cache
def _css() -> str:
    lines = (TEMPLATES / "report.css").read_text(encoding="utf-8").splitlines()
    tight = "\n".join(
        line.strip() if '"' in line else _SPARE.sub(lambda match: match[1] or "", line.strip()) for line in lines
    )
    return _UNSAID.sub("", tight)


def document(outputs: Sequence[Mapping[str, Any]], facts: ReportFacts, texts: Texts) -> str:
    """Return what is shown as one HTML document.

    Parameters
    ----------
    outputs
        Outputs of a notebook, each with ``data`` and ``metadata``.
    facts
        What the report says about itself.
    texts
        Words, which also give the document's language.
    """
    package = version("resilience-analysis")
    report = {
        "language": texts.language,
        "title": facts.title,
        "version": package,
        "css": _css(),
        "skip": texts("document.skip"),
        "data_table": texts("document.data_table"),
        "made": texts("document.made", date=texts.date(facts.made)),
        "footer": texts("document.footer", version=package, framework=facts.framework, hash=facts.mark),
        "download": facts.download,
        "download_label": texts("document.download"),
    }
    return _tight(share_outlines(_template().render(report=report, outputs=outputs)))


def to_html(notebook: nbformat.NotebookNode, facts: ReportFacts, texts: Texts) -> str:
    """Return the report as one HTML document.

    Parameters
    ----------
    notebook
        An executed notebook; only the outputs of its code cells are shown.
    facts
        What the report says about itself.
    texts
        Words, which also give the document's language.
    """
    return document(shown_outputs(notebook), facts, texts)


def shown_outputs(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """Return the outputs of code cells that a report shows, in order."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    shown = [output for output in outputs if output.output_type in {"display_data", "execute_result"}]
    return [output for output in shown if {"text/html", "image/png"} & set(output.data)]
