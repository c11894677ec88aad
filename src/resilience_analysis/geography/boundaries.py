"""Read boundaries so that no map is ever drawn in the Atlantic: the reference system is checked, never assumed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import geopandas as gpd
import numpy as np

from resilience_analysis.errors import InputError, Problem, raise_if_any

CRS = "EPSG:31370"  # Belgian Lambert 72, metres
_BELGIUM = (2.3, 49.4, 6.5, 51.6)  # west, south, east, north in degrees, a little wide
_LAMBERTS = ("EPSG:31370", "EPSG:3812")


def read_boundaries(
    path: Path, *, code: str = "nis_code", expected: Iterable[str] | None = None, crs: str | None = None
) -> gpd.GeoDataFrame:
    """Read polygons and bring them to Lambert 72.

    Parameters
    ----------
    path
        Any vector file that GDAL reads.
    code
        The column with the code of each area.
    expected
        Codes that must all be there.
    crs
        The reference system, for a file that says nothing of it or says it wrongly.

    Returns
    -------
    geopandas.GeoDataFrame
        One row per area, column `code` as text, geometry in EPSG:31370 (metres), sorted by code.

    Raises
    ------
    InputError
        When the file has no reference system, coordinates outside Belgium, no such column, or lacks, repeats or has
        empty areas.
    """
    shapes = _read(path)
    problem = _system_problem(path, shapes, crs)
    raise_if_any(path.name, [problem] if problem else [])
    if crs:
        shapes = shapes.set_crs(crs, allow_override=True)
    raise_if_any(path.name, _area_problems(path, shapes, code, expected))
    shapes[code] = shapes[code].astype(str)
    shapes["geometry"] = shapes.geometry.to_crs(CRS).make_valid()
    return shapes.set_crs(CRS, allow_override=True).sort_values(code, ignore_index=True)


def _read(path: Path) -> gpd.GeoDataFrame:
    if not path.is_file():
        raise InputError(path.name, [Problem(path.name, "the file does not exist")])
    try:
        return gpd.read_file(path)
    except Exception as error:  # GDAL's drivers raise whatever they like on a broken file
        raise InputError(path.name, [Problem(path.name, f"cannot be read as boundaries ({error})")]) from error


def _system_problem(path: Path, shapes: gpd.GeoDataFrame, crs: str | None) -> Problem | None:
    remedy = "State the reference system the file is in, or get it in WGS 84 or Lambert"
    if shapes.crs is None and crs is None:
        return Problem(path.name, "has no coordinate reference system", remedy)
    stated = shapes.set_crs(crs, allow_override=True) if crs else shapes
    bounds = stated.total_bounds
    if _inside_belgium(stated):
        return None
    shown = ", ".join(f"{value:.7g}" for value in bounds)
    what = f"its coordinates ({shown}) do not lie in Belgium when read as {stated.crs.to_string()}"
    for lambert in _LAMBERTS:
        if _inside_belgium(shapes.set_crs(lambert, allow_override=True)):
            return Problem(path.name, f"{what}; they look like {lambert}", f"Say so: crs={lambert!r}")
    return Problem(path.name, what, remedy)


def _inside_belgium(shapes: gpd.GeoDataFrame) -> bool:
    west, south, east, north = _BELGIUM
    bounds = shapes.total_bounds
    if not np.isfinite(bounds).all():
        return False
    if shapes.crs.is_geographic and (np.abs(bounds) > 180).any():  # noqa: PLR2004 - degrees end there
        return False
    left, low, right, high = shapes.geometry.to_crs("EPSG:4326").total_bounds
    return bool(west <= left and south <= low and right <= east and high <= north)


def _area_problems(path: Path, shapes: gpd.GeoDataFrame, code: str, expected: Iterable[str] | None) -> list[Problem]:
    if code not in shapes:
        return [Problem(path.name, f"has no column {code}; it has {', '.join(map(str, shapes.columns))}")]
    codes = shapes[code].astype(str)
    problems = [Problem(f"{path.name}, {twice}", "stands in the file twice") for twice in codes[codes.duplicated()]]
    hollow = codes[shapes.geometry.isna() | shapes.geometry.is_empty]
    problems += [Problem(f"{path.name}, {area}", "has no geometry") for area in hollow]
    missing = sorted(set(expected or ()) - set(codes))
    return problems + [Problem(f"{path.name}, {area}", "is missing from the boundaries") for area in missing]
