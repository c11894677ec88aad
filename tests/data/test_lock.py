"""A raw file is what it was when somebody accepted it, or the build stops."""

from __future__ import annotations

import hashlib

import pytest
import yaml
from tests.small import source

from resilience_analysis.data.catalogue import LOCK_FILE as FILE_NAME
from resilience_analysis.data.catalogue import Fingerprint, accept, fingerprint, lock_problems, read_lock, verify
from resilience_analysis.data.recipe import Recipe
from resilience_analysis.foundation.errors import InputError

CATALOGUE = {"one": source("one", file="a/one.csv"), "two": source("two", file="two.geojson", items="items.csv")}
OLD = "code,value\n1,2\n3,4\n"


@pytest.fixture
def raw(tmp_path):
    """A folder with three files, accepted."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one.csv").write_text(OLD)
    (tmp_path / "two.geojson").write_text("{}")
    (tmp_path / "items.csv").write_text("item\nx\n")
    accept(tmp_path, CATALOGUE)
    return tmp_path


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_fingerprint_of_a_table_counts_its_rows_and_columns(raw):
    assert fingerprint(raw / "a" / "one.csv") == Fingerprint(digest(OLD), len(OLD), 2, 2)


def test_a_fingerprint_of_anything_else_has_only_hash_and_size(raw):
    assert fingerprint(raw / "two.geojson") == Fingerprint(digest("{}"), 2, None, None)


def test_an_empty_table_has_no_rows_and_no_columns(tmp_path):
    (tmp_path / "a.csv").write_text("")
    assert fingerprint(tmp_path / "a.csv") == Fingerprint(digest(""), 0, 0, 0)


def test_accepted_files_are_verified_without_a_word(raw):
    assert list(read_lock(raw)) == ["a/one.csv", "two.geojson", "items.csv"]
    verify(raw, CATALOGUE)


def test_accepting_again_changes_nothing(raw):
    before = (raw / FILE_NAME).read_bytes()
    assert accept(raw, CATALOGUE) == {}
    assert (raw / FILE_NAME).read_bytes() == before


def test_a_changed_file_is_refused_with_both_hashes_and_the_command(raw):
    (raw / "a" / "one.csv").write_text("code,value\n1,3\n")
    with pytest.raises(InputError) as refusal:
        verify(raw, CATALOGUE)
    (problem,) = refusal.value.problems
    assert str(problem) == (
        f"a/one.csv: changed: sha256 {digest(OLD)} expected, {digest('code,value' + chr(10) + '1,3' + chr(10))} found "
        "(19 -> 15 bytes, 2 -> 1 rows). If this is intended, accept it with: resilience lock one"
    )


def test_a_file_that_is_new_is_accepted_with_its_size(raw):
    (raw / FILE_NAME).unlink()
    sizes = {"a/one.csv": "new -> 19 bytes, new -> 2 rows", "two.geojson": "new -> 2 bytes"}
    assert accept(raw, CATALOGUE, ["one", "two"]) == sizes | {"items.csv": "new -> 7 bytes, new -> 1 rows"}


def test_a_missing_file_is_named_with_how_to_get_it_back(raw):
    (raw / "items.csv").unlink()
    (problem,) = lock_problems(raw, CATALOGUE)
    assert str(problem) == "items.csv: the raw file does not exist. Restore it"


def test_a_missing_file_that_can_be_fetched_says_so(raw):
    (raw / "a" / "one.csv").unlink()
    (problem,) = lock_problems(
        raw, {"one": source("one", file="a/one.csv", recipe=Recipe(address="https://example.org/a.zip"))}
    )
    assert str(problem) == "a/one.csv: the raw file does not exist. Restore it, or run: resilience fetch one"


def test_a_file_that_nobody_accepted_is_refused_with_its_hash(raw):
    (raw / FILE_NAME).unlink()
    problems = lock_problems(raw, CATALOGUE)
    assert str(problems[0]).startswith(f"a/one.csv: was never accepted (sha256 {digest(OLD)})")
    assert len(problems) == 3


def test_all_files_that_changed_are_named_at_once(raw):
    for file in ("a/one.csv", "two.geojson"):
        (raw / file).write_text("changed")
    (raw / "items.csv").unlink()
    assert [problem.where for problem in lock_problems(raw, CATALOGUE)] == ["a/one.csv", "two.geojson", "items.csv"]


def test_accepting_one_source_leaves_the_others_refused(raw):
    (raw / "a" / "one.csv").write_text("changed")
    (raw / "two.geojson").write_text("changed")
    assert accept(raw, CATALOGUE, ["one"]) == {"a/one.csv": "19 -> 7 bytes, 2 -> 0 rows"}
    assert [problem.where for problem in lock_problems(raw, CATALOGUE)] == ["two.geojson"]


def test_a_file_that_no_source_claims_leaves_the_lock(raw):
    accept(raw, {"one": CATALOGUE["one"]})
    assert list(read_lock(raw)) == ["a/one.csv"]


def test_what_does_not_exist_cannot_be_accepted_and_nothing_else_is(raw):
    (raw / "a" / "one.csv").write_text("changed")
    (raw / "items.csv").unlink()
    before = (raw / FILE_NAME).read_bytes()
    with pytest.raises(InputError, match=r"items\.csv: the raw file does not exist"):
        accept(raw, CATALOGUE)
    assert (raw / FILE_NAME).read_bytes() == before


@pytest.mark.parametrize("content", [["a"], {"a/one.csv": "hash"}, {"a/one.csv": {"sha256": "x"}}, {"a": {"md5": 1}}])
def test_a_lock_that_the_tool_did_not_write_is_refused(raw, content):
    (raw / FILE_NAME).write_text(yaml.safe_dump(content))
    with pytest.raises(InputError, match=r"is not what resilience lock writes\. Remove it"):
        verify(raw, CATALOGUE)


def test_a_lock_with_the_marks_of_a_merge_is_refused_with_its_line(raw):
    text = (raw / FILE_NAME).read_text()
    (raw / FILE_NAME).write_text(text.replace("two.geojson", "<<<<<<< HEAD\ntwo.geojson"))
    with pytest.raises(InputError, match=rf"{FILE_NAME}, line \d+"):
        verify(raw, CATALOGUE)


def test_the_raw_files_of_the_project_are_what_was_accepted(root):
    from resilience_analysis.data.catalogue import read_catalogue

    verify(root / "data" / "raw", read_catalogue(root / "data" / "raw"))
