"""The framework as a picture: rings of a sunburst, or a tree of boxes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle, Wedge

from resilience_analysis.composite.metadata import check_metadata
from resilience_analysis.composite.plots.axes import axes_of, part_colours
from resilience_analysis.composite.weighting import effective_weights
from resilience_analysis.foundation.errors import UsageError, unknown
from resilience_analysis.foundation.style import in_style, palette

KINDS = ("sunburst", "tree")


class Stretch(NamedTuple):
    """Where a code begins, how much of the whole it takes, both 0 to 1, and how far from the top it is."""

    start: float
    size: float
    depth: int


@in_style
def draw_framework(metadata: pd.DataFrame, *, kind: str = "sunburst", ax: Axes | None = None) -> Axes:
    """Draw the framework: every code as wide as its effective weight, coloured by the branch it belongs to.

    Parameters
    ----------
    metadata
        One row per code; see `check_metadata`.
    kind
        ``sunburst``: rings, the top in the middle. ``tree``: columns, the top on the left.
    ax
        Where to draw; by default on a new figure.

    Raises
    ------
    UsageError
        When the kind is unknown.
    """
    if kind not in KINDS:
        raise UsageError(unknown("kind of picture", kind, KINDS))
    tidy = check_metadata(metadata)
    table = effective_weights(tidy)
    tops = table.index[table["parent"] == ""]
    ends: dict[str, Stretch] = {}
    for place, top in enumerate(tops):
        _lay_out(table, str(top), Stretch(place / len(tops), 1 / len(tops), 0), ends)
    colours = _branch_colours(table)
    ax = axes_of(ax, height=6.0 if kind == "sunburst" else max(2.4, 0.26 * (table["level"] == 1).sum()))
    draw = _wedge if kind == "sunburst" else _box
    for code, stretch in ends.items():
        draw(ax, code, stretch, colours[code])
    depth = max(stretch.depth for stretch in ends.values()) + 1
    ax.set_axis_off()
    if kind == "sunburst":
        ax.set_xlim(-depth - 0.1, depth + 0.1)
        ax.set_ylim(-depth - 0.1, depth + 0.1)
        ax.set_aspect("equal")
    else:
        ax.set_xlim(0, depth)
        ax.set_ylim(1, 0)
    return ax


def _lay_out(table: pd.DataFrame, code: str, stretch: Stretch, ends: dict[str, Stretch]) -> None:
    """Give a code its stretch of the whole, and its children theirs within it, by weight."""
    ends[code] = stretch
    children = table.index[table["parent"] == code]
    total = float(table.loc[children, "weight"].sum()) if len(children) else 0.0
    start = stretch.start
    for child in children:
        own = stretch.size * float(table["weight"].to_dict()[child]) / total
        _lay_out(table, str(child), Stretch(start, own, stretch.depth + 1), ends)
        start += own


def _branch_colours(table: pd.DataFrame) -> Mapping[str, tuple[float, float, float]]:
    """Colour each code as its branch, the child of a top it lies below, paler further out; a top is grey."""
    parents = table["parent"].to_dict()
    branches = [code for code, parent in parents.items() if parent and not parents[parent]]
    base = dict(zip(branches, part_colours(len(branches)), strict=True))
    colours = {}
    for code in parents:
        branch, steps = code, 0
        while parents[branch] and branch not in base:
            branch, steps = parents[branch], steps + 1
        rgb = np.array(to_rgb(base.get(branch, palette()["range"])))
        red, green, blue = rgb + (1 - rgb) * min(0.25 * steps, 0.75)
        colours[str(code)] = (float(red), float(green), float(blue))
    return colours


def _wedge(ax: Axes, code: str, stretch: Stretch, colour: tuple[float, float, float]) -> None:
    start, size, depth = stretch
    first, last = 90 - 360 * start, 90 - 360 * (start + size)
    ring = {"width": 1.0} if depth else {}
    ax.add_patch(Wedge((0, 0), depth + 1, last, first, facecolor=colour, edgecolor="white", linewidth=1.0, **ring))
    middle = np.deg2rad((first + last) / 2)
    radius = depth + 0.5 if depth else 0.0
    turn = np.rad2deg(middle) if depth else 0.0
    turn = (turn + 90) % 180 - 90
    thin = 0.012
    if size > thin or not depth:
        where = (radius * np.cos(middle), radius * np.sin(middle))
        ax.text(*where, _short(code), rotation=turn, ha="center", va="center", fontsize=8, color=_ink(colour))


def _box(ax: Axes, code: str, stretch: Stretch, colour: tuple[float, float, float]) -> None:
    start, size, depth = stretch
    ax.add_patch(Rectangle((depth, start), 0.96, size, facecolor=colour, edgecolor="white", linewidth=1.0))
    ax.text(depth + 0.04, start + size / 2, code, va="center", fontsize=8, color=_ink(colour))


def _short(code: str) -> str:
    longest = 11
    return code if len(code) <= longest else f"{code[: longest - 1]}…"


def _ink(colour: tuple[float, float, float]) -> str:
    red, green, blue = colour
    middle = 0.55
    return "white" if 0.299 * red + 0.587 * green + 0.114 * blue < middle else str(palette()["ink"])
