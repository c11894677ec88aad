"""Words that every table shares: reasons for a gap, strands, levels, statuses."""

from __future__ import annotations

from typing import Any

MISSING_REASONS = (
    "unknown",  # the source says it does not know; a respondent says "don't know"
    "hidden",  # the source hides it
    "not_applicable",
    "empty",  # nothing was filled in
    "suppressed",  # too few answers to publish
    "merged_area",  # the municipality merged, and the figure cannot be added up
    "not_in_source",  # the file of the source has no row for it
    "not_published",  # the publisher has no such figure; what goes round is made by others
    "too_few_entries",  # too few entries in the log to score
    "not_collected",  # not gathered yet
    "low_coverage",  # too few of the indicators below it have a value
)
STRANDS = ("self", "residents", "register", "process")
LEVELS = ("indicator", "dimension", "index")
STATUSES = ("ok", "indicative", "suppressed")
HIDDEN_BECAUSE = ("too_few", "would_disclose")  # fewer people than may be shown; or answers would follow
COMPUTED = ("sum", "weighted_mean")  # made here from the parts of a municipality that merged; else as published


def is_missing(value: Any) -> bool:
    """Return whether a fact is missing: None or NaN."""
    return value is None or bool(value != value)  # noqa: PLR0124 - NaN is not itself
