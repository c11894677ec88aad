"""How far sampling error carries from the indicators into every score, without a simulation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from resilience_analysis.composite.aggregation import aggregate, family, make_plan, with_weights
from resilience_analysis.composite.checks import Array, Mask
from resilience_analysis.composite.means import QuasiMean, weight_shares
from resilience_analysis.composite.metadata import aggregate_codes, check_metadata, indicator_codes
from resilience_analysis.composite.sampling import correlation_matrix
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
    correlation: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Carry the half-widths of the indicators' intervals to every aggregate.

    To first order the half-width of an aggregate is sqrt(sum over i and j of d_i h_i d_j h_j r_ij), with h_i the
    half-width of indicator i, r_ij the correlation of the errors of i and j, and d_i the slope of the aggregate in
    that indicator: its share of the weights for an arithmetic mean (where the formula is exact), times
    f'(x_i) / f'(mean) for a mean with curve f (JCGM 100:2008, Guide to the expression of uncertainty in
    measurement, equation 13; equation 10 where errors are independent). Wide intervals with other means, and choices
    of method, are for `uncertainty`.

    Parameters
    ----------
    data, metadata, method, weights, min_coverage, power
        As for `aggregate`.
    half_widths
        Half the interval of each value on the scale of `data`: same rows, a column per indicator; missing where a
        value has no sampling error, which adds nothing.
    correlation
        Correlations (-1 to 1) between the errors of the indicators on the scale of `data`, codes by codes; independent
        errors when not given. Answers of the same people have errors that go together: their mean is less sure.

    Returns
    -------
    pandas.DataFrame
        Units in the same order, one column per aggregate from the bottom up: half the interval of its score.
        Missing where the score is, and where nothing below has an error.

    Raises
    ------
    UsageError
        When a method has no slope (``copeland``, ``mpi``, ``ampi`` and their kind), or an aggregate has steps.

    References
    ----------
    JCGM 100:2008, *Guide to the expression of uncertainty in measurement*, section 5.

    Examples
    --------
    >>> from resilience_analysis import composite
    >>> data, metadata = composite.example_index()
    >>> normalised = composite.normalise(data, metadata=metadata)
    >>> halves = pd.DataFrame(5.0, index=data.index, columns=data.columns)
    >>> composite.margins(normalised, halves, metadata=metadata).loc["AA"].round(2).to_dict()
    {'people': 3.73, 'place': 3.54, 'index': 2.75}
    """
    tidy = with_weights(check_metadata(metadata, data), weights)
    scores = aggregate(data, metadata=tidy, method=method, min_coverage=min_coverage, power=power)
    plan = make_plan(tidy, method=method, min_coverage=min_coverage, power=power)
    columns = {str(code): scores[code].to_numpy() for code in scores.columns}
    codes = indicator_codes(tidy)
    between = correlation_matrix(correlation, codes)
    halves = half_widths[codes].to_numpy(dtype=np.float64)
    # what each indicator adds to a code: (units, indicators), NaN where it has no error
    parts = {code: np.where(np.eye(len(codes))[place] == 1, halves, np.nan) for place, code in enumerate(codes)}
    spread = {}
    for node in plan.nodes:
        recipe = plan.of(node)
        mean = recipe.mean
        if not isinstance(mean, QuasiMean) or recipe.steps:
            what = f"a step of {node.code}" if recipe.steps else recipe.name
            raise UsageError(f"{what} has no slope to carry margins with; use uncertainty()")
        w = tidy["weight"][list(node.children)].to_numpy(dtype=np.float64)
        parts[node.code] = _carried(columns, parts, node, w, mean)
        spread[node.code] = _half_width(parts[node.code], between, lost=np.isnan(columns[node.code]))
    order = aggregate_codes(tidy)
    return pd.DataFrame({code: spread[code] for code in order}, index=data.index, columns=pd.Index(order))


def _carried(columns: Mapping[str, Array], parts: Mapping[str, Array], node: Node, w: Array, mean: QuasiMean) -> Array:
    """Return what each indicator adds to an aggregate: that to its children, times the slope in them."""
    x, score = family(columns, node), columns[node.code][:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes = weight_shares(x, w) * mean.slope(x) / mean.slope(score)
    below = np.stack([parts[child] for child in node.children], axis=1)
    added = slopes[:, :, None] * below
    none = np.isnan(added).all(axis=1)
    return np.where(none, np.nan, np.nansum(added, axis=1))


def _half_width(parts: Array, between: Array, *, lost: Mask) -> Array:
    known = np.nan_to_num(parts)
    squares = np.einsum("ui,ij,uj->u", known, between, known)
    half = np.sqrt(np.maximum(squares, 0.0))  # rounding can bring a variance of nothing below it
    return np.where(lost | np.isnan(parts).all(axis=1), np.nan, half)
