import pytest
from hypothesis import given
from hypothesis import strategies as st

from resilience_analysis.survey.labels import (
    EMPTY,
    OFF_SCALE,
    UNREADABLE,
    another_scale,
    mapped_reader,
    scale_reader,
)
from resilience_analysis.survey.responses import reason_code

DONT_KNOW, NOT_APPLICABLE = reason_code("unknown"), reason_code("not_applicable")


@pytest.fixture
def reader(instrument):
    return scale_reader(instrument.scale)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("1", 1),
        (" 4 ", 4),
        ("3.0", 3),
        ("3,0", 3),
        ("helemaal niet akkoord", 1),
        ("NIET AKKOORD", 2),
        ("oneens", 2),
        ("Akkoord", 3),
        ("eens", 3),
        ("Helemaal mee eens", 4),
        ("Strongly disagree", 1),
        ("somewhat agree", 3),
        ("1 - helemaal niet akkoord", 1),
        ("1 (helemaal niet akkoord)", 1),
        ("4: Helemaal akkoord", 4),
        ("(3) eerder akkoord", 3),
        ("helemaal akkoord (4)", 4),
        ("2 – eerder niet akkoord", 2),
    ],
)
def test_digits_and_labels_are_understood(reader, text, position):
    assert reader.read(text) == position


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", EMPTY),
        ("  ", EMPTY),
        ("-", EMPTY),
        ("geen antwoord", EMPTY),
        ("weet niet", DONT_KNOW),
        ("Weet niet / niet van toepassing", DONT_KNOW),
        ("9", DONT_KNOW),
        ("don't know", DONT_KNOW),
        ("n.v.t.", NOT_APPLICABLE),
        ("8", NOT_APPLICABLE),
        ("Not applicable", NOT_APPLICABLE),
    ],
)
def test_no_answer_and_no_opinion_are_told_apart(reader, text, code):
    assert reader.read(text) == code


@pytest.mark.parametrize("text", ["5", "0", "-1", "neutraal", "Neither agree nor disagree", "vaak"])
def test_answers_of_another_scale_are_seen(reader, text):
    assert reader.read(text) == OFF_SCALE


@pytest.mark.parametrize("text", ["misschien", "3.5", "4 - helemaal niet akkoord", "x" * 300, "1 - 4", "9" * 250])
def test_what_is_not_understood_is_never_guessed(reader, text):
    assert reader.read(text) == UNREADABLE


def test_mapped_labels_replace_the_scale():
    reader = mapped_reader({"Always": 4, "0 - Mostly me": 1, "7": OFF_SCALE})
    assert [reader.read(text) for text in ("always", "0 - mostly me", "7", "", "akkoord")] == [
        4,
        1,
        OFF_SCALE,
        EMPTY,
        UNREADABLE,
    ]


def test_one_neutral_label_proves_another_scale(reader):
    assert "Neutraal" in another_scale(reader, ["akkoord"] * 50 + ["Neutraal"])


def test_many_numbers_outside_prove_another_scale(reader):
    assert another_scale(reader, ["3"] * 17 + ["5"] * 3) == "has 3 of 20 answers outside the scale"


def test_few_numbers_outside_may_be_typing_errors(reader):
    assert not another_scale(reader, ["3"] * 10 + ["5"] * 2)
    assert not another_scale(reader, ["3"] * 40 + ["5"] * 4)


def test_empty_cells_do_not_hide_another_scale(reader):
    assert another_scale(reader, ["", "", "", "", ""] * 20 + ["5", "5", "5", "1"])


@given(st.text(max_size=30))
def test_any_text_has_one_meaning(text):
    from resilience_analysis.survey.items import load_instrument

    code = scale_reader(load_instrument().scale).read(text)
    assert code in {1, 2, 3, 4, EMPTY, DONT_KNOW, NOT_APPLICABLE, OFF_SCALE, UNREADABLE}
