"""Weights that give every code the importance asked for, measured by correlation with its top aggregate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from resilience_analysis.composite.aggregation import Plan, aggregate, family, make_plan, score_node
from resilience_analysis.composite.arrays import Array, Rows, year_rows
from resilience_analysis.composite.metadata import check_metadata
from resilience_analysis.composite.structure import SCORED, roots
from resilience_analysis.foundation.errors import InputError, Problem, UsageError, raise_if_any

ITERATIONS = 500


@dataclass(frozen=True)
class _Task:
    """One level to optimise: its codes, their families and tops, what is fixed, and what is wanted."""

    codes: list[str]
    parents: list[str]
    tops: list[str]
    wanted: Array
    columns: dict[str, Array]
    plan: Plan
    weights: dict[str, float]
    years: list[Rows]


def optimised_weights(
    data: pd.DataFrame,
    *,
    metadata: pd.DataFrame,
    level: int = 1,
    importance: Mapping[str, float] | None = None,
    bounds: tuple[float, float] = (0.0, 1.0),
    aggregation: str | Sequence[str] = "arithmetic",
) -> pd.DataFrame:
    """Find weights on one level for which correlations with the top are as asked.

    Minimises the squared distance between the correlations' shares and the wanted shares, as the linear
    optimisation of Becker et al. (2017) in COINr, but with bounds, so that no weight is negative.

    Parameters
    ----------
    data, metadata
        Normalised indicators, one row per unit; one row per code, see `check_metadata`.
    level
        The level whose weights change.
    importance
        The relative importance wanted of its codes; equal when not given.
    bounds
        Each weight's lowest and highest share among its siblings, between 0 and 1.
    aggregation
        As `method` of `aggregate`.

    Returns
    -------
    pandas.DataFrame
        One row per code of the framework: ``weight`` (on the level, shares among siblings), and on the level
        ``wanted`` and ``obtained``, the shares of importance within the same top.

    Raises
    ------
    InputError
        When a code has no spread, or no weights within the bounds were found.
    UsageError
        When the level has no parents, or bounds leave no room.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> complete = composite.impute(data, metadata=metadata).data
    >>> normalised = composite.normalise(complete, metadata=metadata)
    >>> found = composite.optimised_weights(normalised, metadata=metadata, level=2)
    >>> found.loc[["people", "place"], ["wanted", "obtained"]].round(2).to_numpy().tolist()
    [[0.5, 0.5], [0.5, 0.5]]
    """
    tidy = check_metadata(metadata, data)
    task = _make_task(data, tidy, level, importance, aggregation)
    start = _start(task, bounds)
    found = _minimise(task, start, bounds)
    weights = {**task.weights, **dict(zip(task.codes, found, strict=True))}
    result = pd.DataFrame({"weight": pd.Series(weights)})
    result["wanted"] = pd.Series(dict(zip(task.codes, task.wanted, strict=True)))
    result["obtained"] = pd.Series(dict(zip(task.codes, _importance(task, found), strict=True)))
    return result


def _make_task(
    data: pd.DataFrame,
    tidy: pd.DataFrame,
    level: int,
    importance: Mapping[str, float] | None,
    aggregation: str | Sequence[str],
) -> _Task:
    scored = tidy[tidy["type"].isin(SCORED)]
    on_level = scored[(scored["level"] == level) & (scored["parent"] != "")]
    if on_level.empty:
        raise UsageError(f"no code of level {level} has a parent. Choose a level below the top")
    scores = aggregate(data, metadata=tidy, method=aggregation)
    codes, top = [str(code) for code in on_level.index], roots(tidy)
    tops = [top[code] for code in codes]
    raise_if_any(
        "data",
        [
            Problem(f"code {code}", "has no spread, so it correlates with nothing", "Take it out")
            for code in codes
            if not scores[code].std() > 0  # which it has not either when it has no value
        ],
    )
    asked = pd.Series({code: 1.0 if importance is None else importance.get(code, 1.0) for code in codes})
    fixed = {str(code) for code in scored.index[scored["level"] <= level]}
    return _Task(
        codes=codes,
        parents=[str(parent) for parent in on_level["parent"]],
        tops=tops,
        wanted=(asked / asked.groupby(tops).transform("sum")).to_numpy(),
        columns={code: scores[code].to_numpy() for code in scores.columns if code in fixed},
        plan=make_plan(tidy, method=aggregation),
        weights={str(code): float(weight) for code, weight in scored["weight"].fillna(1.0).items()},
        years=[rows for _, rows in year_rows(data.index)],
    )


def _start(task: _Task, bounds: tuple[float, float]) -> Array:
    sizes = pd.Series(task.parents).map(pd.Series(task.parents).value_counts()).to_numpy()
    low, high = bounds
    if not 0 <= low < high <= 1 or (low * sizes > 1).any() or (high * sizes < 1).any():
        raise UsageError(f"bounds {low:g} to {high:g} leave no weights that add up to 1 in every family. Widen them")
    start: Array = 1.0 / sizes
    return start


def _scores(task: _Task, shares: Array) -> dict[str, Array]:
    weights = {**task.weights, **dict(zip(task.codes, shares, strict=True))}
    columns = dict(task.columns)
    for node in task.plan.nodes:
        if node.code not in columns:
            w = np.array([weights[child] for child in node.children])
            columns[node.code] = score_node(family(columns, node), w, node, task.plan, task.years)
    return columns


def _importance(task: _Task, shares: Array) -> Array:
    columns = _scores(task, shares)
    correlations = np.array(
        [_correlation(columns[code], columns[top]) for code, top in zip(task.codes, task.tops, strict=True)]
    )
    totals = pd.Series(correlations).groupby(task.tops).transform("sum").to_numpy()
    shared: Array = correlations / totals
    return shared


def _correlation(x: Array, y: Array) -> float:
    both = ~(np.isnan(x) | np.isnan(y))
    x, y = x[both] - x[both].mean(), y[both] - y[both].mean()
    return float(x @ y / np.sqrt((x @ x) * (y @ y)))


def _minimise(task: _Task, start: Array, bounds: tuple[float, float]) -> Array:
    from scipy.optimize import minimize  # noqa: PLC0415 - only those who optimise pay for it

    scale = 1.0 / max(float(np.sum((_importance(task, start) - task.wanted) ** 2)), 1e-12)
    solution = minimize(
        lambda shares: scale * float(np.sum((_importance(task, shares) - task.wanted) ** 2)),
        start,
        method="SLSQP",
        bounds=[bounds] * len(start),
        constraints=[{"type": "eq", "fun": _sum_of(task, parent)} for parent in dict.fromkeys(task.parents)],
        options={"maxiter": ITERATIONS, "ftol": 1e-12},
    )
    if not solution.success and not np.isfinite(solution.fun):
        raise InputError("weights", [Problem("optimisation", str(solution.message), "Widen the bounds")])
    shares: Array = np.clip(solution.x, *bounds)
    return shares


def _sum_of(task: _Task, parent: str) -> Callable[[Array], float]:
    members = np.array([own == parent for own in task.parents])
    return lambda shares: float(shares[members].sum() - 1)
