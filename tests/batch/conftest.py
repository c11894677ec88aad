"""A process to fork from, and a project whose notebooks a test may write."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.batch.lab import Heard, Lab, task, write_notebook

from resilience_analysis.batch.tasks import Limits, Settings
from resilience_analysis.build import Built
from resilience_analysis.foundation.project import Project


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """A process without threads that has loaded everything."""
    made = Lab()
    yield made
    made.close()


@pytest.fixture(scope="session")
def workshop(cut_folder: Path, cut_built: Built, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A small project that tests add notebooks to; its data stay as they are, so that they are loaded once."""
    return Project(Path(shutil.copytree(cut_folder, tmp_path_factory.mktemp("workshop") / "project")).resolve())


@pytest.fixture
def run_cells(lab: Lab, workshop: Project, tmp_path: Path, request: pytest.FixtureRequest) -> Callable[..., Heard]:
    """Run a notebook of the given cells in a batch of one; its reports are in ``tmp_path / "out"``."""

    def run(*sources: str, seconds: float = 30, megabytes: float = 2000, engine: str = "warm", **options: Any) -> Heard:
        notebook = write_notebook(workshop, request.node.name.split("[")[0], *sources)
        limits = Limits(seconds, megabytes, options.pop("characters", 10_000_000))
        settings = Settings(tmp_path / "out", engine=engine, limits=limits, force=True)
        heard: Heard = lab(workshop, [task(notebook, "report.nl", **options)], settings)
        return heard

    return run
