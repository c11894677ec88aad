"""The manifest of a folder of reports: what was made, of what, when, and what failed.

The manifest is the truth about a folder: a report that is not in it is made again. While a batch runs, its
records are added to a journal, line by line, so that nothing finished is lost when the batch is killed.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from resilience_analysis.foundation.files import write_json

NAME = "manifest.json"
JOURNAL = ".manifest.jsonl"
FORMAT = 1
Record = dict[str, Any]
_PARTS: Mapping[str, type | tuple[type, ...]] = {
    "title": str, "kind": str, "language": str, "notebook": str, "parameters": dict, "made": str,
    "seconds": (int, float), "basis": dict, "depends": str, "shown": str, "files": dict, "failure": (dict, type(None)),
}  # fmt: skip
_FILE_PARTS: Mapping[str, type] = {"sha256": str, "bytes": int, "modified_ns": int}


@dataclass
class Manifest:
    """What is known of a folder of reports.

    Attributes
    ----------
    run
        About the latest run: package, commit, options, inputs, times, counts.
    reports
        A record per report, by its stem.
    strange
        Whether the folder has a manifest that this version cannot read.
    """

    run: dict[str, Any] = field(default_factory=dict)
    reports: dict[str, Record] = field(default_factory=dict)
    strange: bool = False

    def content(self) -> dict[str, Any]:
        """Return the manifest as plain data; reports are sorted, and failures are listed together as well."""
        failures = {stem: record["failure"] for stem, record in sorted(self.reports.items()) if record.get("failure")}
        return {"format": FORMAT, **self.run, "failures": failures, "reports": dict(sorted(self.reports.items()))}


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a folder with its journal, as far as this version understands them."""
    path = folder / NAME
    manifest = Manifest()
    if path.is_file():
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            manifest.reports = {stem: record for stem, record in content["reports"].items() if whole(record)}
            manifest.strange = content["format"] != FORMAT
        except (ValueError, KeyError, TypeError, AttributeError):
            manifest.strange = True
    if manifest.strange:
        return Manifest(strange=True)
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
    write_json(folder / NAME, manifest.content())
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
