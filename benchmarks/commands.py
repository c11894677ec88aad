"""What the benchmarks of the batch share: a copy of the project to work on, and commands with what they took."""

from __future__ import annotations

import compileall
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import cache_from_source, find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("definitions", "data/raw", "data/processed", "notebooks", "src")
IMPORTED = ("papermill", "nbconvert", "pandas", "matplotlib", "geopandas")
Hear = Callable[[str, int], None]


@dataclass(frozen=True)
class Run:
    """What a command took.

    Attributes
    ----------
    seconds
        From start to end.
    cpu
        Seconds of processor time, those of the processes it started and waited for included.
    peak
        Memory of the largest of these processes in MiB, what it shares with others included.
    text
        What it printed.
    """

    seconds: float
    cpu: float
    peak: float
    text: str


@contextmanager
def copied_project() -> Iterator[Path]:
    """Copy data, definitions, notebooks and package to a folder that is gone afterwards; give it."""
    with TemporaryDirectory(prefix="resilience-benchmark-") as name:
        root = Path(name).resolve() / "project"
        for part in COPIED:
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, root / part)
        compileall.compile_dir(root / "src", quiet=1)
        yield root


def resilience(root: Path, *arguments: str, hear: Hear | None = None) -> Run:
    """Run a command of the package on a copy of the project, with the package of that copy."""
    return run(root, [sys.executable, "-m", "resilience_analysis", *arguments], hear=hear)


def run(root: Path, command: Sequence[str], *, hear: Hear | None = None) -> Run:
    """Run any command on a copy of the project; ends the benchmark when it fails.

    Parameters
    ----------
    root
        From `copied_project`.
    command
        The command.
    hear
        Is given every line that is printed, with the number of the process, as soon as it is there.
    """
    begun = time.perf_counter()
    with subprocess.Popen(
        command, cwd=root, env=_environment(root), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if hear is not None:
                hear(line, process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - begun
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed with status {process.returncode}:\n{''.join(lines)}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, "".join(lines))


def _environment(root: Path) -> dict[str, str]:
    left_out = ("RESILIENCE_", "PYTHONDONTWRITEBYTECODE")  # a user's Python keeps what it compiled
    environment = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    return environment | {"PYTHONPATH": str(root / "src"), "RESILIENCE_PROJECT": str(root), "COLUMNS": "200"}


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def machine() -> str:
    """Say what this runs on, and how busy that is: numbers of a busy machine are not those of a quiet one.

    Ends the benchmark when Python would have to compile the libraries anew at every start, as where they were copied:
    that slows down what starts Python often, and makes what starts it once look better than it is.
    """
    stale = [name for name in IMPORTED if not compiled(name)]
    if stale:
        remedy = f"Compile what is there with: {sys.executable} -m compileall -q -f {sys.prefix}"
        sys.exit(f"{', '.join(stale)} would be compiled anew at every start, which no user's are. {remedy}")
    return f"{cores()} cores, Python {platform.python_version()}, load average {os.getloadavg()[0]:.1f} at the start"


def compiled(package: str) -> bool:
    """Whether a package has bytecode that Python takes: its source has the time and size that the bytecode notes."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    source, bytecode = Path(spec.origin), Path(cache_from_source(spec.origin))
    if not bytecode.is_file():
        return False
    found = source.stat()
    noted = bytecode.read_bytes()[8:16]  # after a magic number and flags
    return noted == int(found.st_mtime).to_bytes(4, "little") + found.st_size.to_bytes(4, "little")
