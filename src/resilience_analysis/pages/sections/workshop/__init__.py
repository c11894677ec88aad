"""A page to print and write on, for the meeting of a region."""

from __future__ import annotations

from resilience_analysis.pages.page import PageSection
from resilience_analysis.pages.render import Views, section_views
from resilience_analysis.pages.subject import Subject


def _show(subject: Subject) -> Views:
    factors, questions = list(subject.dimensions.values()), subject.questions
    text = "\n".join([*factors, *questions])
    return section_views("workshop", subject, text=text, factors=factors, questions=questions)


SECTION = PageSection(_show, "workshop", rests_on=frozenset())
