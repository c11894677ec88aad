"""What stands out in a region as a whole: all its inhabitants together beside those of all other municipalities."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from resilience_analysis.pages.page import EVERYTHING, PageSection
from resilience_analysis.pages.render import Views, section_views
from resilience_analysis.pages.subject import Subject
from resilience_analysis.profiles.region import shared_sides

MOST = 3


def _show(subject: Subject) -> Views:
    rows = shared_sides(subject.data, subject.region).head(MOST).to_dict("records")
    sentences = [whole_sentence(subject, row) for row in rows]
    nothing = subject.texts("region_whole.nothing", region=subject.region_name)
    text = "\n".join(f"- {sentence}" for sentence in sentences) or nothing
    return section_views("region_whole", subject, text=text, sentences=sentences, nothing=nothing)


def whole_sentence(subject: Subject, row: Mapping[Hashable, Any]) -> str:
    """Write the difference of a row of `shared_sides` as a sentence, with its emphasis."""
    t, code = subject.texts, str(row["indicator"])
    kind = "higher" if row["value"] > row["rest"] else "lower"
    margin = subject.margin(row, code)
    value = subject.write(code, row["value"]) + (f" ({margin})" if margin else "")
    blanks = {"value": value, "rest": subject.write(code, row["rest"]), "region": subject.region_name}
    return t(f"region_whole.{kind}", indicator=subject.label(code), **blanks)


SECTION = PageSection(
    _show, "whole", rests_on=frozenset({EVERYTHING}),
    present=lambda subject: set(subject.region.codes) < set(subject.data.everywhere),
)  # fmt: skip
