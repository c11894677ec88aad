"""What an analyst calls from a notebook finds the project and says what is unknown."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pandas as pd
import pytest
from tests.small import CUT, NETELAND

import resilience_analysis as ra
from resilience_analysis import notebook
from resilience_analysis.batch import stale
from resilience_analysis.data.processed import check_table
from resilience_analysis.foundation.errors import InputError, UsageError
from resilience_analysis.foundation.project import EXAMPLE_VARIABLE, ROOT_VARIABLE


@pytest.fixture(autouse=True)
def project(small_project, monkeypatch):
    """The project of ten municipalities, for the length of a test."""
    monkeypatch.setenv(ROOT_VARIABLE, str(small_project.root))
    monkeypatch.delenv(EXAMPLE_VARIABLE, raising=False)
    yield small_project
    notebook._dataset.cache_clear()


@pytest.mark.parametrize("name", ["observations", "indicators", "scores"])
def test_tables_are_read_from_the_project(name):
    table = getattr(ra, f"read_{name}")()
    assert set(table["nis_code"]) == set(CUT)
    check_table(table, name)


@pytest.mark.parametrize("changed", ["inputs", "code_digest", "library_versions", "example"])
def test_what_was_kept_is_for_other_inputs_code_and_libraries_not_there(project, monkeypatch, changed):
    inputs = stale.input_digests(project, [])
    assert {"data/processed/scores.csv", "definitions/framework.yml"} <= set(inputs)
    before = stale.kept_for(project, inputs)
    assert stale.kept_for(project, dict(inputs)) == before
    if changed == "inputs":
        inputs["definitions/regions.yml"] = "0"
    elif changed == "example":
        project = replace(project, example=True)
    else:
        monkeypatch.setattr(stale, changed, lambda: {"numpy": "0"})
    assert stale.kept_for(project, inputs) != before


def test_data_of_ones_own_are_kept_nowhere():
    data = ra.load_dataset()
    assert data.disk.state
    assert not data.with_scores(data.tables.scores).disk.state


def test_municipalities_are_indexed_by_their_code():
    assert ra.read_municipalities().loc["13011", "name"] == "Herentals"


def test_five_lines_of_python_give_the_scores_that_the_build_wrote():
    framework = ra.load_framework()
    indicators = ra.read_indicators()
    scores = ra.score(indicators, framework)
    key = ["nis_code", "code", "strand"]
    written = ra.read_scores().set_index(key)["score"]
    pd.testing.assert_series_equal(scores.set_index(key)["score"], written, check_exact=False)
    assert ra.profile("13011", scores) is not None


def test_the_dataset_is_loaded_once_for_the_life_of_the_process():
    assert ra.load_dataset() is ra.load_dataset()


def test_coverage_is_the_share_of_indicators_with_a_value_per_strand():
    table = notebook.coverage_table("neteland").set_index("nis_code")
    dataset = ra.load_dataset()
    assert table.index.tolist() == list(NETELAND)
    for strand in ("residents", "register"):
        members = [ind.id for ind in dataset.framework.indicators.values() if ind.strand == strand]
        known = sum(pd.notna(dataset.values.loc["13011", code]) for code in members)
        assert table.loc["13011", strand] == pytest.approx(100 * known / len(members))


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        (lambda: ra.profile("Herentls"), "unknown municipality 'Herentls'; did you mean 13011 Herentals?"),
        (lambda: ra.profile("11007"), "11007 merged on 2025-01-01 into 11002 Antwerpen. Ask for 11002"),
        (lambda: ra.profile("13011", region="netland"), "unknown region 'netland'; did you mean 'neteland'?"),
        (lambda: ra.profile("13011", comparator="flandres"), "unknown region 'flandres'; did you mean 'flanders'?"),
        (lambda: ra.profile("13011", language="xx"), "unknown language 'xx'. Known: en, fr, nl"),
        (lambda: notebook.coverage_table("netland"), "unknown region 'netland'; did you mean 'neteland'?"),
        (lambda: notebook.coverage_table("13011,99999"), "unknown municipality '99999'"),
    ],
)
def test_what_is_unknown_is_refused_with_the_nearest(call, fault):
    with pytest.raises(UsageError) as refusal:
        call()
    assert str(refusal.value).startswith(fault)


def test_a_project_that_was_not_built_names_the_command(project):
    (project.processed / "indicators.csv").unlink()
    with pytest.raises(InputError, match=r"indicators\.csv: is not in .* Make it with: resilience build"):
        ra.load_dataset()


def test_tables_built_with_another_framework_name_the_command(project):
    path = project.processed / "indicators.csv"
    path.write_text(path.read_text().replace(",org_trust_people,", ",org_trust_nobody,"))
    with pytest.raises(InputError, match=r"lacks org_trust_people of framework\.yml\. .* resilience build"):
        ra.load_dataset()


def test_public_names_are_listed_and_others_refused():
    assert {"load_framework", "profile", "score"} <= set(dir(ra))
    assert all(hasattr(ra, name) for name in dir(ra))
    with pytest.raises(AttributeError, match="has no attribute 'profle'"):
        _ = ra.profle


def test_importing_the_package_imports_nothing_heavy():
    code = (
        "import sys, resilience_analysis; print(sorted({'pandas', 'numpy', 'yaml', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_a_village_is_found_by_its_name_and_one_of_a_near_name_is_suggested():
    assert ra.village("Morkhoven").subject.village == "13011C"
    with pytest.raises(UsageError, match=r"unknown village 'Morkove'; did you mean 13011C Morkhoven\?"):
        ra.village("Morkove")
