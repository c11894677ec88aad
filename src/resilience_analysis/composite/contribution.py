"""What makes up a score, back to the raw values; where a unit is strong and weak; and how sure its score is."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from resilience_analysis.composite.aggregation import NodeRecipe, aggregate, family, make_plan
from resilience_analysis.composite.arrays import Array, Mask, Rows, check_known, peers_of, row_of, rows_by_year
from resilience_analysis.composite.means import Curve, weight_shares
from resilience_analysis.composite.metadata import checked, with_weights
from resilience_analysis.composite.reporting import ranks
from resilience_analysis.composite.sampling import correlation_matrix
from resilience_analysis.composite.structure import (
    aggregate_codes,
    column_of,
    families_at,
    indicator_codes,
    leaves,
    path_up,
    roots,
)
from resilience_analysis.foundation.errors import UsageError


def contributions(
    data: pd.DataFrame,
    *,
    metadata: pd.DataFrame,
    code: str | None = None,
    level: int = 1,
    method: str | Sequence[str] = "arithmetic",
    weights: pd.Series | Mapping[str, float] | None = None,
    min_coverage: float | Sequence[float] = 0.0,
    power: float = 2.0,
) -> pd.DataFrame:
    """Split scores into what each indicator adds to them, or each aggregate of a level.

    With arithmetic means an indicator adds its value times its share of the weights, in each unit over what is
    available. With other means it also carries its part of the distance to the arithmetic mean, as the means say
    (`means`); what an aggregate carries so is passed on to its indicators by weight. The steps of an aggregate
    stretch all parts alike.

    Parameters
    ----------
    data, metadata, method, weights, min_coverage, power
        As for `aggregate`.
    code
        The aggregate to split; by default every indicator is split out of its own top aggregate.
    level
        1 for indicators; with 2 or more those below one aggregate of that level are added up.

    Returns
    -------
    pandas.DataFrame
        One row per unit, one column per indicator below the code (or all), missing where the indicator or the
        score is. The indicators of one aggregate add up to its score within rounding (1e-9).

    Raises
    ------
    InputError
        When the data or metadata are wrong, naming codes and units.
    UsageError
        When the code or a method is unknown.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> normalised = composite.normalise(data, metadata=metadata)
    >>> composite.contributions(normalised, metadata=metadata).loc["AA"].round(2).to_dict()
    {'trust': 29.63, 'crime': 22.22, 'green': 12.5, 'jobs': 8.33}
    >>> composite.contributions(normalised, metadata=metadata, level=2).loc["AA"].round(2).to_dict()
    {'people': 51.85, 'place': 20.83}
    """
    tidy = with_weights(checked(metadata, data), weights)
    parts, _ = _split_scores(data, tidy, code, method=method, min_coverage=min_coverage, power=power)
    if level == 1:
        return parts
    below = families_at(tidy, level)
    families = {name: [leaf for leaf in found if leaf in parts.columns] for name, found in below.items()}
    return pd.DataFrame({name: parts[own].sum(axis=1, min_count=1) for name, own in families.items() if own})


def _split_scores(
    data: pd.DataFrame, tidy: pd.DataFrame, code: str | None, **options: Any
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what each indicator adds to its score, and its share of the weights over what the unit has."""
    scores = aggregate(data, metadata=tidy, **options)
    below, top = leaves(tidy), roots(tidy)
    if code is not None:
        check_known("aggregate", code, below)
    wanted = [leaf for leaf in indicator_codes(tidy) if code is None or leaf in below[code]]
    parts, shares = (
        pd.DataFrame({leaf: split[code or top[leaf]][leaf] for leaf in wanted}, index=data.index)
        for split in _split_all(scores, make_plan(tidy, **options))
    )
    return parts, shares


def _split_all(
    scores: pd.DataFrame, plan: Sequence[NodeRecipe]
) -> tuple[dict[str, dict[str, Array]], dict[str, dict[str, Array]]]:
    """Return for every code what each indicator below adds to it, and its share of the weights."""
    columns = {str(code): scores[code].to_numpy() for code in scores.columns}
    years = rows_by_year(scores.index)
    parts = {code: {code: values} for code, values in columns.items()}
    carried = {code: {code: np.where(np.isnan(values), np.nan, 1.0)} for code, values in columns.items()}
    for recipe in plan:
        code = recipe.node.code
        x = family(columns, recipe.node)
        split, shares = _split(x, recipe, years), weight_shares(x, recipe.weights)
        lost = np.isnan(columns[code])
        split = _after_steps(split, shares, columns[code]) if recipe.steps else split
        parts[code], carried[code] = {}, {}
        for place, child in enumerate(recipe.node.children):
            share = np.where(lost, np.nan, shares[:, place])
            rest = np.where(lost, np.nan, split[:, place]) - share * x[:, place]
            for leaf, part in parts[child].items():
                parts[code][leaf] = share * part + rest * carried[child][leaf]
                carried[code][leaf] = share * carried[child][leaf]
    return parts, carried


def _split(x: Array, recipe: NodeRecipe, years: Sequence[Rows]) -> Array:
    split = np.empty(x.shape)
    for rows in years:
        split[rows] = recipe.mean.parts(x[rows], recipe.weights)
    return split


def _after_steps(split: Array, shares: Array, scores: Array) -> Array:
    """Stretch what children add to a score before its steps to the score after them, by weight where it was 0."""
    before = np.nansum(split, axis=1)
    factor = np.divide(scores, before, out=np.full(len(scores), np.nan), where=before != 0)
    stretched: Array = np.where(np.isnan(factor)[:, None], shares * scores[:, None], split * factor[:, None])
    return stretched


def trace(
    tables: Mapping[str, pd.DataFrame],
    *,
    metadata: pd.DataFrame,
    unit: Hashable,
    code: str,
    method: str | Sequence[str] = "arithmetic",
    weights: pd.Series | Mapping[str, float] | None = None,
    min_coverage: float | Sequence[float] = 0.0,
    power: float = 2.0,
) -> pd.DataFrame:
    """Follow one score of one unit back to the raw values.

    Parameters
    ----------
    tables
        The stages by name, in their order, such as ``{"raw": ..., "treated": ..., "normalised": ...}``; the last
        is what is aggregated. A unit screened out of a stage has no value there.
    metadata, method, weights, min_coverage, power
        As for `aggregate`.
    unit, code
        The unit (its index) and the aggregate.

    Returns
    -------
    pandas.DataFrame
        One row per indicator below the code: ``path`` (the aggregates up to the code), one column per stage,
        ``share`` (of the weights, over what the unit has) and ``contribution``; contributions add up to the score
        within 1e-9.

    Raises
    ------
    InputError
        When the metadata are wrong, naming codes.
    UsageError
        When the unit, code or a method is unknown.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> normalised = composite.normalise(data, metadata=metadata)
    >>> stages = {"raw": data, "normalised": normalised}
    >>> found = composite.trace(stages, metadata=metadata, unit="AA", code="people")
    >>> found[["raw", "share", "contribution"]].round(3).to_numpy().tolist()
    [[3.0, 0.667, 44.444], [10.0, 0.333, 33.333]]
    """
    normalised = list(tables.values())[-1]
    check_known("unit", unit, normalised.index)
    tidy = with_weights(checked(metadata), weights)
    split, weight = _split_scores(normalised, tidy, code, method=method, min_coverage=min_coverage, power=power)
    rows = pd.DataFrame(index=split.columns.rename("code"))
    paths = (path_up(tidy, leaf) for leaf in rows.index)
    rows["path"] = [" < ".join(path[: path.index(code) + 1]) for path in paths]
    for stage, table in tables.items():
        rows[stage] = row_of(table, unit).reindex(rows.index) if unit in table.index else np.nan
    return rows.assign(share=row_of(weight, unit), contribution=row_of(split, unit))


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

    Raises
    ------
    InputError
        When the data or metadata are wrong, naming codes and units.
    UsageError
        When the unit is unknown.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> found = composite.strengths_and_weaknesses(data, metadata=metadata, unit="EE", count=1)
    >>> found[["kind", "code", "rank", "of"]].to_numpy().tolist()
    [['strength', 'green', 1, 5], ['weakness', 'crime', 4, 5]]
    """
    tidy = checked(metadata, data)
    peers, codes = peers_of(data, unit), indicator_codes(tidy)
    places = ranks(peers[codes] * tidy.loc[codes, "direction"])
    ordered = row_of(places, unit).dropna().astype(int).sort_values(kind="stable")
    last = places[ordered.index].max()
    if skip_worst_ties:
        shared = (places[ordered.index] == last).sum() > 1
        ordered = ordered[(ordered < last) | ~shared]
    best = ordered[ordered < last[ordered.index]].iloc[:count]
    worst = ordered.iloc[max(len(best), len(ordered) - count) :]
    table = pd.DataFrame({"kind": ["strength"] * len(best) + ["weakness"] * len(worst)}, [*best.index, *worst.index])
    table["code"] = table.index
    table["name"] = column_of(tidy, "name", tidy.index)[table.index]
    table["parent"] = tidy.loc[table.index, "parent"]
    table["rank"] = pd.concat([best, worst])
    table["of"] = peers[table.index].notna().sum()
    table["value"] = row_of(data, unit)[table.index]
    return table.reset_index(drop=True)


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
    >>> data, metadata = composite.example_index()
    >>> normalised = composite.normalise(data, metadata=metadata)
    >>> halves = pd.DataFrame(5.0, index=data.index, columns=data.columns)
    >>> composite.margins(normalised, halves, metadata=metadata).loc["AA"].round(2).to_dict()
    {'people': 3.73, 'place': 3.54, 'index': 2.75}
    """
    tidy = with_weights(checked(metadata, data), weights)
    scores = aggregate(data, metadata=tidy, method=method, min_coverage=min_coverage, power=power)
    plan = make_plan(tidy, method=method, min_coverage=min_coverage, power=power)
    columns = {str(code): scores[code].to_numpy() for code in scores.columns}
    codes = indicator_codes(tidy)
    between = correlation_matrix(correlation, codes)
    halves = half_widths[codes].to_numpy(dtype=np.float64)
    # what each indicator adds to a code: (units, indicators), NaN where it has no error
    parts = {code: np.where(np.eye(len(codes))[place] == 1, halves, np.nan) for place, code in enumerate(codes)}
    spread = {}
    for recipe in plan:
        code = recipe.node.code
        if recipe.mean.slope is None or recipe.steps:
            what = f"a step of {code}" if recipe.steps else recipe.name
            raise UsageError(f"{what} has no slope to carry margins with; use uncertainty()")
        parts[code] = _carried(columns, parts, recipe, recipe.mean.slope)
        spread[code] = _half_width(parts[code], between, lost=np.isnan(columns[code]))
    order = aggregate_codes(tidy)
    return pd.DataFrame({code: spread[code] for code in order}, index=data.index, columns=pd.Index(order))


def _carried(columns: Mapping[str, Array], parts: Mapping[str, Array], recipe: NodeRecipe, slope: Curve) -> Array:
    """Return what each indicator adds to an aggregate: that to its children, times the slope in them."""
    x, score = family(columns, recipe.node), columns[recipe.node.code][:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes = weight_shares(x, recipe.weights) * slope(x) / slope(score)
    added = slopes[:, :, None] * np.stack([parts[child] for child in recipe.node.children], axis=1)
    return np.where(np.isnan(added).all(axis=1), np.nan, np.nansum(added, axis=1))


def _half_width(parts: Array, between: Array, *, lost: Mask) -> Array:
    known = np.nan_to_num(parts)
    squares = np.einsum("ui,ij,uj->u", known, between, known)
    half = np.sqrt(np.maximum(squares, 0.0))  # rounding can bring a variance of nothing below it
    return np.where(lost | np.isnan(parts).all(axis=1), np.nan, half)
