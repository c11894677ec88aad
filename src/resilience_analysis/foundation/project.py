"""Where a project keeps its files: definitions, raw data, processed data, notebooks, reports."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.foundation.files import read_yaml
from resilience_analysis.foundation.settings import SETTINGS_FILE, ProjectSettings, read_settings
from resilience_analysis.foundation.wordings import DEFAULTS, PACKAGE

ROOT_VARIABLE = "RESILIENCE_PROJECT"
EXAMPLE_VARIABLE = "RESILIENCE_EXAMPLE"
MARKER = Path("data", "raw", "sources.yml")
PACKED = Path("starter", "neteland")
"""Where the package has its example, when it is installed without a checkout."""
SWITCH_FILE = "local.yml"


@dataclass(frozen=True)
class Project:
    """The folders of one project; everything the package reads or writes lies below `root`.

    Attributes
    ----------
    root
        The folder that holds ``definitions``, ``data`` and ``notebooks``.
    example
        Whether invented examples replace what people have not filled in yet; then the processed tables and
        reports go to folders of their own, so that nothing invented comes near the real ones.
    """

    root: Path
    example: bool = False

    @property
    def definitions(self) -> Path:
        """What this project measures, asks, compares and calls things."""
        return self.root / "definitions"

    def definition(self, name: str) -> Path:
        """Return the path of a file of definitions: the project's own, or the package's default where it has none."""
        own = self.definitions / name
        return own if own.is_file() else DEFAULTS / name

    @property
    def definition_files(self) -> dict[str, Path]:
        """Every file of definitions by name, defaults included."""
        files = [path for folder in (DEFAULTS, self.definitions) for path in sorted(folder.glob("*.yml"))]
        return {path.name: path for path in files}

    @property
    def settings(self) -> ProjectSettings:
        """What ``project.yml`` says.

        Raises
        ------
        InputError
            With every fault of the file.
        """
        return read_settings(self.definition(SETTINGS_FILE))

    @property
    def raw(self) -> Path:
        """Files as received, with ``sources.yml`` and its lock."""
        return self.root / "data" / "raw"

    @property
    def processed(self) -> Path:
        """Tables written by ``resilience build``."""
        return self.root / "data" / ("example/processed" if self.example else "processed")

    @property
    def private(self) -> Path:
        """Answers of people; ignored by git and never published."""
        return self.root / "data" / "private"

    @property
    def answers(self) -> Path:
        """Where the answers to estimate from lie: those of people, or the invented ones."""
        return self.root / "data" / "example" / "answers" if self.example else self.private

    @property
    def notebooks(self) -> Path:
        """Notebooks of the analyst and the parameterised ones."""
        return self.root / "notebooks"

    @property
    def reports(self) -> Path:
        """Finished reports."""
        return self.root / ("reports-example" if self.example else "reports")


def find_project(start: Path | None = None) -> Project:
    """Find the project that a notebook or command works on.

    Looks at the environment variable ``RESILIENCE_PROJECT``, then upwards from `start` (default: the current
    folder), then upwards from the installed package (an editable install lies in its project). It is the project with
    invented examples where ``definitions/local.yml`` says ``example: true``; ``RESILIENCE_EXAMPLE`` (1 or 0) takes
    precedence.

    Raises
    ------
    UsageError
        When none of these holds a ``data/raw/sources.yml``.
    """
    named = os.environ.get(ROOT_VARIABLE)
    if named:
        if not (Path(named) / MARKER).is_file():
            raise UsageError(f"{ROOT_VARIABLE} names {named}, but that folder has no {MARKER}. Correct or unset it")
        return _project(Path(named).resolve())
    begin = (start or Path.cwd()).resolve()
    package = Path(__file__).resolve()
    for folder in [begin, *begin.parents, *package.parents]:
        if (folder / MARKER).is_file():
            return _project(folder)
    raise UsageError(
        f"no project found in {begin} or above it (a project has {MARKER}). "
        f"Go to the project's folder, set {ROOT_VARIABLE} to it, or make one with: resilience new FOLDER"
    )


def _project(root: Path) -> Project:
    said = os.environ.get(EXAMPLE_VARIABLE, "")
    if said:
        return Project(root, said != "0")
    content = read_yaml(Project(root).definition(SWITCH_FILE))
    return Project(root, isinstance(content, dict) and content.get("example") is True)


def example_folder() -> Path:
    """Return the folder of the example that comes with the package: in a checkout, the checkout itself."""
    packed = PACKAGE / PACKED
    return packed if packed.is_dir() else PACKAGE.parents[1]


def definition_at_hand(name: str) -> Path:
    """Return the path of a file of definitions of the project around us; outside any project, of the example."""
    try:
        project = find_project()
    except UsageError:
        project = Project(example_folder())
    return project.definition(name)
