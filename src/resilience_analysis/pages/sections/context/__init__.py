"""What a municipality faces: figures that are never scored, with their course."""

from __future__ import annotations

from resilience_analysis.pages.page import GROUP, OWN, PageSection
from resilience_analysis.pages.render import Views, plain_rows, section_views
from resilience_analysis.pages.sections.factor_details import indicator_row
from resilience_analysis.pages.subject import Subject


def context(subject: Subject) -> Views:
    """Show what a municipality faces: figures that are never scored, with their course."""
    entries = subject.data.framework.context
    groups = [
        (label, [(entries[code], indicator_row(subject, code)) for code in codes]) for label, codes in _groups(subject)
    ]
    shown = [{"indicator": code, **subject.indicators[code]} for code in entries]
    text = plain_rows(shown, ["indicator", "year", "value", "group_median", "all_median"])
    return section_views("context", subject, text=text, groups=groups)


def _groups(subject: Subject) -> list[tuple[str, list[str]]]:
    """Return the context indicators by the shock that they are about, in the framework's order: its name and theirs.

    A shock that no indicator is about has none; what is about no shock comes first, without a name where none has one.
    """
    t, entries = subject.texts, subject.data.framework.context
    of = {
        t("context.shock", shock=t.pick(label)): [code for code, entry in entries.items() if entry.shock == shock]
        for shock, label in subject.data.framework.shocks.items()
    }
    other = [code for code, entry in entries.items() if not entry.shock]
    return [*([(t("context.other") if of else "", other)] if other else []), *of.items()]


SECTION = PageSection(
    context, "context", rests_on=frozenset({OWN, GROUP}), present=lambda subject: bool(subject.data.framework.context)
)
