from hypothesis import given
from hypothesis import strategies as st

from resilience_analysis.survey.wording import fingerprint, fold, words_in


def test_case_accents_and_punctuation_do_not_matter():
    assert fold("  Eérder  NIET-akkoord! ") == "eerder niet akkoord"


def test_markup_and_entities_are_taken_out():
    assert fold("<p>Meten&nbsp;is <b>weten</b></p>") == "meten is weten"


def test_non_breaking_spaces_separate_words_in():
    assert fold("helemaal\u00a0akkoord") == "helemaal akkoord"


def test_text_without_letters_stays_what_it_is():
    assert fold(" - ") == "-"
    assert not fold("   ")


def test_words_are_folded_and_unordered():
    assert words_in("IP-adres / Naam") == {"ip", "adres", "naam"}


def test_fingerprint_changes_with_the_wording_only():
    assert fingerprint("Meten is weten.") == fingerprint("METEN IS WETEN")
    assert fingerprint("Meten is weten.") != fingerprint("Meten is niet weten.")


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing_more(text):
    assert fold(fold(text)) == fold(text)
