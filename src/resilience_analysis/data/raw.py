"""Everything below ``data/raw``, read and checked together: the faults of all files come back in one message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import geopandas as gpd
import pandas as pd

from resilience_analysis.data.catalogue import Catalogue, Source, source_of_format
from resilience_analysis.data.catalogue_checks import FILE_NAME
from resilience_analysis.data.observations import read_observations, read_tables
from resilience_analysis.data.processed import check_table
from resilience_analysis.data.read_table import read_corrections
from resilience_analysis.data.register_words import LOCAL_FILE, read_words
from resilience_analysis.data.registers import Registers, read_registers
from resilience_analysis.foundation.cells import plain_table
from resilience_analysis.foundation.errors import (
    Faults,
    InputError,
    Problem,
    UsageError,
    raise_if_any,
    refusal,
    unknown,
)
from resilience_analysis.foundation.numbers import read_day, read_numbers
from resilience_analysis.foundation.project import Project
from resilience_analysis.foundation.settings import ProjectSettings, capital_problems, is_code, not_a_code
from resilience_analysis.foundation.tables import read_rows
from resilience_analysis.foundation.vocabulary import is_missing
from resilience_analysis.geography.boundaries import Place, area_km2, coverage_problems, place_of, read_boundaries
from resilience_analysis.geography.groups import REGIONS_FILE, Geography, read_regions, standing_groups
from resilience_analysis.geography.municipalities import by_name, end_problems, no_mergers, read_mergers

CODE = "nis_code"
_VILLAGE_COLUMNS = ["village_code", "name", CODE]
_LIMITS = {"population": (0.0, 1e9), "age_65_plus_pct": (0.0, 100.0)}
_FIGURE_COLUMNS = ["village_code", "date", *_LIMITS, "publisher"]
_LEVELS = {"province_nis": "province", "arrondissement_nis": "arrondissement"}


@dataclass(frozen=True)
class Raw:
    """What the raw files say."""

    municipalities: pd.DataFrame
    """Schema ``municipalities`` with the supra-local areas, one row per municipality, indexed by ``nis_code``."""
    boundaries: gpd.GeoDataFrame  # one polygon per municipality, in the reference system of the project
    villages: gpd.GeoDataFrame
    """One polygon per village (former municipality) with ``village_code``, ``name`` and ``nis_code``, in the same
    system; no rows where a project has none.
    """
    village_figures: pd.DataFrame  # what is known of the inhabitants of villages, see `read_village_figures`
    observations: pd.DataFrame  # schema ``observations``
    mergers: pd.DataFrame  # one row per code that ended or grew
    items: pd.DataFrame  # wording of the survey items: item, theme_nl, label_nl
    registers: Registers  # the region's own housing projects and process log


def read_raw(project: Project, catalogue: Catalogue, known: pd.DataFrame | None = None) -> Raw:
    """Read all raw files.

    Parameters
    ----------
    project
        Its ``data/raw``, of which the caller has verified the lock, and its definitions.
    known
        The observations, where they were read from exactly these files before.

    Returns
    -------
    Raw
        Every table and map, as what it is; municipalities with ``area_km2`` of their boundaries (km²).

    Raises
    ------
    InputError
        With the faults of every file; when each is fine by itself, with all in which they disagree.
    """
    folder, settings = project.raw, project.settings
    place = place_of(settings)
    geography = read_regions(project.definition(REGIONS_FILE))
    words = read_words(project.definition(LOCAL_FILE))
    corrections = read_corrections(project.definition("corrections.yml"), sources=catalogue)
    faults = Faults()
    mergers = faults.during(lambda: read_place_mergers(folder, catalogue, settings))
    municipalities = faults.during(
        lambda: read_municipalities(folder, catalogue, provinces=geography.provinces, codes=settings.codes)
    )
    boundaries = faults.during(lambda: read_place_boundaries(folder, catalogue, place))
    villages = faults.during(lambda: read_villages(folder, catalogue, place))
    items = faults.during(lambda: _items(folder, catalogue))
    try:
        places = known_places(folder, catalogue)
    except InputError:
        places = {}  # said where these lists are read for themselves
    read = partial(read_tables, folder, catalogue, corrections, codes=settings.codes, places=places)
    tables = faults.during(read) if known is None else {}
    raise_if_any("raw data", faults.problems)
    names = {str(code): str(name) for code, name in municipalities["name"].items()}
    codes = list(names)
    faults.problems += place_problems(catalogue, codes, boundaries=boundaries, villages=villages, mergers=mergers)
    figures = faults.during(lambda: read_village_figures(folder, catalogue, villages))
    regions = faults.during(lambda: _regions(geography, municipalities))
    registers = faults.during(
        lambda: read_registers(
            folder, words, codes=codes, names=names, regions=regions or (), extent=place.extent, example=project.example
        )
    )
    observations = known
    if observations is None:
        observations = faults.during(lambda: read_observations(tables, catalogue, codes=codes, mergers=mergers))
    raise_if_any("raw data", faults.problems)
    if "name" not in boundaries:
        boundaries.insert(1, "name", boundaries["nis_code"].map(names))
    municipalities["area_km2"] = boundaries.set_index("nis_code")["area_km2"].reindex(municipalities.index)
    return Raw(
        municipalities=check_table(municipalities.reset_index(), "municipalities").set_index("nis_code"),
        boundaries=boundaries,
        villages=villages,
        village_figures=figures,
        observations=observations,
        mergers=mergers,
        items=items,
        registers=registers,
    )


def _regions(geography: Geography, municipalities: pd.DataFrame) -> dict[str, set[str]]:
    try:
        return standing_groups(geography, municipalities)
    except UsageError as error:
        raise refusal(REGIONS_FILE, str(error)) from error


def _items(folder: Path, catalogue: Catalogue) -> pd.DataFrame:
    files = [source.items for source in catalogue.values() if source.items]
    columns = ["item", "theme_nl", "label_nl"]
    tables = [read_rows(folder / file, columns=columns)[columns] for file in files]
    problems = [
        Problem(f"{Path(file).name}, row {row}", f"{item} appears here for the second time")
        for file, table in zip(files, tables, strict=True)
        for row, item in table["item"][table["item"].duplicated()].items()
    ]
    raise_if_any("survey items", problems)
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns, dtype=object)


def backbone(catalogue: Catalogue, wanted: str) -> Source:
    """Return the source of a format that nothing can be built without; raise `InputError` without it."""
    source = source_of_format(catalogue, wanted)
    if source is None:
        fault = f"a source with format: {wanted} is missing; every build needs it"
        raise refusal(FILE_NAME, fault)
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


def read_village_figures(folder: Path, catalogue: Catalogue, villages: gpd.GeoDataFrame) -> pd.DataFrame:
    """Read what publishers say of the inhabitants of villages; no rows where a project has no such source.

    Returns
    -------
    pandas.DataFrame
        One row per village and day: ``nis_code``, ``village_code``, ``date`` (ISO text), ``population`` (people),
        ``age_65_plus_pct`` (0-100), missing where the cell is empty, and ``publisher`` of that row.

    Raises
    ------
    InputError
        Without a map of the villages; with every village that is not on it, day or publisher that is missing, row that
        appears twice, and figure that is not a number in its range.
    """
    source, parents = source_of_format(catalogue, "village_figures"), villages.set_index("village_code")[CODE]
    if source is None:
        return pd.DataFrame(columns=[CODE, *_FIGURE_COLUMNS]).astype(dict.fromkeys(_LIMITS, float))
    if parents.empty:
        fault = "has figures of villages, and no source with format: villages says where they are"
        raise refusal(source.file, fault)
    rows = read_rows(folder / source.file, columns=_FIGURE_COLUMNS, rows_needed=False)
    figures, problems = read_numbers(rows, _LIMITS, file=source.file, whole=("population",), limits=_LIMITS)
    days = rows["date"].map(read_day)
    raise_if_any(source.file, problems + _figure_problems(source.file, rows.assign(date=days), figures, parents))
    table = rows[_FIGURE_COLUMNS].assign(date=days, **figures)
    table.insert(0, CODE, rows["village_code"].map(parents))
    return table.sort_values(["village_code", "date"], ignore_index=True)


def _figure_problems(file: str, rows: pd.DataFrame, figures: pd.DataFrame, parents: pd.Series) -> list[Problem]:
    """Return what is wrong with figures of villages: who, when, by whom and how much."""
    problems = []
    for row, cells in rows.assign(**figures).to_dict("index").items():
        where, village = f"{file}, row {row}", cells["village_code"]
        faults = {
            unknown("village", village, parents.index): village not in parents.index,
            "date is not a day such as 2025-01-01": is_missing(cells["date"]),
            "publisher is empty": not cells["publisher"],
            "population is not a whole number": cells["population"] % 1 > 0,
        }
        faults |= {
            f"{name} is not between {low:g} and {high:g}": cells[name] < low or cells[name] > high
            for name, (low, high) in _LIMITS.items()
        }
        problems += [Problem(where, what) for what, wrong in faults.items() if wrong]
    twice = rows.index[rows.duplicated(["village_code", "date"])]
    return problems + [Problem(f"{file}, row {row}", "this village and day appear here again") for row in twice]


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
    provinces
        Names of the provinces by their code, for a list that has ``province_nis``.

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
    rows = plain_table(read_rows(folder / source.file, columns=[CODE, "name"]))  # `resilience new` guards its names
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
