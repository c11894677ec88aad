"""The verb that treats a whole table, and the tables of what it did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from resilience_analysis.composite.checks import Array, name_of, values_of
from resilience_analysis.composite.metadata import check_metadata, indicator_codes
from resilience_analysis.composite.outliers import HIGH, LOW, TRANSFORMS, TREATMENTS, Outcome, Rule, treat_values
from resilience_analysis.composite.panel import Rows, year_rows
from resilience_analysis.foundation.errors import UsageError, unknown

STAGES = ("raw", "winsorised", "transformed")


class Treated(NamedTuple):
    """The result of `treat`.

    Attributes
    ----------
    data
        The same rows and columns, treated.
    details
        One row per indicator (and year of a panel): ``method``; ``skewness``, ``kurtosis`` and ``passes`` at the
        stages ``_raw``, ``_winsorised`` and ``_transformed`` that were reached; ``winsorised``, how many values
        were tried; ``transform`` of all values; the units left winsorised, ``high_units`` with ``high_value`` and
        ``low_units`` with ``low_value``; ``note``.
    values
        One row per winsorised value: ``unit``, ``year`` in a panel, ``code``, ``raw``, ``treated``, ``action``.
    """

    data: pd.DataFrame
    details: pd.DataFrame
    values: pd.DataFrame


def treat(
    data: pd.DataFrame,
    *,
    metadata: pd.DataFrame,
    method: str = "winsorise",
    fallback: str = "log",
    winmax: int | None = 5,
    max_skewness: float = 2.0,
    max_kurtosis: float = 3.5,
    power: float = 0.0,
) -> Treated:
    """Treat the indicators whose skew and kurtosis say that they have outliers.

    Parameters
    ----------
    data
        One row per unit (or unit and year: each year is then treated on its own), one column per indicator.
    metadata
        One row per code; see `check_metadata`. A column ``treat`` gives an indicator its own method (``none`` to
        leave it), a column ``winmax`` its own limit.
    method
        ``winsorise``, a transformation (``log``, ``log-by-skew``, ``box-cox``) of what does not pass, or ``none``.
    fallback
        The transformation of what does not pass after winsorising, or ``none`` to leave it winsorised.
    winmax
        The most values to winsorise per indicator; None for no limit.
    max_skewness, max_kurtosis
        An indicator passes below either.
    power
        Of Box-Cox.

    Raises
    ------
    InputError
        When the data or metadata are wrong.
    UsageError
        When a name is unknown or a limit negative.
    """
    tidy = check_metadata(metadata, data)
    rules = make_rules(
        tidy,
        method=method,
        fallback=fallback,
        winmax=winmax,
        max_skewness=max_skewness,
        max_kurtosis=max_kurtosis,
        power=power,
    )
    codes = indicator_codes(tidy)
    raw = values_of(data, codes)
    treated = raw.copy(order="F")
    details, changes = [], []
    for year, rows in year_rows(data.index):
        for column, code in enumerate(codes):
            outcome, present = _treat_column(raw, treated, rows, column, rules[code][1])
            where = {"code": code} if year is None else {"year": year, "code": code}
            details.append({**where, "method": rules[code][0], **_detail(outcome, data.index[present])})
            changes += list(_changes(outcome, raw[present, column], data.index[present], code))
    table = data.assign(**dict(zip(codes, treated.T, strict=True)))
    return Treated(table, pd.DataFrame(details), _change_table(changes, data.index.nlevels))


def make_rules(
    tidy: pd.DataFrame,
    *,
    method: str = "winsorise",
    fallback: str = "log",
    winmax: int | None = 5,
    max_skewness: float = 2.0,
    max_kurtosis: float = 3.5,
    power: float = 0.0,
) -> dict[str, tuple[str, Rule]]:
    """Turn the keywords of `treat` into the method and rule of each indicator of tidy metadata."""
    _check_options(method, fallback, winmax)
    base = Rule(winmax, fallback, max_skewness, max_kurtosis, power)
    codes = indicator_codes(tidy)
    own = tidy["treat"] if "treat" in tidy.columns else pd.Series("", index=tidy.index)
    limits = tidy["winmax"] if "winmax" in tidy.columns else pd.Series(np.nan, index=tidy.index)
    names = {code: str(own[code]) or method for code in codes}
    return {code: (name, _rule(name, limits[code], base)) for code, name in names.items()}


def _check_options(method: str, fallback: str, winmax: int | None) -> None:
    if method not in TREATMENTS:
        raise UsageError(unknown("treatment", method, TREATMENTS))
    if fallback not in (*TRANSFORMS, "none"):
        raise UsageError(unknown("transformation", fallback, (*TRANSFORMS, "none")))
    if winmax is not None and winmax < 0:
        raise UsageError(f"the limit of winsorised values {winmax} is below 0. Give 0 or more, or None for no limit")


def treat_array(raw: Array, rules: Sequence[Rule], years: Sequence[Rows]) -> Array:
    """Treat an array of units x indicators, one rule per column, each year on its own; without records."""
    treated = raw.copy(order="F")
    for rows in years:
        for column, rule in enumerate(rules):
            _treat_column(raw, treated, rows, column, rule)
    return treated


def _rule(name: str, limit: float, base: Rule) -> Rule:
    if name == "winsorise":
        return base if np.isnan(limit) else replace(base, winmax=int(limit))
    return replace(base, winmax=0, transform=name)


def _treat_column(raw: Array, treated: Array, rows: Rows, column: int, rule: Rule) -> tuple[Outcome, Rows]:
    """Treat the values of one indicator in some rows, write them, and give the rows that have one."""
    present = rows[~np.isnan(raw[rows, column])]
    outcome = treat_values(raw[present, column], rule)
    treated[present, column] = outcome.values
    return outcome, present


def _detail(outcome: Outcome, units: pd.Index) -> dict[str, object]:
    row: dict[str, object] = {}
    for stage in STAGES:
        check = outcome.checks.get(stage)
        row[f"skewness_{stage}"] = np.nan if check is None else check.skewness
        row[f"kurtosis_{stage}"] = np.nan if check is None else check.kurtosis
        row[f"passes_{stage}"] = None if check is None else check.passes
    row["winsorised"] = outcome.winsorised
    row["transform"] = outcome.transform
    for side, marked in (("high", outcome.high), ("low", outcome.low)):
        row[f"{side}_units"] = ";".join(name_of(unit) for unit in units[marked])
        row[f"{side}_value"] = outcome.values[marked][0] if marked.any() else np.nan
    row["note"] = "" if outcome.checks["raw"].passes is not None else "too few values, or no spread, to check"
    return row


def _changes(outcome: Outcome, raw: Array, units: pd.Index, code: str) -> Iterator[tuple[object, ...]]:
    for marked, action in ((outcome.high, HIGH), (outcome.low, LOW)):
        for unit, before, after in zip(units[marked], raw[marked], outcome.values[marked], strict=True):
            where = unit if isinstance(unit, tuple) else (unit,)
            yield (*where, code, before, after, action)


def _change_table(changes: list[tuple[object, ...]], levels: int) -> pd.DataFrame:
    names = [*["unit", "year"][:levels], "code", "raw", "treated", "action"]
    return pd.DataFrame(changes, columns=pd.Index(names))
