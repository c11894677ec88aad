"""Read boundaries so that no map is ever drawn in the Atlantic: the reference system is checked, never assumed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS
from pyproj.exceptions import CRSError

from resilience_analysis.foundation.errors import InputError, Problem, raise_if_any, refusal
from resilience_analysis.foundation.settings import SETTINGS_FILE, ProjectSettings
from resilience_analysis.foundation.shapes import read_shapes

DEGREES = "EPSG:4326"
EQUAL_AREA = "EPSG:6933"
AREA = "area_km2"
DECIMALS_DEGREES = 6
Extent = tuple[float, float, float, float]


@dataclass(frozen=True)
class Place:
    """Where the polygons of a project lie."""

    crs: str  # reference system that maps are drawn in; its unit is the metre
    extent: Extent  # west, south, east and north in degrees, between which they all lie
    likely: tuple[str, ...] = ()  # other systems that a file may turn out to be in, to name in a message

    def __str__(self) -> str:
        """Return the extent in words."""
        west, south, east, north = self.extent
        return f"between {west:g} and {east:g} degrees east, {south:g} and {north:g} degrees north"


def place_of(settings: ProjectSettings) -> Place:
    """Return where the polygons of a project lie, as ``project.yml`` says.

    Raises
    ------
    InputError
        When its reference system is not known, or its unit is not the metre.
    """
    raise_if_any(SETTINGS_FILE, _drawing_problems(settings.crs))
    return Place(settings.crs, settings.extent, settings.likely)


def _drawing_problems(crs: str) -> list[Problem]:
    """Return why maps cannot be drawn in a reference system."""
    remedy = "Write one whose unit is the metre, such as EPSG:31370"
    try:
        axis = CRS(crs).axis_info[0].unit_name
    except CRSError:
        return [Problem(f"{SETTINGS_FILE}, crs", f"{crs} is not a reference system", remedy)]
    if axis in {"metre", "meter"}:
        return []
    return [Problem(f"{SETTINGS_FILE}, crs", f"the unit of {crs} is the {axis}: maps are drawn in metres", remedy)]


def read_boundaries(
    path: Path,
    *,
    code: str = "nis_code",
    columns: Iterable[str] = (),
    expected: Iterable[str] | None = None,
    crs: str | None = None,
    place: Place,
) -> gpd.GeoDataFrame:
    """Read polygons and bring them to the reference system of the project.

    Parameters
    ----------
    expected
        The codes that must be there, all of them and no others; not looked at when not given.
    crs
        The reference system, for a file that says nothing of it or says it wrongly.
    place
        Where the polygons must lie, and the system to bring them to.

    Returns
    -------
    geopandas.GeoDataFrame
        One row per area, column `code` as text, geometry in the system of `place`, sorted by code.

    Raises
    ------
    InputError
        When the file has no reference system, coordinates outside the extent, no such column, or lacks, repeats or has
        areas that are empty or no polygon.
    """
    shapes = read_shapes(path)
    problem = _system_problem(path, shapes, crs, place)
    raise_if_any(path.name, [problem] if problem else [])
    if crs:
        shapes = shapes.set_crs(crs, allow_override=True)
    raise_if_any(path.name, _area_problems(path, shapes, list(dict.fromkeys([code, *columns]))))
    if expected is not None:
        raise_if_any(path.name, coverage_problems(path.name, shapes[code], expected))
    shapes[code] = shapes[code].astype(str)
    shapes["geometry"] = shapes.geometry.to_crs(place.crs).make_valid()
    return shapes.set_crs(place.crs, allow_override=True).sort_values(code, ignore_index=True)


def area_km2(shapes: gpd.GeoDataFrame) -> pd.Series:
    """Calculate the area of each polygon in square kilometres, to two decimals, on an equal-area projection."""
    found: pd.Series = (shapes.geometry.to_crs(EQUAL_AREA).area / 1e6).round(2)
    return found


def located_shapes(path: Path, crs: str, assumed: list[str]) -> gpd.GeoDataFrame:
    """Read polygons of a region that is not known yet, whose reference system the file must say, or else `crs`.

    Parameters
    ----------
    crs
        Reference system of a file that does not say it; degrees when empty and the coordinates can be degrees.
    assumed
        Is added to when degrees are assumed.

    Raises
    ------
    InputError
        As `read_shapes`; and when the system is not known or not a system, or an area is not a polygon on earth.
    """
    shapes = read_shapes(path)
    areal = shapes.geometry.geom_type.isin(["Polygon", "MultiPolygon"])
    if not areal.any():
        what = f"holds {', '.join(sorted(map(str, shapes.geometry.geom_type.unique())))}, not polygons"
        raise refusal(path.name, what, "Bring the areas of the places")
    shapes = shapes[areal]
    degrees = bool((np.abs(shapes.total_bounds) <= [180, 90, 180, 90]).all())
    if shapes.crs is None and not crs and not degrees:
        shown = ", ".join(f"{value:.7g}" for value in shapes.total_bounds)
        what = f"does not say its reference system, and its coordinates ({shown}) are not degrees"
        raise refusal(path.name, what, "Say it, such as --crs EPSG:28992 or a .prj beside it")
    if shapes.crs is None and not crs:
        assumed.append(f"{path.name} does not say its reference system: its coordinates are taken as degrees")
    placed = _placed(path, shapes, crs)
    placed["geometry"] = placed.geometry.make_valid()
    return placed


def _placed(path: Path, shapes: gpd.GeoDataFrame, crs: str) -> gpd.GeoDataFrame:
    """Return areas with their reference system, on which all of them lie."""
    try:
        placed = shapes.set_crs(crs or DEGREES) if shapes.crs is None else shapes
        found = placed.to_crs(DEGREES).total_bounds
    except (RuntimeError, ValueError) as error:
        what = f"{crs or shapes.crs} is not a reference system that can be used ({error})"
        raise refusal(path.name, what, "Write one such as EPSG:28992") from error
    if not np.isfinite(found).all():
        what = f"its coordinates do not lie where {placed.crs.to_string()} is defined"
        raise refusal(path.name, what, f"Get the file in {DEGREES}")
    return placed


def _system_problem(path: Path, shapes: gpd.GeoDataFrame, crs: str | None, place: Place) -> Problem | None:
    try:
        stated = shapes.set_crs(crs, allow_override=True) if crs else shapes
    except (RuntimeError, ValueError) as error:
        return Problem(path.name, f"{crs} is not a reference system ({error})", f"Write one such as {place.crs}")
    if stated.crs is not None and _inside(stated, place.extent):
        return None
    remedy = f"Get the file in {DEGREES} or {place.crs}"
    if not np.isfinite(shapes.total_bounds).all():
        return Problem(path.name, "has no geometry that can be read; perhaps it holds a drawing for a screen", remedy)
    shown = ", ".join(f"{value:.7g}" for value in shapes.total_bounds)
    read = "it has no coordinate reference system" if stated.crs is None else f"read as {stated.crs.to_string()}"
    what = f"its coordinates ({shown}) do not lie {place}: {read}"
    for system in dict.fromkeys([place.crs, *place.likely, DEGREES]):
        if _inside(shapes.set_crs(system, allow_override=True), place.extent):
            return Problem(
                path.name,
                f"{what}, but they look like {system}",
                f"Say so: crs={system!r}, or crs: {system} in sources.yml",
            )
    what += f"; they are neither degrees nor {place.crs}, perhaps the units of a drawing"
    return Problem(path.name, what, remedy)


def _inside(shapes: gpd.GeoDataFrame, extent: Extent) -> bool:
    west, south, east, north = extent
    bounds = shapes.total_bounds
    if not np.isfinite(bounds).all():
        return False
    if shapes.crs.is_geographic and (np.abs(bounds) > 180).any():  # noqa: PLR2004 - degrees end there
        return False
    left, low, right, high = shapes.geometry.to_crs("EPSG:4326").total_bounds
    return bool(west <= left and south <= low and right <= east and high <= north)


def _area_problems(path: Path, shapes: gpd.GeoDataFrame, columns: list[str]) -> list[Problem]:
    missing = [name for name in columns if name not in shapes]
    if missing:
        found = ", ".join(map(str, shapes.columns))
        return [Problem(path.name, f"has no column {name}; it has {found}") for name in missing]
    unnamed = [
        Problem(f"{path.name}, area {place + 1}", f"has no {name}")
        for name in columns
        for place in np.flatnonzero(shapes[name].isna())
    ]
    if unnamed:
        return unnamed
    codes = shapes[columns[0]].astype(str)
    problems = [Problem(f"{path.name}, {twice}", "appears twice in the file") for twice in codes[codes.duplicated()]]
    hollow = shapes.geometry.isna() | shapes.geometry.is_empty
    problems += [Problem(f"{path.name}, {area}", "has no geometry") for area in codes[hollow]]
    flat = ~hollow & ~shapes.geometry.geom_type.isin(["Polygon", "MultiPolygon"])
    return problems + [Problem(f"{path.name}, {area}", "is not a polygon") for area in codes[flat]]


def coverage_problems(file: str, found: Iterable[str], expected: Iterable[str]) -> list[Problem]:
    """Return every code that a file of boundaries lacks, and every one that it has too many."""
    have, want = {str(code) for code in found}, set(expected)
    problems = [Problem(f"{file}, {area}", "is missing from the boundaries") for area in sorted(want - have)]
    return problems + [Problem(f"{file}, {area}", "is not a municipality of today") for area in sorted(have - want)]


def published_boundaries(
    content: bytes, name: str, rename: Mapping[str, str], *, old: Path, place: Place, crs: str | None = None
) -> bytes:
    """Read published boundaries and write them as GeoJSON in degrees.

    Parameters
    ----------
    content
        GeoJSON (all pages of a collection), or a GeoPackage.
    rename
        Our names for the published columns; the first is that of the code.
    old
        The file that is kept: its columns and codes are those that are wanted.
    crs
        The reference system, for a file that says nothing of it.

    Raises
    ------
    InputError
        When it cannot be read, or a column or an area that is kept today is not in it.
    """
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "published.geojson"
        path.write_bytes(content)
        path = _one_area_each(path, next(iter(rename), ""))
        names = dict(rename) or {"nis_code": "nis_code"}
        code, *others = names
        try:
            shapes = read_boundaries(path, code=code, columns=others, crs=crs, place=place)
        except InputError as error:
            raise InputError(name, [Problem(name, p.what, p.remedy) for p in error.problems]) from error
        shapes = shapes.rename(columns=names)
        if AREA not in shapes:
            shapes[AREA] = area_km2(shapes)
        shapes = _as_kept(shapes, old, name, names[code])
        written = Path(scratch) / old.name
        options = {"COORDINATE_PRECISION": DECIMALS_DEGREES, "RFC7946": "NO"}
        shapes.to_crs("EPSG:4326").to_file(written, driver="GeoJSON", **options)
        return written.read_bytes()


def _one_area_each(path: Path, code: str) -> Path:
    """Take areas with the same code together (statistical sectors, of which a village is made); return the file."""
    shapes = read_shapes(path) if code else None
    if shapes is None or code not in shapes or not shapes[code].duplicated().any():
        return path
    whole = path.with_name("whole.gpkg")
    shapes.dissolve(by=code, as_index=False).to_file(whole, driver="GPKG")
    return whole


def _as_kept(shapes: gpd.GeoDataFrame, old: Path, name: str, code: str) -> gpd.GeoDataFrame:
    """Keep the columns and areas that are kept today."""
    if not old.is_file():
        return shapes
    kept = gpd.read_file(old)
    columns = [column for column in kept.columns if column != "geometry"]
    problems = [
        Problem(name, f"has no column {column}; name it under rename") for column in columns if column not in shapes
    ]
    absent = sorted(set(kept[code].astype(str)) - set(shapes[code].astype(str)))
    problems += [Problem(name, f"lacks the areas {', '.join(absent[:20])}")] if absent else []
    raise_if_any(name, problems)
    return shapes.loc[shapes[code].isin(set(kept[code].astype(str))), [*columns, "geometry"]]
