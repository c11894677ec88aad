"""The commands on data, run on ten municipalities: what they say, what they change and how they end."""

from __future__ import annotations

import re

import pandas as pd
import pytest
import yaml

import resilience_analysis as ra
from resilience_analysis import build as pipeline
from resilience_analysis.batch.stale import input_digests, kept_for
from resilience_analysis.cli import data as commands
from resilience_analysis.data.catalogue import LOCK_FILE as FILE_NAME
from resilience_analysis.data.processed import LARGE, read_table
from resilience_analysis.notebook import _dataset, load_dataset

DWELLINGS = "statbel/dwellings.csv"


def change(project, file: str, old: str, new: str) -> None:
    path = project.raw / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_building_again_says_that_nothing_changed(resilience):
    answer = resilience("build")
    assert answer.code == 0
    assert "source (of 10 municipalities)" in answer.out
    assert "abb_residents_survey" in answer.out
    assert answer.out.splitlines()[-1] == "Nothing changed."


def test_the_first_build_says_what_was_written_and_nothing_of_changes(resilience, small_project):
    for path in small_project.processed.iterdir():
        path.unlink()
    answer = resilience("build")
    assert answer.code == 0
    assert answer.out.splitlines()[-1].startswith("Written: municipalities.csv, observations.csv, indicators.csv")


@pytest.mark.parametrize(("many", "kept"), [(10, True), (11, False)])
def test_of_many_places_a_build_keeps_what_a_first_page_takes_from_all(
    resilience, small_project, monkeypatch, many, kept
):
    monkeypatch.setattr(commands, "MANY", many)
    assert resilience("build").code == 0
    disk = kept_for(small_project, input_digests(small_project, []))
    tables = [disk.find_table(name) is not None for name in LARGE]
    assert [*tables, disk.read("together") is not None] == [kept] * (len(LARGE) + 1)


def test_what_such_a_build_keeps_is_what_its_files_hold(resilience, small_project, monkeypatch):
    monkeypatch.setattr(commands, "MANY", 10)
    assert resilience("build").code == 0
    disk = kept_for(small_project, input_digests(small_project, []))
    for name in LARGE:
        found = disk.find_table(name)
        assert found is not None
        pd.testing.assert_frame_equal(found, read_table(small_project.processed, name), check_exact=True)


def test_a_page_after_such_a_build_reads_none_of_the_large_tables(resilience, small_project, monkeypatch):
    monkeypatch.setattr(commands, "MANY", 10)
    assert resilience("build").code == 0
    _dataset.cache_clear()
    dataset = load_dataset(small_project)
    page = ra.profile("13011", data=dataset)
    page.prepare()
    assert "Herentals" in page._repr_html_()
    assert [callable(vars(dataset.tables)[f"_{name}"]) for name in LARGE] == [True] * len(LARGE)
    assert len(dataset.tables.scores) > len(dataset.municipalities)


def test_a_changed_raw_file_is_refused_accepted_and_then_shown_in_the_scores(resilience, small_project):
    rows = pd.read_csv(small_project.raw / DWELLINGS, dtype=str)
    rows.loc[rows["nis_code"] == "13011", "dwellings_apartment_buildings"] = "100"
    rows.to_csv(small_project.raw / DWELLINGS, index=False)
    refused = resilience("build")
    assert (refused.code, refused.out) == (1, "")
    assert "raw data: 1 problem" in refused.err
    assert "accept it with: resilience lock statbel_dwellings" in refused.err
    accepted = resilience("lock", "statbel_dwellings")
    assert accepted.code == 0
    lines = accepted.out.splitlines()
    assert re.fullmatch(rf"Accepted: {DWELLINGS} \(\d+ -> \d+ bytes, (\d+) -> \1 rows\)", lines[0])
    assert lines[1] == "Scores that move: 2"
    built = resilience("build")
    assert built.code == 0
    assert "Written: observations.csv, indicators.csv, scores.csv" in built.out
    assert "Scores that changed: 2" in built.out
    assert "│ 13011    │ div_dwellings" in built.out


def test_a_change_that_moves_no_score_says_so(resilience, small_project):
    change(small_project, "abb/residents_survey_2023_items.csv", "Betalingsmoeilijkheden", "Moeilijk betalen")
    resilience("lock")
    answer = resilience("build")
    assert answer.out.splitlines()[-2:] == ["Written: survey_items.csv.", "No score changed."]


def test_locking_what_is_locked_changes_nothing(resilience):
    answer = resilience("lock")
    assert (answer.code, answer.out) == (0, "Nothing changed.\n")


def test_locking_an_unknown_source_is_wrong_use_and_accepts_nothing(resilience, small_project):
    change(small_project, DWELLINGS, "13011,2025,", "13011,2025,1")
    before = (small_project.raw / FILE_NAME).read_bytes()
    answer = resilience("lock", "statbel_dwellings", "statbel_dweling")
    assert answer.code == 2
    assert "unknown source 'statbel_dweling'; did you mean 'statbel_dwellings'?" in answer.err
    assert (small_project.raw / FILE_NAME).read_bytes() == before


def test_faults_of_the_raw_data_are_refused_with_every_place(resilience, small_project):
    change(small_project, "vdab/jobseeker_rate.csv", "13011,2023,", "13011,2023,many")
    change(small_project, DWELLINGS, "13012,2025,", "99999,2025,")
    resilience("lock")
    answer = resilience("build")
    assert (answer.code, answer.out) == (1, "")
    assert "jobseeker_rate.csv, row " in answer.err
    assert "is not a number" in answer.err


@pytest.mark.parametrize(
    ("region", "shown"),
    [
        ("neteland", ["Grobbendonk", "Herentals", "Herenthout", "Olen", "Vorselaar", "5 municipalities"]),
        ("kempen", ["Grobbendonk", "5 municipalities"]),
        ("13011,Olen", ["Herentals", "Olen", "2 municipalities"]),
        ("FLANDERS", ["Antwerpen", "Herstappe", "10 municipalities"]),
    ],
)
def test_a_list_shows_the_municipalities_of_a_region_with_their_coverage(resilience, region, shown):
    answer = resilience("list", "--region", region)
    assert answer.code == 0
    assert all(text in answer.out for text in shown)
    assert all(name in answer.out for name in ("nis_code", "residents", "register"))


def test_a_list_without_region_is_of_all(resilience):
    assert resilience("list").out.splitlines()[-1] == "10 municipalities"


@pytest.mark.parametrize(
    ("region", "fault"),
    [
        ("netland", "unknown region 'netland'; did you mean 'neteland'?"),
        ("nearest", "the group nearest depends on a municipality: name one"),
        ("13011,Oeln", "unknown municipality 'Oeln'; did you mean 13029 Olen?"),
        ("13011,11007", "11007 merged on 2025-01-01 into 11002 Antwerpen. Ask for 11002"),
        (",", "',' names no municipality"),
    ],
)
def test_a_region_that_is_none_is_wrong_use(resilience, region, fault):
    answer = resilience("list", "--region", region)
    assert (answer.code, answer.out) == (2, "")
    assert fault in answer.err


def test_a_list_of_a_project_that_was_not_built_names_the_command(resilience, small_project):
    (small_project.processed / "scores.csv").unlink()
    answer = resilience("list")
    assert answer.code == 1
    assert "Make it with: resilience build" in answer.err


def test_a_check_of_a_sound_project_says_so(resilience):
    answer = resilience("check")
    assert (answer.code, answer.out, answer.err) == (0, "Nothing is wrong.\n", "")


def test_what_could_be_filled_in_is_said_with_its_file_or_command(resilience, small_project):
    answer = resilience("check", "--todo")
    assert (answer.code, answer.err) == (0, "")
    log = yaml.safe_load((small_project.definitions / "local.yml").read_text(encoding="utf-8"))["process"]["file"]
    assert any(line.startswith(f"data/raw/{log} is empty") for line in answer.out.splitlines())
    assert "no answers to the self-assessment: resilience survey questionnaire makes one" in answer.out
    assert "is wanted and exists" in answer.out


def test_a_check_lists_everything_that_is_broken_and_fails(resilience, definitions, small_project):
    change(small_project, DWELLINGS, "13011,2025,", "13011,2025,1")
    (small_project.processed / "scores.csv").unlink()
    small_project.notebooks.mkdir()
    (small_project.notebooks / "region.ipynb").write_text("no notebook")
    framework = definitions / "framework.yml"
    words = framework.read_text(encoding="utf-8")
    framework.write_text(words.replace("statement: LER2\n", "statement: LER22\n"), encoding="utf-8")
    answer = resilience("check")
    assert (answer.code, answer.out) == (1, "")
    lines = answer.err.splitlines()
    assert len([line for line in lines if line.startswith("error: ")]) == 6  # two kinds of reports have no notebook
    assert any("LER22" in line and "items.yml" in line for line in lines)
    assert lines[-1] == "6 problems"


def test_freezing_says_what_moved_and_what_to_do_next(resilience, definitions, small_project, monkeypatch):
    posts = yaml.safe_load((definitions / "goalposts.yml").read_text())["indicators"]
    fresh = {**posts, "inf_decisions": {**posts["inf_decisions"], "goalposts": [1.5, 2.5]}}
    monkeypatch.setattr(pipeline, "reference_goalposts", lambda *_arguments: fresh)
    answer = resilience("freeze")
    assert answer.code == 0
    assert "│ inf_decisions │" in answer.out
    assert "[1.5, 2.5]" in answer.out
    assert answer.out.splitlines()[-1] == "1 goalposts moved. Rebuild with: resilience build"
    assert resilience("freeze").out == "The goalposts are as they were.\n"


def test_freezing_an_indicator_that_is_the_same_everywhere_is_refused_and_writes_nothing(
    resilience, definitions, small_project
):
    before = (definitions / "goalposts.yml").read_bytes()
    path = small_project.raw / "abb" / "residents_survey_2023.csv"
    pd.read_csv(path, dtype=str).assign(LO_S_08_2="30").to_csv(path, index=False)
    resilience("lock")
    answer = resilience("freeze")
    assert answer.code == 1
    assert "values give no two goalposts" in answer.err
    assert (definitions / "goalposts.yml").read_bytes() == before


def test_fetching_nothing_says_what_can_be_fetched(resilience):
    answer = resilience("fetch")
    first, second = answer.out.splitlines()
    fetched = "statbel_permits, statbel_house_sales, sv_households_by_size, sv_household_projections"
    assert (answer.code, first) == (0, f"Can be fetched from its publisher: {fetched}.")
    assert second.startswith("From a file that you downloaded: statbel_municipalities, ")


def test_a_file_that_moves_a_score_is_taken_over_and_the_score_is_shown(resilience, small_project, tmp_path):
    assert resilience("build").code == 0
    last = pd.read_csv(small_project.raw / "vdab" / "jobseeker_rate.csv")["year"].max()
    label = "werkzoekendengraad (jaargemiddelde) [%]"
    (tmp_path / "rates.csv").write_text(f'"gemeenten";"{label}|{last}"\n"Antwerpen";0,25\n', encoding="utf-8")
    answer = resilience("fetch", "vdab_jobseekers", str(tmp_path / "rates.csv"))
    assert answer.code == 0
    assert "jobseeker_rate.csv changed: 1 cell is different" in answer.out
    assert "score" in answer.out.partition("\n")[2]


@pytest.mark.parametrize(
    ("arguments", "code", "fault"),
    [
        (["statbel_aeg"], 2, "unknown source 'statbel_aeg'; did you mean 'statbel_age'?"),
        (["statbel_age"], 2, "no address is known for statbel_age: download it from https://"),
        (["statbel_permits", "/no/such/file.zip"], 2, "file.zip is neither a file nor an address"),
        (["statbel_permits", __file__], 1, "is not readable"),
        (["statbel_permits", "http://127.0.0.1:9/x.zip"], 1, "cannot be fetched"),
    ],
)
def test_fetching_what_cannot_be_fetched_says_why_and_changes_nothing(
    resilience, small_project, arguments, code, fault
):
    before = (small_project.raw / "statbel" / "building_permits.csv").read_bytes()
    answer = resilience("fetch", *arguments)
    assert (answer.code, answer.out) == (code, "")
    assert fault in answer.err
    assert (small_project.raw / "statbel" / "building_permits.csv").read_bytes() == before


def test_exploring_opens_jupyterlab_on_the_notebooks_and_ends_as_it_ends(resilience, small_project, monkeypatch):
    import subprocess

    calls = []

    def run(command, **_options):
        calls.append(command)
        return subprocess.CompletedProcess(command, 3)

    monkeypatch.setattr(subprocess, "run", run)
    assert resilience("explore").code == 3
    assert calls[0][1:4] == ["-m", "jupyter", "lab"]
    assert str(small_project.notebooks) in calls[0][4]
