"""What a municipality faces: figures that are never scored."""

from __future__ import annotations

from typing import Any

import pandas as pd

from resilience_analysis.drawing.inline import range_bar
from resilience_analysis.pages.indicator_drawings import bar_label, trend
from resilience_analysis.pages.registry import GROUP, OWN, PageSection
from resilience_analysis.pages.render import html, plain_table
from resilience_analysis.pages.subject import Subject
from resilience_analysis.pages.views import Views


def context(subject: Subject) -> Views:
    """Show what a municipality faces: figures that are never scored, with their course."""
    t = subject.texts
    rows = [_context_row(subject, code) for code in subject.data.framework.context]
    shown = subject.context[["year", "value", "group_median", "all_median"]].reset_index()
    view = html("context/section.html.j2", t, text=plain_table(shown, digits=1), subject=subject, rows=rows)
    return Views([view])


def _context_row(subject: Subject, code: str) -> dict[str, Any]:
    t, entry = subject.texts, subject.data.framework.context[code]
    row = {str(name): value for name, value in subject.context.loc[code].items()}
    known = pd.notna(row["value"])
    return {
        "code": code,
        "label": t.pick(entry.label),
        "caveat": t.pick(entry.caveat) if entry.caveat else "",
        "year": row["year"],
        "known": known,
        "value": subject.write(code, row["value"]),
        "reason": "" if known else t(f"reason.{row['missing_reason']}"),
        "group": subject.write(code, row["group_median"]),
        "all": subject.write(code, row["all_median"]),
        "bar": range_bar(row, label=bar_label(subject, code, row)),
        "trend": trend(subject, code),
    }


SECTION = PageSection(context, "context", rests_on=frozenset({OWN, GROUP}))
