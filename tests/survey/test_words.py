import pytest

from resilience_analysis.survey.wording import words


def test_every_stamp_has_a_text_in_each_language():
    assert words("stamp.internal", "en") == "not for publication"
    assert words("stamp.internal", "nl") == "niet voor publicatie"


def test_unknown_text_is_an_error_of_the_caller():
    with pytest.raises(KeyError):
        words("page.nothing", "nl")
