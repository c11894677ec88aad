"""What to ask next: questions that follow from the figures by rule, and who can help."""

from __future__ import annotations

from typing import Any

from resilience_analysis.pages.registry import OWN, PageSection
from resilience_analysis.pages.render import html
from resilience_analysis.pages.subject import Subject
from resilience_analysis.pages.views import Views
from resilience_analysis.profiles.next_steps import FILE_NAME, NextSteps, read_next_steps, states


def next_steps(subject: Subject) -> Views:
    """Show the questions that follow from the figures, the deck's questions, and what the province offers."""
    t, steps = subject.texts, _steps(subject)
    found = states(subject.factors)
    questions = [
        {
            "label": label,
            "code": code,
            "state": t(f"next_steps.{found[code]}"),
            "question": t.pick(steps.questions[code][found[code]]),
        }
        for code, label in subject.dimensions.items()
        if code in steps.questions
    ]
    offers = [(t.pick(offer.name), t.pick(offer.text)) for offer in steps.support]
    quoted: Any = steps.testimonials.get(subject.nis_code)
    testimonial = {"who": quoted["who"], "text": t.pick(quoted["text"])} if quoted else None
    text = "\n".join(f"- {q['label']} ({q['state']}): {q['question']}" for q in questions)
    view = html(
        "next_steps/section.html.j2", t, text=text,
        support=t.pick(steps.support_title) if steps.support_title else "",
        questions=questions, offers=offers, testimonial=testimonial, village_questions=village_questions(subject),
    )  # fmt: skip
    return Views([view])


def _steps(subject: Subject) -> NextSteps:
    data = subject.data
    return data.keep("next steps", lambda: read_next_steps(data.project.definition(FILE_NAME), data.framework))


def _has_steps(subject: Subject) -> bool:
    steps = _steps(subject)
    return bool(steps.questions or steps.support or steps.testimonials or subject.data.instrument.discussion.items)


def village_questions(subject: Subject) -> list[str]:
    """Return the deck's three questions "In jouw dorp?!"."""
    language = subject.texts.language
    return [item.texts[language] for item in subject.data.instrument.discussion.items]


SECTION = PageSection(next_steps, "next", rests_on=frozenset({OWN}), present=_has_steps)
