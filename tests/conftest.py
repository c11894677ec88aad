"""What tests of several parts share: the repository, a project built from its raw data, and a small one to break."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings
from tests.datasets import assembled, example_project, make_dataset
from tests.kernels import keep_kernels_off_ports
from tests.small import cut_project

from resilience_analysis.build import Built, build
from resilience_analysis.cli.main import main
from resilience_analysis.foundation.project import EXAMPLE_VARIABLE, ROOT_VARIABLE, Project
from resilience_analysis.profiles.dataset import Dataset

settings.register_profile("project", deadline=None)  # the machines of CI are slow now and then
settings.load_profile("project")

ROOT = Path(__file__).resolve().parents[1]


def pytest_configure() -> None:
    """Prepare for the kernels of nbval and of the tests."""
    keep_kernels_off_ports()


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of facts and samples beside the repository; tests that need it skip where it is absent."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the folder with facts and samples is not here")
    return folder


@pytest.fixture(scope="session")
def real_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of the repository's raw data, in a folder of its own; not to be changed."""
    folder = tmp_path_factory.mktemp("real")
    for part in ("definitions", "data/raw"):
        shutil.copytree(ROOT / part, folder / part)
    return Project(folder)


@pytest.fixture(scope="session")
def built(real_project: Project) -> Built:
    """What a build of the real raw data gives."""
    return build(real_project)


@pytest.fixture(scope="session")
def dataset(built: Built) -> Dataset:
    """Real figures; nobody answered the self-assessment and nobody kept a log."""
    return make_dataset(built.tables)


@pytest.fixture(scope="session")
def example_dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Real figures with the invented self-assessment, housing projects and log."""
    return make_dataset(assembled(example_project(tmp_path_factory.mktemp("example"))))


@pytest.fixture(scope="session")
def cut_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of ten municipalities, to be built."""
    return cut_project(ROOT, tmp_path_factory.mktemp("cut") / "project")


@pytest.fixture(scope="session")
def cut_built(cut_folder: Path) -> Built:
    """What the first build of ten municipalities gives."""
    return build(Project(cut_folder))


@pytest.fixture
def small_project(cut_folder: Path, cut_built: Built, tmp_path: Path) -> Project:
    """A built project of ten municipalities that a test may break."""
    return Project(Path(shutil.copytree(cut_folder, tmp_path / "project")))


@pytest.fixture
def definitions(small_project: Project) -> Path:
    """The definitions of the small project, which a test may break."""
    return small_project.definitions


@dataclass(frozen=True)
class Answer:
    """How a command ended: its exit code and what it wrote to standard output and standard error."""

    code: int
    out: str
    err: str


@pytest.fixture
def resilience(
    small_project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Answer]:
    """Run the command line on the small project, in this process."""
    monkeypatch.setenv(ROOT_VARIABLE, str(small_project.root))
    monkeypatch.delenv(EXAMPLE_VARIABLE, raising=False)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> Answer:
        monkeypatch.setattr(sys, "argv", ["resilience", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        written = capsys.readouterr()
        return Answer(int(ended.value.code or 0), written.out, written.err)

    return run
