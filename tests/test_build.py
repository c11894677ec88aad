"""From raw files to processed tables: nothing written when anything is wrong, the same bytes when nothing changed."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from tests.small import CUT

from resilience_analysis.build import build, difference, freeze_goalposts
from resilience_analysis.data.catalogue import accept, read_catalogue, verify
from resilience_analysis.data.processed import read_table
from resilience_analysis.foundation.errors import InputError, UsageError
from resilience_analysis.foundation.project import EXAMPLE_VARIABLE, ROOT_VARIABLE, Project


def content(project: Project) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in project.processed.iterdir()}


def scores(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["nis_code", "code", "score"]).assign(strand="register")


def test_the_first_build_writes_everything_and_has_nothing_to_compare_with(cut_built):
    assert cut_built.moved is None
    assert "scores.csv" in cut_built.files
    assert sorted(set(cut_built.tables.scores["nis_code"])) == sorted(CUT)


def test_building_again_changes_nothing(small_project):
    before = content(small_project)
    again = build(small_project)
    assert (again.files, len(again.moved), content(small_project)) == ([], 0, before)


def test_a_changed_raw_file_stops_the_build_before_anything_is_written(small_project):
    before = content(small_project)
    path = small_project.raw / "statbel" / "dwellings.csv"
    path.write_text(path.read_text().replace("13011,2025,", "13011,2025,1"))
    with pytest.raises(
        InputError, match=r"statbel/dwellings\.csv: changed: sha256 .* resilience lock statbel_dwellings"
    ):
        build(small_project)
    assert content(small_project) == before


def test_an_accepted_change_moves_the_scores_that_rest_on_it_and_says_so(small_project):
    path = small_project.raw / "statbel" / "dwellings.csv"
    rows = pd.read_csv(path, dtype=str)
    rows.loc[rows["nis_code"] == "13011", "dwellings_apartment_buildings"] = "100"
    rows.to_csv(path, index=False)
    accept(small_project.raw, read_catalogue(small_project.raw))
    changed = build(small_project)
    assert set(changed.moved["nis_code"]) == {"13011"}
    assert (
        {"div_dwellings", "exp_renewal", "diversiteit", "experiment"} >= set(changed.moved["code"]) >= {"div_dwellings"}
    )
    assert {"observations.csv", "indicators.csv", "scores.csv"} <= set(changed.files)


def test_faults_in_accepted_files_stop_the_build_before_anything_is_written(small_project):
    before = content(small_project)
    path = small_project.raw / "vdab" / "jobseeker_rate.csv"
    path.write_text(path.read_text().replace("13011,2023,", "13011,2023,9999"))
    accept(small_project.raw, read_catalogue(small_project.raw))
    with pytest.raises(InputError, match="lies outside 0 to 100 for a rate_pct"):
        build(small_project)
    assert content(small_project) == before


def test_a_broken_table_of_scores_is_no_hindrance_to_the_build_that_mends_it(small_project):
    before = content(small_project)
    (small_project.processed / "scores.csv").write_text("<<<<<<< HEAD\nnis_code\n")
    mended = build(small_project)
    assert (mended.files, mended.moved) == (["scores.csv"], None)
    assert content(small_project) == before


DYING = """
import os, sys
from pathlib import Path
from resilience_analysis.build import build
from resilience_analysis.foundation.project import find_project
moved, real = [], Path.replace
def replace(path, target):
    moved.append(target)
    if len(moved) > 3:
        os._exit(9)
    return real(path, target)
Path.replace = replace
build(find_project())
"""


def test_a_build_that_was_killed_halfway_is_completed_by_the_next(small_project):
    before = content(small_project)
    for name in before:
        (small_project.processed / name).write_bytes(b"")
    environment = {**os.environ, ROOT_VARIABLE: str(small_project.root)}
    killed = subprocess.run([sys.executable, "-c", DYING], env=environment, check=False, capture_output=True)
    assert killed.returncode == 9, killed.stderr.decode()
    half = [path for path in small_project.processed.iterdir() if not path.name.startswith(".")]
    assert 0 < sum(path.stat().st_size > 0 for path in half) < len(half)
    build(small_project)
    assert {name: digest for name, digest in content(small_project).items() if not name.startswith(".")} == before


BUILD = """
from resilience_analysis.build import build
from resilience_analysis.foundation.project import find_project
build(find_project())
"""


def test_another_folder_time_zone_locale_and_hash_seed_give_the_same_bytes(cut_folder, cut_built, tmp_path):
    copy = Project(tmp_path / "another name")
    shutil.copytree(cut_folder / "definitions", copy.definitions)
    shutil.copytree(cut_folder / "data" / "raw", copy.raw)
    environment = {
        **{name: value for name, value in os.environ.items() if name != EXAMPLE_VARIABLE},
        ROOT_VARIABLE: str(copy.root),
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "C",
        "PYTHONHASHSEED": "4711",
    }
    if sys.prefix.isascii():  # without UTF-8 Python itself does not start from a folder with accents
        environment["PYTHONUTF8"] = "0"
    subprocess.run(
        [sys.executable, "-W", "error", "-c", BUILD], env=environment, cwd="/", check=True, capture_output=True
    )
    assert content(copy) == content(Project(cut_folder))


def test_the_published_tables_are_what_the_build_gives_today(root, built):
    published = root / "data" / "processed"
    for name in ("scores", "indicators"):
        fresh, kept = getattr(built.tables, name), read_table(published, name)
        numbers = fresh.select_dtypes("float").columns
        text = fresh.columns.difference(numbers)
        pd.testing.assert_frame_equal(kept[text].astype(str), fresh[text].astype(str))
        np.testing.assert_allclose(kept[numbers], fresh[numbers], rtol=1e-9, atol=1e-9, equal_nan=True)


def test_fewer_municipalities_have_the_same_scores(built, cut_built):
    key = ["nis_code", "code", "strand"]
    everywhere = built.tables.scores.set_index(key)["score"]
    here = cut_built.tables.scores.set_index(key)["score"]
    # nestedness is about which municipalities share an area, so it must change when most are left out
    rests_on_all = {"sch_nestedness", "schaal"}
    same = [place for place in here.index if place[1] not in rests_on_all]
    pd.testing.assert_series_equal(here[same], everywhere[same])


def test_a_score_that_moved_came_or_went_is_a_difference():
    before = scores(("11001", "a", 10.0), ("11001", "b", 20.0), ("11001", "c", np.nan), ("11001", "d", 40.0))
    after = scores(("11001", "a", 10.0 + 1e-12), ("11001", "b", 20.5), ("11001", "c", 30.0), ("11001", "e", 50.0))
    moved = difference(before, after).set_index("code")
    assert moved["before"].to_dict() == pytest.approx({"b": 20.0, "c": np.nan, "d": 40.0, "e": np.nan}, nan_ok=True)
    assert moved["after"].to_dict() == pytest.approx({"b": 20.5, "c": 30.0, "d": np.nan, "e": 50.0}, nan_ok=True)


def test_a_score_that_is_missing_on_both_sides_is_no_difference():
    rows = scores(("11001", "a", np.nan))
    assert difference(rows, rows).empty


def own_definitions(project, folder):
    shutil.copytree(project.definitions, folder / "definitions")
    (folder / "data").symlink_to(project.root / "data")
    return Project(folder), folder / "definitions"


def test_freezing_on_other_percentiles_moves_the_goalposts_of_the_data_alone(real_project, tmp_path):
    project, definitions = own_definitions(real_project, tmp_path)
    path = definitions / "framework.yml"
    path.write_text(path.read_text().replace("goalpost_percentiles: [5, 95]", "goalpost_percentiles: [10, 90]"))
    before = yaml.safe_load((definitions / "goalposts.yml").read_text())["indicators"]
    moved = freeze_goalposts(project, today=dt.date(2027, 1, 1))
    after = yaml.safe_load((definitions / "goalposts.yml").read_text())
    assert (after["frozen"], after["indicators"].keys()) == ("2027-01-01", before.keys())
    changed = {code for code, post in after["indicators"].items() if post["goalposts"] != before[code]["goalposts"]}
    assert changed == set(moved["indicator"]) != set()
    for code, post in after["indicators"].items():
        (low, high), (low_before, high_before) = post["goalposts"], before[code]["goalposts"]
        assert low_before <= low < high <= high_before


def test_freezing_one_indicator_leaves_the_others_as_they_were_frozen(real_project, tmp_path):
    project, definitions = own_definitions(real_project, tmp_path)
    path = definitions / "goalposts.yml"
    before = yaml.safe_load(path.read_text())["indicators"]
    one, other = list(before)[:2]
    stale = before | {code: before[code] | {"goalposts": [-1.0, 1e6]} for code in (one, other)}
    path.write_text(yaml.safe_dump({"frozen": "2020-01-01", "framework": "1.0", "indicators": stale}))
    moved = freeze_goalposts(project, today=dt.date(2027, 1, 1), only=[one])
    assert moved["indicator"].tolist() == [one]
    assert yaml.safe_load(path.read_text())["indicators"] == before | {other: stale[other]}
    with pytest.raises(UsageError, match="unknown indicator to freeze 'x'"):
        freeze_goalposts(project, today=dt.date(2027, 1, 1), only=["x"])


def test_the_frozen_goalposts_are_those_of_the_data(real_project, built, tmp_path):
    project, definitions = own_definitions(real_project, tmp_path)
    before = (definitions / "goalposts.yml").read_bytes()
    assert freeze_goalposts(project, today=dt.date(2027, 1, 1)).empty
    assert (definitions / "goalposts.yml").read_bytes() == before


def test_a_framework_that_names_what_no_source_has_stops_the_build(small_project, definitions):
    path = definitions / "framework.yml"
    path.write_text(
        path.read_text().replace("take: LO_S_13", "take: LO_S_133").replace("source: statbel_age", "source: x")
    )
    before = content(small_project)
    with pytest.raises(InputError) as refusal:
        build(small_project)
    lines = [str(problem) for problem in refusal.value.problems]
    assert lines[0].startswith("indicator org_trust_municipality: unknown variable 'LO_S_133'; did you mean 'LO_S_13'?")
    assert lines[1] == "indicator ctx_age_65_plus: the source 'x' is not in sources.yml"
    assert content(small_project) == before


def test_the_join_report_adds_up(built):
    report, observations = built.tables.join_report, built.tables.observations
    assert (report["municipalities"] == 285).all()
    assert (report["with_value"] + report["missing"] == 285).all()
    counted = report["missing_reasons"].map(
        lambda text: sum(int(part.split()[-1]) for part in text.split(", ") if part)
    )
    assert (counted == report["missing"]).all()
    assert report["with_value"].sum() == observations["value"].notna().sum()
    assert len(report) == observations.groupby(["source", "variable", "year"]).ngroups


def test_every_municipality_of_flanders_is_in_every_table(built):
    tables = built.tables
    codes = set(tables.municipalities.index)
    assert len(codes) == 285
    for name in ("observations", "indicators", "scores", "boundaries"):
        assert set(getattr(tables, name)["nis_code"]) == codes


def test_the_thirteen_merged_municipalities_are_marked_not_lost(built):
    rows = built.tables.indicators
    trust = rows[rows["indicator"] == "org_trust_municipality"]
    assert trust["missing_reason"].value_counts().to_dict() == {"hidden": 1}
    assert trust["computed"].value_counts().to_dict() == {"weighted_mean": 13}
    assert trust.loc[trust["computed"].notna(), ["value", "low", "high"]].notna().all(axis=None)
    assert len(trust) == 285


def test_the_package_says_where_its_figures_come_from(small_project):
    import json

    package = json.loads((small_project.processed / "datapackage.json").read_text(encoding="utf-8"))
    catalogue = read_catalogue(Path(small_project.raw))
    assert [source["path"] for source in package["sources"]] == [entry.page for entry in catalogue.values()]
    assert {licence["title"] for licence in package["licenses"]} == {e.licence["en"] for e in catalogue.values()}


@pytest.mark.parametrize(
    ("name", "again"),
    [("sources.yml", True), ("corrections.yml", True), ("project.yml", True), ("municipalities.csv", True),
     ("framework.yml", False)],
)  # fmt: skip
def test_what_was_observed_is_read_again_where_a_file_that_it_rests_on_changed(cut_folder, monkeypatch, name, again):
    project = Project(cut_folder)
    catalogue = read_catalogue(project.raw)
    module = sys.modules[build.__module__]
    raw, digest = verify(project.raw, catalogue), module.sha256
    before = module._kept(project, raw)
    monkeypatch.setattr(module, "sha256", lambda path: "0" if path.name == name else digest(path))
    raw |= {file: "0" for file in raw if Path(file).name == name}
    assert (module._kept(project, raw) != before) == again
