"""Get this process ready to fork from: everything imported, loaded and made that reports share."""

from __future__ import annotations

import contextlib
import gc
import importlib

import nbformat

from resilience_analysis.batch.forked import speaks_for
from resilience_analysis.batch.kinds import Application
from resilience_analysis.batch.tasks import Task
from resilience_analysis.foundation.project import Project

KERNEL = "python3"
"""The kernel that our notebooks name."""
# what a notebook's shell would import in every process anew
_LATER = (
    "IPython.core.completerlib", "IPython.core.logger", "IPython.core.oinspect", "bdb", "sqlite3",
    "resilience_analysis.batch.direct",
)  # fmt: skip


class Warmth:
    """What this process has ready for reports; processes forked from it start with it.

    Parameters
    ----------
    application
        Says what to have ready.
    project
        Where the data are.
    """

    def __init__(self, application: Application, project: Project) -> None:
        self._application = application
        self._project = project
        for name in (*application.preload, *_LATER):
            importlib.import_module(name)
        application.load(project)
        nbformat.reads(nbformat.writes(nbformat.v4.new_notebook()), as_version=4)  # compiles the schema
        speaks_for(KERNEL)
        _keep_all()

    def prepare(self, task: Task) -> None:
        """Make what a report shares with others, unless it is there."""
        with contextlib.suppress(Exception):  # the report itself reports what is wrong, in its own process
            if self._application.prepare(self._project, task):
                _keep_all()


def _keep_all() -> None:
    """Keep what is here out of sight of the collector: looking at it in a fork would only copy its memory."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
