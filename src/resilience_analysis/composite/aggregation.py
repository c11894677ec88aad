"""From indicators up to the top of the framework, level by level, each with its own method and least coverage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from resilience_analysis.composite.checks import Array, listed, values_of
from resilience_analysis.composite.copeland import Copeland
from resilience_analysis.composite.means import ARITHMETIC, GEOMETRIC, HARMONIC, Mean, power_mean
from resilience_analysis.composite.metadata import aggregate_codes, check_metadata, indicator_codes
from resilience_analysis.composite.panel import Rows, year_rows
from resilience_analysis.composite.penalty import PenalisedMean
from resilience_analysis.composite.structure import Node, nodes
from resilience_analysis.foundation.errors import Problem, UsageError, raise_if_any, unknown

MEANS: dict[str, Mean] = {
    "arithmetic": ARITHMETIC,
    "geometric": GEOMETRIC,
    "harmonic": HARMONIC,
    "copeland": Copeland(),
    "mpi": PenalisedMean(),
    "ampi": PenalisedMean(),
    "mpi+": PenalisedMean(sign=1),
    "ampi+": PenalisedMean(sign=1),
}
AGGREGATIONS = (*MEANS, "generalised")
ROUNDING = 1e-9
"""Slack when a share of available children is compared with the least coverage."""


@dataclass(frozen=True)
class Plan:
    """How to aggregate: for each level from the bottom a method and a least coverage.

    Attributes
    ----------
    nodes
        The aggregates, children before parents.
    methods
        The method of each level, the first for level 2.
    names
        How messages call them.
    coverages
        The least share of direct children that must be available, per level.
    """

    nodes: list[Node]
    methods: tuple[Mean, ...]
    names: tuple[str, ...]
    coverages: tuple[float, ...]

    def method(self, node: Node) -> Mean:
        """Return the method for an aggregate."""
        return self.methods[node.level - 2]

    def name(self, node: Node) -> str:
        """Return the name of the method for an aggregate."""
        return self.names[node.level - 2]

    def coverage(self, node: Node) -> float:
        """Return the least coverage of an aggregate."""
        return self.coverages[node.level - 2]


def aggregate(
    data: pd.DataFrame,
    *,
    metadata: pd.DataFrame,
    method: str | Sequence[str] = "arithmetic",
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
        One row per code; see `check_metadata`.
    method
        ``arithmetic``, ``geometric``, ``harmonic``, ``generalised`` (or with its power, ``generalised:-1``),
        ``copeland``, ``mpi`` or ``ampi`` (``mpi+`` and ``ampi+`` add the penalty: for what is feared); or one per
        level, from the bottom. In a panel, Copeland compares the units of one year.
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
    """
    tidy = with_weights(check_metadata(metadata, data), weights)
    plan = make_plan(tidy, method=method, min_coverage=min_coverage, power=power)
    codes = [code for code in data.columns if code in set(indicator_codes(tidy))]
    columns = dict(zip(codes, values_of(data, codes).T, strict=True))
    for level in range(2, 2 + len(plan.methods)):
        _add_level(level, columns, plan, tidy["weight"], data.index)
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
    """
    tidy = check_metadata(metadata, data)
    plan = make_plan(tidy, min_coverage=min_coverage)
    present = {code: data[code].notna().to_numpy() for code in indicator_codes(tidy)}
    weight = tidy["weight"].fillna(1.0).to_dict()
    shares = {}
    for node in plan.nodes:
        available = np.column_stack([present[child] for child in node.children])
        shares[node.code] = available.mean(axis=1)
        heavy = np.array([weight[child] > 0 for child in node.children])
        present[node.code] = available[:, heavy].any(axis=1) & (shares[node.code] >= plan.coverage(node) - ROUNDING)
    order = aggregate_codes(tidy)
    return pd.DataFrame({code: shares[code] for code in order}, index=data.index, columns=pd.Index(order))


def with_weights(tidy: pd.DataFrame, weights: pd.Series | Mapping[str, float] | None) -> pd.DataFrame:
    """Put other weights into tidy metadata, checked like its own."""
    if weights is None:
        return tidy
    given = pd.Series(weights, dtype=float)
    unknown_codes = [code for code in given.index if code not in tidy.index]
    if unknown_codes:
        raise UsageError(f"weights for codes that are not in the metadata: {listed(unknown_codes)}")
    return check_metadata(tidy.assign(weight=given.reindex(tidy.index).fillna(tidy["weight"])), name="weights")


def make_plan(
    tidy: pd.DataFrame,
    *,
    method: str | Sequence[str] = "arithmetic",
    min_coverage: float | Sequence[float] = 0.0,
    power: float = 2.0,
) -> Plan:
    """Turn names and shares, one for all levels or one per level, into a plan."""
    found = nodes(tidy)
    levels = max((node.level for node in found), default=1) - 1
    names = _per_level("aggregation method", method, levels)
    least = _per_level("least coverage", min_coverage, levels)
    for share in least:
        if not 0 <= share <= 1:
            raise UsageError(f"the least coverage {share:g} is not between 0 and 1. Give a share, such as 0.8")
    return Plan(found, tuple(_mean(name, power) for name in names), names, least)


def _mean(name: str, power: float) -> Mean:
    """Return the mean of a name; ``generalised:-1`` is the generalised mean with that power."""
    if name in MEANS:
        return MEANS[name]
    stem, _, given = name.partition(":")
    if stem != "generalised":
        raise UsageError(unknown("aggregation method", name, AGGREGATIONS))
    try:
        exponent = float(given) if given else power
    except ValueError:
        raise UsageError(f"the power {given!r} of {name!r} is not a number") from None
    if exponent == 0 or not np.isfinite(exponent):
        raise UsageError(f"the power {exponent:g} has no mean; for a power of 0 choose geometric")
    return power_mean(exponent)


def _per_level(kind: str, given: Any, levels: int) -> tuple[Any, ...]:
    if isinstance(given, str) or not isinstance(given, Sequence):
        return (given,) * levels
    if len(given) == 1:
        return tuple(given) * levels
    if len(given) != levels:
        raise UsageError(
            f"{len(given)} values for {kind}, but the framework has {levels} levels of aggregates. "
            "Give one, or one per level from the bottom"
        )
    return tuple(given)


def _add_level(level: int, columns: dict[str, Array], plan: Plan, weights: pd.Series, units: pd.Index) -> None:
    """Add the aggregates of one level to the columns; all that breaks a formula there is refused at once."""
    years = [rows for _, rows in year_rows(units)]
    parts = [
        (node, family(columns, node), weights[list(node.children)].to_numpy(dtype=np.float64))
        for node in plan.nodes
        if node.level == level
    ]
    raise_if_any("data", [problem for node, x, w in parts for problem in _problems(x, w, node, plan, units)])
    for node, x, w in parts:
        columns[node.code] = score_node(x, w, node, plan, years)


def family(columns: Mapping[str, Array], node: Node) -> Array:
    """Stack the values of an aggregate's children: (..., units, children), with draws in front when any has them."""
    parts = np.broadcast_arrays(*(columns[child] for child in node.children))
    return np.stack(parts, axis=-1)


def score_node(x: Array, w: Array, node: Node, plan: Plan, years: Sequence[Rows]) -> Array:
    """Score one aggregate from its children, each year of a panel on its own.

    Parameters
    ----------
    x, w
        Values (..., units, children) and weights (..., children); leading axes are draws.
    node, plan
        The aggregate, and how to score it.
    years
        The rows of each year.

    Returns
    -------
    numpy.ndarray
        (..., units), missing below the least coverage.
    """
    mean = plan.method(node)
    scores = np.empty((*np.broadcast_shapes(x.shape[:-2], w.shape[:-1]), x.shape[-2]))
    for rows in years:
        scores[..., rows] = mean(x[..., rows, :], w)
    share = (~np.isnan(x)).mean(axis=-1)
    return np.where(share >= plan.coverage(node) - ROUNDING, scores, np.nan)


def _problems(x: Array, w: Array, node: Node, plan: Plan, units: pd.Index) -> list[Problem]:
    """Name the children of an aggregate, and the units, whose values its formula cannot take."""
    with np.errstate(invalid="ignore"):
        broken = plan.method(node).broken(x, w)
    return [
        Problem(
            f"{node.code}, child {child}",
            f"the {plan.name(node)} mean takes {plan.method(node).limit}, unlike {listed(units[broken[:, column]])}",
            "Normalise to a range above 0, such as 1 to 100, or choose another method",
        )
        for column, child in enumerate(node.children)
        if broken[:, column].any()
    ]
