from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from resilience_analysis.survey.checking import check_answers
from resilience_analysis.survey.responses import from_table, write_answers

from .conftest import answers_table


@pytest.fixture
def check(tmp_path, instrument):
    def run(rows, folder="private"):
        path = tmp_path / folder / "answers.csv"
        write_answers(path, from_table(answers_table(rows)))
        return [(finding.kind, finding.what) for finding in check_answers(path, instrument)]

    return run


def everybody(count, role="inwoner", place="13011", item="INF1", name="a"):
    return [(f"{name}{n}", place, role, {item: 3}) for n in range(count)]


def test_thin_groups_are_counted_and_not_named(check):
    findings = check(everybody(12) + everybody(3, role="mandataris", name="b"))
    assert ("note", findings[0][1]) in findings
    role = next(what for _, what in findings if what.startswith("role"))
    assert "1 of 2 groups have fewer than 5 respondents" in role
    assert not any("mandataris" in what for _, what in findings)


def test_rare_combinations_are_a_note(check):
    findings = check(everybody(12) + everybody(3, role="mandataris", name="b"))
    assert any("3 of 15 respondents share" in what for kind, what in findings if kind == "note")


def test_item_that_does_not_exist_is_a_fault(check):
    assert ("fault", "items that are not in items.yml: XYZ1") in check(everybody(6, item="XYZ1"))


def test_answers_outside_the_private_folder_are_noted(check):
    assert not any("data/private" in what for _, what in check(everybody(6)))
    assert any("data/private" in what for _, what in check(everybody(6), folder="public"))


def test_made_up_answers_are_noted(check):
    assert any("synthetic" in what for _, what in check(everybody(6, name="synthetic-")))


def test_every_fault_of_the_schema_is_listed(tmp_path, instrument):
    path: Path = tmp_path / "private" / "answers.csv"
    write_answers(path, from_table(answers_table(everybody(6))))
    table = pd.read_csv(path, dtype=object)
    table.loc[0, "answer"] = "9"
    table.loc[1, "missing_reason"] = "forgot"
    table.loc[3] = table.loc[2]
    table.replace({np.nan: ""}).to_csv(path, index=False)
    findings = check_answers(path, instrument)
    assert {finding.kind for finding in findings} == {"fault"}
    text = " ".join(finding.what for finding in findings)
    assert all(part in text for part in ("column answer, row 2", "column missing_reason, row 3", "row 4, 5"))
    assert "forgot" not in text


def test_files_of_two_waves_are_told_apart(tmp_path, instrument):
    for wave in ("2025", "2026"):
        write_answers(tmp_path / wave / "kobo" / "answers.csv", from_table(answers_table(everybody(6))))
    named = {finding.file for finding in check_answers(tmp_path, instrument)}
    assert named == {"2025/kobo/answers.csv", "2026/kobo/answers.csv"}
