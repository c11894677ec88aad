"""Fill missing values, and say for each how it was filled or why it was not.

======================== =======================================================================================
method                   what a missing value becomes
======================== =======================================================================================
``mean``, ``median``     that of its indicator (in a panel: of the same year)
``group-mean``,          that of its indicator among the units of its group (and year)
``group-median``
``unit-mean``,           that of the unit's other indicators below the same aggregate, after min-max 0..1 with
``unit-median``          direction, turned back to the scale of the indicator
``latest``               the unit's last value before, at most `max_gap` years of the panel back
``constant``             the unit's last value before, else its first value
``linear``               on the line between the unit's values around it; outside them the nearest value
``linear-constant``      the same as ``linear``, the name that COINr has for it
======================== =======================================================================================

What cannot be filled stays missing: an indicator, group or unit without any value, a unit without a group. A series
with one observation has no line: it becomes that observation everywhere, and the log says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from resilience_analysis.composite.arrays import Array, is_panel, values_of
from resilience_analysis.composite.metadata import check_metadata, indicator_codes
from resilience_analysis.composite.structure import families_at
from resilience_analysis.foundation.errors import UsageError, unknown

Places = npt.NDArray[np.intp]


def fill_latest(grid: Array, years: Array, max_gap: int | None) -> Array:  # noqa: ARG001 - one form for all
    """Take the last value before a gap, at most `max_gap` rows back."""
    before, place = _last_before(grid), _rows(grid)
    reach = (before >= 0) & (place - before <= (len(grid) if max_gap is None else max_gap))
    return np.where(reach, _take(grid, before), np.nan)


def fill_constant(grid: Array, years: Array, max_gap: int | None) -> Array:  # noqa: ARG001 - one form for all
    """Take the last value before a gap, and before the first value that one."""
    before, after = _last_before(grid), _next_after(grid)
    return np.where(before >= 0, _take(grid, before), _take(grid, after))


def fill_linear(grid: Array, years: Array, max_gap: int | None) -> Array:  # noqa: ARG001 - one form for all
    """Take the point on the line between the values around a gap; outside them the nearest value."""
    before, after = _last_before(grid), _next_after(grid)
    inside = (before >= 0) & (after < len(grid)) & (before < after)
    low, high = _take(grid, before), _take(grid, after)
    start, end = years[np.clip(before, 0, None)], years[np.clip(after, None, len(grid) - 1)]
    share = (years[:, None] - start) / np.where(inside, end - start, 1.0)
    return np.where(inside, low + (high - low) * share, np.where(before >= 0, low, high))


def _rows(grid: Array) -> Places:
    return np.arange(len(grid))[:, None]


def _last_before(grid: Array) -> Places:
    """Return the row of the last value at or before each cell, -1 where there is none."""
    found: Places = np.maximum.accumulate(np.where(np.isnan(grid), -1, _rows(grid)), axis=0)
    return found


def _next_after(grid: Array) -> Places:
    """Return the row of the next value at or after each cell, the number of rows where there is none."""
    marked = np.where(np.isnan(grid), len(grid), _rows(grid))
    found: Places = np.minimum.accumulate(marked[::-1], axis=0)[::-1]
    return found


def _take(grid: Array, rows: Places) -> Array:
    taken: Array = np.take_along_axis(grid, np.clip(rows, 0, len(grid) - 1), axis=0)
    return taken


class Imputed(NamedTuple):
    """The result of `impute`.

    Attributes
    ----------
    data
        The same rows and columns; what could be filled is.
    log
        One row per value that was missing: ``unit``, ``year`` in a panel, ``code``, ``value`` (missing when it
        could not be filled) and ``how``; for methods along years also ``from_year`` and ``to_year``, the years of
        the values it was made of: one year, or the two ends of a line.
    """

    data: pd.DataFrame
    log: pd.DataFrame


@dataclass(frozen=True)
class Setting:
    """What an imputation may need besides the table."""

    keys: list[pd.Series]  # what units must share to be in one group: year, group, or nothing
    families: list[list[str]]  # indicators that belong together
    directions: pd.Series  # 1 or -1 per indicator
    max_gap: int | None = None  # how many years of a panel back; None for all


Filler = Callable[[pd.DataFrame, Setting], pd.DataFrame]
Statistic = Literal["mean", "median"]
Way: TypeAlias = str | Callable[[Array], Any]


def _among(statistic: Statistic) -> Filler:
    def fill(table: pd.DataFrame, setting: Setting) -> pd.DataFrame:
        return table.groupby(setting.keys, sort=False).transform(statistic)

    return fill


def _within(statistic: Statistic) -> Filler:
    def fill(table: pd.DataFrame, setting: Setting) -> pd.DataFrame:
        turned = table * setting.directions
        alike = turned.groupby(setting.keys, sort=False)
        lowest = alike.transform("min")
        span = alike.transform("max") - lowest
        shares = (turned - lowest) / span.where(span > 0)
        filled = table.copy()
        for family in setting.families:
            typical = shares[family].agg(statistic, axis=1)
            for code in family:
                filled[code] = (typical * span[code] + lowest[code]) * setting.directions[code]
        return filled

    return fill


def _along(fill_series: Callable[[Array, Array, int | None], Array]) -> Filler:
    def fill(table: pd.DataFrame, setting: Setting) -> pd.DataFrame:
        grid = pd.DataFrame(table.unstack(level=0)).sort_index()
        years = grid.index.to_numpy(dtype=np.float64)
        filled = fill_series(grid.to_numpy(dtype=np.float64), years, setting.max_gap)
        whole = pd.DataFrame(filled, index=grid.index, columns=grid.columns)
        long = pd.DataFrame(whole.stack(future_stack=True))
        return long.swaplevel().reindex(table.index)[table.columns]

    return fill


METHODS: dict[str, Filler] = {
    "mean": _among("mean"),
    "median": _among("median"),
    "group-mean": _among("mean"),
    "group-median": _among("median"),
    "unit-mean": _within("mean"),
    "unit-median": _within("median"),
    "latest": _along(fill_latest),
    "constant": _along(fill_constant),
    "linear": _along(fill_linear),
    "linear-constant": _along(fill_linear),
}
GROUPED = ("group-mean", "group-median")
PANEL = ("latest", "constant", "linear", "linear-constant")
LINES = ("linear", "linear-constant")


def impute(
    data: pd.DataFrame,
    *,
    metadata: pd.DataFrame,
    method: Way = "mean",
    groups: pd.Series | None = None,
    level: int = 2,
    max_gap: int | None = None,
) -> Imputed:
    """Fill missing values.

    Parameters
    ----------
    data, metadata
        One row per unit (or unit and year), one column per indicator; one row per code, see `check_metadata`.
    method
        A name of the module's table, or a function that takes the values of one indicator (in a panel of one year),
        NaN where missing, and returns as many; values that were there stay.
    groups
        For the group methods: the group of each row of the data (same index); empty for none.
    level
        For the unit methods: the level of the aggregate within which indicators replace each other.
    max_gap
        For ``latest``: how many years of the panel to look back; None for all.

    Raises
    ------
    InputError
        When the data or metadata are wrong.
    UsageError
        When the method is unknown, or its groups or years are not given.

    References
    ----------
    OECD and JRC (2008), *Handbook on constructing composite indicators*, section 3.

    Examples
    --------
    >>> table = pd.DataFrame({"trust": [1.0, None, 3.0]}, index=["AA", "BB", "CC"])
    >>> tree = pd.DataFrame({"parent": "", "direction": 1, "weight": 1}, index=["trust"])
    >>> impute(table, metadata=tree).data["trust"].tolist()
    [1.0, 2.0, 3.0]
    """
    tidy = check_metadata(metadata, data)
    codes = indicator_codes(tidy)
    table = pd.DataFrame(values_of(data, codes), index=data.index, columns=pd.Index(codes))
    filled = make_filler(data.index, tidy, method=method, groups=groups, level=level, max_gap=max_gap)(table)
    columns = {code: filled[code] if code in codes else data[code] for code in data.columns}
    return Imputed(pd.DataFrame(columns, index=data.index), _log(table, filled, method))


def make_filler(
    units: pd.Index,
    tidy: pd.DataFrame,
    *,
    method: Way = "mean",
    groups: pd.Series | None = None,
    level: int = 2,
    max_gap: int | None = None,
) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Turn the keywords of `impute` into a function from a table of indicators to the filled table."""
    _check_way(method, units, groups, max_gap)
    setting = Setting(
        keys=_keys(units, groups if method in GROUPED else None),
        families=list(families_at(tidy, level).values()),
        directions=tidy.loc[indicator_codes(tidy), "direction"],
        max_gap=max_gap,
    )
    fill = METHODS[method] if isinstance(method, str) else _own_filler(method)
    return lambda table: table.where(table.notna(), fill(table, setting))


def _check_way(method: Way, units: pd.Index, groups: pd.Series | None, max_gap: int | None) -> None:
    if isinstance(method, str) and method not in METHODS:
        raise UsageError(unknown("imputation method", method, METHODS))
    if method in PANEL and not is_panel(units):
        raise UsageError(f"{method} fills along years, but the data are not a panel. Index them by unit and year")
    if method in GROUPED and (groups is None or not groups.index.equals(units)):
        raise UsageError(f"{method} needs the group of every unit. Give groups with the index of the data")
    if max_gap is not None and max_gap < 1:
        raise UsageError(f"a gap of {max_gap} years fills nothing. Give 1 or more")


def _own_filler(function: Callable[[Array], Any]) -> Filler:
    def fill_column(column: pd.Series) -> pd.Series:
        made = np.asarray(function(column.to_numpy(dtype=np.float64, copy=True)), dtype=np.float64)
        if made.shape != (len(column),):
            raise UsageError(f"the function for imputation gives {made.shape} values for {len(column)}. Return as many")
        return pd.Series(made, index=column.index)

    def fill(table: pd.DataFrame, setting: Setting) -> pd.DataFrame:
        grouped = table.groupby(setting.keys, sort=False)
        return pd.DataFrame({code: grouped[code].transform(fill_column) for code in table.columns})

    return fill


def _keys(units: pd.Index, groups: pd.Series | None) -> list[pd.Series]:
    keys = []
    if is_panel(units):
        keys.append(pd.Series(units.get_level_values(1), index=units))
    if groups is not None:
        keys.append(groups.where(groups != "", None))
    return keys or [pd.Series(0, index=units)]


def _log(before: pd.DataFrame, after: pd.DataFrame, method: Way) -> pd.DataFrame:
    rows, columns = np.nonzero(before.isna().to_numpy())
    values = after.to_numpy()[rows, columns]
    spoken = method if isinstance(method, str) else getattr(method, "__name__", "own function")
    how = np.where(np.isnan(values), "not filled: nothing to fill it from", spoken).astype(object)
    if method in LINES:
        units = before.index.get_level_values(0)
        single = (before.notna().groupby(units).sum() == 1).to_numpy()
        alone = single[pd.Categorical(units, categories=sorted(units.unique())).codes[rows], columns]
        how[alone] = f"{method}: the one observation of the series"
    names = ("unit", "year")[: before.index.nlevels]
    where = {name: before.index.get_level_values(place)[rows] for place, name in enumerate(names)}
    log = pd.DataFrame({**where, "code": before.columns[columns], "value": values, "how": how})
    return log.assign(**_source_years(before, method, rows, columns)) if method in PANEL else log


def _source_years(
    before: pd.DataFrame, method: Way, rows: npt.NDArray[np.intp], columns: npt.NDArray[np.intp]
) -> dict[str, pd.Series]:
    """Return the years of the values that each gap was filled from: one, or the two ends of a line."""
    years = pd.DataFrame(
        {code: before.index.get_level_values(1) for code in before.columns}, index=before.index, dtype=float
    ).where(before.notna())
    ordered = years.sort_index(level=[0, 1])
    earlier = ordered.groupby(level=0).ffill().reindex(before.index).to_numpy()[rows, columns]
    later = ordered.groupby(level=0).bfill().reindex(before.index).to_numpy()[rows, columns]
    start = earlier if method == "latest" else np.where(np.isnan(earlier), later, earlier)
    end = np.where(np.isnan(later), earlier, later) if method in LINES else start
    return {
        name: pd.Series(found).astype("Int64" if (np.nan_to_num(found) % 1 == 0).all() else float)
        for name, found in (("from_year", start), ("to_year", end))
    }
