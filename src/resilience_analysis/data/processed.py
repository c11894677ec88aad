"""The processed tables that the build writes and everything after it reads, each with its schema."""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from resilience_analysis.foundation.cells import csv_bytes, plain_table
from resilience_analysis.foundation.errors import InputError, UsageError, refusal, unknown
from resilience_analysis.foundation.files import json_bytes, write_all
from resilience_analysis.foundation.project import KeptFiles
from resilience_analysis.foundation.schemas import TableSchema, check_rows, code, number, text, year
from resilience_analysis.foundation.vocabulary import COMPUTED, LEVELS, MISSING_REASONS, STRANDS

_REASON = text(nullable=True, among=MISSING_REASONS)
_COMPUTED = text(nullable=True, among=COMPUTED)
SCHEMAS = {
    "municipalities": TableSchema(
        {
            "nis_code": code(),
            "name": text(),
            "province": text(nullable=True, required=False),
            "arrondissement": text(nullable=True, required=False),
            "area_km2": number(0, nullable=False),
        },
        key=("nis_code",),
        strict=False,
    ),
    "observations": TableSchema(
        {
            "nis_code": code(),
            "year": year(),
            "variable": text(),
            "value": number(),
            "n": number(0),
            "computed": _COMPUTED,
            "missing_reason": _REASON,
            "source": text(),
        },
        key=("nis_code", "year", "variable"),
        value="value",
    ),
    "indicators": TableSchema(
        {
            "nis_code": code(),
            "year": year(),
            "indicator": text(),
            "strand": text(among=(*STRANDS, "context")),
            "value": number(),
            "unit": text(),
            "n": number(0),
            "low": number(),
            "high": number(),
            "computed": _COMPUTED,
            "missing_reason": _REASON,
        },
        key=("nis_code", "year", "indicator"),
        value="value",
        interval=True,
    ),
    "scores": TableSchema(
        {
            "nis_code": code(),
            "code": text(),
            "strand": text(among=STRANDS),
            "level": text(among=LEVELS),
            "score": number(0, 100),
            "coverage": number(0, 1, nullable=False),
            "low": number(0, 100),
            "high": number(0, 100),
            "margin_below": number(0),
            "margin_above": number(0),
            "missing_reason": _REASON,
        },
        key=("nis_code", "code", "strand"),
        value="score",
        interval=True,
    ),
}


def check_table(table: pd.DataFrame, name: str, *, subject: str | None = None) -> pd.DataFrame:
    """Check a processed table against its schema and return it with the types of the schema.

    Parameters
    ----------
    subject
        What to call the table in a message, such as its file name; `name` when not given.

    Raises
    ------
    InputError
        With every fault, see `foundation.schemas.check_rows`.
    """
    if name not in SCHEMAS:
        raise UsageError(unknown("table", name, SCHEMAS))
    return check_rows(table, SCHEMAS[name], subject or name)


MAPS = "municipalities.gpkg"
LAYERS = ("municipalities", "villages")
DESCRIPTOR = "datapackage.json"
SYNTHETIC = "synthetic.json"
TABLES = tuple(SCHEMAS)
LARGE = ("observations", "indicators", "scores")
_TEXTS = {
    "join_report": ("source", "variable"),
    "survey_items": ("item",),
    "mergers": ("old_nis_code", "new_nis_code", "valid_from", "old_name"),
    "housing": ("nis_code", "project"),
    "process": ("date", "area", "municipalities", "feedback_on"),
    "estimates": ("nis_code", "wave", "group", "code", "level", "status"),
    "changes": ("nis_code", "code", "level", "earlier", "later", "method", "why_not"),
    "village_figures": ("nis_code", "village_code", "date", "publisher"),
}
"""The other tables, each with the columns that must be there and are text, whatever they look like."""
REPORTS = tuple(_TEXTS)
# A GeoPackage carries the time of its writing; a fixed one keeps the bytes the same.
_TIMELESS = "2025-01-01T00:00:00.000Z"
_TYPES = {"int64": "integer", "float64": "number"}


class Later:
    """A table of `Processed` that can be given as what reads it: then it is read when it is first asked for."""

    def __set_name__(self, _: type, name: str) -> None:
        """Take the name of the table."""
        self._name = f"_{name}"

    def __get__(self, tables: Processed | None, _: type | None = None) -> pd.DataFrame:
        """Return the table, read now if it was not."""
        if tables is None:
            raise AttributeError(self._name)  # it has no default
        found: pd.DataFrame | Callable[[], pd.DataFrame] = vars(tables)[self._name]
        if callable(found):
            found = vars(tables)[self._name] = found()
        return found

    def __set__(self, tables: Processed, given: pd.DataFrame | Callable[[], pd.DataFrame]) -> None:
        """Take the table, or what reads it."""
        vars(tables)[self._name] = given


@dataclass(frozen=True)
class Processed:
    """All tables of ``data/processed``; municipalities are indexed by ``nis_code``."""

    municipalities: pd.DataFrame
    join_report: pd.DataFrame
    survey_items: pd.DataFrame
    mergers: pd.DataFrame
    housing: pd.DataFrame
    process: pd.DataFrame  # housing, process: the region's own registers, see `registers.Registers`
    estimates: pd.DataFrame
    changes: pd.DataFrame  # estimates, changes: what people answered, see `answers.Voices`
    village_figures: pd.DataFrame  # inhabitants of villages, see `raw.read_village_figures`
    boundaries: gpd.GeoDataFrame
    villages: gpd.GeoDataFrame
    observations: Later = Later()
    indicators: Later = Later()
    scores: Later = Later()
    synthetic: tuple[str, ...] = ()  # names of the tables that hold invented examples; a report that shows them says so


def write_processed(folder: Path, tables: Processed, about: dict[str, Any]) -> list[str]:
    """Write all tables and the descriptor, or none; give the names of the files that changed.

    Parameters
    ----------
    about
        ``title``, ``description``, ``licenses`` and ``sources`` of the descriptor.
    """
    contents = {f"{name}.csv": csv_bytes(table) for name, table in _as_written(tables).items()}
    contents[MAPS] = _geopackage(tables)
    contents[SYNTHETIC] = json_bytes(list(tables.synthetic))
    contents[DESCRIPTOR] = json_bytes(_descriptor(tables, about))
    return [path.name for path in write_all({folder / name: content for name, content in contents.items()})]


def _as_written(tables: Processed) -> dict[str, pd.DataFrame]:
    """Return every table as it is in its file."""
    named = {name: getattr(tables, name) for name in (*TABLES, *REPORTS)}
    return {**named, "municipalities": tables.municipalities.reset_index()}


def _geopackage(tables: Processed) -> bytes:
    import pyogrio  # noqa: PLC0415 - what is kept is read without

    # pyogrio passes this on to GDAL, which otherwise writes the time of day into the file
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _TIMELESS})
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / MAPS
            tables.boundaries.to_file(path, layer="municipalities", driver="GPKG")
            tables.villages.to_file(path, layer="villages", driver="GPKG")
            return path.read_bytes()
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def read_processed(folder: Path, kept: KeptFiles | None = None) -> Processed:
    """Read everything the build wrote.

    Parameters
    ----------
    kept
        Where the tables that take longest are kept as they were read, for exactly these files.

    Raises
    ------
    InputError
        When a table is missing or not what its schema says; names the command that makes it.
    """
    tables: dict[str, Any] = {name: read_table(folder, name) for name in (*TABLES, *REPORTS) if name not in LARGE}
    tables |= {name: _large_table(folder, name, kept) for name in LARGE}
    tables["municipalities"] = tables["municipalities"].set_index("nis_code")
    with _as_built(folder / MAPS) as path:
        maps = _read_maps(path, kept)
    with _as_built(folder / SYNTHETIC) as path:
        synthetic = tuple(str(name) for name in json.loads(path.read_text(encoding="utf-8")))
    return Processed(boundaries=maps["municipalities"], villages=maps["villages"], synthetic=synthetic, **tables)


def _read_maps(path: Path, kept: KeptFiles | None) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of the maps.

    What was kept of them is read without GDAL, which has a database open that every fork would close for itself.
    """
    if kept is None:
        return {layer: gpd.read_file(path, layer=layer) for layer in LAYERS}
    flat = {layer: kept.table(f"map of {layer}", partial(_flat, path, layer)) for layer in LAYERS}
    system = flat[LAYERS[0]]["system"].iloc[0]
    return {layer: _with_shapes(table.drop(columns="system"), system) for layer, table in flat.items()}


def _flat(path: Path, layer: str) -> pd.DataFrame:
    """Return a layer with its shapes, and the reference system, as text."""
    shapes = gpd.read_file(path, layer=layer)
    table = pd.DataFrame(shapes.drop(columns="geometry"))
    return table.assign(geometry=shapes.geometry.to_wkb(hex=True), system=str(shapes.crs))


def _with_shapes(table: pd.DataFrame, system: str) -> gpd.GeoDataFrame:
    found = shapely.from_wkb(table["geometry"].to_numpy(dtype=object))
    return gpd.GeoDataFrame(table.drop(columns="geometry"), geometry=found, crs=system)


def _large_table(folder: Path, name: str, kept: KeptFiles | None) -> pd.DataFrame | Callable[[], pd.DataFrame]:
    """Read a table; one that was kept as it was read, and so is whole, is read when it is asked for."""
    if kept is None:
        return read_table(folder, name)
    if kept.has_table(name):
        return partial(_find_table, kept, folder, name, _written(folder, name))
    return kept.table(name, partial(read_table, folder, name))


def _find_table(kept: KeptFiles, folder: Path, name: str, written: int) -> pd.DataFrame:
    """Return a table that was kept; where it is not any more, what its file holds, unless another was written since."""
    found = kept.find_table(name)
    if found is None and _written(folder, name) != written:
        raise refusal(f"{name}.csv", "was built anew after other tables had been read", "Start again")
    return read_table(folder, name) if found is None else found


def _written(folder: Path, name: str) -> int:
    return (folder / f"{name}.csv").stat().st_mtime_ns


@contextmanager
def _as_built(path: Path) -> Iterator[Path]:
    """Name the command that makes a file where it is missing or cannot be read."""
    if not path.is_file():
        raise refusal(path.name, f"is not in {path.parent}", "Make it with: resilience build")
    try:
        yield path
    except InputError:
        raise
    except (RuntimeError, TypeError, ValueError) as error:
        raise refusal(path.name, f"cannot be read ({error})", "Make it again with: resilience build") from error


def read_table(folder: Path, name: str) -> pd.DataFrame:
    """Read one table; codes stay text, empty cells are missing.

    Raises
    ------
    InputError
        When it is missing, is not a table, or does not follow its schema; names the command that makes it.
    """
    cells = SCHEMAS[name].columns if name in TABLES else {column: text() for column in _TEXTS[name]}
    texts = {column: "str" for column, kind in cells.items() if kind.dtype not in _TYPES}
    if name == "municipalities":  # every level of areas is a column of codes, which may look like numbers
        texts = defaultdict(lambda: "str", texts | {"area_km2": "float64"})
    with _as_built(folder / f"{name}.csv") as path:
        table = plain_table(pd.read_csv(path, dtype=texts, keep_default_na=False, na_values=[""]))
        lacking = [column for column in texts if column not in table and cells[column].required]
        if lacking:
            raise ValueError(f"without {', '.join(lacking)}")
    return check_table(table, name, subject=f"{name}.csv") if name in TABLES else table


def _descriptor(tables: Processed, about: dict[str, Any]) -> dict[str, Any]:
    resources = []
    for name, table in _as_written(tables).items():
        fields: dict[str, Any] = {"fields": [_field(table[column]) for column in table], "missingValues": [""]}
        if name in TABLES:
            fields["primaryKey"] = list(SCHEMAS[name].key)
        named = {"name": name.replace("_", "-"), "path": f"{name}.csv", "profile": "tabular-data-resource"}
        resources.append({**named, "encoding": "utf-8", "schema": fields})
    return {"profile": "tabular-data-package", "name": "resilience-analysis", **about, "resources": resources}


def _field(column: pd.Series) -> dict[str, str]:
    return {"name": str(column.name), "type": _TYPES.get(str(column.dtype), "string")}
