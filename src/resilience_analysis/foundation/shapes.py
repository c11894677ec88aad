"""Read polygons from files that people bring, by the formats alone that cannot name other files or addresses."""

from __future__ import annotations

import re
import sqlite3
import warnings
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from resilience_analysis.foundation.errors import InputError, refusal

_BEGINNINGS = {b"{": "GeoJSON", b"SQLite format 3\0": "GPKG", b"\x00\x00\x27\x0a": "ESRI Shapefile"}
"""How the files begin that are read, and their driver; other formats can name files and addresses for GDAL to open."""
_INDEX = re.compile(r'CREATE VIRTUAL TABLE "[^"]*" USING rtree\(')
_PACKAGES = (b"GPKG", b"GP10", b"GP11")
_TOPOLOGY = "TopoJSON"  # begins as GeoJSON does, and names no other file either
_SHAPEFILE = (".shp", ".dbf", ".shx")
MAX_BYTES = 200_000_000
"""Most bytes of a file with boundaries, its companions taken with it."""
MAX_AREAS = 100_000
"""Most areas: a country has some ten thousand neighbourhoods, and a million take a minute to read."""
_SMALLER = "Keep the areas of the region, simplify them, and save them as a GeoPackage"


def read_shapes(path: Path) -> gpd.GeoDataFrame:
    """Read polygons as they are in a file: GeoJSON (or TopoJSON), GeoPackage or shapefile, and no other format.

    Raises
    ------
    InputError
        When it is missing or empty, is in another format, has more than `MAX_BYTES` or `MAX_AREAS`, works its areas
        out as it is read, or holds no boundaries.
    """
    driver = _driver(path)
    _refuse_size(path)
    if driver == "GPKG":
        _refuse_made_tables(path)
    try:
        import pyogrio  # noqa: PLC0415 - what is kept of maps is read without

        layers = [str(name) for name, _ in pyogrio.list_layers(path)]
        about = pyogrio.read_info(path, layer=0) if layers else {}
    except Exception as error:  # GDAL's drivers raise whatever they like on a broken file
        raise _unreadable(path, error) from error
    if about.get("driver", driver) not in (driver, _TOPOLOGY):
        raise refusal(path.name, f"is {about['driver']}, not {driver}", "Save it as GeoJSON or a GeoPackage")
    if len(layers) > 1:
        what = f"has {len(layers)} layers: {', '.join(layers)}"
        raise refusal(path.name, what, "Save the one with the areas as a file of its own")
    if about.get("features", 0) > MAX_AREAS:
        raise refusal(path.name, f"has {about['features']:,} areas, more than {MAX_AREAS:,}", _SMALLER)
    return _read(path)


def _read(path: Path) -> gpd.GeoDataFrame:
    try:
        with warnings.catch_warnings(action="ignore", category=RuntimeWarning):  # what is wrong is said below
            shapes = gpd.read_file(path)
    except Exception as error:  # see above
        raise _unreadable(path, error) from error
    if not isinstance(shapes, gpd.GeoDataFrame) or shapes.empty:
        raise refusal(path.name, "holds no boundaries")
    if not np.isfinite(shapely.get_coordinates(shapes.geometry.to_numpy())).all():
        raise refusal(path.name, "has a coordinate that is not a number", "Correct it, or save the areas again")
    return shapes


def _unreadable(path: Path, error: Exception) -> InputError:
    if "OGR_GEOJSON_MAX_OBJ_SIZE" in str(error):
        return refusal(path.name, "has an area of too many points", _SMALLER)
    return refusal(path.name, f"cannot be read as boundaries ({error})", "Save it as GeoJSON or a GeoPackage again")


def _driver(path: Path) -> str:
    """Return by which driver a file is read: what it is follows from how it begins."""
    if not path.is_file():
        raise refusal(path.name, "the file does not exist")
    if not path.stat().st_size:
        raise refusal(path.name, "is empty", "Restore it")
    with path.open("rb") as stream:
        beginning = stream.read(64).removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    if beginning.startswith(b"PK"):
        raise refusal(path.name, "is a ZIP", "Unpack it, and name the .shp, GeoJSON or GeoPackage in it")
    for start, driver in _BEGINNINGS.items():
        if beginning.startswith(start):
            return driver
    raise refusal(path.name, "is not GeoJSON, a GeoPackage or a shapefile (.shp)", "Save it as one of them")


def _refuse_size(path: Path) -> None:
    """Refuse a file that takes too long, before it is opened."""
    files = {path, *(path.with_suffix(suffix) for suffix in _SHAPEFILE if path.suffix.casefold() == ".shp")}
    if sum(file.stat().st_size for file in files if file.is_file()) > MAX_BYTES:
        raise refusal(path.name, f"has more than {MAX_BYTES:,} bytes", _SMALLER)
    if path.read_bytes().count(b'"geometry"') > MAX_AREAS:  # GDAL counts them only once it has read them
        raise refusal(path.name, f"has more than {MAX_AREAS:,} areas", _SMALLER)


def _refuse_made_tables(path: Path) -> None:
    """Refuse a GeoPackage with views or virtual tables: they can work for ever, or open other files."""
    found = "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'view') AND rootpage = 0"
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            (mark,) = database.execute("PRAGMA application_id").fetchone()
            made = [str(name) for name, sql in database.execute(found) if not _INDEX.match(str(sql))]
    except (sqlite3.Error, UnicodeDecodeError) as error:  # also in what it says of the damage
        raise _unreadable(path, error) from error
    if mark.to_bytes(4, "big", signed=True) not in _PACKAGES:
        raise refusal(path.name, "is a database, not a GeoPackage", "Save it as one")
    if made:
        what = f"works out {', '.join(made[:5])} as it is read"
        raise refusal(path.name, what, "Save the layer with the areas as a GeoPackage of its own")
