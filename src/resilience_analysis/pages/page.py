"""A report as a notebook shows it: its head with the contents, then section after section."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from resilience_analysis.foundation.errors import unknown
from resilience_analysis.pages.invented import banner
from resilience_analysis.pages.registry import page_section
from resilience_analysis.pages.render import html
from resilience_analysis.pages.subject import Subject
from resilience_analysis.pages.views import Views


@dataclass(frozen=True)
class PageTitle:
    """The top of a report.

    Attributes
    ----------
    kind
        The kind of report.
    title
        The place that it is about.
    tagline
        What it answers.
    about
        What the figures are compared with, of which years; empty where nothing is compared.
    text
        The same as plain text.
    """

    kind: str
    title: str
    tagline: str
    text: str
    about: str = ""


@dataclass(frozen=True)
class Page:
    """A report; it has a method for every section, which shows itself in a notebook.

    Attributes
    ----------
    subject
        What it is about.
    sections
        Names of its sections, in their order.
    """

    subject: Subject
    sections: ClassVar[tuple[str, ...]] = ()

    def heading(self) -> PageTitle:
        """Return the top of the report."""
        raise NotImplementedError

    def head(self) -> Views:
        """Show the heading and the contents."""
        t, heading = self.subject.texts, self.heading()
        listed = [(name, page_section(name)) for name in self.sections]
        contents = [
            (section.anchor, t(f"{name}.title"), section.below(self.subject) if section.below else [])
            for name, section in listed
            if section.listed and section.present(self.subject)
        ]
        warning = banner(t, self.subject.data.tables.synthetic)
        return Views([html("head.html.j2", t, text=heading.text, heading=heading, contents=contents, banner=warning)])

    def show(self) -> Views:
        """Show the whole report."""
        parts = (page_section(name).views(self.subject) for name in self.sections)
        return Views([*self.head(), *(view for part in parts for view in part)])

    def __getattr__(self, name: str) -> Callable[[], Views]:
        """Return what shows one section."""
        if name not in self.sections:
            raise AttributeError(unknown("section", name, self.sections))
        return partial(page_section(name).views, self.subject)

    def __dir__(self) -> Iterable[str]:
        """List the sections too, for completion."""
        return [*super().__dir__(), *self.sections]

    def _repr_html_(self) -> str:
        return self.show().standalone()
