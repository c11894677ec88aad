import pandas as pd
import pytest

from resilience_analysis.foundation.errors import InputError, UsageError
from resilience_analysis.survey.sharing import export_answers, rare_combinations

from .conftest import answers_table

PEOPLE = pd.DataFrame({"role": ["a"] * 6 + ["b"] * 2 + [None], "place": ["x"] * 9})


def rows(count, role, name):
    return [(f"{name}{n}", "13011", role, {"INF1": 1 + n % 4, "INF2": "empty"}) for n in range(count)]


def test_respondents_who_stand_out_are_not_exported(tmp_path, instrument):
    answers = answers_table(rows(9, "inwoner", "a") + rows(2, "mandataris", "b"))
    with pytest.raises(InputError, match="2 respondents are in 1 combinations of fewer than 5"):
        export_answers(tmp_path / "a.csv", answers, instrument)
    assert not (tmp_path / "a.csv").exists()


def test_leaving_a_column_out_can_be_enough(tmp_path, instrument):
    answers = answers_table(rows(9, "inwoner", "a") + rows(2, "mandataris", "b"))
    assert export_answers(tmp_path / "a.csv", answers, instrument, drop=["role"]) == 11
    table = pd.read_csv(tmp_path / "a.csv")
    assert "role" not in table
    assert table["INF1"].notna().all()


def test_export_has_no_respondent_number_and_no_order(tmp_path, instrument):
    answers = answers_table(rows(9, "inwoner", "a"))
    export_answers(tmp_path / "a.csv", answers, instrument)
    export_answers(tmp_path / "b.csv", answers.iloc[::-1], instrument)
    text = (tmp_path / "a.csv").read_text()
    assert text == (tmp_path / "b.csv").read_text()
    assert "respondent" not in text
    assert "a0" not in text


def test_workbook_is_written_when_the_name_says_so(tmp_path, instrument):
    export_answers(tmp_path / "a.xlsx", answers_table(rows(6, "inwoner", "a")), instrument)
    assert len(pd.read_excel(tmp_path / "a.xlsx", engine="openpyxl")) == 6


def test_each_wave_must_hide_its_own_people(tmp_path, instrument):
    answers = pd.concat([answers_table(rows(9, "inwoner", "a")), answers_table(rows(3, "inwoner", "b"), wave="2027")])
    with pytest.raises(InputError, match="3 respondents"):
        export_answers(tmp_path / "a.csv", answers, instrument)


def test_caller_can_ask_for_more_company(tmp_path, instrument):
    with pytest.raises(InputError, match="fewer than 20"):
        export_answers(tmp_path / "a.csv", answers_table(rows(9, "inwoner", "a")), instrument, k=20)


def test_without_the_role_no_answer_tells_who_is_in_the_village_team(tmp_path, instrument):
    member = [("t0", "13011", "dorpsteamlid", {"INF1": 3, "DT1": 4})]
    export_answers(tmp_path / "a.csv", answers_table(rows(9, "inwoner", "a") + member), instrument, drop=["role"])
    assert not [name for name in pd.read_csv(tmp_path / "a.csv") if name.startswith("DT")]
    team = [(f"t{n}", "13011", "dorpsteamlid", {"INF1": 1 + n % 4, "DT1": 1 + n % 2}) for n in range(5)]
    export_answers(tmp_path / "b.csv", answers_table(team), instrument)
    assert pd.read_csv(tmp_path / "b.csv")["DT1"].value_counts().to_dict() == {1: 3, 2: 2}


def test_made_up_answers_stay_marked_when_they_are_passed_on(tmp_path, instrument):
    export_answers(tmp_path / "a.csv", answers_table(rows(6, "inwoner", "synthetic-")), instrument)
    export_answers(tmp_path / "b.csv", answers_table(rows(6, "inwoner", "a")), instrument)
    assert pd.read_csv(tmp_path / "a.csv")["data"].tolist() == ["synthetic"] * 6
    assert "data" not in pd.read_csv(tmp_path / "b.csv")


@pytest.mark.parametrize(
    ("wish", "said"), [({"drop": ["rol"]}, "did you mean 'role'"), ({"k": 4}, "at least 5 must share who they are")]
)
def test_wish_that_cannot_be_is_wrong_use(tmp_path, instrument, wish, said):
    with pytest.raises(UsageError, match=said):
        export_answers(tmp_path / "a.csv", answers_table(rows(9, "inwoner", "a")), instrument, **wish)


def test_people_who_all_answer_alike_are_not_exported(tmp_path, instrument):
    alike = [(f"b{n}", "13011", "ambtenaar", {"INF1": 1}) for n in range(6)]
    answers = answers_table(rows(9, "inwoner", "a") + alike)
    with pytest.raises(InputError, match="in 1 of 2 combinations all gave the same answer to a statement"):
        export_answers(tmp_path / "a.csv", answers, instrument)


def test_second_export_with_other_columns_is_refused(tmp_path, instrument):
    answers = answers_table(rows(9, "inwoner", "a") + rows(9, "ambtenaar", "b"))
    export_answers(tmp_path / "a.csv", answers, instrument, drop=["role"], beside=tmp_path)
    export_answers(tmp_path / "a.csv", answers, instrument, drop=["role"], beside=tmp_path)
    with pytest.raises(InputError, match="passed on before, with other columns or people"):
        export_answers(tmp_path / "b.csv", answers, instrument, drop=["nis_code"], beside=tmp_path)
    assert not (tmp_path / "b.csv").exists()


def test_rare_combinations_are_counted_with_missing_as_a_value():
    rare = rare_combinations(PEOPLE, ["role", "place"], 5)
    assert sorted(rare["n"]) == [1, 2]
    assert rare_combinations(PEOPLE, ["place"], 5).empty


def test_few_people_are_rare_whatever_is_left_out():
    assert rare_combinations(PEOPLE.head(3), [], 5)["n"].tolist() == [3]
    assert rare_combinations(PEOPLE, [], 5).empty


def test_refusal_names_what_can_be_left_out_and_no_group(tmp_path, instrument):
    answers = answers_table(rows(9, "inwoner", "a") + rows(2, "mandataris", "b"))
    with pytest.raises(InputError, match=r"Leave out or widen one of role$") as refused:
        export_answers(tmp_path / "a.csv", answers, instrument, drop=["nis_code", "village", "background"])
    assert "mandataris" not in str(refused.value)
    with pytest.raises(InputError, match="Pass nothing on until more have answered"):
        export_answers(
            tmp_path / "a.csv",
            answers.head(6),
            instrument,
            drop=["nis_code", "village", "role", "background"],
        )
