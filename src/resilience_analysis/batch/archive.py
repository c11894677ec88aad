"""The inputs of reports as one archive, to send them where there is no copy of the project."""

from __future__ import annotations

import hashlib
import io
import shutil
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from resilience_analysis.foundation.project import MARKER, Project

_TIMELESS = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Archive:
    """The inputs of a project.

    Attributes
    ----------
    content
        A ZIP archive of the files, by their paths in the project.
    example
        Whether it is the project with invented examples.
    digest
        SHA-256 of the archive: the same inputs give the same.
    """

    content: bytes
    example: bool
    digest: str


def pack(project: Project, notebooks: Iterable[str]) -> Archive:
    """Put what reports are made of into an archive: definitions, tables, the list of sources and the notebooks."""
    files = [path for path in project.processed.iterdir() if path.is_file()]
    files += sorted(project.definitions.glob("*.yml"))
    files += [project.root / MARKER, *(project.notebooks / name for name in notebooks)]
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(files):
            packed.writestr(zipfile.ZipInfo(path.relative_to(project.root).as_posix(), _TIMELESS), path.read_bytes())
    content = stream.getvalue()
    return Archive(content, project.example, hashlib.sha256(content).hexdigest())


def unpack(archive: Archive, folder: Path) -> Project:
    """Lay out an archive as a project below a folder, in a place of its own content; once, however often asked."""
    root = folder / f"resilience-{archive.digest[:16]}"
    if not root.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(dir=folder))
        with zipfile.ZipFile(io.BytesIO(archive.content)) as packed:
            packed.extractall(making)
        try:
            making.rename(root)
        except OSError:  # another process was faster
            shutil.rmtree(making)
    return Project(root.resolve(), archive.example)
