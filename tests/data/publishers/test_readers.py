"""Files as published are read by general readers, and a new format is one entry."""

from __future__ import annotations

import io
import json
import shutil
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resilience_analysis.data import publishers
from resilience_analysis.data.catalogue import read_catalogue
from resilience_analysis.data.fetch import fetch_source
from resilience_analysis.data.publishers import read_published, readers
from resilience_analysis.data.recipe import Recipe
from resilience_analysis.foundation.errors import InputError

LABELS = {"pivot": {"column": "label", "values": "value", "labels": {"a": "x"}}}
SWING = [
    ["Werkloosheid - gemeenten", None, None, None, None],
    [None, None, "andere [%]", None, "graad [%]"],
    [None, "2023", "2024", "2023", "2024"],
    ["Aartselaar", 0.9, 0.8, 0.0456, 0.0464],
    [None, None, None, None, None],
    ["Bron", "VDAB", None, None, None],
]


def workbook(**sheets) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, content in sheets.items():
        sheet = book.create_sheet(name)
        for row in content:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def rows(content: bytes, reader: str, **recipe) -> list[dict[str, str]]:
    return read_published(content, "a", Recipe(reader, **recipe)).to_dict("records")


def test_a_label_of_swing_stands_over_the_years_up_to_its_own():
    read = rows(workbook(a=SWING), "swing")
    assert {(row["label"], row["year"], row["value"]) for row in read if row["name"] == "Aartselaar"} == {
        ("andere [%]", "2023", "0.9"),
        ("andere [%]", "2024", "0.8"),
        ("graad [%]", "2023", "0.0456"),
        ("graad [%]", "2024", "0.0464"),
    }


def test_the_csv_of_swing_says_the_same_as_its_workbook():
    text = '"gemeenten";"andere [%]|2023";"andere [%]|2024";"graad [%]|2023";"graad [%]|2024"\n'
    text += '"Aartselaar";0,9;0,8;0,0456;0,0464\n'
    from_csv = [{**row, "value": row["value"].replace(",", ".")} for row in rows(text.encode(), "swing")]
    from_book = [row for row in rows(workbook(a=SWING), "swing") if row["name"] == "Aartselaar"]
    assert from_csv == from_book


def test_a_table_is_found_below_its_title_in_whichever_sheet_has_its_columns():
    content = workbook(info=[["Titel"]], data=[["Huishoudens"], [], ["NIS", "2024"], ["11001", 5]])
    assert rows(content, "table", rename={"NIS": "nis_code"}) == [{"NIS": "11001", "2024": "5"}]


def test_a_sheet_may_be_named():
    content = workbook(one=[["NIS", "a"], [1, 2]], two=[["NIS", "a"], [3, 4]])
    assert rows(content, "table", sheet="TWO") == [{"NIS": "3", "a": "4"}]
    with pytest.raises(InputError, match="unknown sheet 'three'"):
        rows(content, "table", sheet="three")


def test_text_in_a_zip_is_a_table():
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("TF.txt", "REFNIS|CD_YEAR|N\n11001|2024|3\n")
    assert rows(archive.getvalue(), "table") == [{"REFNIS": "11001", "CD_YEAR": "2024", "N": "3"}]


def test_sheets_with_headings_that_differ_become_one_table():
    content = workbook(
        info=[["uitleg"]],
        vertrouwen=[["Gemeente", "% eens"], ["Olen", 5]],
        **{"fierheid (2023)": [["Naam", "Aandeel"], ["Olen", 7]]},
    )
    labels = {"vertrouwen": "trust", "fierheid*": "pride"}
    rename = {"Gemeente": "name", "Naam": "name", "% eens": "value", "Aandeel": "value"}
    pivot = {"column": "sheet", "values": "value", "labels": labels}
    assert rows(content, "sheets", rename=rename, pivot=pivot) == [
        {"name": "Olen", "value": "5", "sheet": "vertrouwen"},
        {"name": "Olen", "value": "7", "sheet": "fierheid*"},
    ]


def test_facts_of_bestat_without_a_dimension_are_totals():
    facts = [{"Gemeente": "Olen", "Jaar": "2024", "N": "5"}, {"Gemeente": None, "Jaar": "2024", "N": 9.0}]
    content = json.dumps({"facts": facts}).encode()
    assert rows(content, "bestat", rename={"Gemeente": "name"}) == [{"Gemeente": "Olen", "Jaar": "2024", "N": "5"}]


def test_refnis_gives_the_municipalities_of_a_day_with_what_they_belong_to():
    text = "LVL_REFNIS|CD_REFNIS|CD_SUP_REFNIS|TX_REFNIS_NL|DT_VLDT_START|DT_VLDT_END\n"
    text += "1|02000|-|Vlaams Gewest|01/01/1970|31/12/9999\n2|10000|02000|Antwerpen|01/01/1995|31/12/9999\n"
    text += "3|11000|10000|Arr. Antwerpen|01/01/1970|31/12/9999\n4|11001|11000|Aartselaar|01/01/1970|31/12/9999\n"
    text += "4|11007|11000|Borsbeek|01/01/1970|31/12/2024\n"
    before, after = (rows(text.encode("utf-8-sig"), "refnis", year=year) for year in (2024, 2025))
    assert [row["CD_REFNIS"] for row in before] == ["11001", "11007"]
    assert [(row["CD_REFNIS"], row["province"], row["region"]) for row in after] == [("11001", "10000", "02000")]


@pytest.mark.parametrize("reader", readers())
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 torn", b"<html></html>", b"\0" * 50, b'{"a": 1}'])
def test_bytes_of_something_else_are_refused_by_every_reader(reader, content):
    with pytest.raises(InputError) as refusal:
        rows(content, reader, **LABELS)
    assert refusal.value.problems


@given(st.binary(max_size=80), st.sampled_from(list(readers())))
@settings(max_examples=60)
def test_any_bytes_are_read_or_refused(content, reader):
    try:
        read = rows(content, reader, **LABELS)
    except InputError as error:
        read = list(error.problems)
    assert isinstance(read, list)


def test_a_new_format_is_one_entry_of_a_module(tmp_path, monkeypatch):
    (tmp_path / "at_signs.py").write_text(
        "import pandas as pd\n\n\ndef read(content, file, recipe):\n"
        "    return pd.DataFrame([content.decode().split('@')], columns=['name', 'year', 'a'])\n"
        "\n\nREADERS = {'at_signs': read}\n"
    )
    monkeypatch.setattr(publishers, "__path__", [*publishers.__path__, str(tmp_path)])
    assert "at_signs" in readers()
    assert rows(b"Olen@2024@5", "at_signs") == [{"name": "Olen", "year": "2024", "a": "5"}]


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("vdab_jobseekers", "swing/unemployment_jobseekers_data.xlsx"),
        ("statbel_mergers", "swing/gemeente2024_gemeente.xlsx"),
        ("statbel_dwellings", "bestat/gebouwenpark_HERENTALS.json"),
        pytest.param("statbel_fiscal_income", "statbel/TF_PSNL_INC_TAX_MUNTY.xlsx", marks=pytest.mark.trial),
        pytest.param("statbel_permits", "statbel/TF_BUILDING_PERMITS.zip", marks=pytest.mark.trial),
    ],
)
def test_the_files_of_publishers_give_the_figures_that_are_kept(shared, root, tmp_path, name, file):
    shutil.copytree(root / "data" / "raw", tmp_path / "raw")
    catalogue = read_catalogue(tmp_path / "raw")
    fetched = fetch_source(tmp_path / "raw", catalogue, catalogue[name], file=str(shared / "samples" / file))
    assert fetched.said.endswith("is what the publisher has.")
