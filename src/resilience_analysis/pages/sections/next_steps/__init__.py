"""What to ask next: questions that follow from the figures by rule, and who can help."""

from __future__ import annotations

from resilience_analysis.pages.page import OWN, PageSection
from resilience_analysis.pages.render import Views, section_views
from resilience_analysis.pages.subject import Subject
from resilience_analysis.profiles.next_steps import FILE_NAME, NextSteps, concerns, places_of, read_next_steps, states


def next_steps(subject: Subject) -> Views:
    """Show the questions that follow from the figures, the deck's questions, and what the province offers."""
    t, steps, found = subject.texts, steps_of(subject), states(subject.factors)
    asked = {code: t.pick(of_state[found[code]]) for code, of_state in steps.questions.items()}
    questions = [
        {"label": label, "state": t(f"next_steps.{found[code]}"), "question": asked[code]}
        for code, label in subject.dimensions.items()
        if code in asked
    ]
    municipalities, codes = subject.data.municipalities, _codes(subject)
    return section_views(
        "next_steps", subject, text="\n".join(f"- {q['label']} ({q['state']}): {q['question']}" for q in questions),
        support=[entry for entry in steps.support if concerns(entry, municipalities, codes)], questions=questions,
        contacts=contact_lines(subject), testimonial=steps.testimonials.get(subject.nis_code),
        village_questions=subject.questions,
    )  # fmt: skip


def contact_lines(subject: Subject, *, of: str = "") -> list[dict[str, str]]:
    """Return the organisations that can be asked about a place, or about another, as far as definitions say."""
    t, codes = subject.texts, {of} if of else set(_codes(subject))
    contacts, municipalities = steps_of(subject).contacts, subject.data.municipalities
    places = subject.data.keep("places of contacts", lambda: [places_of(one, municipalities) for one in contacts])
    return [
        {"name": t.pick(one.name), "about": t.pick(one.about), "link": one.link, "email": one.email}
        for one, inside in zip(contacts, places, strict=True)
        if codes <= inside
    ]


def ask(subject: Subject, dimension: str) -> str:
    """Return what one could ask a municipality that lies higher on a factor; empty where the definitions do not say."""
    asked = steps_of(subject).ask.get(dimension)
    return str(subject.texts.pick(asked)) if asked else ""


def _codes(subject: Subject) -> list[str]:
    return [subject.nis_code] if subject.nis_code else list(subject.region.codes)


def steps_of(subject: Subject) -> NextSteps:
    """Return what ``next.yml`` of the project says."""
    data = subject.data
    return data.keep("next steps", lambda: read_next_steps(data.project.definition(FILE_NAME), data.framework))


def _has_steps(subject: Subject) -> bool:
    steps = steps_of(subject)
    return bool(steps.questions or steps.support or steps.testimonials or subject.data.instrument.discussion.items)


SECTION = PageSection(next_steps, "next", rests_on=frozenset({OWN}), present=_has_steps, prepare=contact_lines)
