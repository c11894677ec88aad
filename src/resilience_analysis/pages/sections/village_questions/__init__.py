"""Three questions to talk about together, with room to write."""

from __future__ import annotations

from resilience_analysis.pages.page import PageSection
from resilience_analysis.pages.render import Views, section_views
from resilience_analysis.pages.subject import Subject


def village_questions(subject: Subject) -> Views:
    """Show the deck's three questions, with room to write."""
    questions = subject.questions
    return section_views("village_questions", subject, text="\n".join(questions), questions=questions)


SECTION = PageSection(village_questions, "village", rests_on=frozenset())
