"""Files of Statbel as they are published: zipped text with bars, and workbooks."""

from __future__ import annotations

import io
import zipfile

import pandas as pd

from resilience_analysis.foundation.errors import InputError, Problem

LARGEST = 2 * 1024**3
PERMITS_SINCE = 2010
INCOME_SINCE = 2010
_YEAR, _MUNICIPALITY = 0, 5  # a period of 0 is a whole year, level 5 a municipality
_PERMIT_COLUMNS = {
    "MS_DWELLING_RES_NEW": "dwellings_new",
    "MS_APARTMENT_RES_NEW": "apartments_new",
    "MS_SINGLE_HOUSE_RES_NEW": "houses_new",
    "MS_BUILDING_RES_RENOVATION": "residential_buildings_renovated",
}
_INCOME_COLUMNS = {
    "MS_TOT_NET_TAXABLE_INC": "net_taxable_income_eur",
    "MS_TOT_RESIDENTS": "residents_in_tax_statistics",
}


def read_permits(content: bytes, names: pd.Series) -> pd.DataFrame:
    """Read the building permits: one row per municipality of `names` and whole year since 2010, counts.

    The file mixes months with years and municipalities with every level above them.
    """
    columns = ["REFNIS", "CD_YEAR", "CD_PERIOD", "CD_REFNIS_LEVEL", *_PERMIT_COLUMNS]
    table = pd.read_csv(io.BytesIO(_only_member(content)), sep="|", dtype={"REFNIS": str}, usecols=columns)
    wanted = (table["CD_PERIOD"] == _YEAR) & (table["CD_REFNIS_LEVEL"] == _MUNICIPALITY)
    wanted &= (table["CD_YEAR"] >= PERMITS_SINCE) & table["REFNIS"].isin(names.index)
    table = table[wanted].rename(columns={"REFNIS": "nis_code", "CD_YEAR": "year", **_PERMIT_COLUMNS})
    return _tidy(table, list(_PERMIT_COLUMNS.values()))


def read_fiscal_income(content: bytes, names: pd.Series) -> pd.DataFrame:  # noqa: ARG001 - every reader has this form
    """Read the fiscal income per municipality and year since 2010, euros; on the boundaries the file stands on."""
    columns = ["CD_YEAR", "CD_MUNTY_REFNIS", "CD_RGN_REFNIS", *_INCOME_COLUMNS]
    table = pd.read_excel(
        io.BytesIO(content), engine="openpyxl", usecols=columns, dtype={"CD_MUNTY_REFNIS": str, "CD_RGN_REFNIS": str}
    )
    flemish = table["CD_RGN_REFNIS"].str.zfill(5) == "02000"
    table = table[flemish & (table["CD_YEAR"] >= INCOME_SINCE)]
    table = table.rename(columns={"CD_MUNTY_REFNIS": "nis_code", "CD_YEAR": "year", **_INCOME_COLUMNS})
    return _tidy(table.assign(nis_code=table["nis_code"].str.zfill(5)), list(_INCOME_COLUMNS.values()))


def _tidy(table: pd.DataFrame, values: list[str]) -> pd.DataFrame:
    table = table[["nis_code", "year", *values]].sort_values(["nis_code", "year"], ignore_index=True)
    return table.astype(dict.fromkeys(values, float)).round(0).astype(dict.fromkeys(values, "Int64"))


def _only_member(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [entry for entry in archive.infolist() if entry.filename.endswith((".txt", ".csv"))]
        if len(members) != 1:
            raise InputError("Statbel", [Problem("the archive", f"holds {len(members)} text files, not one")])
        if members[0].file_size > LARGEST:
            raise InputError("Statbel", [Problem("the archive", f"would unpack to more than {LARGEST} bytes")])
        return archive.read(members[0])
