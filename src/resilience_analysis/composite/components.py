"""All principal components of each aggregate's children: how many dimensions a family really has."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from resilience_analysis.composite.checks import Array, values_of
from resilience_analysis.composite.metadata import check_metadata
from resilience_analysis.composite.structure import nodes
from resilience_analysis.composite.weighting import spread_problems
from resilience_analysis.foundation.errors import raise_if_any


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
    tidy = check_metadata(metadata)
    found = [node for node in nodes(tidy) if level is None or node.level == level + 1]
    families = {node: scores[list(node.children)].dropna() for node in found}
    raise_if_any(
        "data",
        [p for node, part in families.items() for p in spread_problems(node, values_of(part, node.children))],
    )
    variances, loadings, columns = [], [], {}
    for node, part in families.items():
        values = values_of(part, node.children)
        standard = (values - values.mean(axis=0)) / values.std(axis=0, ddof=1)
        sizes, components = decompose(standard)
        for place, (eigenvalue, loading) in enumerate(zip(sizes, components, strict=True)):
            key = {"aggregate": node.code, "component": place + 1}
            variances.append({**key, "eigenvalue": eigenvalue, "share": eigenvalue / sizes.sum()})
            for child, size in zip(node.children, loading, strict=True):
                linked = float(size * np.sqrt(eigenvalue))
                loadings.append({**key, "code": child, "loading": float(size), "correlation": linked})
            columns[f"{node.code} {place + 1}"] = pd.Series(standard @ loading, index=part.index)
    table = pd.DataFrame(variances)
    table["cumulative"] = table.groupby("aggregate")["share"].cumsum()
    return Components(table, pd.DataFrame(loadings), pd.DataFrame(columns).reindex(scores.index))


def decompose(standard: Array) -> tuple[Array, Array]:
    """Return the eigenvalues of the correlation matrix of standardised columns, falling, and the components as rows."""
    _, sizes, components = np.linalg.svd(standard, full_matrices=False)
    turn = np.where(components.sum(axis=1) < 0, -1.0, 1.0)
    return sizes**2 / (len(standard) - 1), components * turn[:, None]
