"""What is not known about a municipality, and why."""

from __future__ import annotations

from resilience_analysis.foundation.vocabulary import is_missing
from resilience_analysis.pages.page import OWN, PageSection
from resilience_analysis.pages.render import Views, plain_rows, section_views
from resilience_analysis.pages.subject import Subject


def _show(subject: Subject) -> Views:
    gaps, known = subject.gaps, coverage(subject)
    own: dict[tuple[str, str], list[str]] = {}  # what is missing for the same reason and from the same strand
    for row in (row for row in gaps if not row["wanted"]):
        own.setdefault((row["missing_reason"], row["strand"]), []).append(subject.label(row["code"]))
    wanted = [(row, subject.data.framework.candidates[row["code"]]) for row in gaps if row["wanted"]]
    text = f"{known}\n{plain_rows(gaps, ['code', 'strand', 'missing_reason'])}"
    return section_views("unknown", subject, text=text, coverage=known, own=own, wanted=wanted)


def coverage(subject: Subject) -> str:
    """Return how many of the indicators from survey and registers have a figure; not of what is kept in-house."""
    t, entries = subject.texts, subject.data.framework.indicators
    counted = [subject.indicators[code] for code, entry in entries.items() if entry.strand in {"residents", "register"}]
    if not counted:
        return t("unknown.no_indicators")
    have = sum(not is_missing(row["value"]) for row in counted)
    share = t.value(100 * have / len(counted), "%")
    words = "unknown.coverage" if len(counted) > 1 else "unknown.coverage_one"
    return t(words, all=len(counted), place=subject.place, have=have, share=share)


SECTION = PageSection(_show, "unknown", rests_on=frozenset({OWN}))
