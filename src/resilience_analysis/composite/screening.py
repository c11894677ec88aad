"""What indicators and units look like before anything is done: statistics, availability, trends; and units left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from resilience_analysis.composite.arrays import (
    ROUNDING,
    Array,
    check_known,
    column_deviation,
    column_mean,
    is_panel,
    listed,
    skewness_and_kurtosis,
    values_of,
)
from resilience_analysis.composite.metadata import checked
from resilience_analysis.composite.structure import indicator_codes, leaves, year_problems
from resilience_analysis.foundation.errors import InputError, Problem, UsageError, raise_if_any

FEWEST_FOR_A_LINE = 3


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
        value occurs); ``share_available`` of all units and ``share_nonzero``, ``share_unique``, ``share_same`` of
        those with a value; ``flag_available``, ``flag_nonzero``, ``flag_unique`` (``ok`` or ``LOW``) and
        ``flag_outliers`` (``ok`` or ``OUT``). Conventions of ``get_stats`` in COINr, not rounded.

    Raises
    ------
    ValueError
        When a column holds text.

    References
    ----------
    Joanes and Gill (1998), Comparing measures of sample skewness and kurtosis, *The Statistician* 47.

    Examples
    --------
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

    Parameters
    ----------
    data, metadata
        One row per unit (or unit and year), one column per indicator; one row per code, see `check_metadata`.

    Returns
    -------
    pandas.DataFrame
        One row per unit, one column per aggregate from the bottom up, 0 to 1.

    Raises
    ------
    InputError
        When the data or metadata are wrong, naming codes and units.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> composite.availability_by_aggregate(data, metadata=metadata).loc["DD"].to_dict()
    {'people': 1.0, 'place': 0.5, 'index': 0.75}
    """
    tidy = checked(metadata, data)
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


class Screened(NamedTuple):
    """The result of `screen`.

    Attributes
    ----------
    data
        The rows that are kept, unchanged and in the same order.
    summary
        One row per unit: ``missing``, ``zeros`` (counts), ``available``, ``nonzero`` (shares), ``kept``.
    """

    data: pd.DataFrame
    summary: pd.DataFrame


def screen(
    data: pd.DataFrame,
    *,
    metadata: pd.DataFrame,
    min_available: float = 2 / 3,
    min_nonzero: float = 0.05,
    by: str = "missing",
    keep: Sequence[object] = (),
    drop: Sequence[object] = (),
) -> Screened:
    """Keep the units with enough values, or enough values other than zero.

    Parameters
    ----------
    data, metadata
        One row per unit (or unit and year), one column per indicator; one row per code, see `check_metadata`.
    min_available
        The least share (0 to 1) of indicators with a value.
    min_nonzero
        The least share of a unit's values that are not zero.
    by
        What counts: ``missing`` values, ``zeros``, or ``both``.
    keep, drop
        Units (their index) kept or left out whatever they have.

    Returns
    -------
    Screened
        The rows that are kept, and what each unit has.

    Raises
    ------
    UsageError
        When a name or unit is unknown, or a share is not between 0 and 1.
    InputError
        When no unit would be left.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> composite.screen(data, metadata=metadata, min_available=0.9).data.index.tolist()
    ['AA', 'BB', 'CC', 'EE']
    """
    tidy = checked(metadata, data)
    check_known("screening criterion", by, ("missing", "zeros", "both"))
    for share in (min_available, min_nonzero):
        if not 0 <= share <= 1:
            raise UsageError(f"the share {share:g} is not between 0 and 1. Screen with a share, such as 0.9")
    absent = [unit for unit in [*keep, *drop] if unit not in data.index]
    if absent:
        raise UsageError(f"units to keep or drop that are not in the data: {listed(absent)}")
    summary = availability(data[indicator_codes(tidy)])
    enough = summary["available"] >= min_available - ROUNDING
    filled = ~(summary["nonzero"] < min_nonzero - ROUNDING)
    kept = {"missing": enough, "zeros": filled, "both": enough & filled}[by].copy()
    kept[data.index.isin(list(keep))] = True
    kept[data.index.isin(list(drop))] = False
    if not kept.any():
        remedy = f"The best unit has {summary['available'].max():.0%}"
        raise InputError("data", [Problem("screening", "would leave no unit", remedy)])
    return Screened(data[kept.to_numpy()], summary.assign(kept=kept))


def availability(data: pd.DataFrame) -> pd.DataFrame:
    """Count what each unit has.

    Parameters
    ----------
    data
        One row per unit (or unit and year), one column per indicator.

    Returns
    -------
    pandas.DataFrame
        One row per unit: the counts ``missing`` and ``zeros``; the shares (0 to 1) ``available``, of all indicators,
        and ``nonzero``, of the values that the unit has, missing when it has none.

    Raises
    ------
    ValueError
        When a column holds text.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> composite.availability(data).loc["DD"].to_dict()
    {'missing': 1.0, 'zeros': 0.0, 'available': 0.75, 'nonzero': 1.0}
    """
    values = values_of(data, data.columns)
    missing, zeros = np.isnan(values).sum(axis=1), (values == 0).sum(axis=1)
    present = values.shape[1] - missing
    nonzero = 1 - zeros / np.where(present > 0, present, np.nan)
    counts = {"missing": missing, "zeros": zeros, "available": present / values.shape[1], "nonzero": nonzero}
    return pd.DataFrame(counts, index=data.index)


def trends(
    data: pd.DataFrame,
    *,
    measure: str = "growth",
    metadata: pd.DataFrame | None = None,
    years: Sequence[float] | None = None,
    latest: int | None = None,
) -> pd.DataFrame:
    """Measure the trend of every unit and column.

    Parameters
    ----------
    data
        A panel: index of unit and year, columns of indicators or scores.
    measure
        ``growth``, ``change`` or ``slope``.
    metadata
        When given, trends of indicators with direction -1 are turned, so that more is an improvement.
    years
        Use only these years.
    latest
        Use only so many years up to the last with a value, gaps included; a shorter series has no trend.

    Returns
    -------
    pandas.DataFrame
        One row per unit and column: ``unit``, ``code``, the measure, ``available`` (share of the years used that
        have a value), ``first`` and ``last`` (year with a value).

    Raises
    ------
    UsageError
        When the data are not a panel or the measure is unknown.
    InputError
        When a year is not a number.

    Examples
    --------
    >>> years = pd.MultiIndex.from_product([["AA"], [2020, 2022]], names=["unit", "year"])
    >>> composite.trends(pd.DataFrame({"jobs": [100.0, 121.0]}, index=years)).round(3).to_dict("records")
    [{'unit': 'AA', 'code': 'jobs', 'growth': 0.1, 'available': 1.0, 'first': 2020, 'last': 2022}]
    """
    if not is_panel(data.index):
        raise UsageError("trends need a panel. Index the data by unit and year")
    raise_if_any("data", year_problems(data.index))
    check_known("measure of trend", measure, MEASURES)
    table = data if years is None else data[data.index.get_level_values(1).isin(list(years))]
    directions = None if metadata is None else checked(metadata)["direction"]
    rows = []
    for unit, part in table.groupby(level=0, sort=False):
        ordered = part.droplevel(0).sort_index()
        for code in table.columns:
            turn = 1.0 if directions is None else directions.get(code, 1.0)
            rows.append({"unit": unit, "code": code, **_measure(ordered[code], measure, latest, turn)})
    return pd.DataFrame(rows)


def _measure(series: pd.Series, measure: str, latest: int | None, turn: float) -> dict[str, object]:
    used = series if latest is None else series.loc[: series.last_valid_index()].iloc[-latest:]
    short = latest is not None and len(used) < latest
    present = used.dropna()
    t, y = present.index.to_numpy(dtype=np.float64), present.to_numpy(dtype=np.float64)
    value = np.nan if short or len(y) < 2 else MEASURES[measure](t, y)  # noqa: PLR2004 - a trend has two ends
    return {
        measure: value * turn,
        "available": float(used.notna().mean()) if len(used) else 0.0,
        "first": present.index[0] if len(y) else None,
        "last": present.index[-1] if len(y) else None,
    }


def _growth(t: Array, y: Array) -> float:
    if y[-1] == y[0]:
        return 0.0
    ratio = y[-1] / y[0] if y[0] != 0 else np.nan
    return float(ratio ** (1 / (t[-1] - t[0])) - 1) if ratio >= 0 else float("nan")


def _change(t: Array, y: Array) -> float:
    if (y == y[0]).all():
        return 0.0
    if len(y) < FEWEST_FOR_A_LINE:
        return _percent((y[-1] - y[0]) / (t[-1] - t[0]), y[0])
    slope = _slope(t, y)
    return _percent(slope, y.mean() + slope * (t[0] - t.mean()))


def _slope(t: Array, y: Array) -> float:
    centred = t - t.mean()
    return float(centred @ (y - y.mean()) / (centred @ centred))


def _percent(slope: float, start: float) -> float:
    return 100 * slope / start if start != 0 else float("nan")


MEASURES: dict[str, Callable[[Array, Array], float]] = {"growth": _growth, "change": _change, "slope": _slope}
