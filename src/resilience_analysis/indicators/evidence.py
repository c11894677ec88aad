"""What indicators are derived from, and what a derivation returns: a row per municipality and year."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from resilience_analysis.data.registers import parts

EXTRAS = ("n", "low", "high", "computed")
_KINDS = {"missing_reason": object, "computed": object}  # the others are numbers

Derived: TypeAlias = pd.DataFrame
"""A variable, or an indicator: a row for every municipality in every year that is covered, indexed by ``nis_code`` and
``year``, each municipality's years together and oldest first. Columns ``value`` and ``missing_reason`` and, where they
are known, ``n`` (what a value rests on), ``low`` and ``high`` of its 95 % interval, ``computed`` (how it was made here
from parts).
"""


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
    variables: dict[str, Derived] = field(default_factory=dict, repr=False)
    """The variables that were asked for, each put in order once."""

    def variable(self, name: str) -> Derived:
        """Return one variable for all municipalities and years.

        Raises
        ------
        KeyError
            When no source has it.
        """
        if name not in self.variables:
            self.variables[name] = self._ordered(self._by_variable[name])
        return self.variables[name]

    @cached_property
    def _by_variable(self) -> Mapping[str, pd.DataFrame]:
        return {str(name): rows for name, rows in self.observations.groupby("variable")}

    def given_by(self, verb: str, name: str) -> Derived:
        """Return what was worked out elsewhere under a name; a place that is not in it has ``not_collected``."""
        rows = self.given
        if rows.empty:
            return derived(self.municipalities.index, [], value=[], missing_reason=[])
        found = self._ordered(rows[(rows["verb"] == verb) & (rows["name"] == name)])
        unexplained = found["value"].isna() & found["missing_reason"].isna()
        return found.assign(missing_reason=found["missing_reason"].mask(unexplained, "not_collected"))

    def _ordered(self, rows: pd.DataFrame) -> Derived:
        """Put rows in order, without places that are no longer there; a place and year without a row has no value."""
        codes, years = self.municipalities.index, np.sort(rows["year"].unique())
        place = codes.get_indexer(pd.Index(rows["nis_code"]))
        inside = place >= 0
        at = place[inside] * len(years) + np.searchsorted(years, rows["year"].to_numpy()[inside])
        if len(np.unique(at)) < len(at):
            raise ValueError("a municipality has two rows of a year")
        extras = [name for name in EXTRAS if name in rows and rows[name].notna().any()]
        columns: dict[str, np.ndarray[Any, Any]] = {}
        for name in ("value", "missing_reason", *extras):
            kind = _KINDS.get(name, float)
            columns[name] = np.full(len(codes) * len(years), np.nan, dtype=kind)
            columns[name][at] = rows[name].to_numpy(dtype=kind)[inside]
        return derived(codes, years, **columns)


def derived(codes: pd.Index, years: Sequence[int] | np.ndarray[Any, Any], **columns: Any) -> Derived:
    """Return columns, each with every municipality's years together, as what a verb returns."""
    return pd.DataFrame(columns, index=pd.MultiIndex.from_product([codes, years], names=["nis_code", "year"]))


def years_of(rows: Derived) -> list[int]:
    """Return the years that are covered, oldest first."""
    return [int(year) for year in rows.index.unique("year")]


def in_years(rows: Derived, years: Mapping[int, int]) -> Derived:
    """Return the values and reasons of some years, each filed under a year that may be another: ``{filed: taken}``."""
    codes, known = rows.index.unique("nis_code"), years_of(rows)
    columns = rows[["value", "missing_reason"]]
    if list(years) == known == list(years.values()):
        return columns
    taken = [known.index(year) for year in years.values()]
    found = columns.iloc[np.add.outer(np.arange(len(codes)) * len(known), np.array(taken, dtype=int)).ravel()]
    return derived(codes, list(years), **{name: found[name].to_numpy() for name in found})


def unless(rows: Derived, too_few: pd.Series, reason: str) -> Derived:
    """Make values missing where `too_few` is true, for `reason`; a value that was missing keeps its own."""
    gone = too_few & rows["value"].notna()
    kept = {name: column.mask(gone) for name, column in rows.items()}
    return pd.DataFrame({**kept, "missing_reason": rows["missing_reason"].mask(gone, reason)})


def combine(parts: list[Derived], calculate: Callable[[list[pd.Series]], pd.Series]) -> Derived:
    """Calculate from the years that all parts share; a gap in any part is a gap, with the first part's reason."""
    years = sorted(set.intersection(*(set(years_of(part)) for part in parts)))
    shared = [in_years(part, {year: year for year in years}) for part in parts]
    reason = shared[0]["missing_reason"]
    for part in shared[1:]:
        reason = reason.where(reason.notna(), part["missing_reason"])
    value = calculate([part["value"] for part in shared]).astype(float)
    value = value.where(np.isfinite(value) & reason.isna())
    reason = reason.mask(value.isna() & reason.isna(), "not_applicable")
    return pd.DataFrame({"value": value, "missing_reason": reason})


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
