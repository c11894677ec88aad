"""Correlations between columns with their p-values, flags for pairs too close or at odds, and Cronbach's alpha."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from resilience_analysis.composite.arrays import Array, check_known, column_mean, divide
from resilience_analysis.composite.metadata import checked
from resilience_analysis.composite.structure import (
    SCORED,
    families_at,
    indicator_codes,
    leaves,
    nodes,
    path_up,
)
from resilience_analysis.foundation.errors import UsageError

METHODS = ("pearson", "spearman", "kendall")


def correlations(
    data: pd.DataFrame,
    *,
    first: Sequence[str] | None = None,
    second: Sequence[str] | None = None,
    method: str = "pearson",
) -> pd.DataFrame:
    """Correlate columns with columns, over the units that have both.

    Parameters
    ----------
    data
        One row per unit, numbers only.
    first, second
        Columns to correlate; all when not given.
    method
        ``pearson``, ``spearman`` or ``kendall`` (tau-b).

    Returns
    -------
    pandas.DataFrame
        One row per pair, both ways round and each with itself: ``first``, ``second``, ``correlation``, ``n``
        (units with both), ``p_value`` (two-sided; Student's t with n - 2 degrees of freedom for pearson and
        spearman, scipy's test for kendall).

    Raises
    ------
    UsageError
        When the method or a column is unknown.

    References
    ----------
    Kendall (1945), The treatment of ties in ranking problems, *Biometrika* 33, for tau-b.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> found = composite.correlations(data, first=["trust"], second=["crime"])
    >>> found.round(3).to_dict("records")
    [{'first': 'trust', 'second': 'crime', 'correlation': -0.693, 'n': 5, 'p_value': 0.194}]
    """
    check_known("correlation", method, METHODS)
    for name in (*(first or ()), *(second or ())):
        check_known("column", name, data.columns)
    rows, columns = list(first or data.columns), list(second or data.columns)
    used = data[list(dict.fromkeys([*rows, *columns]))].astype(float)
    matrix = used.corr(method=method).loc[rows, columns]  # type: ignore[arg-type]
    present = used.notna().astype(float)
    counts = _products(present[rows].to_numpy(), present[columns].to_numpy())
    value = matrix.to_numpy()
    p_values = _kendall_p_values(used, rows, columns) if method == "kendall" else _t_p_values(value, counts)
    return pd.DataFrame(
        {
            "first": np.repeat(rows, len(columns)),
            "second": np.tile(columns, len(rows)),
            "correlation": value.ravel(),
            "n": counts.ravel().astype(int),
            "p_value": p_values.ravel(),
        }
    )


def correlation_flags(
    data: pd.DataFrame,
    *,
    metadata: pd.DataFrame,
    threshold: float = 0.9,
    below: bool = False,
    level: int = 2,
    method: str = "pearson",
) -> pd.DataFrame:
    """Name the pairs of indicators within one aggregate whose correlation is above (or below) a threshold.

    Parameters
    ----------
    data
        One row per unit, one column per indicator; on normalised data a negative correlation means that two
        indicators pull their aggregate in opposite ways.
    metadata
        One row per code; see `check_metadata`.
    threshold, below
        Flag correlations above the threshold, or with `below` those below it.
    level
        The level of the aggregates within which pairs are formed.
    method
        As for `correlations`.

    Returns
    -------
    pandas.DataFrame
        One row per pair, each once: ``aggregate`` and the columns of `correlations`.

    Raises
    ------
    InputError
        When the data or metadata are wrong, naming codes and units.
    UsageError
        When the method is unknown.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> found = composite.correlation_flags(data, metadata=metadata, threshold=0.7)
    >>> found[["aggregate", "first", "second"]].to_numpy().tolist()
    [['place', 'green', 'jobs']]
    """
    tidy = checked(metadata, data)
    pairs = correlations(data, first=indicator_codes(tidy), second=indicator_codes(tidy), method=method)
    order = {code: place for place, code in enumerate(indicator_codes(tidy))}
    group = {leaf: code for code, found in families_at(tidy, level).items() for leaf in found}
    first, second = pairs["first"], pairs["second"]
    together = first.map(group).eq(second.map(group)) & (first.map(order) < second.map(order))
    flagged = pairs["correlation"] < threshold if below else pairs["correlation"] > threshold
    found = pairs[together & flagged].reset_index(drop=True)
    found.insert(0, "aggregate", found["first"].map(group))
    return found


def level_correlations(
    scores: pd.DataFrame,
    *,
    metadata: pd.DataFrame,
    levels: tuple[int, int] = (1, 1),
    grouped: bool = False,
    with_parent: bool = False,
    method: str = "pearson",
) -> pd.DataFrame:
    """Correlate the codes of one level with those of another, within families or with their ancestors.

    Parameters
    ----------
    scores, metadata
        Indicators and aggregates, as `aggregate` gives them; one row per code, see `check_metadata`.
    levels
        The level of ``first`` and of ``second``.
    grouped
        Keep only pairs below the same aggregate of the second level, or with equal levels of the next.
    with_parent
        Keep only pairs of a code and its ancestor.
    method
        As for `correlations`.

    Returns
    -------
    pandas.DataFrame
        One row per pair: the columns of `correlations`, and ``family``, the aggregate that `grouped` goes by.

    Raises
    ------
    UsageError
        When a level has no codes.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> normalised = composite.normalise(data, metadata=metadata)
    >>> scores = composite.aggregate(normalised, metadata=metadata)
    >>> found = composite.level_correlations(scores, metadata=metadata, levels=(2, 3))
    >>> found[["first", "correlation"]].round(2).to_numpy().tolist()
    [['people', 0.88], ['place', 0.47]]
    """
    tidy = checked(metadata)
    scored = tidy[tidy["type"].isin(SCORED)]
    codes = [[str(code) for code in scored.index[scored["level"] == level]] for level in levels]
    for level, found in zip(levels, codes, strict=True):
        if not found:
            raise UsageError(f"no code has level {level}. Choose one of 1 to {scored['level'].max():.0f}")
    pairs = correlations(scores, first=codes[0], second=codes[1], method=method)
    above = _ancestors(scored, max(levels) + (levels[0] == levels[1]))
    first, second = pairs["first"].map(above), pairs["second"].map(above)
    keep = first.eq(second) if grouped else first.notna()
    if with_parent:
        keep &= np.array([b in path_up(scored, a) for a, b in zip(pairs["first"], pairs["second"], strict=True)])
    return pairs.assign(family=first)[keep].reset_index(drop=True)


def _ancestors(scored: pd.DataFrame, level: int) -> dict[str, str]:
    """Return for each code the aggregate of a level above it, or itself when it has that level."""
    levels, codes = scored["level"].to_dict(), [str(code) for code in scored.index]
    return {code: next((up for up in [code, *path_up(scored, code)] if levels[up] >= level), "") for code in codes}


def denominator_correlations(
    data: pd.DataFrame, denominators: pd.DataFrame, *, threshold: float = 0.0, method: str = "pearson"
) -> pd.DataFrame:
    """Correlate indicators with what they could be divided by: a high one says that size drives the indicator.

    Parameters
    ----------
    data, denominators
        One row per unit, the same index; numbers only.
    threshold
        Keep correlations of at least this size.
    method
        As for `correlations`.

    Returns
    -------
    pandas.DataFrame
        As `correlations`: ``first`` an indicator, ``second`` a denominator.

    Raises
    ------
    UsageError
        When the method is unknown.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> size = pd.DataFrame({"people": [50, 150, 100, 250, 200]}, index=data.index)
    >>> found = composite.denominator_correlations(data, size, threshold=0.9)
    >>> found[["first", "second", "correlation"]].round(2).to_numpy().tolist()
    [['crime', 'people', 1.0]]
    """
    both = data.join(denominators, validate="one_to_one")
    pairs = correlations(both, first=list(data.columns), second=list(denominators.columns), method=method)
    return pairs[pairs["correlation"].abs() >= threshold].reset_index(drop=True)


def _t_p_values(r: Array, n: Array) -> Array:
    from scipy.special import stdtr  # noqa: PLC0415 - only those who correlate pay for it

    free = np.where(n > 2, n - 2, np.nan)  # noqa: PLR2004 - two are used up by the line
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(r) * np.sqrt(free / np.clip(1 - r**2, 0, None))
    p: Array = 2 * stdtr(free, -t)
    return p


def _kendall_p_values(used: pd.DataFrame, rows: list[str], columns: list[str]) -> Array:
    from scipy.stats import kendalltau  # noqa: PLC0415 - only those who correlate pay for it

    p_values = np.empty((len(rows), len(columns)))
    for i, one in enumerate(rows):
        for j, other in enumerate(columns):
            pair = used[[one, other]].dropna().to_numpy()
            p_values[i, j] = kendalltau(pair[:, 0], pair[:, -1]).pvalue if len(pair) > 1 else np.nan
    return p_values


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

    Raises
    ------
    InputError
        When the data or metadata are wrong, naming codes and units.

    References
    ----------
    Cronbach (1951), Coefficient alpha and the internal structure of tests, *Psychometrika* 16.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> normalised = composite.normalise(data, metadata=metadata)
    >>> composite.reliability(normalised, metadata=metadata)["alpha"].loc[["people", "index"]].round(2).tolist()
    [0.82, 0.61]
    """
    tidy = checked(metadata, data)
    codes = indicator_codes(tidy)
    table = data[codes].astype(float)
    covariance = pd.DataFrame(covariances(table.to_numpy()), index=codes, columns=codes)
    below = leaves(tidy)
    siblings = {
        leaf: [child for child in node.children if child not in below and child != leaf]
        for node in nodes(tidy)
        for leaf in node.children
        if leaf not in below
    }
    dropped = {leaf: cronbach_alpha(covariance.loc[rest, rest].to_numpy()) for leaf, rest in siblings.items()}
    rows = tidy.loc[[*below, *codes], ["level", "parent"]].astype({"level": int})
    rows["indicators"] = [len(below.get(code, [code])) for code in rows.index]
    rows["alpha"] = pd.Series(
        {code: cronbach_alpha(covariance.loc[found, found].to_numpy()) for code, found in below.items()}
    )
    rows["alpha_if_dropped"] = pd.Series(dropped, dtype=float)
    return rows


def covariances(values: Array) -> Array:
    """Return the covariances of columns, each over the units that have both; NaN where fewer than 2 do."""
    present = (~np.isnan(values)).astype(float)
    centred = np.nan_to_num(values - column_mean(values))
    n, sums = _products(present, present), _products(centred, present)
    found: Array = (_products(centred, centred) - divide(sums * sums.T, n)) / np.where(n > 1, n - 1, np.nan)
    return found


def _products(first: Array, second: Array) -> Array:
    """Multiply every column with every column: as the matrix product, without the threads that it would start."""
    found: Array = np.einsum("ui,uj->ij", first, second)
    return found


def cronbach_alpha(covariance: Array) -> float:
    """Return k / (k - 1) (1 - sum of variances / sum of all covariances); NaN below 2 items."""
    k, total = len(covariance), float(np.nansum(covariance))
    if k < 2 or total == 0:  # noqa: PLR2004 - one item has nothing to agree with
        return float("nan")
    between = (total - float(np.nansum(np.diag(covariance)))) / (k * (k - 1))
    return k**2 * between / total
