"""Fill in the HTML templates; every text that is not ours is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from resilience_analysis.drawing.marks import Drawing
from resilience_analysis.foundation.cells import without_unseen
from resilience_analysis.foundation.texts import Texts
from resilience_analysis.foundation.vocabulary import is_missing
from resilience_analysis.pages.subject import Subject
from resilience_analysis.pages.views import Html, Picture

DOCUMENT = "report.html.j2"  # is filled in by `document`, with other settings
WIDE = 700  # pixels: a picture that is wider can be scrolled on a phone
HERE = Path(__file__).parent


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader([HERE / "sections", HERE / "templates"]),
        autoescape=True,
        finalize=without_unseen,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    environment.tests["known"] = lambda value: not is_missing(value)
    environment.filters["safe_text"] = Markup
    return environment


def compile_templates() -> None:
    """Read and compile the templates of all sections, which is done once in a process."""
    for name in _environment().list_templates(extensions=["j2"]):
        if name != DOCUMENT:
            _environment().get_template(name)


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


def picture(
    drawing: Drawing,
    texts: Texts,
    *,
    alt: str,
    caption: str,
    text: str,
    table: str = "",
    half: bool = False,
    crowded: bool = False,
) -> Picture:
    """Return a figure with its caption, and the data behind it one click away.

    Parameters
    ----------
    drawing
        What it shows.
    texts
        Words.
    alt
        What it shows, in words.
    caption
        Title and source.
    text
        The same as plain text, with the rounded data.
    table
        The data as an HTML table; empty when there is none.
    half
        Whether two of its kind fit beside each other on paper.
    crowded
        Whether it has more names than can be read on a phone, where it then keeps its own width and scrolls.
    """
    wide = bool(table) and drawing.base.width >= WIDE
    looks = {"wide": wide or crowded, "crowded": crowded, "half": half}
    look = " ".join(name for name, fits in looks.items() if fits)
    content = {"svg": drawing.svg(label=alt), "caption": caption, "table": table, "look": look, "crowded": crowded}
    return Picture(render("picture.html.j2", texts, **content), text, drawing, alt, caption)


def plain_table(table: pd.DataFrame, *, digits: int = 1) -> str:
    """Write a table as text, rounded, for terminals and for nbval to compare."""
    return str(table.round(digits).to_string(index=False, na_rep="-"))


def plain_rows(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], *, digits: int = 1) -> str:
    """Write facts as a table in text, rounded, as `plain_table` does."""
    cells = [list(columns), *([_plain(row[name], digits) for name in columns] for row in rows)]
    widths = [max(len(line[place]) for line in cells) for place in range(len(columns))]
    return "\n".join(" ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in cells)


def _plain(value: Any, digits: int) -> str:
    if is_missing(value):
        return "-"
    return f"{value:.{digits}f}" if isinstance(value, float) else str(value)


def heading(section: str, subject: Subject, *, anchor: str, intro: str = "") -> Html:
    """Return the heading of a section with its introduction."""
    title = subject.texts(f"{section}.title")
    return html("heading.html.j2", subject.texts, text=title, anchor=anchor, title=title, intro=intro)
