"""Regions made up for tests: a table of indicators and boundaries, as a person brings them."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box

FOREIGN = (
    *("vlaams", "vlaander", "neteland", "statbel", "provinc", "antwerp", "zes factoren", "six factors", "flanders"),
    *("stadsmonitor", "vdab", "vier kanten", "four sides", "fuseerden", "merged in", "belgi", "flandre", "flamand"),
)
"""What the pages of another region never say."""


def write_region(
    folder: Path, codes: list[str], *, crs: str, middle: tuple[float, float], file: str = "areas.geojson", **columns
) -> tuple[Path, Path]:
    """Write a table of three indicators and the boundaries of places, in a row; return both paths.

    Parameters
    ----------
    folder
        Where.
    codes
        Codes of the places.
    crs
        Reference system of the boundaries.
    middle
        Longitude and latitude of the first place.
    file
        Name of the boundaries, which says their format.
    columns
        Other columns of the table.
    """
    folder.mkdir(parents=True, exist_ok=True)
    numbers = np.random.default_rng(3).normal(50, 10, (len(codes), 3)).round(1)
    side = int(np.ceil(np.sqrt(len(codes))))
    lon, lat = middle
    tiles = [
        box(lon + 0.1 * (n % side), lat + 0.1 * (n // side), lon + 0.1 * (n % side + 1), lat + 0.1 * (n // side + 1))
        for n in range(len(codes))
    ]
    table = pd.DataFrame({"code": codes, "name": [f"Place {code}" for code in codes], **columns})
    table[["Jobs", "Trees per street", "Losses"]] = numbers
    table["Losses"] -= 50  # some below zero
    table.to_csv(folder / "figures.csv", index=False)
    shapes = gpd.GeoDataFrame({"area_code": codes}, geometry=tiles, crs="EPSG:4326").to_crs(crs)
    shapes.to_file(folder / file)
    return folder / "figures.csv", folder / file
