"""Whether a grid of answers is on our scale: examples of each rule, and a property against a reference of ten lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resilience_analysis.survey.items import load_instrument
from resilience_analysis.survey.mapping import OFF_SCALE, mapped_reader, scale_reader
from resilience_analysis.survey.scales import refused_by_mapping, refused_scales

OURS = {
    "nl": ["helemaal niet akkoord", "eerder niet akkoord", "eerder akkoord", "helemaal akkoord"],
    "en": ["strongly disagree", "rather disagree", "rather agree", "strongly agree"],
}
PLAIN = ["helemaal oneens", "oneens", "eens", "helemaal eens"]


@pytest.fixture
def refused(instrument):
    def judge(*columns, arrays=None):
        answers = {f"I{number}": list(cells) for number, cells in enumerate(columns)}
        found = refused_scales(answers, arrays or {}, scale_reader(instrument.scale), {})
        return [refusal.items for refusal in found]

    return judge


ENDS = ["1 (helemaal niet akkoord)", "2", "3", "4 (helemaal akkoord)"]


@pytest.mark.parametrize("labels", [*OURS.values(), PLAIN, ["1", "2", "3", "4"], ENDS])
def test_our_scale_is_accepted(refused, labels):
    assert refused(labels * 5, labels[:1] * 5) == []


@pytest.mark.parametrize(
    "labels",
    [
        ["Strongly disagree", "Disagree", "Neither", "Agree", "Strongly agree"],
        ["Helemaal mee oneens", "Mee oneens", "Niet mee eens, niet mee oneens", "Mee eens", "Helemaal mee eens"],
        ["helemaal oneens", "oneens", "eerder oneens", "eerder eens", "eens", "helemaal eens"],
        ["Niet akkoord", "Eerder niet akkoord", "Eerder akkoord", "Akkoord"],
        ["helemaal akkoord", "Volledig oneens, echt waar"],
        ["nooit", "zelden", "vaak", "altijd"],
        ["1 (helemaal niet akkoord)", "2", "3", "4", "5 (helemaal akkoord)"],
        ["ja", "nee"],
        ["oneens", "eerder eens"],
        ["1", "2", "3", "4", "5", "6", "7"],
        ["0", "1", "2", "3"],
    ],
)
@pytest.mark.parametrize("times", [3, 20])
def test_another_scale_is_out_as_a_whole(refused, labels, times):
    assert refused(labels * times) == [("I0",)]


def test_one_answer_with_an_unknown_label_takes_the_whole_grid_out(refused):
    assert refused(OURS["nl"] * 50 + ["geen van alle"], OURS["nl"]) == [("I0", "I1")]


def test_column_that_lacks_the_middle_by_chance_is_out_with_the_rest(refused):
    assert refused([*PLAIN, "neutraal"], PLAIN) == [("I0", "I1")]


def test_columns_with_labels_of_their_own_stand_apart(refused):
    assert refused(OURS["nl"], ["soms", "vaak"], ["1", "2"]) == [("I1",)]


def test_array_is_judged_as_a_whole(refused):
    five, ours = ["1", "2", "3", "4", "5"] * 3, ["1", "2", "3", "4"]
    arrays = {"I0": "a", "I1": "a", "I2": "b"}
    assert refused(five, ours, ours, arrays=arrays) == [("I0", "I1")]
    assert refused(five, ours, ours) == [("I0", "I1", "I2")]


def test_two_typing_errors_among_numbers_take_nothing_out(refused):
    assert refused(["3"] * 18 + ["7", "x"]) == []
    assert refused(["3"] * 17 + ["7", "x", "55"]) == [("I0",)]


def test_one_number_outside_in_several_columns_is_no_typing_error(refused):
    assert refused(*[["3"] * 19 + ["5"]] * 3) == [("I0", "I1", "I2")]


def test_empty_cells_and_do_not_know_hide_nothing(refused):
    assert refused(["", "weet niet", "n.v.t."] * 20 + ["5", "5", "5", "1"]) == [("I0",)]
    assert refused(["", "weet niet", "geen mening", "n.v.t."] * 20 + ["1"]) == []


def test_answers_in_two_languages_are_one_scale(refused):
    assert refused(OURS["nl"] + OURS["en"]) == []


def test_refusal_counts_every_label(instrument):
    reader = scale_reader(instrument.scale)
    found = refused_scales({"A": ["oneens", "Neither", "neither"], "B": ["oneens", ""]}, {}, reader, {})
    assert found[0].items == ("A", "B")
    assert found[0].labels == {"oneens": 2, "Neither": 1, "neither": 1}


@pytest.mark.parametrize(("times", "out"), [(9, []), (10, [("I0", "I1")])])
def test_agree_and_disagree_alone_are_no_four_positions(refused, times, out):
    assert refused(["eens"] * times, ["oneens"] * times) == out
    assert refused(["eens"] * times, ["oneens"] * times, ["helemaal eens"]) == []
    assert refused(["eerder akkoord", "eerder niet akkoord"] * times) == []


def test_column_with_a_label_that_its_mapping_does_not_name_is_out_as_a_whole():
    named = mapped_reader({"goed": 4, "slecht": 1, "weg": OFF_SCALE})
    assert not refused_by_mapping("A", ["goed", "slecht", "weg", ""] * 9, named)
    assert not refused_by_mapping("A", ["goed", "NA", "-"] * 9, mapped_reader({"goed": 4}, ["NA", "-"]))
    found = refused_by_mapping("A", ["goed", "slecht", "matig"] * 9, named)[0]
    assert (found.items, found.labels) == (("A",), {"goed": 9, "slecht": 9, "matig": 9})


def test_few_numbers_that_a_mapping_does_not_name_are_typing_errors():
    named = mapped_reader({str(n): n for n in range(1, 5)} | {"-99": OFF_SCALE})
    assert not refused_by_mapping("A", ["1", "4", "-99"] * 9 + ["33", "x"], named)
    assert refused_by_mapping("A", ["1", "4", "5"] * 9, named)


POSITION = {label: place for labels in (*OURS.values(), PLAIN) for place, label in enumerate(labels)}
PRINTED = {*OURS["nl"], *OURS["en"]}
OTHERS = ["neutraal", "soms", "ja"]
NUMBERS = ["1", "2", "3", "4", "5", "0", "7"]


def reference(column: list[str]) -> bool:
    """Say by another route whether a column is on our scale."""
    ours = {label for label in column if label in POSITION}
    typed = sum(cell in NUMBERS for cell in column) * 2 > len(column)
    if {"neutraal", "soms"} & set(column) or ("ja" in column and not typed):
        return False
    twice = any(POSITION[a] == POSITION[b] and a != b and not {a, b} <= PRINTED for a in ours for b in ours)
    middle = {label in PRINTED for label in ours if POSITION[label] in (1, 2)}
    outside = sum(cell in {"5", "0", "7", "ja"} for cell in column)
    if set(column) == {"oneens", "eens"} and len(column) >= 20:
        return False
    return not twice and len(middle) < 2 and (outside < 3 or outside * 10 <= len(column))


@given(st.lists(st.sampled_from([*POSITION, *OTHERS, *NUMBERS * 4]), min_size=1, max_size=40), st.randoms())
def test_column_is_judged_as_the_reference_does_in_any_order(column, random):
    expected = reference(column)
    random.shuffle(column)
    assert (not refused_scales({"A": column}, {}, scale_reader(load_instrument().scale), {})) == expected
