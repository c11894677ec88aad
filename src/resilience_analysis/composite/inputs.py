"""Data and framework of a scoring run, read from files and checked cell by cell."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from resilience_analysis.composite import (
    check_metadata,
    from_coinr,
    from_nested,
    import_coin_tool,
    is_coin_tool,
    is_coinr,
)
from resilience_analysis.composite.arrays import SHOWN, check_known
from resilience_analysis.composite.chain import declared_settings
from resilience_analysis.composite.nested import DeclaredFramework
from resilience_analysis.composite.structure import column_of, indicator_codes
from resilience_analysis.composite.tables import (
    MISSING,
    parse_numbers,
    plain_numbers,
    read_parquet,
    read_plain_csv,
    read_text_table,
    with_points,
    without_codes,
)
from resilience_analysis.foundation.errors import InputError, Problem, UsageError, raise_if_any
from resilience_analysis.foundation.files import read_yaml
from resilience_analysis.foundation.tables import renamed

UNIT_COLUMNS = ("uCode", "unit", "code", "nis_code")
YEAR_COLUMNS = ("Time", "time", "Year", "year")
NAME_COLUMNS = ("uName", "name")
ERRORS = ("_se", "_low", "_high")
FIRST_UNIT = 17
"""The row of the first unit in a workbook of the COIN Tool."""


class Inputs(NamedTuple):
    """What a scoring run starts from; one row per unit (or unit and year) in the file's order.

    `labels` are the columns that are not scored, as text; `errors` are ``se``, or ``low`` and ``high``, the sampling
    error of values, from the columns ``<indicator>_se`` or ``<indicator>_low`` and ``<indicator>_high``.
    """

    data: pd.DataFrame
    framework: DeclaredFramework
    labels: pd.DataFrame
    denominators: pd.DataFrame
    errors: dict[str, pd.DataFrame]


def read_inputs(data: Path, framework: Path, *, missing: Sequence[str] = (), decimal: str | None = None) -> Inputs:
    """Read a data file and a framework file.

    Parameters
    ----------
    data
        CSV, Excel, ODS or Parquet: one row per unit. The unit is in the first of the columns ``uCode``, ``unit``,
        ``code``, ``nis_code`` that is there, else in the first column; codes stay text. A column ``Time`` or ``year``
        makes a panel when a unit has several rows. An empty cell, ``NA`` or ``NaN`` is a missing value.
    framework
        YAML (see `composite.nested`), or a table in COINr's form (iMeta) or in ours (see `composite.metadata`).
    missing
        Codes that mean a missing value, besides those that the framework names.
    decimal
        The decimal mark, ``.`` or ``,``; when not given a comma is found where there is no doubt.

    Raises
    ------
    InputError
        With every problem of the framework, or of the data: its row, unit and column.
    UsageError
        When a file is not there or of an unknown kind.
    """
    read = read_framework(framework, missing=missing)
    codes = {*MISSING, *missing, *read.reading.get("missing", ())}
    raw = _read_data(data, read.metadata, codes, decimal)
    keys, table = _key_columns(raw), without_codes(raw, read.metadata, codes)
    of = _columns_by_role(table, read.metadata, keys)
    numeric = table[table.columns[table.columns.isin([*of["indicator"], *of["denominator"], *of["error"]])]]
    where = partial(_place, table[keys])
    parsed, wrong = parse_numbers(numeric, file=data.name, decimal=decimal, where=where)
    raise_if_any(data.name, [*_key_problems(table, keys), *_column_problems(table, of, read.metadata), *wrong])
    numbers = pd.DataFrame(parsed, index=_units(table[keys]))
    check_metadata(read.metadata, numbers[of["indicator"]], name=data.name)
    errors = {end: [name for name in of["error"] if name.endswith(end)] for end in ERRORS}
    return Inputs(
        data=numbers[of["indicator"]],
        framework=read,
        labels=table[of["label"]].replace(list(MISSING), None).set_axis(numbers.index),
        denominators=numbers[of["denominator"]],
        errors={
            end.removeprefix("_"): numbers[names].set_axis([name.removesuffix(end) for name in names], axis=1)
            for end, names in errors.items()
            if names
        },
    )


def read_framework(path: Path, *, missing: Collection[str] = ()) -> DeclaredFramework:
    """Read a framework from YAML, CSV or Excel; in a table an empty cell, ``NA`` or ``NaN`` says nothing."""
    if path.suffix.lower() in (".yml", ".yaml"):
        if not path.is_file():
            raise UsageError(f"{path} does not exist. Give the framework as a file")
        return from_nested(read_yaml(path), name=path.name)
    if _is_coin_tool(path):
        return DeclaredFramework(import_coin_tool(path, missing=missing).metadata, {}, {})
    table = with_points(read_text_table(path, kind="framework"), file=path.name).replace(list(MISSING), None)
    if is_coinr(table):
        return DeclaredFramework(from_coinr(table, name=path.name), {}, {})
    if "code" not in table.columns:
        raise InputError(
            path.name,
            [Problem("header", "has neither iCode nor code", "Give COINr's iMeta, or one row per code as in the docs")],
        )
    tidy = check_metadata(table, name=path.name)
    return DeclaredFramework(tidy, declared_settings(tidy), {})


def _read_data(path: Path, metadata: pd.DataFrame, codes: Collection[str], decimal: str | None) -> pd.DataFrame:
    """Read the data: fast where the file leaves no doubt, else cell by cell."""
    if path.suffix.lower() == ".parquet" and path.is_file():
        return read_parquet(path)
    if _is_coin_tool(path):
        return _coin_tool_rows(path, codes)
    names = [*map(str, metadata.index), *UNIT_COLUMNS, *YEAR_COLUMNS]
    if path.suffix.lower() == ".csv" and path.is_file() and decimal in (None, "."):
        kinds = metadata["type"]
        scored = [str(code) for code in kinds.index[kinds.isin(("indicator", "denominator"))]]
        numeric = {*scored, *(f"{code}{end}" for code in scored for end in ERRORS)}
        found = read_plain_csv(path, numeric - {*UNIT_COLUMNS, *YEAR_COLUMNS}, codes)
        if found is not None and _is_as_named(found, names):
            return found
    return read_text_table(path, kind="data", names=names)


def _is_as_named(table: pd.DataFrame, names: Sequence[str]) -> bool:
    """Return whether columns are called exactly as they are known, and every unit has a code."""
    header = [str(name) for name in table.columns]
    return renamed(header, (), dict.fromkeys(names, ())) == header and "" not in set(table[_key_columns(table)[0]])


def _is_coin_tool(path: Path) -> bool:
    return path.suffix.lower() in (".xlsx", ".xlsm") and path.is_file() and is_coin_tool(path)


def _coin_tool_rows(path: Path, missing: Collection[str]) -> pd.DataFrame:
    """Return the data of a workbook of the COIN Tool as a table of text, as other files are read."""
    found = import_coin_tool(path, missing=missing)
    text = found.data.map(lambda value: "" if pd.isna(value) else repr(float(value)))
    rows = pd.RangeIndex(FIRST_UNIT, FIRST_UNIT + len(text), name="row")
    return text.assign(name=found.names).reset_index().set_axis(rows).astype(object)


def _key_columns(table: pd.DataFrame) -> list[str]:
    """Return the column of the units, and in a panel that of the years."""
    unit = next((name for name in UNIT_COLUMNS if name in table.columns), str(table.columns[0]))
    year = next((name for name in YEAR_COLUMNS if name in table.columns), None)
    is_panel = year is not None and table[unit].duplicated().any() and table[year].nunique() > 1
    return [unit, year] if is_panel and year else [unit]


def _columns_by_role(table: pd.DataFrame, metadata: pd.DataFrame, keys: Sequence[str]) -> dict[str, list[str]]:
    """Sort columns into indicators, aggregates, denominators, errors of indicators, and labels: all others but keys."""
    columns, kinds = list(table.columns), metadata["type"].to_dict()
    divide = {*column_of(metadata, "denominator", "")} - {""}
    of = {
        "indicator": [name for name in columns if kinds.get(name) == "indicator"],
        "aggregate": [name for name in columns if kinds.get(name) in ("aggregate", "derived")],
        "denominator": [name for name in columns if kinds.get(name) == "denominator" or name in divide],
    }
    errors = (f"{code}{end}" for code in of["indicator"] for end in ERRORS)
    of["error"] = [name for name in errors if name in table.columns]
    numeric = {*of["indicator"], *of["denominator"], *of["error"]}
    return {**of, "label": [name for name in columns if name not in {*numeric, *keys}]}


def _place(keys: pd.DataFrame, row: int, name: str) -> str:
    """Name a cell of the file by its row, unit and column."""
    return f"row {row} ({', '.join(map(str, keys.loc[row]))}), column {name}"


def _units(keys: pd.DataFrame) -> pd.Index:
    """Return the units (and years) as an index, with the names of their columns."""
    unit, *year = keys.columns
    units = pd.Index(keys[unit].astype(str), name=unit)
    return pd.MultiIndex.from_arrays([units, pd.to_numeric(keys[year[0]])], names=[unit, *year]) if year else units


def _key_problems(table: pd.DataFrame, keys: list[str]) -> list[Problem]:
    """Find units without a code, twice, or called like a column; and years that are not numbers."""
    unit, *year = keys
    units = table[unit]
    told = [(f"row {row}, column {unit}", "is empty", "Give every unit a code") for row in table.index[units == ""]]
    repeated = table.loc[table.duplicated(keys, keep=False) & (units != ""), keys]
    for _, same in repeated.groupby(keys):
        rows = ", ".join(str(row) for row in same.index[:SHOWN])
        name = ", ".join(str(part) for part in same.to_numpy()[0])
        told.append((f"unit {name}", f"appears in rows {rows}", "Keep one row per unit (and year)"))
    named = [name for name in units.unique() if name in table.columns]
    told += [(f"unit {name}", "has the name of a column", "Rename the unit or the column") for name in named]
    for column in year:
        wrong = table.index[pd.to_numeric(table[column], errors="coerce").isna()]
        told += [(_place(table[keys], row, column), f"{table.at[row, column]!r} is not a year", "") for row in wrong]
    return [Problem(*parts) for parts in told]


def _column_problems(table: pd.DataFrame, of: Mapping[str, list[str]], metadata: pd.DataFrame) -> list[Problem]:
    """Find indicators without a column, columns that the framework does not know, and errors that do not fit."""
    absent = [code for code in indicator_codes(metadata) if code not in table.columns]
    told = [(f"indicator {code}", "has no column", "Add it, or take it out of the framework") for code in absent]
    calculated = "is an aggregate, which is calculated", "Leave it out of the data"
    told += [(f"column {name}", *calculated) for name in of["aggregate"]]
    for code in of["indicator"]:
        ends = [name for name in (f"{code}_low", f"{code}_high") if name in of["error"]]
        if len(ends) == 1:
            told.append((f"column {ends[0]}", "is one end of an interval", "Give both ends"))
    if len({name.endswith("_se") for name in of["error"]}) > 1:
        told.append(("columns _se, _low and _high", "are both there", "Give standard errors, or intervals, for all"))
    known = {*metadata.index, *YEAR_COLUMNS, *NAME_COLUMNS, *of["aggregate"]}
    unknown = [name for name in of["label"] if name not in known and _is_numeric(table[name])]
    what = "holds numbers, but the framework does not know it"
    remedy = "Add it to the framework (as other, if it is not to be scored), or leave it out"
    return [Problem(*parts) for parts in [*told, *((f"column {name}", what, remedy) for name in unknown)]]


def group_column(inputs: Inputs, column: str) -> pd.Series:
    """Return the column that groups the units, which the data must have."""
    check_known("column for groups", column, inputs.labels.columns)
    return inputs.labels[column]


def _is_numeric(column: pd.Series) -> bool:
    given = column[~column.isin(MISSING)]
    return len(given) > 0 and not bool(np.isnan(plain_numbers(given)).any())
