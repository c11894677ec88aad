"""What a family of reports shares is drawn once, and not kept for ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from resilience_analysis.batch.warm import Warmth
from resilience_analysis.foundation.project import Project
from resilience_analysis.notebook import load_atlas
from resilience_analysis.reports.plan import profile_tasks, read_places


def plates(project: Project) -> set[tuple[str, ...]]:
    """Return the regions whose map is kept."""
    return {key[1:] for key in load_atlas(project).kept if isinstance(key, tuple) and key[0] == "region map"}


@pytest.fixture
def project(root: Path) -> Project:
    load_atlas(Project(root)).kept.clear()
    return Project(root)


def test_the_second_of_a_family_finds_everything_drawn(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = profile_tasks(read_places(project), ["13010", "13011"])
    warmth = Warmth(project)
    warmth.prepare(first)
    kept = set(load_atlas(project).kept)
    warmth.prepare(second)
    assert set(load_atlas(project).kept) - kept == set()


def test_drawings_of_families_long_gone_are_dropped(project: Project) -> None:
    places = read_places(project)
    warmth = Warmth(project, families=1)
    for code in ("13011", "44021", "31005"):
        warmth.prepare(profile_tasks(places, [code])[0])
        assert len(plates(project)) == 1


def test_a_report_that_cannot_be_prepared_says_so_itself(project: Project) -> None:
    [task] = profile_tasks(read_places(project), ["13011"])
    task.parameters["nis_code"] = "nowhere"  # type: ignore[index]
    Warmth(project).prepare(task)
