"""Pictures of an index: each function takes tables of the engine and returns the Axes it drew on.

These are ``ax`` where it is given, else those of a new figure. Examples begin as those of `composite`, and with
``from resilience_analysis.composite import plots``.

>>> import pandas as pd
>>> from resilience_analysis.composite import plots
>>> scores = pd.DataFrame({"index": [70.0, 45.0]}, index=["AA", "BB"])
>>> ax = plots.draw_bars(scores["index"])
>>> [label.get_text() for label in ax.get_yticklabels()]
['AA', 'BB']
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, ListedColormap, to_rgb
from matplotlib.patches import Patch, Rectangle, Wedge

from resilience_analysis.composite.arrays import check_known
from resilience_analysis.composite.metadata import check_metadata
from resilience_analysis.composite.plots.charts import (
    axes_of,
    draw_bars,
    draw_distribution,
    draw_dots,
    draw_rank_uncertainty,
    draw_scatter,
    draw_sensitivity,
    families_of,
    legend_beside,
    part_colours,
)
from resilience_analysis.composite.weighting import effective_weights
from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.foundation.style import in_style, palette

__all__ = [
    "draw_bars",
    "draw_correlations",
    "draw_distribution",
    "draw_dots",
    "draw_framework",
    "draw_rank_uncertainty",
    "draw_scatter",
    "draw_score_map",
    "draw_scree",
    "draw_sensitivity",
]


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

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> sorted(text.get_text() for text in plots.draw_framework(metadata, kind="tree").texts)[:3]
    ['crime', 'green', 'index']
    """
    check_known("kind of picture", kind, ("sunburst", "tree"))
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


CELL = 0.34
"""Inches of one cell."""
SIGNIFICANT = 0.05


@in_style
def draw_correlations(
    pairs: pd.DataFrame,
    *,
    families: Mapping[str, str] | None = None,
    significant: float | None = SIGNIFICANT,
    values: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw correlations as coloured cells, with a frame around the members of each family.

    Parameters
    ----------
    pairs
        As `correlations` or `level_correlations` gives them: ``first`` down, ``second`` across.
    families
        The aggregate of each code, such as the column ``parent`` of the metadata: neighbours of one family are
        framed.
    significant
        Cells with a larger p-value are left white; None colours all.
    values
        Whether to write the numbers.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> len(plots.draw_correlations(composite.correlations(data)).texts)
    16
    """
    matrix = pairs.pivot_table(index="first", columns="second", values="correlation", sort=False, dropna=False)
    p_values = pairs.pivot_table(index="first", columns="second", values="p_value", sort=False, dropna=False)
    p_values = p_values.reindex(index=matrix.index, columns=matrix.columns)
    same = np.equal.outer(matrix.index.to_numpy(dtype=object), matrix.columns.to_numpy(dtype=object))
    shown = matrix if significant is None else matrix.where((p_values <= significant) | same)
    rows, columns = matrix.shape
    ax = axes_of(ax, height=1.2 + CELL * rows, width=1.8 + CELL * columns)
    _colour(ax, shown)
    if values:
        _write(ax, matrix)
    for start, end in _stretches([str(code) for code in matrix.index], families or {}):
        _frame(ax, matrix, start, end, families or {})
    return ax


def _colours() -> LinearSegmentedColormap:
    low, _, _, high = palette()["likert"]
    return LinearSegmentedColormap.from_list("correlation", [low, "#FFFFFF", high])


def _colour(ax: Axes, shown: pd.DataFrame) -> None:
    import seaborn as sns  # noqa: PLC0415 - loads statsmodels: only those who draw a matrix pay for it

    codes = {"xticklabels": [str(code) for code in shown.columns], "yticklabels": [str(code) for code in shown.index]}
    sns.heatmap(shown, cmap=_colours(), vmin=-1, vmax=1, cbar=False, ax=ax, **codes)
    ax.set(xlabel="", ylabel="")
    ax.tick_params(length=0)
    ax.tick_params(axis="x", rotation=90)
    ax.tick_params(axis="y", rotation=0)


def _write(ax: Axes, matrix: pd.DataFrame) -> None:
    strong = 0.6
    cells = matrix.to_numpy(dtype=np.float64)
    for row, column in zip(*np.nonzero(~np.isnan(cells)), strict=True):
        value = float(cells[row, column])
        colour = "white" if abs(value) > strong else palette()["ink"]
        written = f"{value:.2f}".replace("0.", ".", 1)
        ax.text(column + 0.5, row + 0.5, written, ha="center", va="center", fontsize=6.5, color=colour)


def _stretches(codes: list[str], families: Mapping[str, str]) -> list[tuple[int, int]]:
    """Return where each run of neighbours of one family begins and ends."""
    found: list[tuple[int, int]] = []
    start = 0
    for place in range(1, len(codes) + 1):
        if place == len(codes) or families.get(codes[place], "") != families.get(codes[start], ""):
            if families.get(codes[start]):
                found.append((start, place))
            start = place
    return found


def _frame(ax: Axes, matrix: pd.DataFrame, start: int, end: int, families: Mapping[str, str]) -> None:
    family = families.get(str(matrix.index[start]))
    across = [place for place, code in enumerate(matrix.columns) if families.get(str(code)) == family or code == family]
    if across:
        corner = (min(across), start)
        size = (max(across) - min(across) + 1, end - start)
        ax.add_patch(Rectangle(corner, *size, fill=False, edgecolor=palette()["ink"], linewidth=1.6))


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
    for name, colour, marker in families_of(variances["aggregate"]):
        part = variances[variances["aggregate"] == name]
        ax.plot(part["component"], part["eigenvalue"], marker=marker, color=colour, label=str(name))
    ax.axhline(1.0, color=palette()["line"], linewidth=1.0, linestyle="--")
    ax.set_xticks(range(1, int(variances["component"].max()) + 1))
    ax.set_xlabel("component")
    ax.set_ylabel("eigenvalue")
    legend_beside(ax)
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
    ax.legend(handles=_classes(limits, colours, missing=not known.all()), loc="upper left", bbox_to_anchor=(1.0, 1.0))
    ax.set_axis_off()
    ax.set_aspect("equal")
    ax.set_title(title if title is not None else str(scores.name or ""))
    return ax


def _classes(limits: np.ndarray, colours: list[str], *, missing: bool) -> list[Patch]:
    pairs = list(pairwise(limits)) or [(limits[0], limits[0])]
    handles = [
        Patch(facecolor=colour, label=f"{low:.4g} to {high:.4g}")
        for (low, high), colour in zip(pairs, colours, strict=False)
    ]
    gap = Patch(facecolor=palette()["missing"], edgecolor=palette()["hatch"], hatch="////", label="no score")
    return [*handles, gap] if missing else handles
