"""Fill in the HTML templates; every text that is not ours is escaped."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from resilience_analysis.foundation.texts import Texts
from resilience_analysis.pages.subject import Subject
from resilience_analysis.pages.views import Html

HERE = Path(__file__).parent


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader([HERE / "sections", HERE / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    environment.tests["known"] = pd.notna
    environment.filters["safe_text"] = Markup
    return environment


def render(template: str, texts: Texts, **content: Any) -> str:
    """Fill in a template with the words of a language and the content of a view.

    Parameters
    ----------
    template
        Path below `sections`, such as ``factors/table.html.j2``, or a name in `templates`.
    texts
        Words, as ``t``.
    content
        What else the template needs.
    """
    return _environment().get_template(template).render(t=texts, **content)


def html(template: str, texts: Texts, *, text: str, **content: Any) -> Html:
    """Fill in a template and give it as a view with its plain text."""
    return Html(render(template, texts, **content), text)


def plain_table(table: pd.DataFrame, *, digits: int = 1) -> str:
    """Write a table as text, rounded, for terminals and for nbval to compare."""
    return str(table.round(digits).to_string(index=False, na_rep="-"))


def heading(section: str, subject: Subject, *, anchor: str, intro: str = "") -> Html:
    """Return the heading of a section with its introduction."""
    title = subject.texts(f"{section}.title")
    return html("heading.html.j2", subject.texts, text=title, anchor=anchor, title=title, intro=intro)
