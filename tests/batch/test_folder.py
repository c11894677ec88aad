import os
import resource

import pytest

from resilience_analysis.batch.folder import FolderInUseError, describe, place, remove, working_in


def test_what_a_killed_batch_left_in_the_making_is_removed(tmp_path):
    (tmp_path / ".making" / "old").mkdir(parents=True)
    with working_in(tmp_path) as scratch:
        assert list(scratch.iterdir()) == []
    assert not scratch.exists()


def test_a_folder_is_held_by_one_and_free_again_afterwards(tmp_path):
    with working_in(tmp_path):
        with pytest.raises(FolderInUseError, match=f"process {os.getpid()}"), working_in(tmp_path):
            pass
        assert (tmp_path / ".making").is_dir(), "the second has touched nothing"
    with working_in(tmp_path):
        pass


def test_a_full_disk_is_told_with_the_name_of_the_file(tmp_path):
    most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, most[1]))
    try:
        with pytest.raises(OSError, match="File too large") as raised, working_in(tmp_path):
            pass
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, most)
    assert raised.value.filename == str(tmp_path / ".lock")


def test_a_folder_is_free_again_after_an_error(tmp_path):
    with pytest.raises(KeyboardInterrupt), working_in(tmp_path):
        raise KeyboardInterrupt
    with working_in(tmp_path):
        pass


def test_the_lock_of_another_computer_or_a_dead_process_does_not_hold(tmp_path):
    (tmp_path / ".lock").write_text("process 1", encoding="utf-8")
    with working_in(tmp_path):
        assert (tmp_path / ".lock").read_text(encoding="utf-8") == f"process {os.getpid()}"


def test_finished_files_take_the_place_of_older_ones(tmp_path):
    made, folder = tmp_path / "made", tmp_path / "out"
    for root, text in ((made, "new"), (folder, "old")):
        (root / "notebooks").mkdir(parents=True)
        (root / "notebooks" / "a.ipynb").write_text(text, encoding="utf-8")
    place(made, folder, ["notebooks/a.ipynb"])
    assert (folder / "notebooks" / "a.ipynb").read_text(encoding="utf-8") == "new"
    assert describe(folder, {"notebooks/a.ipynb": "digest"})["notebooks/a.ipynb"]["bytes"] == len("new")


def test_removing_what_is_gone_already_is_no_error(tmp_path):
    (tmp_path / "a.html").write_text("x", encoding="utf-8")
    remove(tmp_path, ["a.html", "b.html"])
    assert list(tmp_path.iterdir()) == []
