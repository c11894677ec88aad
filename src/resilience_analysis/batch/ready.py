"""Get a process ready to make reports: everything that they share imported and loaded; check what notebooks are given.

papermill itself runs on with the default when the name of a parameter is misspelt.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from resilience_analysis.batch.limits import library
from resilience_analysis.batch.tasks import Application
from resilience_analysis.foundation.errors import InputError, Problem, UsageError, raise_if_any, unknown
from resilience_analysis.foundation.project import Project

TAG = "parameters"
KERNEL = "python3"  # the kernel that our notebooks name
# what a notebook's shell would import in every process anew
_LATER = (
    "IPython.core.application", "IPython.core.completerlib", "IPython.core.logger", "IPython.core.oinspect",
    "IPython.core.pylabtools", "bdb", "ipykernel.debugger",
    "sqlite3", "stack_data", "resilience_analysis.batch.execute",
)  # fmt: skip
_LEFT_OUT = ("rfc3986_validator", "rfc3987_syntax", "debugpy")


def get_ready(application: Application, project: Project) -> None:
    """Import and load what reports share; raises `InputError` when the data cannot be used."""
    with lean_imports():
        for name in _LATER:
            importlib.import_module(name)
        from resilience_analysis.batch.direct import make_kernel  # noqa: PLC0415 - loads papermill
        from resilience_analysis.batch.execute import can_run_directly  # noqa: PLC0415
    for name in application.preload:
        importlib.import_module(name)
    application.load(project)
    if can_run_directly(KERNEL):
        make_kernel()
    library()
    import nbformat  # noqa: PLC0415 - see above

    nbformat.validate(nbformat.v4.new_notebook())  # compiles what every notebook is checked with


@contextlib.contextmanager
def lean_imports() -> Iterator[None]:
    """Leave out, while papermill is imported, a debugger and a grammar that takes longer to build than papermill.

    jsonschema, with which nbformat checks notebooks, compiles one to check the form of international web addresses when
    the package for it happens to be installed (JupyterLab brings it); it does without where it is not. No notebook
    has a field that would be checked with it. The debugger is one that a front end would use.
    """
    left_out = [name for name in _LEFT_OUT if name not in sys.modules]
    for name in left_out:  # Python's own way to say that a module is not there
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        for name in left_out:
            del sys.modules[name]


def check_parameters(notebook: Path, names: Iterable[str]) -> None:
    """Refuse names of parameters that a notebook, which has one cell tagged ``parameters``, does not have.

    Raises
    ------
    UsageError
        When a name is none of the notebook's parameters, with the nearest one.
    InputError
        When the file is not a notebook, or has no cell with parameters, or more than one.
    """
    _check_cell(notebook)
    known = parameters_of(notebook)
    strangers = [name for name in names if name not in known]
    if strangers:
        raise UsageError("\n".join(f"{notebook.name}: {unknown('parameter', name, known)}" for name in strangers))


def parameters_of(notebook: Path) -> list[str]:
    """Return the names of a notebook's parameters, as papermill finds them."""
    from papermill.inspection import inspect_notebook  # noqa: PLC0415 - importing papermill takes a second

    logging.getLogger("papermill").setLevel(logging.ERROR)
    # papermill fills in braces in a path, so that a folder with one in its name has to be escaped
    return list(inspect_notebook(str(notebook).replace("{", "{{").replace("}", "}}")))


def _check_cell(notebook: Path) -> None:
    if not notebook.is_file():
        raise InputError(notebook.name, [Problem(str(notebook), "the file does not exist")])
    try:
        import nbformat  # noqa: PLC0415

        content = nbformat.read(notebook, as_version=4)
    except Exception as error:  # nbformat raises whatever it stumbles over
        raise InputError(notebook.name, [Problem(notebook.name, f"is not a notebook ({error})")]) from error
    tagged = [place for place, cell in enumerate(content.cells, 1) if TAG in cell.metadata.get("tags", ())]
    problems = []
    if not tagged:
        problems.append(Problem(notebook.name, f"has no cell tagged {TAG!r}", "Tag the cell with the defaults"))
    if len(tagged) > 1:
        cells = ", ".join(str(place) for place in tagged)
        problems.append(Problem(notebook.name, f"cells {cells} are all tagged {TAG!r}", "Leave the tag on one"))
    raise_if_any(notebook.name, problems)
