"""What the engine may know of a kind of report beyond its notebook: what many share, and what one depends on.

Nothing here is needed to make a report. It saves drawing the same base again, and making a report again whose figures
did not change.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

from resilience_analysis.api import load_atlas
from resilience_analysis.profiles.atlas import Atlas
from resilience_analysis.project import Project
from resilience_analysis.reporting.dependence import profile_dependence
from resilience_analysis.reporting.tasks import Task
from resilience_analysis.views.profile_page import ProfilePage
from resilience_analysis.views.subject import subject


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
    """Give a digest of all data that a report can show; empty when nothing is known of its kind."""
    kind = KINDS.get(task.kind)
    return "" if kind is None else kind.dependence(load_atlas(project), task)


def family(project: Project, task: Task) -> Hashable:
    """Give what a report has in common with those that share its base drawings."""
    kind = KINDS.get(task.kind)
    return task.kind if kind is None else kind.family(load_atlas(project), task)
