"""Run a notebook for papermill in a process forked from this one: what is behind the engine ``resilience``."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode, from_dict
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, NBClientEngine, NotebookExecutionManager
from papermill.log import logger

from resilience_analysis.batch.children import Child, Event, Tell, can_fork
from resilience_analysis.batch.stopping import undisturbed
from resilience_analysis.batch.tasks import Limits

_TICK = 0.1  # seconds
_UNLIMITED = Limits(seconds=float("inf"), megabytes=float("inf"))


@dataclass(frozen=True)
class Here:
    """How a process that was forked for one notebook runs it.

    Attributes
    ----------
    folder
        Where it may keep what it prints.
    limit
        The most characters that the notebook may print; None for no limit.
    names
        What to note as ``input_path`` and ``output_path`` in the notebook: papermill notes whole paths, which say
        nothing elsewhere and tell of this machine.
    kernel
        Whether to run a kernel after all.
    """

    folder: Path
    limit: int | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    kernel: bool = False


class ForkedRun(Engine):  # type: ignore[misc]
    """Runs the cells of a notebook in a process of its own that starts with everything this one has imported.

    A notebook for another interpreter or language, and one that is run where forking is not safe, goes to papermill's
    own engine.
    """

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        *,
        here: Here | None = None,
        **options: Any,
    ) -> None:
        """Run the cells.

        Parameters
        ----------
        nb_man
            papermill's own record of the run.
        kernel_name
            The kernel that the notebook asks for.
        here
            Given when this very process was forked for the notebook: it runs the cells itself.
        options
            What papermill passes on, see its own engine.
        """
        if here is not None:
            nb_man.nb.metadata.papermill.update(here.names)
        if not speaks_for(kernel_name) or (here is not None and here.kernel):
            NBClientEngine.execute_managed_notebook(nb_man, kernel_name, **options)
        elif here is not None:
            run_here(nb_man, here, **options)
        elif _alone(nb_man):
            run_forked(nb_man, **options)
        else:
            logger.warning("This process has threads and cannot be forked safely: running a kernel instead")
            NBClientEngine.execute_managed_notebook(nb_man, kernel_name, **options)


@cache
def speaks_for(kernel_name: str) -> bool:
    """Whether this interpreter is what a kernel would run in: IPython's kernel, with this very Python."""
    try:
        spec = KernelSpecManager().get_kernel_spec(kernel_name)
    except NoSuchKernel:
        return False
    major, minor, *_ = sys.version_info
    own = {"python", f"python{major}", f"python{major}.{minor}", sys.executable}
    return spec.language == "python" and spec.argv[0] in own and any("ipykernel" in part for part in spec.argv)


def run_here(nb_man: NotebookExecutionManager, here: Here, **options: Any) -> None:
    """Run the cells in this process, which they take over; see `execute_managed_notebook`."""
    from resilience_analysis.batch.direct import DirectClient  # noqa: PLC0415 - a kernel's libraries, only for this

    client = DirectClient(
        nb_man,
        log=logger,
        folder=here.folder,
        transcript=options["stdout_file"],
        output_limit=here.limit,
        on_cell_start=options.get("on_cell_start"),
    )
    client.execute()


def run_forked(
    nb_man: NotebookExecutionManager,
    *,
    execution_timeout: float | None = None,
    **options: Any,
) -> None:
    """Fork a process that runs the cells, and take over what it does cell by cell.

    Raises
    ------
    CellTimeoutError
        When a cell takes longer than `execution_timeout` seconds.
    DeadKernelError
        When the process ends before the notebook does.
    """
    mirror = _Mirror(nb_man, options)
    children: list[Child] = []
    with tempfile.TemporaryDirectory(prefix="resilience-") as folder:
        try:
            with undisturbed():
                children.append(Child(partial(_work, nb_man.nb, Path(folder)), printed=(), limits=_UNLIMITED))
            _follow(children[0], mirror, execution_timeout)
        finally:
            for child in children:
                child.end()


def _follow(child: Child, mirror: _Mirror, execution_timeout: float | None) -> None:
    while not mirror.done:
        alive = child.alive()
        wait([child.connection] if child.open else [], timeout=_TICK)
        for event in child.events():
            mirror.show(event)
        if not alive and not mirror.done:
            raise DeadKernelError(f"Kernel died: {child.death().message}")
        mirror.check(execution_timeout)


class _Mirror:
    """Repeats in this process's record of a run what the process that runs the cells has told."""

    def __init__(self, nb_man: NotebookExecutionManager, options: dict[str, Any]) -> None:
        self.done = False
        self._nb_man = nb_man
        self._place = -1
        self._begun = 0.0
        names = ("log_output", "stdout_file", "stderr_file")
        self._client = PapermillNotebookClient(nb_man, log=logger, **{n: options[n] for n in names if options.get(n)})

    def show(self, event: Event) -> None:
        """Repeat one event."""
        cells = self._nb_man.nb.cells
        if "start" in event:
            self._place, self._begun = event["start"], time.monotonic()
            self._nb_man.cell_start(cells[self._place], self._place)
        elif "cell" in event:
            self._take_over(cells[self._place], event)
        else:
            self._nb_man.nb.metadata.update(from_dict(event["metadata"]))
            for place, outputs in event["updated"]:
                cells[place].outputs = from_dict(outputs)
            self.done = True

    def _take_over(self, cell: NotebookNode, event: Event) -> None:
        ran = from_dict(event["cell"])
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = ran.outputs, ran.execution_count
        for output in ran.get("outputs", ()):
            self._client.log_output_message(output)
        if event["failed"]:
            self._nb_man.cell_exception(cell, self._place)
        self._nb_man.cell_complete(cell, self._place)

    def check(self, seconds: float | None) -> None:
        """Raise `CellTimeoutError` when the cell that runs takes longer than that."""
        if seconds and self._place >= 0 and time.monotonic() - self._begun > seconds:
            cell = self._nb_man.nb.cells[self._place]
            self._nb_man.cell_exception(cell, self._place)
            raise CellTimeoutError.error_from_timeout_and_cell("Cell execution timed out", int(seconds), cell)


class _TellingManager(NotebookExecutionManager):  # type: ignore[misc]
    """papermill's record of a run in the process that runs the cells: tells what it notes."""

    def __init__(self, notebook: NotebookNode, tell: Tell) -> None:
        super().__init__(notebook, progress_bar=False)
        self._tell = tell
        self._told: dict[int, str] = {}

    def cell_start(self, cell: NotebookNode, cell_index: int | None = None, **_: Any) -> None:
        super().cell_start(cell, cell_index)
        self._tell({"start": cell_index})

    def cell_complete(self, cell: NotebookNode, cell_index: int = 0, **_: Any) -> None:
        super().cell_complete(cell, cell_index)
        self._told[cell_index] = json.dumps(cell.get("outputs"))
        self._tell({"cell": cell, "failed": cell.metadata.papermill["status"] == self.FAILED})

    def tell_the_rest(self) -> None:
        """Tell what is known of the whole notebook, and which displays a later cell has updated."""
        names = ("language_info", "widgets")
        outputs = {place: self.nb.cells[place].get("outputs") for place in self._told}
        self._tell(
            {
                "metadata": {name: self.nb.metadata[name] for name in names if name in self.nb.metadata},
                "updated": [entry for entry in outputs.items() if json.dumps(entry[1]) != self._told[entry[0]]],
            }
        )


def _work(notebook: NotebookNode, folder: Path, tell: Tell) -> None:
    nb_man = _TellingManager(notebook, tell)
    nb_man.notebook_start()
    with (folder / "log.txt").open("w", encoding="utf-8") as log:
        run_here(nb_man, Here(folder), stdout_file=log)
    nb_man.tell_the_rest()


def _alone(nb_man: NotebookExecutionManager) -> bool:
    """Whether this process may fork; the thread with which tqdm watches papermill's progress bar is ended first."""
    monitor = getattr(nb_man.pbar, "monitor", None)
    if monitor is not None:
        monitor.exit()
    return can_fork()
