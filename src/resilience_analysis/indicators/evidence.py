"""What indicators are derived from, and what a derivation returns: aligned frames, municipalities x years."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

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
