"""What reports of a family share is made once, in the process that they are forked from, and not kept for ever."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable

from resilience_analysis.batch.tasks import Task
from resilience_analysis.pages.subject import Subject
from resilience_analysis.profiles.dataset import Dataset
from resilience_analysis.reports.plan import ReportKind

FAMILIES = 3
"""Of how many families of reports what they share is kept: some megabytes each."""

_drawn: OrderedDict[Hashable, frozenset[Hashable]] = OrderedDict()


def family(dataset: Dataset, task: Task, kind: ReportKind) -> Hashable:
    """Return what a report has in common with those that share its base drawings."""
    about = kind.about.subject(dataset, task.parameters, task.language)
    return (task.language, about.region.codes) if isinstance(about, Subject) else kind.name


def prepare(dataset: Dataset, task: Task, kind: ReportKind, name: Hashable = None) -> bool:
    """Make what a report shares with its family, which the dataset keeps; returns whether there was anything to do."""
    name = family(dataset, task, kind) if name is None else name
    made = name not in _drawn
    if made:
        while len(_drawn) >= FAMILIES:
            _, drawn = _drawn.popitem(last=False)
            for key in drawn.intersection(dataset.kept):
                del dataset.kept[key]
        before = set(dataset.kept)
        kind.make_page(dataset, task).prepare()
        _drawn[name] = frozenset(dataset.kept).difference(before)
    _drawn.move_to_end(name)
    return made
