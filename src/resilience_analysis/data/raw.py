"""Everything below ``data/raw``, read and checked together: the faults of all files come back in one message."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar, cast

import geopandas as gpd
import pandas as pd

from resilience_analysis.data.catalogue import Catalogue, Source
from resilience_analysis.data.catalogue_checks import FILE_NAME
from resilience_analysis.data.corrections import Correction, read_corrections
from resilience_analysis.data.observations import code_problems, observe, overlap_problems, plausibility_problems
from resilience_analysis.data.read_table import published_problems, read_table
from resilience_analysis.data.register_words import LOCAL_FILE, read_words
from resilience_analysis.data.registers import Registers, read_registers
from resilience_analysis.foundation.errors import InputError, Problem, UsageError, raise_if_any
from resilience_analysis.foundation.project import Project
from resilience_analysis.foundation.schemas import check_table
from resilience_analysis.foundation.tables import read_rows
from resilience_analysis.geography.boundaries import coverage_problems, read_boundaries
from resilience_analysis.geography.groups import REGIONS_FILE, Geography, read_regions, standing_groups
from resilience_analysis.geography.mergers import end_problems, is_nis_code, read_mergers

Made = TypeVar("Made")


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


def read_raw(project: Project, catalogue: Catalogue) -> Raw:
    """Read all raw files.

    Parameters
    ----------
    project
        Its ``data/raw``, of which the caller has verified the lock, and its definitions.
    catalogue
        The sources in it.

    Raises
    ------
    InputError
        With the faults of every file; when each is fine by itself, with all in which they disagree.
    """
    folder = project.raw
    geography = read_regions(project.definition(REGIONS_FILE))
    words = read_words(project.definition(LOCAL_FILE))
    corrections = read_corrections(project.definition("corrections.yml"), sources=catalogue)
    faults = _Faults()
    mergers = faults.during(lambda: read_mergers(folder / backbone(catalogue, "statbel_mergers").file))
    municipalities = faults.during(lambda: read_municipalities(folder, catalogue, geography))
    boundaries = faults.during(lambda: _boundaries(folder, catalogue))
    villages = faults.during(lambda: _villages(folder, catalogue))
    items = faults.during(lambda: _items(folder, catalogue))
    tables = faults.during(lambda: read_tables(folder, catalogue, corrections))
    raise_if_any("raw data", faults.problems)
    names = {str(code): str(name) for code, name in municipalities["name"].items()}
    codes = list(names)
    faults.problems += _place_problems(catalogue, codes, boundaries, villages)
    faults.problems += end_problems(mergers, codes, file=catalogue["statbel_mergers"].file)
    regions = faults.during(lambda: _regions(geography, municipalities))
    registers = faults.during(
        lambda: read_registers(folder, words, codes=codes, names=names, regions=regions or (), example=project.example)
    )
    observations = faults.during(lambda: read_observations(tables, catalogue, codes=codes, mergers=mergers))
    raise_if_any("raw data", faults.problems)
    municipalities["area_km2"] = boundaries.set_index("nis_code")["area_km2"].reindex(municipalities.index)
    return Raw(
        municipalities=check_table(municipalities.reset_index(), "municipalities").set_index("nis_code"),
        boundaries=boundaries,
        villages=villages,
        observations=observations,
        mergers=mergers,
        items=items,
        registers=registers,
    )


class _Faults:
    """Collects the problems of several readings, so that those of all files come back in one message."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def during(self, read: Callable[[], Made]) -> Made:
        """Return what `read` gives; after a fault nothing, which is never used since the problems are raised first."""
        try:
            return read()
        except InputError as error:
            self.problems += error.problems
            return cast("Made", None)


def backbone(catalogue: Catalogue, name: str) -> Source:
    """Return a source that nothing can be built without; raise `InputError` when ``sources.yml`` lacks it."""
    if name not in catalogue:
        raise InputError(FILE_NAME, [Problem(FILE_NAME, f"the source {name} is missing; every build needs it")])
    return catalogue[name]


def _boundaries(folder: Path, catalogue: Catalogue) -> gpd.GeoDataFrame:
    columns = ["nis_code", "name", "area_km2"]
    source = backbone(catalogue, "statbel_boundaries")
    return read_boundaries(folder / source.file, columns=columns, crs=source.crs)[[*columns, "geometry"]]


def _villages(folder: Path, catalogue: Catalogue) -> gpd.GeoDataFrame:
    columns = ["village_code", "name", "nis_code"]
    source = backbone(catalogue, "statbel_villages")
    shapes = read_boundaries(folder / source.file, code="village_code", columns=columns, crs=source.crs)
    return shapes[[*columns, "geometry"]]


def _regions(geography: Geography, municipalities: pd.DataFrame) -> dict[str, set[str]]:
    try:
        return standing_groups(geography, municipalities)
    except UsageError as error:
        raise InputError(REGIONS_FILE, [Problem(REGIONS_FILE, str(error))]) from error


def _place_problems(
    catalogue: Catalogue, codes: list[str], boundaries: gpd.GeoDataFrame, villages: gpd.GeoDataFrame
) -> list[Problem]:
    """Return every municipality without boundaries, and all boundaries that belong to none."""
    file = catalogue["statbel_villages"].file
    places = zip(villages["village_code"], villages["nis_code"], strict=True)
    return coverage_problems(catalogue["statbel_boundaries"].file, boundaries["nis_code"], codes) + [
        Problem(f"{file}, {village}", f"lies in {code}, which is not a municipality of today")
        for village, code in places
        if code not in codes
    ]


def read_municipalities(folder: Path, catalogue: Catalogue, geography: Geography) -> pd.DataFrame:
    """Read names, provinces and supra-local areas: one row per municipality, indexed by ``nis_code``."""
    source, areas = backbone(catalogue, "statbel_municipalities"), backbone(catalogue, "provinces_areas")
    columns = ["nis_code", "name", "province_nis", "arrondissement_nis"]
    rows = read_rows(folder / source.file, columns=columns)[columns]
    levels = read_rows(folder / areas.file, columns=["nis_code"])
    problems = _list_problems(source.file, rows) + _repeat_problems(areas.file, levels["nis_code"])
    strangers = sorted(set(rows["province_nis"]) - set(geography.provinces))
    problems += [Problem(source.file, f"the province {code} has no name in regions.yml") for code in strangers]
    raise_if_any("municipalities", problems)
    places, covered = set(rows["nis_code"]), set(levels["nis_code"])
    problems = [Problem(areas.file, f"{code} is missing") for code in sorted(places - covered)]
    problems += [Problem(areas.file, f"{code} is not a municipality of today") for code in sorted(covered - places)]
    raise_if_any("municipalities", problems)
    table = rows.merge(levels, on="nis_code", how="left", validate="1:1")
    table.insert(2, "province", table.pop("province_nis").map(geography.provinces))
    table = table.rename(columns={"arrondissement_nis": "arrondissement"}).replace({"": None})
    for level, code in areas.none_codes.items():
        table[level] = table[level].mask(table[level] == code)
    return table.set_index("nis_code").sort_index()


def _list_problems(file: str, rows: pd.DataFrame) -> list[Problem]:
    """Return every code that is none or stands twice, and every name that is missing or not one municipality's own."""
    cells = rows[["nis_code", "name"]].itertuples(name=None)
    problems = [
        Problem(f"{file}, row {row}", "the name is missing" if is_nis_code(code) else f"{code!r} is not a NIS code")
        for row, code, name in cells
        if not is_nis_code(code) or not name.strip()
    ]
    return problems + _repeat_problems(file, rows["nis_code"]) + _repeat_problems(file, rows["name"])


def _repeat_problems(file: str, column: pd.Series) -> list[Problem]:
    return [Problem(file, f"{text} stands here twice") for text in sorted(set(column[column.duplicated()])) if text]


def read_tables(folder: Path, catalogue: Catalogue, corrections: Sequence[Correction]) -> dict[str, pd.DataFrame]:
    """Read the table of every source that has one, corrected; the faults of all come back at once."""
    faults = _Faults()
    tables = {}
    for source in (source for source in catalogue.values() if source.format == "table"):
        table = faults.during(partial(read_table, folder / source.file, source, corrections))
        if table is not None:
            faults.problems += published_problems(table, source)
            tables[source.name] = table
    raise_if_any("raw data", faults.problems)
    return tables


def read_observations(
    tables: Mapping[str, pd.DataFrame],
    catalogue: Catalogue,
    *,
    codes: list[str],
    mergers: pd.DataFrame,
) -> pd.DataFrame:
    """Bring every table to the municipalities of today (schema ``observations``)."""
    sources = {name: catalogue[name] for name in tables}
    problems = [
        problem
        for name, source in sources.items()
        for problem in code_problems(tables[name], source, codes=codes, mergers=mergers)
    ]
    raise_if_any("raw data", problems)
    observed = partial(observe, codes=codes, mergers=mergers)
    frames = [
        observed(tables[name], source, inhabitants=_inhabitants(tables, source)) for name, source in sources.items()
    ]
    observations = pd.concat(frames, ignore_index=True)
    observations = observations.sort_values(["variable", "nis_code", "year"], ignore_index=True)
    raise_if_any("raw data", overlap_problems(observations))
    raise_if_any("raw data", plausibility_problems(observations, catalogue))
    return observations


def _inhabitants(tables: Mapping[str, pd.DataFrame], source: Source) -> pd.Series | None:
    """Return the variable that a source names for its inhabitants, by (NIS code of then, year)."""
    name = source.inhabitants
    holder = next((table for table in tables.values() if name in table), None)
    return None if name is None or holder is None else holder.set_index(["nis_code", "year"])[name]


def _items(folder: Path, catalogue: Catalogue) -> pd.DataFrame:
    files = [source.items for source in catalogue.values() if source.items]
    columns = ["item", "theme_nl", "label_nl"]
    tables = [read_rows(folder / file, columns=columns)[columns] for file in files]
    problems = [
        Problem(f"{Path(file).name}, row {row}", f"{item} stands here for the second time")
        for file, table in zip(files, tables, strict=True)
        for row, item in table["item"][table["item"].duplicated()].items()
    ]
    raise_if_any("survey items", problems)
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns, dtype=object)
