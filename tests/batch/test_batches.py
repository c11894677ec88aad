"""A batch makes what is missing or has changed and nothing else, and says why."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.batch.lab import PATIENCE, Heard, Lab, task, write_notebook

from resilience_analysis.batch.folder import FolderInUseError, working_in
from resilience_analysis.batch.tasks import Application, Executed, Outcome, Product, Settings, Task
from resilience_analysis.foundation.errors import InputError, UsageError
from resilience_analysis.foundation.project import Project

Make = Callable[..., Heard]


@pytest.fixture
def make(lab: Lab, workshop: Project, tmp_path: Path) -> Make:
    """Run a batch of three reports of one notebook into the same folder, again and again."""

    def run(tasks: list[Task] | None = None, **options: Any) -> Heard:
        settings = Settings(tmp_path / "out", **{"jobs": 2, **options})
        heard: Heard = lab(workshop, tasks or three(workshop), settings)
        return heard

    return run


def three(project: Project, *sources: str) -> list[Task]:
    """Return three tasks with a notebook that says who it is for."""
    notebook = write_notebook(project, "three", *(sources or ("print(who)",)))
    return [task(notebook, f"{who}.nl", who=who) for who in ("a", "b", "c")]


def manifest(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "out" / "manifest.json").read_text(encoding="utf-8"))
    return content


def test_a_second_run_makes_nothing_and_leaves_every_file_alone(make: Make, tmp_path: Path) -> None:
    assert set(make().states.values()) == {"made"}
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.nl.*")}
    heard = make()
    assert heard.outcomes == []
    assert heard.reasons == {"a.nl": "", "b.nl": "", "c.nl": ""}
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.nl.*")} == before
    assert manifest(tmp_path)["kept"] == 3


def test_a_folder_named_from_where_one_is_is_found_by_notebooks_that_run_elsewhere(
    lab: Lab, workshop: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lab(workshop, three(workshop)[:1], Settings(Path("here")))
    assert (tmp_path / "here" / "a.nl.html").is_file()


def test_a_report_that_is_gone_or_was_touched_is_made_again(make: Make, tmp_path: Path) -> None:
    make()
    (tmp_path / "out" / "a.nl.html").unlink()
    (tmp_path / "out" / "notebooks" / "b.nl.ipynb").write_text("{}", encoding="utf-8")
    heard = make()
    assert heard.states == {"a.nl": "made", "b.nl": "made"}
    assert heard.reasons["a.nl"] == "its files are not what was made"


def test_a_copied_folder_is_known_by_its_content(make: Make, tmp_path: Path) -> None:
    make()
    shutil.copytree(tmp_path / "out", tmp_path / "copy", copy_function=shutil.copy)
    shutil.rmtree(tmp_path / "out")
    shutil.move(tmp_path / "copy", tmp_path / "out")
    assert make().outcomes == []


def test_a_changed_notebook_is_run_again(make: Make, workshop: Project) -> None:
    make()
    heard = make(three(workshop, "print('other', who)"))
    assert set(heard.states.values()) == {"made"}
    assert heard.reasons["a.nl"] == "the notebook changed"


def test_other_parameters_make_another_report(make: Make, workshop: Project) -> None:
    make()
    first, *others = three(workshop)
    changed = Task(first.stem, first.title, first.notebook, {"who": "somebody"}, "nl", kind="test")
    heard = make([changed, *others])
    assert heard.states == {"a.nl": "made"}
    assert heard.reasons["a.nl"] == "asked for with other parameters"


def test_force_makes_everything_again(make: Make) -> None:
    make()
    heard = make(force=True)
    assert set(heard.states.values()) == {"made"}
    assert heard.reasons["a.nl"] == "asked for again"


def test_a_limit_leaves_the_rest_for_the_next_time(make: Make) -> None:
    assert len(make(limit=2).outcomes) == 2
    assert len(make(limit=2).outcomes) == 1
    assert make(limit=2).outcomes == []


def test_what_failed_is_tried_again_alone_when_asked(make: Make, workshop: Project) -> None:
    make(three(workshop, "assert who != 'b'"), limit=2)
    heard = make(three(workshop, "assert who != 'b'"), only_failed=True)
    assert heard.states == {"b.nl": "failed"}
    assert heard.reasons == {"b.nl": "failed before"}


def test_a_failure_keeps_the_report_that_was_there(make: Make, workshop: Project, tmp_path: Path) -> None:
    make()
    before = (tmp_path / "out" / "b.nl.html").read_bytes()
    make(three(workshop, "assert who != 'b'"))
    assert (tmp_path / "out" / "b.nl.html").read_bytes() == before
    assert manifest(tmp_path)["failures"].keys() == {"b.nl"}
    assert set(make(three(workshop)).states) == {"a.nl", "b.nl", "c.nl"}


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 99}', '{"format": 0, "reports": {"a.nl": {}}}', "\x00"])
def test_a_folder_of_another_version_is_made_anew(make: Make, tmp_path: Path, content: str) -> None:
    make()
    (tmp_path / "out" / "manifest.json").write_text(content, encoding="utf-8")
    heard = make()
    assert set(heard.states.values()) == {"made"}
    assert manifest(tmp_path)["format"] == 1


def test_a_report_by_another_version_of_the_package_is_made_again(make: Make, tmp_path: Path) -> None:
    make()
    path = tmp_path / "out" / "manifest.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"package": "0', '"package": "older 0'), encoding="utf-8")
    assert make().reasons["a.nl"] == "made by another version of the package"


def test_times_in_the_future_or_the_past_change_nothing(make: Make, tmp_path: Path) -> None:
    make()
    for path in (tmp_path / "out").rglob("*.nl.*"):
        os.utime(path, (4_000_000_000, 4_000_000_000) if path.name.startswith("a") else (1, 1))
    assert make().outcomes == []


def test_a_misspelt_parameter_is_refused_before_anything_runs(make: Make, workshop: Project, tmp_path: Path) -> None:
    notebook = write_notebook(workshop, "misspelt")
    with pytest.raises(UsageError, match="unknown parameter 'wo'; did you mean 'who'"):
        make([task(notebook, wo="me")])
    assert not (tmp_path / "out" / "misspelt.nl.html").exists()


def test_a_notebook_that_is_not_there_is_named(make: Make) -> None:
    with pytest.raises(InputError, match=r"absent\.ipynb: the file does not exist"):
        make([task("absent.ipynb")])


def test_a_batch_is_refused_while_another_works_in_the_folder(make: Make, tmp_path: Path) -> None:
    with working_in(tmp_path / "out"), pytest.raises(FolderInUseError, match=f"is in use by process {os.getpid()}"):
        make()
    assert len(make().outcomes) == 3


NO_ROOM = """\
import resource, signal
if who == "b":
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (900, 900))
"""


def test_a_disk_that_is_full_fails_the_report_and_leaves_no_part_of_it(
    make: Make, workshop: Project, tmp_path: Path
) -> None:
    heard = make(three(workshop, NO_ROOM, "print(who)"))
    assert heard.states == {"a.nl": "made", "b.nl": "failed", "c.nl": "made"}
    failure = heard["b.nl"].failure
    assert failure is not None
    assert failure.kind == "disk"
    assert not list((tmp_path / "out").glob("b.nl.*"))
    assert [path.name for path in (tmp_path / "out" / "logs").glob("b.nl.*")] == ["b.nl.log"]


def no_room(_: Executed) -> tuple[bytes]:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "page.html")


FULL = Application({"html": Product((".html",), no_room)})


def test_a_full_disk_stops_a_batch_after_the_first_report(lab: Lab, workshop: Project, tmp_path: Path) -> None:
    heard = lab(workshop, three(workshop, "print(who)"), Settings(tmp_path), FULL)
    [outcome] = heard.outcomes
    assert str(outcome.failure) == "page.html: No space left on device"


class Looking(Heard):
    """Hears, and looks what is in the making of a folder whenever a report is done."""

    def __init__(self, making: Path) -> None:
        super().__init__()
        self.making = making
        self.seen: dict[str, list[str]] = {}

    def done(self, outcome: Outcome) -> None:
        self.seen[outcome.task.stem] = [path.name for path in self.making.iterdir()]


def test_a_report_that_failed_takes_no_room_from_the_next(lab: Lab, workshop: Project, tmp_path: Path) -> None:
    looking = Looking(tmp_path / ".making")
    lab.listen(looking, workshop, three(workshop, "assert who == 'c'"), Settings(tmp_path))
    assert looking.seen == {"a.nl": [], "b.nl": [], "c.nl": []}


def test_nothing_is_left_in_the_making(make: Make, tmp_path: Path) -> None:
    make()
    assert not (tmp_path / "out" / ".making").exists()
    assert not (tmp_path / "out" / ".manifest.jsonl").exists()


def test_a_log_says_when_each_cell_began_and_what_it_printed(make: Make, tmp_path: Path) -> None:
    make()
    lines = (tmp_path / "out" / "logs" / "a.nl.log").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "A test: three.ipynb with {'who': 'a'}"
    assert lines[1:5] == ["[cell 1]", "[cell 2]", "[cell 3]", "a"]
    assert lines[-1].startswith("[made] after ")


SLOW = "import time\ntime.sleep(0.2 if who == 'a' else 3600)"
BATCH = """\
import signal
import sys
from pathlib import Path
from resilience_analysis.foundation.project import Project
from resilience_analysis.batch.batches import ReportMaker
from resilience_analysis.batch.tasks import Settings
from tests.batch.lab import LABORATORY, Heard, task

class Loud(Heard):
    def done(self, outcome):
        print(outcome.task.stem, flush=True)

signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever started the tests may have it ignored
project, out = Project(Path(sys.argv[1])), Path(sys.argv[2])
tasks = [task("slow.ipynb", f"{who}.nl", who=who) for who in "abc"]
ReportMaker(LABORATORY).run(project, tasks, Settings(out, jobs=2), listener=Loud())
"""


def stop_halfway(project: Project, out: Path, number: int) -> int:
    """Run a batch in a process of its own and send it a signal when the first of three reports is made."""
    write_notebook(project, "slow", SLOW)
    command = [sys.executable, "-c", BATCH, str(project.root), str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "a.nl\n"
        process.send_signal(number)
        process.communicate(timeout=PATIENCE)  # ends with all that could still write there
        return process.returncode


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_batch_stopped_halfway_is_completed_by_the_next(
    lab: Lab, workshop: Project, tmp_path: Path, number: int
) -> None:
    assert stop_halfway(workshop, tmp_path, number) != 0
    assert sorted(path.name for path in tmp_path.glob("*.nl.html")) == ["a.nl.html"]
    tasks = [task("slow.ipynb", f"{who}.nl", who=who) for who in "abc"]
    heard: Heard = lab(workshop, tasks, Settings(tmp_path, jobs=2, limit=0))
    assert heard.reasons == {"a.nl": ""}
    assert not (tmp_path / ".making").exists()
