"""Whatever a notebook does, its report fails alone, with its cell and its last output, and nothing of it stays."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest
from tests.batch.lab import Heard, Lab, task, write_notebook

from resilience_analysis.batch.execute import most_memory
from resilience_analysis.batch.processes import Server
from resilience_analysis.batch.tasks import Failure, Settings
from resilience_analysis.foundation.project import Project

Run = Callable[..., Heard]


def failure_of(heard: Heard) -> Failure:
    failure = heard["report.nl"].failure
    assert failure is not None
    return failure


def log_of(folder: Path) -> str:
    return (folder / "out" / "logs" / "report.nl.log").read_text(encoding="utf-8")


def test_a_cell_that_raises_is_named_with_what_it_raised(run_cells: Run, tmp_path: Path) -> None:
    failure = failure_of(run_cells("print('so far')", "x = {}\nx['missing']"))
    assert (failure.kind, failure.cell) == ("exception", 4)
    assert failure.message == "KeyError: 'missing'"
    assert "x['missing']" in failure.output
    assert "so far" in log_of(tmp_path)


def test_a_failed_report_leaves_its_notebook_in_the_logs_only(run_cells: Run, tmp_path: Path) -> None:
    run_cells("1 / 0")
    assert (tmp_path / "out" / "logs" / "report.nl.ipynb").is_file()
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [".lock", "logs", "manifest.json"]


def test_the_manifest_lists_a_failure_with_its_cell(run_cells: Run, tmp_path: Path) -> None:
    run_cells("1 / 0")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["failed"] == 1
    assert manifest["failures"]["report.nl"]["cell"] == 3
    assert manifest["reports"]["report.nl"]["files"] == {}


def test_a_notebook_that_loops_for_ever_is_ended_in_time(run_cells: Run) -> None:
    failure = failure_of(run_cells("print('round we go')", "while True: pass", seconds=3))
    assert (failure.kind, failure.cell, failure.message) == ("timeout", 4, "took longer than 3 seconds")
    assert "round we go" in failure.output


def test_a_notebook_that_ignores_signals_is_ended_in_time(run_cells: Run) -> None:
    deaf = "import signal, time\nfor number in (signal.SIGTERM, signal.SIGINT): signal.signal(number, signal.SIG_IGN)"
    assert failure_of(run_cells(deaf, "while True: time.sleep(1)", seconds=0.5)).kind == "timeout"


def test_printing_a_gigabyte_fails_the_cell_that_does(run_cells: Run, tmp_path: Path) -> None:
    failure = failure_of(run_cells("for _ in range(1000): print('x' * 1_000_000)", characters=3_000_000))
    assert (failure.kind, failure.cell) == ("output", 3)
    assert (tmp_path / "out" / "logs" / "report.nl.log").stat().st_size < 3_100_000


def test_printing_a_gigabyte_below_python_is_seen_from_outside(run_cells: Run) -> None:
    flood = "import os\nwhile True: os.write(1, b'x' * 1_000_000)"
    assert failure_of(run_cells(flood, characters=20_000_000)).kind == "output"


def test_taking_too_much_memory_is_seen_from_outside(run_cells: Run) -> None:
    greedy = "kept = []\nimport time\nwhile True:\n    kept.append(bytes([1]) * 20_000_000)\n    time.sleep(0.02)"
    failure = failure_of(run_cells(greedy, megabytes=200))
    assert (failure.kind, failure.cell, failure.message) == ("memory", 3, "held more than 200 MB of memory")


@pytest.mark.parametrize(("megabytes", "state"), [(60, "made"), (200, "failed")])
def test_what_a_report_was_forked_with_neither_counts_nor_adds_to_its_limit(
    run_cells: Run, megabytes: int, state: str
) -> None:
    cell = f"kept = bytes([1]) * {megabytes}_000_000\nimport time\ntime.sleep(1)"
    assert run_cells(cell, megabytes=150).states == {"report.nl": state}


HUNDRED = 100_000_000  # bytes


def write_to(block: bytearray) -> None:
    for place in range(0, len(block), 4096):
        block[place] = 2


def take_and_give_back(_: bytearray) -> None:
    assert len(bytes([1]) * HUNDRED) == HUNDRED


def measure(deed: Callable[[bytearray], object]) -> int:
    """Return the most memory of a process forked from one that holds a hundred megabytes."""
    assert _block
    deed(_block)
    return most_memory()


_block = bytearray()


def load_block() -> None:
    _block.extend(bytearray([1]) * HUNDRED)


@pytest.fixture(scope="module")
def heavy() -> Iterator[Server]:
    """A process that holds a hundred megabytes."""
    with contextlib.closing(Server(load_block, path=sys.path)) as server:
        yield server


@pytest.mark.parametrize(
    ("deed", "own"), [(len, False), (write_to, True), (take_and_give_back, True)], ids=["none", "copied", "given back"]
)
def test_what_a_process_was_forked_with_is_its_own_once_written_to(
    heavy: Server, deed: Callable[[bytearray], object], own: bool
) -> None:
    assert (heavy.call(partial(measure, deed)) > HUNDRED) == own


def test_memory_of_processes_that_a_notebook_starts_counts(run_cells: Run) -> None:
    child = "import time; x = b'1' * 300_000_000; time.sleep(60)"
    greedy = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {child!r}])"
    assert failure_of(run_cells(greedy, megabytes=200)).kind == "memory"


@pytest.mark.parametrize(
    ("deed", "message"),
    [
        ("os.kill(os.getpid(), 9)", "its process was killed (SIGKILL, as the system does when memory runs out)"),
        ("os.kill(os.getpid(), 11)", "its process was killed (SIGSEGV)"),
        ("os._exit(3)", "its process ended itself (exit code 3)"),
        ("os._exit(0)", "its process ended itself (exit code 0)"),
        ("os.closerange(3, 100); os._exit(0)", "its process ended itself (exit code 0)"),
    ],
)
def test_a_notebook_that_ends_its_process_is_seen_at_once(run_cells: Run, deed: str, message: str) -> None:
    failure = failure_of(run_cells("print('still here')", f"import os\n{deed}", "print('not any more')"))
    assert (failure.kind, failure.cell, failure.message) == ("killed", 4, message)
    assert "still here" in failure.output


@pytest.mark.parametrize("deed", ["import sys\nsys.exit(0)", "import sys\nsys.exit()", "raise SystemExit(0)"])
def test_a_notebook_that_leaves_quietly_has_not_been_run(run_cells: Run, deed: str) -> None:
    failure = failure_of(run_cells(deed, "print('not reached')"))
    assert (failure.kind, failure.cell) == ("incomplete", 4)
    assert failure.message == "did not run: the notebook ended before it"


@pytest.mark.parametrize("deed", ["exit()", "quit()"])
def test_a_notebook_that_ends_its_session_has_failed(run_cells: Run, deed: str) -> None:
    failure = failure_of(run_cells(deed, "print('not reached')"))
    assert (failure.kind, failure.cell) == ("killed", 3)


def test_a_copy_that_a_notebook_forks_of_itself_ends_with_its_cell(run_cells: Run, tmp_path: Path) -> None:
    heard = run_cells("import os\nif os.fork(): os.wait()\nprint('once')", "print('twice')")
    assert heard.states == {"report.nl": "made"}
    written = (tmp_path / "out" / "notebooks" / "report.nl.ipynb").read_text(encoding="utf-8")
    assert written.count('"once\\n"') == 2  # by the copy too, as where a kernel runs the cell
    assert written.count('"twice\\n"') == 1


def test_a_notebook_may_go_to_another_folder(run_cells: Run, tmp_path: Path) -> None:
    heard = run_cells("import os\nos.chdir('/')", "print(os.getcwd())")
    assert heard.states == {"report.nl": "made"}
    assert (tmp_path / "out" / "report.nl.html").is_file()


# a child, a child in a session of its own, and a daemon whose parent is gone
LEAVE_BEHIND = """\
import os, subprocess
subprocess.Popen({command})
subprocess.Popen({command}, start_new_session=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execvp("sleep", {command})
    os._exit(0)
os.wait()
"""


@pytest.mark.parametrize(("then", "state"), [("pass", "made"), ("os.kill(os.getpid(), 9)", "failed")])
def test_processes_that_a_notebook_leaves_behind_are_ended_with_it(run_cells: Run, then: str, state: str) -> None:
    command = ["sleep", str(50_000 + time.time_ns() % 10_000)]
    heard = run_cells(LEAVE_BEHIND.format(command=command), then)
    assert heard.states == {"report.nl": state}
    assert running(" ".join(command)) == []


def running(mark: str) -> list[int]:
    """Return the processes with this command, a moment later: what is killed takes one to be gone."""
    for _ in range(20):
        found = [p.pid for p in psutil.process_iter(["cmdline"]) if " ".join(p.info["cmdline"] or []) == mark]
        if not found:
            return []
        time.sleep(0.05)
    return found


@pytest.mark.parametrize(
    "value",
    [
        'it\'s "quoted"',
        "two\nlines",
        "../../etc/passwd",
        "emoji 🌍 é",
        "00123",
        "{braces} %s \\n",
        "'; import os #",
        "",
        "1e5",
    ],
)
def test_a_parameter_reaches_the_notebook_as_it_is(run_cells: Run, tmp_path: Path, value: str) -> None:
    heard = run_cells("import json\nprint(json.dumps(who))", who=value)
    assert heard.states == {"report.nl": "made"}, heard["report.nl"].failure
    notebook = json.loads((tmp_path / "out" / "notebooks" / "report.nl.ipynb").read_text(encoding="utf-8"))
    [printed] = [
        o["text"] for cell in notebook["cells"] for o in cell.get("outputs", ()) if o["output_type"] == "stream"
    ]
    assert json.loads("".join(printed)) == value


def test_a_kernel_that_dies_is_reported_like_a_process_that_does(run_cells: Run) -> None:
    failure = failure_of(run_cells("print('still here')", "import os\nos._exit(1)", engine="papermill"))
    assert (failure.kind, failure.cell) == ("killed", 4)
    assert "still here" in failure.output


def test_a_kernel_that_loops_is_ended_in_time(run_cells: Run) -> None:
    assert failure_of(run_cells("while True: pass", engine="papermill", seconds=4)).kind == "timeout"


def test_one_failing_report_does_not_stop_the_others(lab: Lab, workshop: Project, tmp_path: Path) -> None:
    notebook = write_notebook(workshop, "choosy", "assert who != 'wrong'")
    tasks = [task(notebook, f"{who}.nl", who=who) for who in ("right", "wrong", "fine")]
    heard: Heard = lab(workshop, tasks, Settings(tmp_path / "out", jobs=2))
    assert heard.states == {"right.nl": "made", "wrong.nl": "failed", "fine.nl": "made"}
    assert {path.name for path in (tmp_path / "out").glob("*.nl.html")} == {"right.nl.html", "fine.nl.html"}
