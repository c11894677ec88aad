"""What a family of reports shares is drawn once, and not kept for ever."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.reports.tasks import profile_tasks

from resilience_analysis.foundation.project import Project
from resilience_analysis.notebook import load_dataset
from resilience_analysis.profiles.dataset import Dataset
from resilience_analysis.reports import content
from resilience_analysis.reports.kinds import KINDS

PROFILE = KINDS["profile"]


@pytest.fixture
def project(root: Path) -> Project:
    return Project(root)


@pytest.fixture
def dataset(project: Project) -> Dataset:
    content._drawn.clear()
    loaded = load_dataset(project)
    loaded.kept.clear()
    return loaded


def test_the_second_of_a_family_finds_everything_drawn(project: Project, dataset: Dataset) -> None:
    first, second = profile_tasks(project, ["13010", "13011"])
    assert content.prepare(PROFILE, project, first)
    kept = set(dataset.kept)
    assert not content.prepare(PROFILE, project, second)
    assert set(dataset.kept) == kept


def test_drawings_of_families_long_gone_are_dropped(
    project: Project, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content, "FAMILIES", 1)
    for code in ("13011", "44021", "31005"):
        content.prepare(PROFILE, project, profile_tasks(project, [code])[0])
        assert len([key for key in dataset.kept if isinstance(key, tuple) and key[0] == "region map"]) == 1
