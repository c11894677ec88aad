"""Data and framework of a scoring run, read from files and checked cell by cell."""

from __future__ import annotations

from collections.abc import Collection, Sequence
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
from resilience_analysis.composite.structure import column_of
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
    table = _read_data(data, read.metadata, codes, decimal)
    unit, year = _key_columns(table)
    reader = _Reader(without_codes(table, read.metadata, codes), unit, year, read.metadata, (data.name, decimal))
    raise_if_any(data.name, reader.key_problems() + reader.column_problems() + reader.cell_problems)
    values = reader.numbers(reader.indicators)
    check_metadata(read.metadata, values, name=data.name)
    return Inputs(
        data=values,
        framework=read,
        labels=reader.text(reader.labels),
        denominators=reader.numbers(reader.denominators),
        errors=reader.errors(),
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


def _key_columns(table: pd.DataFrame) -> tuple[str, str | None]:
    unit = next((name for name in UNIT_COLUMNS if name in table.columns), str(table.columns[0]))
    year = next((name for name in YEAR_COLUMNS if name in table.columns), None)
    is_panel = year is not None and table[unit].duplicated().any() and table[year].nunique() > 1
    return unit, year if is_panel else None


class _Reader:
    """One data file: which column is what, and what is wrong with it."""

    def __init__(
        self,
        table: pd.DataFrame,
        unit: str,
        year: str | None,
        metadata: pd.DataFrame,
        file: tuple[str, str | None],
    ) -> None:
        self.table, self.unit, self.year = table, unit, year
        kinds, columns = metadata["type"].to_dict(), list(table.columns)
        of = {name: kinds.get(name) for name in columns}
        named = {*column_of(metadata, "denominator", "")} - {""}
        self.indicators = [name for name in columns if of[name] == "indicator"]
        self.absent = [code for code, kind in kinds.items() if kind == "indicator" and code not in of]
        self.aggregates = [name for name in columns if of[name] in ("aggregate", "derived")]
        self.denominators = [name for name in columns if of[name] == "denominator" or name in named]
        errors = (f"{code}{end}" for code in self.indicators for end in ERRORS)
        self.of_errors = [name for name in errors if name in of]
        numeric = {*self.indicators, *self.denominators, *self.of_errors}
        self.parsed, self.cell_problems = parse_numbers(
            table[table.columns[table.columns.isin(numeric)]],
            file=file[0],
            decimal=file[1],
            where=lambda row, name: f"{self.where(row)}, column {name}",
        )
        self.labels = [name for name in columns if name not in {*numeric, unit, year}]
        self.known_labels = {*kinds, *YEAR_COLUMNS, *NAME_COLUMNS}

    def where(self, row: int) -> str:
        """Name a row of the file and its unit."""
        names = [str(self.table.at[row, name]) for name in (self.unit, self.year) if name]
        return f"row {row} ({', '.join(names)})"

    def key_problems(self) -> list[Problem]:
        """Find units without a code, twice, or called like a column; and years that are not numbers."""
        units, names = self.table[self.unit], [self.unit, *([self.year] if self.year else [])]
        keys = self.table[names]
        problems = [
            Problem(f"row {row}, column {self.unit}", "is empty", "Give every unit a code")
            for row in self.table.index[units == ""]
        ]
        for _, same in keys[keys.duplicated(keep=False) & (units != "")].groupby(names):
            rows = ", ".join(str(row) for row in same.index[:SHOWN])
            name = ", ".join(str(part) for part in same.to_numpy()[0])
            problems.append(Problem(f"unit {name}", f"appears in rows {rows}", "Keep one row per unit (and year)"))
        problems += [
            Problem(f"unit {name}", "has the name of a column", "Rename the unit or the column")
            for name in units.unique()
            if name in self.table.columns
        ]
        wrong = self.table.index[pd.to_numeric(self.table[self.year], errors="coerce").isna()] if self.year else ()
        return problems + [
            Problem(f"{self.where(row)}, column {self.year}", f"{self.table.at[row, self.year]!r} is not a year")
            for row in wrong
        ]

    def column_problems(self) -> list[Problem]:
        """Find indicators without a column, columns that the framework does not know, and errors that do not fit."""
        told = [
            *(
                (f"indicator {code}", "has no column", "Add it, or take it out of the framework")
                for code in self.absent
            ),
            *(
                (f"column {name}", "is an aggregate, which is calculated", "Leave it out of the data")
                for name in self.aggregates
            ),
        ]
        for code in self.indicators:
            ends = [f"{code}{end}" for end in ("_low", "_high") if f"{code}{end}" in self.of_errors]
            if len(ends) == 1:
                told.append((f"column {ends[0]}", "is one end of an interval", "Give both ends"))
        if len({name.endswith("_se") for name in self.of_errors}) > 1:
            what = "columns _se, _low and _high", "are both there", "Give standard errors, or intervals, for all"
            told.append(what)
        strange = [name for name in self.labels if name not in self.known_labels and name not in self.aggregates]
        remedy = "Add it to the framework (as other, if it is not to be scored), or leave it out"
        told += [
            (f"column {name}", "holds numbers, but the framework does not know it", remedy)
            for name in strange
            if _is_numeric(self.table[name])
        ]
        return [Problem(*parts) for parts in told]

    def index(self) -> pd.Index:
        """Return the units (and years) as an index, with the names of their columns."""
        if self.year is None:
            return pd.Index(self.table[self.unit].astype(str), name=self.unit)
        years = pd.to_numeric(self.table[self.year])
        return pd.MultiIndex.from_arrays([self.table[self.unit].astype(str), years], names=[self.unit, self.year])

    def numbers(self, names: list[str]) -> pd.DataFrame:
        """Return columns as numbers."""
        return pd.DataFrame({name: self.parsed[name] for name in names}, index=self.index())

    def text(self, names: list[str]) -> pd.DataFrame:
        """Return columns as text; what is missing in a number is missing here too."""
        table = self.table[names].replace(list(MISSING), None)
        return table.set_axis(self.index())

    def errors(self) -> dict[str, pd.DataFrame]:
        """Return the columns of sampling errors by their kind, named after their indicators."""
        kinds = {end: [name for name in self.of_errors if name.endswith(end)] for end in ERRORS}
        return {
            end.removeprefix("_"): self.numbers(names).set_axis([name.removesuffix(end) for name in names], axis=1)
            for end, names in kinds.items()
            if names
        }


def group_column(inputs: Inputs, column: str) -> pd.Series:
    """Return the column that groups the units, which the data must have."""
    check_known("column for groups", column, inputs.labels.columns)
    return inputs.labels[column]


def _is_numeric(column: pd.Series) -> bool:
    given = column[~column.isin(MISSING)]
    return len(given) > 0 and not bool(np.isnan(plain_numbers(given)).any())
