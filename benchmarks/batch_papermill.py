"""A finished profile (executed notebook and HTML) against `papermill` followed by `jupyter nbconvert`, in one run.

    python benchmarks/batch_papermill.py [--plain 5] [--batch 285]

Plain: both commands, one profile after the other, same notebook. nbconvert uses its default template, as its command
line has no way to hand ours what it fills in. Ours: `resilience profiles`, start included, with a job per core; it
writes the figures as CSV too. The limit: the same drawing and page building without any notebook, on one core, in a
process that has everything loaded and the base drawings made.
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pandas as pd

from commands import Run, copied_project, cores, machine, resilience, run
from resilience_analysis.batch.tasks import Task
from resilience_analysis.foundation.project import Project
from resilience_analysis.notebook import load_dataset
from resilience_analysis.pages.profile import ProfilePage
from resilience_analysis.pages.subject import subject
from resilience_analysis.reports.content import download_files
from resilience_analysis.reports.kinds import KINDS, MUNICIPALITY, Wanted

REGION, GOAL, ROUNDS = "neteland", 25, 4


def make_plainly(root: Path, task: Task) -> tuple[Run, Run]:
    """Make one profile with the two commands."""
    notebooks, made = root / "notebooks", root / f"{task.stem}.ipynb"
    parameters = [word for name, value in task.parameters.items() for word in ("-r", name, value)]
    papermill = [sys.executable, "-m", "papermill", "--no-progress-bar", "--cwd", str(notebooks)]
    executed = run(root, [*papermill, str(notebooks / task.notebook), str(made), *parameters])
    return executed, run(root, [sys.executable, "-m", "nbconvert", "--to", "html", "--no-input", str(made)])


def build_pages(root: Path, tasks: list[Task]) -> dict[str, float]:
    """Draw and write the pages of some profiles in this process; seconds per profile, once the base is drawn."""
    dataset, project = load_dataset(Project(root)), Project(root)
    seconds = {"page": 0.0, "figures as CSV": 0.0}
    for turn in range(ROUNDS + 1):
        if turn == 1:
            seconds = dict.fromkeys(seconds, 0.0)
        for task in tasks:
            given, begun = task.parameters, time.process_time()
            ProfilePage(subject(dataset, given["nis_code"], region=given["region"])).show().standalone()
            drawn = time.process_time()
            download_files(project, task)
            seconds["page"] += drawn - begun
            seconds["figures as CSV"] += time.process_time() - drawn
    return {name: taken / ROUNDS / len(tasks) for name, taken in seconds.items()}


def row(way: str, count: int, runs: list[Run]) -> dict[str, object]:
    """Return one line of the table."""
    seconds, cpu = sum(each.seconds for each in runs), sum(each.cpu for each in runs)
    peak = max(each.peak for each in runs)
    return {"way": way, "profiles": count, "seconds": seconds, "per profile": seconds / count,
            "cpu per profile": cpu / count, "largest process MiB": peak}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plain", type=int, default=5, help="profiles made with the two commands")
    parser.add_argument("--batch", type=int, default=285, help="profiles made in one batch")
    given = parser.parse_args()
    print(machine())
    with copied_project() as root:
        chosen = MUNICIPALITY.choose(Project(root), Wanted(region=REGION))
        tasks = KINDS["profile"].tasks(chosen, languages=["nl"], products=["html"])
        pairs = [make_plainly(root, task) for task in (tasks * given.plain)[: given.plain]]
        few = resilience(root, "profiles", "--region", REGION, "--out", str(root / "few"))
        many = resilience(root, "profiles", "--all", "--limit", str(given.batch), "--out", str(root / "many"))
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            alone = pool.submit(build_pages, root, tasks).result()
    rows = [row("papermill", given.plain, [one for one, _ in pairs])]
    rows.append(row("nbconvert", given.plain, [other for _, other in pairs]))
    rows.append(row("plain: both", given.plain, [each for pair in pairs for each in pair]))
    rows.append(row("resilience, one region", len(tasks), [few]))
    rows.append(row("resilience, all", given.batch, [many]))
    table = pd.DataFrame(rows)
    plain = table["per profile"][2]
    table["times faster"] = plain / table["per profile"]
    print(table.round(2).to_string(index=False))
    report(plain / (many.seconds / given.batch), many, given.batch, alone)


def report(ratio: float, many: Run, count: int, alone: dict[str, float]) -> None:
    """Say how the batch stands against the goal and against the limit."""
    limit = sum(alone.values())
    print(f"\nplain / resilience per profile: {ratio:.1f} times (goal: {GOAL})")
    print("without any notebook, on one core: " + ", ".join(f"{name} {s * 1e3:.0f} ms" for name, s in alone.items()))
    print(f"processor time of the batch per profile / that limit: {many.cpu / count / limit:.2f}")
    print(f"time of the batch per profile x cores / that limit: {many.seconds / count * cores() / limit:.2f}")


if __name__ == "__main__":
    main()
