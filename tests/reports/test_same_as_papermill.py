"""The profiles of Neteland made in forked processes are those that papermill makes with a kernel each."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from tests.batch.lab import Heard, Lab
from tests.reports.tasks import profile_tasks
from tests.small import NETELAND

from resilience_analysis.batch.tasks import Settings
from resilience_analysis.foundation.project import Project
from resilience_analysis.reports.kinds import application


@pytest.fixture(scope="module")
def made(lab: Lab, root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The five profiles by either engine: the folder of each."""
    project = Project(root)
    tasks = profile_tasks(project, NETELAND, products=("html", "csv"))
    folders, used = {}, application()
    for engine in ("warm", "papermill"):
        folders[engine] = tmp_path_factory.mktemp(engine)
        heard: Heard = lab(project, tasks, Settings(folders[engine], engine=engine, jobs=2), used)
        assert set(heard.states.values()) == {"made"}
    return folders


def test_the_executed_notebooks_are_the_same_cell_by_cell(made: dict[str, Path]) -> None:
    names = sorted(path.name for path in (made["warm"] / "notebooks").iterdir())
    assert len(names) == len(NETELAND)
    for name in names:
        ours, theirs = (nbformat.read(made[engine] / "notebooks" / name, as_version=4) for engine in made)
        for one, other in zip(ours.cells, theirs.cells, strict=True):
            assert (one.cell_type, one.source, one.get("outputs")) == (
                other.cell_type,
                other.source,
                other.get("outputs"),
            )
            assert one.get("execution_count") == other.get("execution_count")


def test_what_is_made_of_them_is_the_same_byte_by_byte(made: dict[str, Path]) -> None:
    names = sorted(path.name for path in made["warm"].iterdir() if path.suffix in {".html", ".csv"})
    assert len(names) >= 2 * len(NETELAND)
    for name in names:
        assert (made["warm"] / name).read_bytes() == (made["papermill"] / name).read_bytes()


def test_a_notebook_says_which_it_is_and_nothing_of_this_machine(made: dict[str, Path]) -> None:
    for engine, folder in made.items():
        for path in (folder / "notebooks").iterdir():
            text = path.read_text(encoding="utf-8")
            noted = nbformat.reads(text, as_version=4).metadata.papermill
            assert (noted.input_path, noted.output_path) == ("profile.ipynb", path.name)
            assert str(folder) not in text, engine
