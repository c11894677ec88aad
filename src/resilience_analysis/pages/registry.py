"""The sections that reports are made of, each found by the name of its folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from resilience_analysis.foundation.errors import UsageError, unknown
from resilience_analysis.foundation.registry import entry_names, load_entry
from resilience_analysis.pages import sections
from resilience_analysis.pages.subject import Subject
from resilience_analysis.pages.views import Views

OWN, REGION, GROUP, EVERYTHING = "own", "region", "group", "everything"
"""What a section can rest on: rows of the place, of its region, of the group it is compared with, or all data."""


def always(_: Subject) -> bool:
    """Return whether a section is there that every project has: yes."""
    return True


@dataclass(frozen=True)
class PageSection:
    """A section of a report, as its folder declares it.

    Attributes
    ----------
    show
        Makes its views for a subject.
    anchor
        Where a link to it leads.
    rests_on
        Which rows of the data it can show, of `OWN`, `REGION`, `GROUP` and `EVERYTHING`; how all municipalities are
        spread, their boundaries and the definitions are counted in always. A report is made again when any of what its
        sections rest on has changed, so leave this as it is when in doubt.
    listed
        Whether the contents of a report name it.
    prepare
        Draws and works out, for all reports of a region at once, what it shows in each of them.
    below
        Anchors and labels of its parts in the contents.
    present
        Whether a project has anything for it: what it does not keep, ask or measure has no section.
    """

    show: Callable[[Subject], Views]
    anchor: str
    rests_on: frozenset[str] = frozenset({EVERYTHING})
    listed: bool = True
    prepare: Callable[[Subject], object] | None = None
    below: Callable[[Subject], list[tuple[str, str]]] | None = None
    present: Callable[[Subject], bool] = always

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
