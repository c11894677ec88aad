"""Taking answers out again: what is gone, what is left, and what a second import does."""

from __future__ import annotations

import datetime as dt
import json
import re
import stat
from pathlib import Path

import pandas as pd
import pytest

from resilience_analysis.survey.forgetting import is_kept_too_long

EXPORT = "gemeente,rol,eigencode,INF1,INF2\n" + "".join(f"Olen,inwoner,ab{n},{n % 4 + 1},2\n" for n in range(8))


@pytest.fixture
def imported(call):
    Path("export.csv").write_text(EXPORT.replace("ab0,1", "ab0,jan"))
    for wave in ("2025", "2026"):
        assert call("import", "export.csv", "--wave", wave)[0] == 0
    return call


def answers(wave):
    return set(pd.read_csv(f"data/private/{wave}/export/answers.csv", dtype=str)["respondent"])


def test_person_is_taken_out_of_every_wave_and_stays_out(imported):
    code, said = imported("forget", "--code", "AB3")
    assert code == 0
    assert "2 respondents forgotten" in said
    assert "resilience build" in said
    assert "AB3" not in said
    for wave in ("2025", "2026"):
        assert len(answers(wave)) == 7
        assert json.loads(Path(f"data/private/{wave}/export/import.json").read_text())["forgotten"] == 1
        assert pd.read_csv(f"data/private/{wave}/export/problems.csv")["value"].isna().all()
    imported("import", "export.csv", "--wave", "2026")
    assert len(answers("2026")) == 7
    assert "this person asked to be forgotten" in Path("data/private/2026/export/problems.csv").read_text()


def test_what_was_released_stands_when_a_person_is_forgotten(imported):
    def estimate():
        return imported("estimate", "data/private", "--by", "nis_code", "--wave", "2026", "--out", "out")

    imported("estimate", "data/private", "--by", "nis_code", "--wave", "2025", "--out", "out")
    imported("import", "export.csv", "--wave", "2024")
    imported("estimate", "data/private", "--by", "nis_code", "--wave", "2024", "--out", "out")
    assert estimate()[0] == 0
    before = {path.name[:4]: path.read_bytes() for path in Path("data/private/releases").iterdir()}
    _, said = imported("forget", "--code", "ab3", "--wave", "2026")
    after = {path.name[:4]: path.read_bytes() for path in Path("data/private/releases").iterdir()}
    assert {wave for wave in before if before[wave] != after[wave]} == {"2026"}
    assert "what was published of these waves stands" in said
    code, said = estimate()
    assert (code, "fewer than 5 people" in said) == (1, True)
    assert pd.read_csv("out/representation.csv")["n"].tolist() == [8]
    next(Path("data/private/releases").glob("2026*")).unlink()  # what the message says, when nothing left the machine
    assert estimate()[0] == 0
    assert pd.read_csv("out/representation.csv")["n"].tolist() == [7]


def test_wave_goes_with_everything_its_import_wrote(imported):
    assert imported("forget", "--wave", "2025")[0] == 0
    assert not Path("data/private/2025/export").exists()
    assert len(answers("2026")) == 8


def test_person_in_one_wave_stays_in_the_other(imported):
    imported("forget", "--wave", "2025", "--code", "ab3")
    assert (len(answers("2025")), len(answers("2026"))) == (7, 8)


@pytest.mark.parametrize(
    ("options", "exit_code", "words"),
    [
        ([], 2, "say which answers"),
        (["--code", "zz9"], 1, "no answers of this person"),
        (["--wave", "2031"], 1, "no answers of wave 2031"),
        (["--code", "ab1", "--key", "nowhere.key"], 2, "does not exist"),
    ],
)
def test_nothing_is_taken_out_by_mistake(imported, options, exit_code, words):
    code, said = imported("forget", *options)
    assert (code, words in said) == (exit_code, True)
    assert "zz9" not in said
    assert len(answers("2025")) == len(answers("2026")) == 8


def test_private_files_are_their_owners_alone(imported):
    imported("forget", "--code", "ab1")
    for path in Path("data/private").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_keeping_ends_with_the_year_and_check_says_so(imported):
    assert not is_kept_too_long("2025", 2, dt.date(2027, 12, 31))
    assert is_kept_too_long("2025", 2, dt.date(2028, 1, 1))
    imported("import", "export.csv", "--wave", "2019")
    _, said = imported("check", "data/private")
    told = "wave 2019 was to be kept until 2021-12-31: resilience survey forget --wave 2019"
    assert told.replace(" ", "") in re.sub(r"[\s│]", "", said)  # a narrow terminal breaks the line


@pytest.mark.parametrize("wave", ["2026/../../x", "2026..", "2026\\x", "../2026", "2026 ", "2026\n"])
def test_wave_cannot_leave_the_folder(call, wave):
    assert call("import", "export.csv", "--wave", wave)[0] == 2
    assert not Path("data/private").exists()


def test_name_of_a_file_cannot_leave_the_folder(call):
    Path("...csv").write_text(EXPORT)
    assert call("import", "...csv", "--wave", "2026")[0] == 0
    assert [path.name for path in Path("data/private/2026").iterdir()] == ["export"]
