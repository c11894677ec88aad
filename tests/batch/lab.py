"""Batches for tests, and notebooks for them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from resilience_analysis.batch.batches import ReportMaker, Work
from resilience_analysis.batch.tasks import Application, Executed, Outcome, Product, Settings, Task
from resilience_analysis.foundation.project import Project

PATIENCE = 120  # seconds


def shown_text(executed: Executed) -> tuple[bytes]:
    """Return what a notebook shows as text."""
    outputs = [str(output) for cell in executed.notebook.cells for output in cell.get("outputs", ())]
    return (f"<title>{executed.task.title}</title>{outputs}".encode(),)


LABORATORY = Application({"html": Product((".html",), shown_text)})
"""An application that knows nothing of its notebooks."""


class Lab:
    """Makes reports for the tests; what it has prepared for one test is there for the next."""

    def __init__(self) -> None:
        self._makers: dict[int, ReportMaker] = {}

    def __call__(
        self, project: Project, tasks: list[Task], settings: Settings, application: Application = LABORATORY
    ) -> Heard:
        """Run a batch; return what it has told."""
        return self.listen(Heard(), project, tasks, settings, application)

    def listen(
        self,
        heard: Heard,
        project: Project,
        tasks: list[Task],
        settings: Settings,
        application: Application = LABORATORY,
    ) -> Heard:
        """Run a batch that tells one listener."""
        maker = self._makers.setdefault(id(application), ReportMaker(application))
        maker.run(project, tasks, settings, listener=heard)
        return heard

    def close(self) -> None:
        for maker in self._makers.values():
            maker.close()


@dataclass
class Heard:
    """What a batch has told: how much there was to do and why, and what came of each report."""

    reasons: dict[str, str] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)

    def begin(self, work: Work) -> None:
        self.reasons = {decision.task.stem: decision.reason for decision in work.decisions}

    def done(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)

    @property
    def states(self) -> dict[str, str]:
        return {outcome.task.stem: outcome.state for outcome in self.outcomes}

    def __getitem__(self, stem: str) -> Outcome:
        return next(outcome for outcome in self.outcomes if outcome.task.stem == stem)


def write_notebook(project: Project, name: str, *sources: str, parameters: str = 'who = "nobody"') -> str:
    """Write a notebook with a cell of parameters and others; give its file name."""
    first = nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})
    cells = [first, *(nbformat.v4.new_code_cell(source) for source in sources)]
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": spec})
    project.notebooks.mkdir(exist_ok=True)
    nbformat.write(notebook, project.notebooks / f"{name}.ipynb")
    return f"{name}.ipynb"


def task(notebook: str, stem: str = "", **parameters: str) -> Task:
    """Return a task that runs a notebook, of a kind that nothing is known of."""
    stem = stem or f"{Path(notebook).stem}.nl"
    return Task(stem, "A test", notebook, parameters or {"who": "me"}, "nl", kind="test")


def outputs(path: Path) -> list[list[dict[str, Any]]]:
    """Return the outputs of every code cell of a notebook, without what differs from run to run."""
    cells = nbformat.read(path, as_version=4).cells
    return [[dict(output) for output in cell.outputs] for cell in cells if cell.cell_type == "code"]


def marked(mark: str, *, patience: float = 10) -> list[int]:
    """Return the processes whose environment holds a mark, after giving them so many seconds to end."""
    import psutil  # imports what a test takes away

    until = time.monotonic() + patience
    while True:
        found = []
        for process in psutil.process_iter():
            try:
                if mark in process.environ().values() and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process.pid)
            except psutil.Error:
                continue
        if not found or time.monotonic() > until:
            return found
        time.sleep(0.1)
