"""Scores of units as bars, dots and maps, and what all pictures share: axes, colours of parts."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from resilience_analysis.composite.arrays import Array, check_known, row_of, skewness_and_kurtosis
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


def legend_beside(ax: Axes, **options: Any) -> None:
    """Put the legend beside the picture."""
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), **options)


def _name_rows(ax: Axes, names: Iterable[object]) -> None:
    """Name the rows, the first on top."""
    texts = [str(name) for name in names]
    ax.set_yticks(range(len(texts)), texts)
    ax.invert_yaxis()


def families_of(names: Iterable[object]) -> Iterator[tuple[Any, str, str]]:
    """Return each name once, with a colour and a marker of its own."""
    kinds = list(dict.fromkeys(names))
    return zip(kinds, part_colours(len(kinds)), "osD^vP*X" * len(kinds), strict=False)


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
        Units whose bar stands out, where there are no parts; each must have a score.
    most
        Draw only so many of the best; all when not given.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> plots.draw_bars(data["trust"], marked=["CC"]).get_xlabel()
    'trust'
    """
    ordered = scores.dropna().sort_values(ascending=False, kind="stable").iloc[:most]
    for unit in marked:
        check_known("unit", unit, ordered.index)
    rows = len(ordered) if parts is None else max(len(ordered), math.ceil(parts.shape[1] / 2))
    ax = axes_of(ax, height=height_of(rows))
    places = np.arange(len(ordered))
    if parts is None:
        colours = [palette()["group" if unit in set(marked) else "municipality"] for unit in ordered.index]
        ax.barh(places, ordered.to_numpy(), color=colours, height=0.7)
    else:
        _stack(ax, parts.loc[ordered.index], places)
    _name_rows(ax, ordered.index)
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
    legend_beside(ax, ncols=columns)


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
        check_known("unit", unit, scores.index)
        row = row_of(scores, unit)
        ax.plot(row, range(len(row)), marker, color=colour, markersize=8, label=str(unit), zorder=2)
    _name_rows(ax, [code if labels is None else labels.get(code, code) for code in scores.columns])
    if marked:
        legend_beside(ax)
    return ax


@in_style
def draw_distribution(
    values: pd.Series, *, kind: str = "histogram", marked: Hashable | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the distribution of one indicator, with its skewness and kurtosis in the title.

    Parameters
    ----------
    values
        One value per unit.
    kind
        ``histogram`` (bins of Freedman and Diaconis 1981); ``box`` (median, quartiles, whiskers of 1.5 times their
        distance) or ``violin`` (density with Scott's bandwidth, median), with a mark for every unit.
    marked
        A unit to mark with a line.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> plots.draw_distribution(data["trust"], kind="box").get_title("left")
    'trust: skewness -0.40, kurtosis -0.18'
    """
    check_known("kind of distribution", kind, ("histogram", "box", "violin"))
    present = values.dropna().to_numpy(dtype=np.float64)
    ax = axes_of(ax, height=2.6)
    if kind == "histogram":
        ax.hist(present, bins="fd", color=palette()["municipality"], edgecolor="white")
        ax.set_ylabel("units")
    else:
        if kind == "box":
            middle = {"color": palette()["group"]}
            ax.boxplot(present, orientation="horizontal", widths=0.5, showfliers=False, medianprops=middle)
        else:
            _violin(ax, present)
        ax.plot(present, np.full(len(present), 1.45), "|", color=palette()["municipality"], markersize=8)
        ax.set_yticks([])
    if marked is not None:
        check_known("unit", marked, values.index)
        own = float(values[values.index == marked].iloc[0])
        ax.axvline(own, color=palette()["group"], linewidth=1.6, label=str(marked))
        ax.legend()
    skew, kurt = skewness_and_kurtosis(present)
    ax.set_title(f"{values.name}: skewness {skew:.2f}, kurtosis {kurt:.2f}")
    return ax


def _violin(ax: Axes, present: Array) -> None:
    parts: dict[str, Any] = ax.violinplot(
        present, orientation="horizontal", widths=0.8, showmedians=True, showextrema=False
    )
    for body in parts["bodies"]:
        body.set(facecolor=palette()["municipality"], alpha=0.5)
    parts["cmedians"].set_color(palette()["group"])


@in_style
def draw_scatter(
    first: pd.Series,
    second: pd.Series,
    *,
    groups: pd.Series | None = None,
    labelled: Sequence[Hashable] = (),
    ax: Axes | None = None,
) -> Axes:
    """Draw one column against another, units with both, and their correlation in the title.

    Parameters
    ----------
    first, second
        One value per unit: across, and up.
    groups
        The group of each unit: a colour and a marker for each.
    labelled
        Units whose name is written beside them.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> plots.draw_scatter(data["trust"], data["crime"]).get_title("left")
    'r = -0.69, n = 5'
    """
    both = pd.DataFrame({"x": first, "y": second}).dropna()
    ax = axes_of(ax, height=4.0, width=4.8)
    if groups is None:
        ax.plot(both["x"], both["y"], "o", color=palette()["municipality"], markersize=5, alpha=0.8)
    else:
        own = groups.reindex(both.index).fillna("none")
        for name, colour, marker in families_of(own):
            part = both[own == name]
            ax.plot(part["x"], part["y"], marker, color=colour, markersize=5, label=str(name))
        legend_beside(ax)
    for unit in labelled:
        check_known("unit", unit, first.index)
        if unit in both.index:
            x, y = both[both.index == unit].to_numpy()[0]
            ax.annotate(str(unit), (x, y), xytext=(4, 3), textcoords="offset points", fontsize=8.5)
    ax.set_xlabel(str(first.name))
    ax.set_ylabel(str(second.name))
    ax.set_title(f"r = {both['x'].corr(both['y']):.2f}, n = {len(both)}")
    return ax


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

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> found = composite.uncertainty(data, metadata=metadata, choices={"weights.noise": 0.25}, n=16)
    >>> plots.draw_sensitivity(found.sobol, code="index").get_xlabel()
    'share of the variance of the rank of index'
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
    _name_rows(ax, own["factor"])
    ax.axvline(0, color=palette()["line"], linewidth=0.8)
    ax.set_xlabel(f"share of the variance of the {of} of {code}")
    legend_beside(ax)
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

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> found = composite.uncertainty(data, metadata=metadata, choices={"weights.noise": 0.25}, n=16)
    >>> plots.draw_rank_uncertainty(found.intervals, code="index").get_xlabel()
    'rank on index, 1 the best'
    """
    own = intervals[intervals["code"] == code].dropna(subset=["rank"]).sort_values("rank", kind="stable").iloc[:most]
    if own.empty:
        raise UsageError(unknown("aggregate", code, intervals["code"].unique()))
    ax = axes_of(ax, height=height_of(len(own)))
    places = np.arange(len(own))
    ax.hlines(places, own["rank_low"], own["rank_high"], color=palette()["interquartile"], linewidth=5)
    ax.plot(own["rank_median"], places, "|", color=palette()["ink"], markersize=9, label="median of the draws")
    ax.plot(own["rank"], places, "o", color=palette()["group"], markersize=5, label="nominal")
    years = " " + own["year"].astype(str) if "year" in own.columns else ""
    _name_rows(ax, own.iloc[:, 0].astype(str) + years)
    ax.set_xlabel(f"rank on {code}, 1 the best")
    legend_beside(ax)
    return ax
