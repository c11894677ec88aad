"""Scores on a map, where units have a geometry."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch

from resilience_analysis.composite.plots.axes import axes_of
from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.foundation.style import in_style, palette


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
    ax
        Where to draw; by default on a new figure.

    Raises
    ------
    UsageError
        When no area has a score.
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
