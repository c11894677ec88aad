"""Words that need an explanation, some of which are left to the reader."""

from __future__ import annotations

from resilience_analysis.pages.page import PageSection
from resilience_analysis.pages.render import Views, section_views
from resilience_analysis.pages.sections.next_steps import steps_of
from resilience_analysis.pages.subject import Subject


def _show(subject: Subject) -> Views:
    t, known = subject.texts, steps_of(subject).glossary
    terms = [(t.pick(one["term"]), t.pick(one["text"]) if one.get("text") else "") for one in known]
    text = "\n".join(f"{term}: {meaning or '...'}" for term, meaning in terms)
    return section_views("glossary", subject, text=text, terms=terms)


SECTION = PageSection(_show, "glossary", rests_on=frozenset(), present=lambda subject: bool(steps_of(subject).glossary))
