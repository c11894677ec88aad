"""Make reports on this machine, side by side."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path

from resilience_analysis.batch.children import can_fork
from resilience_analysis.batch.crew import run_orders
from resilience_analysis.batch.kinds import Application, Order
from resilience_analysis.batch.pool import run_in_pool
from resilience_analysis.batch.tasks import Outcome, Settings, Task
from resilience_analysis.batch.warm import Warmth
from resilience_analysis.foundation.project import Project


def make_here(
    application: Application, project: Project, tasks: Sequence[Task], settings: Settings, scratch: Path
) -> Generator[Outcome]:
    """Make reports; yields the result of each as soon as it is known."""
    orders = [
        Order(task, application, project, scratch / task.stem, settings.engine, settings.limits) for task in tasks
    ]
    if not can_fork():
        return run_in_pool(orders, jobs=settings.jobs)
    warmth = Warmth(application, project)
    return run_orders(orders, jobs=settings.jobs, before=lambda order: warmth.prepare(order.task))
