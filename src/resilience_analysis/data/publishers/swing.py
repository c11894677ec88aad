"""Exports of provincies.incijfers.be (Swing): names without codes, labels over blocks of years, notes below."""

from __future__ import annotations

import io
import unicodedata
import warnings

import numpy as np
import pandas as pd

from resilience_analysis.foundation.errors import Problem, raise_if_any

JOBSEEKERS = "werkzoekendengraad (jaargemiddelde) [%]"
MISSING = (-99999, -99998, -99997, -99996)
_DIGITS = 1


def read_jobseekers(content: bytes, names: pd.Series) -> pd.DataFrame:
    """Read the yearly mean jobseeker rate: one row per municipality and year, percent of the labour force."""
    table = read_export(content, names, label=JOBSEEKERS)
    return table.assign(jobseeker_rate_pct=(100 * table.pop("value")).round(_DIGITS))


def read_export(content: bytes, names: pd.Series, *, label: str) -> pd.DataFrame:
    """Read one indicator of an export in XLSX.

    Parameters
    ----------
    content
        The workbook. Its first sheet has a title, a row of labels (each at the last year of its block), a row of years,
        a row per municipality by name, and notes below.
    names
        Names of the municipalities by NIS code.
    label
        The indicator to take.

    Returns
    -------
    pandas.DataFrame
        ``nis_code``, ``year`` and ``value``; codes for missing values and dashes are NaN.

    Raises
    ------
    InputError
        When the label is not there or no row is a municipality.
    """
    sheet = _sheet(content)
    head = _head_row(sheet)
    labels = sheet.iloc[head - 1].bfill()
    columns = [place for place in sheet.columns[1:] if str(labels[place]).strip().casefold() == label.casefold()]
    codes = sheet[0].map(_folded).map({_folded(name): code for code, name in names.items()})
    rows = codes.index[(codes.index > head) & codes.notna()]
    problems = [] if columns else [Problem("the export", f"has no indicator {label!r}")]
    problems += [] if len(rows) else [Problem("the export", "has no row with the name of a municipality")]
    raise_if_any("provincies.incijfers.be", problems)
    values = sheet.loc[rows, columns].apply(pd.to_numeric, errors="coerce").replace(list(MISSING), np.nan)
    values.columns = pd.Index([int(str(sheet.at[head, place])) for place in columns])
    values.insert(0, "nis_code", codes[rows])
    long: pd.DataFrame = values.melt(id_vars="nis_code", var_name="year", value_name="value")
    return long.sort_values(["nis_code", "year"], ignore_index=True)


def _sheet(content: bytes) -> pd.DataFrame:
    with warnings.catch_warnings():
        # these workbooks have no default style, which says nothing about the figures in them
        warnings.filterwarnings("ignore", message="Workbook contains no default style")
        return pd.read_excel(io.BytesIO(content), engine="openpyxl", header=None, dtype=object)


def _head_row(sheet: pd.DataFrame) -> int:
    """Return the row that holds the years: the first in which most filled cells are four digits."""
    for row in range(min(len(sheet), 10)):
        filled = [str(cell) for cell in sheet.iloc[row, 1:].dropna()]
        if filled and sum(cell.isdigit() and len(cell) == 4 for cell in filled) > len(filled) / 2:  # noqa: PLR2004
            return row
    return 0


def _folded(name: object) -> str:
    decomposed = unicodedata.normalize("NFKD", str(name).casefold())
    return "".join(letter for letter in decomposed if letter.isalnum())
