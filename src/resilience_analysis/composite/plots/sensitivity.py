"""How sure scores and ranks are, and which choices make them so."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from resilience_analysis.composite.plots.axes import axes_of, height_of
from resilience_analysis.foundation.errors import UsageError, unknown
from resilience_analysis.foundation.style import in_style, palette


@in_style
def draw_sensitivity(
    sobol: pd.DataFrame, *, code: str, of: str = "rank", unit: object = None, ax: Axes | None = None
) -> Axes:
    """Draw the first-order and total index of each choice, with their intervals.

    Parameters
    ----------
    sobol
        As `uncertainty` gives it.
    code
        The aggregate.
    of
        ``score`` or ``rank``.
    unit
        One unit; by default all together.
    ax
        Where to draw; by default on a new figure.

    Raises
    ------
    UsageError
        When there are no indices for what is asked.
    """
    chosen = sobol[(sobol["code"] == code) & (sobol["of"] == of)]
    own = chosen[chosen["unit"].isna() if unit is None else chosen["unit"] == unit]
    if own.empty:
        raise UsageError(unknown("aggregate", code, sobol["code"].unique()))
    ax = axes_of(ax, height=height_of(2 * len(own)))
    places = np.arange(len(own))
    for shift, name, colour, marker in ((-0.16, "first_order", "municipality", "o"), (0.16, "total", "group", "D")):
        index = own[name].to_numpy()
        low, high = own[f"{name}_low"].to_numpy(), own[f"{name}_high"].to_numpy()
        reach = np.clip(np.vstack([index - low, high - index]), 0, None)
        label = name.replace("_", " ")
        ax.errorbar(index, places + shift, xerr=reach, fmt=marker, color=palette()[colour], capsize=3, label=label)
    ax.set_yticks(places, own["factor"])
    ax.invert_yaxis()
    ax.axvline(0, color=palette()["line"], linewidth=0.8)
    ax.set_xlabel(f"share of the variance of the {of} of {code}")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return ax


@in_style
def draw_rank_uncertainty(
    intervals: pd.DataFrame, *, code: str, most: int | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the rank of each unit and the interval of its ranks over the draws, the best on top.

    Parameters
    ----------
    intervals
        As `uncertainty` gives them.
    code
        The aggregate.
    most
        Draw only so many of the best; all when not given.
    ax
        Where to draw; by default on a new figure.

    Raises
    ------
    UsageError
        When the aggregate is unknown.
    """
    own = intervals[intervals["code"] == code].dropna(subset=["rank"]).sort_values("rank", kind="stable").iloc[:most]
    if own.empty:
        raise UsageError(unknown("aggregate", code, intervals["code"].unique()))
    ax = axes_of(ax, height=height_of(len(own)))
    places = np.arange(len(own))
    ax.hlines(places, own["rank_low"], own["rank_high"], color=palette()["interquartile"], linewidth=5)
    ax.plot(own["rank_median"], places, "|", color=palette()["ink"], markersize=9, label="median of the draws")
    ax.plot(own["rank"], places, "o", color=palette()["group"], markersize=5, label="nominal")
    names = (
        own[own.columns[0]] if "year" not in own.columns else own["unit"].astype(str) + " " + own["year"].astype(str)
    )
    ax.set_yticks(places, [str(name) for name in names])
    ax.invert_yaxis()
    ax.set_xlabel(f"rank on {code}, 1 the best")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return ax
