"""Scores of units as bars, dots and maps, and what all pictures share: axes, colours of parts."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from resilience_analysis.foundation.errors import UsageError, unknown
from resilience_analysis.foundation.style import in_style, palette

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


FEWEST_ROWS = 5
"""Of a legend beside bars: as many as the least height of a picture holds."""


@in_style
def draw_bars(
    scores: pd.Series,
    *,
    parts: pd.DataFrame | None = None,
    marked: Sequence[Hashable] = (),
    most: int | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the scores of units as bars, the best on top, whole or split into parts.

    Parameters
    ----------
    scores
        One score per unit; missing ones are left out.
    parts
        What makes up the scores, such as `contributions` (one row per unit, one column per part).
    marked
        Units whose bar stands out, where there are no parts.
    most
        Draw only so many of the best; all when not given.

    Raises
    ------
    UsageError
        When a marked unit has no score.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> plots.draw_bars(data["trust"], marked=["CC"]).get_xlabel()
    'trust'
    """
    ordered = scores.dropna().sort_values(ascending=False, kind="stable").iloc[:most]
    for unit in marked:
        if unit not in ordered.index:
            raise UsageError(unknown("unit", unit, ordered.index))
    rows = len(ordered) if parts is None else max(len(ordered), math.ceil(parts.shape[1] / 2))
    ax = axes_of(ax, height=height_of(rows))
    places = np.arange(len(ordered))
    if parts is None:
        colours = [palette()["group" if unit in set(marked) else "municipality"] for unit in ordered.index]
        ax.barh(places, ordered.to_numpy(), color=colours, height=0.7)
    else:
        _stack(ax, parts.loc[ordered.index], places)
    ax.set_yticks(places, [str(unit) for unit in ordered.index])
    ax.invert_yaxis()
    ax.set_xlabel(str(scores.name or "score"))
    ax.axvline(0, color=palette()["line"], linewidth=0.8)
    return ax


def _stack(ax: Axes, parts: pd.DataFrame, places: np.ndarray) -> None:
    """Stack parts to the right of 0 where they add, to the left where they take away."""
    right, left = np.zeros(len(parts)), np.zeros(len(parts))
    for name, colour in zip(parts.columns, part_colours(parts.shape[1]), strict=True):
        size = parts[name].fillna(0.0).to_numpy(dtype=np.float64)
        start = np.where(size >= 0, right, left)
        ax.barh(places, size, left=start, color=colour, height=0.7, label=str(name), edgecolor="white", linewidth=0.4)
        right, left = right + np.clip(size, 0, None), left + np.clip(size, None, 0)
    columns = math.ceil(parts.shape[1] / max(FEWEST_ROWS, len(parts), math.ceil(parts.shape[1] / 2)))
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), ncols=columns)


@in_style
def draw_dots(
    scores: pd.DataFrame, *, marked: Sequence[Hashable] = (), labels: pd.Series | None = None, ax: Axes | None = None
) -> Axes:
    """Draw every unit as a dot on one line per column, with some that stand out.

    Parameters
    ----------
    scores
        One row per unit, columns on one scale.
    marked
        Units drawn larger, each in a colour and with a marker of its own.
    labels
        Names of the columns; their codes when not given.

    Raises
    ------
    UsageError
        When a marked unit is not there.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> [label.get_text() for label in plots.draw_dots(data[["trust", "jobs"]]).get_yticklabels()]
    ['trust', 'jobs']
    """
    ax = axes_of(ax, height=height_of(2 * scores.shape[1]))
    pale = palette()["interquartile"]
    for place, code in enumerate(scores.columns):
        ax.plot(scores[code], np.full(len(scores), place), "o", color=pale, markersize=4, zorder=1)
    for unit, colour, marker in zip(marked, part_colours(len(marked)), "oDs^vP*X" * len(marked), strict=False):
        if unit not in scores.index:
            raise UsageError(unknown("unit", unit, scores.index))
        row = scores.iloc[[name == unit for name in scores.index].index(True)]
        ax.plot(row, range(len(row)), marker, color=colour, markersize=8, label=str(unit), zorder=2)
    names = [str(code if labels is None else labels.get(code, code)) for code in scores.columns]
    ax.set_yticks(range(scores.shape[1]), names)
    ax.invert_yaxis()
    if marked:
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return ax


@in_style
def draw_score_map(areas: Any, scores: pd.Series, *, title: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw the scores of areas in five classes of equal size, hatched where a score is missing.

    Parameters
    ----------
    areas
        A GeoDataFrame, or a GeoSeries, whose index holds the units; in any reference system.
    scores
        One score per unit.
    title
        Above the map; the name of the scores when not given.

    Raises
    ------
    UsageError
        When no area has a score.

    Examples
    --------
    >>> import geopandas as gpd
    >>> areas = gpd.GeoSeries.from_wkt(["POINT (0 0)", "POINT (1 1)"], index=["AA", "BB"]).buffer(0.5)
    >>> plots.draw_score_map(areas, pd.Series([1.0, 2.0], index=["AA", "BB"], name="index")).get_title("left")
    'index'
    """
    own = scores.reindex(areas.index)
    present = own.dropna()
    if present.empty:
        raise UsageError("no area has a score. Index the areas by the units of the scores")
    colours = palette()["classes"]
    limits = np.unique(np.quantile(present, np.linspace(0, 1, len(colours) + 1)))
    classes = np.clip(np.searchsorted(limits, own, side="right") - 1, 0, max(len(limits) - 2, 0))
    ax = axes_of(ax, height=4.6)
    shapes = areas.geometry
    known = own.notna().to_numpy()
    shown = ListedColormap(colours[: max(len(limits) - 1, 1)])
    fills = [shown(int(place)) for place in classes[known]]
    shapes[known].plot(ax=ax, color=fills, edgecolor=palette()["border"], linewidth=0.5)
    if not known.all():
        gap = {"color": palette()["missing"], "edgecolor": palette()["hatch"], "hatch": "////"}
        shapes[~known].plot(ax=ax, linewidth=0.5, **gap)
    ax.legend(handles=_legend(limits, colours, missing=not known.all()), loc="upper left", bbox_to_anchor=(1.0, 1.0))
    ax.set_axis_off()
    ax.set_aspect("equal")
    ax.set_title(title if title is not None else str(scores.name or ""))
    return ax


def _legend(limits: np.ndarray, colours: list[str], *, missing: bool) -> list[Patch]:
    pairs = list(pairwise(limits)) or [(limits[0], limits[0])]
    handles = [
        Patch(facecolor=colour, label=f"{low:.4g} to {high:.4g}")
        for (low, high), colour in zip(pairs, colours, strict=False)
    ]
    gap = Patch(facecolor=palette()["missing"], edgecolor=palette()["hatch"], hatch="////", label="no score")
    return [*handles, gap] if missing else handles
