"""Where the time of a profile goes: what is done once, and the parts of making one in its own process.

    python benchmarks/batch_where.py [--rounds 3]

Every profile is made in a process forked from a prepared one, as in a batch; the clock is read in it where each part
begins and ends, so that nothing is slowed down. The fork itself is not in it.
"""

from __future__ import annotations

import argparse
import importlib
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pandas as pd

from commands import copied_project, machine
from resilience_analysis.batch.local import prepared
from resilience_analysis.batch.processes import Starter
from resilience_analysis.batch.server import Request
from resilience_analysis.batch.tasks import Order, Task
from resilience_analysis.foundation.project import Project
from resilience_analysis.reports.kinds import KINDS, MUNICIPALITY, Wanted, application

ROUNDS = 3
PACKAGE = "resilience_analysis"
WHOLE, REST, PAGE = "a profile", "the rest", "the page alone, without a notebook"
PARTS = {
    "papermill, cells and all": (f"{PACKAGE}.batch.execute", "run_notebook"),
    "  making a kernel to run cells in": (f"{PACKAGE}.batch.direct", "start_kernel"),
    "  cells": (f"{PACKAGE}.batch.direct", "DirectKernel.run"),
    "what the notebook shows, as a digest": (f"{PACKAGE}.batch.execute", "digest_of_outputs"),
    "HTML": (f"{PACKAGE}.pages.render", "to_html"),
    "figures as CSV": (f"{PACKAGE}.reports.content", "download_files"),
}
"""Parts by what they are called here; those that are set in are part of the one above."""

Seconds = dict[str, float]


@contextmanager
def timed(name: str, taken: Seconds, clock: Callable[[], float] = time.process_time) -> Iterator[None]:
    """Add the processor time that a block takes, or the time of another clock."""
    begun = clock()
    try:
        yield
    finally:
        taken[name] += clock() - begun


def watch(name: str, module: str, path: str, taken: Seconds) -> Any:
    """Return what, while it is entered, adds up the time that a function takes."""
    owner: Any = importlib.import_module(module)
    *outer, last = path.split(".")
    for part in outer:
        owner = getattr(owner, part)
    function: Callable[..., Any] = getattr(owner, last)

    def measured(*given: Any, **options: Any) -> Any:
        with timed(name, taken):
            return function(*given, **options)

    return patch.object(owner, last, measured)


def measure(root: Path, rounds: int) -> tuple[Seconds, Seconds]:
    """Return the seconds of what is done once, and those of each part of a profile."""
    once: Seconds = defaultdict(float)
    project = Project(root)
    with timed("planning", once, time.perf_counter):
        tasks = KINDS["profile"].tasks(
            MUNICIPALITY.choose(project, Wanted()), languages=["nl"], products=["html", "csv"]
        )
    server = prepared(application(), project)
    with closing(server):
        with timed("the prepared process: imports, tables, framework", once, time.perf_counter):
            server.wait_ready()
        return once, parts(server, project, tasks, rounds)


def parts(server: Starter, project: Project, tasks: list[Task], rounds: int) -> Seconds:
    """Make profiles, each in a fork; return the mean seconds of each part of one."""
    taken: Seconds = defaultdict(float)
    own = importlib.import_module(Path(__file__).stem)  # found by that name in the prepared process too
    server.fork(Request(own.end, before=partial(application().prepare, project, tasks[0]))).alive(patience=60)
    for turn in range(rounds):
        for task in tasks:
            order = Order(task, application(), project, project.root / f"round-{turn}" / task.stem, "warm")
            for name, seconds in server.call(partial(own.make, order)).items():
                taken[name] += seconds
    return {name: seconds / rounds / len(tasks) for name, seconds in taken.items()}


def end(_: object) -> None:
    """End a fork, which was asked for to have what its family shares drawn in the prepared process."""
    os._exit(0)


def make(order: Order) -> Seconds:
    """Make one profile, and its page alone; return what the parts take."""
    from resilience_analysis.batch.execute import make as make_report  # noqa: PLC0415 - loaded in the prepared process
    from resilience_analysis.notebook import load_dataset  # noqa: PLC0415

    taken: Seconds = defaultdict(float)
    with ExitStack() as watched:
        for name, (module, path) in PARTS.items():
            watched.enter_context(watch(name, module, path, taken))
        with timed(WHOLE, taken):
            told = make_report(order, lambda _: None)
    assert "failure" not in told, told
    with timed(PAGE, taken):
        KINDS["profile"].make_page(load_dataset(order.project), order.task).show().standalone()
    return dict(taken)


def shares(taken: Seconds) -> pd.DataFrame:
    """Put the parts in a table, with what is left over."""
    named = [(name, taken[name]) for name in PARTS]
    rest = taken[WHOLE] - sum(seconds for name, seconds in named if not name.startswith(" "))
    rows = [*named, (REST, rest), (WHOLE, taken[WHOLE])]
    table = pd.DataFrame(rows, columns=["part", "ms"])
    table["ms"] *= 1e3
    return table.assign(share=(table["ms"] / table["ms"].iloc[-1] * 100).round().astype(int).astype(str) + " %")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    print(machine())
    with copied_project() as root:
        once, each = measure(root, given.rounds)
    for name, seconds in once.items():
        print(f"once: {name} {seconds:.2f} s")
    print(shares(each).round(1).to_string(index=False))
    print(f"{PAGE}: {each[PAGE] * 1e3:.0f} ms")


if __name__ == "__main__":
    main()
