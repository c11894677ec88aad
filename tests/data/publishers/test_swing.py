"""Exports of provincies.incijfers.be: names without codes, labels over blocks of years, notes below."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from resilience_analysis.data.publishers.swing import JOBSEEKERS, read_export, read_jobseekers
from resilience_analysis.foundation.errors import InputError

NAMES = pd.Series({"11001": "Aartselaar", "13029": "Olen", "73028": "Herstappe", "45068": "Kruisem's-Gehucht"})
SHEET = [
    ["Werkloosheid - gemeenten", None, None, None, None],
    [None, None, "andere [%]", None, JOBSEEKERS],
    [None, "2023", "2024", "2023", "2024"],
    ["Aartselaar", 0.9, 0.9, 0.0456, 0.0464],
    ["OLEN ", 0.9, 0.9, "-", 0.051],
    ["Herstappe", 0.9, 0.9, -99999, -99996],
    ["Vlaams Gewest", 0.9, 0.9, 0.06, 0.061],
    [None, None, None, None, None],
    ["Bron", "VDAB", None, None, None],
    ["Datum export", "donderdag 21 mei 2026", None, None, None],
]


def workbook(rows: list[list[object]]) -> bytes:
    content = io.BytesIO()
    pd.DataFrame(rows).to_excel(content, index=False, header=False)
    return content.getvalue()


def test_jobseekers_are_a_percentage_with_one_decimal_per_municipality_and_year():
    read = read_jobseekers(workbook(SHEET), NAMES)
    assert list(read) == ["nis_code", "year", "jobseeker_rate_pct"]
    assert read["nis_code"].tolist() == ["11001", "11001", "13029", "13029", "73028", "73028"]
    assert read["year"].tolist() == [2023, 2024] * 3
    expected = [4.6, 4.6, np.nan, 5.1, np.nan, np.nan]
    assert read["jobseeker_rate_pct"].tolist() == pytest.approx(expected, nan_ok=True)


def test_a_label_stands_over_the_years_up_to_its_own():
    read = read_export(workbook(SHEET), NAMES, label="andere [%]")
    assert read["value"].tolist() == [0.9] * 6


def test_names_are_matched_without_case_spaces_and_accents():
    rows = [*SHEET[:3], ["kruisem\u2019s gehucht", 0.1, 0.1, 0.1, 0.1]]
    assert set(read_jobseekers(workbook(rows), NAMES)["nis_code"]) == {"45068"}


def test_regions_and_notes_are_no_municipalities():
    assert set(read_jobseekers(workbook(SHEET), NAMES)["nis_code"]) <= set(NAMES.index)


def test_years_may_be_numbers_or_text():
    rows = [SHEET[0], SHEET[1], [None, 2023, 2024, 2023, 2024], *SHEET[3:]]
    pd.testing.assert_frame_equal(read_jobseekers(workbook(rows), NAMES), read_jobseekers(workbook(SHEET), NAMES))


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        (
            [*SHEET[:1], [None, None, "andere [%]", None, "nog iets"], *SHEET[2:]],
            "has no indicator 'werkzoekendengraad",
        ),
        ([*SHEET[:3], *SHEET[6:]], "has no row with the name of a municipality"),
    ],
)
def test_an_export_of_something_else_is_refused(rows, fault):
    with pytest.raises(InputError, match=fault):
        read_jobseekers(workbook(rows), NAMES)
