"""Where the time of a profile goes: what is done once, and the parts of making one in its own process.

    python benchmarks/batch_where.py [--rounds 3]

In one process, which has everything ready as the one that others are forked from, and puts back what each notebook
changed. The clock is read where each part begins and ends, so that nothing is slowed down; without the fork itself.
"""

from __future__ import annotations

import argparse
import importlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pandas as pd

from commands import copied_project, machine

REGION, ROUNDS = "neteland", 3
PACKAGE = "resilience_analysis"
WHOLE, REST = "a profile", "the rest"
PARTS = {
    "papermill, cells and all": (f"{PACKAGE}.batch.produce", "run_notebook"),
    "  making a shell to run cells in": (f"{PACKAGE}.batch.direct", "start_shell"),
    "  cells": (f"{PACKAGE}.batch.shell", "DirectShell.run_cell"),
    "what the notebook shows, as a digest": (f"{PACKAGE}.batch.produce", "digest_of_outputs"),
    "HTML": (f"{PACKAGE}.batch.export", "to_html"),
    "figures as CSV": (f"{PACKAGE}.reports.downloads", "download_files"),
}
"""Parts by what they are called here; those that are set in are part of the one above."""

Seconds = dict[str, float]


@contextmanager
def timed(name: str, taken: Seconds) -> Iterator[None]:
    """Add the time that a block takes."""
    begun = time.perf_counter()
    try:
        yield
    finally:
        taken[name] += time.perf_counter() - begun


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
    with timed("importing everything", once):
        lean = importlib.import_module(f"{PACKAGE}.batch.lean")
        with lean.lean_imports():
            from resilience_analysis.batch.warm import Warmth  # noqa: PLC0415
            from resilience_analysis.foundation.project import Project  # noqa: PLC0415
            from resilience_analysis.notebook import load_atlas  # noqa: PLC0415
            from resilience_analysis.reports.plan import profile_tasks, read_places  # noqa: PLC0415
    project = Project(root)
    with timed("reading tables, framework and maps", once):
        load_atlas(project)
    with timed("getting ready: templates, a shell's modules", once):
        warmth = Warmth(project)
    places = read_places(project)
    tasks = profile_tasks(places, places.members(REGION), products=("html", "csv"))
    with timed("drawing what a region shares", once):
        warmth.prepare(tasks[0])
    return once, parts(project, tasks, rounds)


def parts(project: Any, tasks: list[Any], rounds: int) -> Seconds:
    """Make profiles in this process; give the seconds of each part of one. The first round is not counted."""
    taken: Seconds = defaultdict(float)
    for turn in range(rounds + 1):
        if turn == 1:
            taken.clear()
        for task in tasks:
            make(project, task, project.root / f"round-{turn}", taken)
    return {name: seconds / rounds / len(tasks) for name, seconds in taken.items()}


def make(project: Any, task: Any, folder: Path, taken: Seconds) -> None:
    """Make one profile and add up what its parts take."""
    from resilience_analysis.batch.pool import make_in_place  # noqa: PLC0415
    from resilience_analysis.batch.tasks import Order  # noqa: PLC0415

    with ExitStack() as watched:
        for name, (module, path) in PARTS.items():
            watched.enter_context(watch(name, module, path, taken))
        with timed(WHOLE, taken):
            told = make_in_place(Order(task, project, folder / task.stem, "warm"))
    assert "failure" not in told, told


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
    with copied_project() as root, ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        once, each = pool.submit(measure, root, given.rounds).result()
    for name, seconds in once.items():
        print(f"once: {name} {seconds:.2f} s")
    print(shares(each).round(1).to_string(index=False))


if __name__ == "__main__":
    main()
