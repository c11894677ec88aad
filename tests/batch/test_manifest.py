import json

import pytest

from resilience_analysis.batch.folder import Manifest, commit, note, read_manifest, write_manifest
from resilience_analysis.foundation.files import write_json

FILE = {"sha256": "0", "bytes": 1, "modified_ns": 1}
RECORD = {
    "title": "A", "kind": "test", "language": "nl", "notebook": "a.ipynb", "parameters": {}, "made": "", "seconds": 1.0,
    "basis": {}, "depends": "", "shown": "", "files": {"a.html": FILE}, "failure": None,
}  # fmt: skip
FAILED = {**RECORD, "files": {}, "failure": {"kind": "timeout", "message": "too long"}}


def test_a_manifest_reads_back_as_it_was_written(tmp_path):
    write_manifest(tmp_path, Manifest({"package": "1"}, {"b.nl": FAILED, "a.nl": RECORD}))
    assert read_manifest(tmp_path).reports == {"a.nl": RECORD, "b.nl": FAILED}
    content = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert list(content["reports"]) == ["a.nl", "b.nl"]
    assert content["failures"] == {"b.nl": FAILED["failure"]}


def test_an_empty_folder_has_an_empty_manifest(tmp_path):
    found = read_manifest(tmp_path)
    assert (found.reports, found.unreadable) == ({}, False)


def test_what_a_killed_batch_had_finished_is_in_its_journal(tmp_path):
    write_manifest(tmp_path, Manifest(reports={"a.nl": FAILED}))
    note(tmp_path, "a.nl", RECORD)
    note(tmp_path, "c.nl", RECORD)
    with (tmp_path / ".manifest.jsonl").open("a", encoding="utf-8") as journal:
        journal.write('{"stem": "d.nl", "rec')
    assert read_manifest(tmp_path).reports == {"a.nl": RECORD, "c.nl": RECORD}


@pytest.mark.parametrize(
    "record",
    [
        *({name: value for name, value in RECORD.items() if name != lacking} for lacking in RECORD),
        {**RECORD, "seconds": "no"},
        {**RECORD, "files": {"a.html": 1}},
        {**RECORD, "files": {"a.html": {"sha256": "0"}}},
        {},
        [],
        None,
    ],
)
def test_a_record_that_lacks_a_part_is_taken_for_not_there(tmp_path, record):
    write_json(tmp_path / "manifest.json", {"format": 1, "reports": {"a.nl": record, "b.nl": RECORD}})
    note(tmp_path, "c.nl", record)
    assert read_manifest(tmp_path).reports == {"b.nl": RECORD}


@pytest.mark.parametrize("line", ["5", '"x"', "[]", "{}", '{"stem": 1}', '{"stem": "a.nl"}', "\x00"])
def test_a_strange_line_of_the_journal_is_passed_over(tmp_path, line):
    (tmp_path / ".manifest.jsonl").write_text(f"{line}\n", encoding="utf-8")
    note(tmp_path, "b.nl", RECORD)
    assert read_manifest(tmp_path).reports == {"b.nl": RECORD}


def test_writing_the_manifest_ends_the_journal(tmp_path):
    note(tmp_path, "a.nl", RECORD)
    write_manifest(tmp_path, read_manifest(tmp_path))
    assert not (tmp_path / ".manifest.jsonl").exists()
    assert read_manifest(tmp_path).reports == {"a.nl": RECORD}


def test_a_manifest_nobody_understands_is_called_strange(tmp_path):
    for content in ("{", "[]", '{"format": 2, "reports": {}}', '{"format": 1}'):
        (tmp_path / "manifest.json").write_text(content, encoding="utf-8")
        assert read_manifest(tmp_path).unreadable


def test_outside_git_there_is_no_commit(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert commit(tmp_path) is None
    monkeypatch.setenv("PATH", "")
    assert commit(tmp_path) is None
