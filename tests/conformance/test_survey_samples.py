"""Real LimeSurvey exports, with a mapping; their scales have five points, ours four."""

import json
from pathlib import Path

import pandas as pd
import pytest

from resilience_analysis.survey.exports import read_sheets
from resilience_analysis.survey.import_report import write_import
from resilience_analysis.survey.importing import ImportOptions, import_answers
from resilience_analysis.survey.items import load_instrument
from resilience_analysis.survey.mapping import read_mapping, scale_reader
from resilience_analysis.survey.workbook import read_workbook

SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "survey"
MAPPING = """
columns: {INF1: "likert2[progRSE4]", INF2: "likert2[progRSE1]", LER1: "likert1[perfCheck4]", nis_code: socio1}
answers: {Strongly Agree: 4, Agree: 3, Disagree: 2, Strongly disagree: 1, Neither agree or disagree: out_of_scale}
out_of_scale: [LER1]
values: {nis_code: {Netherlands: "13011", Germany: "13010"}}
"""
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples lie outside the repository")


@pytest.fixture(params=["nl", "de"])
def path(request):
    return SAMPLES / f"limesurvey_rse2017_{request.param}_public_data.csv"


def test_real_export_is_recognised_with_every_row(path):
    export = read_sheets(read_workbook(path), tool="auto", reader=scale_reader(load_instrument().scale))
    assert export.tool == "limesurvey"
    lines = path.read_text(encoding="utf-8-sig").count("\n")
    assert 0 < export.rows_in <= lines
    codes = [heading.keys[0] for heading in export.headings]
    assert {"progRSE4", "perfCheck4", "socio1"} <= set(codes)


def test_five_point_scale_is_never_guessed_at(path, tmp_path):
    mapping = tmp_path / "map.yml"
    mapping.write_text('columns: {INF1: "likert2[progRSE4]", INF2: "likert2[progRSE1]"}')
    instrument = load_instrument()
    found = import_answers(path, instrument, ImportOptions("2017", mapping=read_mapping(mapping, instrument)))
    assert found.responses.codes.empty
    assert {item for refusal in found.refusals for item in refusal.items} == {"INF1", "INF2"}
    assert "Neither agree or disagree" in found.refusals[0].labels


def test_mapping_says_what_the_answers_mean(path, tmp_path):
    mapping = tmp_path / "map.yml"
    mapping.write_text(MAPPING)
    instrument = load_instrument()
    found = import_answers(path, instrument, ImportOptions("2017", mapping=read_mapping(mapping, instrument)))
    _, problems, report = write_import(tmp_path / "out", found, path, "2017")
    content = json.loads(report.read_text(encoding="utf-8"))
    assert content["rows_in"] == content["rows_used"] + content["rows_explained"]
    assert list(found.responses.codes) == ["INF1", "INF2"]
    assert found.responses.codes.isin([1, 2, 3, 4]).any(axis=None)
    table = pd.read_csv(problems, keep_default_na=False)
    neutral = table[table["value"] == "Neither agree or disagree"]
    assert len(neutral)
    assert neutral["why"].str.contains("not an answer of this scale").all()
    assert table["why"].str.contains("LER1 is left out: the mapping says it is out of scale").any()
    assert found.responses.people["nis_code"].isin(["13011", "13010"]).all()
