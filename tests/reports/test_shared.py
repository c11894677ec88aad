"""What a family of reports shares is drawn once, and not kept for ever."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.reports.tasks import profile_tasks

from resilience_analysis.foundation.project import Project
from resilience_analysis.notebook import load_atlas
from resilience_analysis.profiles.dataset import Atlas
from resilience_analysis.reports import shared
from resilience_analysis.reports.kinds import KINDS

PROFILE = KINDS["profile"]


@pytest.fixture
def project(root: Path) -> Project:
    return Project(root)


@pytest.fixture
def atlas(project: Project) -> Atlas:
    shared._drawn.clear()
    loaded = load_atlas(project)
    loaded.kept.clear()
    return loaded


def test_the_second_of_a_family_finds_everything_drawn(project: Project, atlas: Atlas) -> None:
    first, second = profile_tasks(project, ["13010", "13011"])
    assert shared.prepare(atlas, first, PROFILE)
    kept = set(atlas.kept)
    assert not shared.prepare(atlas, second, PROFILE)
    assert set(atlas.kept) == kept


def test_drawings_of_families_long_gone_are_dropped(
    project: Project, atlas: Atlas, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared, "FAMILIES", 1)
    for code in ("13011", "44021", "31005"):
        shared.prepare(atlas, profile_tasks(project, [code])[0], PROFILE)
        assert len([key for key in atlas.kept if isinstance(key, tuple) and key[0] == "region map"]) == 1
