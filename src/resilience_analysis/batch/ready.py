"""Get a process ready to make reports: everything imported and loaded that they share."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Iterator

from resilience_analysis.batch.kinds import Application
from resilience_analysis.foundation.project import Project

KERNEL = "python3"
"""The kernel that our notebooks name."""
# what a notebook's shell would import in every process anew
_LATER = (
    "IPython.core.completerlib", "IPython.core.logger", "IPython.core.oinspect", "bdb", "sqlite3", "stack_data",
    "resilience_analysis.batch.parameters", "resilience_analysis.batch.report",
)  # fmt: skip
_GRAMMAR = "rfc3987_syntax"


def get_ready(application: Application, project: Project) -> None:
    """Import and load what reports share.

    Parameters
    ----------
    application
        Says what to have ready.
    project
        Where the data are.

    Raises
    ------
    InputError
        When the data cannot be used.
    """
    with lean_imports():
        for name in _LATER:
            importlib.import_module(name)
        from resilience_analysis.batch.execute import can_run_directly  # noqa: PLC0415 - loads papermill
    for name in application.preload:
        importlib.import_module(name)
    application.load(project)
    can_run_directly(KERNEL)


@contextlib.contextmanager
def lean_imports() -> Iterator[None]:
    """Leave out, while papermill is imported, a grammar that takes longer to build than all of papermill.

    jsonschema, with which nbformat checks notebooks, compiles one to check the form of international web addresses when
    the package for it happens to be installed (JupyterLab brings it); it does without where it is not. No notebook
    has a field that would be checked with it.
    """
    if _GRAMMAR in sys.modules or "jsonschema" in sys.modules:
        yield
        return
    # Python's own way to say that a module is not there
    sys.modules[_GRAMMAR] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[_GRAMMAR]
