"""Run a notebook's cells in this very process; papermill and nbclient do with their messages what they always do."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ipykernel.ipkernel import IPythonKernel
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from traitlets import Any as AnyTrait
from traitlets import Instance, Int

from resilience_analysis.batch.shell import DirectShell, Message, start_shell


class DirectClient(PapermillNotebookClient):  # type: ignore[misc]
    """papermill's client with a shell of its own instead of a kernel.

    nbclient turns the shell's messages into outputs, so that streams, updated and cleared displays and the state of
    widgets end up in the notebook as they do with a kernel.

    Attributes
    ----------
    folder
        For files of its own.
    transcript
        Where what the notebook prints is written, at once: it is there when the process is not any more.
    output_limit
        The most characters the notebook may print; None for no limit.
    """

    folder = Instance(Path)
    transcript = AnyTrait()
    output_limit = Int(None, allow_none=True)
    shell: DirectShell
    _place = _own = 0

    def execute(self, **_: Any) -> NotebookNode:
        """Run every cell until one fails; give the notebook."""
        self._own = os.getpid()
        self.reset_execution_trackers()
        self.widget_registry: dict[str, Any] = {}  # Output widgets would want to talk back
        self.shell = start_shell(self._receive, folder=self.folder, log=self.transcript, limit=self.output_limit)
        self.papermill_execute_cells()
        self.nb.metadata["language_info"] = IPythonKernel.language_info
        self.set_widgets_metadata()
        notebook: NotebookNode = self.nb
        return notebook

    def _receive(self, message: Message) -> None:
        self.process_message(message, self.nb.cells[self._place], self._place)

    def execute_cell(self, cell: NotebookNode, cell_index: int, **_: Any) -> NotebookNode:
        """Run one cell.

        Raises
        ------
        CellExecutionError
            When it fails and is not tagged ``raises-exception``.
        DeadKernelError
            When it asked to end the session, as ``exit`` does.
        """
        if self.on_cell_start is not None:
            self.on_cell_start(cell=cell, cell_index=cell_index)
        tags = cell.metadata.get("tags", [])
        if cell.cell_type != "code" or not cell.source.strip() or self.skip_cells_with_tag in tags:
            return cell
        self._place = cell_index
        self.clear_before_next_output = False
        cell.outputs = []
        cell.execution_count = self.shell.execution_count
        result = self.shell.run_in_loop(cell.source)
        if os.getpid() != self._own:
            os._exit(0)  # the notebook forked: the copy of this process ends where its cell does
        self.shell.send_printed()
        if self.shell.ended:
            raise DeadKernelError("the notebook ended its session")
        error = result.error_before_exec or result.error_in_exec
        if error is not None and "raises-exception" not in tags:
            raise CellExecutionError.from_cell_and_msg(cell, {"ename": type(error).__name__, "evalue": str(error)})
        return cell
