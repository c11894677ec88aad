"""What is not known about a municipality, and why."""

from __future__ import annotations

from typing import Any

from resilience_analysis.foundation.vocabulary import is_missing
from resilience_analysis.indicators.framework import Candidate
from resilience_analysis.pages.page import OWN, PageSection
from resilience_analysis.pages.render import Views, plain_rows, section_views
from resilience_analysis.pages.subject import Subject


def unknown(subject: Subject) -> Views:
    """Show every missing value with its reason, and the coverage that it leaves."""
    gaps, known = subject.gaps, coverage(subject)
    own = _by_reason([_gap_row(subject, row) for row in gaps if not row["wanted"]])
    wanted = [_gap_row(subject, row) for row in gaps if row["wanted"]]
    text = f"{known}\n{plain_rows(gaps, ['code', 'strand', 'missing_reason'])}"
    return section_views("unknown", subject, text=text, coverage=known, own=own, wanted=wanted)


def _by_reason(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Put what is missing for the same reason and from the same strand together, in the order of the first."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        found.setdefault((row["reason"], row["strand"]), []).append(row["label"])
    return [
        {"reason": reason, "strand": strand, "labels": "; ".join(labels)} for (reason, strand), labels in found.items()
    ]


def coverage(subject: Subject) -> str:
    """Return how many of the indicators from survey and registers have a figure."""
    t = subject.texts
    counted = [subject.indicators[code] for code in subject.data.framework.indicators if _counts(subject, code)]
    if not counted:
        return t("unknown.no_indicators")
    have = sum(not is_missing(row["value"]) for row in counted)
    share = t.value(100 * have / len(counted), "%")
    words = "unknown.coverage" if len(counted) > 1 else "unknown.coverage_one"
    return t(words, all=len(counted), place=subject.place, have=have, share=share)


def _counts(subject: Subject, code: str) -> bool:
    """Return whether an indicator counts in the coverage: not what is kept in-house."""
    entry = subject.data.framework.indicators[code]
    return entry.strand in {"residents", "register"}


def _gap_row(subject: Subject, row: dict[Any, Any]) -> dict[str, str]:
    t, framework = subject.texts, subject.data.framework
    candidate = framework.candidates.get(row["code"])
    dimension = row["dimension"]
    return {
        "factor": subject.dimensions[dimension] if dimension else t("strand.context"),
        "strand": t(f"strand.{row['strand']}"),
        "label": subject.label(row["code"]),
        "reason": t(f"reason.{row['missing_reason']}"),
        "source": _would_come_from(subject, candidate) if candidate else "",
    }


def _would_come_from(subject: Subject, candidate: Candidate) -> str:
    t = subject.texts
    return t("unknown.exists" if candidate.exists else "unknown.nowhere", source=t.pick(candidate.would_come_from))


SECTION = PageSection(unknown, "unknown", rests_on=frozenset({OWN}))
