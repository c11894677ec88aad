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
    shapes: dict[str, BaseGeometry] = field(default_factory=dict)  # areas and lines by code, in metres
    loose: set[str] = field(default_factory=set)  # codes of those without a name, which are drawn in full
    _paths: dict[str, Path] = field(default_factory=dict)
    _codes: dict[int, str] = field(default_factory=dict)  # of the paths, by which of them it is

    @property
    def transform(self) -> Affine2D:
        """Return how units become metres."""
        from matplotlib.transforms import Affine2D  # noqa: PLC0415

        return Affine2D().scale(self.unit, -self.unit).translate(self.west, self.north)

    def path(self, code: str) -> Path | None:
        """Return the outline of an area or lines, in metres; None where it is not there."""
        if code in self.shapes and code not in self._paths:
            shape = self.shapes[code]
            path = outline(shape) if shape.geom_type.endswith("Polygon") else _lines(shape)
            self._paths[code], self._codes[id(path)] = path, code
        return self._paths.get(code)

    @property
    def defined(self) -> list[str]:
        """Codes of what pictures can draw by its name."""
        return [code for code in self.shapes if code not in self.loose]

    def name_of(self, path: Path) -> str:
        """Return what the area of a path is called; empty when it is not one of these."""
        code = self._codes.get(id(path))
        return "" if code is None or code in self.loose else f"{self.key}-{code}"

    @cached_property
    def svg(self) -> str:
        """The definitions of all areas."""
        inverse = self.transform.inverted()
        paths = {code: self.path(code) for code in self.defined}
        drawn = (f'<path id="{self.key}-{code}" d="{_whole(path, inverse)}"/>' for code, path in paths.items() if path)
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

    Returns
    -------
    dict
        A polygon or multipolygon by colour, in metres.

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

    Returns
    -------
    Outlines
        All areas by their code.

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
            found.shapes[str(code)] = shape
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
    >>> sorted(outlines.shapes)
    ['13011', 'around', 'between']
    """
    coarse = pd.concat([region, near]).simplify_coverage(_COARSER * outlines.unit)
    outlines.shapes["around"] = together(coarse)
    borders = coarse.iloc[len(region) :].boundary.union_all()
    outlines.shapes["between"] = line_merge(borders.difference(together(coarse.iloc[: len(region)]).boundary))


def area_data(shape: BaseGeometry, place: Numbers) -> str:
    """Return an area as the data of an SVG path, in tenths of a point, as matplotlib's would be written.

    Examples
    --------
    >>> from shapely.geometry import box
    >>> area_data(box(0, 0, 1, 1), (1, 0, 0, -1, 0, 9))
    'M1 9l0-1-1 0 0 1z'
    """
    a, b, c, d, e, f = place
    written = ""
    for ring in rings(shape):
        x, y = ring[:-1].T
        corners = np.round(np.column_stack([x * a + y * c + e, x * b + y * d + f]), 1)
        written += "M" + " ".join(short(number) for number in corners[0].tolist())
        for number, (across, up) in enumerate(np.diff(corners, axis=0).tolist()):
            letter = " " if across >= 0 else ""
            written += f"{letter if number else 'l'}{short(across)}{'' if up < 0 else ' '}{short(up)}"
        written += "z"
    return written
