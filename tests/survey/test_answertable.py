import numpy as np
import pandas as pd
import pytest

from resilience_analysis.foundation.cells import write_workbook
from resilience_analysis.foundation.errors import InputError, UsageError
from resilience_analysis.survey.answertable import (
    instrument_items,
    read_answer_table,
    read_items,
    read_margins,
    read_population,
)
from resilience_analysis.survey.import_report import write_import

ITEMS = "item,dimension,reverse\nA1,A,FALSE\nA2,A,TRUE\nB1,B,no\nC1,,0\n"
PLAIN = "who,A1,A2,B1,C1\nx,1,2,3,4\ny,9,,3.0,4\n"


@pytest.fixture
def items(write):
    return read_items(write(ITEMS, "items.csv"))


def test_items_have_an_order_a_dimension_and_a_direction(items):
    assert items.items == ("A1", "A2", "B1", "C1")
    assert items.dimensions == {"A": ("A1", "A2"), "B": ("B1",)}
    assert items.reverse == {"A2"}


def test_faults_of_the_items_come_at_once(write):
    with pytest.raises(InputError) as raised:
        read_items(write("item,dimension,reverse\nA1,A,maybe\nA1,A,TRUE\n,A,FALSE\n", "items.csv"))
    wheres = [problem.where for problem in raised.value.problems]
    assert wheres == [
        "items.csv, row 4, column item",
        "items.csv, row 3, column item",
        "items.csv, row 2, column reverse",
    ]


def test_items_without_a_column_are_refused(write):
    with pytest.raises(InputError, match="the columns dimension, reverse are missing"):
        read_items(write("item\nA1\n", "items.csv"))


def test_plain_table_becomes_positions_and_people(write, items, instrument):
    table = read_answer_table(write(PLAIN), items, instrument, missing=["9"])
    np.testing.assert_array_equal(table.values.to_numpy(), [[1, 2, 3, 4], [np.nan, np.nan, 3, 4]])
    assert table.column("who").tolist() == ["x", "y"]
    assert table.asked.all(axis=None)


def test_answer_outside_the_scale_is_refused_with_rows_and_remedy(write, items, instrument):
    with pytest.raises(InputError, match=r"column A1, row 3: '9' is not a position from 1 to 4.*--missing 9"):
        read_answer_table(write(PLAIN), items, instrument, missing=[])


def test_whole_numbers_written_as_decimals_are_read(write, items, instrument):
    table = read_answer_table(write("A1,A2,B1,C1\n3.0,9.0,NA,4\n"), items, instrument, missing=["9"])
    np.testing.assert_array_equal(table.values.to_numpy(), [[3, np.nan, np.nan, 4]])


def test_blank_lines_do_not_shift_the_row_numbers(write, items, instrument):
    text = PLAIN.replace("\ny,", "\n\ny,")
    with pytest.raises(InputError, match="column A1, row 4"):
        read_answer_table(write(text), items, instrument, missing=[])


def test_items_without_a_column_in_the_answers_are_named(write, items, instrument):
    with pytest.raises(InputError, match="the items B1, C1 have no column"):
        read_answer_table(write("A1,A2\n1,2\n"), items, instrument, missing=[])


def test_column_that_stands_twice_is_refused(write, items, instrument):
    with pytest.raises(InputError, match="columns A, B have the same heading"):
        read_answer_table(write("A1,A1,A2,B1,C1\n1,2,3,4,1\n"), items, instrument, missing=[])


def test_workbook_is_read_like_a_csv(tmp_path, items, instrument):
    rows = pd.DataFrame({"A1": [1, 2], "A2": [3, 4], "B1": [1, 1], "C1": [2, None]})
    write_workbook(tmp_path / "a.xlsx", {"one": rows})
    table = read_answer_table(tmp_path / "a.xlsx", items, instrument, missing=[])
    assert table.values["A2"].tolist() == [3, 4]


def test_items_of_the_instrument_are_taken_when_none_are_given(write, instrument):
    table = read_answer_table(write("INF1,INF2,x\n1,2,3\n"), None, instrument, missing=[])
    assert table.items.items == ("INF1", "INF2")
    assert table.items.dimensions == {"informatie": ("INF1", "INF2", "INF3", "INF4")}


def test_table_without_any_item_is_refused(write, instrument):
    with pytest.raises(InputError, match="no column is an item"):
        read_answer_table(write("x,y\n1,2\n"), None, instrument, missing=[])


def test_table_without_any_respondent_is_refused(write, items, instrument):
    with pytest.raises(InputError, match="has no rows"):
        read_answer_table(write("who,A1,A2,B1,C1\n"), items, instrument, missing=[])


def test_imported_answers_are_read_back(run_import, tmp_path, instrument, write):
    path = write("gemeente,INF1,LER1\nOlen,3,weet niet\nOlen,,4\n", "raw.csv")
    write_import(tmp_path / "out", run_import(path), path, "2026")
    for place in (tmp_path / "out", tmp_path / "out" / "answers.csv"):
        table = read_answer_table(place, None, instrument, missing=[])
        np.testing.assert_array_equal(table.values.to_numpy(), [[3, np.nan], [np.nan, 4]])
        assert table.column("nis_code").tolist() == ["13029", "13029"]


def test_questions_for_others_do_not_count_as_asked(run_import, tmp_path, instrument, write):
    path = write("rol,INF1,DT1\ninwoner,3,\ndorpsteamlid,,2\n", "raw.csv")
    write_import(tmp_path / "out", run_import(path), path, "2026")
    table = read_answer_table(tmp_path / "out", None, instrument, missing=[])
    assert table.asked["DT1"].tolist() == [False, True]
    assert table.asked["INF1"].tolist() == [True, True]


def test_unknown_column_is_wrong_use_and_no_other_heading_is_named(write, items, instrument):
    heading, _, rows = PLAIN.partition("\n")
    table = read_answer_table(write(f"{heading},Griet Janssens\n{rows}"), items, instrument, missing=["9"])
    with pytest.raises(UsageError, match="unknown column 'place'") as refused:
        table.column("place")
    assert "Griet" not in str(refused.value)


def test_empty_text_is_no_group(write, items, instrument):
    table = read_answer_table(write(PLAIN.replace("y,", " ,").replace("x,", "x ,")), items, instrument, missing=["9"])
    assert table.column("who").isna().tolist() == [False, True]
    assert table.column("who")[0] == "x"


def test_made_up_answers_are_told(write, items, instrument):
    marker = instrument.synthetic
    plain = read_answer_table(write(PLAIN), items, instrument, missing=["9"])
    assert not plain.synthetic(marker)
    marked = read_answer_table(write(PLAIN.replace("who", marker.code)), items, instrument, missing=["9"])
    assert marked.synthetic(marker)
    named = PLAIN.replace("who", "respondent").replace("\nx,", f"\n{marker.prefix}1,")
    assert read_answer_table(write(named), items, instrument, missing=["9"]).synthetic(marker)


def test_items_of_the_instrument_leave_the_village_team_without_a_dimension(instrument):
    items = instrument_items(instrument)
    assert "DT1" in items.items
    assert all("DT1" not in codes for codes in items.dimensions.values())


def test_margins_and_population_are_read(write):
    assert read_margins(write("column,value,n\nrole,a,10\nrole,b,5.5\nage,x,1\n")) == {
        "role": {"a": 10.0, "b": 5.5},
        "age": {"x": 1.0},
    }
    assert read_margins(write("column;value;n\nrole;a;1 200\nrole;b;30,5\n")) == {"role": {"a": 1200.0, "b": 30.5}}
    assert read_population(write("municipality,n,N\nM01,3,250\nM02,4,90\n")) == {"M01": 250.0, "M02": 90.0}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("column,value,n\nrole,a,many\n", "row 2, column n: a text is not a number of people"),
        ("column;value;n\nrole;a;1.200\n", "a long number is not a number of people. Write it without a mark"),
        ("column,value,n\nrole,a,-1\n", "'-1' is not a number of people"),
        ("column,value,n\nrole,a,1\nrole,a,2\n", "rows 2, 3: have the same column and value"),
        ("column,n\nrole,1\n", "the columns value are missing"),
    ],
)
def test_unusable_margins_are_refused(write, text, message):
    with pytest.raises(InputError, match=message):
        read_margins(write(text))
