"""Read polygons from files that people bring, by the formats alone that cannot name other files or addresses."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pyogrio

from resilience_analysis.foundation.errors import InputError, Problem

_BEGINNINGS = (b"{", b"SQLite format 3", b"\x00\x00\x27\x0a")
"""How GeoJSON, GeoPackage and shapefiles begin; other formats can name files and addresses for GDAL to open."""


def read_shapes(path: Path) -> gpd.GeoDataFrame:
    """Read polygons as they are in a file: GeoJSON, GeoPackage or shapefile, and no other format.

    Raises
    ------
    InputError
        When it is missing or empty, is in another format, or holds no boundaries.
    """
    if not path.is_file():
        raise InputError(path.name, [Problem(path.name, "the file does not exist")])
    if not path.stat().st_size:
        raise InputError(path.name, [Problem(path.name, "is empty", "Restore it")])
    with path.open("rb") as stream:
        beginning = stream.read(64).removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    if beginning.startswith(b"PK"):
        what, remedy = "is a ZIP", "Unpack it, and name the .shp, GeoJSON or GeoPackage in it"
        raise InputError(path.name, [Problem(path.name, what, remedy)])
    if not beginning.startswith(_BEGINNINGS):
        what, remedy = "is not GeoJSON, a GeoPackage or a shapefile (.shp)", "Save it as one of them"
        raise InputError(path.name, [Problem(path.name, what, remedy)])
    try:
        layers = [str(name) for name, _ in pyogrio.list_layers(path)]
        shapes = gpd.read_file(path) if len(layers) == 1 else None
    except Exception as error:  # GDAL's drivers raise whatever they like on a broken file
        raise InputError(path.name, [Problem(path.name, f"cannot be read as boundaries ({error})")]) from error
    if len(layers) > 1:
        what = f"has {len(layers)} layers: {', '.join(layers)}"
        raise InputError(path.name, [Problem(path.name, what, "Save the one with the areas as a file of its own")])
    if not isinstance(shapes, gpd.GeoDataFrame) or shapes.empty:
        raise InputError(path.name, [Problem(path.name, "holds no boundaries")])
    return shapes
