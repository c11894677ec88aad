"""Make reports on this machine, side by side."""

from __future__ import annotations

from collections.abc import Generator, Hashable
from pathlib import Path

from resilience_analysis.batch.batches import Settings, Work
from resilience_analysis.batch.children import can_fork
from resilience_analysis.batch.crew import run_orders
from resilience_analysis.batch.parameters import check_parameters
from resilience_analysis.batch.pool import run_in_pool
from resilience_analysis.batch.tasks import Order, Outcome, Task
from resilience_analysis.batch.warm import Warmth
from resilience_analysis.foundation.project import Project
from resilience_analysis.reports.kinds import family


def make_here(project: Project, work: Work, settings: Settings, scratch: Path) -> Generator[Outcome]:
    """Make what has to be made, and give each outcome as soon as it is known.

    Raises
    ------
    UsageError
        When a notebook does not have a parameter it would be given.
    InputError
        When a notebook or the data cannot be used.
    """
    orders = [
        Order(task, project, scratch / task.stem, settings.engine, settings.limits)
        for task in ready_tasks(project, work)
    ]
    if not can_fork():
        return run_in_pool(orders, jobs=settings.jobs)
    warmth = Warmth(project)
    return run_orders(orders, jobs=settings.jobs, before=lambda order: warmth.prepare(order.task))


def ready_tasks(project: Project, work: Work) -> list[Task]:
    """Return what has to be made in the order to make it in, with notebooks and parameters checked."""
    tasks = [decision.task for decision in work.to_make]
    for notebook in dict.fromkeys(task.notebook for task in tasks):
        names = {name for task in tasks if task.notebook == notebook for name in task.parameters}
        check_parameters(project.notebooks / notebook, sorted(names))
    costs = {stem: record["seconds"] for stem, record in work.manifest.reports.items() if not record["failure"]}
    return in_order(tasks, {task.stem: family(project, task) for task in tasks}, costs)


def in_order(tasks: list[Task], families: dict[str, Hashable], costs: dict[str, float]) -> list[Task]:
    """Put those that share base drawings together, and the costliest first, so that none is left alone at the end.

    Parameters
    ----------
    tasks
        What to make.
    families
        What each has in common with others, by stem.
    costs
        Seconds that each took before, by stem; the mean is taken for one that has none.
    """
    mean = sum(costs.values()) / len(costs) if costs else 0.0
    cost = {task.stem: costs.get(task.stem, mean) for task in tasks}
    most: dict[Hashable, float] = {}
    for task in tasks:
        most[families[task.stem]] = max(cost[task.stem], most.get(families[task.stem], 0.0))
    place = {name: number for number, name in enumerate(most)}

    def key(task: Task) -> tuple[float, int, float]:
        name = families[task.stem]
        return -most[name], place[name], -cost[task.stem]

    return sorted(tasks, key=key)
