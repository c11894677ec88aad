"""Tasks of the project's own reports."""

from __future__ import annotations

from collections.abc import Sequence

from resilience_analysis.batch.tasks import Task
from resilience_analysis.foundation.project import Project
from resilience_analysis.reports.kinds import KINDS, MUNICIPALITY, Wanted


def profile_tasks(
    project: Project, codes: Sequence[str] = (), *, products: Sequence[str] = ("html",), **wanted: str | bool
) -> list[Task]:
    """Return the tasks of the Dutch profiles of some municipalities, as the command makes them."""
    chosen = MUNICIPALITY.choose(project, Wanted(named=codes, **wanted))  # type: ignore[arg-type]
    return KINDS["profile"].tasks(chosen, languages=["nl"], products=products)
