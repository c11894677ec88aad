"""How the documentation is made of these pages, the notebooks and the docstrings: `make docs`, without a network."""

from __future__ import annotations

import shutil
from importlib.metadata import version as version_of
from pathlib import Path

HERE = Path(__file__).parent
NOTEBOOKS = HERE / "notebooks"  # ignored by git: copies, because pages must lie below this folder

project = "resilience-analysis"
author = "The resilience-analysis developers"
release = version = version_of("resilience-analysis")
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "frameworks"]
html_theme = "furo"
html_title = "resilience-analysis"
html_static_path: list[str] = []
language = "en"
nb_execution_mode = "off"  # the notebooks are committed with their outputs, which nbval compares
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
autodoc_typehints = "none"
napoleon_google_docstring = False
napoleon_use_ivar = True
suppress_warnings = ["myst.xref_missing", "mystnb.unknown_mime_type", "myst.header"]
# the parameterised notebooks of the reports are not lessons
LESSONS = "0*.ipynb"


def copy_notebooks(_: object) -> None:
    """Put the lessons beside the pages."""
    NOTEBOOKS.mkdir(exist_ok=True)
    for path in (HERE.parent / "notebooks").glob(LESSONS):
        shutil.copy(path, NOTEBOOKS)


def setup(app: object) -> None:
    """Copy the notebooks before the pages are read."""
    app.connect("builder-inited", copy_notebooks)  # type: ignore[attr-defined]
