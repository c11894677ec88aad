import pandas as pd
import pytest

from resilience_analysis.survey.people import PeopleReader


@pytest.fixture
def reader(instrument):
    return PeopleReader(instrument, {"antwerpen": "11002"})


def read(reader, name, *cells, mapped=None):
    rows = [str(number) for number in range(2, 2 + len(cells))]
    column = pd.Series(list(cells), rows, dtype=object, name="kolom")
    values, remarks = reader.read_column(column, name, mapped or {})
    return values.tolist(), [(remark.row, remark.why, remark.value) for remark in remarks]


def test_municipality_is_read_by_name_and_by_code(reader):
    values, remarks = read(reader, "nis_code", "Herentals", " HERENTALS ", "13011", "Antwerpen", "11002")
    assert values == ["13011", "13011", "13011", "11002", "11002"]
    assert not remarks


def test_any_nis_code_is_taken_until_the_list_is_closed(reader, instrument):
    assert read(reader, "nis_code", "23027") == (["23027"], [])
    closed = PeopleReader(instrument, {"antwerpen": "11002"}, closed=True)
    assert read(closed, "nis_code", "23027") == ([None], [("2", "is not a known municipality", "23027")])
    assert read(closed, "nis_code", "11002")[0] == ["11002"]


def test_name_that_resembles_is_listed_and_not_guessed(reader):
    assert read(reader, "nis_code", "Herentalls", "") == (
        [None, None],
        [("2", "is not a known municipality", "Herentalls")],
    )


@pytest.mark.parametrize(
    "text", ["ambtenaar", "Ambtenaar", "ambt", "official", "Medewerker lokaal bestuur", "ambtenaar;"]
)
def test_role_is_read_by_id_code_and_label(reader, text):
    assert read(reader, "role", text) == (["ambtenaar"], [])


def test_several_choices_where_one_is_asked_are_listed(reader):
    values, remarks = read(reader, "role", "ambtenaar inwoner", "inwoner;ambtenaar;")
    assert values == [None, None]
    assert {why for _, why, _ in remarks} == {"several values where one is asked"}


def test_no_value_is_no_problem(reader):
    assert read(reader, "background", "", "-", "nvt") == ([None, None, None], [])


def test_mapped_values_are_understood(reader):
    assert read(reader, "role", "Staff", mapped={"staff": "ambtenaar"}) == (["ambtenaar"], [])


def test_village_outside_the_list_is_taken_where_five_name_it(reader):
    said = ["Sint-Jozef  Rijkevorsel", *["sint jozef rijkevorsel"] * 4]
    assert read(reader, "village", *said) == (["Sint-Jozef Rijkevorsel"] * 5, [])
    values, remarks = read(reader, "village", *said[:4])
    assert values == [None] * 4
    assert {why for _, why, _ in remarks} == {
        "is not a village of the list, and fewer than 5 respondents name it; left out"
    }


@pytest.mark.parametrize("text", ["andere", "Other", "andere: Geel", "anders: nergens"])
def test_another_municipality_than_those_of_the_list_is_no_value_and_no_problem(reader, text):
    assert read(reader, "nis_code", text) == ([None], [])


def test_municipality_after_other_is_read_where_it_is_known(reader):
    assert read(reader, "nis_code", "andere: Herentals") == (["13011"], [])


@pytest.mark.parametrize("text", ["jan@dorp.be", "0470 12 34 56", "x" * 80])
def test_village_that_identifies_somebody_is_refused(reader, text):
    values, remarks = read(reader, "village", text)
    assert values == [None]
    assert remarks[0][1] == "is not a known village"


@pytest.mark.parametrize("text", ["=A1", "@SUM(1)", "+Dorp", "-Dorp"])
def test_village_that_a_spreadsheet_would_take_for_a_formula_is_refused(reader, text):
    values, remarks = read(reader, "village", text)
    assert values == [None]
    assert remarks[0][1] == "is not a known village"


def test_village_of_another_municipality_is_doubted(reader):
    codes = pd.Series(["13010", "13011", "11002", None], dtype=object)
    villages = pd.Series(["Noorderwijk", "Noorderwijk", "Ekeren", "Ekeren"])
    assert reader.misplaced(codes, villages).tolist() == [True, False, False, False]


@pytest.mark.parametrize(
    "pair", [("1", "0"), ("Oui", "Non"), ("Ja", "Nein"), ("S\u00ed", "No"), ("Checked", "Unchecked")]
)
def test_choice_is_ticked_in_any_language_and_what_says_neither_is_named(run_import, pair):
    yes, no = pair
    found = run_import(
        f"rol/ambtenaar,rol/inwoner,INF1\n{yes},{no},1\n{no},{yes},2\n{no},{no},3\n{yes},{yes},4\n{no},deels,3\n"
    )
    assert found.responses.people["role"].tolist() == ["ambtenaar", "inwoner", None, None, None]
    assert [(problem.row, problem.value) for problem in found.problems] == [("5", "ambtenaar;inwoner"), ("6", "deels")]
