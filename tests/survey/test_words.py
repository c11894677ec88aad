import pytest

from resilience_analysis.survey.words import words


def test_every_stamp_and_banner_has_two_languages():
    assert words("stamp.internal", "en") == "not for publication"
    assert words("stamp.internal", "nl") == "niet voor publicatie"
    assert words("synthetic.banner", "nl").startswith("SYNTHETISCHE GEGEVENS")


def test_unknown_text_is_an_error_of_the_caller():
    with pytest.raises(KeyError):
        words("page.nothing", "nl")
