"""Whole documents as they are written to disk, without running a notebook."""

from __future__ import annotations

import datetime as dt

import nbformat

from resilience_analysis.foundation.texts import load_texts
from resilience_analysis.pages.render import ReportFacts, Views, to_html

DAY = dt.date(2026, 11, 23)


def document(section: Views, *, title: str, language: str) -> str:
    """Make the HTML document that a notebook showing these views becomes."""
    notebook, cell = nbformat.v4.new_notebook(), nbformat.v4.new_code_cell("page.show()")
    for view in section:
        data, metadata = view.bundle()
        cell.outputs.append(nbformat.v4.new_output("display_data", data=data, metadata=metadata))
    notebook.cells = [cell]
    facts = ReportFacts(title=title, made=DAY, framework="1.0", mark="0123456789ab", download="figures.csv")
    return to_html(notebook, facts, load_texts(language))
