"""How to read a profile."""

from __future__ import annotations

from resilience_analysis.pages.registry import PageSection
from resilience_analysis.pages.render import html
from resilience_analysis.pages.subject import Subject
from resilience_analysis.pages.views import Views


def reading_guide(subject: Subject) -> Views:
    """Show how to read the profile, in five lines."""
    t = subject.texts
    assumed = {source.assumed_n for source in subject.data.catalogue.values() if source.assumed_n}
    blanks = {"assumed_n": t.enumerate(t.number(n) for n in sorted(assumed))}
    lines = [
        t("reading_guide.one"),
        t("reading_guide.two"),
        t("reading_guide.three"),
        t("reading_guide.four", **blanks),
        t("reading_guide.five"),
    ]
    return Views([html("reading_guide/section.html.j2", t, text="\n".join(f"- {line}" for line in lines), lines=lines)])


SECTION = PageSection(reading_guide, "read", rests_on=frozenset())
