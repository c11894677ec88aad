"""Tallies: what is counted, and which answers could be chosen, in the headings of five languages."""

import pytest

from resilience_analysis.survey.import_report import tell

from .conftest import whys

DIGITS = [{1.0: 2, 2.0: 3, 3.0: 4, 4.0: 1}]


def counted(found):
    values = found.responses.values()
    return [values[item].value_counts().sort_index().to_dict() for item in values]


@pytest.mark.parametrize(
    "headings",
    [
        "stelling,1,2,3,4,totaal,gemiddelde",
        "Statement,1,2,3,4,Total,Mean",
        "Énoncé,1,2,3,4,Total,Moyenne",
        "Aussage,1,2,3,4,Gesamt,Mittelwert",
        "Afirmación,1,2,3,4,Suma,Media",
        "Stelling,\u200b1,2\xa0,\ufeff3,4\ufe0f\u20e3,aantal,groep",
    ],
)
def test_wide_tally_is_read_in_every_language(run_import, headings):
    assert counted(run_import(f"{headings}\nINF1,2,3,4,1,10,2.4\n")) == DIGITS


@pytest.mark.parametrize(
    "headings",
    [
        "stelling,antwoord,Aantal stemmen",
        "Statement,Score,Number of votes",
        "Affirmation,Choix,Nombre de personnes",
        "Aussage,Auswahl,Anzahl der Stimmen",
        "Pregunta,Respuesta,Número de votos",
    ],
)
def test_long_tally_is_read_in_every_language(run_import, headings):
    assert counted(run_import(f"{headings}\nINF1,1,2\nINF1,2,3\nINF1,3,4\nINF1,4,1\n")) == DIGITS


@pytest.mark.parametrize(
    ("headings", "label"),
    [
        ("stelling,1,2,3,4,5", "5"),
        ("stelling,0,1,2,3", "0"),
        ("stelling,helemaal oneens,oneens,neutraal,eens,helemaal eens", "neutraal"),
        ("Afirmación,1,2,3,4,No sabe", "No sabe"),
        ("stelling,oneens,eens", "eens"),
    ],
)
def test_position_that_no_one_chose_shows_another_scale_all_the_same(run_import, instrument, headings, label):
    counts = ["2", *["3"] * (headings.count(",") - 2), "0"]
    found = run_import(f"{headings}\nINF1,{','.join(counts)}\n")
    assert (found.rows_used, found.refusals[0].items) == (0, ("INF1",))
    assert repr(label) in tell(found, instrument).problems[0]


def test_percentages_may_have_a_comma_no_sign_or_be_fractions(run_import):
    for cells in ('"0,2","0,3","0,4","0,1",10', "20,30,40,10,10", '"20,0 %",30%,40 %,10%,10'):
        assert counted(run_import(f"stelling,1,2,3,4,n\nINF1,{cells}\n")) == DIGITS


def test_more_answers_than_people_are_set_aside(run_import):
    found = run_import("stelling,1,2,3,4,totaal\nINF1,2,3,4,1,9\nINF2,2,3,4,1,12\n")
    assert counted(found) == [{}, *DIGITS]
    assert "more answers are counted than the row says that there are people" in whys(found.problems).values()
