"""Small drawings inside a table cell, as SVG: crisp at any size, a few hundred bytes, and readable in grey.

Colours are in the drawing itself, so that it looks the same in a report, in a notebook and in a PDF.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd

from resilience_analysis.drawing.layers import palette
from resilience_analysis.foundation.vocabulary import is_missing

WIDTH, HEIGHT = 168, 22
_PAD = 7

Point = tuple[float, float]


def range_bar(row: Mapping[str, Any], *, label: str, bounds: tuple[float, ...] = ()) -> str:
    """Draw where a value of `indicator_facts` lies among all municipalities.

    Parameters
    ----------
    row
        Facts of an indicator, from `indicator_facts`: ``value``, ``low``, ``high``, ``group_median`` and ``all_*``, all
        in its unit; what is missing is not drawn.
    label
        What it shows, in words.
    bounds
        Ends of the bar when too few municipalities have a value to say how they are spread.

    Returns
    -------
    str
        An SVG element; empty where there are not two values to draw a bar between.

    Examples
    --------
    >>> row = dict.fromkeys(["low", "high", "group_median", "all_q1", "all_median", "all_q3"], None)
    >>> range_bar(row | {"value": 5, "all_min": None, "all_max": None}, label="5", bounds=(0, 10)).startswith("<svg")
    True
    """
    ends = [row[key] for key in ("all_min", "all_max", "low", "high", "value") if not is_missing(row[key])]
    ends += list(bounds) if is_missing(row["all_min"]) else []
    if len(ends) < 2:  # noqa: PLR2004 - one point has no range
        return ""
    first, last = min(ends), max(ends)
    span = (last - first) or 1.0

    def x(value: float) -> float:
        return float(round(_PAD + (value - first) / span * (WIDTH - 2 * _PAD), 1))

    middle, known = HEIGHT / 2, not is_missing(row["all_min"])
    ends = [row["all_min"], row["all_max"]] if known else [first, last]
    parts = [_box("range", x(ends[0]), x(ends[1]), middle, 6)]
    if known:
        parts.append(_box("interquartile", x(row["all_q1"]), x(row["all_q3"]), middle, 10))
        parts.append(_box("everywhere", x(row["all_median"]) - 1, x(row["all_median"]) + 1, middle, 16))
    if not is_missing(row["group_median"]):
        parts.append(_diamond("group", x(row["group_median"]), middle))
    if not is_missing(row["value"]):
        if not is_missing(row["low"]):
            parts.append(_box("municipality", x(row["low"]), x(row["high"]), middle, 2))
        parts.append(_dot("municipality", x(row["value"]), middle))
    return _svg("".join(parts), label, WIDTH, HEIGHT)


def sparkline(
    values: Sequence[float], *, label: str, beside: Sequence[float] = (), breaks: Sequence[int] = (), width: int = 84,
    height: int = 22,
) -> str:  # fmt: skip
    """Draw a series as a line with a dot at its last value; gaps stay gaps.

    A benchmark `beside` it is a thin line on the same scale. At `breaks`, places where the series is not comparable
    with what comes before, the line is broken, with a stroke.

    Parameters
    ----------
    values
        One per year, oldest first; NaN for a gap.
    label
        What it shows, in words.
    beside
        A benchmark for the same years.
    breaks
        Places in `values` (from 0) that cannot be compared with those before.
    width, height
        Pixels.

    Returns
    -------
    str
        An SVG element; empty without a value.

    Examples
    --------
    >>> sparkline([1, 2, 4], label="rises").startswith("<svg")
    True
    >>> sparkline([float("nan")], label="nothing is known")
    ''
    """
    known = [value for value in (*values, *beside) if not is_missing(value)]
    if all(is_missing(value) for value in values):
        return ""
    low, span = min(known), (max(known) - min(known)) or 1.0
    step = (width - 10) / max(len(values) - 1, 1)

    def point(place: int, value: float) -> Point | None:
        up = None if is_missing(value) else round(height - 5 - (value - low) / span * (height - 10), 1)
        return None if up is None else (round(5 + place * step, 1), up)

    own, others = ([point(*at) for at in enumerate(series)] for series in (values, beside))
    drawn = [_line(others, breaks, f'stroke="{palette()["everywhere"]}" stroke-dasharray="2 2"')] if beside else []
    edges = (5 + (place - 0.5) * step for place in breaks)
    drawn += [_box("everywhere", edge, edge + 1, height / 2, 16) for edge in edges]
    drawn.append(_line(own, breaks, f'stroke="{palette()["municipality"]}" stroke-width="1.5"'))
    last = [point for point in own if point][-1]
    return _svg("".join([*drawn, _dot("municipality", *last, radius=2.6)]), label, width, height)


def _line(points: Sequence[Point | None], breaks: Sequence[int], look: str) -> str:
    """Draw a line through points; it starts again after a gap and at a break."""
    line = "".join(
        f"{'L' if place and points[place - 1] and place not in breaks else 'M'}{point[0]:g} {point[1]:g}"
        for place, point in enumerate(points)
        if point
    )
    return f'<path fill="none" {look} d="{line}"/>'


def likert_bar(shares: Sequence[float], *, label: str, width: int = 220, height: int = 22) -> str:
    """Draw the answers 1 to 4 (%) as a bar that parts in the middle: disagreement to the left, agreement to the right.

    Parameters
    ----------
    shares
        Percentages of the answers 1 to 4, which add up to 100.
    label
        What it shows, in words.
    width, height
        Pixels.

    Returns
    -------
    str
        An SVG element.

    Examples
    --------
    >>> likert_bar([25, 25, 25, 25], label="as many agree as disagree").count("<path")
    5
    """
    unit, middle = (width - 2) / 200, width / 2
    starts = [-(shares[0] + shares[1]), -shares[1], 0, shares[2]]
    parts = [
        f'<path fill="{colour}" d="M{middle + unit * start:.1f} 4h{unit * share:.1f}v14h-{unit * share:.1f}z"/>'
        for colour, start, share in zip(palette()["likert"], starts, shares, strict=True)
        if share > 0
    ]
    parts.append(_box("everywhere", middle - 0.5, middle + 0.5, height / 2, 20))
    return _svg("".join(parts), label, width, height)


def likert_key(position: int) -> str:
    """Return the colour of one of the answers 1 to 4, for a legend in words; it says nothing by itself.

    Parameters
    ----------
    position
        The answer, 1 to 4.

    Returns
    -------
    str
        An HTML element.

    Examples
    --------
    >>> likert_key(1).startswith("<span")
    True
    """
    look = f"display:inline-block;width:.85em;height:.85em;background:{palette()['likert'][position - 1]}"
    return f'<span style="{look}"></span>'


def gap_bar(gap: float, low: float, high: float, *, label: str, width: int = 168, height: int = 22) -> str:
    """Draw a difference in points around zero, with its margin where it is known.

    Parameters
    ----------
    gap, low, high
        Points, from -100 to 100; `low` is missing where the margin is not known.
    label
        What it shows, in words.
    width, height
        Pixels.

    Returns
    -------
    str
        An SVG element.

    Examples
    --------
    >>> gap_bar(12, 3, 21, label="12 points more").startswith("<svg")
    True
    """
    unit, middle = (width - 12) / 200, width / 2
    parts = [_box("everywhere", middle - 0.5, middle + 0.5, height / 2, 18)]
    if not is_missing(low):
        left, right = middle + unit * max(low, -100), middle + unit * min(high, 100)
        parts.append(_box("municipality", round(left, 1), round(right, 1), height / 2, 2))
    parts.append(_dot("municipality", round(middle + unit * gap, 1), height / 2))
    return _svg("".join(parts), label, width, height)


def timeline(meetings: pd.DataFrame, *, label: str, months: Sequence[str], width: int = 480, height: int = 46) -> str:
    """Draw the meetings of a year, a mark for each: full when it was held, else hollow.

    Parameters
    ----------
    meetings
        A row per meeting: ``month`` (1-12) and ``held`` (whether it took place).
    label
        What it shows, in words.
    months
        Short names of the twelve months.
    width, height
        Pixels.

    Returns
    -------
    str
        An SVG element; empty without meetings.

    Examples
    --------
    >>> import pandas as pd
    >>> meetings = pd.DataFrame({"month": [1, 1, 5], "held": [True, False, True]})
    >>> timeline(meetings, label="three meetings", months=list("JFMAMJJASOND")).startswith("<svg")
    True
    """
    if meetings.empty:
        return ""
    step = width / len(months)
    middles = [round(step * (place + 0.5), 1) for place in range(len(months))]
    look = f'font-size="12" fill="{palette()["ink"]}" text-anchor="middle" y="{height - 4}"'
    parts = [f'<text {look} x="{x}">{escape(name)}</text>' for x, name in zip(middles, months, strict=True)]
    order = meetings.groupby("month").cumcount()
    for month, held, place in zip(meetings["month"], meetings["held"], order, strict=True):
        x = step * (month - 0.5) + 11 * place - 5.5 * (int((meetings["month"] == month).sum()) - 1)
        parts.append(_dot("municipality", round(x, 1), 14, radius=5) if held else _ring("group", round(x, 1), 14))
    return _svg("".join(parts), label, width, height)


def _box(name: str, left: float, right: float, middle: float, height: float) -> str:
    width = round(max(right - left, 1), 1)
    return f'<path fill="{palette()[name]}" d="M{left:g} {middle - height / 2:g}h{width:g}v{height:g}h-{width:g}z"/>'


def _dot(name: str, x: float, y: float, *, radius: float = 4.5) -> str:
    return f'<circle fill="{palette()[name]}" cx="{x:g}" cy="{y:g}" r="{radius:g}"/>'


def _diamond(name: str, x: float, y: float) -> str:
    return f'<path fill="#fff" stroke="{palette()[name]}" stroke-width="1.6" d="M{x:g} {y - 5:g}l5 5l-5 5l-5-5z"/>'


def _ring(name: str, x: float, y: float) -> str:
    return f'<circle fill="#fff" stroke="{palette()[name]}" stroke-width="2" cx="{x}" cy="{y}" r="4.5"/>'


def _svg(content: str, label: str, width: int, height: int) -> str:
    # a title rather than an aria-label: browsers and the PDF both take the drawing's text from it
    return (
        f'<svg class="cell" role="img" width="{width}" '
        f'viewBox="0 0 {width} {height}"><title>{escape(label)}</title>{content}</svg>'
    )
