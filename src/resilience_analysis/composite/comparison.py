"""Compare versions of one index: under changes, and with one element left out; and units with each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from resilience_analysis.composite.aggregation import NodeRecipe, aggregate, family, make_plan, score_node
from resilience_analysis.composite.arrays import Array, check_known, rows_by_year, values_of
from resilience_analysis.composite.chain import Scored, Settings, score
from resilience_analysis.composite.choices import with_alternatives
from resilience_analysis.composite.metadata import checked, with_weights
from resilience_analysis.composite.reporting import compare_versions, ranks
from resilience_analysis.composite.structure import aggregate_codes, indicator_codes, roots
from resilience_analysis.composite.weighting import effective_weights
from resilience_analysis.foundation.errors import UsageError

NOMINAL = "nominal"
CHANGES = ("settings", "weights", "metadata", "drop")


class Versions(NamedTuple):
    """The result of `what_if`.

    Attributes
    ----------
    scores, ranks
        One row per unit; a column per version, the one without changes first.
    effect
        One row per changed version: ``rank_shift`` (mean size of the change of rank), ``largest_shift``, ``moved``
        (units with another rank), ``correlation`` of the ranks with the nominal ones (Spearman).
    runs
        Everything that scoring gave, by version.
    """

    scores: pd.DataFrame
    ranks: pd.DataFrame
    effect: pd.DataFrame
    runs: dict[str, Scored]


def what_if(
    data: pd.DataFrame,
    *,
    metadata: pd.DataFrame,
    changes: Mapping[str, Mapping[str, Any]],
    settings: Settings | None = None,
    code: str | None = None,
    groups: pd.Series | None = None,
    denominators: pd.DataFrame | None = None,
) -> Versions:
    """Score a table once as it is and once for each list of changes.

    Parameters
    ----------
    data, metadata, settings, groups, denominators
        As for `score`.
    changes
        By the name of the version, what is different in it: ``settings`` (in place of those), ``weights`` by code,
        ``metadata`` (``{code: {column: value}}``), and ``drop``, codes that are left out with all below them.
    code
        The aggregate to compare; by default the first top.

    Returns
    -------
    Versions
        Scores and ranks of each version, how far they move, and the runs.

    Raises
    ------
    InputError, UsageError
        As `score` says, and when a change or code is unknown.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [1.0, 2.0, 4.0], "b": [9.0, 2.0, 5.0]}, index=["AA", "BB", "CC"])
    >>> tree = pd.DataFrame({"parent": ["t", "t", ""], "direction": 1, "weight": 1}, index=["a", "b", "t"])
    >>> found = what_if(table, metadata=tree, changes={"heavier a": {"weights": {"a": 9}}, "no b": {"drop": ["b"]}})
    >>> found.ranks.loc["AA"].tolist()
    [2, 3, 3]
    """
    tidy = checked(metadata, data)
    base = dict(settings or {})
    shared: dict[str, Any] = {"groups": groups, "denominators": denominators}
    runs = {NOMINAL: score(data, metadata=tidy, settings=base, **shared)}
    for name, change in changes.items():
        changed = _changed(tidy, change)
        own = with_alternatives(base, [change.get("settings", {})])
        known = [column for column in data.columns if column in changed.index]
        runs[name] = score(data[known], metadata=changed, settings=own, **shared)
    code = code or next(iter(roots(tidy).values()))
    table = compare_versions({name: run.tables["scores"] for name, run in runs.items()}, code=code, by="scores")
    places = ranks(table)
    shift, numbers = _shift(places), places.astype(float)
    effect = {"rank_shift": shift.mean(), "largest_shift": shift.max(), "moved": (shift > 0).sum()}
    linked = numbers.drop(columns=NOMINAL).corrwith(numbers[NOMINAL])
    return Versions(table, places, pd.DataFrame({**effect, "correlation": linked}), runs)


def _shift(table: pd.DataFrame) -> pd.DataFrame:
    """Return how far each version is from the nominal one."""
    numbers = table.astype(float)
    return numbers.drop(columns=NOMINAL).sub(numbers[NOMINAL], axis=0).abs()


def _changed(tidy: pd.DataFrame, change: Mapping[str, Any]) -> pd.DataFrame:
    for key in change:
        check_known("change", key, CHANGES)
    table = tidy.copy()
    for given in [*change.get("weights", {}), *change.get("metadata", {}), *change.get("drop", ())]:
        check_known("code", given, table.index)
    for code, weight in change.get("weights", {}).items():
        table.loc[code, "weight"] = float(weight)
    for code, cells in change.get("metadata", {}).items():
        for column, value in cells.items():
            table.loc[code, column] = value
    return _without(table, change.get("drop", ()))


def _without(table: pd.DataFrame, codes: Sequence[str]) -> pd.DataFrame:
    """Leave codes out, with all below them and every aggregate that has no child left."""
    gone = set(codes)
    while True:
        kept = table[~table.index.isin(gone)]
        below = set(kept.index[kept["parent"].isin(gone)])
        empty = set(kept.index[(kept["type"] == "aggregate") & ~kept.index.isin(kept["parent"])])
        if not below | empty:
            return kept.drop(columns="level")
        gone |= below | empty


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

    Returns
    -------
    LeftOut
        Scores and ranks with everything and without each, and how far they move.

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
    tidy = with_weights(checked(metadata, data), weights)
    options: dict[str, Any] = {"method": method, "min_coverage": min_coverage, "power": power}
    full = aggregate(data, metadata=tidy, **options)
    watched, plan = _watched(tidy, code), make_plan(tidy, **options)
    scores = {NOMINAL: full[watched].to_numpy()}
    for left in _elements(tidy, level, watched):
        columns = {name: full[name].to_numpy() for name in indicator_codes(tidy)}
        scores[left] = _score_without(left, columns, plan, data.index)[watched]
    table = pd.DataFrame(scores, index=data.index)
    places = ranks(table)
    shift = _shift(places)
    moved = {"rank_shift": shift.mean(), "largest_shift": shift.max(), "score_shift": _shift(table).mean()}
    return LeftOut(table, places, pd.DataFrame(moved).astype(float))


def _watched(tidy: pd.DataFrame, code: str | None) -> str:
    known = aggregate_codes(tidy)
    tops = [name for name in known if not tidy.at[name, "parent"]]
    if code is None and len(tops) == 1:
        return tops[0]
    check_known("aggregate", code, known)
    return str(code)


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


def _score_without(left: str, columns: dict[str, Array], plan: list[NodeRecipe], units: pd.Index) -> dict[str, Array]:
    """Add the aggregates of a framework without an element; what has no child left is missing in every unit."""
    years, gone = rows_by_year(units), {left}
    for recipe in plan:
        code, children = recipe.node.code, recipe.node.children
        kept = [place for place, child in enumerate(children) if child not in gone]
        if kept:
            node = recipe.node._replace(children=tuple(children[place] for place in kept))
            columns[code] = score_node(family(columns, node), recipe.weights[kept], recipe, years)
        else:
            gone.add(code)
            columns[code] = np.full(len(units), np.nan)
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

    Raises
    ------
    InputError
        When the data or metadata are wrong, naming codes and units.
    UsageError
        When weights are given, and one of an indicator is not.

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
    tidy = checked(metadata, data)
    codes = indicator_codes(tidy)
    own = effective_weights(tidy)["effective"] if weights is None else pd.Series(weights, dtype=float)
    for code in codes:
        check_known("weight of an indicator", code, own.index)
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

    Raises
    ------
    UsageError
        When the draws do not have the code.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> options = {"choices": {"weights.noise": 0.25}, "n": 16, "keep": True}
    >>> found = composite.uncertainty(data, metadata=metadata, **options)
    >>> float(composite.outranking(found.draws, code="index").loc["AA", "BB"])
    1.0
    """
    check_known("aggregate", code, draws.columns)
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
