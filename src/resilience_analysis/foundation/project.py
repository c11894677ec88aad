"""Where a project keeps its files; and what was worked out before, used again while all that it rests on is the same.

A folder below ``.cache`` in the project belongs to one state of code, definitions and data. What is kept for another
state is removed when something new is written.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import shutil
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.foundation.files import read_yaml, write_bytes
from resilience_analysis.foundation.settings import DEFAULTS, PACKAGE, SETTINGS_FILE, ProjectSettings, read_settings

Kept = TypeVar("Kept")
ROOT_VARIABLE = "RESILIENCE_PROJECT"
EXAMPLE_VARIABLE = "RESILIENCE_EXAMPLE"
MARKER = Path("data", "raw", "sources.yml")
PACKED = Path("starter", "neteland")
"""Where the package has its example, when it is installed without a checkout."""
SWITCH_FILE = "local.yml"


@dataclass(frozen=True)
class Project:
    """The folders of one project; everything the package reads or writes lies below `root`."""

    root: Path  # the folder that holds ``definitions``, ``data`` and ``notebooks``
    example: bool = False
    """Whether invented examples replace what people have not filled in yet; then the processed tables and reports go to
    folders of their own, so that nothing invented comes near the real ones.
    """

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


if TYPE_CHECKING:
    import pandas as pd

FOLDER = ".cache"
STATE_DIGITS = 24  # hexadecimal, of a digest that names a state
STATES = 6
"""For so many states is anything kept: of raw files, and of what is built, on two branches or with examples."""


@dataclass(frozen=True)
class KeptFiles:
    """Results of one state of a project."""

    root: Path  # the project's folder
    state: str  # a digest of all that the results rest on; where it is empty nothing is kept

    def read(self, name: str) -> Any:
        """Return what was kept by a name; None where nothing was, or it cannot be read."""
        try:
            content = json.loads(self._path(name).read_bytes()) if self.state else None
        except (OSError, ValueError):
            return None
        return content["kept"] if isinstance(content, dict) and content.get("name") == name else None

    def write(self, name: str, content: Any) -> None:
        """Keep a result (plain data) by a name; where it cannot be written nothing is kept."""
        with contextlib.suppress(OSError):
            self._write(self._path(name), json.dumps({"name": name, "kept": content}, ensure_ascii=False).encode())

    def plain(self, name: str, make: Callable[[], Kept]) -> Kept:
        """Return plain data that were kept by a name, or make and keep them."""
        found = self.read(name)
        if found is None:
            found = make()
            self.write(name, found)
        kept: Kept = found
        return kept

    def frames(self, name: str, make: Callable[[], Mapping[str, pd.DataFrame]]) -> Mapping[str, pd.DataFrame]:
        """Return tables (see `keep_frames`) that were kept by a name, or make and keep them."""
        found: Mapping[str, pd.DataFrame] | None = self.find_frames(name)
        if found is None:
            found = make()
            if found:
                self.keep_frames(name, found)
        return found

    def table(self, name: str, make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        """Return a table of numbers and texts that was kept by a name, or make and keep it."""
        found = self.find_table(name)
        if found is None:
            found = make()
            self.keep_table(name, found)
        return found

    def has_table(self, name: str) -> bool:
        """Return whether a table was kept by a name."""
        return self._path(name).is_file() and self._path(name, "npz").is_file()

    def find_table(self, name: str) -> pd.DataFrame | None:
        """Return a table that was kept by a name; None where none was, or it cannot be read."""
        import pandas as pd  # noqa: PLC0415 - takes long to load, and other results do without

        found = self._find_arrays(name)
        if found is None:
            return None
        columns = {key: pd.Series(values, dtype=values.dtype, copy=False) for key, values in found.items()}
        return pd.DataFrame(columns, copy=False)

    def find_frames(self, name: str) -> dict[str, pd.DataFrame] | None:
        """Return tables of numbers, or of texts, that were kept by a name; None where none were, or they are broken."""
        import pandas as pd  # noqa: PLC0415

        found, labels = self._find_arrays(name), self.read(f"{name}: labels")
        if found is None or labels is None:
            return None
        index, columns = _labels(labels["index"]), {key: _labels(said) for key, said in labels["columns"].items()}
        return {key: pd.DataFrame(found[key], index, columns[key], dtype=found[key].dtype) for key in columns}

    def keep_frames(self, name: str, frames: Mapping[str, pd.DataFrame]) -> None:
        """Keep tables that have the same rows by a name; all columns of one are numbers, or texts."""
        index = next(iter(frames.values())).index
        columns = {key: _said(frame.columns) for key, frame in frames.items()}
        self.write(f"{name}: labels", {"index": _said(index), "columns": columns})
        self._keep_arrays(name, {key: frame.to_numpy() for key, frame in frames.items()})

    def _find_arrays(self, name: str) -> dict[str, Any] | None:
        import numpy as np  # noqa: PLC0415 - see above

        described = self.read(name)
        with contextlib.suppress(OSError, ValueError, zipfile.BadZipFile):
            if described is not None:
                content = io.BytesIO(self._path(name, "npz").read_bytes())
                with np.load(content, allow_pickle=False) as arrays:
                    found = zip(described, (arrays[place] for place in arrays.files), strict=True)
                    return {key: _unpacked(numbers, *how) for (key, *how), numbers in found}
        return None

    def _keep_arrays(self, name: str, arrays: Mapping[str, Any]) -> None:
        import numpy as np  # noqa: PLC0415 - see above

        packed = {key: _packed(values) for key, values in arrays.items()}
        content = io.BytesIO()
        np.savez(content, *(numbers for numbers, *_ in packed.values()))
        with contextlib.suppress(OSError):
            self._write(self._path(name, "npz"), content.getvalue())
            self.write(name, [[key, *how] for key, (_, *how) in packed.items()])

    def keep_table(self, name: str, table: pd.DataFrame) -> None:
        """Keep a table of numbers and texts by a name.

        Columns of texts are kept as numbers of their different values: a table is read some ten times faster than from
        CSV, and takes less memory.
        """
        self._keep_arrays(name, {str(column): values.array for column, values in table.items()})

    def forget(self) -> None:
        """Remove what is kept for this state."""
        shutil.rmtree(self.root / FOLDER / self.state, ignore_errors=True)

    def _path(self, name: str, kind: str = "json") -> Path:
        return self.root / FOLDER / self.state / f"{hashlib.sha256(name.encode()).hexdigest()[:24]}.{kind}"

    def _write(self, path: Path, content: bytes) -> None:
        if not self.state:
            return
        if not path.parent.is_dir():
            self._make_folder(path.parent)
        write_bytes(path, content)

    def _make_folder(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        write_bytes(folder.parent / ".gitignore", b"*\n")
        states = [path for path in folder.parent.iterdir() if path.is_dir() and path != folder]
        for old in sorted(states, key=lambda path: path.stat().st_mtime, reverse=True)[STATES - 1 :]:
            shutil.rmtree(old, ignore_errors=True)


NOTHING_KEPT = KeptFiles(Path(), "")


def _packed(values: Any) -> tuple[Any, str, list[Any]]:
    """Return an array as numbers, its type, and the different values that they are numbers of, where it is text."""
    import numpy as np  # noqa: PLC0415 - see above
    import pandas as pd  # noqa: PLC0415

    kind = str(values.dtype)
    if kind not in {"object", "str"}:
        return np.asarray(values), kind, []
    numbers, known = pd.factorize(np.asarray(values, dtype=object).ravel())  # -1 where nothing is
    return numbers.astype("int32").reshape(values.shape), kind, list(known)


def _unpacked(numbers: Any, kind: str, values: list[Any]) -> Any:
    import numpy as np  # noqa: PLC0415 - see above
    import pandas as pd  # noqa: PLC0415

    if kind not in {"object", "str"}:
        return numbers
    known = np.empty(len(values) + 1, dtype=object)
    known[:-1], known[-1] = values, np.nan
    return known[numbers] if kind == "object" else pd.array(known, dtype="str").take(numbers % len(known))


def _said(labels: pd.Index) -> list[tuple[list[Any], Any, str]]:
    """Return what the labels of each level are, what it is called, and their type, as JSON can say it."""
    levels = [labels.get_level_values(level) for level in range(labels.nlevels)]
    return [(level.tolist(), level.name, str(level.dtype)) for level in levels]


def _labels(said: list[tuple[list[Any], Any, str]]) -> pd.Index:
    import pandas as pd  # noqa: PLC0415 - see above

    levels = [pd.Index(labels, dtype=kind, name=name) for labels, name, kind in said]
    return pd.MultiIndex.from_arrays(levels) if len(levels) > 1 else levels[0]
