"""What all municipalities of a region share: strengths, challenges and gaps."""

from __future__ import annotations

from resilience_analysis.pages.page import EVERYTHING, PageSection
from resilience_analysis.pages.render import Views, plain_table, section_views
from resilience_analysis.pages.subject import Subject
from resilience_analysis.profiles.region import leaning, shared_gaps, shared_sides

SIDES = ("strength", "challenge", "apart")


def _show(subject: Subject) -> Views:
    sides, almost = shared_sides(subject.data, subject.region), leaning(subject.data, subject.region)
    rows = {side: sides[sides["side"] == side].to_dict("records") for side in SIDES}
    near = {side: [subject.label(str(code)) for code in part["indicator"]] for side, part in almost.groupby("side")}
    gaps = [subject.label(code) for code in shared_gaps(subject.data, subject.region)]
    text = f"{plain_table(sides)}\n{plain_table(almost)}\n{', '.join(gaps)}"
    compared = _has_others(subject)
    return section_views("shared", subject, text=text, rows=rows, near=near, gaps=gaps, compared=compared)


def _has_others(subject: Subject) -> bool:
    """Return whether there are municipalities outside the region, from which it can differ."""
    return len(subject.region.codes) < len(subject.data.municipalities)


SECTION = PageSection(
    _show, "shared", rests_on=frozenset({EVERYTHING}),
    present=lambda subject: _has_others(subject) or bool(shared_gaps(subject.data, subject.region)),
)  # fmt: skip
