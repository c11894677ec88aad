"""The shared ground of all profiles, on real figures and with the invented examples."""

from __future__ import annotations

from pathlib import Path

from resilience_analysis.build import assemble
from resilience_analysis.data.catalogue import read_catalogue
from resilience_analysis.data.processed import Processed
from resilience_analysis.data.raw import read_raw
from resilience_analysis.foundation.project import Project
from resilience_analysis.geography.groups import read_regions
from resilience_analysis.indicators.framework import load_framework
from resilience_analysis.profiles.dataset import Dataset
from resilience_analysis.survey.items import load_instrument

ROOT = Path(__file__).resolve().parents[1]
FIVE = ("13010", "13011", "13012", "13029", "13044")
MERGED = "44087"


def make_dataset(tables: Processed) -> Dataset:
    """Arrange tables as profiles need them."""
    return Dataset(
        project=Project(ROOT),
        framework=load_framework(ROOT / "definitions"),
        geography=read_regions(ROOT / "definitions" / "regions.yml"),
        catalogue=read_catalogue(ROOT / "data" / "raw"),
        instrument=load_instrument(),
        tables=tables,
    )


def assembled(project: Project) -> Processed:
    """Build the tables of a project on the real figures."""
    catalogue = read_catalogue(project.raw)
    return assemble(project, read_raw(project, catalogue), load_framework(project.definitions), catalogue)


def example_project(folder: Path) -> Project:
    """Lay out the project with invented examples in a folder, on the definitions and raw data of the repository."""
    (folder / "data").mkdir()
    (folder / "definitions").symlink_to(ROOT / "definitions")
    (folder / "data" / "raw").symlink_to(ROOT / "data" / "raw")
    return Project(folder, example=True)
