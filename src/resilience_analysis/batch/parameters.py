"""Check what a notebook is given: papermill itself runs on with the default when a name is misspelt."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

import nbformat

from resilience_analysis.foundation.errors import InputError, Problem, UsageError, raise_if_any, unknown

TAG = "parameters"


def check_parameters(notebook: Path, names: Iterable[str]) -> None:
    """Refuse parameters that a notebook does not have.

    Parameters
    ----------
    notebook
        A notebook with one cell tagged ``parameters``.
    names
        Names of the parameters it will be given.

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
