"""Which reports have to be made, why, and in which order: content hashes of everything a report is made of.

Nothing is imported or computed to take them.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from resilience_analysis.batch.folder import Manifest
from resilience_analysis.batch.tasks import Record, Task, as_record
from resilience_analysis.foundation.files import file_digests, sha256
from resilience_analysis.foundation.project import FOLDER, STATE_DIGITS, KeptFiles, Project
from resilience_analysis.foundation.settings import PACKAGE

SHORT = 16  # hexadecimal digits that tell digests apart well enough
# whose versions can change a report
LIBRARIES = (
    "babel", "geopandas", "ipykernel", "ipython", "jinja2", "matplotlib", "matplotlib-scalebar",
    "nbconvert", "numpy", "pandas", "papermill", "pillow", "scipy", "shapely",
)  # fmt: skip
DATA, DEFINED = "data/", "definitions/"
# definitions that reach a report through the data alone, so that one figure corrected is not a reason to make all anew
BUILT_IN = {"corrections.yml"}


def input_digests(project: Project, notebooks: Iterable[str]) -> dict[str, str]:
    """Return the SHA-256 of every file that reports are made of and that is there: tables, notebooks, definitions.

    By path relative to the project; definitions, its own or the package's defaults, by ``definitions/NAME``.
    """
    files = [*sorted(project.processed.glob("*")), project.raw / "sources.yml"]
    files += [project.notebooks / name for name in sorted(notebooks)]
    found = file_digests(project.root / FOLDER, [path for path in files if path.is_file()])
    digests = {path.relative_to(project.root).as_posix(): digest for path, digest in found.items()}
    return digests | {f"{DEFINED}{name}": sha256(path) for name, path in project.definition_files.items()}


def tree_digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file below a folder, by path relative to it; what Python compiled is left out."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]
    return {path.relative_to(folder).as_posix(): sha256(path) for path in files}


def bases(project: Project, inputs: Mapping[str, str], notebooks: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return, per notebook, digests of all that its reports rest on, from `input_digests`.

    These are ``package`` (version), ``code``, ``definitions``, ``libraries``, ``notebook`` and ``data``.
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


def kept_for(project: Project, rests_on: Any) -> KeptFiles:
    """Return where results of a project are kept that rest on plain data, on this code and the libraries it uses."""
    state = [rests_on, code_digest(), library_versions(), project.example]
    return KeptFiles(project.root, text_digest(json.dumps(state))[:STATE_DIGITS])


# what a report rests on, with what is said when it is not what it was
REASONS = {
    "package": "made by another version of the package",
    "code": "the package's code changed",
    "definitions": "the definitions changed",
    "libraries": "a library has another version",
    "notebook": "the notebook changed",
}
DATA_PART = "data"
Depends = Callable[[Task], str]
FileNames = Callable[[Task], list[str]]


@dataclass(frozen=True)
class Decision:
    """Whether a report is to be made, and why; `reason` is empty when it is kept as it is."""

    task: Task
    reason: str = ""
    replaceable: bool = False
    """Whether what is there is right when the new one turns out to show the same: only data changed."""

    @property
    def make(self) -> bool:
        """Whether the report is to be made."""
        return bool(self.reason)


def decide(
    tasks: Sequence[Task], manifest: Manifest, folder: Path, *, bases: Mapping[str, Mapping[str, str]],
    depends: Depends, file_names: FileNames, force: bool = False,
) -> list[Decision]:  # fmt: skip
    """Decide on every task, or with `force` to make it anyway.

    What its reports rest on now is in `bases` (see there), by notebook; `depends` is asked for the digest of all data
    that a report can show only when data changed.
    """

    def reason(task: Task) -> tuple[str, bool]:
        record, basis = manifest.reports.get(task.stem), bases[task.notebook]
        if force or record is None:
            return "asked for again" if force else "not made before", False
        found = _reason(task, record, folder, basis=basis, names=file_names(task))
        if found or record["basis"].get(DATA_PART) == basis[DATA_PART] or record["depends"] == depends(task):
            return found, False
        return "data that it can show changed", True

    return [Decision(task, *reason(task)) for task in tasks]


def _reason(task: Task, record: Record, folder: Path, *, basis: Mapping[str, str], names: Sequence[str]) -> str:
    """Return why a report has to be made, as far as no data are needed to tell."""
    if record["failure"]:
        return "failed before"
    asked = as_record(task)
    if any(record.get(name) != asked[name] for name in ("notebook", "parameters")):
        return "asked for with other parameters"
    if not set(names) <= set(record["files"]):
        return "asked for in another form"
    changed = [reason for part, reason in REASONS.items() if record["basis"].get(part) != basis[part]]
    if not changed and not intact(record, folder, names):
        changed = ["its files are not what was made"]
    return "; ".join(changed)


def intact(record: Mapping[str, Any], folder: Path, names: Sequence[str]) -> bool:
    """Return whether all files of a report are there as they were made.

    A file of the same size and time is taken to be the same; one with another time is read.
    """
    files = record.get("files", {})
    return all(name in files and _same(folder / name, files[name]) for name in names)


def _same(path: Path, noted: Mapping[str, Any]) -> bool:
    try:
        found = path.stat()
    except OSError:
        return False
    if found.st_size != noted["bytes"]:
        return False
    return bool(found.st_mtime_ns == noted["modified_ns"] or sha256(path) == noted["sha256"])


def in_order(tasks: list[Task], families: dict[str, Hashable], costs: dict[str, float]) -> list[Task]:
    """Put those that share base drawings together, and the costliest first, so that none is left alone at the end.

    `families` has what each has in common with others, by stem; `costs` the seconds that each took before, of which the
    mean is taken for one that has none.
    """
    mean = sum(costs.values()) / len(costs) if costs else 0.0
    cost = {task.stem: costs.get(task.stem, mean) for task in tasks}
    most: dict[Hashable, float] = {}
    for task in tasks:
        most[families[task.stem]] = max(cost[task.stem], most.get(families[task.stem], 0.0))
    place = {name: number for number, name in enumerate(most)}

    def key(task: Task) -> tuple[float, int, float]:
        name = families[task.stem]
        return -most[name], place[name], -cost[task.stem]

    return sorted(tasks, key=key)
