"""A folder of reports: one batch at a time works in it, a file is in its place only when it is whole; its manifest.

The manifest is the truth about a folder: a report that is not in it is made again. While a batch runs, its
records are added to a journal, line by line, so that nothing finished is lost when the batch is killed.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from resilience_analysis.batch.limits import library
from resilience_analysis.batch.tasks import Record
from resilience_analysis.foundation.errors import ResilienceError
from resilience_analysis.foundation.files import write_json
from resilience_analysis.foundation.locks import LOCK, take_lock

SCRATCH, LOGS, INDEX = ".making", "logs", "index.html"
KERNELS = "resilience-kernel-"  # what temporary folders begin with, before the number of the process that uses them


class FolderInUseError(ResilienceError, RuntimeError):
    """Another batch is at work in the same folder."""


@contextlib.contextmanager
def working_in(folder: Path) -> Iterator[Path]:
    """Hold a folder of reports for oneself, and give an empty folder inside it to make files in.

    The lock is the system's own and goes with the process that holds it, however that ends. What a killed batch has
    left in the making is removed.

    Raises
    ------
    FolderInUseError
        When another batch holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # unbuffered: what a full disk refuses would be refused again, without a name, when the file is closed
    with (folder / LOCK).open("a+b", buffering=0) as lock:
        if not take_lock(lock.fileno()):
            lock.seek(0)
            owner = lock.read().decode("utf-8", "replace").strip() or "another process"
            raise FolderInUseError(f"{folder} is in use by {owner}. Wait until it is done, or give another --out")
        _say_whose(lock)
        scratch = folder / SCRATCH
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        sweep(Path(tempfile.gettempdir()))
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
            lock.truncate(0)


def _say_whose(lock: IO[bytes]) -> None:
    """Write into the lock who holds it; an `OSError` names the file, which that of an open file does not."""
    try:
        lock.truncate(0)
        lock.write(f"process {os.getpid()}".encode())
    except OSError as error:
        raise OSError(error.errno, error.strerror, lock.name) from error


def sweep(temporary: Path) -> None:
    """Remove the temporary folders that killed runs have left behind."""
    for folder in temporary.glob(f"{KERNELS}*-*"):
        number = folder.name.removeprefix(KERNELS).partition("-")[0]
        if number.isdigit() and not library().pid_exists(int(number)):
            shutil.rmtree(folder, ignore_errors=True)


def place(made: Path, folder: Path, names: Iterable[str]) -> None:
    """Move finished files to where they are read."""
    for name in names:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (made / name).replace(target)


def remove(folder: Path, names: Iterable[str]) -> None:
    """Take away files of an earlier report that its new version does not have, so that nothing stale is left."""
    for name in names:
        (folder / name).unlink(missing_ok=True)


def describe(folder: Path, digests: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return what the manifest notes of files: digest, size and time, by path relative to the folder."""
    found = {}
    for name, digest in digests.items():
        stat = (folder / name).stat()
        found[name] = {"sha256": digest, "bytes": stat.st_size, "modified_ns": stat.st_mtime_ns}
    return found


MANIFEST = "manifest.json"
JOURNAL = ".manifest.jsonl"
FORMAT = 1
_PARTS: Mapping[str, type | tuple[type, ...]] = {
    "title": str, "kind": str, "language": str, "notebook": str, "parameters": dict, "made": str,
    "seconds": (int, float), "basis": dict, "depends": str, "shown": str, "files": dict, "failure": (dict, type(None)),
}  # fmt: skip
_FILE_PARTS: Mapping[str, type] = {"sha256": str, "bytes": int, "modified_ns": int}


@dataclass
class Manifest:
    """What is known of a folder of reports."""

    run: dict[str, Any] = field(default_factory=dict)
    """About the latest run: package, commit, options, inputs, times, counts."""
    reports: dict[str, Record] = field(default_factory=dict)  # a record per report, by its stem
    unreadable: bool = False  # whether the folder has a manifest that this version cannot read

    def content(self) -> dict[str, Any]:
        """Return the manifest as plain data; reports are sorted, and failures are listed together as well."""
        failures = {stem: record["failure"] for stem, record in sorted(self.reports.items()) if record.get("failure")}
        return {"format": FORMAT, **self.run, "failures": failures, "reports": dict(sorted(self.reports.items()))}


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a folder with its journal, as far as this version understands them."""
    path = folder / MANIFEST
    manifest = Manifest()
    if path.is_file():
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            manifest.reports = {stem: record for stem, record in content["reports"].items() if whole(record)}
            manifest.unreadable = content["format"] != FORMAT
        except (ValueError, KeyError, TypeError, AttributeError):
            manifest.unreadable = True
    if manifest.unreadable:
        return Manifest(unreadable=True)
    manifest.reports.update(_journal(folder))
    return manifest


def _journal(folder: Path) -> Iterator[tuple[str, Record]]:
    path = folder / JOURNAL
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue  # torn off when the batch was killed
        if isinstance(entry, dict) and isinstance(entry.get("stem"), str) and whole(entry.get("record")):
            yield entry["stem"], entry["record"]


def whole(record: Any) -> bool:
    """Return whether a record has all that this version notes; one that has not is taken for not there."""
    return _has(record, _PARTS) and all(_has(file, _FILE_PARTS) for file in record["files"].values())


def _has(content: Any, parts: Mapping[str, type | tuple[type, ...]]) -> bool:
    return isinstance(content, dict) and all(isinstance(content.get(name, ...), kind) for name, kind in parts.items())


def note(folder: Path, stem: str, record: Mapping[str, Any]) -> None:
    """Add a record to the journal of a folder."""
    with (folder / JOURNAL).open("a", encoding="utf-8") as journal:
        journal.write(json.dumps({"stem": stem, "record": record}, ensure_ascii=False) + "\n")


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest of a folder, with which its journal is done."""
    write_json(folder / MANIFEST, manifest.content())
    (folder / JOURNAL).unlink(missing_ok=True)


def commit(root: Path) -> str | None:
    """Return the commit that a folder is checked out at; None outside git."""
    try:
        found = subprocess.run(
            ["git", "rev-parse", "HEAD"],  # noqa: S607 - whichever git the user has
            cwd=root, capture_output=True, text=True, check=True, timeout=10,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return found.stdout.strip()
