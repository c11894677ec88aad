"""How values lie: distributions, one against another, the variance of components and of scores, and places in draws."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from resilience_analysis.composite.arrays import Array, skewness_and_kurtosis
from resilience_analysis.composite.plots.charts import axes_of, height_of, part_colours
from resilience_analysis.foundation.errors import UsageError, unknown
from resilience_analysis.foundation.style import in_style, palette

KINDS = ("histogram", "box", "violin")


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

    Raises
    ------
    UsageError
        When the kind or unit is unknown.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> plots.draw_distribution(data["trust"], kind="box").get_title("left")
    'trust: skewness -0.40, kurtosis -0.18'
    """
    if kind not in KINDS:
        raise UsageError(unknown("kind of distribution", kind, KINDS))
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
        if marked not in values.index:
            raise UsageError(unknown("unit", marked, values.index))
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

    Raises
    ------
    UsageError
        When a labelled unit is unknown.

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
        kinds = list(dict.fromkeys(own))
        for name, colour, marker in zip(kinds, part_colours(len(kinds)), "osD^vP*X" * len(kinds), strict=False):
            part = both[own == name]
            ax.plot(part["x"], part["y"], marker, color=colour, markersize=5, label=str(name))
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    for unit in labelled:
        if unit not in first.index:
            raise UsageError(unknown("unit", unit, first.index))
        if unit in both.index:
            x, y = both[both.index == unit].to_numpy()[0]
            ax.annotate(str(unit), (x, y), xytext=(4, 3), textcoords="offset points", fontsize=8.5)
    ax.set_xlabel(str(first.name))
    ax.set_ylabel(str(second.name))
    ax.set_title(f"r = {both['x'].corr(both['y']):.2f}, n = {len(both)}")
    return ax


@in_style
def draw_scree(variances: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the eigenvalues of components, a line per aggregate, and the line of 1 (Kaiser 1960).

    Parameters
    ----------
    variances
        As `principal_components` gives them.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> found = composite.principal_components(data, metadata=metadata, level=1)
    >>> plots.draw_scree(found.variances).get_ylabel()
    'eigenvalue'
    """
    ax = axes_of(ax, height=3.0)
    families = list(dict.fromkeys(variances["aggregate"]))
    for name, colour, marker in zip(families, part_colours(len(families)), "osD^vP*X" * len(families), strict=False):
        part = variances[variances["aggregate"] == name]
        ax.plot(part["component"], part["eigenvalue"], marker=marker, color=colour, label=str(name))
    ax.axhline(1.0, color=palette()["line"], linewidth=1.0, linestyle="--")
    ax.set_xticks(range(1, int(variances["component"].max()) + 1))
    ax.set_xlabel("component")
    ax.set_ylabel("eigenvalue")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
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

    Raises
    ------
    UsageError
        When there are no indices for what is asked.

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

    Raises
    ------
    UsageError
        When the aggregate is unknown.

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
    names = (
        own[own.columns[0]] if "year" not in own.columns else own["unit"].astype(str) + " " + own["year"].astype(str)
    )
    ax.set_yticks(places, [str(name) for name in names])
    ax.invert_yaxis()
    ax.set_xlabel(f"rank on {code}, 1 the best")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return ax
