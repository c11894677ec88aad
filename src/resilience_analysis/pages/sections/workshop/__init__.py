"""A page to print and write on, for the meeting of a region."""

from __future__ import annotations

from resilience_analysis.pages.page import PageSection
from resilience_analysis.pages.render import html
from resilience_analysis.pages.subject import Subject
from resilience_analysis.pages.views import Views


def workshop(subject: Subject) -> Views:
    """Show a page to print and write on, for the meeting."""
    t = subject.texts
    questions = [item.texts[t.language] for item in subject.data.instrument.discussion.items]
    factors = list(subject.dimensions.values())
    text = "\n".join([*factors, *questions])
    return Views(
        [html("workshop/section.html.j2", t, text=text, subject=subject, factors=factors, questions=questions)]
    )


SECTION = PageSection(workshop, "workshop", rests_on=frozenset())
