"""The small drawings in tables."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from resilience_analysis.drawing.inline import sparkline


@given(st.lists(st.floats(0, 100), min_size=4, max_size=12), st.data())
def test_a_line_stops_at_a_break_and_a_stroke_marks_it(values: list[float], data: st.DataObject) -> None:
    breaks = data.draw(st.sets(st.integers(1, len(values) - 1), max_size=3))
    drawn, whole = (sparkline(values, label="course", breaks=found) for found in (sorted(breaks), []))
    assert [place for place, letter in enumerate(_line(drawn)) if letter == "M"] == [0, *sorted(breaks)]
    assert drawn.count("<path") - whole.count("<path") == len(breaks)


def _line(drawn: str) -> str:
    """Return whether each point of the series is moved to (M) or drawn to (L)."""
    (line,) = re.findall(r'<path fill="none" stroke="[^"]*" stroke-width="1.5" d="([^"]*)"', drawn)
    return "".join(re.findall("[ML]", line))
