"""The manifest of a folder of reports: what was made, of what, when, and what failed.

The manifest is the truth about a folder: a report that does not stand in it is made again.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from resilience_analysis.project import Project
from resilience_analysis.storage import write_json

NAME = "manifest.json"
FORMAT = 1


@dataclass
class Manifest:
    """What is known of a folder of reports.

    Attributes
    ----------
    run
        About the latest run: package, commit, command, inputs, times, counts.
    reports
        A record per report, by its stem.
    """

    run: dict[str, Any] = field(default_factory=dict)
    reports: dict[str, dict[str, Any]] = field(default_factory=dict)

    def content(self) -> dict[str, Any]:
        """Give the manifest as plain data; reports are sorted and failures stand together as well."""
        failures = {
            stem: record["failure"] for stem, record in sorted(self.reports.items()) if record["failure"] is not None
        }
        return {"format": FORMAT, **self.run, "failures": failures, "reports": dict(sorted(self.reports.items()))}


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a folder; empty when there is none, or none that this version understands."""
    try:
        content = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return Manifest()
    if not isinstance(content, Mapping) or content.get("format") != FORMAT:
        return Manifest()
    return Manifest(reports=dict(content["reports"]))


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest of a folder."""
    write_json(folder / NAME, manifest.content())


def package_facts(project: Project) -> dict[str, Any]:
    """Say which version of the package made something, and from which commit of the project when that is known."""
    return {"package": version("resilience-analysis"), "commit": commit(project.root)}


def commit(root: Path) -> str | None:
    """Give the commit that a folder is checked out at; None outside git."""
    try:
        found = subprocess.run(
            ["git", "rev-parse", "HEAD"],  # noqa: S607 - whichever git the user has
            cwd=root, capture_output=True, text=True, check=True, timeout=10,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return found.stdout.strip()
