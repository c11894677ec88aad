"""Divide indicators by a size; and fill missing values, and say for each how it was filled or why it was not.

`docs/composite.md` ("Conventions") says what each method makes of a missing value. What cannot be filled stays missing:
an indicator, group or unit without any value, a unit without a group. A series with one observation has no line: it
becomes that observation everywhere, and the log says so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from resilience_analysis.composite.arrays import (
    Array,
    apply_own,
    check_known,
    is_panel,
    listed,
    spoken,
    unit_names,
    values_of,
)
from resilience_analysis.composite.metadata import checked
from resilience_analysis.composite.structure import column_of, families_at, indicator_codes, value_problems
from resilience_analysis.foundation.errors import Problem, UsageError, raise_if_any

Places = npt.NDArray[np.intp]


def denominate(data: pd.DataFrame, *, metadata: pd.DataFrame, denominators: pd.DataFrame) -> pd.DataFrame:
    """Divide every indicator that names a denominator by it.

    Parameters
    ----------
    data
        One row per unit (or unit and year), one column per indicator.
    metadata
        One row per code; ``denominator`` names a column of `denominators`, and ``denominator_scale`` multiplies
        the result, such as 1000 for "per 1,000 inhabitants".
    denominators
        The sizes, one row for at least every row of the data (same index).

    Returns
    -------
    pandas.DataFrame
        The same rows and columns; an indicator without denominator is unchanged, a missing size gives a missing
        value.

    Raises
    ------
    InputError
        When a size is zero, negative or no number where there is a value to divide, or is not there at all.
    UsageError
        When no indicator names a denominator.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> wanted = metadata.assign(denominator=["", "people", "", "", "", "", ""], denominator_scale=1000)
    >>> people = pd.DataFrame({"people": [1000, 2000, 4000, 1000, 5000]}, index=data.index)
    >>> composite.denominate(data, metadata=wanted, denominators=people)["crime"].tolist()
    [10.0, 15.0, 5.0, 50.0, 8.0]
    """
    scales = divisors(data, metadata, denominators)
    return data.assign(**{code: data[code].to_numpy(dtype=float) / scale for code, scale in scales.items()})


def divisors(data: pd.DataFrame, metadata: pd.DataFrame, denominators: pd.DataFrame) -> dict[str, Array]:
    """Return what each denominated indicator is divided by.

    Parameters
    ----------
    data
        One row per unit (or unit and year), one column per indicator.
    metadata
        One row per code, with ``denominator`` and perhaps ``denominator_scale``; see `check_metadata`.
    denominators
        The sizes, one row for at least every row of the data.

    Returns
    -------
    dict of str to numpy.ndarray
        By indicator that names a denominator, one number per row of the data.

    Raises
    ------
    InputError, UsageError
        As `denominate`.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> wanted = metadata.assign(denominator=["", "people", "", "", "", "", ""], denominator_scale=1000)
    >>> people = pd.DataFrame({"people": [1000, 2000, 4000, 1000, 5000]}, index=data.index)
    >>> composite.divisors(data, wanted, people)["crime"].tolist()
    [1.0, 2.0, 4.0, 1.0, 5.0]
    """
    tidy = checked(metadata, data)
    chosen = column_of(tidy, "denominator", "")
    chosen = chosen[(chosen != "") & (tidy["type"] == "indicator")]
    if chosen.empty:
        raise UsageError("no indicator names a denominator. Name them in the metadata, or do not denominate")
    raise_if_any("denominators", _table_problems(chosen, denominators, data.index))
    sizes = denominators.loc[data.index, chosen.unique()].astype(float)
    problems = []
    for code, name in chosen.items():
        wrong = sizes.index[(sizes[name] <= 0) & data[code].notna()]
        if len(wrong):
            what = f"is zero or negative for {listed(wrong)}, and divides {code}"
            remedy = "Correct the size, or leave it empty to make the result missing"
            problems.append(Problem(f"column {name}", what, remedy))
    raise_if_any("denominators", problems)
    factors = column_of(tidy, "denominator_scale").fillna(1.0)
    return {str(code): sizes[name].to_numpy() / float(factors[str(code)]) for code, name in chosen.items()}


def _table_problems(chosen: pd.Series, denominators: pd.DataFrame, units: pd.Index) -> list[Problem]:
    problems = [
        Problem(f"code {code}, column denominator", f"{name!r} is not a column of the data", "Add it or correct it")
        for code, name in chosen.items()
        if name not in denominators.columns
    ]
    absent = units[~units.isin(denominators.index)]
    if len(absent):
        problems.append(Problem("denominators", f"have no row for {listed(absent)}", "Add the units"))
    known = [name for name in chosen.unique() if name in denominators.columns]
    return problems + [problem for name in known for problem in value_problems(denominators[name])]


def fill_series(grid: pd.DataFrame, method: str, max_gap: int | None = None) -> pd.DataFrame:
    """Fill series along years, years x series, by a method of `PANEL`.

    ``latest`` takes the last value before a gap, at most `max_gap` rows back; ``constant`` that, and before the first
    value that one; ``linear`` the point on the line between the values around it, and outside them the nearest value.
    """
    low, high = grid.ffill(limit=max_gap if method == "latest" else None), grid.bfill()
    if method not in LINES:
        return low if method == "latest" else low.fillna(high)
    years = pd.Series(grid.index.astype(float), index=grid.index)
    known = grid.mask(grid.notna(), years, axis=0)
    start, end = known.ffill(), known.bfill()
    share = start.rsub(years, axis=0) / (end - start)
    return (low + (high - low) * share).fillna(low).fillna(high)


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


class Setting(NamedTuple):
    """What an imputation may need besides the table."""

    keys: list[pd.Series]  # what units must share to be in one group: year, group, or nothing
    families: list[list[str]]  # indicators that belong together
    directions: pd.Series  # 1 or -1 per indicator
    max_gap: int | None = None  # how many years of a panel back; None for all


Filler = Callable[[pd.DataFrame, Setting], pd.DataFrame]
Way: TypeAlias = str | Callable[[Array], Any]
Statistic: TypeAlias = Literal["mean", "median"]


def _within(table: pd.DataFrame, setting: Setting, statistic: Statistic) -> pd.DataFrame:
    """Return the mean or median of the unit's other indicators of a family, after min-max 0..1 with direction."""
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


def _along(table: pd.DataFrame, setting: Setting, method: str) -> pd.DataFrame:
    grid = pd.DataFrame(table.unstack(level=0)).sort_index()
    long = pd.DataFrame(fill_series(grid, method, setting.max_gap).stack(future_stack=True))
    return long.swaplevel().reindex(table.index)[table.columns]


GROUPED = ("group-mean", "group-median")
LINES = ("linear", "linear-constant")
"""The second is the name that COINr has for the first."""
PANEL = ("latest", "constant", *LINES)
METHODS = ("mean", "median", *GROUPED, "unit-mean", "unit-median", *PANEL)


def _filler(method: Way) -> Filler:
    if not isinstance(method, str):
        return _own_filler(method)
    if method in PANEL:
        return lambda table, setting: _along(table, setting, method)
    statistic: Statistic = "mean" if method.endswith("mean") else "median"
    if method.startswith("unit"):
        return lambda table, setting: _within(table, setting, statistic)
    return lambda table, setting: table.groupby(setting.keys, sort=False).transform(statistic)


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
        A name of `METHODS`, or a function that takes the values of one indicator (in a panel of one year),
        NaN where missing, and returns as many; values that were there stay.
    groups
        For the group methods: the group of each row of the data (same index); empty for none.
    level
        For the unit methods: the level of the aggregate within which indicators replace each other.
    max_gap
        For ``latest``: how many years of the panel to look back; None for all.

    Returns
    -------
    Imputed
        The filled table, and a row for every value that was missing.

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
    tidy = checked(metadata, data)
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
    check_known("imputation method", method, METHODS)
    if method in PANEL and not is_panel(units):
        remedy = "Give a row for every unit and year, or impute in another way"
        raise UsageError(f"{method} fills along years, but the data have no unit with several years. {remedy}")
    if method in GROUPED and (groups is None or not groups.index.equals(units)):
        raise UsageError(f"{method} needs the group of every unit. Give groups with the index of the data")
    if max_gap is not None and max_gap < 1:
        raise UsageError(f"a gap of {max_gap} years fills nothing. Give 1 or more")
    setting = Setting(
        keys=_keys(units, groups if method in GROUPED else None),
        families=list(families_at(tidy, level).values()),
        directions=tidy.loc[indicator_codes(tidy), "direction"],
        max_gap=max_gap,
    )
    fill = _filler(method)
    return lambda table: table.where(table.notna(), fill(table, setting))


def _own_filler(function: Callable[[Array], Any]) -> Filler:
    def fill_column(column: pd.Series) -> pd.Series:
        return pd.Series(apply_own(function, column.to_numpy(np.float64), purpose="imputation"), column.index)

    def fill(table: pd.DataFrame, setting: Setting) -> pd.DataFrame:
        grouped = table.groupby(setting.keys, sort=False)
        return pd.DataFrame({code: grouped[code].transform(fill_column) for code in table.columns})

    return fill


def _keys(units: pd.Index, groups: pd.Series | None) -> list[pd.Series]:
    keys = [pd.Series(units.get_level_values(1), index=units)] if is_panel(units) else []
    if groups is not None:
        keys.append(groups.where(groups != "", None))
    return keys or [pd.Series(0, index=units)]


def _log(before: pd.DataFrame, after: pd.DataFrame, method: Way) -> pd.DataFrame:
    rows, columns = np.nonzero(before.isna().to_numpy())
    values = after.to_numpy()[rows, columns]
    called = spoken(method, "own function")
    how = np.where(np.isnan(values), "not filled: nothing to fill it from", called).astype(object)
    if method in LINES:
        units = before.index.get_level_values(0)
        single = (before.notna().groupby(units).sum() == 1).to_numpy()
        alone = single[pd.Categorical(units, categories=sorted(units.unique())).codes[rows], columns]
        how[alone] = f"{method}: the one observation of the series"
    where = {name: units[rows] for name, units in unit_names(before.index).items()}
    log = pd.DataFrame({**where, "code": before.columns[columns], "value": values, "how": how})
    return log.assign(**_source_years(before, method, rows, columns)) if method in PANEL else log


def _source_years(before: pd.DataFrame, method: Way, rows: Places, columns: Places) -> dict[str, pd.Series]:
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
