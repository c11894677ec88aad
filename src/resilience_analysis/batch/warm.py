"""Get this process ready to fork from: everything imported, loaded and drawn that reports share."""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import importlib
from collections import OrderedDict
from collections.abc import Hashable

import nbformat

from resilience_analysis.batch.export import ReportFacts, to_html
from resilience_analysis.batch.forked import speaks_for
from resilience_analysis.batch.products import framework_version
from resilience_analysis.batch.tasks import Task
from resilience_analysis.foundation.project import Project
from resilience_analysis.foundation.texts import load_texts
from resilience_analysis.notebook import load_atlas
from resilience_analysis.reports.kinds import KINDS

KERNEL = "python3"
"""The kernel that our notebooks name."""
# what a notebook's shell would import in every process anew
_LATER = (
    "IPython.core.completerlib", "IPython.core.logger", "IPython.core.oinspect", "bdb", "jinja2.ext", "sqlite3",
    "resilience_analysis.batch.direct",
)  # fmt: skip


class Warmth:
    """What this process has ready for reports; processes forked from it start with it.

    Parameters
    ----------
    project
        Where the data are.
    families
        Of how many families of reports (see `kinds.Kind`) the drawings are kept: some megabytes each.
    """

    def __init__(self, project: Project, *, families: int = 3) -> None:
        self._atlas = load_atlas(project)
        self._most = families
        self._kept: OrderedDict[Hashable, frozenset[Hashable]] = OrderedDict()
        for name in _LATER:
            importlib.import_module(name)
        _compile_templates()
        speaks_for(KERNEL)
        _keep_all()

    def prepare(self, task: Task) -> None:
        """Draw what a report shares with others, unless it is there."""
        kind = KINDS.get(task.kind)
        if kind is None:
            return
        with contextlib.suppress(Exception):  # whatever is wrong with it, the report itself will say in its own process
            family = kind.family(self._atlas, task)
            if family not in self._kept:
                self._draw(family, task)
            self._kept.move_to_end(family)

    def _draw(self, family: Hashable, task: Task) -> None:
        while len(self._kept) >= self._most:
            _, drawn = self._kept.popitem(last=False)
            for key in drawn.intersection(self._atlas.kept):
                del self._atlas.kept[key]
        before = set(self._atlas.kept)
        KINDS[task.kind].draw(self._atlas, task)
        self._kept[family] = frozenset(self._atlas.kept).difference(before)
        _keep_all()


def _keep_all() -> None:
    """Keep what is here out of sight of the collector: looking at it in a fork would only copy its memory."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _compile_templates() -> None:
    """Make a report of a notebook that says nothing: templates and schemas are compiled when first used."""
    cell = nbformat.v4.new_code_cell(outputs=[nbformat.v4.new_output("display_data", {"text/html": "<p></p>"})])
    notebook = nbformat.v4.new_notebook(cells=[cell])
    nbformat.reads(nbformat.writes(notebook), as_version=4)
    facts = ReportFacts(title="", made=dt.datetime.now(tz=dt.UTC).date(), framework=framework_version(), mark="")
    to_html(notebook, facts, load_texts("nl"))
