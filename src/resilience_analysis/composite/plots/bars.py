"""Scores of units in order: bars with their parts, and dots for one unit among all."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from resilience_analysis.composite.plots.axes import axes_of, height_of, part_colours
from resilience_analysis.foundation.errors import UsageError, unknown
from resilience_analysis.foundation.style import in_style, palette

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
    ax
        Where to draw; by default on a new figure.

    Raises
    ------
    UsageError
        When a marked unit has no score.
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
    ax
        Where to draw; by default on a new figure.

    Raises
    ------
    UsageError
        When a marked unit is not there.
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
