"""Three questions to talk about together, with room to write."""

from __future__ import annotations

from resilience_analysis.pages.page import PageSection
from resilience_analysis.pages.render import Views, section_views
from resilience_analysis.pages.subject import Subject


def _show(subject: Subject) -> Views:
    questions = subject.questions
    return section_views("village_questions", subject, text="\n".join(questions), questions=questions)


SECTION = PageSection(_show, "village", rests_on=frozenset())
