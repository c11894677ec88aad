"""The verb that treats a whole table, and the tables of what it did."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from resilience_analysis.composite.arrays import Array, Rows, name_of, values_of, year_rows
from resilience_analysis.composite.metadata import check_metadata, indicator_codes
from resilience_analysis.composite.outliers import HIGH, LOW, TRANSFORMS, TREATMENTS, Rule, TreatedColumn, treat_values
from resilience_analysis.foundation.errors import Problem, UsageError, unknown

STAGES = ("raw", "winsorised", "transformed")
Treatment: TypeAlias = str | Callable[[Array], Any]
"""A name of `outliers.TREATMENTS`, or a function from the values of one indicator, none missing, to as many."""
RAW_REFERENCES = {
    "goalposts": ("goalpost_lower",),
    "scaled": ("scaled_lower",),
    "distance-to-target": ("target",),
    "ampi": ("reference",),
}
"""What methods of normalisation measure raw values against, by method."""


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
    method: Treatment = "winsorise",
    fallback: Treatment = "log",
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
        leave it), a column ``winmax`` its own limit; a limit without a method means winsorising.
    method
        ``winsorise``, a transformation (``log``, ``log-by-skew``, ``box-cox``, ``log-gii``) of what does not pass, a
        function from the values of one indicator to as many for what does not pass, or ``none``.
    fallback
        The transformation of what does not pass after winsorising, a function, or ``none`` to leave it winsorised.
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

    References
    ----------
    Joanes and Gill (1998), Comparing measures of sample skewness and kurtosis, *The Statistician* 47.

    Examples
    --------
    >>> table = pd.DataFrame({"area": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 900.0]}, index=list("ABCDEFG"))
    >>> tree = pd.DataFrame({"parent": "", "direction": 1, "weight": 1}, index=["area"])
    >>> treat(table, metadata=tree).data["area"].tolist()
    [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 6.0]
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
    method: Treatment = "winsorise",
    fallback: Treatment = "log",
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
    limited = {code: "winsorise" for code in codes if method == "none" and limits[code] > 0}
    names: dict[str, Treatment] = {code: str(own[code]) or limited.get(code, method) for code in codes}
    return {code: (_spoken(name), _rule(name, limits[code], base)) for code, name in names.items()}


def _spoken(method: Treatment) -> str:
    return method if isinstance(method, str) else getattr(method, "__name__", "own")


def _check_options(method: Treatment, fallback: Treatment, winmax: int | None) -> None:
    if isinstance(method, str) and method not in TREATMENTS:
        raise UsageError(unknown("treatment", method, TREATMENTS))
    if isinstance(fallback, str) and fallback not in (*TRANSFORMS, "none"):
        raise UsageError(unknown("transformation", fallback, (*TRANSFORMS, "none")))
    if winmax is not None and winmax < 0:
        raise UsageError(f"the limit of winsorised values {winmax} is below 0. Give 0 or more, or None for no limit")


def treat_array(raw: Array, rules: Sequence[Rule], years: Sequence[Rows]) -> tuple[Array, list[int]]:
    """Treat an array of units x indicators, each year on its own; and return the columns that are on another scale."""
    treated, moved = raw.copy(order="F"), set()
    for rows in years:
        for column, rule in enumerate(rules):
            outcome, _ = _treat_column(raw, treated, rows, column, rule)
            if outcome.transform:
                moved.add(column)
    return treated, sorted(moved)


def scale_problems(details: pd.DataFrame, tidy: pd.DataFrame, methods: Mapping[str, object]) -> list[Problem]:
    """Refuse indicators whose treatment is, or became, a transformation while they are measured against raw values.

    From the `details` of `treat` (``code``, ``method``, ``transform``), metadata on the scale of the data, and how each
    indicator is normalised.
    """
    moved = (details["transform"] != "") | ~details["method"].isin(("winsorise", "none"))
    problems = []
    for code in details.loc[moved, "code"].unique():
        name = str(methods[code])
        column = next((column for column in RAW_REFERENCES.get(name, ()) if not _is_empty(tidy, code, column)), None)
        if column is not None:
            problems.append(
                Problem(
                    f"code {code}",
                    f"its treatment is a transformation, and {name} measures it against {column} of the raw scale",
                    "Write 'transform: log' for a logarithm of values and references, or winsorise without a fallback",
                )
            )
    return problems


def _is_empty(tidy: pd.DataFrame, code: str, column: str) -> bool:
    return column not in tidy.columns or bool(tidy[column].isna()[code])


def _rule(name: Treatment, limit: float, base: Rule) -> Rule:
    if name == "winsorise":
        return base if np.isnan(limit) else replace(base, winmax=int(limit))
    return replace(base, winmax=0, transform=name)


def _treat_column(raw: Array, treated: Array, rows: Rows, column: int, rule: Rule) -> tuple[TreatedColumn, Rows]:
    """Treat the values of one indicator in some rows, write them, and give the rows that have one."""
    present = rows[~np.isnan(raw[rows, column])]
    outcome = treat_values(raw[present, column], rule)
    treated[present, column] = outcome.values
    return outcome, present


def _detail(outcome: TreatedColumn, units: pd.Index) -> dict[str, object]:
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


def _changes(outcome: TreatedColumn, raw: Array, units: pd.Index, code: str) -> Iterator[tuple[object, ...]]:
    for marked, action in ((outcome.high, HIGH), (outcome.low, LOW)):
        for unit, before, after in zip(units[marked], raw[marked], outcome.values[marked], strict=True):
            where = unit if isinstance(unit, tuple) else (unit,)
            yield (*where, code, before, after, action)


def _change_table(changes: list[tuple[object, ...]], levels: int) -> pd.DataFrame:
    names = [*["unit", "year"][:levels], "code", "raw", "treated", "action"]
    return pd.DataFrame(changes, columns=pd.Index(names))
