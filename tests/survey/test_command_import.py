"""The commands that ask, import, check and make examples, as a user types them."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from resilience_analysis.survey.exports import survey_tools


def test_import_goes_to_the_private_folder_by_default(call):
    code, said = call("import", "export.csv", "--wave", "2026")
    assert code == 0
    folder = Path("data/private/2026/export")
    assert {path.name for path in folder.iterdir()} == {"answers.csv", "problems.csv", "import.json"}
    assert "recognised as limesurvey" in said
    assert "7 rows in = 7 used + 0 explained" in said
    assert "1 columns match nothing and are left out: H" in said
    for path in folder.iterdir():
        assert "@olen.be" not in path.read_text()


def test_import_takes_fixed_values_and_refuses_wrong_ones(call):
    Path("export.csv").write_text("INF1\n3\n4\n")
    assert (
        call("import", "export.csv", "--wave", "2026", "--out", "o", "--set", "nis_code=Olen", "--set", "role=inw")[0]
        == 0
    )
    answers = pd.read_csv("o/answers.csv", dtype=str)
    assert set(answers["nis_code"]) == {"13029"}
    assert set(answers["role"]) == {"inwoner"}
    for wrong in ("role=piloot", "rol=inwoner", "role"):
        assert call("import", "export.csv", "--wave", "2026", "--out", "o", "--set", wrong)[0] == 2


def test_import_with_a_mapping_reads_other_headings(call):
    Path("export.csv").write_text("vraag 1,vraag 2\nvaak,1\nnooit,2\n")
    Path("map.yml").write_text("columns: {INF1: vraag 1}\nanswers: {vaak: 4, nooit: 1}\n")
    assert call("import", "export.csv", "--wave", "2026", "--out", "o", "--mapping", "map.yml")[0] == 0
    assert sorted(pd.read_csv("o/answers.csv")["answer"]) == [1, 4]


def test_import_checks_codes_against_the_projects_municipalities(call):
    folder = Path("data/processed")
    folder.mkdir()
    (folder / "municipalities.csv").write_text("nis_code,name,x\n13029,Olen,1\n11002,Antwerpen,1\n")
    Path("export.csv").write_text("gemeente,INF1\nANTWERPEN,3\n99999,3\n")
    assert call("import", "export.csv", "--wave", "2026", "--out", "o")[0] == 0
    assert pd.read_csv("o/answers.csv", dtype=str)["nis_code"].dropna().tolist() == ["11002"]
    assert pd.read_csv("o/problems.csv", dtype=str).loc[0].tolist() == [
        "3",
        "gemeente",
        "99999",
        "is not a known municipality",
    ]


def test_pseudonyms_pair_people_over_imports(call):
    Path("export.csv").write_text("eigencode,gemeente,INF1\nab12,Olen,3\n,Olen,4\n")
    for wave in ("2025", "2026"):
        assert call("import", "export.csv", "--wave", wave)[0] == 0
    names = [set(pd.read_csv(f"data/private/{wave}/export/answers.csv")["respondent"]) for wave in ("2025", "2026")]
    assert len(names[0] & names[1]) == 1
    assert Path("data/private/pseudonym.key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("wave", ["voorjaar", "26", "20267"])
def test_wave_without_a_year_is_wrong_use(call, wave):
    code, said = call("import", "export.csv", "--wave", wave)
    assert code == 2
    assert "a wave begins with its year" in said


def test_file_that_does_not_exist_is_wrong_use(call):
    code, said = call("import", "nowhere.csv", "--wave", "2026")
    assert (code, "nowhere.csv does not exist" in said) == (2, True)


def test_import_without_usable_rows_ends_with_one_and_keeps_the_reasons(call):
    Path("export.csv").write_text("gemeente,INF1\nOlen,misschien\n")
    code, said = call("import", "export.csv", "--wave", "2026", "--out", "o")
    assert code == 1
    assert "no row could be used: its columns are on another scale. problems.csv says more" in said
    assert len(pd.read_csv("o/problems.csv")) == 2


@pytest.mark.parametrize("tool", sorted(survey_tools()))
def test_example_of_every_tool_can_be_imported_and_estimated(call, tool):
    name = "example.xlsx" if tool in {"microsoft_forms", "mentimeter"} else "example.csv"
    assert call("example", "--tool", tool, "--out", name)[0] == 0
    assert call("import", name, "--wave", "2026", "--out", "o")[0] == 0
    assert json.loads(Path("o/import.json").read_text())["synthetic"]
    assert call("estimate", "o", "--by", "nis_code", "--out", "e")[0] == 0
    items = pd.read_csv("e/items.csv")
    assert set(items["data"]) == {"synthetic"}
    assert items["mean"].notna().any()
    dimensions = pd.read_csv("e/dimensions.csv")
    assert dimensions["score"].notna().any() == (tool != "tally")


def test_check_finds_nothing_wrong_with_what_was_imported(call):
    call("import", "export.csv", "--wave", "2026")
    code, said = call("check", "data/private")
    assert code == 0
    assert "nothing is wrong" in said


def test_check_lists_faults_and_ends_with_one(call):
    call("import", "export.csv", "--wave", "2026", "--out", "o")
    text = Path("o/answers.csv").read_text()
    Path("o/answers.csv").write_text(text.replace("INF1", "XYZ1"))
    code, said = call("check", "o")
    assert code == 1
    assert "items that are not in items.yml: XYZ1" in said
    assert "lies outside data/private" in said


def test_check_sees_an_export_that_was_imported_twice(call):
    for name in ("one", "two"):
        call("import", "export.csv", "--wave", "2026", "--out", f"data/private/{name}")
    code, said = call("check", "data/private")
    assert code == 1
    assert "comes from the same export as one/answers.csv" in said


@pytest.mark.parametrize(
    ("form", "name"),
    [("xlsform", "f.xlsx"), ("limesurvey", "f.txt"), ("csv", "f.csv"), ("md", "f.md"), ("md", "f.html")],
)
def test_questionnaire_is_written_in_every_form(call, form, name):
    code, said = call("questionnaire", "--format", form, "--out", name)
    assert code == 0
    assert f"wrote {name}" in said
    assert Path(name).stat().st_size > 1000


def test_questionnaire_can_ask_about_other_places(call):
    Path("places.csv").write_text("nis_code,name,village\n11002,Antwerpen,Ekeren\n")
    assert call("questionnaire", "--format", "md", "--out", "f.md", "--places", "places.csv")[0] == 0
    text = Path("f.md").read_text(encoding="utf-8")
    assert "Ekeren" in text
    assert "Herentals" not in text


@pytest.mark.parametrize("options", [["--format", "pdf"], ["--lang", "xx"], ["--places", "nowhere.csv"]])
def test_questionnaire_of_an_unknown_kind_is_wrong_use(call, options):
    assert call("questionnaire", *options)[0] == 2


def test_every_tool_that_is_read_is_listed_with_what_it_is(call):
    code, said = call("tools")
    assert code == 0
    assert [line.partition(": ")[0] for line in said.splitlines()] == sorted(survey_tools())
    assert all(len(line.partition(": ")[2]) > 20 for line in said.splitlines())


def test_unknown_tool_names_the_nearest(call):
    code, said = call("import", "export.csv", "--wave", "2026", "--tool", "limesurvy")
    assert code == 2
    assert "did you mean 'limesurvey'" in said
