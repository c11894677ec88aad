import pandas as pd
import pytest

from resilience_analysis.foundation.errors import InputError
from resilience_analysis.survey.checking import rare_combinations, require_k_anonymity

PEOPLE = pd.DataFrame({"role": ["a"] * 6 + ["b"] * 2 + [None], "place": ["x"] * 9})


def test_rare_combinations_are_counted_with_missing_as_a_value():
    rare = rare_combinations(PEOPLE, ["role", "place"], 5)
    assert sorted(rare["n"]) == [1, 2]
    assert rare_combinations(PEOPLE, ["place"], 5).empty


def test_few_people_are_rare_whatever_is_left_out():
    assert rare_combinations(PEOPLE.head(3), [], 5)["n"].tolist() == [3]
    assert rare_combinations(PEOPLE, [], 5).empty


def test_rare_people_are_not_passed_on_and_not_named():
    with pytest.raises(InputError) as raised:
        require_k_anonymity(PEOPLE, ["role"], 5, subject="answers.csv")
    message = str(raised.value)
    assert "3 respondents are in 2 combinations of fewer than 5" in message
    assert "'b'" not in message
    require_k_anonymity(PEOPLE.head(6), ["role"], 5, subject="answers.csv")


def test_remedy_names_only_what_can_be_left_out():
    people = PEOPLE.assign(wave=["2025"] * 2 + ["2026"] * 7)
    with pytest.raises(InputError, match=r"Leave out or widen one of place$"):
        require_k_anonymity(people, ["place"], 5, subject="answers", within=["wave"])
    with pytest.raises(InputError, match="Pass nothing on until more have answered"):
        require_k_anonymity(people, [], 5, subject="answers", within=["wave"])
