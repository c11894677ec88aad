"""The reports that a command came to last time: the same question of the same inputs is not worked out again.

Finding them takes pandas, which takes longer to load than everything else when nothing is to be made.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from resilience_analysis.batch.stale import code_digest, input_digests
from resilience_analysis.batch.tasks import Task
from resilience_analysis.foundation.files import write_json
from resilience_analysis.foundation.project import Project

NAME = ".asked.json"
MOST = 20
"""So many questions are remembered."""


def remembered(project: Project, folder: Path, asked: Mapping[str, Any], find: Callable[[], list[Task]]) -> list[Task]:
    """Return the tasks of a command, from the folder of reports where they were found before.

    Parameters
    ----------
    project
        Where the inputs are.
    folder
        Folder of reports; nothing is remembered where there is none.
    asked
        What the command was asked for, as JSON knows it.
    find
        Finds the tasks.
    """
    known = _read(folder)
    question = [asked, input_digests(project, []), code_digest(), project.example]
    key = hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()
    with contextlib.suppress(TypeError, AttributeError):  # of another version
        if key in known:
            return [Task(**{**found, "products": tuple(found["products"])}) for found in known[key]]
    tasks = find()
    if folder.is_dir():
        with contextlib.suppress(OSError):
            write_json(folder / NAME, dict([*known.items(), (key, [asdict(task) for task in tasks])][-MOST:]))
    return tasks


def _read(folder: Path) -> dict[str, Any]:
    try:
        content = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
