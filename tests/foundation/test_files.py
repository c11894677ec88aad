"""Files are written whole or not at all, and read with every fault named."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resilience_analysis.foundation.errors import InputError
from resilience_analysis.foundation.files import (
    read_yaml,
    replacing,
    sha256,
    write_all,
    write_bytes,
    write_json,
    write_text,
    write_yaml,
)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def fill_the_disk(monkeypatch: pytest.MonkeyPatch, *, after: int) -> None:
    """Let the disk be full from the file of that number on."""
    real, written = Path.write_bytes, []

    def write(path: Path, content: bytes) -> int:
        written.append(path)
        if len(written) > after:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(path, content)

    monkeypatch.setattr(Path, "write_bytes", write)


def test_a_file_appears_whole_when_the_block_ends(tmp_path):
    with replacing(tmp_path / "a.txt") as temporary:
        temporary.write_text("new")
        assert not (tmp_path / "a.txt").exists()
    assert (tmp_path / "a.txt").read_text() == "new"
    assert names_in(tmp_path) == ["a.txt"]


def test_a_block_that_raises_leaves_the_old_file_and_no_other(tmp_path):
    (tmp_path / "a.txt").write_text("old")

    def break_off() -> None:
        with replacing(tmp_path / "a.txt") as temporary:
            temporary.write_text("new")
            raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        break_off()
    assert (tmp_path / "a.txt").read_text() == "old"
    assert names_in(tmp_path) == ["a.txt"]


def test_folders_above_a_file_are_made_when_needed(tmp_path):
    write_text(tmp_path / "deep" / "down" / "a.txt", "x")
    assert (tmp_path / "deep" / "down" / "a.txt").read_text() == "x"


def test_a_written_file_has_the_rights_that_the_mask_leaves(tmp_path):
    old = os.umask(0o027)
    try:
        write_text(tmp_path / "a.txt", "x")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o666 & ~0o027


def test_an_identical_file_is_left_alone(tmp_path):
    path = tmp_path / "a.txt"
    assert write_text(path, "same") is True
    before = path.stat().st_mtime_ns, path.stat().st_ino
    assert write_text(path, "same") is False
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before


def test_text_is_written_as_utf_8_with_its_own_line_ends(tmp_path):
    write_text(tmp_path / "a.txt", "é\nü\n")
    assert (tmp_path / "a.txt").read_bytes() == b"\xc3\xa9\n\xc3\xbc\n"


def test_json_keeps_the_order_of_keys_and_the_letters(tmp_path):
    write_json(tmp_path / "a.json", {"z": "één", "a": 1})
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert list(json.loads(text)) == ["z", "a"]
    assert "één" in text
    assert text.endswith("}\n")


def test_yaml_that_is_written_reads_back_below_its_head(tmp_path):
    content = {"b": [1, 2.5], "a": {"ü": None, "yes": "yes"}}
    write_yaml(tmp_path / "a.yml", content, head="first line\nsecond line")
    assert (tmp_path / "a.yml").read_text(encoding="utf-8").splitlines()[:2] == ["# first line", "# second line"]
    assert read_yaml(tmp_path / "a.yml") == content


def test_a_hash_is_that_of_the_bytes(tmp_path):
    (tmp_path / "a.bin").write_bytes(b"abc" * 100_000)
    assert sha256(tmp_path / "a.bin") == hashlib.sha256(b"abc" * 100_000).hexdigest()


def test_several_files_are_written_and_only_the_changed_are_named(tmp_path):
    (tmp_path / "same").write_bytes(b"1")
    contents = {tmp_path / "same": b"1", tmp_path / "new": b"2"}
    assert write_all(contents) == [tmp_path / "new"]
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"same": b"1", "new": b"2"}


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_full_disk_leaves_every_old_file_and_names_the_one_that_did_not_fit(tmp_path, monkeypatch, after):
    for name in "abc":
        (tmp_path / name).write_bytes(b"old")
    fill_the_disk(monkeypatch, after=after)
    with pytest.raises(OSError, match="No space left") as failure:
        write_all({tmp_path / name: b"new" for name in "abc"})
    assert failure.value.filename == str(tmp_path / "abc"[after])
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"old", "b": b"old", "c": b"old"}


def test_a_folder_that_may_not_be_written_is_named_with_the_file(tmp_path, monkeypatch):
    def refuse(*_arguments: object, **_options: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / ".a-x7f"))

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    with pytest.raises(PermissionError) as failure:
        write_bytes(tmp_path / "a", b"new")
    assert failure.value.filename == str(tmp_path / "a")
    assert names_in(tmp_path) == []


def test_a_file_where_a_folder_should_be_is_an_error_of_that_path(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OSError, match="file") as failure:
        write_bytes(tmp_path / "file" / "a", b"new")
    assert failure.value.filename == str(tmp_path / "file" / "a")


def test_what_a_killed_process_left_does_not_disturb_the_next_write(tmp_path):
    (tmp_path / ".a-k1lled.txt").write_text("half")
    write_text(tmp_path / "a.txt", "whole")
    assert (tmp_path / "a.txt").read_text() == "whole"


@pytest.mark.parametrize(
    ("text", "place", "fault"),
    [
        ("a: 1\nb: 2\na: 3\n", "line 3, column 1", "the key 'a' appears here for the second time"),
        ("a:\n  b: 1\n  b: 2\n", "line 3, column 3", "the key 'b' appears here for the second time"),
        ("a: [1, 2\n", "line 2, column 1", "did not find expected"),
        ("a: 1\n b: 2\n", "line 2, column 3", "mapping values are not allowed"),
        ("a: 2025-13-45\n", "line 1, column 4", "'2025-13-45' cannot be read as timestamp"),
        ("a: !!int many\n", "line 1, column 4", "'many' cannot be read as int"),
        ("a: !!python/name:os.system\n", "line 1, column 4", "could not determine a constructor"),
        ("[a, b]: 1\n", "line 1, column 1", "a key must be a single value"),
        ("? {a: 1}\n: 2\n", "line 1, column 3", "a key must be a single value"),
        ("&a [*a]\n", "line 1, column 1", "found unconstructable recursive node"),
        ("a: *nobody\n", "line 1, column 4", "found undefined alias"),
        ("!!map [a]\n", "line 1, column 1", "expected a mapping node"),
        ("a: 1\n---\nb: 2\n", "line 2, column 1", "but found another document"),
    ],
)
def test_a_fault_of_yaml_is_named_with_line_and_column(tmp_path, text, place, fault):
    (tmp_path / "a.yml").write_text(text)
    with pytest.raises(InputError) as refusal:
        read_yaml(tmp_path / "a.yml")
    assert str(refusal.value).splitlines()[1].startswith(f"  - {tmp_path / 'a.yml'}, {place}: ")
    assert fault in str(refusal.value)


def test_yaml_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.yml: the file does not exist"):
        read_yaml(tmp_path / "none.yml")


def test_yaml_in_another_encoding_is_refused_with_the_remedy(tmp_path):
    (tmp_path / "a.yml").write_bytes("naam: België\n".encode("latin-1"))
    with pytest.raises(InputError, match=r"is not UTF-8 .* Save it as UTF-8"):
        read_yaml(tmp_path / "a.yml")


def test_yaml_with_control_characters_is_refused(tmp_path):
    (tmp_path / "a.yml").write_bytes(b"a: \x00\n")
    with pytest.raises(InputError, match="is not YAML"):
        read_yaml(tmp_path / "a.yml")


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_yaml_that_is_nested_too_deeply_is_refused(tmp_path, opening):
    (tmp_path / "a.yml").write_text(opening * 100_000, encoding="utf-8")
    with pytest.raises(InputError, match=r"line 1, column \d+: is nested deeper than 50 levels"):
        read_yaml(tmp_path / "a.yml")


TEN_ALIASES = ", ".join(f"k{k}: *a" for k in range(10))
TEN_MERGES = ",".join(["*a"] * 10)


@pytest.mark.parametrize("step", [f"{{{TEN_ALIASES}}}", f"{{<<: [{TEN_MERGES}]}}"])
def test_yaml_whose_aliases_multiply_is_refused_at_once(tmp_path, step):
    lines = ["a0: &a0 {x: 1}", *(f"a{k}: &a{k} {step.replace('*a', f'*a{k - 1}')}" for k in range(1, 12))]
    (tmp_path / "a.yml").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputError, match="holds more than 1,000,000 values once every alias is written out"):
        read_yaml(tmp_path / "a.yml")


@given(st.text(alphabet="ab:-[]{}&*!<>|'\"#,? \n0.", max_size=60))
def test_any_text_is_yaml_or_a_refusal(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "any.yml"
    path.write_text(text, encoding="utf-8")
    try:
        read = read_yaml(path)
    except InputError as error:
        read = error.problems
    assert read is None or isinstance(read, str | bool | int | float | list | dict | tuple)


def test_merged_keys_and_anchors_work_as_people_write_them(tmp_path):
    (tmp_path / "a.yml").write_text("base: &base {x: 1, y: 2}\nother:\n  <<: *base\n  y: 3\n")
    assert read_yaml(tmp_path / "a.yml")["other"] == {"x": 1, "y": 3}


def test_an_empty_file_of_yaml_is_nothing(tmp_path):
    (tmp_path / "a.yml").write_text("# only a comment\n")
    assert read_yaml(tmp_path / "a.yml") is None
