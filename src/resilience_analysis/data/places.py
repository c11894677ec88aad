"""The places of a project and where they lie: the list of municipalities, mergers, boundaries and villages.

A project has one source of the format ``municipalities`` and one of ``boundaries``; ``mergers``, ``areas`` (levels that
places belong to) and ``villages`` are there or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd

from resilience_analysis.data.catalogue import Catalogue, Source, source_of_format
from resilience_analysis.data.catalogue_checks import FILE_NAME
from resilience_analysis.data.headings import by_name
from resilience_analysis.foundation.errors import InputError, Problem, raise_if_any
from resilience_analysis.foundation.settings import ProjectSettings, capital_problems, is_code, not_a_code
from resilience_analysis.foundation.tables import read_rows
from resilience_analysis.geography.boundaries import Place, area_km2, coverage_problems, read_boundaries
from resilience_analysis.geography.mergers import end_problems, no_mergers, read_mergers

CODE = "nis_code"
_VILLAGE_COLUMNS = ["village_code", "name", CODE]
_LEVELS = {"province_nis": "province", "arrondissement_nis": "arrondissement"}


def backbone(catalogue: Catalogue, wanted: str) -> Source:
    """Return the source of a format that nothing can be built without; raise `InputError` without it."""
    source = source_of_format(catalogue, wanted)
    if source is None:
        fault = f"a source with format: {wanted} is missing; every build needs it"
        raise InputError(FILE_NAME, [Problem(FILE_NAME, fault)])
    return source


def read_place_mergers(folder: Path, catalogue: Catalogue, settings: ProjectSettings) -> pd.DataFrame:
    """Read the mergers of a project; no rows where nothing merged."""
    source = source_of_format(catalogue, "mergers")
    return no_mergers() if source is None else read_mergers(folder / source.file, codes=settings.codes)


def read_place_boundaries(folder: Path, catalogue: Catalogue, place: Place) -> gpd.GeoDataFrame:
    """Read the polygons of all places; the area is worked out where the file does not have it."""
    source = backbone(catalogue, "boundaries")
    shapes = read_boundaries(folder / source.file, code=CODE, crs=source.crs, place=place)
    if "area_km2" not in shapes:
        shapes["area_km2"] = area_km2(shapes)
    unmeasured = shapes.loc[shapes["area_km2"].isna(), CODE]
    raise_if_any(source.file, [Problem(f"{source.file}, {code}", "has no area_km2") for code in unmeasured])
    columns = [name for name in (CODE, "name", "area_km2") if name in shapes]
    return shapes[[*columns, "geometry"]]


def read_villages(folder: Path, catalogue: Catalogue, place: Place) -> gpd.GeoDataFrame:
    """Read the polygons of the villages; no rows where a project has none."""
    source = source_of_format(catalogue, "villages")
    if source is None:
        empty = {name: pd.Series(dtype=object) for name in _VILLAGE_COLUMNS}
        return gpd.GeoDataFrame(empty, geometry=gpd.GeoSeries([], crs=place.crs), crs=place.crs)
    columns = _VILLAGE_COLUMNS
    shapes = read_boundaries(folder / source.file, code=columns[0], columns=columns, crs=source.crs, place=place)
    return shapes[[*columns, "geometry"]]


def place_problems(
    catalogue: Catalogue,
    codes: list[str],
    *,
    boundaries: gpd.GeoDataFrame,
    villages: gpd.GeoDataFrame,
    mergers: pd.DataFrame,
) -> list[Problem]:
    """Return every municipality without boundaries, and all boundaries, villages and mergers that belong to none."""
    problems = coverage_problems(backbone(catalogue, "boundaries").file, boundaries[CODE], codes)
    source, known = source_of_format(catalogue, "villages"), set(codes)
    lying = zip(villages["village_code"], villages[CODE], strict=True)
    problems += [
        Problem(f"{source.file if source else ''}, {village}", f"lies in {code}, which is not a municipality of today")
        for village, code in lying
        if code not in known
    ]
    merged = source_of_format(catalogue, "mergers")
    return problems + (end_problems(mergers, codes, file=merged.file) if merged else [])


def read_municipalities(
    folder: Path, catalogue: Catalogue, *, provinces: Mapping[str, str], codes: str
) -> pd.DataFrame:
    """Read the list of municipalities: one row per municipality, indexed by ``nis_code``.

    Parameters
    ----------
    folder
        ``data/raw``.
    catalogue
        The sources in it.
    provinces
        Names of the provinces by their code, for a list that has ``province_nis``.
    codes
        Regular expression that a whole code matches.

    Returns
    -------
    pandas.DataFrame
        ``name``; ``province``, ``arrondissement`` and levels where the list or a source of the format ``areas`` has
        them. Other columns of the list are levels too.

    Raises
    ------
    InputError
        With every code that is not one or appears twice, every name that is missing, every province without name, and
        every municipality that the areas lack.
    """
    source = backbone(catalogue, "municipalities")
    rows = read_rows(folder / source.file, columns=[CODE, "name"])
    problems = _list_problems(source.file, rows, codes)
    if "province_nis" in rows and provinces:
        strangers = sorted(set(rows["province_nis"]) - set(provinces))
        problems += [Problem(source.file, f"the province {code} has no name in regions.yml") for code in strangers]
    raise_if_any("municipalities", problems)
    table = rows.rename(columns=_LEVELS)
    if "province" in table and provinces:
        table["province"] = table["province"].map(provinces)
    areas = source_of_format(catalogue, "areas")
    if areas is not None:
        table = table.merge(_levels(folder, areas, set(rows[CODE])), on=CODE, how="left", validate="1:1")
    leading = [name for name in (CODE, "name", *_LEVELS.values()) if name in table]
    table = table[[*leading, *table.columns.drop(leading)]].replace({"": None})
    return table.set_index(CODE).sort_index()


def _levels(folder: Path, areas: Source, places: set[str]) -> pd.DataFrame:
    """Read the levels that each municipality belongs to."""
    levels = read_rows(folder / areas.file, columns=[CODE])
    raise_if_any("municipalities", _repeat_problems(areas.file, levels[CODE]))
    covered = set(levels[CODE])
    problems = [Problem(areas.file, f"{code} is missing") for code in sorted(places - covered)]
    problems += [Problem(areas.file, f"{code} is not a municipality of today") for code in sorted(covered - places)]
    raise_if_any("municipalities", problems)
    for level, code in areas.none_codes.items():
        levels[level] = levels[level].mask(levels[level] == code, "")
    return levels


def _list_problems(file: str, rows: pd.DataFrame, codes: str) -> list[Problem]:
    """Return every code that is not one or appears twice, and every name that is missing."""
    cells = rows[[CODE, "name"]].itertuples(name=None)
    problems = [
        Problem(f"{file}, row {row}", "the name is missing" if is_code(code, codes) else not_a_code(code, codes))
        for row, code, name in cells
        if not is_code(code, codes) or not name.strip()
    ]
    return [*problems, *_repeat_problems(file, rows[CODE]), *capital_problems(file, rows[CODE])]


def _repeat_problems(file: str, column: pd.Series) -> list[Problem]:
    return [Problem(file, f"{text} appears twice") for text in sorted(set(column[column.duplicated()])) if text]


def known_places(folder: Path, catalogue: Catalogue) -> dict[str, str]:
    """Return the code of every code and folded name of a municipality, of today and before, from the raw lists."""
    today = _names(folder, catalogue, "municipalities", "nis_code", "name")
    before = _names(folder, catalogue, "mergers", "old_nis_code", "old_name")
    return by_name(before, before) | by_name(today, today)


def _names(folder: Path, catalogue: Catalogue, form: str, code: str, name: str) -> dict[str, str]:
    files = [folder / source.file for source in catalogue.values() if source.format == form]
    tables = [read_rows(path, columns=[code], rows_needed=False) for path in files if path.is_file()]
    table = pd.concat([table.reindex(columns=[code, name], fill_value="") for table in tables]) if tables else None
    return {} if table is None else dict(zip(table[code], table[name], strict=True))
