"""What a municipality faces: figures that are never scored."""

from __future__ import annotations

from typing import Any

from resilience_analysis.pages.page import GROUP, OWN, PageSection
from resilience_analysis.pages.render import Views, plain_rows, section_views
from resilience_analysis.pages.sections.factor_details import indicator_row
from resilience_analysis.pages.subject import Subject


def context(subject: Subject) -> Views:
    """Show what a municipality faces: figures that are never scored, with their course."""
    groups = [(label, [_context_row(subject, code) for code in codes]) for label, codes in grouped(subject)]
    shown = [{"indicator": code, **subject.indicators[code]} for code in subject.data.framework.context]
    text = plain_rows(shown, ["indicator", "year", "value", "group_median", "all_median"])
    return section_views("context", subject, text=text, groups=groups)


def grouped(subject: Subject) -> list[tuple[str, list[str]]]:
    """Return the context indicators by the shock that they are about, in the framework's order: its name and theirs.

    A shock that no indicator is about has none; what is about no shock comes first, without a name where none has one.
    """
    t, framework = subject.texts, subject.data.framework
    of = {
        shock: [code for code, entry in framework.context.items() if entry.shock == shock] for shock in framework.shocks
    }
    other = [code for code, entry in framework.context.items() if not entry.shock]
    named = [(t("context.shock", shock=t.pick(framework.shocks[shock])), codes) for shock, codes in of.items()]
    first = [(t("context.other") if named else "", other)] if other else []
    return [*first, *named]


def _context_row(subject: Subject, code: str) -> dict[str, Any]:
    entry = subject.data.framework.context[code]
    return {**indicator_row(subject, code), "caveat": subject.texts.pick(entry.caveat) if entry.caveat else ""}


SECTION = PageSection(
    context, "context", rests_on=frozenset({OWN, GROUP}), present=lambda subject: bool(subject.data.framework.context)
)
