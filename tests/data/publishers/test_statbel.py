"""Files of Statbel as it publishes them: every level and period mixed, of which the municipal years are taken."""

from __future__ import annotations

import io
import zipfile

import pandas as pd
import pytest

from resilience_analysis.data.publishers import READERS, read_published, statbel
from resilience_analysis.data.publishers.statbel import read_fiscal_income, read_permits
from resilience_analysis.foundation.errors import InputError

NAMES = pd.Series({"01001": "Eerste", "11002": "Tweede"})
COLUMNS = {
    "REFNIS": "11002",
    "REFNIS_NL": "Tweede",
    "CD_YEAR": 2024,
    "CD_PERIOD": 0,
    "MS_BUILDING_RES_NEW": 9,
    "MS_DWELLING_RES_NEW": 7,
    "MS_APARTMENT_RES_NEW": 3,
    "MS_SINGLE_HOUSE_RES_NEW": 4,
    "MS_BUILDING_RES_RENOVATION": 5,
    "CD_REFNIS_LEVEL": 5,
}


def permits(*rows: dict[str, object]) -> bytes:
    """Return a zip with the one pipe-delimited text that Statbel publishes."""
    lines = ["|".join(f'"{name}"' for name in COLUMNS)]
    for changes in rows:
        cells = (COLUMNS | changes).values()
        lines.append("|".join(f'"{cell}"' if isinstance(cell, str) else str(cell) for cell in cells))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("BV_opendata.txt", "\r\n".join([*lines, ""]))
    return content.getvalue()


def income(*rows: dict[str, object]) -> bytes:
    """Return a workbook with the columns of the fiscal statistics that matter, and one that does not."""
    base = {
        "CD_YEAR": 2019,
        "CD_MUNTY_REFNIS": 11002,
        "MS_NBR_TOT": 1,
        "MS_TOT_NET_TAXABLE_INC": 1000.4,
        "MS_TOT_RESIDENTS": 9,
        "CD_RGN_REFNIS": 2000,
    }
    content = io.BytesIO()
    pd.DataFrame([base | changes for changes in rows]).to_excel(content, index=False)
    return content.getvalue()


def test_permits_are_counts_per_municipality_and_year():
    read = read_permits(permits({}, {"CD_YEAR": 2023, "MS_DWELLING_RES_NEW": 1}), NAMES)
    assert read.to_dict("list") == {
        "nis_code": ["11002", "11002"],
        "year": [2023, 2024],
        "dwellings_new": [1, 7],
        "apartments_new": [3, 3],
        "houses_new": [4, 4],
        "residential_buildings_renovated": [5, 5],
    }


@pytest.mark.parametrize(
    "aggregate",
    [
        {"CD_PERIOD": 1},
        {"CD_PERIOD": 12},
        {"REFNIS": "01000", "CD_REFNIS_LEVEL": 1},
        {"REFNIS": "02000", "CD_REFNIS_LEVEL": 2},
        {"REFNIS": "10000", "CD_REFNIS_LEVEL": 3},
        {"REFNIS": "11000", "CD_REFNIS_LEVEL": 4},
        {"REFNIS": "62063"},
        {"CD_YEAR": 2009},
    ],
)
def test_months_levels_above_other_regions_and_early_years_are_left_out(aggregate):
    assert len(read_permits(permits({}, aggregate), NAMES)) == 1


def test_codes_keep_their_leading_zero():
    assert read_permits(permits({"REFNIS": "01001"}), NAMES)["nis_code"].tolist() == ["01001"]


def test_a_count_that_is_missing_stays_missing():
    assert read_permits(permits({"MS_APARTMENT_RES_NEW": ""}), NAMES)["apartments_new"].isna().all()


def test_an_archive_that_would_unpack_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(statbel, "LARGEST", 10)
    with pytest.raises(InputError, match="would unpack to more than 10 bytes"):
        read_permits(permits({}), NAMES)


def test_income_is_whole_euros_per_flemish_municipality_and_year():
    content = income({}, {"CD_RGN_REFNIS": 3000}, {"CD_YEAR": 2009}, {"CD_MUNTY_REFNIS": 1001, "CD_YEAR": 2010})
    assert read_fiscal_income(content, NAMES).to_dict("list") == {
        "nis_code": ["01001", "11002"],
        "year": [2010, 2019],
        "net_taxable_income_eur": [1000, 1000],
        "residents_in_tax_statistics": [9, 9],
    }


def test_income_of_codes_that_ended_is_kept_for_the_crosswalk():
    assert read_fiscal_income(income({"CD_MUNTY_REFNIS": 44001}), NAMES)["nis_code"].tolist() == ["44001"]


@pytest.mark.parametrize("reader", list(READERS))
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 torn", b"<html></html>", b"a|b\n1|2\n", b"\x00" * 50])
def test_bytes_in_no_format_are_refused_by_every_reader(reader, content):
    with pytest.raises(InputError, match=rf"{reader}|provincies"):
        read_published(reader, content, NAMES)


@pytest.mark.parametrize("column", ["MS_TOT_RESIDENTS", "CD_MUNTY_REFNIS"])
def test_a_workbook_without_a_column_is_refused(column):
    content = io.BytesIO()
    pd.read_excel(io.BytesIO(income({})), engine="openpyxl").drop(columns=column).to_excel(content, index=False)
    with pytest.raises(InputError, match=rf"is not in the format statbel_fiscal_income .*{column}"):
        read_published("statbel_fiscal_income", content.getvalue(), NAMES)
