"""The kinds of reports: one row each, from which the commands, the tasks, the index and the engine follow.

To add one: a row in `KINDS`, a page (see `pages`) and a notebook ``notebooks/NAME.ipynb`` that shows it.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from resilience_analysis.batch.kinds import Application, Kind
from resilience_analysis.batch.tasks import Task
from resilience_analysis.foundation.project import Project
from resilience_analysis.reports.plan import MUNICIPALITY, REGION, VILLAGE, ReportKind, named
from resilience_analysis.reports.products import PRODUCTS

PROFILE_HELP = """Make the profiles of a region, of single municipalities, or of all.

Only what is missing or has changed is made: the notebook, its parameters, the figures a profile can show, the \
definitions, this package. Reports are HTML files in the folder of reports, with the executed notebooks below it in \
notebooks/, what each printed in logs/, and everything about the run in manifest.json.
"""


KINDS: dict[str, ReportKind] = {
    kind.name: kind
    for kind in (
        ReportKind(
            "profile", "profiles", PROFILE_HELP, MUNICIPALITY,
            page="resilience_analysis.pages.profile:ProfilePage", title="profile.title", heading="index.profiles",
            dependence="resilience_analysis.reports.dependence:profile_dependence",
        ),
        ReportKind(
            "region", "region",
            "Make the report of a region: its municipalities side by side, on the map, and who can learn from whom.",
            REGION, page="resilience_analysis.pages.region:RegionPage", title="region.title", heading="index.regions",
            prefix="region-",
        ),
        ReportKind(
            "village", "villages",
            "Make a page for every village that is known: where it lies, and questions to start with.",
            VILLAGE, page="resilience_analysis.pages.village:VillagePage", title="village.title",
            heading="index.villages", prefix="village-", downloads=False,
        ),
    )
}  # fmt: skip


PRELOAD = (*(f"resilience_analysis.{name}" for name in ("notebook", "pages.document", "reports.downloads")),)
"""What every report imports."""


def application() -> Application:
    """Return what the engine is used for here."""
    return Application(
        products=PRODUCTS,
        kinds={
            name: Kind(partial(_family, kind), partial(_prepare, kind), partial(_dependence, kind))
            for name, kind in KINDS.items()
        },
        preload=PRELOAD,
        load=load,
        index=partial(_index, dict(KINDS)),
    )


def load(project: Project) -> None:
    """Load what every report uses."""
    from resilience_analysis.notebook import load_dataset  # noqa: PLC0415 - loads all libraries
    from resilience_analysis.pages.document import load_templates  # noqa: PLC0415
    from resilience_analysis.reports.products import framework_version  # noqa: PLC0415

    _ = load_dataset(project).together  # worked out once, for all reports
    framework_version(project)
    load_templates()


def _family(kind: ReportKind, project: Project, task: Task) -> Hashable:
    from resilience_analysis.notebook import load_dataset  # noqa: PLC0415 - loads all libraries
    from resilience_analysis.reports.shared import family  # noqa: PLC0415

    return family(load_dataset(project), task, kind)


def _prepare(kind: ReportKind, project: Project, task: Task, family: Hashable) -> bool:
    from resilience_analysis.notebook import load_dataset  # noqa: PLC0415 - loads all libraries
    from resilience_analysis.profiles.figures import prepare_figures  # noqa: PLC0415
    from resilience_analysis.reports.shared import prepare  # noqa: PLC0415

    made = prepare(load_dataset(project), task, kind, family)
    if made:  # what all places share of these is kept too
        _dependence(kind, project, task)
        prepare_figures(load_dataset(project), task.language)
    return made


def _dependence(kind: ReportKind, project: Project, task: Task) -> str:
    if not kind.dependence:
        return ""
    from resilience_analysis.notebook import load_dataset  # noqa: PLC0415 - loads all libraries

    digest: str = named(kind.dependence)(load_dataset(project), task)
    return digest


def _index(kinds: Mapping[str, ReportKind], project: Project, folder: Path, records: Mapping[str, Any]) -> None:
    from resilience_analysis.reports.index import write_index  # noqa: PLC0415 - loads all libraries

    write_index(project, folder, records, kinds)
