"""A region of any size, made up: Flanders' own figures, and municipalities that nobody lives in.

The made-up ones take the figures of a real municipality that never merged, larger or smaller and shifted a little, so
that values are spread as in Flanders. All areas, the real ones too, get new boundaries: cells around random points with
crooked edges, shared to the last vertex. Their names say that they are synthetic.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import yaml

from resilience_analysis.data.catalogue import Source, accept, read_catalogue

FIRST_CODE, MOST = 80_000, 20_000  # no municipality of Flanders has such a code
BOX = (40_000, 160_000, 240_000, 235_000)  # metres in Lambert 72: west, south, east, north
KEY = "nis_code"
SPREAD, SHIFT = 0.3, 0.1  # standard deviations: of the size (log) and of what is not a count
VERTICES = 12  # on a side of a cell


def grow_project(root: Path, count: int, *, seed: int = 0) -> None:
    """Bring the raw data of a copied project to so many municipalities, with a lock of their own."""
    raw = root / "data" / "raw"
    catalogue = read_catalogue(raw)
    random = np.random.default_rng(seed)
    donors = make_donors(raw, count, random)
    for path in sorted(raw.rglob("*.csv")):
        if path.parent.name != "local" and path.name != "mergers.csv":
            grow_table(path, donors, share_columns(catalogue, path.relative_to(raw).as_posix()))
    draw_cells(raw / catalogue["statbel_boundaries"].file, count, random)
    entries = yaml.safe_load((raw / "sources.yml").read_text(encoding="utf-8"))
    for check in (check for entry in entries.values() for check in entry.get("checks", [])):
        check.pop("mean_of_all", None)  # that of Flanders
    (raw / "sources.yml").write_text(yaml.safe_dump(entries, sort_keys=False, allow_unicode=True), encoding="utf-8")
    accept(raw, read_catalogue(raw))


def make_donors(raw: Path, count: int, random: np.random.Generator) -> pd.DataFrame:
    """Say of every made-up municipality whose figures it takes, how much larger it is, and how it is shifted."""
    real = pd.read_csv(raw / "statbel" / "municipalities.csv", dtype=str)[KEY]
    merged = pd.read_csv(raw / "statbel" / "mergers.csv", dtype=str)["new_nis_code"]
    extra = count - len(real)
    if not 0 <= extra <= MOST:
        raise SystemExit(f"a region has {len(real)} to {len(real) + MOST} municipalities, not {count}")
    return pd.DataFrame({
        KEY: pd.Series([str(FIRST_CODE + number) for number in range(extra)], dtype=str),
        "donor": random.choice(real[~real.isin(merged)].to_numpy(), extra),
        "size": np.exp(random.normal(0, SPREAD, extra)),
        "shift": 1 + random.normal(0, SHIFT, extra).clip(-0.5, 0.5),
    })  # fmt: skip


def share_columns(catalogue: dict[str, Source], file: str) -> dict[str, str]:
    """Return the kind of every column that the source of a file describes; a star stands for all others."""
    found = [source for source in catalogue.values() if source.file == file]
    return {name: column.kind for source in found for name, column in source.columns.items()}


def grow_table(path: Path, donors: pd.DataFrame, kinds: dict[str, str]) -> None:
    """Add the rows of the made-up municipalities to a table: those of their donors, other numbers."""
    table = pd.read_csv(path, dtype={KEY: str}, keep_default_na=False, na_values=[])
    if KEY not in table:
        return
    rows = donors.merge(table.rename(columns={KEY: "donor"}), on="donor", how="inner")
    for name in (name for name in table if name not in {KEY, "year"}):
        kind = kinds.get(name, kinds.get("*", ""))
        if name == "name":
            rows[name] = "Synthetic " + rows[KEY]
        elif kind:
            rows[name] = vary(rows, name, kind)
    pd.concat([table, rows[table.columns]]).to_csv(path, index=False, lineterminator="\n")


def vary(rows: pd.DataFrame, name: str, kind: str) -> pd.Series:
    """Return the numbers of one column: counts and amounts by size, the rest shifted; empty stays empty."""
    numbers = pd.to_numeric(rows[name], errors="coerce")
    if kind in {"count", "amount_eur"}:
        varied = (numbers * rows["size"]).round().map("{:.0f}".format)
    else:
        most = 100.0 if kind.endswith("_pct") else np.inf
        varied = (numbers * rows["shift"]).clip(upper=most).round(1).astype(str)
    return varied.where(numbers.notna(), rows[name])


def draw_cells(path: Path, count: int, random: np.random.Generator) -> None:
    """Write boundaries for all municipalities: cells around random points, with crooked sides that neighbours share."""
    west, south, east, north = BOX
    points = shapely.points(random.uniform((west, south), (east, north), (count, 2)))
    box = shapely.box(*BOX)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), extend_to=box))
    cells = shapely.intersection(cells, box)
    side = np.sqrt(box.area / count)
    crooked = shapely.transform(shapely.segmentize(cells, side / VERTICES), lambda xy: bend(xy, side))
    municipalities = pd.read_csv(path.parent / "municipalities.csv", dtype=str)
    attributes = municipalities[[KEY, "name"]].assign(area_km2=(shapely.area(crooked) / 1e6).round(4))
    shapes = gpd.GeoDataFrame(attributes, geometry=crooked, crs="EPSG:31370").to_crs("EPSG:4326")
    path.unlink()
    shapes.to_file(path, driver="GeoJSON", COORDINATE_PRECISION=6)


def bend(xy: np.ndarray, side: float) -> np.ndarray:
    """Move points by a field that depends on where they are only, so that shared edges stay shared."""
    waves = 2 * np.pi * xy / side
    return np.asarray(xy + 0.04 * side * np.sin(3 * waves[:, ::-1]) + 0.08 * side * np.cos(waves[:, ::-1]))
