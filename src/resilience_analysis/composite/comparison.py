"""Compare: units with each other, one version of an index with another, and with one element left out."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from resilience_analysis.composite.aggregation import (
    Plan,
    aggregate,
    family,
    make_plan,
    score_node,
    with_weights,
)
from resilience_analysis.composite.arrays import Array, row_of, values_of, year_rows
from resilience_analysis.composite.metadata import aggregate_codes, check_metadata, indicator_codes
from resilience_analysis.composite.reporting import ranks
from resilience_analysis.composite.weighting import effective_weights
from resilience_analysis.foundation.errors import UsageError, unknown


class LeftOut(NamedTuple):
    """The result of `leave_one_out`.

    Attributes
    ----------
    scores, ranks
        One row per unit; the column ``nominal`` has everything, the others lack the code that names them.
    effect
        One row per code left out: ``rank_shift`` (mean size of the change of rank), ``largest_shift``, and
        ``score_shift`` (mean size of the change of score).
    """

    scores: pd.DataFrame
    ranks: pd.DataFrame
    effect: pd.DataFrame


def strengths_and_weaknesses(
    data: pd.DataFrame, *, metadata: pd.DataFrame, unit: Hashable, count: int = 5, skip_worst_ties: bool = True
) -> pd.DataFrame:
    """List the indicators on which a unit ranks best and worst.

    Parameters
    ----------
    data
        One row per unit (or unit and year: units are then ranked within the year), one column per indicator, raw or
        normalised; raw values are turned by their direction before they are ranked, normalised ones must come with
        metadata whose directions are 1.
    metadata
        One row per code; see `check_metadata`.
    unit
        The unit (its index).
    count
        How many of each. The worst place of all is never a strength, so there may be fewer.
    skip_worst_ties
        Leave out indicators on which the unit shares the worst place with others, such as the zero of a yes-or-no
        indicator, which says little. ``get_str_weak`` of COINr leaves out a worst place that the unit has alone too.

    Returns
    -------
    pandas.DataFrame
        Best first: ``kind`` (``strength`` or ``weakness``), ``code``, ``name``, ``parent``, ``rank``, ``of`` (units
        with a value), ``value``.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> found = composite.strengths_and_weaknesses(data, metadata=metadata, unit="EE", count=1)
    >>> found[["kind", "code", "rank", "of"]].to_numpy().tolist()
    [['strength', 'green', 1, 5], ['weakness', 'crime', 4, 5]]
    """
    tidy = check_metadata(metadata, data)
    if unit not in data.index:
        raise UsageError(unknown("unit", unit, data.index))
    codes = indicator_codes(tidy)
    peers = _same_year(data, unit)
    places = ranks(peers[codes] * tidy.loc[codes, "direction"])
    ordered = row_of(places, unit).dropna().astype(int).sort_values(kind="stable")
    last = places[ordered.index].max()
    if skip_worst_ties:
        shared = (places[ordered.index] == last).sum() > 1
        ordered = ordered[(ordered < last) | ~shared]
    best = ordered[ordered < last[ordered.index]].iloc[:count]
    worst = ordered.iloc[max(len(best), len(ordered) - count) :]
    table = pd.DataFrame({"rank": pd.concat([best, worst])})
    names = tidy["name"] if "name" in tidy.columns else pd.Series(tidy.index, index=tidy.index)
    table.insert(0, "kind", ["strength"] * len(best) + ["weakness"] * len(worst))
    table.insert(1, "code", table.index)
    table.insert(2, "name", names[table.index])
    table.insert(3, "parent", tidy.loc[table.index, "parent"])
    table["of"] = peers[table.index].notna().sum()
    table["value"] = row_of(data, unit)[table.index]
    return table.reset_index(drop=True)


def _same_year(data: pd.DataFrame, unit: Hashable) -> pd.DataFrame:
    """Return the rows that a unit is ranked among: those of its year in a panel, else all."""
    place = [name == unit for name in data.index].index(True)
    return next(data.iloc[rows] for _, rows in year_rows(data.index) if place in rows)


def compare(first: pd.DataFrame, second: pd.DataFrame, *, code: str, by: str = "ranks") -> pd.DataFrame:
    """Compare one column of two versions of the scores.

    Parameters
    ----------
    first, second
        Scores, one row per unit; units in one version only have no difference.
    code
        The column to compare.
    by
        ``ranks`` (1 the best) or ``scores``.

    Returns
    -------
    pandas.DataFrame
        One row per unit of either, those of `first` first: ``first``, ``second``, ``difference`` (first less
        second: above 0 the unit has climbed in rank), ``size`` of it.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> normalised = composite.normalise(data, metadata=metadata)
    >>> scores = composite.aggregate(normalised, metadata=metadata)
    >>> equal = composite.equal_weights(metadata)
    >>> other = composite.aggregate(normalised, metadata=metadata, weights=equal)
    >>> composite.compare(scores, other, code="index").loc["DD"].tolist()
    [5, 4, 1, 1]
    """
    if by not in ("ranks", "scores"):
        raise UsageError(unknown("comparison", by, ("ranks", "scores")))
    for table in (first, second):
        if code not in table.columns:
            raise UsageError(unknown("code", code, table.columns))
    one, other = first[[code]], second[[code]]
    if by == "ranks":
        one, other = ranks(one), ranks(other)
    units = first.index.union(second.index, sort=False)
    table = pd.DataFrame({"first": one[code].reindex(units), "second": other[code].reindex(units)})
    table["difference"] = table["first"] - table["second"]
    table["size"] = table["difference"].abs()
    return table


def leave_one_out(
    data: pd.DataFrame,
    *,
    metadata: pd.DataFrame,
    level: int = 1,
    code: str | None = None,
    method: str | Sequence[str] = "arithmetic",
    weights: pd.Series | Mapping[str, float] | None = None,
    min_coverage: float | Sequence[float] = 0.0,
    power: float = 2.0,
) -> LeftOut:
    """Score again without each element of a level in turn, as if the framework did not have it.

    An aggregate that loses its only child is gone with it, and so is each from the coverage of its parent.

    Parameters
    ----------
    data, metadata, method, weights, min_coverage, power
        As for `aggregate`.
    level
        The level whose codes are left out one by one.
    code
        The aggregate to watch; by default the top, when there is one.

    Raises
    ------
    UsageError
        When the code is unknown or not given with several tops, or nothing on the level lies below it.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> normalised = composite.normalise(data, metadata=metadata)
    >>> composite.leave_one_out(normalised, metadata=metadata).ranks.loc["AA"].to_dict()
    {'nominal': 1, 'trust': 1, 'crime': 3, 'green': 2, 'jobs': 1}
    """
    tidy = with_weights(check_metadata(metadata, data), weights)
    options = {"method": method, "min_coverage": min_coverage, "power": power}
    full = aggregate(data, metadata=tidy, **options)  # type: ignore[arg-type]
    watched = _watched(tidy, code)
    plan = make_plan(tidy, **options)  # type: ignore[arg-type]
    scores = {"nominal": full[watched].to_numpy()}
    for left in _elements(tidy, level, watched):
        columns = {name: full[name].to_numpy() for name in indicator_codes(tidy)}
        scores[left] = _score_without(left, columns, plan, tidy["weight"], data.index)[watched]
    table = pd.DataFrame(scores, index=data.index)
    places = ranks(table)
    shift = places.drop(columns="nominal").sub(places["nominal"], axis=0).abs()
    moved = table.drop(columns="nominal").sub(table["nominal"], axis=0).abs()
    effect = pd.DataFrame({"rank_shift": shift.mean(), "largest_shift": shift.max(), "score_shift": moved.mean()})
    return LeftOut(table, places, effect.astype(float))


def _watched(tidy: pd.DataFrame, code: str | None) -> str:
    known = aggregate_codes(tidy)
    tops = [name for name in known if not tidy.at[name, "parent"]]
    if code is None and len(tops) == 1:
        return tops[0]
    if code not in known:
        raise UsageError(unknown("aggregate", code, known))
    return code


def _elements(tidy: pd.DataFrame, level: int, watched: str) -> list[str]:
    """List the codes of a level that lie below an aggregate."""
    below = {watched}
    for name, parent in tidy.sort_values("level", ascending=False, kind="stable")["parent"].items():
        if parent in below:
            below.add(str(name))
    found = [str(name) for name in tidy.index if name in below - {watched} and tidy.at[name, "level"] == level]
    if not found:
        raise UsageError(f"nothing of level {level} lies below {watched}. Choose a lower level, from 1")
    return found


def _score_without(
    left: str, columns: dict[str, Array], plan: Plan, weights: pd.Series, units: pd.Index
) -> dict[str, Array]:
    """Add the aggregates of a framework without an element; what has no child left is missing in every unit."""
    years = [rows for _, rows in year_rows(units)]
    gone = {left}
    for node in plan.nodes:
        kept = replace(node, children=tuple(child for child in node.children if child not in gone))
        if kept.children:
            w = weights[list(kept.children)].to_numpy(dtype=np.float64)
            columns[node.code] = score_node(family(columns, kept), w, kept, plan, years)
        else:
            gone.add(node.code)
            columns[node.code] = np.full(len(units), np.nan)
    return columns


def outranking_matrix(
    data: pd.DataFrame, *, metadata: pd.DataFrame, weights: pd.Series | Mapping[str, float] | None = None
) -> pd.DataFrame:
    """Weigh, for each pair of units, the indicators in which one is better than the other.

    Parameters
    ----------
    data
        Normalised indicators, one row per unit.
    metadata
        One row per code; see `check_metadata`. Indicators weigh as in their top aggregate (`effective_weights`).
    weights
        By indicator, instead of these.

    Returns
    -------
    pandas.DataFrame
        Units x units: the share of the weights of what both have in which the row is better than the column, ties
        counted half; 0.5 on the diagonal. Above 0.5 the row outranks the column, and at 1 it dominates it, whatever
        the weights (Munda and Nardo 2009; ``outrankMatrix`` of COINr).

    References
    ----------
    Munda and Nardo (2009), Noncompensatory/nonlinear composite indicators for ranking countries, *Applied
    Economics* 41.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [1.0, 2.0], "b": [9.0, 2.0]}, index=["AA", "BB"])
    >>> tree = pd.DataFrame({"parent": ["t", "t", ""], "direction": 1, "weight": [1, 3, 1]}, index=["a", "b", "t"])
    >>> outranking_matrix(table, metadata=tree).loc["AA"].tolist()
    [0.5, 0.75]
    """
    tidy = check_metadata(metadata, data)
    codes = indicator_codes(tidy)
    own = effective_weights(tidy)["effective"] if weights is None else pd.Series(weights, dtype=float)
    w, x = own[codes].to_numpy(dtype=np.float64), values_of(data, codes)
    table = np.full((len(x), len(x)), np.nan)
    for row, mine in enumerate(x):
        both = ~np.isnan(mine) & ~np.isnan(x)
        points = np.where(mine > x, 1.0, np.where(mine == x, 0.5, 0.0))
        total = (both * w).sum(axis=1)
        table[row] = np.divide((points * both * w).sum(axis=1), np.where(total > 0, total, np.nan))
    return pd.DataFrame(table, index=data.index, columns=data.index)


def outranking(draws: pd.DataFrame, *, code: str) -> pd.DataFrame:
    """Return the share of draws in which each unit scores above each other.

    Parameters
    ----------
    draws
        As `uncertainty` keeps them.
    code
        The aggregate.

    Returns
    -------
    pandas.DataFrame
        Units x units: how often the row is above the column, draws without both left out; empty on the diagonal.
        Two units whose share lies between 0.025 and 0.975 do not differ at 95 %.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> options = {"choices": {"weights.noise": 0.25}, "n": 16, "keep": True}
    >>> found = composite.uncertainty(data, metadata=metadata, **options)
    >>> float(composite.outranking(found.draws, code="index").loc["AA", "BB"])
    1.0
    """
    units = draws.loc[draws.index.get_level_values(0)[0]].index
    values = draws[code].to_numpy(dtype=np.float64).reshape(-1, len(units))
    table = np.full((len(units), len(units)), np.nan)
    for column in range(len(units)):
        difference = values - values[:, [column]]
        with np.errstate(invalid="ignore"):
            above = (difference > 0).sum(axis=0)
        both = (~np.isnan(difference)).sum(axis=0)
        table[:, column] = np.divide(above, np.where(both > 0, both, np.nan))
    np.fill_diagonal(table, np.nan)
    return pd.DataFrame(table, index=units, columns=units)
