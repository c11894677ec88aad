"""What a person wrote in a definition file is looked at before it is used."""

from __future__ import annotations

import pytest

from resilience_analysis.foundation.forms import (
    field_problems,
    is_ascending,
    is_count,
    is_number,
    is_text,
    is_year,
    wording_problems,
)

NAN, INFINITE = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("check", "fine", "faulty"),
    [
        (is_number, [0, -1, 2.5], [True, "1", None, NAN, INFINITE, [1]]),
        (is_count, [1, 300], [0, -1, True, 1.0, "1", None]),
        (is_year, [1900, 2025, 2100], [1899, 2101, "2025", 2025.0, None, True]),
        (is_text, ["a", " a"], ["", " ", None, 1, ["a"]]),
        (is_ascending, [[0, 1], [-2.5, -2]], [[1, 0], [1, 1], [1], [0, 1, 2], [0, NAN], ["0", "1"], (0, 1), None, 3]),
    ],
)
def test_each_form_takes_what_it_means_and_nothing_else(check, fine, faulty):
    assert [value for value in fine if not check(value)] == []
    assert [value for value in faulty if check(value)] == []


def test_a_misspelt_field_is_named_with_the_nearest():
    (problem,) = field_problems("indicator x", {"label": 1, "wieght": 2}, ("label", "weight"))
    assert problem.what.startswith("unknown field 'wieght'; did you mean 'weight'?")


@pytest.mark.parametrize(
    "texts",
    [None, "text", ["text"], {}, {"nl": "", "en": "", "fr": "x"}, {"nl": 1, "en": ["a"]}, {"nl": " ", "en": "\n"}],
)
def test_a_text_without_wording_is_said_for_each_language(texts):
    problems = wording_problems("indicator x", {"label": texts}, ["label"])
    assert [problem.what for problem in problems] == ["label has no wording in nl", "label has no wording in en"]


def test_a_text_in_one_language_lacks_the_other():
    assert [p.what for p in wording_problems("x", {"label": {"nl": "a"}}, ["label"])] == ["label has no wording in en"]


def test_an_explanation_is_a_list_of_lines():
    assert wording_problems("x", {"explanation": {"nl": ["a"], "en": ["b"]}}, ["explanation"]) == []
    for no_lines in ("a", [], [" "], [1]):
        assert len(wording_problems("x", {"explanation": {"nl": no_lines, "en": no_lines}}, ["explanation"])) == 2
