"""Content hashes of everything a report is made of; nothing is imported or computed to take them."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from resilience_analysis.foundation.files import sha256
from resilience_analysis.foundation.project import PACKAGE, Project

SHORT = 16  # hexadecimal digits that tell digests apart well enough
# whose versions can change a report
LIBRARIES = (
    "babel", "geopandas", "ipykernel", "ipython", "jinja2", "mapclassify", "matplotlib", "matplotlib-scalebar",
    "nbconvert", "numpy", "pandas", "papermill", "pillow", "scipy", "shapely",
)  # fmt: skip
DATA, DEFINED = "data/", "definitions/"
# definitions that reach a report through the data alone, so that one figure corrected is not a reason to make all anew
BUILT_IN = {"corrections.yml"}


def input_digests(project: Project, notebooks: Iterable[str]) -> dict[str, str]:
    """Return the SHA-256 of every file that reports are made of and that is there: tables, notebooks, definitions.

    Parameters
    ----------
    project
        The project.
    notebooks
        File names in its folder of notebooks.

    Returns
    -------
    dict
        By path relative to the project; definitions, its own or the package's defaults, by ``definitions/NAME``.
    """
    files = [*sorted(project.processed.glob("*")), project.raw / "sources.yml"]
    files += [project.notebooks / name for name in sorted(notebooks)]
    digests = {path.relative_to(project.root).as_posix(): sha256(path) for path in files if path.is_file()}
    return digests | {f"{DEFINED}{name}": sha256(path) for name, path in project.definition_files.items()}


def tree_digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file below a folder, by path relative to it; what Python compiled is left out."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]
    return {path.relative_to(folder).as_posix(): sha256(path) for path in files}


def bases(project: Project, inputs: Mapping[str, str], notebooks: Iterable[str]) -> dict[str, dict[str, str]]:
    """Give, per notebook, digests of all that its reports rest on.

    Parameters
    ----------
    project
        The project.
    inputs
        From `input_digests`.
    notebooks
        The notebooks.

    Returns
    -------
    dict
        Per notebook: ``package`` (version), ``code``, ``definitions``, ``libraries``, ``notebook`` and ``data``.
    """
    data = {name: digest for name, digest in inputs.items() if name.startswith(DATA)}
    shared = {
        "package": package_version(),
        "code": code_digest(),
        "definitions": definitions_digest(inputs),
        "libraries": _short(library_versions()),
    }
    folder = project.notebooks.relative_to(project.root).as_posix()
    return {
        name: {**shared, "notebook": inputs.get(f"{folder}/{name}", ""), "data": _short(data)} for name in notebooks
    }


def code_digest() -> str:
    """Return a digest of this package's own files."""
    return _short(tree_digests(PACKAGE))


def definitions_digest(inputs: Mapping[str, str]) -> str:
    """Return a digest of the definitions that reports are made with; see `BUILT_IN` for the others."""
    names = [name for name in inputs if name.startswith(DEFINED) and name.removeprefix(DEFINED) not in BUILT_IN]
    return _short({name: inputs[name] for name in names})


def package_version() -> str:
    """Return the version of this package."""
    return version("resilience-analysis")


def library_versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that can change a report."""
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = ""
    return found


def _short(entries: Mapping[str, str]) -> str:
    return text_digest("\n".join(f"{name} {digest}" for name, digest in sorted(entries.items())))[:SHORT]


def text_digest(text: str) -> str:
    """Return the SHA-256 of a text as hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()
