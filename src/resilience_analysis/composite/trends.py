"""How indicators and scores of a panel move over the years.

===================== ==========================================================================================
measure               of the years t and values y that a unit has
===================== ==========================================================================================
``growth``            compound growth per year, (y_last / y_first)^(1 / (t_last - t_first)) - 1, 0 when both are equal
``change``            percent of the first value per year: of the line fitted through 3 or more values, else of the
                      two values; 0 when all values are equal
``slope``             of the line fitted through 2 or more values, per year
===================== ==========================================================================================

``growth`` and ``change`` are ``CAGR`` and ``prc_change`` of COINr.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from resilience_analysis.composite.checks import Array, is_panel, year_problems
from resilience_analysis.composite.metadata import check_metadata
from resilience_analysis.foundation.errors import UsageError, raise_if_any, unknown

FEWEST_FOR_A_LINE = 3


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
    >>> from resilience_analysis import composite
    >>> years = pd.MultiIndex.from_product([["AA"], [2020, 2022]], names=["unit", "year"])
    >>> composite.trends(pd.DataFrame({"jobs": [100.0, 121.0]}, index=years)).round(3).to_dict("records")
    [{'unit': 'AA', 'code': 'jobs', 'growth': 0.1, 'available': 1.0, 'first': 2020, 'last': 2022}]
    """
    if not is_panel(data.index):
        raise UsageError("trends need a panel. Index the data by unit and year")
    raise_if_any("data", year_problems(data.index))
    if measure not in MEASURES:
        raise UsageError(unknown("measure of trend", measure, MEASURES))
    table = data if years is None else data[data.index.get_level_values(1).isin(list(years))]
    directions = None if metadata is None else check_metadata(metadata)["direction"]
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
