"""Content hashes of everything a report is made of; nothing is imported or computed to take them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from resilience_analysis.framework import DEFINITIONS
from resilience_analysis.project import Project
from resilience_analysis.storage import sha256

MARK_LENGTH = 12


def input_digests(project: Project, notebooks: Iterable[str]) -> dict[str, str]:
    """Give the SHA-256 of every file that reports are made of: tables, notebooks, definitions.

    Parameters
    ----------
    project
        The project.
    notebooks
        File names in its folder of notebooks.

    Returns
    -------
    dict
        By path relative to the project; definitions, which lie in the package, by ``definitions/NAME``.
    """
    files = [path for path in sorted(project.processed.glob("*")) if path.is_file()]
    files += [project.raw / "sources.yml", *(project.notebooks / name for name in sorted(notebooks))]
    digests = {path.relative_to(project.root).as_posix(): sha256(path) for path in files}
    return digests | {f"definitions/{name}": digest for name, digest in tree_digests(DEFINITIONS).items()}


def tree_digests(folder: Path) -> dict[str, str]:
    """Give the SHA-256 of every file below a folder, by path relative to it."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path.relative_to(folder).as_posix(): sha256(path) for path in files}


def data_mark(digests: Mapping[str, str]) -> str:
    """Give twelve hexadecimal digits that change when any of the files does."""
    lines = "\n".join(f"{name} {digest}" for name, digest in sorted(digests.items()))
    return hashlib.sha256(lines.encode()).hexdigest()[:MARK_LENGTH]
