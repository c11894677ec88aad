"""Cronbach's alpha of the indicators below each aggregate."""

from __future__ import annotations

import numpy as np
import pandas as pd

from resilience_analysis.composite.checks import Array
from resilience_analysis.composite.metadata import check_metadata, indicator_codes
from resilience_analysis.composite.structure import leaves, nodes


def reliability(data: pd.DataFrame, *, metadata: pd.DataFrame) -> pd.DataFrame:
    """Return Cronbach's alpha per aggregate, and what it would be without each indicator.

    Parameters
    ----------
    data
        One row per unit, one column per indicator. On normalised data all point the same way, and alpha can be
        read; on raw data it depends on units and directions.
    metadata
        One row per code; see `check_metadata`.

    Returns
    -------
    pandas.DataFrame
        One row per aggregate and indicator: ``level``, ``parent``, ``indicators`` (how many lie below; 1 for an
        indicator), ``alpha`` of an aggregate over all indicators below it, ``alpha_if_dropped``: of an
        indicator's parent without it. Covariances are taken over the units that have both indicators, as
        ``get_cronbach`` of COINr does. An alpha of fewer than 2 indicators is missing.
    """
    tidy = check_metadata(metadata, data)
    codes = indicator_codes(tidy)
    table = data[codes].astype(float)
    covariance = table.cov() if len(table) > 1 else pd.DataFrame(np.nan, index=codes, columns=codes)
    below = leaves(tidy)
    dropped = {
        leaf: cronbach_alpha(covariance.drop(index=leaf, columns=leaf).loc[rest, rest].to_numpy())
        for node in nodes(tidy)
        for own in [[child for child in node.children if child not in below]]
        for leaf in own
        for rest in [[child for child in own if child != leaf]]
    }
    rows = tidy.loc[[*below, *codes], ["level", "parent"]].astype({"level": int})
    rows["indicators"] = [len(below.get(code, [code])) for code in rows.index]
    rows["alpha"] = pd.Series(
        {code: cronbach_alpha(covariance.loc[found, found].to_numpy()) for code, found in below.items()}
    )
    rows["alpha_if_dropped"] = pd.Series(dropped, dtype=float)
    return rows


def cronbach_alpha(covariance: Array) -> float:
    """Return k / (k - 1) (1 - sum of variances / sum of all covariances); NaN below 2 items."""
    k, total = len(covariance), float(np.nansum(covariance))
    if k < 2 or total == 0:  # noqa: PLR2004 - one item has nothing to agree with
        return float("nan")
    between = (total - float(np.nansum(np.diag(covariance)))) / (k * (k - 1))
    return k**2 * between / total
