"""A wave that was published, and then one answer more or less: what a build publishes, through the command line."""

import csv
import io
import json
import random
import shutil
import zipfile

import pandas as pd
import pytest
from tests.survey.conftest import answers_table

from resilience_analysis.batch.cluster import pack
from resilience_analysis.foundation.cells import csv_bytes
from resilience_analysis.foundation.project import Project
from resilience_analysis.self_assessment.answers import read_voices, remember_voices
from resilience_analysis.survey.items import ITEMS_FILE, load_instrument
from resilience_analysis.survey.responses import from_table, write_answers

ITEMS = [f"INF{number}" for number in range(1, 5)]
TELLING = "fewer than 5 people"


@pytest.fixture
def wave(small_project, resilience):
    """Import an export of some people of wave 2026, in place of what was imported before, and build."""

    def publish(people, name="2026"):
        chance = random.Random(7)
        export = small_project.root / "export.csv"
        with export.open("w", newline="") as stream:
            rows = csv.writer(stream)
            rows.writerow(["gemeente", "rol", "achtergrond", "eigencode", *ITEMS])
            for number in range(40):
                place, role = ("Olen", "Herentals")[number % 2], ("inwoner", "ambtenaar")[number // 20]
                row = [place, role, "onderwijs", f"co{number:02d}", *(chance.randint(1, 4) for _ in ITEMS)]
                rows.writerow(row) if number < people else None
        said = resilience("survey", "import", str(export), "--wave", name)
        assert said.code == 0, said.err
        return build()

    def build():
        done = resilience("build")
        assert done.code == 0, done.err
        return pd.read_csv(small_project.processed / "estimates.csv", dtype={"wave": str}), done.err

    publish.build = build
    return publish


@pytest.fixture
def project(tmp_path, root):
    """A project with nothing but what is asked, to be filled with answers."""
    (tmp_path / "definitions").mkdir()
    shutil.copy(root / "definitions" / "items.yml", tmp_path / "definitions")
    return Project(tmp_path)


@pytest.fixture
def publish(project):
    """Write the answers of some people of a wave, and publish them as a build does."""
    instrument = load_instrument(project.definition(ITEMS_FILE))

    def published(people, wave="2026"):
        rows = [
            (
                f"co{number:02d}",
                ("13029", "13011")[number % 2],
                "inwoner",
                {
                    item: 1 + (number * place + number // 3 + int(wave) % 5 * (number // 2 + place)) % 4
                    for place, item in enumerate(ITEMS, 1)
                },
            )
            for number in people
        ]
        path = project.answers / wave / "answers.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_answers(path, from_table(answers_table(rows, wave=wave)))
        report = {"wave": wave, "wordings": dict.fromkeys(ITEMS, "as asked")}
        path.with_name("import.json").write_text(json.dumps(report))
        voices = read_voices(project, instrument)
        remember_voices(project, voices, instrument)
        return voices

    return published


def test_what_was_published_is_published_again_while_few_make_the_difference(publish):
    first = publish(range(24))
    assert not first.stands.notes
    for people in (range(25), range(1, 24), [*range(23), 30]):
        again = publish(people)
        assert TELLING in again.stands.notes[0]
        assert csv_bytes(first.estimates) == csv_bytes(again.estimates)
    more = publish(range(1, 40))
    assert not more.stands.notes
    assert not more.estimates.equals(first.estimates)


@pytest.mark.trial
def test_change_from_a_wave_that_stands_is_as_it_was(publish):
    publish(range(24), "2025")
    first = publish(range(24))
    assert set(first.changes["method"].dropna()) == {"paired"}
    again = publish(range(25))
    assert len(again.stands.notes) == 1
    assert csv_bytes(first.changes) == csv_bytes(again.changes)
    later = publish(range(24), "2027")
    assert set(later.changes.loc[later.changes["later"] == "2027", "method"].dropna()) == {"unpaired"}


@pytest.mark.trial
def test_published_wave_stands_until_enough_people_make_the_difference(small_project, resilience, wave):
    first, said = wave(24)
    assert "stands" not in said
    again, said = wave(25)
    assert "wave 2026 stands as it was released" in said
    assert TELLING in said
    assert "at least 5 more people make the difference" in said
    pd.testing.assert_frame_equal(first, again)
    forgotten = resilience("survey", "forget", "--code", "co03")
    assert "what was published of these waves stands" in forgotten.err
    pd.testing.assert_frame_equal(first, wave.build()[0])
    assert "co03" not in "".join(path.read_text() for path in small_project.answers.rglob("*.csv"))
    more, said = wave(40)
    assert ("stands" in said, len(more)) == (False, len(first))
    everybody = more[more["nis_code"].isna() & (more["group"] == "all") & (more["code"] == "respondents")]
    assert everybody["n"].tolist() == [39]


@pytest.mark.trial
def test_processed_estimates_hold_only_what_is_shown_to_its_digits(wave):
    table, _ = wave(24)
    hidden = table["status"] == "suppressed"
    numbers = table.select_dtypes("number").drop(columns=["nis_code"])
    assert hidden.any()
    assert numbers[hidden].isna().all(axis=None)
    assert (numbers.round(1) == numbers)[~hidden].where(numbers[~hidden].notna(), other=True).all(axis=None)
    counts = [name for name in numbers if name.startswith(("n", "share", "net"))]
    assert (numbers[counts].round() == numbers[counts]).where(numbers[counts].notna(), other=True).all(axis=None)


@pytest.mark.trial
def test_nothing_of_a_person_is_in_what_leaves_the_machine(small_project, wave):
    _, said = wave(24)
    answers = next(small_project.answers.rglob("answers.csv"))
    numbers = set(pd.read_csv(answers, dtype=str)["respondent"])
    written = [path for path in small_project.processed.iterdir() if path.suffix in {".csv", ".json"}]
    text = "".join(path.read_text() for path in written) + said
    with zipfile.ZipFile(io.BytesIO(pack(small_project, []).content)) as sent:  # what a cluster gets
        assert not [name for name in sent.namelist() if "private" in name or "answers" in name]
        text += "".join(sent.read(name).decode() for name in sent.namelist() if name.endswith(".csv"))
    assert not [number for number in numbers if number in text]
    record = json.loads(next((small_project.root / "data" / "private" / "releases").glob("*.json")).read_text())
    assert not [number for number in numbers if number in json.dumps(record)]
