"""Inputs that once failed, each with its right result: the structure of what people bring, read by the whole road."""

from __future__ import annotations

import numpy as np
import pytest

from resilience_analysis.foundation.errors import InputError
from resilience_analysis.survey.import_report import tell, write_import
from resilience_analysis.survey.importing import ImportOptions, import_answers
from resilience_analysis.survey.mapping import read_mapping
from resilience_analysis.survey.privacy import pseudonym_id
from resilience_analysis.survey.responses import read_answers, reason_code
from resilience_analysis.survey.sharing import export_answers
from resilience_analysis.survey.tables import estimate_file
from resilience_analysis.survey.weights import EstimateOptions

UNKNOWN = reason_code("unknown")
OUT = {
    "C05a_five_points_mee_oneens.csv": {"Niet mee eens, niet mee oneens": 20},
    "C05c_five_points_en.csv": {"Neither": 20},
    "C32_half_unreadable.csv": {"Volledig mee oneens": 6, "helemaal akkoord": 6},
    "C53e_tally_five.csv": {"eens noch oneens": 32},
    "C06a_four_points_nl.csv": {"Niet akkoord": 5, "Eerder niet akkoord": 5},
    "C06c_six_points_nl.csv": {"oneens": 5, "eerder oneens": 5},
    "C07a_matrix_one_without_neutral.csv": {"neutraal": 6, "oneens": 8},
}
USED = {  # rows in, used
    "C01_surveymonkey_two_heading_rows.csv": (12, 12),
    "C04_qualtrics_status_labels.csv": (14, 7),
    "C08_forms_download.csv.zip": (None, None),
    "C09_kobo_validation_status.csv": (10, 8),
    "C10_digits_in_dress.csv": (19, 19),
    "C11_google_grid_fr.csv": (6, 6),
    "C11_google_grid_nl.csv": (6, 6),
    "C11_limesurvey_text_fr.csv": (6, 6),
    "C11_limesurvey_text_nl.csv": (6, 6),
    "C20_kobo_labels_1_notes.csv": (10, 10),
    "C20_kobo_labels_8_notes.csv": (10, 10),
    "C30_bom_in_first_option.csv": (20, 20),
    "C42_checkmarket.csv": (6, 6),
    "C44_duplicate_submissions.csv": (4, 2),
    "C66_x000D_line_breaks.xlsx": (6, 6),
}
REFUSED = {
    "C20_unescaped_quote.csv": "row 4 has a quote that is not closed",
    "C12_kobo_same_name_in_two_groups.csv": r"INF1 appears in 2 columns \(B, C\)",
    "C43b_same_heading_twice.csv": r"INF2 appears in 2 columns \(D, F\)",
    "C13_no_heading_row.csv": "no item is recognised among its 6 headings",
}


@pytest.fixture
def case(shared, instrument):
    def read(name, **options):
        path = shared / "cases" / "survey" / name
        return import_answers(path, instrument, ImportOptions("2026", **options))

    return read


@pytest.mark.parametrize("name", OUT)
def test_column_on_another_scale_is_out_with_its_labels_and_a_mapping(case, instrument, name):
    found = case(name)
    assert found.responses.codes.empty
    told = tell(found, instrument)
    assert len(found.refusals) == 1
    for label, count in OUT[name].items():
        assert found.refusals[0].labels[label] == count
        assert f"'{label}' {count}" in " ".join(told.problems)
        assert f'"{label}": ' in told.mapping


def test_mapping_as_it_is_written_reads_the_answers_that_have_one_meaning(case, instrument, tmp_path):
    (tmp_path / "map.yml").write_text(tell(case("C07a_matrix_one_without_neutral.csv"), instrument).mapping)
    found = case("C07a_matrix_one_without_neutral.csv", mapping=read_mapping(tmp_path / "map.yml", instrument))
    assert found.responses.codes.shape == (12, 3)
    assert (found.responses.codes["INF3"] == 2).sum() == 4


@pytest.mark.parametrize("name", USED)
def test_every_row_that_is_an_answer_is_used(case, name):
    found = case(name)
    rows, used = USED[name]
    assert found.rows_used == (used if used is not None else found.submissions.rows_in) > 0
    assert rows in (None, found.submissions.rows_in)
    assert not found.refusals


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_with_its_reason(case, name):
    with pytest.raises(InputError, match=REFUSED[name]) as raised:
        case(name)
    assert not [word for word in ("janssens", "Peeters", "0470") if word in str(raised.value)]


def test_people_of_both_heading_rows_are_known(case):
    assert case("C01_surveymonkey_two_heading_rows.csv").known == {"nis_code": 12, "role": 12, "pseudonym": 0}


def test_answers_read_the_same_in_every_language_of_the_tool(case):
    for tool in ("google_grid", "limesurvey_text"):
        dutch, french = (case(f"C11_{tool}_{lang}.csv") for lang in ("nl", "fr"))
        assert french.submissions.tool == dutch.submissions.tool
        assert french.unfinished == dutch.unfinished
        assert sorted(french.responses.codes.to_numpy().tolist()) == sorted(dutch.responses.codes.to_numpy().tolist())


def test_codes_of_a_mapping_keep_their_sign_and_their_point(case, instrument, tmp_path):
    mapping = tmp_path / "map.yml"
    for one in ("1", "1.0"):
        mapping.write_text(f"""
columns: {{INF1: q1, INF2: q2}}
answers: {{"{one}": 1, "2": 2, "-2": 2, "3": 3, "4": 4, "-99": unknown}}
""")
        found = case("C02_negative_code.csv", mapping=read_mapping(mapping, instrument)).responses.codes
        assert sorted(found["INF1"]) == [UNKNOWN, 1, 2, 2, 4]
        assert sorted(found["INF2"]) == [UNKNOWN, UNKNOWN, 2, 3, 4]


def test_yes_and_no_are_text_in_a_mapping(case, instrument, tmp_path):
    (tmp_path / "map.yml").write_text("columns: {INF1: q1}\nanswers: {Yes: 4, No: 1, Maybe: 2}\n")
    found = case("C03_yes_no.csv", mapping=read_mapping(tmp_path / "map.yml", instrument)).responses.codes
    assert np.bincount(found["INF1"]).tolist() == [0, 3, 5, 0, 6]


def test_previews_can_be_kept(case):
    assert case("C04_qualtrics_status_labels.csv", keep=["previews"]).rows_used == 10


def test_column_can_be_mapped_by_its_letter(case, instrument, tmp_path):
    (tmp_path / "map.yml").write_text("columns: {INF1: column E, INF2: F}\n")
    found = case("C43b_same_heading_twice.csv", mapping=read_mapping(tmp_path / "map.yml", instrument))
    assert set(map(tuple, found.responses.codes.to_numpy())) == {(3, 4)}


def test_percentages_without_a_number_of_people_say_so(case):
    found = case("C53b_tally_percent.csv")
    assert found.rows_used == 0
    assert {remark.why for remark in found.submissions.set_aside} == {
        "the counts are percentages, and no column such as n says how many people answered"
    }


def test_code_of_ones_own_is_kept_with_what_the_page_prints_behind_it(case):
    key = bytes(32)
    plain, printed = (
        set(case(f"msforms_nl_{name}.xlsx", key=lambda: key).responses.people["respondent"])
        for name in ("zonder_toevoeging", "niet_verplicht")
    )
    assert plain == printed
    assert len(plain) == 45
    assert pseudonym_id("x", key) not in plain


def test_nothing_of_a_person_is_in_what_an_import_says_or_writes(case, instrument, shared, tmp_path):
    name = "C01_surveymonkey_two_heading_rows.csv"
    found = case(name)
    write_import(tmp_path, found, shared / "cases" / "survey" / name, "2026")
    told = tell(found, instrument)
    said = " ".join([*told.details, *told.problems, told.mapping, *(p.read_text() for p in tmp_path.iterdir())])
    assert not [secret for secret in ("p0@voorbeeld.be", "Achternaam", "10.0.0.1", "100000000") if secret in said]


def test_answers_of_people_who_all_said_the_same_are_not_passed_on(case, instrument, shared, tmp_path):
    name = "C61_export_homogeneous.csv"
    write_import(tmp_path / "wave", case(name), shared / "cases" / "survey" / name, "2026")
    with pytest.raises(InputError, match="in 2 of 2 combinations all gave the same answer to a statement"):
        export_answers(tmp_path / "shared.csv", read_answers(tmp_path / "wave"), instrument)
    assert not (tmp_path / "shared.csv").exists()


def estimated(shared, instrument, name, **options):
    place = shared / "cases" / "survey"
    return estimate_file(
        place / f"{name}.csv", EstimateOptions("g", items=place / f"{name}_items.csv", **options), instrument
    )


def test_group_of_six_who_all_answered_alike_is_hidden_with_what_would_give_it_away(shared, instrument):
    items = estimated(shared, instrument, "S88").tables["items.csv"].set_index("by")
    assert items["status"].tolist() == ["ok", "suppressed", "suppressed"]
    assert items.loc[["b", "c"]].drop(columns=["item", "status", "hidden_because"]).isna().all(axis=None)


@pytest.mark.parametrize(
    ("name", "said"),
    [("S14", "the margins are not met"), ("S184", "margin age: 1 respondent has no value")],
)
def test_margins_that_cannot_be_met_or_matched_are_refused_with_their_reason(shared, instrument, name, said):
    with pytest.raises(InputError, match=said):
        estimated(shared, instrument, name, margins=shared / "cases" / "survey" / f"{name}_margins.csv")
