"""What indicators are derived from, and what a derivation returns: aligned frames, municipalities x years."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from resilience_analysis.data.registers import parts

EXTRAS = ("n", "low", "high", "computed")


@dataclass(frozen=True)
class Derived:
    """Values and, where one is missing, the reason: two frames, municipalities x years."""

    values: pd.DataFrame
    reasons: pd.DataFrame
    extras: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """More frames of the same shape, by column of the indicators: ``n`` (what a value rests on), ``low`` and ``high``
    of its 95 % interval, ``computed`` (how it was made here from parts). Only those that are known.
    """

    @property
    def years(self) -> list[int]:
        """The years that are covered, oldest first."""
        return sorted(int(year) for year in self.values.columns)

    def year(self, year: int) -> Derived:
        """Keep one year."""
        return Derived(self.values[[year]], self.reasons[[year]])

    def unless(self, too_few: pd.DataFrame, reason: str) -> Derived:
        """Make the values missing where `too_few` is true, for `reason`; a value that was missing keeps its own."""
        gone = too_few & self.values.notna()
        extras = {name: frame.mask(gone) for name, frame in self.extras.items()}
        return Derived(self.values.mask(gone), self.reasons.mask(gone, reason), extras)


@dataclass(frozen=True)
class Evidence:
    """What indicators are derived from."""

    observations: pd.DataFrame  # schema ``observations``
    municipalities: pd.DataFrame
    """Schema ``municipalities``, indexed by ``nis_code``, with the supra-local areas as columns."""
    given: pd.DataFrame = field(default_factory=pd.DataFrame)
    """What was worked out elsewhere (the self-assessment, the process log): columns verb, name, nis_code, year, value,
    n, low, high, missing_reason; an indicator ``{verb: name}`` takes its rows. Empty when there is nothing yet.
    """
    indicators: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Schema ``indicators``, of those that were derived before; empty for most verbs."""
    spreads: dict[str, Derived] = field(default_factory=dict, repr=False)
    """The variables that were asked for, each spread over the years once."""

    def variable(self, name: str) -> Derived:
        """Return one variable for all municipalities and years.

        Raises
        ------
        KeyError
            When no source has it.
        """
        if name not in self.spreads:
            self.spreads[name] = self._spread(self._by_variable[name])
        return self.spreads[name]

    @cached_property
    def _by_variable(self) -> Mapping[str, pd.DataFrame]:
        return {str(name): rows for name, rows in self.observations.groupby("variable")}

    def given_by(self, verb: str, name: str) -> Derived:
        """Return what was worked out elsewhere under a name; a place that is not in it has ``not_collected``."""
        rows = self.given
        if rows.empty:
            nothing = pd.DataFrame(index=self.municipalities.index)
            return Derived(nothing, nothing)
        found = self._spread(rows[(rows["verb"] == verb) & (rows["name"] == name)])
        unexplained = found.values.isna() & found.reasons.isna()
        return Derived(found.values, found.reasons.mask(unexplained, "not_collected"), found.extras)

    def _spread(self, rows: pd.DataFrame) -> Derived:
        codes, years = self.municipalities.index, np.sort(rows["year"].unique())
        place = codes.get_indexer(pd.Index(rows["nis_code"]))
        inside = place >= 0
        cell = place[inside], np.searchsorted(years, rows["year"].to_numpy()[inside])
        if len(np.unique(cell[0] * len(years) + cell[1])) < len(cell[0]):
            raise ValueError("a municipality has two rows of a year")

        def frame(column: str, kind: type) -> pd.DataFrame:
            values: np.ndarray[Any, Any] = np.full((len(codes), len(years)), np.nan, dtype=kind)
            values[cell] = rows[column].to_numpy(dtype=kind)[inside]
            return pd.DataFrame(values, index=codes, columns=pd.Index(years, name="year"))

        known = [name for name in EXTRAS if name in rows and rows[name].notna().any()]
        extras = {name: frame(name, object if name == "computed" else float) for name in known}
        return Derived(frame("value", float), frame("missing_reason", object), extras)


def combine(parts: list[Derived], calculate: Callable[[list[pd.DataFrame]], pd.DataFrame]) -> Derived:
    """Calculate from the years that all parts share; a gap in any part is a gap, with the first part's reason."""
    years = sorted(set.intersection(*(set(part.years) for part in parts)))
    frames = [part.values if list(part.values) == years else part.values[years] for part in parts]
    first = parts[0].reasons[years]
    found = first.to_numpy(dtype=object, copy=True)
    for part in parts[1:]:
        gaps = pd.isna(found)
        found[gaps] = part.reasons[years].to_numpy(dtype=object)[gaps]
    reasons = pd.DataFrame(found, index=first.index, columns=first.columns)
    values = calculate(frames).astype(float)
    finite = np.isfinite(values)
    values = values.where(finite & reasons.isna())
    return Derived(values, reasons.mask(values.isna() & reasons.isna(), "not_applicable"))


def total(evidence: Evidence, names: list[str]) -> Derived:
    """Return the sum of some variables."""
    return combine([evidence.variable(name) for name in names], sum)  # type: ignore[arg-type]


COLUMNS = ["verb", "name", "nis_code", "year", "value", "n", "low", "high", "missing_reason"]
VERB = "process"


def concerning(log: pd.DataFrame, nis_code: str, regions: Mapping[str, set[str]]) -> pd.DataFrame:
    """Return the rows of the log about a municipality: its own, and those of a region it belongs to."""
    areas = {nis_code, *(region for region, codes in regions.items() if nis_code in codes)}
    return log[log["area"].isin(areas)]


def measures(
    log: pd.DataFrame,
    codes: list[str],
    *,
    regions: Mapping[str, set[str]],
    villages: Mapping[str, int],
    words: Mapping[str, Any],
) -> pd.DataFrame:
    """Work out the measures of the process strand, per municipality and calendar year.

    Parameters
    ----------
    regions
        NIS codes of every region that a row of the log may concern.

    Returns
    -------
    pandas.DataFrame
        Columns ``verb`` (``process``), ``name`` (of the measure), ``nis_code``, ``year``, ``value``, ``n`` (what it
        rests on), ``low``, ``high`` (missing: a log is not a sample), ``missing_reason``. Only what the log knows of.
    """
    rows = []
    if log.empty:
        return pd.DataFrame(columns=COLUMNS)
    dated = log.assign(year=log["date"].str[:4].astype(int))
    last = dated.loc[dated["status"].isin(words["held"]), "date"].max()
    for code in codes:
        for year, entries in concerning(dated, code, regions).groupby("year"):
            context = {"words": words, "last": last, "villages": villages.get(code)}
            for name, measure in _MEASURES.items():
                value, n = measure(entries, context)
                rows.append({"name": name, "nis_code": code, "year": int(str(year)), "value": value, "n": n})
    table = pd.DataFrame(rows, columns=["name", "nis_code", "year", "value", "n"])
    table = table[table["n"] > 0].assign(verb=VERB, low=float("nan"), high=float("nan"), missing_reason=None)
    return table[COLUMNS].reset_index(drop=True)


def _meetings_held(entries: pd.DataFrame, context: Mapping[str, Any]) -> tuple[float, int]:
    """Share of the meetings agreed up to the last one held that were held."""
    words = context["words"]
    agreed = entries[entries["type"].isin(words["meetings"]) & (entries["date"] <= str(context["last"]))]
    return _percentage(agreed["status"].isin(words["held"]))


def _backgrounds(entries: pd.DataFrame, context: Mapping[str, Any]) -> tuple[float, int]:
    """Count the different backgrounds around the table."""
    held = entries[entries["type"].isin(context["words"]["meetings"]) & (entries["backgrounds"] != "")]
    return float(len({part for cell in held["backgrounds"] for part in parts(cell)})), len(held)


def _village_teams(entries: pd.DataFrame, context: Mapping[str, Any]) -> tuple[float, int]:
    """Share of the villages that have an active team, after the last row about each."""
    if not context["villages"]:
        return float("nan"), 0
    teams = entries[entries["type"].isin(context["words"]["teams"]) & (entries["village"] != "")]
    last = teams.sort_values("date").groupby("village")["phase"].last()
    active = int(last.isin(context["words"]["active_phases"]).sum())
    return 100 * active / context["villages"], (context["villages"] if len(teams) else 0)


def _evaluated(entries: pd.DataFrame, context: Mapping[str, Any]) -> tuple[float, int]:
    """Share of the completed pilots that were evaluated."""
    words = context["words"]
    done = entries[entries["type"].isin(words["pilots"]) & entries["status"].isin(words["completed"])]
    return _percentage(done["evaluated"].isin(words["done"]))


def _feedback(entries: pd.DataFrame, context: Mapping[str, Any]) -> tuple[float, int]:
    """Share of the participation events whose participants heard within six months what happened with their input."""
    words = context["words"]
    held = entries[entries["type"].isin(words["events"]) & entries["status"].isin(words["held"])]
    waited = pd.to_datetime(held["feedback_on"].replace("", None)) - pd.to_datetime(held["date"])
    return _percentage(waited.dt.days <= words["feedback_within_days"])


def _percentage(fine: pd.Series) -> tuple[float, int]:
    return (100 * float(fine.mean()) if len(fine) else float("nan")), len(fine)


_MEASURES: dict[str, Callable[[pd.DataFrame, Mapping[str, Any]], tuple[float, int]]] = {
    "meetings_held": _meetings_held,
    "backgrounds": _backgrounds,
    "village_teams": _village_teams,
    "evaluated": _evaluated,
    "feedback": _feedback,
}
MEASURES = tuple(_MEASURES)
