"""What all pictures share: axes of their own when none are given, and colours for parts."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from resilience_analysis.foundation.style import palette

WIDTH = 6.7
"""Inches: the text width of an A4 page."""
ROW = 0.24
"""Inches a row of a list takes."""


def axes_of(ax: Axes | None, *, height: float, width: float = WIDTH) -> Axes:
    """Return the axes given, or those of a new figure outside pyplot; sizes in inches."""
    if ax is not None:
        return ax
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure.add_subplot()


def height_of(rows: int) -> float:
    """Return the inches a picture with so many rows needs."""
    return max(1.6, 0.9 + ROW * rows)


def part_colours(count: int) -> list[str]:
    """Return colours for parts, repeated when there are more parts than colours."""
    colours = palette()["categories"]
    return [colours[place % len(colours)] for place in range(count)]
