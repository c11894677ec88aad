"""How a batch of reports goes: a bar with an estimate on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from resilience_analysis.foundation.terminal import complain, note

if TYPE_CHECKING:
    from resilience_analysis.batch.batches import Work
    from resilience_analysis.batch.tasks import Outcome, Task

STRANGE = "The manifest of this folder is of another version: everything is made again."
_COLUMNS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())


class BatchProgress:
    """Hears how a batch goes and shows it on standard error; hold it open with ``with``.

    Attributes
    ----------
    tasks
        What was asked for.
    outcomes
        What came of each report so far.
    total, kept
        How many are made, and how many are as they should be.
    stopped
        Whether somebody stopped it.
    """

    def __init__(self) -> None:
        self.tasks: list[Task] = []
        self.outcomes: list[Outcome] = []
        self.total = self.kept = 0
        self.stopped = False
        self._begun = time.monotonic()
        self._bar: Progress | None = None
        self._task = TaskID(0)

    def __enter__(self) -> Self:
        """Begin to show."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the terminal as it was."""
        if self._bar is not None:
            self._bar.stop()

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self._begun

    def begin(self, work: Work) -> None:
        """Print how much there is to do."""
        self.tasks = [decision.task for decision in work.decisions]
        self.total = len(work.to_make)
        self.kept = len(work.decisions) - self.total
        if work.manifest.strange:
            note(STRANGE)
        note(f"{self.total} reports to make, {self.kept} are as they should be")
        console = Console(stderr=True, emoji=False)
        if self.total and console.is_terminal:
            # no thread of its own that draws it: processes are forked from this one
            self._bar = Progress(*_COLUMNS, console=console, auto_refresh=False, transient=True)
            self._bar.start()
            self._task = self._bar.add_task("loading", total=self.total)
            self._bar.refresh()

    def done(self, outcome: Outcome) -> None:
        """Show the result of one report."""
        self.outcomes.append(outcome)
        if self._bar is None:
            self._line(outcome)
            return
        self._bar.update(self._task, advance=1, description=outcome.task.stem)
        if outcome.failure is not None:
            self._bar.console.print(f"{outcome.task.stem} failed: {outcome.failure}", markup=False, style="red")
        self._bar.refresh()

    def _line(self, outcome: Outcome) -> None:
        count, name = f"[{len(self.outcomes)}/{self.total}]", outcome.task.stem
        if outcome.failure is None:
            what = "shows the same" if outcome.same else "made"
            note(f"{count} {name} {what} in {outcome.seconds:.2f} s")
        else:
            complain(f"{count} {name} failed: {outcome.failure}")
