"""Areas to draw scores on: which column of a file of boundaries names the units."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from resilience_analysis.foundation.errors import InputError, Problem

_SHOWN = 5


def read_areas(path: Path, units: Sequence[str]) -> Any:
    """Read boundaries, one row per unit that has any, on a plane.

    Parameters
    ----------
    path
        GeoJSON, GeoPackage or shapefile. The column that names the units is the one with most of their codes.
    units
        Codes of the units.

    Returns
    -------
    geopandas.GeoDataFrame
        Indexed by unit, in the order of `units`.

    Raises
    ------
    InputError
        When the file cannot be read, no column has a code of a unit, or a unit has several areas.
    """
    from resilience_analysis.foundation.shapes import read_shapes  # noqa: PLC0415 - only maps need it

    shapes = read_shapes(path)
    known = set(units)
    texts = {name: shapes[name].astype(str).str.strip() for name in shapes.columns.drop(shapes.geometry.name)}
    found = {name: int(text.isin(known).sum()) for name, text in texts.items()}
    best = max(found, key=lambda name: found[name], default=None)
    if best is None or not found[best]:
        has = ", ".join(map(str, texts)) or "none"
        what = f"no column holds the codes of the units; it has {has}"
        raise InputError(path.name, [Problem(path.name, what, f"Units are such as {', '.join(list(units)[:_SHOWN])}")])
    areas = shapes.set_axis(pd.Index(texts[best], name="unit"))
    areas = areas[areas.index.isin(known)]
    twice = areas.index[areas.index.duplicated()].unique()
    if len(twice):
        what = f"several areas are {', '.join(twice[:_SHOWN])}"
        raise InputError(path.name, [Problem(f"{path.name}, column {best}", what, "Join the parts of a unit into one")])
    areas = areas.loc[[unit for unit in units if unit in areas.index]]
    return areas.to_crs(areas.estimate_utm_crs()) if areas.crs is not None and areas.crs.is_geographic else areas
