"""What each indicator looks like: the table to read before anything is done to the data."""

from __future__ import annotations

import numpy as np
import pandas as pd

from resilience_analysis.composite.arrays import column_deviation, column_mean, skewness_and_kurtosis
from resilience_analysis.composite.checks import Array, values_of
from resilience_analysis.composite.metadata import check_metadata, indicator_codes
from resilience_analysis.composite.structure import leaves


def statistics(
    data: pd.DataFrame,
    *,
    max_skewness: float = 2.0,
    max_kurtosis: float = 3.5,
    min_available: float = 0.65,
    min_nonzero: float = 0.5,
    min_unique: float = 0.5,
) -> pd.DataFrame:
    """Describe every column.

    Parameters
    ----------
    data
        One row per unit, numbers only.
    max_skewness, max_kurtosis
        A column above both (skewness in size) is flagged for outliers.
    min_available, min_nonzero, min_unique
        A column with a smaller share of all units is flagged.

    Returns
    -------
    pandas.DataFrame
        One row per column: ``min``, ``max``, ``mean``, ``median``, ``sd`` (n - 1), ``skewness``, ``kurtosis``
        (both adjusted); the counts ``available``, ``nonzero``, ``unique``, ``same`` (how often the most frequent
        value stands); ``share_available`` of all units and ``share_nonzero``, ``share_unique``, ``share_same`` of
        those with a value; ``flag_available``, ``flag_nonzero``, ``flag_unique`` (``ok`` or ``LOW``) and
        ``flag_outliers`` (``ok`` or ``OUT``). Conventions of ``get_stats`` in COINr, not rounded.

    References
    ----------
    Joanes and Gill (1998), Comparing measures of sample skewness and kurtosis, *The Statistician* 47.

    Examples
    --------
    >>> from resilience_analysis import composite
    >>> data, metadata = composite.example_index()
    >>> composite.statistics(data)[["min", "mean", "max", "available"]].loc["jobs"].to_dict()
    {'min': 1.0, 'mean': 4.5, 'max': 9.0, 'available': 4.0}
    """
    values = values_of(data, data.columns)
    table = pd.DataFrame([_describe(column[~np.isnan(column)]) for column in values.T], index=data.columns)
    table.index.name = "code"
    table.insert(2, "mean", column_mean(values))
    table.insert(4, "sd", column_deviation(values))
    units, given = len(values), table["available"].replace(0, np.nan)
    table["share_available"] = table["available"] / units
    for count in ("nonzero", "unique", "same"):
        table[f"share_{count}"] = table[count] / given
    for count, least in (("available", min_available), ("nonzero", min_nonzero), ("unique", min_unique)):
        table[f"flag_{count}"] = np.where(table[count] / units >= least, "ok", "LOW")
    far = (table["skewness"].abs() > max_skewness) & (table["kurtosis"] > max_kurtosis)
    table["flag_outliers"] = np.where(far, "OUT", "ok")
    return table


def availability_by_aggregate(data: pd.DataFrame, *, metadata: pd.DataFrame) -> pd.DataFrame:
    """Return the share of all indicators below each aggregate that each unit has a value for.

    Unlike `coverage`, which counts direct children, this counts indicators at any depth.

    Examples
    --------
    >>> from resilience_analysis import composite
    >>> data, metadata = composite.example_index()
    >>> composite.availability_by_aggregate(data, metadata=metadata).loc["DD"].to_dict()
    {'people': 1.0, 'place': 0.5, 'index': 0.75}
    """
    tidy = check_metadata(metadata, data)
    present = data[indicator_codes(tidy)].notna()
    shares = {code: present[below].mean(axis=1) for code, below in leaves(tidy).items()}
    return pd.DataFrame(shares, index=data.index)


def _describe(present: Array) -> dict[str, float]:
    if len(present) == 0:
        nothing = dict.fromkeys(("min", "max", "median", "skewness", "kurtosis"), np.nan)
        return {**nothing, **dict.fromkeys(("available", "nonzero", "unique", "same"), 0)}
    skew, kurt = skewness_and_kurtosis(present)
    distinct, counts = np.unique(present, return_counts=True)
    return {
        "min": present.min(),
        "max": present.max(),
        "median": float(np.median(present)),
        "skewness": skew,
        "kurtosis": kurt,
        "available": len(present),
        "nonzero": int((present != 0).sum()),
        "unique": len(distinct),
        "same": int(counts.max()),
    }
