import pandas as pd
import pytest

from resilience_analysis.foundation.errors import InputError
from resilience_analysis.survey.exports import Heading, Submissions
from resilience_analysis.survey.headings import match_headings
from resilience_analysis.survey.wording import fingerprint

INF1 = "Meten is weten: dit is belangrijk in mijn organisatie/lokaal bestuur."


def export_of(*headings, own=()):
    """Make an export of headings, each a text or (text, keys)."""
    made = tuple(
        Heading(*heading) if isinstance(heading, tuple) else Heading(heading, (heading,)) for heading in headings
    )
    return Submissions(made, pd.DataFrame(columns=range(len(made))), own=frozenset(own))


@pytest.fixture
def match(instrument):
    def match_all(*headings, columns=None, own=()):
        return match_headings(export_of(*headings, own=own), instrument, columns or {})

    return match_all


@pytest.mark.parametrize(
    "heading", ["INF1", "inf1", "INF1. " + INF1, "[INF1] " + INF1, "INF1 - " + INF1, "INF1: " + INF1.upper()]
)
def test_item_code_is_recognised_in_any_dress(match, heading):
    (found,) = match(heading)
    assert (found.kind, found.target, found.how) == ("item", "INF1", "code")


def test_exact_wording_is_recognised_in_both_languages(match, instrument):
    texts = instrument.items["LER2"].texts
    found = match(texts["nl"].upper(), texts["en"] + "  ")
    assert {(m.target, m.how, m.kind) for m in found} == {("LER2", "text", "ambiguous")}
    assert match(texts["en"])[0].target == "LER2"


def test_wording_that_only_resembles_is_not_matched(match):
    assert match(INF1.replace("belangrijk", "heel belangrijk"))[0].kind == "unmatched"


def test_slide_wording_counts_as_the_item(match, instrument):
    found = match(instrument.items["INF3"].verbatim_nl)[0]
    assert found.target == "INF3"


def test_another_wording_under_a_known_code_is_told(match, instrument):
    found = match("INF1. Cijfers zijn overal belangrijk voor ons bestuur")[0]
    assert found.target == "INF1"
    assert found.wording == fingerprint("Cijfers zijn overal belangrijk voor ons bestuur")
    assert match("INF1")[0].wording == instrument.items["INF1"].fingerprint


def test_code_goes_before_wording(match, instrument):
    found = match("LER1", instrument.items["LER1"].texts["nl"])
    assert [m.kind for m in found] == ["item", "ambiguous"]


def test_two_columns_by_code_are_both_left_out(match):
    assert [m.kind for m in match("INF1", "inf1")] == ["ambiguous", "ambiguous"]


@pytest.mark.parametrize(
    "heading", ["gemeente", "nis_code", "NIS-code", "Municipality", "In of voor welke gemeente antwoord je?"]
)
def test_municipality_column_is_recognised(match, heading):
    assert match(heading)[0].target == "nis_code"


@pytest.mark.parametrize(
    "heading", ["E-mail", "Naam", "IP address", "submitdate", "Device ID", "Tijdstempel", "Wat is je telefoonnummer?"]
)
def test_identifying_columns_are_named_as_such(match, heading):
    assert match(heading)[0].kind == "identifying"


def test_numbering_and_marks_of_the_tool_are_technical(match):
    assert [m.kind for m in match("id", "", "lastpage", own={2})] == ["technical"] * 3
    assert match("lastpage")[0].kind == "unmatched"


def test_columns_of_one_choice_are_recognised(match):
    found = match("overjou/rol/ambtenaar", "rol[inw]", "rol/piloot")
    assert [(m.kind, m.target, m.choice) for m in found] == [
        ("choice", "role", "ambtenaar"),
        ("choice", "role", "inwoner"),
        ("unmatched", "", ""),
    ]


def test_synthetic_marker_is_recognised(match, instrument):
    assert {m.kind for m in match("synthetisch")} == {"synthetic"}
    assert match(instrument.synthetic.texts["nl"])[0].kind == "synthetic"


def test_mapping_goes_before_every_rule(match):
    found = match("INF1", "Vraag 7", columns={"INF1": "vraag 7"})
    assert [(m.kind, m.how) for m in found] == [("ambiguous", "code"), ("item", "mapping")]


def test_mapping_finds_a_code_inside_a_heading(match):
    heading = ("likert2[progRSE4]. [My position]", ("progRSE4", "My position", "likert2[progRSE4]"))
    assert match(heading, columns={"INF2": "likert2[progRSE4]"})[0].target == "INF2"


def test_faults_of_a_mapping_come_at_once(match):
    with pytest.raises(InputError) as raised:
        match("a", "b", "b", columns={"INF1": "z", "INF2": "b", "INF3": "a", "INF4": "a"})
    whats = [problem.what for problem in raised.value.problems]
    assert whats == ["the file has 0 headings 'z'", "the file has 2 headings 'b' (B, C)", "is mapped twice"]


@pytest.mark.parametrize("number", ["1. ", "12) ", "Q3. ", "V3: ", "(4) "])
def test_number_before_a_statement_does_not_matter(match, instrument, number):
    found = match(number + instrument.items["INF2"].texts["nl"])[0]
    assert (found.target, found.wording) == ("INF2", instrument.items["INF2"].fingerprint)


@pytest.mark.parametrize("between", [". ", " - ", ": "])
def test_code_and_wording_of_a_field_are_recognised_together(match, between):
    assert match(f"rol{between}In welke rol antwoord je?")[0].target == "role"
    assert match(f"rol{between}Licht je rol toe")[0].target == ""


def test_something_in_brackets_behind_a_statement_is_named_as_another_wording(match, instrument):
    found = match(instrument.items["INF2"].texts["nl"] + " (één antwoord)", "In welke rol antwoord je? [mag leeg]")
    assert [one.target for one in found] == ["INF2", "role"]
    assert found[0].wording != instrument.items["INF2"].fingerprint
    assert match("Dorp (één antwoord)")[0].target == ""


@pytest.mark.parametrize("letter", ["B", "column B", "Kolom B", "COLONNE b"])
def test_column_is_mapped_by_its_letter_in_any_language(match, letter):
    assert match("Vraag", "Vraag", columns={"INF1": letter})[1].target == "INF1"


@pytest.mark.parametrize("cut", ["..", "...", "…"])
def test_heading_that_is_cut_off_is_no_other_wording(match, instrument, cut):
    item = instrument.items["INF2"]
    for text in (item.texts["nl"], instrument.scale.prompt["nl"]):
        assert match(f"INF2. {text[:25]}{cut}")[0].wording == item.fingerprint
    assert match(f"INF2. Iets helemaal anders gevraagd{cut}")[0].wording != item.fingerprint
