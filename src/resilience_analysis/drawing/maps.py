"""Maps in Lambert: they draw what they are given, return Axes, and compute no score."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
from shapely import box as box_arrays
from shapely.geometry import Point, box
from shapely.geometry.base import BaseGeometry

from resilience_analysis.drawing.classes import Classes
from resilience_analysis.drawing.layers import TOP, palette, write_on_white
from resilience_analysis.drawing.outlines import MOST_AREAS, Outlines, areas_by_colour, outline, together

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PathCollection
    from matplotlib.path import Path
    from matplotlib.text import Text as Words
    from matplotlib.transforms import Bbox

MISSING_HATCH, SUPPRESSED_HATCH = "////", "...."
MOST_NAMES = 70  # of more areas only those names are written that fit in theirs
_CORNERS = ("lower left", "lower right", "upper right", "upper left")
_CORNER = 0.28  # how far a scale bar reaches from its corner, as a share of the width
_BAR = 24  # points: its height with the words below it
_COVERED = 0.02  # share of a corner that may be covered

Box = tuple[float, float, float, float]  # west, south, east and north of a name


def draw_areas(
    ax: Axes, shapes: gpd.GeoDataFrame, *, outlines: Outlines | None = None, code: str = "nis_code", **look: Any,
) -> PathCollection:  # fmt: skip
    """Fill areas with colours.

    Parameters
    ----------
    ax
        Axes to draw on.
    shapes
        One row per area, in metres.
    outlines
        Outlines that pictures share; the areas are drawn anew when not given.
    code
        Column of `shapes` that outlines are found by.
    **look
        As in `draw_paths`.

    Returns
    -------
    PathCollection
        What was added.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> from resilience_analysis.drawing.layers import new_figure
    >>> shapes = gpd.GeoDataFrame({"nis_code": ["13029"]}, geometry=[box(0, 0, 9, 9)])
    >>> len(draw_areas(new_figure(2).add_subplot(), shapes, colours="none").get_paths())
    1
    """
    if outlines is None:
        return draw_paths(ax, [outline(shape) for shape in shapes.geometry], **look)
    return draw_paths(ax, [outlines.path(str(name)) for name in shapes[code]], **look)


def draw_paths(
    ax: Axes, paths: Sequence[Path | None], *, colours: Sequence[str] | str, edge: str | None = None,
    width: float = 0.8, hatch: str | None = None, zorder: float = 1,
) -> PathCollection:  # fmt: skip
    """Draw the outlines that are there, filled.

    Parameters
    ----------
    ax
        Axes to draw on.
    paths
        Outlines in metres; None for one that is not there.
    colours
        One for all, or one for each that is there.
    edge
        Colour of the borders; that of the palette when not given.
    width
        Points.
    hatch, zorder
        As in matplotlib.

    Returns
    -------
    PathCollection
        What was added.

    Examples
    --------
    >>> from matplotlib.path import Path
    >>> from resilience_analysis.drawing.layers import new_figure
    >>> areas = draw_paths(new_figure(2).add_subplot(), [Path([(0, 0), (1, 0), (1, 1)]), None], colours="#BFD4E6")
    >>> len(areas.get_paths())
    1
    """
    from matplotlib.collections import PathCollection  # noqa: PLC0415 - only what is drawn anew

    found = [path for path in paths if path is not None]
    look = {"facecolors": colours, "edgecolors": edge or palette()["border"], "linewidths": width}
    areas = PathCollection(found, zorder=zorder, hatch=hatch, **look)
    if hatch:
        areas.set_edgecolor(palette()["hatch"])
    ax.add_collection(areas, autolim=False)
    return areas


def frame(ax: Axes, shapes: gpd.GeoDataFrame, *, margin: float = 0.06) -> Axes:
    """Show the extent of `shapes` at true proportions, without axes.

    Parameters
    ----------
    ax
        Axes to draw on.
    shapes
        What is to be seen, in metres.
    margin
        Room around it, as a share of its longer side.

    Returns
    -------
    Axes
        The axes that were given.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> from resilience_analysis.drawing.layers import new_figure
    >>> ax = new_figure(2).add_subplot()
    >>> frame(ax, gpd.GeoDataFrame(geometry=[box(0, 0, 1000, 500)]), margin=0.1).get_xlim() == (-100, 1100)
    True
    """
    west, south, east, north = shapes.total_bounds
    pad = margin * max(east - west, north - south)
    ax.set_xlim(west - pad, east + pad)
    ax.set_ylim(south - pad, north + pad)
    ax.set_aspect("equal")
    ax.set_axis_off()
    return ax


def scale_bar(ax: Axes, shapes: gpd.GeoDataFrame) -> Axes:
    """Put a scale bar in the corner with the most room beside areas, or below them where each corner is covered.

    Parameters
    ----------
    ax
        Axes in metres, with their limits set.
    shapes
        The areas.

    Returns
    -------
    Axes
        The axes that were given; their lower limit is moved where the bar comes below.

    Examples
    --------
    >>> from resilience_analysis.drawing.layers import new_figure
    >>> shapes = gpd.GeoDataFrame(geometry=[box(0, 0, 9, 9)])
    >>> ax = scale_bar(frame(new_figure(2).add_subplot(), shapes), shapes)
    >>> len(ax.artists), bool(ax.get_ylim()[0] < -1)
    (1, True)
    """
    from matplotlib_scalebar.scalebar import ScaleBar  # noqa: PLC0415 - loads matplotlib

    corner, share = _emptiest_corner(ax, shapes)
    if share > _COVERED:
        south, north = ax.get_ylim()
        ax.set_ylim(south - _BAR * _metres_per_point(ax), north)
        corner = _CORNERS[0]
    look = {"box_alpha": 0, "color": palette()["everywhere"], "length_fraction": 0.22, "width_fraction": 0.008}
    ax.add_artist(ScaleBar(1, location=corner, **look))
    return ax


def _emptiest_corner(ax: Axes, shapes: gpd.GeoDataFrame) -> tuple[str, float]:
    """Return the corner of which shapes cover least, and the share (0-1) that they cover of it."""
    (west, east), (south, north) = ax.get_xlim(), ax.get_ylim()
    width, height = _CORNER * (east - west), max(_CORNER * (north - south) / 2, _BAR * _metres_per_point(ax))
    left, right = (west, west + width), (east - width, east)
    low, high = (south, south + height), (north - height, north)
    places = zip(_CORNERS, ((left, low), (right, low), (right, high), (left, high)), strict=True)
    covered = {
        corner: round(shapes.intersection(box(across[0], up[0], across[1], up[1])).area.sum())
        for corner, (across, up) in places
    }
    corner = min(covered, key=lambda corner: covered[corner])
    return corner, covered[corner] / (width * height)


def draw_choropleth(
    ax: Axes, shapes: gpd.GeoDataFrame, values: pd.Series, classes: Classes, hidden: set[str], *,
    colours: Sequence[str] | None = None, outlines: Outlines | None = None,
) -> Axes:  # fmt: skip
    """Colour areas by the class of their value; a missing one is hatched, a suppressed one otherwise.

    Parameters
    ----------
    ax
        Axes to draw on.
    shapes
        One row per area with its ``nis_code``, in metres.
    values
        By NIS code; NaN where there is none.
    classes
        The classes, cut on all municipalities.
    hidden
        NIS codes of the areas whose value is suppressed.
    colours
        One for each class, the lowest first; those of the palette when not given.
    outlines
        Outlines that pictures share.

    Returns
    -------
    Axes
        The axes that were given.

    Examples
    --------
    >>> from resilience_analysis.drawing.classes import classify
    >>> from resilience_analysis.drawing.layers import new_figure
    >>> shapes = gpd.GeoDataFrame({"nis_code": ["13011", "13029"]}, geometry=[box(0, 0, 9, 9), box(9, 0, 18, 9)])
    >>> values = pd.Series({"13011": 12.0, "13029": float("nan")})
    >>> ax = draw_choropleth(new_figure(2).add_subplot(), shapes, values, classify(values), hidden=set())
    >>> [areas.get_hatch() for areas in ax.collections]
    [None, '////']
    """
    of_class = palette()["classes"] if colours is None else colours
    found = shapes["nis_code"].map(values)
    known = shapes[found.notna()]
    filled = [of_class[classes.number(value)] for value in found[found.notna()]]
    if len(known) > MOST_AREAS:
        drawn = areas_by_colour(known.geometry, filled, point=_metres_per_point(ax))
        draw_paths(ax, [outline(area) for area in drawn.values()], colours=list(drawn), edge="none")
    elif len(known):
        draw_areas(ax, known, colours=filled, edge=palette()["line"], width=0.5, outlines=outlines)
    gaps = shapes[found.isna()]
    suppressed = gaps["nis_code"].isin(hidden)
    for rows, hatch in ((gaps[~suppressed], MISSING_HATCH), (gaps[suppressed], SUPPRESSED_HATCH)):
        if len(rows) > MOST_AREAS:
            whole = together(rows.geometry.simplify_coverage(_metres_per_point(ax)))
            draw_paths(ax, [outline(whole)], colours=palette()["missing"], hatch=hatch)
        elif len(rows):
            draw_areas(ax, rows, colours=palette()["missing"], hatch=hatch, outlines=outlines)
    return ax


def draw_names(ax: Axes, shapes: gpd.GeoDataFrame, *, size: float = 9.5) -> list[Words]:
    """Write the name of every area inside it, moved where two would collide.

    Small areas come first: the name of a large one has room to move. A name that finds no place in its area stands
    beside it, with a line to it.

    Parameters
    ----------
    ax
        Axes with their limits set.
    shapes
        One row per area with its ``name``, in metres.
    size
        Points.

    Returns
    -------
    list of Text
        The names that were written; of more than `MOST_NAMES` areas only those that fit in theirs.

    Examples
    --------
    >>> from resilience_analysis.drawing.layers import new_figure
    >>> shapes = gpd.GeoDataFrame({"nis_code": ["13029"], "name": ["Olen"]}, geometry=[box(0, 0, 9, 9)])
    >>> ax = frame(new_figure(2).add_subplot(), shapes)
    >>> [words.get_text() for words in draw_names(ax, shapes)]
    ['Olen']
    """
    taken: list[Box] = []
    metres = _metres_per_point(ax)
    words = []
    if len(shapes) > MOST_NAMES:
        return _names_that_fit(ax, shapes, size=size)
    for area in shapes.loc[shapes.geometry.area.sort_values(kind="stable").index].itertuples():
        half = (0.31 * size * len(area.name) * metres, 0.75 * size * metres)
        home = area.geometry.representative_point()
        x, y = _free_place(area.geometry, (home.x, home.y), half, taken, seen=ax.viewLim)
        taken.append(_box(x, y, half))
        if not area.geometry.contains(Point(x, y)):
            ax.plot([home.x, x], [home.y, y], color=palette()["ink"], linewidth=0.6, zorder=TOP + 1)
        words.append(_name(ax, x, y, area.name, size=size))
    return words


def _names_that_fit(ax: Axes, shapes: gpd.GeoDataFrame, *, size: float) -> list[Words]:
    """Write the names that lie within their own area, where there are too many to find a place for each."""
    homes = shapes.geometry.representative_point()
    half_width = 0.31 * size * shapes["name"].str.len() * _metres_per_point(ax)
    half_height = 0.75 * size * _metres_per_point(ax)
    x, y = homes.x, homes.y
    boxes = box_arrays(x - half_width, y - half_height, x + half_width, y + half_height)
    fits = shapes.geometry.covers(gpd.GeoSeries(boxes, index=shapes.index, crs=shapes.crs))
    named = zip(x[fits], y[fits], shapes.loc[fits, "name"], strict=True)
    return [_name(ax, east, north, name, size=size) for east, north, name in named]


def _name(ax: Axes, x: float, y: float, name: str, *, size: float) -> Words:
    return write_on_white(ax, x, y, name, halo=2.4, fontsize=size, gid=f"name {name}", zorder=TOP + 2)


def _metres_per_point(ax: Axes) -> float:
    """Return how many metres a point on paper is, in the direction that leaves least room: proportions are kept."""
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    width, height = ax.get_position(original=True).size * ax.figure.get_size_inches()  # type: ignore[union-attr]
    return float(max(abs(right - left) / width, abs(top - bottom) / height) / 72)


def _free_place(
    area: BaseGeometry, home: tuple[float, float], half: tuple[float, float], taken: list[Box], *, seen: Bbox
) -> tuple[float, float]:
    """Find the place nearest to `home` where a name collides with none: in the area, else anywhere, else at `home`.

    A name that fits across what is seen of the map is not cut off by its sides.
    """
    steps = range(-12, 13)
    places = [(home[0] + dx * half[0] / 6, home[1] + dy * half[1] / 2) for dx in steps for dy in steps]
    if 2 * half[0] < seen.width:
        places = [(min(max(x, seen.x0 + half[0]), seen.x1 - half[0]), y) for x, y in places]
    places.sort(key=lambda place: (place[0] - home[0]) ** 2 + (place[1] - home[1]) ** 2)
    free = (place for place in places if not any(_overlap(_box(*place, half), other) for other in taken))
    first = next(free, home)
    return next((place for place in chain([first], free) if area.contains(Point(place))), first)


def _box(x: float, y: float, half: tuple[float, float]) -> Box:
    return x - half[0], y - half[1], x + half[0], y + half[1]


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and one[2] > other[0] and one[1] < other[3] and one[3] > other[1]
