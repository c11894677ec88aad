import pytest
from hypothesis import given
from hypothesis import strategies as st

from resilience_analysis.survey.mapping import (
    EMPTY,
    OFF_SCALE,
    UNREADABLE,
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


@pytest.mark.parametrize(
    "text",
    ["(2)", "2.", "2)", '"2"', "2/4", "2 op 4", "2 out of 4", "\u2605\u2605", "\u2605\u2605\u2606\u2606", "score 2",
     "02", "\uff12", "\u2461", "II", "twee", "+2", "2\u00a0", "\ufeff2", "2\ufe0f\u20e3", "<b>2</b>", "2_x000D_"],
)  # fmt: skip
def test_number_is_read_in_any_dress(reader, text):
    assert reader.understand(text)[:2] == (2, "")


@pytest.mark.parametrize(
    ("text", "code"), [("2/5", OFF_SCALE), ("vijf", OFF_SCALE), ("\u2605" * 5, UNREADABLE), ("-2", OFF_SCALE)]
)
def test_number_of_another_scale_is_none_of_ours_in_any_dress(reader, text, code):
    assert reader.read(text) == code


def test_mapped_numbers_keep_their_sign_and_may_have_a_zero_behind_the_point():
    reader = mapped_reader({"1.0": 1, "2": 2, "-2": 3, "-99": DONT_KNOW, "a: b": 4})
    texts = ("1", "2.0", "-2", "-99", "a: b", "99")
    assert [reader.read(text) for text in texts] == [1, 2, 3, DONT_KNOW, 4, UNREADABLE]


@given(st.text(max_size=30))
def test_any_text_has_one_meaning(text):
    from resilience_analysis.survey.items import load_instrument

    code = scale_reader(load_instrument().scale).read(text)
    assert code in {1, 2, 3, 4, EMPTY, DONT_KNOW, NOT_APPLICABLE, OFF_SCALE, UNREADABLE}
