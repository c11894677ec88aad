"""The verbs that turn observations into indicator values: one function each, chosen by its name in the framework.

Every verb gives values and missing reasons as two frames, municipalities x years, aligned with each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from resilience_analysis.foundation.errors import Problem, unknown


@dataclass(frozen=True)
class Evidence:
    """What indicators are derived from.

    Attributes
    ----------
    observations
        Schema ``observations``.
    municipalities
        Schema ``municipalities``, indexed by ``nis_code``, with the supra-local areas as columns.
    given
        What was worked out elsewhere (the self-assessment, the process log): columns verb, name, nis_code, year, value,
        n, low, high, missing_reason; an indicator ``{verb: name}`` takes its rows. Empty when there is nothing yet.
    """

    observations: pd.DataFrame
    municipalities: pd.DataFrame
    given: pd.DataFrame = field(default_factory=pd.DataFrame)

    def variable(self, name: str) -> Derived:
        """Return one variable for all municipalities and years.

        Raises
        ------
        KeyError
            When no source has it.
        """
        rows = self.observations[self.observations["variable"] == name]
        if rows.empty:
            raise KeyError(name)
        codes = self.municipalities.index
        values = rows.pivot(index="nis_code", columns="year", values="value").reindex(codes)
        reasons = rows.pivot(index="nis_code", columns="year", values="missing_reason").reindex(codes)
        return Derived(values.astype(float), reasons.astype(object))


@dataclass(frozen=True)
class Derived:
    """Values and, where one is missing, the reason: two frames, municipalities x years."""

    values: pd.DataFrame
    reasons: pd.DataFrame

    @property
    def years(self) -> list[int]:
        """The years that are covered, oldest first."""
        return sorted(int(year) for year in self.values.columns)

    def year(self, year: int) -> Derived:
        """Keep one year."""
        return Derived(self.values[[year]], self.reasons[[year]])


def _combine(parts: list[Derived], calculate: Callable[[list[pd.DataFrame]], pd.DataFrame]) -> Derived:
    """Calculate from the years that all parts share; a gap in any part is a gap, with the first part's reason."""
    years = sorted(set.intersection(*(set(part.years) for part in parts)))
    frames = [part.values[years] for part in parts]
    reasons = parts[0].reasons[years].astype(object)
    for part in parts[1:]:
        reasons = reasons.where(reasons.notna(), part.reasons[years])
    values = calculate(frames).astype(float)
    finite = np.isfinite(values)
    values = values.where(finite & reasons.isna())
    return Derived(values, reasons.mask(values.isna() & reasons.isna(), "not_applicable"))


def _sum(evidence: Evidence, names: list[str]) -> Derived:
    return _combine([evidence.variable(name) for name in names], sum)  # type: ignore[arg-type]


def take(evidence: Evidence, name: str) -> Derived:
    """Take a variable as it is."""
    return evidence.variable(name)


def share(evidence: Evidence, arguments: Mapping[str, str]) -> Derived:
    """Percentage that `part` is of `whole`; not applicable where the whole is zero."""
    parts = [evidence.variable(arguments["part"]), evidence.variable(arguments["whole"])]
    return _combine(parts, lambda frames: 100 * frames[0] / frames[1].where(frames[1] != 0))


def rate(evidence: Evidence, arguments: Mapping[str, Any]) -> Derived:
    """So many of `part` per `per` of `whole`.

    Both are sums of variables. ``mean_of_years`` averages the part over that many years up to each year;
    ``whole_year`` takes the whole of one year for all.
    """
    part, whole = _sum(evidence, arguments["part"]), _sum(evidence, arguments["whole"])
    span = int(arguments.get("mean_of_years", 1))
    if span > 1:
        part = _rolling_mean(part, span)
    if "whole_year" in arguments:
        whole = _repeat(whole.year(int(arguments["whole_year"])), part.years)
    per = float(arguments["per"])
    return _combine([part, whole], lambda frames: per * frames[0] / frames[1].where(frames[1] != 0))


def _rolling_mean(part: Derived, span: int) -> Derived:
    windows = {year: list(range(year - span + 1, year + 1)) for year in part.years}
    full = {year: window for year, window in windows.items() if set(window) <= set(part.years)}
    means = {year: part.values[window].mean(axis=1, skipna=False) for year, window in full.items()}
    reasons = {year: part.reasons[window].bfill(axis=1).iloc[:, 0] for year, window in full.items()}
    return Derived(pd.DataFrame(means), pd.DataFrame(reasons))


def _repeat(single: Derived, years: list[int]) -> Derived:
    values, reasons = single.values.iloc[:, 0], single.reasons.iloc[:, 0]
    return Derived(pd.DataFrame(dict.fromkeys(years, values)), pd.DataFrame(dict.fromkeys(years, reasons)))


def density(evidence: Evidence, name: str) -> Derived:
    """Return a count per square kilometre."""
    area = evidence.municipalities["area_km2"]
    return _combine([evidence.variable(name)], lambda frames: frames[0].div(area, axis=0))


def growth(evidence: Evidence, arguments: Mapping[str, Any]) -> Derived:
    """Percentage by which a variable grows from one year to another; stands in the first of the two years."""
    series = evidence.variable(arguments["of"])
    begin, end = int(arguments["from"]), int(arguments["to"])
    later = Derived(series.values[[end]].set_axis([begin], axis=1), series.reasons[[end]].set_axis([begin], axis=1))
    return _combine([series.year(begin), later], lambda frames: 100 * (frames[1] / frames[0] - 1))


def evenness(evidence: Evidence, names: list[str]) -> Derived:
    """Evenness of a distribution over classes: Shannon entropy divided by its maximum, ln(number of classes).

    0 when all falls in one class, 1 when every class is as large (Pielou 1966, Journal of Theoretical Biology 13).
    """

    def entropy(frames: list[pd.DataFrame]) -> pd.DataFrame:
        counts = np.stack([frame.to_numpy() for frame in frames])
        total = counts.sum(axis=0)
        shares = counts / np.where(total > 0, total, np.nan)
        terms = np.where(shares > 0, shares * np.log(np.where(shares > 0, shares, 1.0)), 0.0)
        value = np.where(total > 0, -terms.sum(axis=0) / np.log(len(frames)), np.nan)
        return pd.DataFrame(value, index=frames[0].index, columns=frames[0].columns)

    return _combine([evidence.variable(name) for name in names], entropy)


def nestedness(evidence: Evidence, arguments: Mapping[str, Any]) -> Derived:
    """How far the supra-local areas of a municipality coincide: mean over pairs of |A and B| / min(|A|, |B|).

    A and B are the sets of municipalities that share an area with it; 1 when one area of every pair lies within the
    other. A level to which a municipality does not belong is left out of its pairs.
    """
    levels, year = arguments["levels"], int(arguments["year"])
    areas = evidence.municipalities[levels]
    sizes = {level: _sharing(areas, [level]) for level in levels}
    total, pairs = np.zeros(len(areas)), np.zeros(len(areas))
    for one, other in combinations(levels, 2):
        smaller = np.minimum(sizes[one], sizes[other])
        total += np.where(smaller > 0, _sharing(areas, [one, other]) / np.maximum(smaller, 1), 0)
        pairs += smaller > 0
    value = pd.Series(total / np.where(pairs > 0, pairs, np.nan), index=areas.index)
    reason = pd.Series("not_applicable", index=areas.index, dtype=object).where(value.isna(), None)
    return Derived(value.to_frame(year), reason.to_frame(year))


def _sharing(areas: pd.DataFrame, levels: list[str]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Count the municipalities that share the areas of all these levels with each; 0 where it belongs to none."""
    return areas.groupby(levels)[levels[0]].transform("size").fillna(0).to_numpy(dtype=float)


Verb = Callable[[Evidence, Any], Derived]
_VERBS: dict[str, Verb] = {
    "take": take,
    "share": share,
    "rate": rate,
    "density": density,
    "growth": growth,
    "evenness": evenness,
    "nestedness": nestedness,
}


def derive(evidence: Evidence, recipe: Mapping[str, Any]) -> Derived:
    """Apply the one verb of a recipe, such as ``{take: population}``.

    Raises
    ------
    KeyError
        When the verb, or a variable it names, does not exist.
    """
    verb, arguments = next(iter(recipe.items()))
    if verb not in _VERBS:
        raise KeyError(unknown("verb", verb, _VERBS))
    return _VERBS[verb](evidence, arguments)


def recipe_problems(
    where: str, recipe: Mapping[str, Any], *, variables: Mapping[str, set[int]], levels: set[str]
) -> list[Problem]:
    """Return every variable, year or area level that a recipe names and no source has.

    Parameters
    ----------
    where
        What the recipe belongs to, for the message.
    recipe
        One verb with its arguments, of the right form (`recipe_checks.recipe_faults`).
    variables
        The years that each variable is known for.
    levels
        Columns of the municipalities that hold supra-local areas.
    """
    verb, arguments = next(iter(recipe.items()))
    if verb not in _VERBS:
        return []
    if verb == "nestedness":
        return [
            Problem(where, unknown("area level", name, levels)) for name in arguments["levels"] if name not in levels
        ]
    problems = []
    for name, years in _wanted(verb, arguments):
        if name not in variables:
            problems.append(Problem(where, unknown("variable", name, variables)))
            continue
        known = ", ".join(str(year) for year in sorted(variables[name]))
        absent = [year for year in years if year not in variables[name]]
        problems += [Problem(where, f"{name} is not known for {year}, only for {known}") for year in absent]
    return problems


def _wanted(verb: str, arguments: Any) -> list[tuple[str, list[int]]]:
    """Return the variables that a recipe names, each with the years it must be known for."""
    if verb == "growth":
        return [(arguments["of"], [arguments["from"], arguments["to"]])]
    if isinstance(arguments, str):
        return [(arguments, [])]
    if isinstance(arguments, list):
        return [(name, []) for name in arguments]
    whole = [arguments["whole_year"]] if "whole_year" in arguments else []
    return [(name, []) for name in _listed(arguments["part"])] + [(name, whole) for name in _listed(arguments["whole"])]


def _listed(names: str | list[str]) -> list[str]:
    return [names] if isinstance(names, str) else names
