"""What was worked out before, kept on disk as plain data: used again as long as all that it rests on is the same.

A folder below ``.cache`` in the project belongs to one state of code, definitions and data. What is kept for another
state is removed when something new is written.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resilience_analysis.foundation.files import write_bytes

if TYPE_CHECKING:
    import pandas as pd

FOLDER = ".cache"
STATE_DIGITS = 24  # hexadecimal, of a digest that names a state
STATES = 6
"""For so many states is anything kept: of raw files, and of what is built, on two branches or with examples."""


@dataclass(frozen=True)
class KeptFiles:
    """Results of one state of a project.

    Attributes
    ----------
    root
        The project's folder.
    state
        A digest of all that the results rest on.
    """

    root: Path
    state: str

    def read(self, name: str) -> Any:
        """Return what was kept by a name; None where nothing was, or it cannot be read."""
        try:
            content = json.loads(self._path(name).read_bytes())
        except (OSError, ValueError):
            return None
        return content["kept"] if isinstance(content, dict) and content.get("name") == name else None

    def write(self, name: str, content: Any) -> None:
        """Keep a result (plain data) by a name; where it cannot be written nothing is kept."""
        with contextlib.suppress(OSError):
            self._write(self._path(name), json.dumps({"name": name, "kept": content}, ensure_ascii=False).encode())

    def table(self, name: str, make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        """Return a table of numbers and texts that was kept by a name, or make and keep it."""
        found = self.find_table(name)
        if found is None:
            found = make()
            self.keep_table(name, found)
        return found

    def find_table(self, name: str) -> pd.DataFrame | None:
        """Return a table that was kept by a name; None where none was, or it cannot be read."""
        import numpy as np  # noqa: PLC0415 - takes long to load, and other results do without
        import pandas as pd  # noqa: PLC0415

        columns = self.read(name)
        with contextlib.suppress(OSError, ValueError, zipfile.BadZipFile):
            if columns is not None:
                content = io.BytesIO(self._path(name, "npz").read_bytes())
                with np.load(content, allow_pickle=False) as arrays:
                    found = zip(columns, (arrays[place] for place in arrays.files), strict=True)
                    return pd.DataFrame({name: _unpacked(numbers, *how) for (name, *how), numbers in found})
        return None

    def keep_table(self, name: str, table: pd.DataFrame) -> None:
        """Keep a table of numbers and texts by a name.

        Columns of texts are kept as numbers of their different values: a table is read some ten times faster than from
        CSV, and takes less memory.
        """
        import numpy as np  # noqa: PLC0415

        packed = {str(column): _packed(values) for column, values in table.items()}
        content = io.BytesIO()
        np.savez(content, *(numbers for numbers, *_ in packed.values()))
        with contextlib.suppress(OSError):
            self._write(self._path(name, "npz"), content.getvalue())
            self.write(name, [[column, *how] for column, (_, *how) in packed.items()])

    def forget(self) -> None:
        """Remove what is kept for this state."""
        shutil.rmtree(self.root / FOLDER / self.state, ignore_errors=True)

    def _path(self, name: str, kind: str = "json") -> Path:
        return self.root / FOLDER / self.state / f"{hashlib.sha256(name.encode()).hexdigest()[:24]}.{kind}"

    def _write(self, path: Path, content: bytes) -> None:
        if not path.parent.is_dir():
            self._make_folder(path.parent)
        write_bytes(path, content)

    def _make_folder(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        write_bytes(folder.parent / ".gitignore", b"*\n")
        states = [path for path in folder.parent.iterdir() if path.is_dir() and path != folder]
        for old in sorted(states, key=lambda path: path.stat().st_mtime, reverse=True)[STATES - 1 :]:
            shutil.rmtree(old, ignore_errors=True)


def _packed(column: pd.Series) -> tuple[Any, str, list[Any]]:
    """Return the numbers of a column, its type, and the different values that they are numbers of, where it is text."""
    import pandas as pd  # noqa: PLC0415 - see above

    kind = str(column.dtype)
    if kind not in {"object", "str"}:
        return column.to_numpy(), kind, []
    numbers, values = pd.factorize(column.astype(object))  # -1 where nothing is
    return numbers.astype("int32"), kind, list(values)


def _unpacked(numbers: Any, kind: str, values: list[Any]) -> pd.Series:
    import numpy as np  # noqa: PLC0415 - see above
    import pandas as pd  # noqa: PLC0415

    if kind not in {"object", "str"}:
        return pd.Series(numbers)
    known = np.empty(len(values) + 1, dtype=object)
    known[:-1], known[-1] = values, np.nan
    if kind == "object":
        return pd.Series(known[numbers], dtype=object)
    return pd.Series(known, dtype="str").take(numbers % len(known)).reset_index(drop=True)
