"""What the engine may know of a kind of report beyond its notebook: what many share, and what one depends on.

Nothing here is needed to make a report. It saves drawing the same base again, and making a report again whose figures
did not change.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

from resilience_analysis.batch.tasks import Task
from resilience_analysis.foundation.project import Project
from resilience_analysis.notebook import load_atlas
from resilience_analysis.pages.profile import ProfilePage
from resilience_analysis.pages.subject import subject
from resilience_analysis.profiles.dataset import Atlas
from resilience_analysis.reports.dependence import profile_dependence


@dataclass(frozen=True)
class Kind:
    """What is known of a kind of report.

    Attributes
    ----------
    family
        Gives a key that is the same for reports that share base drawings.
    draw
        Draws for one report what its family shares, which the atlas keeps.
    dependence
        Gives a digest of all data that a report can show.
    """

    family: Callable[[Atlas, Task], Hashable]
    draw: Callable[[Atlas, Task], None]
    dependence: Callable[[Atlas, Task], str]


def _page(atlas: Atlas, task: Task) -> ProfilePage:
    given = task.parameters
    about = subject(atlas, given["nis_code"], region=given["region"], group=given["comparator"], language=task.language)
    return ProfilePage(about)


def _profile_family(atlas: Atlas, task: Task) -> Hashable:
    return (task.language, _page(atlas, task).subject.region.codes)


def _draw_profile(atlas: Atlas, task: Task) -> None:
    _page(atlas, task).show().standalone()


KINDS: Mapping[str, Kind] = {
    "profile": Kind(family=_profile_family, draw=_draw_profile, dependence=profile_dependence),
}


def dependence(project: Project, task: Task) -> str:
    """Return a digest of all data that a report can show; empty when nothing is known of its kind."""
    kind = KINDS.get(task.kind)
    return "" if kind is None else kind.dependence(load_atlas(project), task)


def family(project: Project, task: Task) -> Hashable:
    """Return what a report has in common with those that share its base drawings."""
    kind = KINDS.get(task.kind)
    return task.kind if kind is None else kind.family(load_atlas(project), task)
