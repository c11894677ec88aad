"""The outlines of areas, written once for all pictures of a page, and the numbers that SVG is written with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import GEOSException, line_merge
from shapely import box as box_arrays
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

if TYPE_CHECKING:
    from matplotlib.path import Path
    from matplotlib.transforms import Affine2D, Transform


POINTS = 72  # per inch
TEXT_SIZE = 9.5  # points, of text that says no other size
SLOT = "\0"  # before and after the name of a place to fill in
Numbers = tuple[float, float, float, float, float, float]
"""A transform from (x, y): a and c for what x becomes, b and d for y, then what is added to each (a b c d e f)."""


def matrix(numbers: Numbers) -> str:
    """Return a transform as SVG writes it.

    Examples
    --------
    >>> matrix((0.5, 0, 0, -0.5, 10, 20))
    'matrix(0.5 0 0 -0.5 10 20)'
    """
    return f"matrix({' '.join(f'{number:.6g}' for number in numbers)})"


def short(number: float) -> str:
    """Write a number in tenths, as briefly as SVG allows.

    Examples
    --------
    >>> short(0.25), short(12.0)
    ('.2', '12')
    """
    text = f"{round(float(number), 1):g}"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


@dataclass(frozen=True)
class DrawnBase:
    """What a page needs of a base, as text and numbers."""

    size: tuple[float, float]  # width and height in points
    pieces: list[str]  # its SVG, and between two pieces the name of a place to fill in
    places: dict[str, Numbers]  # where the data of each of the axes lie in the picture
    outlines: str = ""  # the definitions of areas that pictures share; empty where it has none
    key: str = ""  # what the names of these begin with
    defined: list[str] = field(default_factory=list)  # codes of these
    area_places: dict[str, Numbers] = field(default_factory=dict)  # where they lie in the picture, by axes
    loose: dict[str, dict[str, str]] = field(default_factory=dict)
    """Areas that have no such definition, by axes and code, as the data of an SVG path."""
    complete: bool = True  # whether these are here: not where there are very many, of which a report shows one


MOST_AREAS = 300  # areas that a map can show one by one
_COARSER = 3  # how much coarser than the region what lies around it is
SQUARE = 3  # points: the side of what is coloured as one where areas are smaller
MOST_BORDERS = 2500  # areas: the borders of more are closer together than a pixel


def rings(shape: BaseGeometry) -> list[np.ndarray[Any, Any]]:
    """Return the rings of a polygon or multipolygon, holes included: corners x (east, north), the first again last.

    Examples
    --------
    >>> from shapely.geometry import box
    >>> [len(ring) for ring in rings(box(0, 0, 9, 9).difference(box(3, 3, 6, 6)))]
    [5, 5]
    """
    polygons = [shape] if isinstance(shape, Polygon) else [part for part in shape.geoms if isinstance(part, Polygon)]
    found = [ring for polygon in polygons for ring in (polygon.exterior, *polygon.interiors)]
    return [np.asarray(ring.coords)[:, :2] for ring in found]


def outline(shape: BaseGeometry) -> Path:
    """Turn a polygon or multipolygon into one matplotlib path, holes included.

    Examples
    --------
    >>> from shapely.geometry import box
    >>> len(outline(box(0, 0, 1, 1)))
    5
    """
    from matplotlib.path import Path  # noqa: PLC0415 - only what is drawn anew

    return Path.make_compound_path(*(Path(corners, closed=True) for corners in rings(shape)))


def _lines(shape: BaseGeometry) -> Path:
    """Turn lines into one matplotlib path."""
    from matplotlib.path import Path  # noqa: PLC0415

    parts = shape.geoms if hasattr(shape, "geoms") else [shape]
    return Path.make_compound_path(*(Path(np.asarray(part.coords)[:, :2]) for part in parts))


@dataclass
class Outlines:
    """Areas by name, in whole units from a corner."""

    key: str  # what the names begin with: different where the areas are
    unit: float = 1.0  # size of a unit in metres
    west: float = 0.0  # the corner, in metres
    north: float = 0.0
    _paths: dict[int, tuple[str, Path]] = field(default_factory=dict)
    _by_code: dict[str, Path] = field(default_factory=dict)

    @property
    def transform(self) -> Affine2D:
        """Return how units become metres."""
        from matplotlib.transforms import Affine2D  # noqa: PLC0415

        return Affine2D().scale(self.unit, -self.unit).translate(self.west, self.north)

    def path(self, code: str) -> Path | None:
        """Return the outline of an area, in metres."""
        return self._by_code.get(code)

    @property
    def paths(self) -> dict[str, Path]:
        """The outlines by code, in metres."""
        return self._by_code

    def is_defined(self, code: str) -> bool:
        """Return whether pictures can draw an area by its name."""
        return id(self._by_code.get(code)) in self._paths

    def name_of(self, path: Path) -> str:
        """Return what the area of a path is called; empty when it is not one of these."""
        found = self._paths.get(id(path))
        return found[0] if found else ""

    def add(self, code: str, shape: BaseGeometry, *, defined: bool = True) -> Path:
        """Add an area or lines; those that are not defined can only be drawn in full. Returns the path."""
        path = outline(shape) if shape.geom_type.endswith("Polygon") else _lines(shape)
        self._by_code[code] = path
        if defined:
            self._paths[id(path)] = (f"{self.key}-{code}", path)
        return path

    @cached_property
    def svg(self) -> str:
        """The definitions of all areas."""
        inverse = self.transform.inverted()
        drawn = (f'<path id="{name}" d="{_whole(path, inverse)}"/>' for name, path in self._paths.values())
        return f'<defs class="outlines" data-of="{self.key}">{"".join(drawn)}</defs>'


def _whole(path: Path, transform: Transform) -> str:
    """Return a path in whole units: its first corner, then steps; steps of nothing are left out."""
    from matplotlib.path import Path  # noqa: PLC0415

    corners = np.round(transform.transform(np.asarray(path.vertices))).astype(int)
    codes = np.asarray(path.codes)
    words: list[str] = []
    for code, corner, before in zip(codes, corners, np.roll(corners, 1, axis=0), strict=True):
        across, down = corner - before
        step = f"{across}{'' if down < 0 else ' '}{down}"
        if code == Path.MOVETO:
            words.append(f"m{step}" if words else f"M{corner[0]} {corner[1]}")
        elif code == Path.CLOSEPOLY:
            words.append("z")
        elif (corner != before).any():
            words.append(f"{'l' if words[-1][0] == 'M' else '' if across < 0 else ' '}{step}")
    return "".join(words)


def together(areas: gpd.GeoSeries) -> BaseGeometry:
    """Return areas as one: at once where neighbours meet exactly, otherwise slower, as they are.

    Examples
    --------
    >>> from shapely.geometry import box
    >>> together(gpd.GeoSeries([box(0, 0, 1, 1), box(1, 0, 2, 1)])).bounds
    (0.0, 0.0, 2.0, 1.0)
    """
    try:
        return areas.union_all(method="coverage")
    except GEOSException:
        return areas.make_valid().union_all()


def areas_by_colour(areas: gpd.GeoSeries, colours: Sequence[str], *, point: float) -> dict[str, BaseGeometry]:
    """Return the areas of each colour as one, by colour, no finer than a map shows.

    Where areas are smaller than a square of `SQUARE` points, these are squares of a grid, each in the colour of most of
    the areas, by size, that have their middle in it.

    Parameters
    ----------
    areas
        In metres.
    colours
        One for each.
    point
        How many metres a point on paper is.

    Examples
    --------
    >>> from shapely.geometry import box
    >>> areas = gpd.GeoSeries([box(0, 0, 2, 1), box(2, 0, 3, 1), box(3, 0, 9, 1)])
    >>> drawn = areas_by_colour(areas, ["red", "blue", "blue"], point=1)
    >>> {colour: area.bounds for colour, area in drawn.items()}
    {'blue': (6.0, 0.0, 9.0, 3.0), 'red': (0.0, 0.0, 3.0, 3.0)}
    """
    side, of_area = SQUARE * point, pd.Series(list(colours), index=areas.index)
    if areas.area.mean() >= side**2:
        areas = areas.simplify_coverage(point)
    else:
        middle = areas.centroid
        cells = {"east": middle.x // side, "north": middle.y // side, "colour": of_area}
        sizes = areas.area.groupby(list(cells.values())).sum().rename_axis(list(cells)).rename("size").reset_index()
        most = sizes.sort_values("size", kind="stable").drop_duplicates(["east", "north"], keep="last")
        west, south = (most[name].to_numpy() * side for name in ("east", "north"))
        areas, of_area = gpd.GeoSeries(box_arrays(west, south, west + side, south + side), most.index), most["colour"]
    return {str(colour): together(group) for colour, group in areas.groupby(of_area)}


def shared_outlines(key: str, *tables: gpd.GeoSeries, pixels: int) -> Outlines:
    """Return the outlines of areas, simplified together so that neighbours still meet.

    Parameters
    ----------
    key
        What their names in a page begin with.
    tables
        Areas by their code, in metres; those of the first decide the scale. Each is simplified together.
    pixels
        How many pixels wide the largest map of them is shown: finer detail than half of one is left out.

    Examples
    --------
    >>> from shapely.geometry import box
    >>> areas = gpd.GeoSeries({"13011": box(0, 0, 9, 9), "13029": box(9, 0, 18, 9)})
    >>> shared_outlines("a", areas, pixels=9).svg.count("<path")
    2
    """
    west, south, east, north = tables[0].total_bounds
    unit = max(east - west, north - south) / (2 * pixels)
    found = Outlines(key, unit, float(west), float(north))
    for table in tables:
        for code, shape in table.simplify_coverage(1.2 * unit).items():
            found.add(str(code), shape)
    return found


def add_surroundings(outlines: Outlines, region: gpd.GeoSeries, near: gpd.GeoSeries) -> None:
    """Add what lies around a region: ``around``, land that runs on below the region, and ``between``, its borders.

    Every border is there once, and coarser than those of the region: these areas are only a ground.

    Parameters
    ----------
    region, near
        Areas by their code, in metres.

    Examples
    --------
    >>> from shapely.geometry import box
    >>> region, near = gpd.GeoSeries({"13011": box(0, 0, 9, 9)}), gpd.GeoSeries({"13029": box(9, 0, 18, 9)})
    >>> outlines = shared_outlines("a", region, pixels=9)
    >>> add_surroundings(outlines, region, near)
    >>> sorted(outlines.paths)
    ['13011', 'around', 'between']
    """
    coarse = pd.concat([region, near]).simplify_coverage(_COARSER * outlines.unit)
    outlines.add("around", together(coarse))
    borders = coarse.iloc[len(region) :].boundary.union_all()
    outlines.add("between", line_merge(borders.difference(together(coarse.iloc[: len(region)]).boundary)))


def overview_outlines(key: str, shapes: gpd.GeoSeries, inside: Sequence[str], *, pixels: int) -> Outlines:
    """Return the outlines of a map of all areas: ``land``, ``region``, and the ``borders`` within if they can be seen.

    Parameters
    ----------
    key
        What their names in a page begin with.
    shapes
        All areas by their code, in metres.
    inside
        Codes of the region; these have outlines of their own too.
    pixels
        How many pixels wide the map is shown.

    Examples
    --------
    >>> from shapely.geometry import box
    >>> areas = gpd.GeoSeries({"13011": box(0, 0, 9, 9), "13029": box(9, 0, 18, 9)})
    >>> sorted(overview_outlines("l", areas, ["13011"], pixels=9).paths)
    ['13011', 'borders', 'land', 'region']
    """
    west, south, east, north = shapes.total_bounds
    pixel = max(east - west, north - south) / pixels
    coarse = shapes.simplify_coverage(pixel)
    found = Outlines(key, pixel, float(west), float(north))
    land = together(coarse)
    found.add("land", land)
    if len(coarse) <= MOST_BORDERS:
        found.add("borders", line_merge(coarse.boundary.union_all().difference(land.boundary)))
    region = coarse.loc[list(inside)]
    found.add("region", together(region))
    for code, shape in region.items():
        found.add(str(code), shape, defined=False)
    return found
