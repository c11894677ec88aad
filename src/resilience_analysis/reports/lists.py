"""Options that are lists: repeated, or with commas."""

from __future__ import annotations

from collections.abc import Sequence

from resilience_analysis.foundation.errors import UsageError, unknown


def split_list(values: Sequence[str] | None, *, kind: str = "", known: Sequence[str] = ()) -> list[str]:
    """Take options that may be repeated or hold commas apart; raise `UsageError` for one that is not known."""
    found = list(dict.fromkeys(part for value in values or () for part in parts_of(value)))
    for part in found:
        if known and part not in known:
            raise UsageError(unknown(kind, part, known))
    return found


def parts_of(text: str) -> list[str]:
    """Return the parts of a text between commas."""
    return [part.strip() for part in text.split(",") if part.strip()]
