"""Weights: from the framework, equal, of the first principal component, or optimised; and what they come to.

Weights are relative among siblings, never negative. A principal component may load an indicator negatively; then
its weight is the size of the loading, and the loading itself is shown beside it, because a negative weight would
turn the direction that the framework declares.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from resilience_analysis.composite.aggregation import aggregate
from resilience_analysis.composite.arrays import Array, check_known, counted, values_of
from resilience_analysis.composite.metadata import checked, with_weights
from resilience_analysis.composite.optimisation import optimised_weights
from resilience_analysis.composite.structure import SCORED, Node, nodes
from resilience_analysis.foundation.errors import Problem, raise_if_any

FEWEST_UNITS = 3
"""A principal component of fewer complete units says nothing."""


class Components(NamedTuple):
    """The result of `principal_components`.

    Attributes
    ----------
    variances
        One row per family and component: ``aggregate``, ``component`` (from 1), ``eigenvalue`` (of the correlation
        matrix; above 1 it carries more than one child), ``share`` of the variance, ``cumulative``.
    loadings
        One row per family, component and child: ``aggregate``, ``component``, ``code``, ``loading`` (of unit
        length), ``correlation`` of the child with the component (the loading times the root of the eigenvalue).
    scores
        One row per unit with all children: a column per family and component.
    """

    variances: pd.DataFrame
    loadings: pd.DataFrame
    scores: pd.DataFrame


def principal_components(scores: pd.DataFrame, *, metadata: pd.DataFrame, level: int | None = None) -> Components:
    """Find the principal components of the standardised children of each aggregate.

    Parameters
    ----------
    scores
        Indicators and aggregates, as `aggregate` gives them; units with a gap in a family are left out there.
    metadata
        One row per code; see `check_metadata`.
    level
        Of the children; all levels when not given.

    Returns
    -------
    Components
        Components in falling order of variance, each turned so that its loadings sum to 0 or more; as ``prcomp``
        in R up to sign (Jolliffe 2002, *Principal Component Analysis*).

    Raises
    ------
    InputError
        When a family has fewer than 3 complete units or a child without spread.

    References
    ----------
    OECD and JRC (2008), *Handbook on constructing composite indicators*, section 4; Kaiser (1960).

    Examples
    --------
    >>> scores = pd.DataFrame({"a": [1.0, 2.0, 4.0], "b": [1.0, 3.0, 3.0]}, index=["AA", "BB", "CC"])
    >>> tree = pd.DataFrame({"parent": ["t", "t", ""], "direction": 1, "weight": 1}, index=["a", "b", "t"])
    >>> principal_components(scores, metadata=tree).variances["eigenvalue"].round(3).tolist()
    [1.756, 0.244]
    """
    variances, loadings, columns = [], [], {}
    for node, part in _families(scores, checked(metadata), level).items():
        standard, sizes, components = _decompose(part)
        eigenvalues = sizes**2 / (len(standard) - 1)
        for place, (eigenvalue, loading) in enumerate(zip(eigenvalues, components, strict=True)):
            key = {"aggregate": node.code, "component": place + 1}
            variances.append({**key, "eigenvalue": eigenvalue, "share": eigenvalue / eigenvalues.sum()})
            for child, size in zip(node.children, loading, strict=True):
                linked = float(size * np.sqrt(eigenvalue))
                loadings.append({**key, "code": child, "loading": float(size), "correlation": linked})
            columns[f"{node.code} {place + 1}"] = pd.Series(standard @ loading, index=part.index)
    table = pd.DataFrame(variances)
    table["cumulative"] = table.groupby("aggregate")["share"].cumsum()
    return Components(table, pd.DataFrame(loadings), pd.DataFrame(columns).reindex(scores.index))


def _families(scores: pd.DataFrame, tidy: pd.DataFrame, level: int | None) -> dict[Node, pd.DataFrame]:
    """Return the complete units of each aggregate above a level (or any); refuse those that have no component."""
    found = [node for node in nodes(tidy) if level is None or node.level == level + 1]
    families = {node: scores[list(node.children)].dropna() for node in found}
    problems = []
    for node, part in families.items():
        if len(part) < FEWEST_UNITS:
            what = f"all its children are there in {counted(len(part), 'unit')}, too few for a principal component"
            problems.append(Problem(f"code {node.code}", what, "Impute first, or choose other weights"))
            continue
        spread = np.ptp(values_of(part, node.children), axis=0)
        problems += [
            Problem(f"code {child}", "has no spread, so it has no principal component", "Take it out")
            for child, size in zip(node.children, spread, strict=True)
            if size == 0
        ]
    raise_if_any("data", problems)
    return families


def _decompose(part: pd.DataFrame) -> tuple[Array, Array, Array]:
    """Return standardised columns, their singular values, falling, and the components, rows that sum to 0 or more."""
    values = values_of(part, part.columns)
    standard = (values - values.mean(axis=0)) / values.std(axis=0, ddof=1)
    _, sizes, components = np.linalg.svd(standard, full_matrices=False)
    return standard, sizes, components * np.where(components.sum(axis=1) < 0, -1.0, 1.0)[:, None]


METHODS = ("framework", "equal", "pca", "optimised")


def weights(
    data: pd.DataFrame,
    *,
    metadata: pd.DataFrame,
    method: str | Callable[[pd.DataFrame, pd.DataFrame], pd.Series] = "framework",
    aggregation: Any = "arithmetic",
) -> pd.Series:
    """Return a set of weights for `aggregate`.

    Parameters
    ----------
    data, metadata
        Normalised indicators, one row per unit; one row per code, see `check_metadata`.
    method
        ``framework``: those of the metadata. ``equal``: 1 for all. ``pca``: see `pca_weights`, on the data
        aggregated with the weights of the framework. ``optimised``: see `optimised_weights`, indicators with
        equal importance for the top. A function takes the data and tidy metadata and returns weights by code; those
        it leaves out are the framework's.
    aggregation
        The method to aggregate with, where the weights depend on it.

    Returns
    -------
    pandas.Series
        One weight per indicator and aggregate.

    Raises
    ------
    InputError
        When the data or metadata are wrong, naming codes and units.
    UsageError
        When the method is unknown.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> normalised = composite.normalise(data, metadata=metadata)
    >>> composite.weights(normalised, metadata=metadata, method="equal").to_dict()
    {'trust': 1.0, 'crime': 1.0, 'green': 1.0, 'jobs': 1.0, 'people': 1.0, 'place': 1.0, 'index': 1.0}
    """
    check_known("weighting method", method, METHODS)
    tidy = checked(metadata, data)
    own = framework_weights(tidy)
    if not isinstance(method, str):
        return pd.Series(method(data, tidy.copy()), dtype=float).reindex(own.index).fillna(own)
    if method == "optimised":
        return optimised_weights(data, metadata=tidy, aggregation=aggregation)["weight"]
    if method == "pca":
        return pca_weights(aggregate(data, metadata=tidy, method=aggregation), metadata=tidy)["weight"]
    return own if method == "framework" else equal_weights(tidy)


def framework_weights(metadata: pd.DataFrame) -> pd.Series:
    """Return the weights of the metadata; 1 for a top aggregate without one.

    Parameters
    ----------
    metadata
        One row per code; see `check_metadata`.

    Returns
    -------
    pandas.Series
        One weight per indicator and aggregate.

    Raises
    ------
    InputError
        When the metadata are wrong, naming codes.

    Examples
    --------
    >>> _, metadata = composite.example_index()
    >>> composite.framework_weights(metadata).loc[["people", "place"]].tolist()
    [2.0, 1.0]
    """
    tidy = checked(metadata)
    return tidy.loc[tidy["type"].isin(SCORED), "weight"].fillna(1.0)


def equal_weights(metadata: pd.DataFrame) -> pd.Series:
    """Return every code the weight 1.

    Parameters
    ----------
    metadata
        One row per code; see `check_metadata`.

    Returns
    -------
    pandas.Series
        1 per indicator and aggregate.

    Raises
    ------
    InputError
        When the metadata are wrong, naming codes.

    Examples
    --------
    >>> _, metadata = composite.example_index()
    >>> composite.equal_weights(metadata).loc[["people", "place"]].tolist()
    [1.0, 1.0]
    """
    return framework_weights(metadata) * 0 + 1.0


def effective_weights(metadata: pd.DataFrame, *, weights: pd.Series | None = None) -> pd.DataFrame:
    """Return the share of each code in its top aggregate, when nothing is missing and all means are arithmetic.

    Parameters
    ----------
    metadata
        One row per code; see `check_metadata`.
    weights
        By code, instead of those of the metadata; some or all.

    Returns
    -------
    pandas.DataFrame
        One row per code: ``level``, ``parent``, ``weight``, ``effective`` (the product of the shares among
        siblings from the top down; 1 for a top aggregate).

    Raises
    ------
    InputError
        When the metadata are wrong, naming codes.
    UsageError
        When a weight is given for an unknown code.

    Examples
    --------
    >>> _, metadata = composite.example_index()
    >>> composite.effective_weights(metadata)["effective"].round(3).to_dict()
    {'trust': 0.444, 'crime': 0.222, 'green': 0.167, 'jobs': 0.167, 'people': 0.667, 'place': 0.333, 'index': 1.0}
    """
    table = _table(with_weights(checked(metadata), weights))
    siblings = table.groupby("parent", sort=False)["weight"].transform("sum")
    share = (table["weight"] / siblings).where(table["parent"] != "", 1.0)
    effective: dict[object, float] = {}
    for code in table.sort_values("level", ascending=False, kind="stable").index:
        effective[code] = share[code] * effective.get(table.at[code, "parent"], 1.0)
    return table.assign(level=table["level"].astype(int), effective=pd.Series(effective))


def _table(tidy: pd.DataFrame) -> pd.DataFrame:
    """Return the level, parent and weight of what is scored; 1 for a top without a weight."""
    return tidy.loc[tidy["type"].isin(SCORED), ["level", "parent", "weight"]].fillna({"weight": 1.0})


def pca_weights(scores: pd.DataFrame, *, metadata: pd.DataFrame, level: int | None = None) -> pd.DataFrame:
    """Load the children of each aggregate on their first principal component.

    Parameters
    ----------
    scores
        Indicators and aggregates, as `aggregate` gives them; units with a gap in a family are left out there.
    metadata
        One row per code; see `check_metadata`.
    level
        Load the codes of this level only; the others then keep their weight.

    Returns
    -------
    pandas.DataFrame
        One row per code: ``level``, ``parent``, ``loading`` (of standardised values, turned so that a family's
        loadings sum to 0 or more; as ``prcomp`` in R up to sign), ``explained`` (share of the family's variance),
        ``weight`` (the size of the loading).

    Raises
    ------
    InputError
        When a family has fewer than 3 complete units or a child without spread.

    References
    ----------
    OECD and JRC (2008), *Handbook on constructing composite indicators*, section 6.1.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> normalised = composite.normalise(data, metadata=metadata)
    >>> scores = composite.aggregate(normalised, metadata=metadata)
    >>> composite.pca_weights(scores, metadata=metadata)["weight"].round(3).to_dict()
    {'trust': 0.707, 'crime': 0.707, 'green': 0.707, 'jobs': 0.707, 'people': 0.707, 'place': 0.707, 'index': 1.0}
    """
    tidy = checked(metadata)
    table = _table(tidy).assign(loading=np.nan, explained=np.nan)
    for node, part in _families(scores, tidy, level).items():
        _, sizes, components = _decompose(part)
        table.loc[list(node.children), "loading"] = components[0]
        table.loc[list(node.children), "explained"] = float(sizes[0] ** 2 / np.sum(sizes**2))
    table["weight"] = table["loading"].abs().fillna(table["weight"])
    return table.assign(level=table["level"].astype(int))
