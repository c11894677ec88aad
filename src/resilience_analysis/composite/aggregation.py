"""From indicators up to the top of the framework, level by level, each with its own method and least coverage."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from resilience_analysis.composite.arrays import ROUNDING, Array, Rows, counted, listed, rows_by_year, spoken, values_of
from resilience_analysis.composite.means import Mean, read_mean
from resilience_analysis.composite.metadata import checked, with_weights
from resilience_analysis.composite.operations import Step, apply_steps, read_steps, step_problems
from resilience_analysis.composite.structure import Node, aggregate_codes, column_of, indicator_codes, nodes
from resilience_analysis.foundation.errors import Problem, UsageError, raise_if_any

Method: TypeAlias = str | Callable[[Array, Array], Any]
"""A name of `means.MEANS`, or a function from (units x children, weights) to one score per unit."""


class NodeRecipe(NamedTuple):
    """How to score one aggregate: its mean, what messages call it, the least coverage, and what is done afterwards."""

    node: Node
    weights: Array  # of its children, as the metadata have them
    mean: Mean
    name: str
    coverage: float
    steps: tuple[Step, ...] = ()


def aggregate(
    data: pd.DataFrame,
    *,
    metadata: pd.DataFrame,
    method: Method | Sequence[Method] = "arithmetic",
    weights: pd.Series | Mapping[str, float] | None = None,
    min_coverage: float | Sequence[float] = 0.0,
    power: float = 2.0,
) -> pd.DataFrame:
    """Aggregate normalised indicators to every aggregate of the framework.

    Parameters
    ----------
    data
        One row per unit (or unit and year), one column per indicator, on one scale (see `normalise`).
    metadata
        One row per code; see `check_metadata`. Columns ``aggregate`` and ``min_coverage`` give an aggregate its
        own, a column ``steps`` what is done with its score before it goes up.
    method
        ``arithmetic``, ``geometric``, ``harmonic``, ``generalised`` (or with its power, ``generalised:-1``),
        ``sum``, ``product``, ``copeland``, ``mpi`` or ``ampi`` (``mpi+`` and ``ampi+`` add the penalty: for what is
        feared); a function from (units x children, weights) to one score per unit; or one per level, from the
        bottom. In a panel, Copeland compares the units of one year.
    weights
        A weight for some or all codes, instead of those of the metadata. Only their proportions among siblings
        count; the weights of missing children are shared by the others.
    min_coverage
        The least share (0 to 1) of its direct children that a unit must have for an aggregate, or one per level
        from the bottom. With 0, one child is enough.
    power
        The exponent of the ``generalised`` mean, not 0.

    Returns
    -------
    pandas.DataFrame
        Units in the same order; the indicators as they came, then the aggregates from the bottom up.

    Raises
    ------
    InputError
        When the data or metadata are wrong, or hold values that a formula cannot take, naming the codes.
    UsageError
        When a name is unknown, or there is not one method or coverage per level.

    References
    ----------
    OECD and JRC (2008), *Handbook on constructing composite indicators*, section 6; Mazziotta and Pareto (2016), On a
    generalized non-compensatory composite index, *Social Indicators Research* 127.

    Examples
    --------
    >>> scores = pd.DataFrame({"trust": [40.0, 90.0], "green": [60.0, 10.0]}, index=["AA", "BB"])
    >>> tree = pd.DataFrame(
    ...     {"parent": ["index", "index", ""], "direction": 1, "weight": [3, 1, 1]}, index=["trust", "green", "index"]
    ... )
    >>> aggregate(scores, metadata=tree)["index"].tolist()
    [45.0, 70.0]
    """
    tidy = with_weights(checked(metadata, data), weights)
    plan = make_plan(tidy, method=method, min_coverage=min_coverage, power=power)
    known = set(indicator_codes(tidy))
    codes = [code for code in data.columns if code in known]
    columns = dict(zip(codes, values_of(data, codes).T, strict=True))
    for _, level in groupby(plan, key=lambda recipe: recipe.node.level):
        _add_level(list(level), columns, data.index)
    order = [*codes, *aggregate_codes(tidy)]
    return pd.DataFrame({code: columns[code] for code in order}, index=data.index, columns=pd.Index(order))


def coverage(
    data: pd.DataFrame, *, metadata: pd.DataFrame, min_coverage: float | Sequence[float] = 0.0
) -> pd.DataFrame:
    """Return the share of its direct children that each unit has, for each aggregate.

    Parameters
    ----------
    data, metadata, min_coverage
        As for `aggregate`: a child that is itself below its least coverage counts as missing, and so does one
        whose available children all weigh 0.

    Returns
    -------
    pandas.DataFrame
        Units in the same order, one column per aggregate from the bottom up, 0 to 1.

    Raises
    ------
    InputError
        When the data or metadata are wrong, naming codes and units.
    UsageError
        When a least coverage is not a share, or there is not one per level.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> composite.coverage(data, metadata=metadata).loc["DD"].to_dict()
    {'people': 1.0, 'place': 0.5, 'index': 1.0}
    """
    tidy = checked(metadata, data)
    present = {code: data[code].notna().to_numpy() for code in indicator_codes(tidy)}
    weight = tidy["weight"].fillna(1.0).to_dict()
    shares = {}
    for recipe in make_plan(tidy, min_coverage=min_coverage):
        code, children = recipe.node.code, recipe.node.children
        available = np.column_stack([present[child] for child in children])
        shares[code] = available.mean(axis=1)
        heavy = np.array([weight[child] > 0 for child in children])
        present[code] = available[:, heavy].any(axis=1) & (shares[code] >= recipe.coverage - ROUNDING)
    order = aggregate_codes(tidy)
    return pd.DataFrame({code: shares[code] for code in order}, index=data.index, columns=pd.Index(order))


def make_plan(
    tidy: pd.DataFrame,
    *,
    method: Method | Sequence[Method] = "arithmetic",
    min_coverage: float | Sequence[float] = 0.0,
    power: float = 2.0,
) -> list[NodeRecipe]:
    """Return how to score each aggregate, children before parents: as asked of it, of its level, or of all."""
    found = nodes(tidy)
    levels = max((node.level for node in found), default=1) - 1
    names = _per_level("aggregation method", method, levels)
    least = _per_level("least coverage", min_coverage, levels)
    for share in least:
        if not 0 <= share <= 1:
            raise UsageError(f"the least coverage {share:g} is not between 0 and 1. Give a share, such as 0.8")
    for name in names:
        read_mean(name, power)
    methods, coverages, steps = (_own(tidy, column) for column in ("aggregate", "min_coverage", "steps"))
    recipes = []
    for node in found:
        name = methods.get(node.code) or names[node.level - 2]
        coverage = float(coverages.get(node.code, least[node.level - 2]))
        w = tidy["weight"][list(node.children)].to_numpy(dtype=np.float64)
        own = read_steps(steps.get(node.code, ""))
        recipes.append(NodeRecipe(node, w, read_mean(name, power), spoken(name), coverage, own))
    return recipes


def _own(tidy: pd.DataFrame, column: str) -> dict[str, Any]:
    """Return what single codes have in a column."""
    return {str(code): value for code, value in column_of(tidy, column).dropna().items()}


def _per_level(kind: str, given: Any, levels: int) -> tuple[Any, ...]:
    if isinstance(given, str) or not isinstance(given, Sequence):
        return (given,) * levels
    if len(given) == 1:
        return tuple(given) * levels
    if len(given) != levels:
        there = f"but the framework has {counted(levels, 'level')} of aggregates"
        raise UsageError(
            f"{counted(len(given), 'value')} for {kind}, {there}. Give one, or one per level from the bottom"
        )
    return tuple(given)


def _add_level(level: Sequence[NodeRecipe], columns: dict[str, Array], units: pd.Index) -> None:
    """Add the aggregates of one level to the columns; all that breaks a formula there is refused at once."""
    years = rows_by_year(units)
    values = [family(columns, recipe.node) for recipe in level]
    problems = [problem for recipe, x in zip(level, values, strict=True) for problem in _problems(x, recipe, units)]
    raise_if_any("data", problems)
    remedy = "Leave the step out, or change what comes before it"
    for recipe, x in zip(level, values, strict=True):
        raw = mean_node(x, recipe.weights, recipe, years)
        problems += step_problems(raw, recipe.steps, units, code=recipe.node.code, kind="step", remedy=remedy)
        columns[recipe.node.code] = apply_steps(raw, recipe.steps, years)
    raise_if_any("data", problems)


def family(columns: Mapping[str, Array], node: Node) -> Array:
    """Stack the values of an aggregate's children: (..., units, children), with draws in front when any has them."""
    return np.stack(np.broadcast_arrays(*(columns[child] for child in node.children)), axis=-1)


def mean_node(x: Array, w: Array, recipe: NodeRecipe, years: Sequence[Rows]) -> Array:
    """Score one aggregate from its children, each year (its rows) on its own, before its steps.

    From values (..., units, children) and weights (..., children), whose leading axes are draws, to (..., units);
    missing below the least coverage.
    """
    scores = np.empty((*np.broadcast_shapes(x.shape[:-2], w.shape[:-1]), x.shape[-2]))
    for rows in years:
        scores[..., rows] = recipe.mean.of(x[..., rows, :], w)
    share = (~np.isnan(x)).mean(axis=-1)
    return np.where(share >= recipe.coverage - ROUNDING, scores, np.nan)


def score_node(x: Array, w: Array, recipe: NodeRecipe, years: Sequence[Rows]) -> Array:
    """Score one aggregate as `mean_node`, and do its steps."""
    return apply_steps(mean_node(x, w, recipe, years), recipe.steps, years)


def _problems(x: Array, recipe: NodeRecipe, units: pd.Index) -> list[Problem]:
    """Name the children of an aggregate, and the units, whose values its formula cannot take."""
    with np.errstate(invalid="ignore"):
        broken = recipe.mean.broken(x, recipe.weights)
    return [
        Problem(
            f"{recipe.node.code}, child {child}",
            f"the {recipe.name} mean takes {recipe.mean.limit}, unlike {listed(units[broken[:, column]])}",
            "Normalise to a range above 0, such as 1 to 100, or choose another method",
        )
        for column, child in enumerate(recipe.node.children)
        if broken[:, column].any()
    ]
