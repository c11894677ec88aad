"""How far sampling error carries from the indicators into every score, without a simulation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from resilience_analysis.composite.aggregation import aggregate, family, make_plan, with_weights
from resilience_analysis.composite.checks import Array
from resilience_analysis.composite.means import QuasiMean, weight_shares
from resilience_analysis.composite.metadata import aggregate_codes, check_metadata
from resilience_analysis.composite.structure import Node
from resilience_analysis.foundation.errors import UsageError


def margins(
    data: pd.DataFrame,
    half_widths: pd.DataFrame,
    *,
    metadata: pd.DataFrame,
    method: str | Sequence[str] = "arithmetic",
    weights: pd.Series | Mapping[str, float] | None = None,
    min_coverage: float | Sequence[float] = 0.0,
    power: float = 2.0,
) -> pd.DataFrame:
    """Carry the half-widths of the indicators' intervals to every aggregate.

    The errors of the indicators are taken as independent. To first order the half-width of an aggregate is then
    sqrt(sum((d_i h_i)^2)), with h_i the half-width of child i and d_i the slope of the aggregate in that child:
    its share of the weights for an arithmetic mean (where the formula is exact), times f'(x_i) / f'(mean) for a
    mean with curve f (JCGM 100:2008, Guide to the expression of uncertainty in measurement, equation 10). Wide
    intervals with other means, and choices of method, are for `uncertainty`.

    Parameters
    ----------
    data, metadata, method, weights, min_coverage, power
        As for `aggregate`.
    half_widths
        Half the interval of each value on the scale of `data`: same rows, a column per indicator; missing where a
        value has no sampling error, which adds nothing.

    Returns
    -------
    pandas.DataFrame
        Units in the same order, one column per aggregate from the bottom up: half the interval of its score.
        Missing where the score is, and where nothing below has an error.

    Raises
    ------
    UsageError
        When a method has no slope (``copeland``, ``mpi``, ``ampi`` and their kind), or an aggregate has steps.
    """
    tidy = with_weights(check_metadata(metadata, data), weights)
    scores = aggregate(data, metadata=tidy, method=method, min_coverage=min_coverage, power=power)
    plan = make_plan(tidy, method=method, min_coverage=min_coverage, power=power)
    columns = {str(code): scores[code].to_numpy() for code in scores.columns}
    spread = {code: half_widths[code].to_numpy(dtype=np.float64) for code in data.columns}
    for node in plan.nodes:
        recipe = plan.of(node)
        mean = recipe.mean
        if not isinstance(mean, QuasiMean) or recipe.steps:
            what = f"a step of {node.code}" if recipe.steps else recipe.name
            raise UsageError(f"{what} has no slope to carry margins with; use uncertainty()")
        w = tidy["weight"][list(node.children)].to_numpy(dtype=np.float64)
        spread[node.code] = _combine(columns, spread, node, w, mean)
    order = aggregate_codes(tidy)
    return pd.DataFrame({code: spread[code] for code in order}, index=data.index, columns=pd.Index(order))


def _combine(columns: Mapping[str, Array], spread: Mapping[str, Array], node: Node, w: Array, mean: QuasiMean) -> Array:
    """Combine the half-widths of an aggregate's children that are there."""
    x, score = family(columns, node), columns[node.code][:, None]
    lost = np.isnan(score[:, 0])
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes = weight_shares(x, w) * mean.slope(x) / mean.slope(score)
        parts = np.square(slopes * family(spread, node))
    half = np.sqrt(np.nansum(parts, axis=-1))
    return np.where(lost | np.isnan(parts).all(axis=-1), np.nan, half)
