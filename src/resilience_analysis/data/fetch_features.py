"""Boundaries as published (VRBG of Digitaal Vlaanderen, Statbel; GeoJSON or OGC API Features) to our own GeoJSON."""

from __future__ import annotations

import tempfile
from pathlib import Path

import geopandas as gpd

from resilience_analysis.data.recipe import Recipe
from resilience_analysis.foundation.errors import InputError, Problem, raise_if_any
from resilience_analysis.foundation.shapes import read_shapes
from resilience_analysis.geography.boundaries import Place, area_km2, read_boundaries

AREA = "area_km2"
DECIMALS_DEGREES = 6


def published_boundaries(
    content: bytes, name: str, recipe: Recipe, *, old: Path, place: Place, crs: str | None = None
) -> bytes:
    """Read published boundaries and write them as GeoJSON in degrees.

    Parameters
    ----------
    content
        GeoJSON (all pages of a collection), or a GeoPackage.
    name
        What to call it in a message.
    recipe
        ``rename`` has our names for the published columns; the first is that of the code.
    old
        The file that is kept: its columns and codes are those that are wanted.
    place
        Where the project lies.
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
        path = _one_area_each(path, next(iter(recipe.rename), ""))
        names = dict(recipe.rename) or {"nis_code": "nis_code"}
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
