import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.survey.conftest import answers_table

from resilience_analysis.foundation.errors import InputError, UsageError
from resilience_analysis.survey.responses import (
    NOT_ASKED,
    Responses,
    check_survey_table,
    find_answer_files,
    from_table,
    is_synthetic,
    read_answers,
    reason_code,
    to_table,
    without_synthetic,
    write_answers,
)

ROWS = [
    ("b", "13011", "inwoner", {"INF1": 3, "INF2": "unknown"}),
    ("a", "13010", None, {"INF1": "empty", "LER1": 1}),
]


def test_long_table_becomes_one_row_per_respondent():
    responses = from_table(answers_table(ROWS))
    assert responses.people["respondent"].tolist() == ["b", "a"]
    assert responses.codes.to_numpy().tolist() == [
        [3, reason_code("unknown"), NOT_ASKED],
        [reason_code("empty"), NOT_ASKED, 1],
    ]


def test_values_are_positions_and_gaps():
    values = from_table(answers_table(ROWS)).values(["INF1", "EXP1"])
    np.testing.assert_array_equal(values.to_numpy(), [[3, np.nan], [np.nan, np.nan]])


def test_long_table_is_what_it_was_after_both_turns():
    table = answers_table(ROWS)
    again = to_table(from_table(table))
    pd.testing.assert_frame_equal(again[table.columns], table, check_dtype=False)
    check_survey_table(again, "answers")


def test_one_respondent_in_two_waves_is_two_rows():
    table = pd.concat([answers_table(ROWS), answers_table(ROWS, wave="2027")])
    assert len(from_table(table).people) == 4


def test_answer_given_twice_is_refused():
    with pytest.raises(InputError, match="1 answers appear twice: b INF1"):
        from_table(pd.concat([answers_table(ROWS), answers_table([("b", "13011", "inwoner", {"INF1": 1})])]))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["01", "1", "é,", '"a', ""]), st.sampled_from(["013011", "", "NA", "ja"])), min_size=1
    )
)
def test_texts_are_read_as_they_are_written_whatever_row_they_stand_in(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("answers") / "answers.csv"
    table = answers_table(ROWS[:1]).head(1)
    table = pd.concat([table] * len(rows), ignore_index=True).astype(object)
    table["village"], table["background"] = zip(*rows, strict=True)
    table.to_csv(path, index=False)
    read = read_answers(path)
    for column, place in (("village", 0), ("background", 1)):
        assert read[column].astype(object).where(read[column].notna(), "").tolist() == [row[place] for row in rows]


def test_respondent_in_two_municipalities_is_refused():
    table = answers_table([("b", "13011", None, {"INF1": 1}), ("b", "13010", None, {"INF2": 1})])
    with pytest.raises(InputError, match="column nis_code: differs between answers of b"):
        from_table(table)


@pytest.mark.parametrize("answer", [2.5, 7.0, 0.0])
def test_answer_outside_the_scale_is_refused(answer):
    table = answers_table(ROWS)
    table.loc[0, "answer"] = answer
    with pytest.raises(InputError, match="neither a position nor a known missing reason, such as answer 1"):
        from_table(table)


def test_unknown_missing_reason_is_refused():
    table = answers_table([("b", "13011", None, {"INF1": "forgot"})])
    with pytest.raises(InputError, match="neither a position"):
        from_table(table)


def test_order_by_content_does_not_depend_on_the_numbers_of_respondents_nor_on_the_order_of_rows():
    rows = [
        ("a", "13010", "inwoner", {"INF1": 3}),
        ("b", "13010", None, {"INF1": 3}),
        ("c", "13010", None, {"LER1": 2}),
    ]
    others = [("z", *rows[2][1:]), ("y", *rows[1][1:]), ("x", *rows[0][1:])]
    one, other = (from_table(answers_table(said)).by_content() for said in (rows, others))
    assert one.people["respondent"].tolist() == ["c", "b", "a"]
    pd.testing.assert_frame_equal(one.people.drop(columns="respondent"), other.people.drop(columns="respondent"))
    pd.testing.assert_frame_equal(one.codes, other.codes[one.codes.columns])


def test_inputs_are_not_changed():
    table = answers_table(ROWS)
    before = table.copy(deep=True)
    from_table(table)
    pd.testing.assert_frame_equal(table, before)


codes = st.sampled_from([NOT_ASKED, 1, 2, 3, 4, *(reason_code(r) for r in ("empty", "unknown", "not_applicable"))])


@settings(deadline=None, max_examples=40)
@given(
    grid=st.lists(st.lists(codes, min_size=3, max_size=3), min_size=1, max_size=6),
    village=st.sampled_from(["Olen", 'a,"b"', "=1", None, "é\u2028x"]),
)
def test_file_gives_back_what_was_written(tmp_path_factory, grid, village):
    path = tmp_path_factory.mktemp("answers") / "answers.csv"
    names = [f"{number:04d}" for number in range(len(grid))]
    people = pd.DataFrame({"respondent": names, "wave": "2026", "nis_code": "01011", "village": village, "role": None})
    people["background"] = None
    responses = Responses(people, pd.DataFrame(grid, columns=["INF1", "INF2", "INF3"], dtype=np.int8))
    write_answers(path, responses)
    again = from_table(read_answers(path))
    expected = from_table(to_table(responses))
    pd.testing.assert_frame_equal(again.codes.sort_index(axis=1), expected.codes.sort_index(axis=1))
    assert again.people["respondent"].tolist() == expected.people["respondent"].tolist()
    assert set(again.people["nis_code"]) <= {"01011"}
    assert set(again.people["village"].dropna()) <= {village, "'=1"} - ({"=1"})


def test_every_file_below_a_folder_is_read(tmp_path):
    for name in ("one", "two"):
        people = pd.DataFrame([[name, "2026", "13011", None, None, None]])
        people.columns = ["respondent", "wave", "nis_code", "village", "role", "background"]
        write_answers(tmp_path / name / "answers.csv", Responses(people, pd.DataFrame({"INF1": [3]}, dtype=np.int8)))
    assert len(find_answer_files(tmp_path)) == 2
    assert read_answers(tmp_path)["respondent"].tolist() == ["one", "two"]


def test_folder_without_answers_is_wrong_use(tmp_path):
    with pytest.raises(UsageError, match=r"holds no answers\.csv"):
        read_answers(tmp_path)
    with pytest.raises(UsageError, match="does not exist"):
        read_answers(tmp_path / "nowhere")


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "respondent,wave,item\nx,2026,INF1\n", ""])
def test_file_of_another_shape_is_refused(write, text):
    with pytest.raises(InputError, match="answers"):
        read_answers(write(text, "answers.csv"))


def test_answer_that_is_text_is_refused_with_its_row(write):
    text = "respondent,wave,item,nis_code,village,role,background,answer,missing_reason\na,2026,INF1,13011,,,,drie,\n"
    with pytest.raises(InputError, match="row 2, column answer: this answer is not a number") as caught:
        read_answers(write(text, "answers.csv"))
    assert "drie" not in str(caught.value)


def test_made_up_answers_are_told_by_their_respondents(instrument):
    table = answers_table([("synthetic-1", "13011", None, {"INF1": 3}), ("abc", "13011", None, {"INF1": 2})])
    assert is_synthetic(table, instrument.synthetic).tolist() == [True, False]
    assert without_synthetic(table, instrument.synthetic)["respondent"].tolist() == ["abc"]
