"""The commands of the self-assessment as a user types them: exit codes, words, files."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pandas as pd
import pytest

from resilience_analysis.cli import main
from resilience_analysis.survey import command as survey
from resilience_analysis.survey.exports import TOOLS

LIKERT = "who,place,role,A1,A2,B1\n" + "".join(
    f"r{n},{place},{'a' if n % 2 else 'b'},{1 + n % 4},{1 + (n // 2) % 4},{4 - n % 4}\n"
    for place, size in (("big", 20), ("mid", 8), ("tiny", 3))
    for n in range(size)
)
ITEMS = "item,dimension,reverse\nA1,A,FALSE\nA2,A,FALSE\nB1,B,TRUE\n"
EXPORT = "submitdate;lastpage;E-mail;gemeente;rol;INF1;INF2;Opmerking\n" + "".join(
    f"2026-01-0{n};3;mens{n}@olen.be;Olen;inwoner;{n % 4 + 1};akkoord;vrij\n" for n in range(1, 8)
)


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    """Run ``resilience survey`` in a project of its own; give the exit code, what was said, and the folder."""
    (tmp_path / "data" / "raw").mkdir(parents=True)
    (tmp_path / "data" / "raw" / "sources.yml").write_text("{}\n")
    (tmp_path / "answers.csv").write_text(LIKERT)
    (tmp_path / "items.csv").write_text(ITEMS)
    (tmp_path / "export.csv").write_text(EXPORT)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RESILIENCE_PROJECT", str(tmp_path))
    monkeypatch.delenv("RESILIENCE_EXAMPLE", raising=False)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["resilience", "survey", *arguments])
        with pytest.raises(SystemExit) as stopped:
            main()
        said = capsys.readouterr()
        return int(stopped.value.code or 0), said.out + said.err

    return run


def estimate(call, *options, answers="answers.csv"):
    return call("estimate", answers, "--items", "items.csv", "--by", "place", "--out", "out", *options)


def test_estimate_writes_four_tables_and_says_so(call):
    code, said = estimate(call)
    assert code == 0
    assert sorted(path.name for path in Path("out").iterdir()) == [
        "dimensions.csv",
        "items.csv",
        "reliability.csv",
        "representation.csv",
    ]
    assert "wrote out/items.csv" in said
    assert "items.csv: 6 suppressed, 3 ok" in said


def test_public_tables_hide_and_internal_tables_are_stamped(call):
    estimate(call)
    public = pd.read_csv("out/items.csv")
    assert public[public["by"] == "tiny"].drop(columns=["by", "item", "status"]).isna().all(axis=None)
    estimate(call, "--internal")
    internal = pd.read_csv("out/items.csv")
    assert internal["mean"].notna().all()
    assert set(internal["publication"]) == {"not for publication"}


def test_missing_codes_can_be_given_apart_or_together(call):
    Path("answers.csv").write_text(LIKERT.replace(",4\n", ",9\n").replace(",1\n", ",8\n"))
    assert estimate(call)[0] == 1
    assert estimate(call, "--missing", "9")[0] == 1
    assert estimate(call, "--missing", "9,8")[0] == 0
    assert estimate(call, "--missing", "9", "--missing", "8")[0] == 0


def test_extra_tables_come_when_asked(call):
    assert estimate(call, "--total", "--shrink", "--gap", "role:a:b")[0] == 0
    assert {path.name for path in Path("out").iterdir()} >= {"shrunk.csv", "gap.csv"}
    assert "total" in set(pd.read_csv("out/items.csv")["by"])


def test_raking_reports_effective_number_and_design_effect(call):
    Path("margins.csv").write_text("column,value,n\nrole,a,70\nrole,b,30\n")
    code, said = estimate(call, "--margins", "margins.csv")
    assert code == 0
    assert "effective n" in said
    assert "design effect" in said


def test_groups_of_the_population_that_nobody_answered_for_are_named(call):
    Path("population.csv").write_text("place,N\nbig,900\nmid,90\ntiny,9\nempty,9\n")
    code, said = estimate(call, "--population", "population.csv")
    assert code == 0, said
    assert "nobody answered in these groups of the population: empty" in said
    Path("population.csv").write_text("place,N\nbig,900\nmid,90\ntiny,9\n" + "".join(f"p{n},9\n" for n in range(9)))
    assert "of the population: p0, p1, p2, p3, p4 and 4 more" in estimate(call, "--population", "population.csv")[1]


def test_forgotten_reversal_is_warned_of(call):
    Path("items.csv").write_text("item,dimension,reverse\nA1,A,FALSE\nB1,A,FALSE\n")
    assert "warning: B1 runs against the rest of A" in estimate(call)[1]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--weight", "w"], "unknown column 'w'"),
        (["--interval", "bca"], "unknown interval"),
        (["--confidence", "95"], "a coverage of 95.0 is none"),
        (["--gap", "role"], "column:one:other"),
        (["--margins", "nowhere.csv"], "nowhere.csv does not exist"),
    ],
)
def test_wrong_use_ends_with_two(call, options, words):
    code, said = estimate(call, *options)
    assert code == 2
    assert words in said


def test_unusable_answers_end_with_one_and_their_rows(call):
    Path("answers.csv").write_text(LIKERT.replace("r0,big,b,1", "r0,big,b,7"))
    code, said = estimate(call)
    assert code == 1
    assert "answers.csv, column A1, row 2: '7' is not a position from 1 to 4" in said


def test_import_goes_to_the_private_folder_by_default(call):
    code, said = call("import", "export.csv", "--wave", "2026")
    assert code == 0
    folder = Path("data/private/2026/export")
    assert {path.name for path in folder.iterdir()} == {"answers.csv", "problems.csv", "import.json"}
    assert "recognised as limesurvey" in said
    assert "7 rows in = 7 used + 0 explained" in said
    assert "1 columns match nothing and are left out, such as Opmerking" in said
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
        "no known municipality",
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
    assert "problems.csv says why" in said
    assert len(pd.read_csv("o/problems.csv")) == 2


@pytest.mark.parametrize("tool", TOOLS)
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


def test_change_compares_two_waves(call):
    for wave in ("2025", "2026"):
        call("example", "--wave", wave, "--out", f"{wave}.csv")
        call("import", f"{wave}.csv", "--wave", wave, "--out", f"data/private/{wave}", "--key", "key")
    code, said = call("change", "data/private", "--earlier", "2025", "--later", "2026", "--out", "change.csv")
    assert code == 0
    table = pd.read_csv("change.csv", dtype={"nis_code": str})
    assert {"paired", "unpaired"} >= set(table["method"].dropna())
    assert (table["method"] == "paired").any()
    assert set(table["data"]) == {"synthetic"}
    assert (table.dropna(subset="change")["low"] <= table.dropna(subset="change")["change"]).all()
    code, said = call("change", "data/private", "--earlier", "2024", "--later", "2026", "--out", "change.csv")
    assert (code, "no answers of wave 2024" in said) == (2, True)


def test_several_waves_are_not_thrown_together(call):
    for wave in ("2025", "2026"):
        call("example", "--wave", wave, "--out", f"{wave}.csv")
        call("import", f"{wave}.csv", "--wave", wave, "--out", f"data/private/{wave}")
    estimate = ["estimate", "data/private", "--out", "e", "--by"]
    code, said = call(*estimate, "nis_code")
    assert (code, "the answers hold several waves: 2025, 2026" in said) == (2, True)
    assert call(*estimate, "nis_code", "--wave", "2024")[0] == 2
    assert call(*estimate, "nis_code", "--wave", "2025")[0] == 0
    assert pd.read_csv("e/representation.csv")["n"].sum() == 12 + 48 + 22 - 12
    assert call(*estimate, "wave")[0] == 0
    assert pd.read_csv("e/representation.csv")["n"].tolist() == [86, 116]


def test_check_sees_an_export_that_was_imported_twice(call):
    for name in ("one", "two"):
        call("import", "export.csv", "--wave", "2026", "--out", f"data/private/{name}")
    code, said = call("check", "data/private")
    assert code == 1
    assert "comes from the same export as one/answers.csv" in said


def test_export_refuses_until_nobody_stands_out(call):
    call("example", "--out", "example.csv")
    call("import", "example.csv", "--wave", "2026", "--out", "o")
    code, said = call("export", "o", "--out", "people.csv")
    assert code == 1
    assert "combinations of fewer than 5" in said
    drops = ["--drop", "role", "--drop", "background", "--drop", "village"]
    assert call("export", "o", "--out", "people.csv", *drops)[0] == 0
    table = pd.read_csv("people.csv")
    assert not {"respondent", "role", "village"} & set(table)


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


@pytest.mark.parametrize("options", [["--format", "pdf"], ["--lang", "fr"], ["--places", "nowhere.csv"]])
def test_questionnaire_of_an_unknown_kind_is_wrong_use(call, options):
    assert call("questionnaire", *options)[0] == 2


def test_help_names_every_tool_that_is_read():
    assert set(re.split(r", | or ", survey.TOOLS)) == set(TOOLS)


def test_unknown_tool_names_the_nearest(call):
    code, said = call("import", "export.csv", "--wave", "2026", "--tool", "limesurvy")
    assert code == 2
    assert "did you mean 'limesurvey'" in said
