"""Everything below ``data/raw``, read and checked together: the faults of all files come back in one message."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from resilience_analysis.delimited import read_rows
from resilience_analysis.errors import InputError, Problem, raise_if_any
from resilience_analysis.framework import DEFINITIONS
from resilience_analysis.geography.boundaries import read_boundaries
from resilience_analysis.geography.mergers import read_mergers
from resilience_analysis.geography.regions import Geography, read_regions
from resilience_analysis.sources.catalogue import Catalogue, Source
from resilience_analysis.sources.corrections import Correction, correct, read_corrections
from resilience_analysis.sources.local import Registers, read_registers
from resilience_analysis.sources.observations import code_problems, observe, plausibility_problems
from resilience_analysis.sources.table import published_problems, read_table
from resilience_analysis.tables import check_table


@dataclass(frozen=True)
class Raw:
    """What the raw files say.

    Attributes
    ----------
    municipalities
        Schema ``municipalities`` with the supra-local areas, one row per municipality, indexed by ``nis_code``.
    boundaries
        One polygon per municipality, EPSG:31370.
    villages
        One polygon per village (former municipality) with ``village_code``, ``name`` and ``nis_code``, EPSG:31370.
    observations
        Schema ``observations``.
    mergers
        One row per code that ended or grew.
    items
        Wording of the survey items: item, theme_nl, label_nl.
    registers
        The region's own housing projects and process log.
    """

    municipalities: pd.DataFrame
    boundaries: gpd.GeoDataFrame
    villages: gpd.GeoDataFrame
    observations: pd.DataFrame
    mergers: pd.DataFrame
    items: pd.DataFrame
    registers: Registers


def read_raw(folder: Path, catalogue: Catalogue, *, definitions: Path = DEFINITIONS, example: bool = False) -> Raw:
    """Read all raw files.

    Parameters
    ----------
    folder
        ``data/raw``; the caller has verified its lock.
    catalogue
        The sources in it.
    definitions
        Folder with ``regions.yml``, ``corrections.yml`` and ``local.yml``.
    example
        Read the invented examples of the region's own registers.

    Raises
    ------
    InputError
        With the faults of every file.
    """
    geography = read_regions(definitions / "regions.yml")
    mergers = read_mergers(folder / catalogue["statbel_mergers"].file)
    municipalities = read_municipalities(folder, catalogue, geography)
    codes = [str(code) for code in municipalities.index]
    boundaries = read_boundaries(folder / catalogue["statbel_boundaries"].file, expected=codes)
    villages = read_boundaries(folder / catalogue["statbel_villages"].file, code="village_code")
    municipalities["area_km2"] = boundaries.set_index("nis_code")["area_km2"].reindex(municipalities.index)
    corrections = read_corrections(definitions / "corrections.yml")
    return Raw(
        municipalities=check_table(municipalities.reset_index(), "municipalities").set_index("nis_code"),
        boundaries=boundaries[["nis_code", "name", "area_km2", "geometry"]],
        villages=villages[["village_code", "name", "nis_code", "geometry"]],
        observations=read_observations(folder, catalogue, corrections, codes=codes, mergers=mergers),
        mergers=mergers,
        items=_items(folder, catalogue),
        registers=read_registers(folder, definitions, codes=codes, regions=geography.groups, example=example),
    )


def read_municipalities(folder: Path, catalogue: Catalogue, geography: Geography) -> pd.DataFrame:
    """Read names, provinces and supra-local areas: one row per municipality, indexed by ``nis_code``."""
    source, areas = catalogue["statbel_municipalities"], catalogue["provinces_areas"]
    columns = ["nis_code", "name", "province_nis", "arrondissement_nis"]
    rows = read_rows(folder / source.file, columns=columns)[columns]
    levels = read_rows(folder / areas.file, columns=["nis_code"])
    problems = [Problem(source.file, f"{code} stands here twice") for code in _repeated(rows)]
    problems += [Problem(areas.file, f"{code} stands here twice") for code in _repeated(levels)]
    strangers = sorted(set(rows["province_nis"]) - set(geography.provinces))
    problems += [Problem(source.file, f"the province {code} has no name in regions.yml") for code in strangers]
    absent = sorted(set(rows["nis_code"]) - set(levels["nis_code"]))
    problems += [Problem(areas.file, f"{code} is missing") for code in absent]
    raise_if_any("municipalities", problems)
    table = rows.merge(levels, on="nis_code", how="left", validate="1:1")
    table.insert(2, "province", table.pop("province_nis").map(geography.provinces))
    table = table.rename(columns={"arrondissement_nis": "arrondissement"}).replace({"": None})
    for level, code in areas.none_codes.items():
        table[level] = table[level].mask(table[level] == code)
    return table.set_index("nis_code").sort_index()


def _repeated(rows: pd.DataFrame) -> list[str]:
    return sorted(set(rows["nis_code"][rows["nis_code"].duplicated()]))


def read_observations(
    folder: Path, catalogue: Catalogue, corrections: list[Correction], *, codes: list[str], mergers: pd.DataFrame
) -> pd.DataFrame:
    """Read every table and bring it to the municipalities of today (schema ``observations``)."""
    problems: list[Problem] = []
    frames = []
    for source in (entry for entry in catalogue.values() if entry.format == "table"):
        try:
            table = _table(folder, source, corrections, codes, mergers)
        except InputError as error:
            problems += error.problems
            continue
        frames.append(observe(table, source, codes=codes, mergers=mergers))
    raise_if_any("raw data", problems)
    observations = pd.concat(frames, ignore_index=True)
    observations = observations.sort_values(["variable", "nis_code", "year"], ignore_index=True)
    raise_if_any("raw data", plausibility_problems(observations, catalogue))
    return observations


def _table(
    folder: Path, source: Source, corrections: list[Correction], codes: list[str], mergers: pd.DataFrame
) -> pd.DataFrame:
    table = read_table(folder / source.file, source)
    problems = code_problems(table, source, codes=codes, mergers=mergers)
    table = correct(table, corrections, source=source.name)
    raise_if_any(source.file, problems + published_problems(table, source))
    return table


def _items(folder: Path, catalogue: Catalogue) -> pd.DataFrame:
    files = [source.items for source in catalogue.values() if source.items]
    columns = ["item", "theme_nl", "label_nl"]
    tables = [read_rows(folder / file, columns=columns)[columns] for file in files]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns, dtype=object)
