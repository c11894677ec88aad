"""Everything that profiles share, arranged once: latest values, scores, series and how municipalities are spread."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from typing import Any, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd

from resilience_analysis.data.catalogue import Catalogue
from resilience_analysis.data.processed import REPORTS, TABLES, Processed
from resilience_analysis.foundation.project import NOTHING_KEPT, KeptFiles, Project
from resilience_analysis.foundation.texts import Texts, load_texts
from resilience_analysis.foundation.vocabulary import STRANDS
from resilience_analysis.geography.groups import Geography
from resilience_analysis.indicators.framework import Framework
from resilience_analysis.indicators.values import latest, pooled
from resilience_analysis.survey.instrument import Instrument

QUANTILES = {"p05": 0.05, "q1": 0.25, "median": 0.5, "q3": 0.75, "p95": 0.95}
TREND_YEARS = 3
DISK = "disk"  # where `Dataset.kept` has `KeptFiles`, with the tables that they belong to
Made = TypeVar("Made")


@dataclass(frozen=True)
class Dataset:
    """The figures and definitions that all profiles share; nothing in them depends on one municipality."""

    project: Project  # whose figures these are
    framework: Framework  # the definitions; the instrument is the self-assessment
    geography: Geography
    catalogue: Catalogue
    instrument: Instrument
    tables: Processed  # the processed tables
    kept: dict[Hashable, Any] = field(default_factory=dict, repr=False)
    """What was made once for many profiles (statistics, base drawings), by key; see `keep`."""

    def __repr__(self) -> str:
        """Return one line on what there is."""
        years = self.tables.indicators["year"]
        return (
            f"Data of {len(self.municipalities)} places: {self.tables.indicators['indicator'].nunique()} indicators of "
            f"{years.min()} to {years.max()}, {self.tables.scores['code'].nunique()} scores"
        )

    def _repr_html_(self) -> str:
        """Show a row per table in a notebook."""
        names = (*TABLES, *REPORTS, "boundaries", "villages")
        sizes = pd.DataFrame({"rows": {name: len(getattr(self.tables, name)) for name in names}})
        return f"<p>{escape(repr(self))}</p>{sizes.to_html(border=0)}"

    def texts(self, language: str = "") -> Texts:
        """Return the words of a language of the project, its first when empty."""
        return load_texts(language or self.project.settings.languages[0], project=self.project)

    @property
    def disk(self) -> KeptFiles:
        """Where what follows from exactly these data is kept on disk; of data of one's own nothing is."""
        tables, files = self.kept.get(DISK, (None, None))
        return files if tables is self.tables else NOTHING_KEPT

    def keep(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Return what was kept under `key`, or make and keep it."""
        if key not in self.kept:
            self.kept[key] = make()
        made: Made = self.kept[key]
        return made

    def with_scores(self, scores: pd.DataFrame) -> Dataset:
        """Return a dataset with other scores (schema ``scores``) and nothing kept."""
        return replace(self, tables=replace(self.tables, scores=scores), kept={})

    @cached_property
    def mark(self) -> str:
        """Twelve hexadecimal digits that change when any indicator or score does."""
        return self.disk.plain("mark", lambda: _mark(self.tables.indicators, self.tables.scores))

    @property
    def municipalities(self) -> pd.DataFrame:
        """Schema ``municipalities``, indexed by ``nis_code``."""
        return self.tables.municipalities

    @cached_property
    def names(self) -> pd.Series:
        """Names by NIS code."""
        return self.tables.municipalities["name"]

    @property
    def boundaries(self) -> gpd.GeoDataFrame:
        """One polygon per municipality, EPSG:31370."""
        return self.tables.boundaries

    @property
    def villages(self) -> gpd.GeoDataFrame:
        """One polygon per village, EPSG:31370."""
        return self.tables.villages

    @cached_property
    def latest(self) -> pd.DataFrame:
        """The latest year of every indicator, indexed by (indicator, nis_code)."""
        return latest(self.tables.indicators).set_index(["indicator", "nis_code"]).sort_index()

    @cached_property
    def years(self) -> Mapping[str, int]:
        """The latest year of each indicator."""
        return self.disk.plain("years", lambda: _years(self.latest))

    def column(self, name: str) -> pd.DataFrame:
        """Spread one column of `latest`: municipalities x indicators."""
        return self._wide[name]

    @cached_property
    def _wide(self) -> Mapping[str, pd.DataFrame]:
        columns = ("value", "low", "high", "n", "computed", "missing_reason")
        codes = self.municipalities.index
        return self.disk.frames("latest", lambda: _spread(self.latest[[*columns]], level=0, codes=codes))

    @cached_property
    def values(self) -> pd.DataFrame:
        """Latest values, municipalities x indicators (scored and context)."""
        return self.column("value")

    def value(self, nis_code: str, indicator: str) -> float:
        """Return the latest value of an indicator of one municipality; NaN where there is none."""
        return float(self._numbers[self.places[nis_code], self._columns[indicator]])

    @cached_property
    def _numbers(self) -> np.ndarray[Any, Any]:
        return self.values.to_numpy(dtype=float)

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The row of each municipality in tables of all, by NIS code."""
        return {str(code): row for row, code in enumerate(self.values.index)}

    @cached_property
    def _columns(self) -> dict[str, int]:
        return {str(code): column for column, code in enumerate(self.values.columns)}

    @cached_property
    def known(self) -> frozenset[str]:
        """The indicators that any municipality has a value of."""
        known = self.values.notna().any()
        return frozenset(known.index[known])

    @cached_property
    def scores(self) -> Mapping[str, pd.DataFrame]:
        """Scores per column (score, low, high, coverage, missing_reason): municipalities x (code, strand)."""
        return self.disk.frames("scores of places", self._spread_scores)

    def _spread_scores(self) -> Mapping[str, pd.DataFrame]:
        rows = self.tables.scores.set_index(["nis_code", "code", "strand"])
        columns = ["score", "low", "high", "coverage", "missing_reason"]
        return _spread(rows[columns], level=[1, 2], codes=self.municipalities.index)

    @cached_property
    def has_margins(self) -> bool:
        """Whether any score has a margin."""
        return bool(self.scores["low"].notna().any(axis=None))

    @cached_property
    def strands(self) -> tuple[str, ...]:
        """The strands that the framework has an indicator of, or any municipality a score from, in their order."""
        scores = self.scores["score"]
        scored = scores.columns[scores.notna().any()].get_level_values("strand")
        known = {*scored, *(entry.strand for entry in self.framework.indicators.values())}
        return tuple(strand for strand in STRANDS if strand in known)

    @cached_property
    def series(self) -> Mapping[str, pd.DataFrame]:
        """Values over the years, municipalities x years, for indicators with at least three years."""
        return self.disk.frames("series", self._spread_years)

    def _spread_years(self) -> Mapping[str, pd.DataFrame]:
        found, codes = {}, self.municipalities.index
        for code, rows in self.tables.indicators.groupby("indicator"):
            if rows["year"].nunique() >= TREND_YEARS:
                found[str(code)] = rows.pivot(index="nis_code", columns="year", values="value").reindex(codes)
        return found

    def over_years(self, variable: str) -> pd.DataFrame:
        """Return a variable of the observations: municipalities x years."""

        def spread() -> Mapping[str, pd.DataFrame]:
            rows = self.tables.observations
            rows = rows[rows["variable"] == variable]
            return {"value": rows.pivot(index="nis_code", columns="year", values="value")}

        return self.keep(("years of", variable), lambda: self.disk.frames(f"years of {variable}", spread))["value"]

    def course(self, indicator: str, nis_code: str) -> tuple[list[int], list[float]]:
        """Return the years and values of an indicator of one municipality; none where there are fewer than three years.

        A year without a value is NaN.
        """
        if indicator not in self.series:
            return [], []
        years, places, values = self.keep(("course", indicator), lambda: _course(self.series[indicator]))
        return years, values[places[nis_code]].tolist() if nis_code in places else []

    def spread(self, codes: Sequence[str], *, least: int = 0) -> pd.DataFrame:
        """Return how a group of municipalities is spread on every indicator.

        Of an indicator that fewer than `least` have a value of, only their number is given.

        Returns
        -------
        pandas.DataFrame
            One row per indicator: min, p05, q1, median, q3, p95, max, n (municipalities with a value).
        """
        return self.keep(
            ("spread", least, *sorted(codes)), lambda: self._describe(self._numbers, self.values, codes, least)
        )

    @cached_property
    def together(self) -> pd.Series:
        """Every indicator for all inhabitants together, by code; missing where that has no meaning."""
        found = self.disk.plain("together", lambda: self.pooled(self.everywhere).to_dict())
        return pd.Series(found, dtype=float)

    def pooled(self, codes: Sequence[str]) -> pd.Series:
        """Return every indicator for all inhabitants of some municipalities together, by code."""
        # as categories, so that a place is looked up by a number and not by its letters
        observations = self.tables.observations.astype(dict.fromkeys(("nis_code", "variable"), "category"))
        figures = {str(name): rows for name, rows in observations.groupby("variable", observed=True)}
        values = self.values.loc[list(codes)]
        found = {}
        for code, entry in self.framework.entries.items():
            known = [str(place) for place in values.index[values[code].notna()]]
            found[code] = pooled(entry, figures, self.catalogue, self.municipalities, codes=known)
        return pd.Series(found, dtype=float)

    @cached_property
    def everywhere(self) -> list[str]:
        """NIS codes of all municipalities."""
        return [str(code) for code in self.municipalities.index]

    def score_spread(self, codes: Sequence[str], *, least: int = 0) -> pd.DataFrame:
        """Return how a group is spread on every score: one row per (code, strand), the rest as in `spread`."""
        scores = self.scores["score"]
        key = ("score spread", least, *sorted(codes))
        return self.keep(key, lambda: self._describe(self._score_numbers, scores, codes, least))

    @cached_property
    def _score_numbers(self) -> np.ndarray[Any, Any]:
        return self.scores["score"].to_numpy(dtype=float)

    def _describe(
        self, numbers: np.ndarray[Any, Any], table: pd.DataFrame, codes: Sequence[str], least: int
    ) -> pd.DataFrame:
        return describe(numbers[[self.places[code] for code in sorted(codes)]], table.columns, least)

    def estimates_of(self, nis_code: str) -> pd.DataFrame:
        """Return the rows of ``estimates`` about one municipality."""
        return self._estimates.get(nis_code, self.tables.estimates.iloc[:0])

    @cached_property
    def _estimates(self) -> dict[str, pd.DataFrame]:
        return {str(code): rows for code, rows in self.tables.estimates.groupby("nis_code")}

    @cached_property
    def standardised_context(self) -> pd.DataFrame:
        """Context indicators that resemblance is measured on, each with mean 0 and standard deviation 1."""
        chosen = self.values[list(self.geography.resemblance)]
        return (chosen - chosen.mean()) / chosen.std()

    def distances(self, code: str) -> pd.Series:
        """Return how little every municipality resembles one: root mean square of standardised differences.

        Taken over the context indicators that both have; missing where they share fewer than half of them.
        """
        table = self.standardised_context
        squares = (table - table.loc[code]) ** 2
        enough = squares.notna().mean(axis=1) >= 0.5  # noqa: PLR2004 - half of the indicators
        distance: pd.Series = squares.mean(axis=1) ** 0.5
        return distance.where(enough).rename("distance")


def _spread(rows: pd.DataFrame, *, level: int | list[int], codes: pd.Index) -> dict[str, pd.DataFrame]:
    """Return every column with a level of its index as columns, and a row for each municipality."""
    wide: Any = rows.unstack(level=level).reindex(codes)
    return {str(name): wide[name] for name in rows.columns}


def _mark(*tables: pd.DataFrame) -> str:
    rows = [pd.util.hash_pandas_object(table, index=False).to_numpy().tobytes() for table in tables]
    return hashlib.sha256(b"".join(rows)).hexdigest()[:12]


def _years(latest: pd.DataFrame) -> dict[str, int]:
    return {str(code): int(year) for code, year in latest["year"].groupby(level=0).first().items()}


def _course(series: pd.DataFrame) -> tuple[list[int], dict[str, int], np.ndarray[Any, Any]]:
    places = {str(code): row for row, code in enumerate(series.index)}
    return [int(year) for year in series.columns], places, series.to_numpy(dtype=float)


def describe(values: np.ndarray[Any, Any], columns: pd.Index, least: int = 0) -> pd.DataFrame:
    """Describe every column over its values: min, quantiles (linear interpolation), max and n; only n below `least`."""
    ordered = np.sort(values, axis=0)  # what is missing comes last
    counts = (~np.isnan(ordered)).sum(axis=0)
    shares = {"min": 0.0, **QUANTILES, "max": 1.0}
    enough = counts >= max(least, 1)
    found = {name: np.where(enough, _quantile(ordered, counts, share), np.nan) for name, share in shares.items()}
    return pd.DataFrame({**found, "n": counts}, index=columns)


def _quantile(ordered: np.ndarray[Any, Any], counts: np.ndarray[Any, Any], share: float) -> np.ndarray[Any, Any]:
    """Return a quantile of every column by linear interpolation, as numpy does: method 7 of Hyndman and Fan (1996)."""
    if len(ordered) == 0:
        return np.full(ordered.shape[1], np.nan)
    place = share * np.maximum(counts - 1, 0)
    low = np.floor(place).astype(int)
    high = np.minimum(low + 1, np.maximum(counts - 1, 0))
    column = np.arange(ordered.shape[1])
    below, above, part = ordered[low, column], ordered[high, column], place - low
    half = 0.5
    found: np.ndarray[Any, Any] = np.where(
        part < half, below + (above - below) * part, above - (above - below) * (1 - part)
    )
    return found
