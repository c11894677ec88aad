"""The tables in ``data/processed``: written by the build, read by everything after it.

Small sorted CSVs at full precision, a GeoPackage with the maps, and a Frictionless descriptor. The same input gives the
same bytes, so that a change of a score shows in review.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

from resilience_analysis.errors import InputError, Problem
from resilience_analysis.storage import write_bytes, write_csv, write_json
from resilience_analysis.tables import check_table, schema

MAPS = "municipalities.gpkg"
DESCRIPTOR = "datapackage.json"
TABLES = ("municipalities", "observations", "indicators", "scores")
REPORTS = ("join_report", "survey_items", "mergers", "housing", "process", "estimates", "changes")
SYNTHETIC = "synthetic.json"
# A GeoPackage carries the time of its writing; a fixed one keeps the bytes the same.
_TIMELESS = "2025-01-01T00:00:00.000Z"
_TYPES = {"int64": "integer", "float64": "number"}


@dataclass(frozen=True)
class Processed:
    """All tables of ``data/processed``, see `tables.schema`; municipalities are indexed by ``nis_code``.

    Attributes
    ----------
    housing, process
        The region's own registers, see `sources.local.Registers`.
    estimates, changes
        What people answered, see `answers.Voices`.
    synthetic
        Names of the tables that hold invented examples; a report that shows them says so.
    """

    municipalities: pd.DataFrame
    observations: pd.DataFrame
    indicators: pd.DataFrame
    scores: pd.DataFrame
    join_report: pd.DataFrame
    survey_items: pd.DataFrame
    mergers: pd.DataFrame
    housing: pd.DataFrame
    process: pd.DataFrame
    estimates: pd.DataFrame
    changes: pd.DataFrame
    boundaries: gpd.GeoDataFrame
    villages: gpd.GeoDataFrame
    synthetic: tuple[str, ...] = ()


def write_processed(folder: Path, tables: Processed, papers: dict[str, Any]) -> list[str]:
    """Write all tables and the descriptor; give the names of the files that changed.

    Parameters
    ----------
    folder
        ``data/processed``.
    tables
        What to write.
    papers
        ``title``, ``description``, ``licenses`` and ``sources`` of the descriptor.
    """
    changed = []
    for name in (*TABLES, *REPORTS):
        table = getattr(tables, name)
        table = table.reset_index() if name == "municipalities" else table
        if write_csv(folder / f"{name}.csv", table):
            changed.append(f"{name}.csv")
    if write_bytes(folder / MAPS, _geopackage(tables)):
        changed.append(MAPS)
    if write_json(folder / SYNTHETIC, list(tables.synthetic)):
        changed.append(SYNTHETIC)
    if write_json(folder / DESCRIPTOR, _descriptor(tables, papers)):
        changed.append(DESCRIPTOR)
    return changed


def _geopackage(tables: Processed) -> bytes:
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


def read_processed(folder: Path) -> Processed:
    """Read everything the build wrote.

    Raises
    ------
    InputError
        When a table is missing or not what its schema says; names the command that makes it.
    """
    tables = {name: read_table(folder, name) for name in (*TABLES, *REPORTS)}
    tables["municipalities"] = tables["municipalities"].set_index("nis_code")
    maps = folder / MAPS
    if not maps.is_file():
        raise InputError(MAPS, [_not_built(maps)])
    shapes = {layer: gpd.read_file(maps, layer=layer) for layer in ("municipalities", "villages")}
    synthetic = tuple(json.loads((folder / SYNTHETIC).read_text(encoding="utf-8")))
    return Processed(boundaries=shapes["municipalities"], villages=shapes["villages"], synthetic=synthetic, **tables)


def read_table(folder: Path, name: str) -> pd.DataFrame:
    """Read one table; codes stay text, empty cells are missing."""
    path = folder / f"{name}.csv"
    if not path.is_file():
        raise InputError(path.name, [_not_built(path)])
    text = dict.fromkeys(_text_columns(name), "str")
    table = pd.read_csv(path, dtype=text, keep_default_na=False, na_values=[""])
    return check_table(table, name, subject=path.name) if name in TABLES else table


def _text_columns(name: str) -> list[str]:
    fixed = {
        "municipalities": ["housing_company", "transport_region", "health_makers_region"],
        "mergers": ["old_nis_code", "new_nis_code", "valid_from"],
        "housing": ["nis_code", "project"],
        "estimates": ["nis_code", "wave", "group", "code", "level", "status"],
        "changes": ["nis_code", "code", "level", "earlier", "later", "method", "why_not"],
        "process": ["date", "area", "municipalities", "feedback_on"],
    }
    columns = [] if name not in TABLES else [c for c, column in schema(name).columns.items() if _is_text(column)]
    return columns + fixed.get(name, [])


def _is_text(column: Any) -> bool:
    return str(column.dtype) not in _TYPES


def _not_built(path: Path) -> Problem:
    return Problem(path.name, f"is not in {path.parent}", "Make it with: resilience build")


def _descriptor(tables: Processed, papers: dict[str, Any]) -> dict[str, Any]:
    resources = []
    for name in (*TABLES, *REPORTS):
        table = getattr(tables, name)
        table = table.reset_index() if name == "municipalities" else table
        fields: dict[str, Any] = {"fields": [_field(table[column]) for column in table], "missingValues": [""]}
        if name in TABLES:
            fields["primaryKey"] = list(schema(name).unique or [])
        resources.append(
            {
                "name": name.replace("_", "-"),
                "path": f"{name}.csv",
                "profile": "tabular-data-resource",
                "encoding": "utf-8",
                "schema": fields,
            }
        )
    return {"profile": "tabular-data-package", "name": "resilience-analysis", **papers, "resources": resources}


def _field(column: pd.Series) -> dict[str, str]:
    return {"name": str(column.name), "type": _TYPES.get(str(column.dtype), "string")}
