"""A report as a notebook shows it, made of sections that are each found by the name of their folder."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import ClassVar, Self

from resilience_analysis.foundation.errors import UsageError, unknown
from resilience_analysis.foundation.files import write_text
from resilience_analysis.foundation.vocabulary import entry_names, load_entry
from resilience_analysis.pages import sections
from resilience_analysis.pages.render import ReportFacts, Views, banner, document, html
from resilience_analysis.pages.subject import Subject

OWN, REGION, GROUP, EVERYTHING = "own", "region", "group", "everything"
"""What a section can rest on: rows of the place, of its region, of the group it is compared with, or all data."""


def always(_: Subject) -> bool:
    """Return whether a section is there that every project has: yes."""
    return True


@dataclass(frozen=True)
class PageSection:
    """A section of a report, as its folder declares it."""

    show: Callable[[Subject], Views]  # makes its views for a subject
    anchor: str  # where a link to it leads
    rests_on: frozenset[str] = frozenset({EVERYTHING})
    """Which rows of the data it can show, of `OWN`, `REGION`, `GROUP` and `EVERYTHING`; how all municipalities are
    spread, their boundaries and the definitions are counted in always. A report is made again when any of what its
    sections rest on has changed, so leave this as it is when in doubt.
    """
    listed: bool = True  # whether the contents of a report name it
    prepare: Callable[[Subject], object] | None = None
    """Draws and works out, for all reports of a region at once, what it shows in each of them."""
    below: Callable[[Subject], list[tuple[str, str]]] | None = None  # anchors and labels of its parts in the contents
    present: Callable[[Subject], bool] = always
    """Whether a project has anything for it: what it does not keep, ask or measure has no section."""

    def views(self, subject: Subject) -> Views:
        """Return what it shows of a subject; nothing where the project has nothing for it."""
        return self.show(subject) if self.present(subject) else Views([])


@cache
def section_names() -> tuple[str, ...]:
    """Return the names of all sections: the folders of `sections`."""
    return entry_names(sections.__path__)


@cache
def page_section(name: str) -> PageSection:
    """Return the section of a name.

    Raises
    ------
    UsageError
        When the section is not known.
    InputError
        When its folder declares no ``SECTION``.
    """
    if name not in section_names():
        raise UsageError(unknown("section", name, section_names()))
    section: PageSection = load_entry(sections.__name__, name, "SECTION")
    return section


def what_sections_rest_on(names: Iterable[str]) -> frozenset[str]:
    """Return all that some sections rest on."""
    return frozenset().union(*(page_section(name).rests_on for name in names))


@dataclass(frozen=True)
class PageTitle:
    """The top of a report."""

    kind: str  # the kind of report
    title: str  # the place that it is about
    tagline: str  # what it answers
    text: str  # the same as plain text
    about: str = ""  # what the figures are compared with, of which years; empty where nothing is compared


@dataclass(frozen=True)
class Page:
    """A report; it has a method for every section, which shows itself in a notebook."""

    subject: Subject  # what it is about
    chosen: tuple[str, ...] = ()  # names of those that it shows, in their order; all when empty
    sections: ClassVar[tuple[str, ...]] = ()  # names of all its sections, in their order

    def heading(self) -> PageTitle:
        """Return the top of the report."""
        raise NotImplementedError

    def with_sections(self, *names: str | Iterable[str]) -> Self:
        """Return the same report with some of its sections, in the order in which they are named.

        Raises
        ------
        UsageError
            When it has no such section, with the nearest that it has, or one is named twice.

        Examples
        --------
        >>> ra.profile("Herentals").with_sections("maps", "key_messages").save("short.html")  # doctest: +SKIP
        """
        wanted = [name for given in names for name in ([given] if isinstance(given, str) else given)]
        faults = [unknown("section", name, self.sections) for name in wanted if name not in self.sections]
        faults += [f"the section {name} is named {count} times" for name, count in Counter(wanted).items() if count > 1]
        if faults:
            raise UsageError("\n".join(faults))
        return replace(self, chosen=tuple(wanted))

    @property
    def shown(self) -> tuple[str, ...]:
        """Return the names of the sections that it shows, in their order."""
        return self.chosen or self.sections

    def save(self, path: str | Path) -> Path:
        """Write the report as one HTML file that opens anywhere; its folder is made. Returns where it is."""
        bundles = [view.bundle() for view in self.show()]
        data, texts = self.subject.data, self.subject.texts
        today = dt.datetime.now(tz=dt.UTC).date()
        facts = ReportFacts(self.heading().title, today, data.framework.version, data.mark)
        outputs = [{"data": shown, "metadata": metadata} for shown, metadata in bundles]
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        write_text(target, without_dead_links(document(outputs, facts, texts)))
        return target

    def head(self) -> Views:
        """Show the heading and the contents."""
        t, heading = self.subject.texts, self.heading()
        listed = [(name, page_section(name)) for name in self.shown]
        contents = [
            (section.anchor, t(f"{name}.title"), section.below(self.subject) if section.below else [])
            for name, section in listed
            if section.listed and section.present(self.subject)
        ]
        warning = banner(t, self.subject.data.tables.synthetic)
        return Views([html("head.html.j2", t, text=heading.text, heading=heading, contents=contents, banner=warning)])

    def prepare(self) -> None:
        """Draw and work out what it shares with the reports of other places of its region."""
        self.subject.prepare()
        for section in map(page_section, self.shown):
            if section.prepare and section.present(self.subject):
                section.prepare(self.subject)

    def show(self) -> Views:
        """Show the whole report."""
        parts = (page_section(name).views(self.subject) for name in self.shown)
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


def without_dead_links(html: str) -> str:
    """Return a page whose links lead somewhere: of one to a section that is not shown, only the words are left.

    Examples
    --------
    >>> without_dead_links('<h2 id="a"></h2><a href="#a">one</a> <a class="x" href="#b">two</a>')
    '<h2 id="a"></h2><a href="#a">one</a> two'
    """
    there = set(re.findall(r'\bid="([^"]*)"', html))

    def kept(match: re.Match[str]) -> str:
        return match[0] if match[1] in there else match[2]

    return re.sub(r'<a\b[^>]*\bhref="#([^"]*)"[^>]*>(.*?)</a>', kept, html, flags=re.DOTALL)
