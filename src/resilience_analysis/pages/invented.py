"""What says that figures are invented examples."""

from __future__ import annotations

from collections.abc import Sequence

from resilience_analysis.foundation.texts import Texts
from resilience_analysis.pages.subject import Subject


def banner(texts: Texts, invented_tables: Sequence[str]) -> str:
    """Return the warning that some tables hold invented data; empty when none does."""
    if not invented_tables:
        return ""
    return texts("synthetic.banner", list=texts.enumerate(texts(f"synthetic.{name}") for name in invented_tables))


def invented(subject: Subject, table: str) -> bool:
    """Return whether a table holds invented examples."""
    return table in subject.data.tables.synthetic
