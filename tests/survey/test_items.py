import re

import pytest
import yaml

from resilience_analysis.foundation.errors import InputError
from resilience_analysis.foundation.project import definition_at_hand
from resilience_analysis.survey.items import ITEMS_FILE, load_instrument, read_other_places

DECK = {
    "INF1": "METEN IS WETEN : DIT IS BELANGRIJK IN MIJN ORGANISATIE/LOKAAL BESTUUR",
    "INF2": "IK WEET WAAR EN BIJ WIE IK CIJFERS EN DATA KAN VINDEN",
    "INF3": "IN MIJN ORGANISATIE/OKAAL BESTUUR WORDEN INWONERS OOK BEVRAAGD NAAR HUN ERVARINGEN",
    "INF4": "IN MIJN ORGANISATIE OF LOKAAL BESTUUR WORDEN GEGEVENS GEDEELD EN BEKEKEN OVER DIENSTEN HEEN",
}


@pytest.fixture
def content():
    return yaml.safe_load(definition_at_hand(ITEMS_FILE).read_text(encoding="utf-8"))


def load(content, tmp_path):
    path = tmp_path / "items.yml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return load_instrument(path)


def test_deck_statements_are_kept_letter_by_letter(instrument):
    seeds = {code: item.verbatim_nl for code, item in instrument.items.items() if item.section == "informatie"}
    assert seeds == DECK


def test_repaired_wording_mends_the_typing_error(instrument):
    assert "lokaal bestuur" in instrument.items["INF3"].texts["nl"]


def test_six_dimensions_have_four_items_each(instrument):
    names = ["informatie", "leren", "diversiteit", "organisatie", "schaal", "experiment"]
    assert list(instrument.scored) == names
    assert {len(items) for items in instrument.scored.values()} == {4}


def test_village_team_has_eight_factors_of_its_own(instrument):
    team = [item.id for item in instrument.village_team.section.items]
    assert team == [f"DT{number}" for number in range(1, 9)]
    assert not set(team) & {item for items in instrument.scored.values() for item in items}


def test_discussion_questions_are_no_items(instrument):
    questions = [item.texts["nl"] for item in instrument.discussion.items]
    assert questions[0] == "Wat spreekt je aan?"
    assert len(questions) == 3
    assert not {item.id for item in instrument.discussion.items} & set(instrument.items)


def test_deck_labels_only_the_end_points(instrument):
    origins = {anchor.value: anchor.origin for anchor in instrument.scale.anchors}
    assert origins == {1: "seed", 2: "new", 3: "new", 4: "seed"}


def test_do_not_know_and_not_applicable_are_apart(instrument):
    assert {option.reason for option in instrument.scale.no_opinion} == {"unknown", "not_applicable"}


def test_short_codes_fit_the_narrowest_tool(instrument):
    codes = [choice.code for question in instrument.questions for choice in question.choices]
    assert all(re.fullmatch(r"[A-Za-z0-9]{1,5}", code) for code in codes)


def test_every_village_lies_in_a_municipality(instrument):
    municipalities = {choice.id for choice in instrument.question("nis_code").choices}
    assert set(instrument.question("village").parents.values()) <= municipalities


def test_rewording_an_item_changes_its_fingerprint(content, tmp_path, instrument):
    content["dimensions"][0]["items"][0]["nl"] = "Meten is weten, maar niet altijd."
    assert load(content, tmp_path).items["INF1"].fingerprint != instrument.items["INF1"].fingerprint


def test_all_faults_of_the_file_come_at_once(content, tmp_path):
    content["dimensions"][0]["items"][0]["origin"] = "deck"
    del content["dimensions"][1]["nl"]
    content["scoring"]["confidence"] = 95
    content["scale"]["no_opinion"][0]["reason"] = "lazy"
    with pytest.raises(InputError) as raised:
        load(content, tmp_path)
    message = str(raised.value)
    assert len(raised.value.problems) == 4
    assert all(part in message for part in ("'deck'", "nl is missing", "95", "'lazy'"))


def test_code_used_twice_is_refused(content, tmp_path):
    content["dimensions"][1]["items"][0]["id"] = "INF1"
    with pytest.raises(InputError, match="INF1: this code is used twice"):
        load(content, tmp_path)


def test_two_items_of_one_wording_are_refused(content, tmp_path):
    content["dimensions"][1]["items"][0]["nl"] = content["dimensions"][0]["items"][0]["nl"].upper()
    with pytest.raises(InputError, match="two items have the wording"):
        load(content, tmp_path)


def test_code_too_long_for_limesurvey_is_refused(content, tmp_path):
    content["respondent"][2]["values"][0]["code"] = "ambtenaar"
    with pytest.raises(InputError, match="5 letters or digits at most"):
        load(content, tmp_path)


def test_anchors_must_be_numbered_from_one(content, tmp_path):
    content["scale"]["anchors"][0]["value"] = 2
    with pytest.raises(InputError, match="Number them 1, 2, 3"):
        load(content, tmp_path)


def test_trim_bounds_must_hold_one_between_them(content, tmp_path):
    content["weighting"]["trim"] = [1.5, 3.0]
    with pytest.raises(InputError, match="two bounds with 1 between them"):
        load(content, tmp_path)


def test_missing_respondent_field_is_named(content, tmp_path):
    content["respondent"] = [entry for entry in content["respondent"] if entry["id"] != "role"]
    with pytest.raises(InputError, match="respondent: role is missing"):
        load(content, tmp_path)


def test_list_where_names_are_expected_is_refused(content, tmp_path):
    content["scale"] = ["1", "2"]
    with pytest.raises(InputError, match="scale: must be a mapping of fields"):
        load(content, tmp_path)


def test_other_places_replace_municipalities_and_villages(write, instrument):
    path = write("nis_code,name,village\n11002,Antwerpen,Ekeren\n11002,Antwerpen,Hoboken\n11005,Boom,\n")
    other = instrument.with_places(*read_other_places(path))
    assert [choice.id for choice in other.question("nis_code").choices] == ["11002", "11005"]
    assert other.question("village").parents == {"Ekeren": "11002", "Hoboken": "11002"}
    assert other.question("role") == instrument.question("role")


def test_faults_of_other_places_come_at_once(write):
    path = write("nis_code,name,village\n1102,Antwerpen,Meer\n11005,Boom,Meer\n")
    with pytest.raises(InputError) as raised:
        read_other_places(path)
    assert [problem.where for problem in raised.value.problems] == ["export.csv, row 2", "export.csv, row 3"]


def test_places_without_a_code_column_are_refused(write):
    with pytest.raises(InputError, match="lacks the columns nis_code; it has name, village"):
        read_other_places(write("name,village\nBoom,Boom\n"))
