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
from resilience_analysis.data.observations import code_problems, observe, overlap_problems, plausibility_problems
from resilience_analysis.data.places import (
    known_places,
    place_problems,
    read_municipalities,
    read_place_boundaries,
    read_place_mergers,
    read_village_figures,
    read_villages,
)
from resilience_analysis.data.processed import check_table
from resilience_analysis.data.read_table import Correction, published_problems, read_corrections, read_table
from resilience_analysis.data.register_words import LOCAL_FILE, read_words
from resilience_analysis.data.registers import Registers, read_registers
from resilience_analysis.foundation.errors import InputError, Problem, UsageError, raise_if_any, refusal
from resilience_analysis.foundation.project import Project
from resilience_analysis.foundation.settings import ANY_CODE
from resilience_analysis.foundation.tables import read_rows
from resilience_analysis.geography.boundaries import place_of
from resilience_analysis.geography.groups import REGIONS_FILE, Geography, read_regions, standing_groups

Made = TypeVar("Made")


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
    village_figures: pd.DataFrame  # what is known of the inhabitants of villages, see `places.read_village_figures`
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
    catalogue
        The sources in it.
    known
        The observations, where they were read from exactly these files before.

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
    faults = _Faults()
    mergers = faults.during(lambda: read_place_mergers(folder, catalogue, settings))
    municipalities = faults.during(
        lambda: read_municipalities(folder, catalogue, provinces=geography.provinces, codes=settings.codes)
    )
    boundaries = faults.during(lambda: read_place_boundaries(folder, catalogue, place))
    villages = faults.during(lambda: read_villages(folder, catalogue, place))
    items = faults.during(lambda: _items(folder, catalogue))
    read = partial(read_tables, folder, catalogue, corrections, codes=settings.codes)
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


def _regions(geography: Geography, municipalities: pd.DataFrame) -> dict[str, set[str]]:
    try:
        return standing_groups(geography, municipalities)
    except UsageError as error:
        raise refusal(REGIONS_FILE, str(error)) from error


def read_tables(
    folder: Path, catalogue: Catalogue, corrections: Sequence[Correction], *, codes: str = ANY_CODE
) -> dict[str, pd.DataFrame]:
    """Read the table of every source that has one, corrected; the faults of all come back at once."""
    faults = _Faults()
    tables = {}
    try:
        places = known_places(folder, catalogue)
    except InputError:
        places = {}  # said where these lists are read for themselves
    for source in (source for source in catalogue.values() if source.format == "table"):
        table = faults.during(
            partial(read_table, folder / source.file, source, corrections, codes=codes, places=places)
        )
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
        Problem(f"{Path(file).name}, row {row}", f"{item} appears here for the second time")
        for file, table in zip(files, tables, strict=True)
        for row, item in table["item"][table["item"].duplicated()].items()
    ]
    raise_if_any("survey items", problems)
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns, dtype=object)
