from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from resilience_analysis.composite.inputs import group_column, read_framework, read_inputs
from resilience_analysis.foundation.errors import InputError, UsageError

from .conftest import DATA, FRAMEWORK, IMETA, write


def refused(data, framework) -> str:
    with pytest.raises(InputError) as caught:
        read_inputs(data, framework)
    return str(caught.value)


def test_unit_codes_stay_text_with_their_zeros(data, framework):
    inputs = read_inputs(data, framework)
    assert inputs.data.index.tolist() == ["01001", "02002", "13011", "13012", "13013"]
    assert inputs.data.index.name == "nis_code"


@pytest.mark.parametrize("mark", [",", ";"])
@pytest.mark.parametrize("change", [str.upper, lambda name: f" {name} ", lambda name: name.replace("_", "-")])
def test_capitals_spaces_and_hyphens_in_the_names_of_columns_make_no_difference(tmp_path, framework, mark, change):
    header, rows = DATA.split("\n", 1)
    changed = ",".join(map(change, header.split(",")))
    text = f"{changed}\n{rows}".replace(",", mark)
    found = read_inputs(write(tmp_path / "d.csv", text), framework)
    pd.testing.assert_frame_equal(found.data, read_inputs(write(tmp_path / "e.csv", DATA), framework).data)


def test_columns_are_sorted_into_indicators_labels_and_denominators(data, framework):
    inputs = read_inputs(data, framework)
    assert list(inputs.data.columns) == ["trust", "crime", "green", "jobs"]
    assert list(inputs.labels.columns) == ["name", "province"]
    assert inputs.denominators["people"].tolist() == [100, 200, 400, 500, 300]
    assert inputs.errors == {}


def test_empty_cells_and_na_are_missing(tmp_path, framework):
    text = DATA.replace("2.5,8", "NA,8").replace("3.5,4", "NaN,4")
    inputs = read_inputs(write(tmp_path / "d.csv", text), framework)
    assert inputs.data["trust"].isna().tolist() == [False, True, True, False, True]


def test_a_group_that_reads_na_is_no_group(tmp_path, framework):
    labels = read_inputs(write(tmp_path / "d.csv", DATA.replace("north", "NA")), framework).labels
    assert labels["province"].isna().tolist() == [True, True, False, False, False]


def test_metadata_as_r_writes_them_have_na_for_nothing(data, imeta, tmp_path):
    lines = imeta.read_text().splitlines()
    filled = [",".join(cell or "NA" for cell in line.split(",")) for line in lines]
    assert any("NA" in line for line in filled)
    as_r = read_framework(write(tmp_path / "r.csv", "\n".join(filled)))
    pd.testing.assert_frame_equal(as_r.metadata, read_framework(imeta).metadata)


def test_faulty_codes_are_named_by_their_row_in_the_file(data, imeta):
    write(imeta, imeta.read_text().replace("\n1,green", "\n1,trust").replace("\n1,jobs", "\n1,"))
    message = refused(data, imeta)
    assert "code trust: appears in rows 2, 4" in message
    assert "row 5: the code is empty" in message


def test_numbers_are_read_exactly(tmp_path, framework):
    text = DATA.replace("1.5,9", "5.1000000000000005,9")
    inputs = read_inputs(write(tmp_path / "d.csv", text), framework)
    assert inputs.data["trust"].iloc[0] == 5.1000000000000005


@pytest.mark.parametrize(("header", "expected"), [("uCode", "uCode"), ("unit", "unit"), ("place", "place")])
def test_the_unit_column_has_a_known_name_or_is_the_first(tmp_path, framework, header, expected):
    inputs = read_inputs(write(tmp_path / "d.csv", DATA.replace("nis_code", header)), framework)
    assert inputs.data.index.name == expected


def test_years_with_several_rows_per_unit_make_a_panel(tmp_path, framework):
    lines = DATA.splitlines()
    text = "\n".join([f"{lines[0]},year", *(f"{line},{year}" for year in (2020, 2021) for line in lines[1:])])
    inputs = read_inputs(write(tmp_path / "d.csv", text), framework)
    assert inputs.data.index.names == ["nis_code", "year"]
    assert inputs.data.index[5] == ("01001", 2021)
    assert inputs.denominators.index.equals(inputs.data.index)


def test_one_year_for_all_units_makes_no_panel(tmp_path, framework):
    lines = DATA.splitlines()
    text = "\n".join([f"{lines[0]},Time", *(f"{line},2020" for line in lines[1:])])
    inputs = read_inputs(write(tmp_path / "d.csv", text), framework)
    assert inputs.data.index.name == "nis_code"


def test_columns_of_errors_are_taken_to_their_indicators(tmp_path, framework):
    lines = DATA.splitlines()
    text = "\n".join([f"{lines[0]},trust_se", *(f"{line},0.1" for line in lines[1:])])
    errors = read_inputs(write(tmp_path / "d.csv", text), framework).errors
    assert list(errors) == ["se"]
    assert errors["se"]["trust"].tolist() == [0.1] * 5


def test_one_end_of_an_interval_is_refused_by_its_column(tmp_path, framework):
    text = "\n".join(f"{line},{end}" for line, end in zip(DATA.splitlines(), ["trust_low", *"11111"], strict=True))
    message = refused(write(tmp_path / "d.csv", text), framework)
    assert "column trust_low: is one end of an interval. Give both ends" in message


def test_coinr_metadata_give_the_same_framework(data, framework, imeta):
    ours, theirs = read_framework(framework).metadata, read_framework(imeta).metadata
    for column in ("parent", "weight", "level", "denominator"):
        assert theirs.loc[ours.index[:7], column].equals(ours.loc[ours.index[:7], column])
    indicators = ["trust", "crime", "green", "jobs"]
    assert theirs.loc[indicators, "direction"].equals(ours.loc[indicators, "direction"])


def test_metadata_in_our_own_table_are_read(tmp_path):
    text = "code,parent,direction,weight\nx,top,1,1\ny,top,-1,2\ntop,,1,1\n"
    metadata = read_framework(write(tmp_path / "m.csv", text)).metadata
    assert metadata["level"].tolist() == [1, 1, 2]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("1.5,9", "much,9", "row 2 (01001), column trust: 'much' is not a number"),
        ("1.5,9", "1e999,9", "row 2 (01001), column trust: '1e999' is not a finite number"),
        ("02002", "01001", "unit 01001: appears in rows 2, 3"),
        ("02002", "", "row 3, column nis_code: is empty"),
        ("02002", "trust", "unit trust: has the name of a column"),
        ("02002", "province", "unit province: has the name of a column"),
        ("green", "gren", "indicator green: has no column"),
        ("name", "spatial", "column spatial: is an aggregate, which is calculated"),
        ("200,2.5", "many,2.5", "row 3 (02002), column people: 'many' is not a number"),
    ],
)
def test_each_fault_of_the_data_is_refused_with_its_place(tmp_path, framework, old, new, said):
    message = refused(write(tmp_path / "d.csv", DATA.replace(old, new, 1)), framework)
    assert message.startswith("d.csv: ")
    assert said in message


def test_all_faults_of_the_data_stand_in_one_message(tmp_path, framework):
    text = DATA.replace("1.5,9", "much,9").replace("02002", "13011").replace("jobs", "jbs")
    message = refused(write(tmp_path / "d.csv", text), framework)
    for part in (
        "'much'",
        "unit 13011: appears in rows 3, 4",
        "indicator jobs: has no column",
        "column jbs: holds numbers",
    ):
        assert part in message


def test_a_column_of_numbers_nobody_knows_is_refused_but_text_is_not(tmp_path, framework):
    lines = DATA.splitlines()
    text = "\n".join([f"{lines[0]},remark,height", *(f"{line},fine,12" for line in lines[1:])])
    message = refused(write(tmp_path / "d.csv", text), framework)
    assert "column height: holds numbers, but the framework does not know it" in message
    assert "remark" not in message


def test_a_decimal_comma_beside_decimal_points_is_refused_with_its_remedy(tmp_path, framework):
    text = DATA.replace(",", ";").replace("1.5", "1,5")
    said = refused(write(tmp_path / "d.csv", text), framework)
    assert "column trust: has decimals with a comma (row 2) and a point (row 3)" in said
    assert "--decimal" in said


def test_decimal_commas_are_found_where_no_cell_says_otherwise(tmp_path, framework):
    text = DATA.replace(",", ";").replace(".", ",")
    found = read_inputs(write(tmp_path / "d.csv", text), framework).data
    assert found["trust"].tolist()[:4] == [1.5, 2.5, 3.5, 2.0]


def test_commas_that_may_set_off_thousands_need_the_option(tmp_path, framework):
    text = DATA.replace(",", ";").replace("2.5", "2,500").replace("1.5", "1").replace("3.5", "3").replace("2.0", "2")
    path = write(tmp_path / "d.csv", text)
    assert "'2,500' may be 2500 or 2.5. Write 2500" in refused(path, framework)
    assert "--decimal" in refused(path, framework)
    assert read_inputs(path, framework, decimal=",").data["trust"].tolist()[1] == 2.5


def test_points_between_thousands_are_read_beside_a_decimal_comma_that_was_asked_for(tmp_path, framework):
    text = (
        DATA.replace(",", ";")
        .replace("2.5", "1.234,5")
        .replace("1.5", "1.200")
        .replace("3.5", "3,5")
        .replace("2.0", "2")
    )
    found = read_inputs(write(tmp_path / "d.csv", text), framework, decimal=",").data["trust"]
    assert found.tolist()[:3] == [1200.0, 1234.5, 3.5]


def test_codes_of_missing_values_are_found_however_they_are_written(tmp_path, framework):
    text = DATA.replace("1.5", "-999").replace("2.5", "-999.0").replace("3.5", "-888")
    path = write(tmp_path / "d.csv", text)
    assert read_inputs(path, framework, missing=["-999"]).data["trust"].isna().tolist() == [
        True,
        True,
        False,
        False,
        True,
    ]
    own = FRAMEWORK.replace("label: Trust", "label: Trust, missing: [-888]") + "missing: [-999]\n"
    assert read_inputs(path, write(tmp_path / "m.yml", own)).data["trust"].notna().sum() == 1


def test_a_code_of_missing_values_leaves_unit_codes_alone(tmp_path, framework):
    path = write(tmp_path / "d.csv", DATA.replace("01001", "-999"))
    assert read_inputs(path, framework, missing=["-999"]).data.index[0] == "-999"


def test_faults_of_the_framework_name_its_file(data, tmp_path):
    message = refused(data, write(tmp_path / "m.csv", IMETA.replace("-1,1,n", "-2,1,n")))
    assert message.startswith("m.csv: 1 problem")
    assert "code crime, column direction: is -2" in message


def test_a_table_that_is_no_framework_is_refused(data, tmp_path):
    assert "has neither iCode nor code" in refused(data, write(tmp_path / "m.csv", "a,b\n1,2\n"))


def test_files_that_are_not_there_are_wrong_use(data, framework, tmp_path):
    with pytest.raises(UsageError, match="Give the framework as a file"):
        read_inputs(data, tmp_path / "none.yml")
    with pytest.raises(UsageError, match="Give the data as a file"):
        read_inputs(tmp_path / "none.csv", framework)


def test_a_group_column_must_be_in_the_data(data, framework):
    inputs = read_inputs(data, framework)
    assert group_column(inputs, "province").tolist() == ["north", "north", "south", "south", "south"]
    with pytest.raises(UsageError, match="unknown column for groups 'provinc'; did you mean 'province'"):
        group_column(inputs, "provinc")


def test_workbooks_of_coinr_are_read_whole(tmp_path):
    path = tmp_path / "both.xlsx"
    rows = [line.split(",") for line in IMETA.strip().splitlines()]
    with pd.ExcelWriter(path) as book:
        cells = [line.split(",") for line in DATA.strip().splitlines()]
        pd.DataFrame(cells[1:], columns=cells[0]).to_excel(book, sheet_name="iData", index=False)
        pd.DataFrame(rows[1:], columns=rows[0]).to_excel(book, sheet_name="iMeta", index=False)
    inputs = read_inputs(path, path)
    assert inputs.data.shape == (5, 4)
    assert np.isnan(inputs.data.loc["01001", "jobs"])
