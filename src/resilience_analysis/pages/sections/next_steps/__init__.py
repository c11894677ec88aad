"""What to ask next: questions that follow from the figures by rule, and who can help."""

from __future__ import annotations

from resilience_analysis.geography.groups import members
from resilience_analysis.pages.page import OWN, PageSection
from resilience_analysis.pages.render import Views, section_views
from resilience_analysis.pages.subject import Subject
from resilience_analysis.profiles.next_steps import FILE_NAME, Entry, NextSteps, read_next_steps, states


def next_steps(subject: Subject) -> Views:
    """Show the questions that follow from the figures, the deck's questions, and what the province offers."""
    t, steps, found = subject.texts, steps_of(subject), states(subject.factors)
    asked = {code: t.pick(of_state[found[code]]) for code, of_state in steps.questions.items()}
    questions = [
        {"label": label, "state": t(f"next_steps.{found[code]}"), "question": asked[code]}
        for code, label in subject.dimensions.items()
        if code in asked
    ]
    return section_views(
        "next_steps", subject, text="\n".join(f"- {q['label']} ({q['state']}): {q['question']}" for q in questions),
        support=_concerning(subject, "support", set(_codes(subject))), questions=questions,
        contacts=contact_lines(subject), testimonial=steps.testimonials.get(subject.nis_code),
        village_questions=subject.questions,
    )  # fmt: skip


def contact_lines(subject: Subject, *, of: str = "") -> list[dict[str, str]]:
    """Return the organisations that can be asked about a place, or about another, as far as definitions say."""
    t, codes = subject.texts, {of} if of else set(_codes(subject))
    return [
        {"name": t.pick(one["name"]), "about": t.pick(one["about"]), "link": one["link"], "email": one["email"]}
        for one in _concerning(subject, "contacts", codes)
    ]


def _concerning(subject: Subject, what: str, codes: set[str]) -> list[Entry]:
    """Return the offers (``support``) or contacts that are for all of some municipalities."""
    data, entries = subject.data, getattr(steps_of(subject), what)
    places = data.keep(("places", what), lambda: [{*members(one["places"], data.municipalities)} for one in entries])
    return [entry for entry, inside in zip(entries, places, strict=True) if codes <= inside]


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


def _prepare(subject: Subject) -> None:
    _concerning(subject, "support", set())
    _concerning(subject, "contacts", set())


def _has_steps(subject: Subject) -> bool:
    steps = steps_of(subject)
    return bool(steps.questions or steps.support or steps.testimonials or subject.data.instrument.discussion.items)


SECTION = PageSection(next_steps, "next", rests_on=frozenset({OWN}), present=_has_steps, prepare=_prepare)
