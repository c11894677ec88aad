import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resilience_analysis.foundation.errors import InputError, UsageError
from resilience_analysis.survey.exports import survey_tools
from resilience_analysis.survey.import_report import PROBLEM_COLUMNS, write_import
from resilience_analysis.survey.importing import ImportOptions, import_answers
from resilience_analysis.survey.mapping import OFF_SCALE
from resilience_analysis.survey.privacy import pseudonym_id
from resilience_analysis.survey.responses import NOT_ASKED, check_survey_table, read_answers, reason_code, to_table

from .conftest import numbered, whys

EMPTY, DONT_KNOW, NOT_APPLICABLE = (reason_code(reason) for reason in ("empty", "unknown", "not_applicable"))
KEY = bytes(32)


def test_answers_and_people_are_read(run_import):
    found = run_import(
        "gemeente,rol,dienst,INF1,LER2\nOlen,inwoner,onderwijs,3,helemaal akkoord\n13011,ambt,,weet niet,\n"
    )
    assert found.responses.codes.to_numpy().tolist() == [[3, 4], [DONT_KNOW, EMPTY]]
    people = found.responses.people
    assert people["nis_code"].tolist() == ["13029", "13011"]
    assert people["role"].tolist() == ["inwoner", "ambtenaar"]
    assert people["background"].tolist() == ["onderwijs", None]
    assert set(people["wave"]) == {"2026"}
    assert not found.problems


def test_rows_in_are_used_or_explained(run_import):
    found = run_import("gemeente,INF1\nOlen,3\nOlen,\n,\nOlen,misschien\nOlen,2\n")
    assert (found.submissions.rows_in, found.rows_used, found.rows_explained) == (4, 2, 2)
    assert whys(found.problems) == {
        ("3", ""): "no statement was answered",
        ("5", ""): "no statement was answered",
        ("5", "INF1"): "not an answer of this scale; counted as no answer",
    }


def test_do_not_know_alone_is_an_answer(run_import):
    assert run_import("gemeente,INF1\nOlen,weet niet\n").rows_used == 1


def test_wrong_answer_leaves_the_rest_of_the_row(run_import):
    found = run_import("INF1,INF2\n3,7\n")
    assert found.responses.codes.to_numpy().tolist() == [[3, EMPTY]]
    assert found.problems[0].value == "7"


def test_column_on_another_scale_is_left_out_whole(run_import):
    found = run_import("INF1,INF2\n3,akkoord\n2,neutraal\n")
    assert list(found.responses.codes) == ["INF1"]
    assert "INF2 is left out: has labels of another scale" in whys(found.problems)["", "INF2"]


def test_identifying_columns_never_reach_a_table(run_import, tmp_path):
    secret = ["jan.peeters@olen.be", "Jan Peeters", "81.82.200.4", "2026-03-01 09:31:22"]
    text = "E-mail,Naam,IP address,Tijdstempel,gemeente,INF1\n" + ",".join(secret) + ",Olen,3\n"
    text += ",".join(secret) + ",jan.peeters@olen.be,vier\n"
    path = tmp_path / "raw.csv"
    path.write_text(text)
    found = run_import(path)
    write_import(tmp_path / "out", found, path, "2026")
    for file in (tmp_path / "out").iterdir():
        written = file.read_text(encoding="utf-8")
        assert not [value for value in secret if value in written], file.name
    assert json.loads((tmp_path / "out" / "import.json").read_text())["identifying"] == ["A", "B", "C", "D"]


def test_respondents_get_random_numbers_and_lose_their_order(write, instrument):
    path = write("INF1\n" + "\n".join("1234" * 10) + "\n")
    first, second = (import_answers(path, instrument, ImportOptions("2026")).responses for _ in range(2))
    assert not set(first.people["respondent"]) & set(second.people["respondent"])
    assert first.people["respondent"].is_monotonic_increasing
    assert first.codes["INF1"].tolist() != [1, 2, 3, 4] * 10 or second.codes["INF1"].tolist() != [1, 2, 3, 4] * 10


def test_pseudonym_gives_one_number_in_every_wave(run_import):
    text = "eigencode,INF1\nab12,3\nAB12 x,4\n,2\n"
    waves = [run_import(text, key=lambda: KEY, wave=wave, ids=numbered(wave)) for wave in ("2026", "2027")]
    earlier, later = (set(found.responses.people["respondent"]) for found in waves)
    assert earlier & later == {pseudonym_id("ab12", KEY), pseudonym_id("AB12 x", KEY)}
    assert len(earlier) == len(later) == 3


def test_pseudonym_of_two_people_follows_neither(run_import):
    people = run_import("eigencode,INF1\nab12,3\nAB-12,4\nab 12,1\ncd34,2\n", key=lambda: KEY).responses.people
    numbers = set(people["respondent"])
    assert pseudonym_id("cd34", KEY) in numbers
    assert pseudonym_id("ab 12", KEY) not in numbers
    assert len(numbers) == 4


def test_key_is_not_asked_for_without_pseudonyms(run_import):
    def refuse():
        raise AssertionError

    run_import("INF1\n3\n", key=refuse)


def test_unfinished_responses_are_used_and_counted(run_import):
    found = run_import("submitdate,lastpage,INF1\n2026-01-01,3,4\n,1,2\n,1,\n")
    assert (found.unfinished, found.rows_used) == (1, 2)


def test_village_team_questions_do_not_apply_to_others(run_import):
    found = run_import("rol,INF1,DT1\ninwoner,3,\ndorpsteamlid,3,\ninwoner,3,2\n,3,\n")
    assert found.responses.codes["DT1"].tolist() == [NOT_APPLICABLE, EMPTY, 2, EMPTY]


def test_counts_ask_each_person_one_statement(run_import):
    found = run_import("statement,position,count,gemeente\nINF1,3,2,Olen\nINF2,9,1,Olen\n")
    assert found.responses.codes.to_numpy().tolist() == [[3, NOT_ASKED], [3, NOT_ASKED], [NOT_ASKED, DONT_KNOW]]
    assert set(found.responses.people["nis_code"]) == {"13029"}


def test_several_ticked_choices_are_listed(run_import):
    found = run_import("rol/ambtenaar;rol/inwoner;INF1;_id;_uuid\n1;0;3;1;a\n1;1;3;2;b\n")
    assert found.responses.people["role"].tolist() == ["ambtenaar", None]
    assert whys(found.problems)["3", "rol/ambtenaar"] == "several values where one is asked"


def test_village_elsewhere_is_listed_and_left_out(run_import):
    found = run_import("gemeente,deelgemeente,INF1\nHerentals,Morkhoven,3\nOlen,Morkhoven,3\n")
    assert found.responses.people["village"].tolist() == ["Morkhoven", None]
    assert ("3", "deelgemeente") in whys(found.problems)


def test_fixed_values_hold_for_every_respondent(run_import):
    found = run_import("INF1\n3\n4\n", mapping={"fixed": {"nis_code": "Olen", "role": "Inwoner"}})
    assert set(found.responses.people["nis_code"]) == {"13029"}
    assert set(found.responses.people["role"]) == {"inwoner"}


def test_fixed_value_that_is_none_is_wrong_use(run_import):
    with pytest.raises(UsageError, match="'piloot': is not a known role"):
        run_import("INF1\n3\n", mapping={"fixed": {"role": "piloot"}})


def test_mapping_decides_on_columns_answers_and_values(run_import):
    mapping = {
        "columns": {"INF1": "q1", "LER1": "q2", "nis_code": "where"},
        "answers": {"Often": 4, "Never": 1, "Sometimes": OFF_SCALE},
        "values": {"nis_code": {"Home": "13011"}},
        "out_of_scale": frozenset({"LER1"}),
    }
    found = run_import("q1,q2,where\nOften,Often,Home\nSometimes,Never,Home\nnever,Often,Nowhere\n", mapping=mapping)
    assert found.responses.codes.to_dict("list") == {"INF1": [4, 1]}
    assert whys(found.problems)["", "q2"] == "LER1 is left out: the mapping says it is out of scale"
    assert whys(found.problems)["4", "where"] == "is not a known municipality"
    assert whys(found.problems)["3", "q1"].startswith("not an answer of this scale")


def test_unmatched_columns_are_listed(run_import, write):
    found = run_import("INF1,Hoe gaat het?\n3,goed\n")
    assert whys(found.problems) == {("", "Hoe gaat het?"): "matches no item or field; left out"}


def test_file_without_any_item_is_refused_with_advice(run_import):
    with pytest.raises(
        InputError, match=r"no item is recognised among its 2 headings.*Name the columns in a mapping file"
    ):
        run_import("a,b\n1,2\n")


def test_made_up_answers_stay_marked(run_import):
    found = run_import("INF1,synthetisch\n3,ja\n")
    assert found.synthetic
    assert found.responses.people["respondent"].str.startswith("synthetic-").all()


def test_import_writes_what_the_schema_asks(run_import, tmp_path, write):
    path = write("gemeente,deelgemeente,INF1,INF2\nOlen,=2+5,3,9\nOlen,Olen,x,\n", "raw.csv")
    found = run_import(path)
    paths = write_import(tmp_path / "out", found, path, "2026")
    assert [path.name for path in paths] == ["answers.csv", "problems.csv", "import.json"]
    check_survey_table(read_answers(tmp_path / "out"), "answers")
    content = json.loads(paths[2].read_text(encoding="utf-8"))
    assert content["rows_in"] == content["rows_used"] + content["rows_explained"] == 2
    assert content["wordings"].keys() == {"INF1", "INF2"}
    assert "/" not in content["file"]
    for written in paths[:2]:
        assert not any(cell.startswith("=") for line in written.read_text().splitlines() for cell in line.split(","))


def test_problems_table_has_four_columns_and_hides_people(run_import, tmp_path, write):
    found = run_import("rol,INF1\nbel jan@olen.be,3\n")
    write_import(tmp_path / "out", found, write(""), "2026")
    assert (tmp_path / "out" / "problems.csv").read_text().splitlines() == [
        ",".join(PROBLEM_COLUMNS),
        "2,rol,,is not a known role",
    ]


def test_same_file_and_numbers_give_the_same_bytes(write, instrument, tmp_path):
    path = write("gemeente,INF1\nOlen,3\nOlen,x\nHerentals,4\n")
    contents = []
    for name in ("one", "two"):
        found = import_answers(path, instrument, ImportOptions("2026", ids=numbered()))
        contents.append([p.read_bytes() for p in write_import(tmp_path / name, found, path, "2026")])
    assert contents[0] == contents[1]


cells = st.sampled_from(["1", "2", "3", "4", "9", "", "akkoord", "x", "5", "weet niet", "=1", "a@b.be", '"', "\n", "é"])
tables = st.lists(st.lists(cells, min_size=4, max_size=4), min_size=0, max_size=8)
heads = st.permutations(["INF1", "gemeente", "rol", "LER1. Iets anders dan gevraagd", "submitdate", "Vraag"])


@settings(deadline=None, max_examples=120)
@given(headings=heads, rows=tables, tool=st.sampled_from(["auto", *sorted(survey_tools())]))
def test_no_row_is_ever_lost_in_silence(tmp_path_factory, instrument, headings, rows, tool):
    path = tmp_path_factory.mktemp("any") / "export.csv"
    pd.DataFrame(rows, columns=headings[:4]).to_csv(path, index=False)
    try:
        found = import_answers(path, instrument, ImportOptions("2026", tool=tool))
    except InputError:
        return
    used = set(found.submissions.cells.index)
    explained = [remark.row for remark in found.submissions.set_aside]
    assert len(explained) == len(set(explained))
    assert not used & set(explained)
    assert found.submissions.rows_in == found.rows_used + found.rows_explained == len(used) + len(explained)
    assert set(explained) <= {remark.row for remark in found.problems}
    if tool not in {"mentimeter", "qualtrics", "surveymonkey"}:  # of several heading rows
        assert found.submissions.rows_in == sum(any(map(str.strip, row)) for row in rows)  # blank ones are no rows
    check_survey_table(to_table(found.responses), "answers")


@settings(deadline=None, max_examples=120)
@given(
    content=st.one_of(st.binary(max_size=300), st.text(max_size=200).map(str.encode)),
    tool=st.sampled_from(["auto", *sorted(survey_tools())]),
)
def test_any_bytes_give_a_table_or_a_refusal(tmp_path_factory, instrument, content, tool):
    path = tmp_path_factory.mktemp("any") / "export.csv"
    path.write_bytes(b"INF1,gemeente\n3,Olen\n" + content)
    try:
        found = import_answers(path, instrument, ImportOptions("2026", tool=tool))
    except InputError:
        return
    assert found.submissions.rows_in == found.rows_used + found.rows_explained
    assert len(set(found.problems)) == len(found.problems)


def test_order_of_rows_does_not_change_the_answers(write, instrument):
    lines = [f"{place},{answer}" for place in ("Olen", "Herentals") for answer in "12344"]
    results = []
    for order in (lines, lines[::-1]):
        path = write("gemeente,INF1\n" + "\n".join(order) + "\n")
        table = to_table(import_answers(path, instrument, ImportOptions("2026")).responses)
        results.append(table.groupby(["nis_code", "answer"]).size())
    pd.testing.assert_series_equal(*results)
    assert np.array_equal(results[0].to_numpy(), [1, 1, 1, 2, 1, 1, 1, 2])


def test_cells_beyond_the_headings_are_named(run_import):
    found = run_import("INF1,INF2\n3,4\n2,1,3,x\n1,1,,y\n")
    assert whys(found.problems) == {
        ("", "column 3"): "has no heading; left out, in row 3",
        ("", "column 4"): "has no heading; left out, in row 3, 4",
    }


def test_formula_is_no_village(run_import):
    found = run_import("dorp,INF1\n=A1,3\n")
    assert found.responses.people["village"].tolist() == [None]
    assert [problem.value for problem in found.problems] == ["=A1"]


def test_blank_column_that_matches_nothing_is_no_problem(run_import, tmp_path, write):
    source = "INF1,informatie_uitleg,opmerking\n3,,\n4,,goed\n"
    found = run_import(source)
    assert [problem.column for problem in found.problems] == ["opmerking"]
    write_import(tmp_path / "out", found, write(source), "2026")
    assert json.loads((tmp_path / "out" / "import.json").read_text())["blank"] == ["B"]


def test_error_of_a_spreadsheet_is_not_taken_for_not_applicable(run_import):
    found = run_import("INF1,INF2\n#N/A,3\nN/A,3\n")
    assert whys(found.problems) == {("2", "INF1"): "not an answer of this scale; counted as no answer"}


def test_row_of_a_tally_says_once_what_is_wrong_with_it(run_import):
    found = run_import("stelling,positie,aantal,gemeente\nINF1,3,40,Nergens\n")
    assert [(problem.row, problem.value) for problem in found.problems] == [("2", "Nergens")]
