"""What all municipalities of a region share: strengths, challenges and gaps."""

from __future__ import annotations

from typing import Any

from resilience_analysis.pages.page import EVERYTHING, PageSection
from resilience_analysis.pages.render import Views, plain_table, section_views
from resilience_analysis.pages.subject import Subject
from resilience_analysis.profiles.region import leaning, shared_gaps, shared_sides

SIDES = ("strength", "challenge", "apart")


def shared(subject: Subject) -> Views:
    """Show what all municipalities share: strengths, challenges and gaps."""
    sides = shared_sides(subject.data, subject.region)
    rows = {
        side: [_shared_row(subject, row) for row in sides[sides["side"] == side].to_dict("records")] for side in SIDES
    }
    almost = leaning(subject.data, subject.region)
    near = {side: [subject.label(str(code)) for code in part["indicator"]] for side, part in almost.groupby("side")}
    gaps = [subject.label(code) for code in shared_gaps(subject.data, subject.region)]
    text = f"{plain_table(sides)}\n{plain_table(almost)}\n{', '.join(gaps)}"
    return section_views("shared", subject, text=text, rows=rows, near=near, gaps=gaps)


def _shared_row(subject: Subject, row: dict[Any, Any]) -> dict[str, str]:
    t, write, code = subject.texts, subject.write, row["indicator"]
    return {
        "label": subject.label(code),
        "value": write(code, row["value"]),
        "margin": subject.margin(row, code),
        "rest": write(code, row["rest"]),
        "span": t("span", low=write(code, row["least"]), high=write(code, row["most"])),
    }


SECTION = PageSection(shared, "shared", rests_on=frozenset({EVERYTHING}))
