"""What was worked out before is used again as long as what it rests on is the same, and only then."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resilience_analysis.foundation import files
from resilience_analysis.foundation.project import FOLDER, STATES, KeptFiles

TEXTS = st.none() | st.sampled_from(["", "13011", "a,b", "'s-Gravenhage", "é\n"])
COLUMNS = st.lists(
    st.tuples(TEXTS, st.floats(width=64), st.integers(-5, 3000), TEXTS), min_size=0, max_size=12
)  # fmt: skip


def never() -> pd.DataFrame:
    raise AssertionError("read anew")


@settings(max_examples=20, deadline=None)
@given(rows=COLUMNS)
def test_a_table_comes_back_as_it_was_kept(rows: list[tuple[object, ...]], tmp_path_factory: pytest.TempPathFactory):
    table = pd.DataFrame(rows, columns=["code", "value", "file", "why"]).astype({"code": "str", "why": object})
    table["why"] = table["why"].where(table["why"].notna(), np.nan)
    kept = KeptFiles(tmp_path_factory.mktemp("kept"), "one")
    assert kept.table("t", lambda: table) is table
    pd.testing.assert_frame_equal(kept.table("t", never), table)


@pytest.mark.parametrize("kind", ["str", "object"])
def test_tables_with_the_same_rows_come_back_as_they_were_kept(tmp_path: Path, kind):
    rows = pd.Index(["13011", "13029"], name="nis_code", dtype=kind)
    pairs = pd.MultiIndex.from_tuples([("social", "register"), ("space", "self")], names=["code", "strand"])
    frames = {
        "score": pd.DataFrame([[1.5, np.nan], [2.0, 0.1]], rows, pairs),
        "why": pd.DataFrame([[np.nan, "small"], ["small", "é"]], rows, pairs, dtype=object),
        "value": pd.DataFrame([[0.3], [np.nan]], rows, pd.Index([2023], name="year")),
    }
    kept = KeptFiles(tmp_path, "one")
    kept.keep_frames("wide", frames)
    found = kept.find_frames("wide")
    assert found is not None
    assert list(found) == list(frames)
    for name, frame in frames.items():
        pd.testing.assert_frame_equal(found[name], frame)
    assert kept.find_frames("other") is None


@pytest.mark.parametrize("touched", ["content", "inode", "nothing"])
def test_the_digest_of_a_large_file_is_remembered_until_it_is_touched(tmp_path: Path, monkeypatch, touched):
    monkeypatch.setattr(files, "LARGE_FILE", 3)
    monkeypatch.setattr(files, "_SETTLED", -9.0)
    file, other = tmp_path / "a.csv", tmp_path / "b.csv"
    file.write_text("one")
    before = file.stat()
    taken = files.file_digests(tmp_path / FOLDER, [file])
    assert taken == {file: files.sha256(file)}
    if touched == "content":  # and the time of its content is put back
        file.write_text("two")
    elif touched == "inode":
        other.write_text("two")
        other.replace(file)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns)) if touched != "nothing" else None
    monkeypatch.setattr(files, "sha256", lambda _: "read")
    assert files.file_digests(tmp_path / FOLDER, [file])[file] == (taken[file] if touched == "nothing" else "read")


def test_the_digest_of_a_file_written_just_now_is_not_remembered(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(files, "LARGE_FILE", 3)
    (tmp_path / "a.csv").write_text("one")
    files.file_digests(tmp_path / FOLDER, [tmp_path / "a.csv"])
    assert not (tmp_path / FOLDER).exists()


def test_what_is_kept_for_one_state_is_nothing_for_another(tmp_path: Path):
    KeptFiles(tmp_path, "one").write("name", {"a": [1, float("inf")]})
    assert KeptFiles(tmp_path, "one").read("name") == {"a": [1, float("inf")]}
    assert KeptFiles(tmp_path, "two").read("name") is None
    assert KeptFiles(tmp_path, "one").read("other") is None


def test_what_was_torn_off_is_made_anew(tmp_path: Path):
    kept, table = KeptFiles(tmp_path, "one"), pd.DataFrame({"a": ["x", "y"]})
    kept.table("t", lambda: table)
    kept.write("name", 1)
    for path in (tmp_path / FOLDER / "one").iterdir():
        if path.suffix == ".npz" or path == kept._path("name"):
            path.write_bytes(path.read_bytes()[:-9])
    assert kept.read("name") is None
    assert kept.table("t", lambda: table) is table
    pd.testing.assert_frame_equal(kept.table("t", never), table)


def test_a_few_states_are_kept_and_git_sees_none(tmp_path: Path):
    for number in range(STATES + 3):
        KeptFiles(tmp_path, f"state {number}").write("name", number)
    folders = [path for path in (tmp_path / FOLDER).iterdir() if path.is_dir()]
    assert len(folders) == STATES
    assert tmp_path / FOLDER / f"state {STATES + 2}" in folders
    assert (tmp_path / FOLDER / ".gitignore").read_text(encoding="utf-8") == "*\n"


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path):
    (tmp_path / FOLDER).write_text("a file where the folder should be", encoding="utf-8")
    kept, table = KeptFiles(tmp_path, "one"), pd.DataFrame({"a": [1.5]})
    kept.write("name", 1)
    assert kept.read("name") is None
    assert kept.table("t", lambda: table) is table
