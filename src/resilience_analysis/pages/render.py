"""What a page shows, as HTML from templates: views of a section, and the document around them; texts are escaped.

Every view has a plain text: a rounded table or a description. That is what nbval compares and what a terminal shows.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined, Template
from jinja2.bccache import Bucket
from markupsafe import Markup

from resilience_analysis.drawing.layers import Drawing
from resilience_analysis.foundation.cells import without_unseen
from resilience_analysis.foundation.files import sha256
from resilience_analysis.foundation.texts import Texts
from resilience_analysis.foundation.vocabulary import is_missing
from resilience_analysis.pages.subject import Subject

if TYPE_CHECKING:
    import nbformat  # only what a notebook holds is read here
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Html:
    """A fragment of HTML with its plain text."""

    html: str  # the fragment; untrusted text in it is escaped already
    text: str  # what it says, as text

    def bundle(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the data and metadata of a notebook output."""
        return {"text/html": self.html, "text/plain": self.text}, {}

    def standalone(self) -> str:
        """Return the HTML that shows this view on its own."""
        return self.html

    def __repr__(self) -> str:
        """Show the plain text."""
        return self.text

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, Any], dict[str, Any]]:
        return self.bundle()


@dataclass(frozen=True)
class Picture(Html):
    """A figure as HTML: vector graphics with its description, caption and the data behind it."""

    drawing: Drawing  # what it shows; `axes` draws the same with matplotlib
    alt: str  # what the figure shows, for those who cannot see it
    caption: str  # title and source, as text

    def axes(self) -> Mapping[str, Axes]:
        """Draw the same with matplotlib, to change or to save; returns the axes by name."""
        return self.drawing.axes()


@dataclass(frozen=True)
class Views:
    """Several views that belong together; a notebook shows them one below the other."""

    views: Sequence[Html]

    def __iter__(self) -> Iterator[Html]:
        """Go through the views."""
        return iter(self.views)

    def __repr__(self) -> str:
        """Show the plain texts."""
        return "\n\n".join(view.text for view in self.views)

    def standalone(self) -> str:
        """Return the HTML that shows these views on their own."""
        return share_outlines("\n".join(view.standalone() for view in self.views))

    def _ipython_display_(self) -> None:
        from IPython.display import display  # noqa: PLC0415 - loaded where a notebook runs

        for view in self.views:
            data, metadata = view.bundle()
            display(data, metadata=metadata, raw=True)


_OUTLINES = re.compile(r'<defs class="outlines" data-of="(\w+)">.*?</defs>', re.DOTALL)


def share_outlines(html: str) -> str:
    """Keep the outlines of areas that several pictures of a page show once: the first picture has them for all."""
    seen: set[str] = set()

    def first(match: re.Match[str]) -> str:
        again = match[1] in seen
        seen.add(match[1])
        return "" if again else match[0]

    return _OUTLINES.sub(first, html)


_HALO = re.compile(r'<text ([^>]*?)( stroke="#fff"[^>]*? paint-order="stroke")([^>]*)>([^<]*)</text>')


def plain_pictures(html: str) -> str:
    """Return a page whose pictures are complete in themselves, for programs that print and know less of SVG.

    Every picture has the outlines that it refers to and its label as a title, which is where a PDF takes its text from;
    what is white around a name is written before the name.
    """
    known = {match[1]: match[0] for match in _OUTLINES.finditer(html)}
    html = _HALO.sub(r"<text \1\2\3>\4</text><text \1\3>\4</text>", html)

    def whole(match: re.Match[str]) -> str:
        needed = "".join(text for key, text in known.items() if f'"#{key}-' in match[0])
        return f"{match[1]}<title>{match[2]}</title>{needed}{match[3]}"

    return re.sub(
        r'(?s)(<svg class="picture"[^>]*? aria-label="([^"]*)"[^>]*>)(.*?</svg>)', whole, _OUTLINES.sub("", html)
    )


DOCUMENT = "report.html.j2"  # is filled in by `document`, with other settings
WIDE = 700  # pixels: a picture that is wider can be scrolled on a phone
HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
FOLDERS = (HERE / "sections", TEMPLATES)


class _CompiledTemplates(FileSystemBytecodeCache):
    """Templates as Python compiled them, kept where it keeps compiled modules; not where that cannot be written."""

    def __init__(self) -> None:
        settings = sha256(Path(__file__))[:12]  # how they are compiled is said here
        super().__init__(str(HERE / "__pycache__"), f"{settings}-%s.template")

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template."""
        if not sys.dont_write_bytecode:
            with contextlib.suppress(OSError):
                super().dump_bytecode(bucket)


@cache
def environment(*folders: Path, escaped: bool = True) -> Environment:
    """Return what fills in the templates of some folders: texts are escaped, and what turns or hides them left out."""
    found = Environment(
        loader=FileSystemLoader(folders), bytecode_cache=_CompiledTemplates(), autoescape=escaped,  # noqa: S701 - a document escapes itself
        finalize=without_unseen, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    found.tests["known"] = lambda value: not is_missing(value)
    found.filters |= {"safe_text": Markup, "emphasis": emphasis}
    return found


def emphasis(text: str) -> Markup:
    """Return a text as HTML, of which its emphasis alone is kept: names and units in it may hold anything.

    Examples
    --------
    >>> str(emphasis("<strong>A & B</strong>: <i>4</i>"))
    '<strong>A &amp; B</strong>: &lt;i&gt;4&lt;/i&gt;'
    """
    kept = escape(text, quote=False).replace("&lt;strong&gt;", "<strong>").replace("&lt;/strong&gt;", "</strong>")
    return Markup(kept)  # noqa: S704 - it is escaped


def report_css() -> str:
    """Return the style sheet of reports as it is written."""
    return (TEMPLATES / "report.css").read_text(encoding="utf-8").strip()


def _document_template() -> Template:
    return environment(TEMPLATES, escaped=False).get_template(DOCUMENT)  # it escapes itself what is not HTML yet


def render(template: str, texts: Texts, **content: Any) -> str:
    """Fill in a template, a path below `sections` or a name in `templates`, with words of a language and content."""
    return environment(*FOLDERS).get_template(template).render(t=texts, **content)


def html(template: str, texts: Texts, *, text: str, **content: Any) -> Html:
    """Fill in a template and give it as a view with its plain text."""
    return Html(render(template, texts, **content), text)


def section_views(section: str, subject: Subject, *, text: str, **content: Any) -> Views:
    """Fill in the template of a section, as the one view that it has."""
    return Views([html(f"{section}/section.html.j2", subject.texts, text=text, subject=subject, **content)])


def picture(
    drawing: Drawing, texts: Texts, *, alt: str, caption: str, text: str, table: str = "", half: bool = False,
    crowded: bool = False,
) -> Picture:  # fmt: skip
    """Return a figure with its caption, and the data behind it one click away.

    Parameters
    ----------
    alt, caption
        What it shows, in words; title and source.
    text
        The caption as plain text, with the rounded data.
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
    content = {
        "svg": drawing.svg(label=alt),
        "caption": caption,
        "table": table,
        "look": look,
        "scrolls": looks["wide"],
    }
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


@dataclass(frozen=True)
class ReportFacts:
    """What a report says about itself, around the outputs of its notebook."""

    title: str  # title of the document
    made: dt.date  # the day it was made
    framework: str  # version of the framework and mark of the data
    mark: str
    download: str = ""  # file with the figures, relative to the report; empty when there is none


def load_templates() -> None:
    """Read and compile the templates of pages and documents, which is done once in a process."""
    _document_template()
    for name in environment(*FOLDERS).list_templates(extensions=["j2"]):
        if name != DOCUMENT:
            environment(*FOLDERS).get_template(name)
    _css()
    _package_version()


_SPARE = re.compile(r" ?([{};]) ?|(?<=[:,]) ")  # of a style sheet, on lines without text
_UNSAID = re.compile(r"/\*.*?\*/|(?<=[{},;])\n|;(?=\n?\})")  # comments, and what means nothing at an end
# white space between cells, rows and entries of a list shows nothing
_BETWEEN = re.compile(
    r"(</(?:td|th|tr|dd|dt|li|thead|tbody|caption|summary|dl|table)>|<(?:table|tbody|tr|details)\b[^>]*>)\s+"
    r"(?=<(?:td|th|tr|dd|dt|li|dl|caption|thead|tbody|summary|/))"
)


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
    lines = [line.strip() for line in report_css().splitlines()]
    tight = "\n".join(line if '"' in line else _SPARE.sub(lambda match: match[1] or "", line) for line in lines)
    return _UNSAID.sub("", tight)


@cache
def _package_version() -> str:
    return version("resilience-analysis")


def document(outputs: Sequence[Mapping[str, Any]], facts: ReportFacts, texts: Texts) -> str:
    """Return outputs of a notebook (each with ``data`` and ``metadata``) as one HTML document."""
    package = _package_version()
    report = {
        "language": texts.language, "title": facts.title, "version": package, "css": _css(),
        "skip": texts("document.skip"), "data_table": texts("document.data_table"),
        "made": texts("document.made", date=texts.date(facts.made)),
        "footer": texts("document.footer", version=package, framework=facts.framework, hash=facts.mark),
        "download": facts.download, "download_label": texts("document.download"),
    }  # fmt: skip
    return _tight(share_outlines(_document_template().render(report=report, outputs=outputs)))


def to_html(notebook: nbformat.NotebookNode, facts: ReportFacts, texts: Texts) -> str:
    """Return an executed notebook as one HTML document, which shows the outputs of its code cells, in order."""
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", ()))
    results = (output for output in outputs if output.output_type in {"display_data", "execute_result"})
    return document([output for output in results if {"text/html", "image/png"} & set(output.data)], facts, texts)


def banner(texts: Texts, invented_tables: Sequence[str]) -> str:
    """Return the warning that some tables hold invented data; empty when none does."""
    if not invented_tables:
        return ""
    return texts("synthetic.banner", list=texts.enumerate(texts(f"synthetic.{name}") for name in invented_tables))
